//! `cargo +nightly fuzz run pipeline`, in `macros/`: no text that is Rust's tokens makes the macro panic.
//!
//! A macro's crate exports nothing but the macro, which runs in a compiler only; so its modules are built in here.

#![no_main]
#![allow(dead_code)]

use libfuzzer_sys::fuzz_target;
use proc_macro2::TokenStream;

#[path = "../../src/attributed/mod.rs"]
mod attributed;
#[path = "../../src/diagnostics.rs"]
mod diagnostics;
#[path = "../../src/emitted/mod.rs"]
mod emitted;
#[path = "../../src/pipeline.rs"]
mod pipeline;
#[path = "../../src/tokens/mod.rs"]
mod tokens;
#[path = "../../src/written/mod.rs"]
mod written;

// The attribute's tokens are on the first line, the item's on the others.
fuzz_target!(|source: &str| {
    let (attribute, item) = source.split_once('\n').unwrap_or(("", source));
    if let (Ok(attribute), Ok(item)) = (attribute.parse::<TokenStream>(), item.parse::<TokenStream>()) {
        pipeline::background(&attribute, &item);
    }
});
