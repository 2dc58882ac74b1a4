//! What is stored, and when.

use std::collections::HashSet;
use std::future::{IntoFuture as _, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use detached::Supervisor;
use detached::durable::{StoreError, StoreIn};
use detached_apalis::State;
use sqlx::Transaction;
use tokio::task::JoinSet;

use crate::database_url::database_url;
use crate::functions::{fail, send, stored};
use crate::stores::{Database, OnPostgres, on_each_database};

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
        let mut callers = JoinSet::new();
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

    async fn more_than_one_statement_takes_are_all_stored<D: Database>(database: D) {
        let supervisor = Supervisor::builder().store(database.store()).build();
        let mut callers = JoinSet::new();
        for caller in 0..1_200 {
            callers.spawn(supervisor.scope(async move { send(format!("{caller}")).await.unwrap() }));
        }
        let jobs = detached_apalis::Jobs::of(&database.store());
        for id in callers.join_all().await {
            assert!(jobs.remove(&id).await.unwrap(), "{id} is not there");
        }
        assert!(jobs.list(State::Waiting).await.unwrap().is_empty());
    }

    async fn a_caller_that_goes_away_takes_nobodys_call_along<D: Database>(database: D) {
        let supervisor = Supervisor::builder().store(database.store()).build();
        supervisor.scope(async {
            let mut first = Box::pin(send("ann".into()).into_future());
            let mut second = Box::pin(send("bob".into()).into_future());
            assert!(poll_once(&mut first).await.is_pending(), "it is handed in");
            assert!(poll_once(&mut second).await.is_pending(), "it waits for the same transaction");
            drop(first);
            second.await.unwrap();
        }).await;
        let waiting = detached_apalis::Jobs::of(&database.store()).list(State::Waiting).await.unwrap();
        assert_eq!(waiting.len(), 2, "what was handed in is stored");
    }

    async fn a_job_is_due_when_it_was_said_to_be<D: Database>(database: D) {
        let before = SystemTime::now();
        stored(&database.store(), || send("ann".into()).after(Duration::from_hours(1))).await;
        let waiting = detached_apalis::Jobs::of(&database.store()).list(State::Waiting).await.unwrap();
        let due = waiting[0].due.duration_since(before).unwrap();
        assert!((3599..=3602).contains(&due.as_secs()), "{due:?}");
    }
}

/// Polls it once.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(Pin::new(&mut *future).poll(context))).await
}

#[tokio::test]
async fn what_postgres_refuses_of_calls_that_come_together_is_one_callers() {
    if database_url().is_none() {
        return;
    }
    let database = OnPostgres::new().await;
    let supervisor = Supervisor::builder().store(database.store()).build();
    // None of these can be a row of PostgreSQL's. The first is in the same statement as those that can.
    let too_late = SystemTime::UNIX_EPOCH + Duration::from_secs(10_000_000_000_000);
    let (ann, late, bob, zero, twice, again) = supervisor
        .scope(async {
            tokio::join!(
                send("ann".into()),
                send("late".into()).at(too_late),
                send("bob".into()),
                send("zero".into()).key("\0"),
                send("twice".into()).key("7"),
                send("again".into()).key("7"),
            )
        })
        .await;
    let (late, zero) = (late.unwrap_err(), zero.unwrap_err());
    assert!(late.to_string().contains("out of range"), "{late}");
    assert!(zero.to_string().contains("0x00"), "{zero}");
    assert!(twice.is_ok() != again.is_ok(), "{twice:?}, {again:?}");
    let stored: HashSet<_> = [ann.unwrap(), bob.unwrap(), twice.or(again).unwrap()].into();
    let waiting = database.store().jobs().list(State::Waiting).await.unwrap();
    assert_eq!(waiting.into_iter().map(|job| job.id).collect::<HashSet<_>>(), stored);
}

#[tokio::test]
async fn a_key_that_a_transaction_of_postgres_holds_keeps_nobody_else_waiting() {
    if database_url().is_none() {
        return;
    }
    let database = OnPostgres::new().await;
    let supervisor = Supervisor::builder().store(database.store()).build();
    let mut transaction = database.pool().begin().await.unwrap();
    send("ann".into()).key("7").store_in(&mut transaction).await.unwrap();
    let same_key = tokio::spawn(supervisor.scope(async { send("bob".into()).key("7").await }));
    // Whoever holds the transaction may itself have to store before it ends.
    let others = supervisor.scope(async {
        for _ in 0..20 {
            tokio::join!(send("cid".into()), send("dan".into())).0.unwrap();
        }
    });
    others.await;
    assert!(!same_key.is_finished(), "it waits for the transaction");
    transaction.commit().await.unwrap();
    assert!(matches!(same_key.await.unwrap(), Err(StoreError::Doubled { .. })));
}

#[tokio::test]
async fn a_statement_that_hangs_on_postgres_holds_up_callers_for_a_while_only() {
    const HANGS: &str =
        "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE relation = 'apalis.jobs'::regclass AND NOT granted)";
    if database_url().is_none() {
        return;
    }
    let database = OnPostgres::new().await;
    let supervisor = Supervisor::builder().store(database.store()).build();
    let mut transaction = database.pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE apalis.jobs IN EXCLUSIVE MODE").execute(&mut *transaction).await.unwrap();
    let stored = tokio::spawn(supervisor.scope(async { send("ann".into()).await }));
    while !sqlx::query_scalar::<_, bool>(HANGS).fetch_one(&mut *transaction).await.unwrap() {
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(10)).await;
    let error = stored.await.unwrap().unwrap_err();
    tokio::time::resume();
    assert!(error.to_string().contains("does not answer"), "{error}");
    transaction.rollback().await.unwrap();
    supervisor.scope(async { send("bob".into()).await }).await.unwrap();
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
    if database_url().is_some() {
        transactions!(OnPostgres);
    }
}
