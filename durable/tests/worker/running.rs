//! How stored calls are run.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use detached::OutcomeKind;
use detached::durable::RegisterError;
use detached_apalis::{Jobs, State, Worker, WorkerError};
use tokio::sync::{Notify, Semaphore};

use crate::functions::{Done, Gate, beside, explode, fail, fail_for_an_hour, nest, send, stored, wait};
use crate::stores::on_each_database;

on_each_database! {
    async fn what_is_stored_is_run_and_done<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        stored(&store, || send("before".into())).await;
        let worker = Worker::new(&store).state(done.clone()).register::<send>();
        let supervisor = worker.supervisor().clone();
        let enough = Notify::new();
        let run = worker.run_until(enough.notified());
        let store_and_wait = async {
            stored(&store, || send("beside".into())).await;
            assert_eq!(done.next(2).await, ["before", "beside"]);
            enough.notify_one();
        };
        let (report, ()) = tokio::join!(run, store_and_wait);
        assert!(report.unwrap().cancelled.is_empty());
        assert_eq!(supervisor.counts().completed, 2);
        let jobs = Jobs::of(&store);
        assert_eq!(jobs.list(State::Done).await.unwrap().len(), 2);
        assert_eq!(jobs.list(State::Waiting).await.unwrap(), []);
        assert_eq!(jobs.list(State::Running).await.unwrap(), []);
    }

    async fn a_body_stores_where_its_worker_does<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        stored(&store, || nest("ann".into())).await;
        let worker = Worker::new(&store).state(done.clone()).register::<send>().register::<nest>();
        beside(worker.run_until(std::future::pending::<()>()), async {
            assert_eq!(done.next(2).await, ["ann", "nested"]);
        }).await;
    }

    async fn what_fails_is_tried_again<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        stored(&store, || fail(2)).await;
        let worker = Worker::new(&store).state(done.clone()).register::<fail>();
        let enough = Notify::new();
        let wait = async {
            assert_eq!(done.next(3).await, ["attempt 1", "attempt 2", "attempt 3"]);
            enough.notify_one();
        };
        tokio::join!(worker.run_until(enough.notified()), wait).0.unwrap();
        assert_eq!(Jobs::of(&store).list(State::Done).await.unwrap().len(), 1);
    }

    async fn what_failed_waits_for_as_long_as_its_function_says<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        stored(&store, || fail_for_an_hour()).await;
        let began = SystemTime::now();
        Worker::new(&store).state(done.clone()).register::<fail_for_an_hour>().run_until(done.next(1)).await.unwrap();
        let [waits] = &Jobs::of(&store).list(State::Waiting).await.unwrap()[..] else { panic!() };
        assert_eq!(waits.error.as_deref(), Some("as told"));
        let pause = waits.due.duration_since(began).unwrap().as_secs();
        assert!((60 * 60..62 * 60).contains(&pause), "{pause} s");
    }

    async fn what_panics_or_fails_for_good_is_given_up<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        stored(&store, || explode()).await;
        stored(&store, || fail(9)).await;
        let worker = Worker::new(&store).state(done.clone()).register::<explode>().register::<fail>();
        let supervisor = worker.supervisor().clone();
        let enough = Notify::new();
        let wait = async {
            done.next(5).await;
            enough.notify_one();
        };
        tokio::join!(worker.run_until(enough.notified()), wait).0.unwrap();
        let counts = supervisor.counts();
        assert_eq!((counts.panicked, counts.failed), (2, 3));
        let mut errors: Vec<_> = Jobs::of(&store).list(State::Failed).await.unwrap().into_iter().map(|job| job.error).collect();
        errors.sort();
        let errors: Vec<_> = errors.iter().flatten().collect();
        assert_eq!(errors, ["not the attempt 3\\u{0}", "panicked"], "no text of PostgreSQL's has a zero in it");
    }

    async fn what_cannot_be_read_is_set_aside_and_harms_nobody<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let arguments = br#"{"format": 1, "function": "worker::send", "arguments": {"to": 7}}"#;
        let unreadable: [(&str, &[u8]); 4] = [
            ("no ulid", b"\xff\x00 no json"),
            ("7", b"{}"),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", br#"{"format": 1, "function": "worker::nobody"}"#),
            ("x", arguments),
        ];
        for (id, payload) in unreadable {
            // One that was delivered again is marked before it is run, which must not be seen of it afterwards.
            database.insert_row(id, payload, i32::from(id == "x")).await;
        }
        stored(&store, || send("ann".into())).await;
        let worker = Worker::new(&store).state(done.clone()).register::<send>().set_aside_after(Duration::ZERO);
        let jobs = Jobs::of(&store);
        beside(worker.run_until(std::future::pending::<()>()), async {
            assert_eq!(done.next(1).await, ["ann"]);
            while jobs.list(State::SetAside).await.unwrap().len() < 4 {
                tokio::task::yield_now().await;
            }
        }).await;
        let mut aside = jobs.list(State::SetAside).await.unwrap();
        aside.sort_by_key(|job| unreadable.iter().position(|(id, _)| *id == job.id.as_str()));
        let whole: Vec<_> = aside.iter().map(|job| (job.id.as_str(), &job.payload[..])).collect();
        assert_eq!(whole, unreadable);
        let error = |at: usize| aside[at].error.as_deref().unwrap();
        assert!(error(0).starts_with("what is stored is no call"), "{}", error(0));
        assert_eq!(error(2), "no function of the name is registered");
        assert!(error(3).starts_with("the argument `to` cannot be read"), "{}", error(3));
    }

    async fn what_nobody_can_run_yet_waits_for_somebody<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let id = stored(&store, || fail(0)).await;
        let old = Worker::new(&store).state(done.clone()).register::<send>().set_aside_after(Duration::from_secs(10));
        let jobs = Jobs::of(&store);
        beside(old.run_until(std::future::pending::<()>()), async {
            while jobs.list(State::Waiting).await.unwrap().iter().all(|job| job.error.is_none()) {
                tokio::task::yield_now().await;
            }
        }).await;
        assert_eq!(jobs.list(State::Waiting).await.unwrap()[0].id, id);
        let new = Worker::new(&store).state(done.clone()).register::<fail>();
        beside(new.run_until(std::future::pending::<()>()), async {
            assert_eq!(done.next(1).await, ["attempt 1"], "it was no attempt");
        }).await;
    }

    async fn what_an_older_program_stored_is_run<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let old = br#"{"format": 1, "function": "worker::send", "arguments": {"gone": 1, "to": "ann"}, "new_in_2": true}"#;
        database.insert_row("old", old, 0).await;
        let worker = Worker::new(&store).state(done.clone()).register::<send>();
        beside(worker.run_until(std::future::pending::<()>()), async {
            assert_eq!(done.next(1).await, ["ann"]);
        }).await;
    }

    async fn what_waits_to_be_run_alone_is_given_back_unrun_by_a_drain<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let gate = Gate(Arc::new(Semaphore::new(0)));
        let call = |name: &str| format!(r#"{{"format": 1, "function": "worker::wait", "arguments": {{"name": "{name}"}}}}"#);
        database.insert_row("a", call("a").as_bytes(), 1).await;
        database.insert_row("b", call("b").as_bytes(), 1).await;
        let worker = Worker::new(&store).state(done.clone()).state(gate.clone()).register::<wait>();
        let enough = Notify::new();
        let begun = async {
            done.next(1).await;
            enough.notify_one();
        };
        let (report, ()) = tokio::join!(worker.grace(Duration::from_millis(10)).run_until(enough.notified()), begun);
        assert_eq!((report.as_ref().unwrap().cancelled.len(), report.unwrap().rejected.len()), (1, 0));
        assert!(done.is_silent(), "the other did not begin");
        let waiting = Jobs::of(&store).list(State::Waiting).await.unwrap();
        let crashes: Vec<_> = waiting.iter().map(|job| job.envelope().unwrap().crashes).collect();
        assert_eq!(crashes, [0, 0]);
    }

    async fn what_a_drain_cuts_is_run_again<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let gate = Gate(Arc::new(Semaphore::new(0)));
        let worker = || Worker::new(&store).state(done.clone()).state(gate.clone()).register::<wait>();
        stored(&store, || wait("a".into())).await;
        let enough = Notify::new();
        let begun = async {
            assert_eq!(done.next(1).await, ["a begins"]);
            enough.notify_one();
        };
        let (report, ()) = tokio::join!(worker().grace(Duration::from_millis(10)).run_until(enough.notified()), begun);
        assert_eq!(report.unwrap().cancelled.len(), 1);
        assert_eq!(Jobs::of(&store).list(State::Waiting).await.unwrap().len(), 1);

        gate.0.add_permits(1);
        beside(worker().run_until(std::future::pending::<()>()), async {
            assert_eq!(done.next(2).await, ["a begins", "a ends"]);
        }).await;
    }

    async fn no_more_jobs_run_at_once_than_was_said<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let gate = Gate(Arc::new(Semaphore::new(0)));
        for name in ["a", "b", "c", "d", "e"] {
            stored(&store, || wait(name.into())).await;
        }
        let worker = Worker::new(&store).state(done.clone()).state(gate.clone()).register::<wait>().concurrency(2);
        let supervisor = worker.supervisor().clone();
        beside(worker.run_until(std::future::pending::<()>()), async {
            done.next(2).await;
            for _ in 0..3 {
                assert_eq!(supervisor.tasks().len(), 2);
                assert!(done.is_silent());
                gate.0.add_permits(1);
                assert_eq!(done.next(2).await.len(), 2, "one ends, and the next begins");
            }
        }).await;
    }

    async fn a_worker_without_a_state_does_not_start<D: Database>(database: D) {
        let worker = Worker::new(&database.store()).register::<send>();
        let error = worker.run_until(std::future::pending::<()>()).await.unwrap_err();
        let WorkerError::Registry(RegisterError::NoState { function, state }) = &error else { panic!("{error:?}") };
        assert_eq!((function.as_str(), state.rsplit("::").next()), ("worker::send", Some("Done")));
    }

    async fn a_run_is_a_task_to_its_observers<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let test = detached::testing::TestSupervisor::new();
        stored(&store, || send("ann".into())).await;
        let worker = Worker::new(&store).state(done.clone()).register::<send>().run_under(test.supervisor());
        beside(worker.run_until(std::future::pending::<()>()), done.next(1)).await;
        test.supervisor().idle().await;
        test.assert_outcomes("send", [OutcomeKind::Completed]);
    }
}
