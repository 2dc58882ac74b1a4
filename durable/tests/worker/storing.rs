//! What is stored, and when.

use std::time::{Duration, SystemTime};

use detached::Supervisor;
use detached::durable::{StoreError, StoreIn};
use detached_apalis::State;
use sqlx::Transaction;

use crate::functions::{fail, send, stored};
use crate::stores::{Database, on_each_database};

on_each_database! {
    async fn a_key_is_taken_once<D: Database>(database: D) {
        let store = database.store();
        let supervisor = Supervisor::builder().store(store.clone()).build();
        supervisor.scope(async {
            send("ann".into()).key("7").await.unwrap();
            let error = send("bob".into()).key("7").await.unwrap_err();
            assert!(matches!(&error, StoreError::Doubled { key } if key == "7"), "{error:?}");
            send("cid".into()).key("8").await.unwrap();
            fail(0).key("7").await.expect("another function's in the same queue");
        }).await;
        assert_eq!(detached_apalis::Jobs::of(&store).list(State::Waiting).await.unwrap().len(), 3);
    }

    async fn many_that_are_stored_at_once_are_all_stored<D: Database>(database: D) {
        let supervisor = Supervisor::builder().store(database.store()).build();
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..40 {
            callers.spawn(supervisor.scope(async move {
                // Two of three are doubled.
                let key = format!("{}", caller / 3);
                send(format!("{caller}")).key(key).await.is_ok()
            }));
        }
        let stored = callers.join_all().await.into_iter().filter(|stored| *stored).count();
        assert_eq!(stored, 14);
        let waiting = detached_apalis::Jobs::of(&database.store()).list(State::Waiting).await.unwrap();
        assert_eq!(waiting.len(), 14);
    }

    async fn a_job_is_due_when_it_was_said_to_be<D: Database>(database: D) {
        let before = SystemTime::now();
        stored(&database.store(), || send("ann".into()).after(Duration::from_hours(1))).await;
        let waiting = detached_apalis::Jobs::of(&database.store()).list(State::Waiting).await.unwrap();
        let due = waiting[0].due.duration_since(before).unwrap();
        assert!((3599..=3602).contains(&due.as_secs()), "{due:?}");
    }
}

/// Stores in a transaction, along with a row of the caller's, and commits or not.
async fn in_transaction<'t, D: Database, S>(mut transaction: Transaction<'t, D::Sqlx>, commits: bool)
where
    Transaction<'t, D::Sqlx>: StoreIn<S>,
{
    send("ann".into()).key("k").store_in(&mut transaction).await.unwrap();
    let error = send("bob".into()).key("k").store_in(&mut transaction).await.unwrap_err();
    assert!(matches!(error, StoreError::Doubled { .. }), "{error:?}");
    send("cid".into()).store_in(&mut transaction).await.expect("a doubled key does not end the transaction");
    if commits {
        transaction.commit().await.unwrap();
    } else {
        transaction.rollback().await.unwrap();
    }
}

macro_rules! transactions {
    ($database:ty) => {
        let database = <$database>::new().await;
        let waiting = async || detached_apalis::Jobs::of(&database.store()).list(State::Waiting).await.unwrap().len();
        in_transaction::<$database, _>(database.pool().begin().await.unwrap(), false).await;
        assert_eq!(waiting().await, 0, "a rollback leaves nothing");
        in_transaction::<$database, _>(database.pool().begin().await.unwrap(), true).await;
        assert_eq!(waiting().await, 2);
    };
}

#[tokio::test]
async fn a_transaction_of_sqlite_takes_its_calls_along() {
    transactions!(crate::stores::OnSqlite);
}

#[tokio::test]
async fn a_transaction_of_postgres_takes_its_calls_along() {
    if std::env::var_os("DATABASE_URL").is_some() {
        transactions!(crate::stores::OnPostgres);
    }
}
