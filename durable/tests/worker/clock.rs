//! The clock jumps ahead, as it also seems to whoever was asleep, with the machine or with the database.

use std::sync::Arc;
use std::time::Duration;

use detached_apalis::{Jobs, State, Worker};
use tokio::sync::Semaphore;

use crate::functions::{Done, Gate, beside, send, stored, wait};
use crate::stores::on_each_database;

const HEARTBEAT: Duration = Duration::from_secs(1);

on_each_database! {
    async fn no_living_worker_is_found_dead_and_what_is_due_by_then_runs<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let gate = Gate(Arc::new(Semaphore::new(0)));
        for name in ["a", "b", "c", "d"] {
            stored(&store, || wait(name.into())).await;
        }
        stored(&store, || send("late".into()).after(Duration::from_mins(59))).await;
        let worker = || {
            let worker = Worker::new(&store).state(done.clone()).state(gate.clone()).register::<wait>().register::<send>();
            worker.concurrency(2).liveness(HEARTBEAT, 3).run_until(std::future::pending::<()>())
        };
        let jobs = Jobs::of(&store);
        let other = async {
            // Out of step, so that one looks who is dead well before the other shows that it is not.
            tokio::time::sleep(HEARTBEAT / 2).await;
            worker().await
        };
        beside(worker(), beside(other, async {
            assert_eq!(done.next(4).await, ["a begins", "b begins", "c begins", "d begins"], "two at each");
            database.put_clock_forward().await;
            while database.unseen_workers().await > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let waits: Vec<_> = jobs.list(State::Waiting).await.unwrap();
            assert_eq!(waits.len(), 1, "the late one alone, and nobody's who lives: {waits:?}");

            gate.0.add_permits(4);
            assert_eq!(done.next(5).await, ["a ends", "b ends", "c ends", "d ends", "late"]);
            while jobs.list(State::Done).await.unwrap().len() < 5 {
                tokio::task::yield_now().await;
            }
        })).await;
        assert!(done.is_silent(), "none ran twice");
    }
}
