//! A job that kills its worker, whichever runs it.

use detached_apalis::{Engine, Jobs, State};

use crate::ledger::{Ledger, Place, on_each_database};
use crate::process::{Process, kill_worker, store_many, stored};

on_each_database! {
    async fn it_is_given_up_and_its_neighbours_are_not(place: Place, store: impl Engine) {
        let ledger = Ledger::open(&place.url).await;
        let deadly = stored(&store, || kill_worker()).await;
        store_many(&store, 0..50).await;
        let jobs = Jobs::of(&store);
        let mut deaths = 0;
        let mut worker = Process::start(&place.url);
        let given_up = async {
            while jobs.list(State::Failed).await.unwrap().is_empty() {
                if worker.has_died() {
                    deaths += 1;
                    worker = Process::start(&place.url);
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(crate::ledger::PATIENCE, given_up).await.expect("it is never given up");
        ledger.until(50).await;
        ledger.until_all_are_done_but(1).await;
        let failed = jobs.list(State::Failed).await.unwrap();
        assert_eq!((failed.len(), &failed[0].id), (1, &deadly));
        assert_eq!(failed[0].error.as_deref(), Some("its worker died 2 times while it ran"));
        // Once among others, and as often alone as it may.
        assert_eq!(deaths, 3);
        assert_eq!(ledger.attempts().await, 1, "its neighbours keep their attempts");
    }
}
