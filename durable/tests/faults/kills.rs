//! Workers are killed.

use std::time::{Duration, Instant};

use detached_apalis::{Engine, Jobs, State};

use crate::ledger::{Ledger, Place, on_each_database};
use crate::process::{Process, SLOW, slow, store_many, stored};

on_each_database! {
    async fn nothing_is_lost_in_thirty_rounds(place: Place, store: impl Engine) {
        const ROUNDS: i64 = 30;
        // Ten thousand in all.
        const JOBS: i64 = 334;
        let ledger = Ledger::open(&place.url).await;
        let mut workers = vec![Process::start(&place.url), Process::start(&place.url)];
        for round in 0..ROUNDS {
            store_many(&store, round * JOBS..(round + 1) * JOBS).await;
            // The older of the two, and while there is work.
            workers.remove(0).kill();
            workers.push(Process::start(&place.url));
        }
        ledger.until(ROUNDS * JOBS).await;
        // Whoever was killed between a run and its end being written has run for nothing; those are few.
        let again = ledger.again().await;
        assert!(again <= ROUNDS * 20, "{again} of {} ran again", ROUNDS * JOBS);
        ledger.until_all_are_done_but(0).await;
    }

    async fn what_a_dead_worker_held_is_soon_anothers(place: Place, store: impl Engine) {
        let ledger = Ledger::open(&place.url).await;
        let first = Process::start(&place.url);
        for job in 0..5 {
            stored(&store, || slow(job)).await;
        }
        while Jobs::of(&store).list(State::Running).await.unwrap().len() < 5 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        first.kill();
        let killed = Instant::now();
        let _second = Process::start(&place.url);
        ledger.until(5).await;
        // One after the other, three seconds each; the first after the four it takes to find the dead.
        assert!(killed.elapsed() < Duration::from_secs(20 + 15), "{:?}", killed.elapsed());
        assert_eq!(ledger.attempts().await, 1, "a dead worker is no attempt");
        ledger.until_all_are_done_but(0).await;
    }

    async fn with_the_settings_of_a_worker_that_takes_twenty_seconds(place: Place, store: impl Engine) {
        let ledger = Ledger::open(&place.url).await;
        let first = Process::start_as_by_default(&place.url);
        stored(&store, || slow(0)).await;
        while Jobs::of(&store).list(State::Running).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let _second = Process::start_as_by_default(&place.url);
        first.kill();
        let killed = Instant::now();
        ledger.until(1).await;
        let redelivered = killed.elapsed().saturating_sub(SLOW);
        println!("delivered again after {redelivered:?}");
        // Twenty at most, by the settings: dead after three beats of five seconds, found at the other's next beat. What is more is
        // for the beat, the claim and the note of the run to have their turn on a machine that is busy with other tests, and much
        // less than the five minutes that the engine takes by itself.
        assert!(redelivered < Duration::from_secs(20 + 5), "{redelivered:?}");
        ledger.until_all_are_done_but(0).await;
    }
}
