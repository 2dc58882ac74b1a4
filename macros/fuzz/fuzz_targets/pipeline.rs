//! `cargo +nightly fuzz run pipeline`, in `macros/`: no text that is Rust's tokens makes the macro panic.
//!
//! A macro's crate exports nothing but the macro, which runs in a compiler only; so its modules are built in here.

#![no_main]
#![allow(dead_code)]

use libfuzzer_sys::fuzz_target;
use proc_macro2::TokenStream;

#[path = "../../src/attributed/mod.rs"]
mod attributed;
#[path = "../../src/bindings.rs"]
mod bindings;
#[path = "../../src/descriptor.rs"]
mod descriptor;
#[path = "../../src/diagnostics.rs"]
mod diagnostics;
#[path = "../../src/expand.rs"]
mod expand;
#[path = "../../src/fallback.rs"]
mod fallback;
#[path = "../../src/pipeline.rs"]
mod pipeline;
#[path = "../../src/return_type_pin.rs"]
mod return_type_pin;
#[path = "../../src/runtime_path.rs"]
mod runtime_path;
#[path = "../../src/self_in_text.rs"]
mod self_in_text;
#[path = "../../src/self_name.rs"]
mod self_name;
#[path = "../../src/signature.rs"]
mod signature;
#[path = "../../src/stacking.rs"]
mod stacking;
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
