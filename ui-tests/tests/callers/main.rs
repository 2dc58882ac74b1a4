//! Whatever is wrong with a background function, the errors are its own: those who call it have none.
//!
//! Functions are put together at random of parts that are right and parts that are wrong. `DETACHED_SEED=7 DETACHED_FUNCTIONS=5000
//! cargo test -p detached-ui-tests --test callers` tries others, and more of them.

mod functions;
mod random;
mod workbench;

use functions::Function;
use random::Random;
use workbench::{Message, messages};

/// What the compiler has to say of one who calls wrongly, so that it is known to have looked at those who call.
const CONTROL: &str = "#[detached::background(timeout = \"5s\")]\nasync fn right(_page: &str) {}\n\nfn call() {\n    drop(right(5));\n}\n";

#[test]
fn have_no_error_of_their_own() {
    let mut random = Random::new(setting("DETACHED_SEED", 1));
    let functions: Vec<_> = (0..setting("DETACHED_FUNCTIONS", 400)).map(|_| Function::new(&mut random)).collect();
    let messages = messages(&[
        ("functions", &written(&functions, |function| function.definition())),
        ("callers", &written(&functions, |function| function.call())),
        ("control", CONTROL),
    ]);

    let of = |file: &str| messages.iter().filter(|message| message.file == file).collect::<Vec<_>>();
    assert!(of("functions").len() > functions.len() / 2, "there is hardly anything wrong");
    assert_eq!(of("control").len(), 1, "the compiler did not come to the callers: {:#?}", of("macro"));
    let told: Vec<_> = of("callers").into_iter().map(|message| told(message, &functions)).collect();
    assert!(told.is_empty(), "{} errors of callers:\n\n{}", told.len(), told.join("\n"));
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |number| number.parse().expect("a number"))
}

/// Each in a module of its own, on a line of its own.
fn written(functions: &[Function], write: impl Fn(&Function) -> String) -> String {
    let lines = functions.iter().enumerate().map(|(index, function)| {
        let written = write(function).replace("CASE", &format!("crate::functions::case_{index}"));
        format!("pub mod case_{index} {{ #[allow(unused_imports)] use crate::parts::*; {written} }}\n")
    });
    lines.collect()
}

fn told(message: &Message, functions: &[Function]) -> String {
    let function = &functions[message.line - 1];
    format!("{}\n{}\n{}", function.definition(), function.call(), message.rendered)
}
