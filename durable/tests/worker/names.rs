//! Workers of one process, which a name made of it would not tell apart.

use std::sync::Arc;
use std::time::Duration;

use detached_apalis::Worker;
use tokio::sync::Semaphore;

use crate::functions::{Done, Gate, beside, stored, wait};
use crate::log::Log;
use crate::stores::on_each_database;

on_each_database! {
    async fn two_workers_share_the_jobs_and_run_each_once<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let gate = Gate(Arc::new(Semaphore::new(0)));
        for name in ["a", "b", "c", "d"] {
            stored(&store, || wait(name.into())).await;
        }
        let worker = || Worker::new(&store).state(done.clone()).state(gate.clone()).register::<wait>().concurrency(2);
        let (one, other) = (worker(), worker());
        let supervisors = [one.supervisor().clone(), other.supervisor().clone()];
        let for_ever = std::future::pending::<()>;
        beside(one.run_until(for_ever()), beside(other.run_until(for_ever()), async {
            assert_eq!(done.next(4).await, ["a begins", "b begins", "c begins", "d begins"]);
            assert_eq!(supervisors.map(|supervisor| supervisor.tasks().len()), [2, 2]);
            gate.0.add_permits(4);
            assert_eq!(done.next(4).await, ["a ends", "b ends", "c ends", "d ends"]);
        })).await;
    }

    async fn one_that_starts_anew_is_given_what_the_last_one_left<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let gate = Gate(Arc::new(Semaphore::new(0)));
        let worker = || {
            let worker = Worker::new(&store).state(done.clone()).state(gate.clone()).register::<wait>();
            worker.liveness(Duration::from_secs(1), 3).run_until(std::future::pending::<()>())
        };
        stored(&store, || wait("a".into())).await;
        // Dropped without a drain: nobody shows any more that it lives, and nothing is given back.
        beside(worker(), async { assert_eq!(done.next(1).await, ["a begins"]) }).await;
        let (log, _heard) = Log::listen();
        beside(worker(), async { assert_eq!(done.next(1).await, ["a begins"]) }).await;
        let serves = r#"INFO detached: a worker serves functions=["worker::wait"] queues={"mail"} concurrency="#;
        assert!(log.text().contains(serves), "{}", log.text());
        let told = r#"WARN detached: jobs of a worker that died are run again queue="mail" jobs=1"#;
        assert!(log.text().contains(told), "{}", log.text());
    }

    async fn one_without_a_function_says_so<D: Database>(database: D) {
        let (log, _heard) = Log::listen();
        Worker::new(&database.store()).run_until(std::future::ready(())).await.unwrap();
        assert!(log.text().contains("WARN detached: a worker has no function: it runs nothing"), "{}", log.text());
    }
}
