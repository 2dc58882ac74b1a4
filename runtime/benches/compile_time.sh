#!/usr/bin/env bash
# What `#[background]` costs to compile, and how much machine code a function becomes, as tables in Markdown.
# Builds crates of its own in a temporary directory; takes some minutes.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CARGO_TARGET_DIR=$work/target CARGO_INCREMENTAL=0 CARGO_TERM_QUIET=true

# crate NAME DEPENDENCIES: an empty crate.
crate() {
    mkdir -p "$work/$1/src"
    cat >"$work/$1/Cargo.toml" <<END
[package]
name = "$1"
version = "0.0.0"
edition = "2024"

[dependencies]
$2

[workspace]
END
    # The versions that the repository is tested with.
    cp "$repository/Cargo.lock" "$work/$1/"
}

seconds() {
    local start=$EPOCHREALTIME
    "$@"
    awk "BEGIN { printf \"%.2f\", $EPOCHREALTIME - $start }"
}

median_of_five() {
    for _ in 1 2 3 4 5; do
        seconds "$@"
        echo
    done | sort -n | sed -n 3p
}

in_crate() (
    cd "$work/$1"
    shift
    "$@"
)

recheck() {
    touch "$work/$1/src/lib.rs"
    in_crate "$1" cargo check
}

detached="detached = { path = \"$repository/runtime\" }"
tokio='tokio = { version = "1", features = ["rt-multi-thread", "macros", "sync", "time"] }'
tracing='tracing = "0.1"'

# functions COUNT ATTRIBUTE: what a service has; a borrowed and an owned parameter, two awaits, a `?`.
functions() {
    cat <<END
async fn store(page: &str, visits: u32) -> Result<u32, std::io::Error> {
    tokio::time::sleep(std::time::Duration::from_millis(visits.into())).await;
    Ok(visits + page.len() as u32)
}
END
    for ((i = 0; i < $1; i++)); do
        cat <<END
$2
pub async fn record_$i(page: &str, visits: u32) -> Result<u32, std::io::Error> {
    let stored = store(page, visits + $i).await?;
    let again = store(page, stored).await?;
    Ok(again ^ $i)
}
END
    done
}

echo "| 1 000 functions, expanded and checked | seconds | on top of plain ones, a function |"
echo "| --- | --- | --- |"
for kind in plain instrument background; do
    case $kind in
        plain) attribute= ;;
        instrument) attribute='#[tracing::instrument]' ;;
        background) attribute='#[detached::background(timeout = "5s", inherit = ["user_id?"])]' ;;
    esac
    crate "$kind" "$detached
$tokio
$tracing"
    functions 1000 "$attribute" >"$work/$kind/src/lib.rs"
    in_crate "$kind" cargo check
    time=$(median_of_five recheck "$kind")
    plain=${plain:-$time}
    label='`#[tracing::instrument]`'
    case $kind in plain) label='plain `async fn`' ;; background) label='`#[background]`' ;; esac
    echo "| $label | $time | $(awk "BEGIN { printf \"%.2f ms\", $time - $plain }") |"
done

echo
echo "| cold build of an empty program | debug | release |"
echo "| --- | --- | --- |"
for kind in tokio_and_tracing and_detached; do
    dependencies="$tokio
$tracing"
    [[ $kind == and_detached ]] && dependencies+="
$detached"
    crate "$kind" "$dependencies"
    echo 'fn main() {}' >"$work/$kind/src/main.rs"
    cold() {
        rm -rf "$work/target"
        in_crate "$kind" cargo build "$@"
    }
    label='tokio + tracing'
    [[ $kind == and_detached ]] && label='tokio + tracing + detached'
    echo "| $label | $(seconds cold) s | $(seconds cold --release) s |"
done

echo
if ! command -v size >/dev/null; then
    echo "machine code is not measured: \`size\` (binutils) is not installed"
    exit
fi
# program KIND COUNT: a program that calls COUNT functions.
program() {
    local kind=$1 count=$2
    crate "$kind" "$detached
detached-benches = { path = \"$repository/runtime/benches\" }
$tokio
$tracing"
    {
        case $kind in
            background) functions "$count" '#[detached::background(timeout = "5s", inherit = ["user_id?"])]' ;;
            *) functions "$count" '' ;;
        esac
        echo "use std::time::Duration;"
        echo "use detached_benches::contenders::BACKGROUND;"
        # Each caller is a function of its own, as handlers are.
        for ((i = 0; i < count; i++)); do
            echo "#[inline(never)] fn call_$i(page: &str) {"
            case $kind in
                background) echo "drop(record_$i(page, 1));" ;;
                bare) echo "let page = page.to_owned(); drop(tokio::spawn(async move { record_$i(&page, 1).await }));" ;;
                handwritten)
                    echo "let page = page.to_owned(); let body = async move { record_$i(&page, 1).await };"
                    echo "drop(BACKGROUND.spawn(\"record_$i\", Some(Duration::from_secs(5)), &[\"user_id\"], body));"
                    ;;
            esac
            echo "}"
        done
        echo "#[tokio::main] async fn main() {"
        echo "let page = std::env::args().next().unwrap_or_default();"
        # Each program has all of the runtime parts in it, whatever its kind and count.
        echo "drop(detached::task(\"one\").timeout(Duration::ZERO).spawn(async {}));"
        echo "drop(BACKGROUND.spawn(\"one\", None, &[], async { Ok::<(), std::io::Error>(()) }));"
        for ((i = 0; i < count; i++)); do
            echo "call_$i(&page);"
        done
        echo "}"
    } >"$work/$kind/src/main.rs"
    in_crate "$kind" cargo build --release
    size "$work/target/release/$kind" | awk 'NR == 2 { print $1 }'
}

echo "| machine code and constants (release) | bytes a function |"
echo "| --- | --- |"
for kind in bare background handwritten; do
    few=$(program "$kind" 10) many=$(program "$kind" 60)
    label='bare `tokio::spawn`'
    case $kind in background) label='`#[background]`' ;; handwritten) label='handwritten' ;; esac
    echo "| $label | $(((many - few) / 50)) |"
done
