//! `cargo +nightly fuzz run durations`, in `macros/`: no text makes the reader of durations panic, and what both accept
//! means the same to humantime.

#![no_main]
#![allow(dead_code)]

use libfuzzer_sys::fuzz_target;

#[path = "../../src/written/duration_meant.rs"]
mod duration_meant;
#[path = "../../src/written/duration_text.rs"]
mod duration_text;

fuzz_target!(|text: &str| {
    // Some fractions are too fine for humantime's arithmetic, and it refuses them.
    if let (Ok(ours), Ok(theirs)) = (duration_text::parse(text), humantime::parse_duration(text)) {
        assert_eq!(ours, theirs, "{text:?}");
    }
});
