//! What a crate that uses this one builds along with it: without features as little as ever, `durable` adds serde alone, and `tower`
//! the crates of traits and types that all web frameworks share.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

/// The names of what the published crate is built from, as far down as `depth` says. Feature names are given with a space
/// in between.
fn built(features: &str, depth: &str) -> BTreeSet<String> {
    let mut tree = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    tree.args(["tree", "--offline", "--locked", "--package", "detached", "--edges", "normal", "--no-default-features"]);
    tree.args(["--features", features, "--depth", depth, "--prefix", "none", "--format", "{p}"]);
    let output = tree.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().filter_map(|line| line.split(' ').next()).map(ToOwned::to_owned).collect()
}

/// What a feature has it depend on that it does not otherwise.
fn added(feature: &str) -> BTreeSet<String> {
    built(feature, "1").difference(&built("", "1")).cloned().collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn without_features_it_is_tokio_and_tracing() {
    let own = names(&[
        "detached",
        "detached-macros",
        "futures-core",
        "pin-project-lite",
        "smallvec",
        "tokio",
        "tokio-util",
        "tracing",
    ]);
    assert_eq!(built("", "1"), own);
    let all = built("", "99");
    for heavy in ["serde", "serde_core", "serde_json", "http", "metrics", "opentelemetry", "mio"] {
        assert!(!all.contains(heavy), "{heavy}: {all:?}");
    }
}

#[test]
fn durable_adds_serde_alone() {
    assert_eq!(added("durable"), names(&["serde", "serde_json"]));
}

#[test]
fn tower_adds_what_tower_and_http_are_spoken_with() {
    assert_eq!(added("tower"), names(&["http", "http-body", "tower-layer", "tower-service"]));
    let all = built("tower", "99");
    for heavy in ["axum", "hyper", "tower", "tower-http"] {
        assert!(!all.contains(heavy), "{heavy}: {all:?}");
    }
}
