//! Imports run one way: no two files and no two rooms of a crate import each other, directly or in a longer circle. A room
//! is what stands at the top of `src`: a file, or a folder with its door, the `mod.rs`.
//!
//! A name that a door re-exports is imported from the file it comes from, so a door ties nothing together by what it shows.
//! Paths in tests, macros and bodies count like those of a `use`; comments and texts do not. Not seen is what a glob brings.

mod imports;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use imports::Arrows;

#[test]
fn imports_run_one_way() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut complaints = String::new();
    for folder in ["runtime/src", "macros/src", "durable/src", "runtime/examples/visits"] {
        let sources = files_below(&repository.join(folder), "");
        assert!(sources.len() > 5, "`{folder}` is almost empty; name the folder that the sources are in now");
        complaints += &complaints_of(folder, &sources);
    }
    assert!(complaints.is_empty(), "\n{complaints}{ADVICE}");
}

const ADVICE: &str =
    "Imports run one way. Turn one arrow of each circle around: move what both sides need below them, put an `impl`
block into the upper file, or tell the upper side through a trait that the lower one declares.
";

fn files_below(folder: &Path, name: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{name}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            found.extend(files_below(&path, &format!("{name}/")));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// Empty if all is well.
fn complaints_of(folder: &str, sources: &[(String, String)]) -> String {
    let files = imports::arrows(sources);
    let mut rooms = Arrows::new();
    for (from, to, words) in files.iter().flat_map(|(from, all)| all.iter().map(move |(to, words)| (from, to, words))) {
        if room_of(from) != room_of(to) {
            rooms.entry(room_of(from)).or_default().insert(room_of(to), words.clone());
        }
    }
    let mut complaints = String::new();
    for (what, arrows) in [("files", &files), ("rooms", &rooms)] {
        // A circle of rooms that are one file each is told among the files.
        let told = |circle: &Vec<&str>| what == "files" || circle.iter().any(|room| room.ends_with('/'));
        for circle in circles(arrows).into_iter().filter(told) {
            let closed: Vec<&str> = circle.iter().chain(circle.first()).copied().collect();
            writeln!(complaints, "{folder}: {what} import each other in a circle: {}", closed.join(" -> ")).unwrap();
            for pair in closed.windows(2) {
                writeln!(complaints, "    {}", arrows[pair[0]][pair[1]]).unwrap();
            }
        }
    }
    complaints
}

fn room_of(file: &str) -> String {
    file.split_once('/').map_or_else(|| file.to_owned(), |(folder, _)| format!("{folder}/"))
}

/// The shortest circle through each file or room that is in one.
fn circles(arrows: &Arrows) -> BTreeSet<Vec<&str>> {
    let ways = arrows.keys().filter_map(|start| way_back(arrows, start));
    ways.map(|mut way| {
        let first = (0..way.len()).min_by_key(|&at| way[at]).unwrap();
        way.rotate_left(first);
        way
    })
    .collect()
}

fn way_back<'a>(arrows: &'a Arrows, start: &'a str) -> Option<Vec<&'a str>> {
    let (mut ways, mut seen) = (VecDeque::from([vec![start]]), BTreeSet::new());
    while let Some(way) = ways.pop_front() {
        for next in arrows.get(*way.last().unwrap()).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                return Some(way);
            }
            if seen.insert(next) {
                ways.push_back([way.as_slice(), &[next]].concat());
            }
        }
    }
    None
}

fn complaints_of_these(sources: &[(&str, &str)]) -> String {
    let sources: Vec<_> = sources.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    complaints_of("src", &sources)
}

/// The first line, which names the circle.
fn circle_of(sources: &[(&str, &str)]) -> String {
    complaints_of_these(sources).lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_circle_is_told_with_the_imports_that_make_it() {
    let told = complaints_of_these(&[("a.rs", "use crate::b::{self, B};"), ("b.rs", "fn f() { super::a::g(); }")]);
    let lines: Vec<&str> = told.lines().take(3).collect();
    let expected = [
        "src: files import each other in a circle: a.rs -> b.rs -> a.rs",
        "    a.rs imports crate::b",
        "    b.rs imports crate::a::g",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_longer_circle_is_found_in_each_kind_of_path() {
    let closed_by = |last| {
        circle_of(&[
            ("lib.rs", "mod a; mod b; pub use a::A; pub(crate) use b::{self as other, C as B};"),
            ("a.rs", "use std::{fmt, io}; use crate::{b::{x::Y, C as D}, lower};"),
            ("b.rs", "use crate::c;"),
            ("c.rs", last),
            ("lower.rs", "pub struct Lower;"),
        ])
    };
    let circle = "src: files import each other in a circle: a.rs -> b.rs -> c.rs -> a.rs";
    for last in [
        "use crate::A;",
        "pub(crate) use super::{lower::Lower, a::{A as _, *}};",
        "fn f() -> crate::a::A { todo!() }",
        "mod tests { use super::super::a; }",
        "macro_rules! a { () => { $crate::A::new() } }",
        "use crate as whole; fn f() { assert!(whole::A::new()); }",
    ] {
        assert_eq!(closed_by(last), circle, "{last}");
    }
    for last in [
        "use crate::lower;",
        "//! Below `crate::a`.\n /// [`crate::a`] \n fn f() { /* crate::a::A */ \"crate::a\"; }",
        "mod tests { use super::*; use self::inner::A; mod inner { pub(in crate::a) struct A; } }",
        "use a::A; fn f() { ::crate_of_that_name::a::A::new(); quote! { #a::A } }",
    ] {
        assert_eq!(closed_by(last), "", "{last}");
    }
}

#[test]
fn a_door_ties_nothing_together_by_what_it_shows() {
    let child = ("room/child.rs", "use super::other::Other; use crate::room::Another;");
    let other = ("room/other.rs", "pub struct Other;");
    let showing = "mod child; mod other; pub use child::Child; pub(crate) use self::other::Other as Another;";
    assert_eq!(circle_of(&[("room/mod.rs", showing), child, other]), "");

    let circle = "src: files import each other in a circle: room/child.rs -> room/mod.rs -> room/child.rs";
    for using in ["use child::Child;", "pub use child::Child; pub struct Another(Child);", "fn f() { child::g(); }"] {
        assert_eq!(circle_of(&[("room/mod.rs", using), child, other]), circle, "{using}");
    }
}

#[test]
fn rooms_are_in_a_circle_though_no_file_is() {
    let told = circle_of(&[
        ("low/mod.rs", "pub use a::A; pub use b::B;"),
        ("low/a.rs", "use crate::high::C;"),
        ("low/b.rs", "pub struct B;"),
        ("high/mod.rs", "pub use c::C; pub use d::D;"),
        ("high/c.rs", "pub struct C;"),
        ("high/d.rs", "use crate::low::B;"),
    ]);
    assert_eq!(told, "src: rooms import each other in a circle: high/ -> low/ -> high/");
}
