//! What people do with the jobs of a store.

use std::time::Duration;

use detached_apalis::{Jobs, State, Worker};

use crate::functions::{Done, beside, fail, send, stored};
use crate::stores::on_each_database;

on_each_database! {
    async fn what_was_given_up_runs_again_when_it_is_told_to<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        let id = stored(&store, || fail(3)).await;
        let jobs = Jobs::of(&store);
        let worker = || Worker::new(&store).state(done.clone()).register::<fail>();
        // The end of a worker waits until all is written.
        worker().run_until(done.next(3)).await.unwrap();
        assert_eq!(jobs.list(State::Failed).await.unwrap()[0].error.as_deref(), Some("not the attempt 3\\u{0}"));

        assert!(jobs.run_again(&id).await.unwrap());
        let [waits] = &jobs.list(State::Waiting).await.unwrap()[..] else { panic!() };
        let call = waits.envelope().unwrap();
        assert_eq!((&waits.error, call.error, call.attempts), (&None, None, 0), "as if it had just been stored");
        beside(worker().run_until(std::future::pending::<()>()), async {
            assert_eq!(done.next(3).await, ["attempt 1", "attempt 2", "attempt 3"]);
        }).await;
    }

    async fn a_job_that_waits_can_be_removed<D: Database>(database: D) {
        let store = database.store();
        let jobs = Jobs::of(&store);
        let later = Duration::from_hours(1);
        let id = stored(&store, || send("ann".into()).key("k").after(later)).await;
        let [job] = &jobs.list(State::Waiting).await.unwrap()[..] else { panic!() };
        assert_eq!((&job.id, job.queue.as_str(), job.state), (&id, "mail", State::Waiting));
        assert_eq!(job.envelope().unwrap().arguments["to"], "ann");
        assert_eq!(job.to_string(), format!("{id} worker::send (mail), tried 0 times"));
        assert!(!jobs.run_again(&id).await.unwrap(), "it waits already");
        assert!(jobs.remove(&id).await.unwrap());
        assert!(!jobs.remove(&id).await.unwrap());
        stored(&store, || send("ann".into()).key("k")).await;
        assert_eq!(jobs.list_in("other", State::Waiting, 10).await.unwrap(), []);
        assert_eq!(jobs.list_in("mail", State::Waiting, 10).await.unwrap().len(), 1);
    }

    async fn what_is_done_is_removed_after_a_while_with_its_key<D: Database>(database: D) {
        let (store, done) = (database.store(), Done::new());
        stored(&store, || send("ann".into()).key("k")).await;
        let worker = Worker::new(&store).state(done.clone()).register::<send>().keep_done(Duration::ZERO);
        let jobs = Jobs::of(&store);
        beside(worker.run_until(std::future::pending::<()>()), async {
            done.next(1).await;
            // The purge comes every few seconds.
            let gone = async |state| jobs.list(state).await.unwrap().is_empty();
            while !(gone(State::Running).await && gone(State::Done).await) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }).await;
        stored(&store, || send("ann".into()).key("k")).await;
    }
}
