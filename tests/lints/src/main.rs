//! Checks that a background function gives the warnings that its plain twin gives, and at the same tokens.
//!
//! Runs clippy on `clean.rs` and `noticed.rs` twice, with and without the attributes, and compares what it says.

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::process::{Command, ExitCode};

use serde_json::Value;

/// Lints that look at what a background function has no longer, and so say nothing of it.
const UNSEEN: [(&str, &str); 5] = [
    ("clippy::implicit_return", "looks at the bodies of functions and closures, not at those of tasks"),
    ("clippy::needless_return", "looks at the bodies of functions and closures, not at those of tasks"),
    ("clippy::missing_errors_doc", "looks for a returned `Result`; a task is returned"),
    ("clippy::ptr_arg", "is silent about a reference that is handed on as a whole, as it is to be copied"),
    ("clippy::unused_async", "looks for functions that wait for nothing; a task need not wait to be of use"),
];

/// The lints that speak up because of the attribute: the first when a function returns a future, for the body is a block by
/// then, and of blocks it warns; the second of a private durable function, which its description uses once. To silence them
/// here would take an `allow`, which no crate that forbids the lint could compile.
const HEARD: [&str; 2] = ["clippy::async_yields_async", "clippy::single_call_fn"];

/// A lint and the place it is about.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Warning {
    file: String,
    line: u64,
    columns: (u64, u64),
    lint: String,
    /// The line, as it is written.
    text: String,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let plain = warnings(&[])?;
    let background = warnings(&["background"])?;
    println!("{} warnings of plain functions, {} of background functions", plain.len(), background.len());

    for (lint, reason) in UNSEEN {
        println!("{lint} {reason}");
    }
    let missing = plain.difference(&background).filter(|missing| !UNSEEN.iter().any(|(lint, _)| missing.lint == *lint));
    let missing = missing.map(|warning| ("missing", warning));
    let added = background
        .difference(&plain)
        .filter(|added| !HEARD.contains(&added.lint.as_str()))
        .map(|warning| ("added", warning));
    let mut as_expected = !plain.is_empty();
    for (what, Warning { file, line, columns, lint, text }) in missing.chain(added) {
        println!("{what}: {lint} at {file}:{line}:{}-{}\n    {text}", columns.0, columns.1);
        as_expected = false;
    }
    Ok(if as_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What clippy says of the two files.
fn warnings(cfgs: &[&str]) -> Result<BTreeSet<Warning>, Box<dyn Error>> {
    let mut clippy = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    clippy.args(["clippy", "--quiet", "--lib", "--message-format=json", "--package", env!("CARGO_PKG_NAME")]);
    clippy.args(["--", "--cfg", "twins"]);
    for cfg in cfgs {
        clippy.args(["--cfg", cfg]);
    }
    let output = clippy.output()?;
    let mut warnings = BTreeSet::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let message: Value = serde_json::from_str(line)?;
        let is_ours = message["target"]["name"].as_str() == Some("detached_tests_lints");
        let message = &message["message"];
        if is_ours && message["level"] == "error" {
            return Err(message["rendered"].as_str().unwrap_or("an error without a text").into());
        }
        if let Some(lint) = message["code"]["code"].as_str().filter(|_| is_ours) {
            warnings.extend(places(message, lint));
        }
    }
    if !output.status.success() {
        return Err(String::from_utf8(output.stderr)?.into());
    }
    Ok(warnings)
}

/// The primary places of a message.
fn places(message: &Value, lint: &str) -> Vec<Warning> {
    let spans = message["spans"].as_array().into_iter().flatten();
    let primary = spans.filter(|span| span["is_primary"] == true);
    let number = |span: &Value, name: &str| span[name].as_u64().unwrap_or(0);
    let text = |value: &Value| value.as_str().unwrap_or("").trim().to_owned();
    let place = |span: &Value| Warning {
        file: text(&span["file_name"]),
        line: number(span, "line_start"),
        columns: (number(span, "column_start"), number(span, "column_end")),
        lint: lint.to_owned(),
        text: text(&span["text"][0]["text"]),
    };
    primary.map(place).collect()
}
