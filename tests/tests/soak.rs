//! The soak program, in short: tasks of every fate on several threads, in rounds that end in a drain.

// Its `main`, and what only that prints.
#[allow(dead_code)]
#[path = "../../runtime/examples/soak.rs"]
mod soak;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_are_outcomes_and_nothing_is_left_round_after_round() {
    soak::silence_expected_panics();
    for _ in 0..3 {
        let round = soak::round(16_000).await;
        assert!(round.is_sound(), "{} calls: {:?}", round.calls, round.counts);
    }
}
