//! The torture program, in short: whatever the parts around them do, calls are outcomes, events and calls of each observer.

// Its `main`, and what only that needs.
#[allow(dead_code)]
#[path = "../../runtime/examples/torture.rs"]
mod torture;

use std::time::Duration;

#[test]
fn whatever_the_parts_do_each_call_has_one_outcome_and_all_are_told() {
    // Round after round until the time is over; no time at all is one round under a logger and one under a subscriber.
    torture::torture(Duration::ZERO, 1, 6000).unwrap();
}
