//! The Markdown files: what they link to is there, what they say to run exists, and their Rust is compiled somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The Markdown files with their text; their paths are relative to the repository.
fn documents() -> Vec<(PathBuf, String)> {
    files("md")
}

/// The files of that ending, without what builds leave behind. Not as git lists them, which may not be there.
fn files(extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(repository().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = folder.join(&name);
            if entry.file_type().unwrap().is_dir() {
                if !name.starts_with('.') && name != "target" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push((path, fs::read_to_string(entry.path()).unwrap()));
            }
        }
    }
    assert!(found.len() > 4, "{found:?}");
    found
}

/// A fenced block, by the word after its fence.
struct Block {
    language: String,
    text: String,
}

/// The text outside of fenced blocks, and the blocks.
fn split(text: &str) -> (String, Vec<Block>) {
    let (mut prose, mut blocks, mut open) = (String::new(), Vec::new(), None::<Block>);
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some(Block { language: language.to_owned(), text: String::new() }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.text += &format!("{line}\n"),
            (None, None) => prose += &format!("{line}\n"),
        }
    }
    assert!(open.is_none(), "a fence is left open");
    (prose, blocks)
}

/// As GitHub makes it of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(file: &Path) -> BTreeSet<String> {
    let (prose, _) = split(&fs::read_to_string(file).unwrap());
    prose.lines().filter(|line| line.starts_with('#')).map(anchor).collect()
}

/// The targets of `[text](target)`.
fn links(prose: &str) -> impl Iterator<Item = &str> {
    prose.match_indices("](").filter_map(|(at, _)| prose[at + 2..].split_once(')').map(|(target, _)| target))
}

#[test]
fn what_they_link_to_is_there() {
    let mut missing = Vec::new();
    for (path, text) in documents() {
        // Part of the docs: rustdoc resolves the names in them, and refuses those that it cannot.
        let is_rustdoc = path.starts_with("runtime/src");
        let (prose, _) = split(&text);
        for link in links(&prose) {
            if link.starts_with("https://") || is_rustdoc && !link.contains('/') {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let file = repository().join(file);
            if !file.exists() || !heading.is_empty() && !anchors(&file).contains(heading) {
                missing.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn what_they_say_to_run_exists() {
    let checks = fs::read_to_string(repository().join(".ci/run")).unwrap();
    let mut unknown = Vec::new();
    for (path, text) in documents() {
        let words: Vec<_> = text.split(|c: char| c.is_whitespace() || matches!(c, '`' | '(' | ')')).collect();
        // In code: in a sentence other words follow.
        for command in code(&text).iter().filter_map(|code| code.split_once(".ci/run ")) {
            let named =
                command.1.split_whitespace().take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
            let missing = named.filter(|check| !checks.contains(&format!("\n{check}() {{")));
            unknown.extend(missing.map(|check| format!("{}: .ci/run {check}", path.display())));
        }
        for pair in words.windows(2) {
            let is_known = match *pair {
                ["--example", example] => is_in(&["runtime/examples", "durable/examples"], example),
                ["--bench", bench] => is_in(&["runtime/benches/benches", "durable/benches"], bench),
                ["--test", test] => is_in(&["tests/tests", "tests/telemetry/tests", "durable/tests"], test),
                _ => true,
            };
            if !is_known {
                unknown.push(format!("{}: {}", path.display(), pair.join(" ")));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// Whether one of the folders has a program of that name, in a file or in a folder.
fn is_in(folders: &[&str], program: &str) -> bool {
    folders
        .iter()
        .map(|folder| repository().join(folder))
        .any(|folder| folder.join(format!("{program}.rs")).exists() || folder.join(program).join("main.rs").exists())
}

/// What stands between backquotes, and each line of the fenced blocks without its comment.
fn code(text: &str) -> Vec<String> {
    let (prose, blocks) = split(text);
    let spans = prose.split('`').skip(1).step_by(2).map(str::to_owned);
    let lines = blocks.iter().flat_map(|block| block.text.lines());
    spans.chain(lines.map(|line| line.split('#').next().unwrap_or_default().to_owned())).collect()
}

#[test]
fn their_rust_is_compiled_somewhere() {
    let included: BTreeSet<_> = files("rs").iter().flat_map(|(path, text)| included(path, text)).collect();
    // They run the code of the pages that they list.
    let guides = ["guides", "telemetry"]
        .map(|package| fs::read_to_string(repository().join(format!("tests/{package}/src/lib.rs"))).unwrap());
    for (path, text) in documents() {
        let (_, blocks) = split(&text);
        let has_rust = blocks.iter().any(|block| block.language.starts_with("rust"));
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let is_page = path.starts_with("runtime/src/guide")
            && guides.iter().flat_map(|guide| guide.lines()).any(|line| line.trim() == stem);
        let is_included = is_page || included.contains(&repository().join(&path).canonicalize().unwrap());
        assert!(is_included || !has_rust, "no doctest includes {}", path.display());
    }
}

/// The files that a source includes as documentation.
fn included(path: &Path, text: &str) -> Vec<PathBuf> {
    let folder = repository().join(path.parent().unwrap());
    let quoted = text.split("include_str!(\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    quoted.filter_map(|file| folder.join(file).canonicalize().ok()).collect()
}

#[test]
fn each_check_is_a_job_of_the_workflow() {
    let runner = fs::read_to_string(repository().join(".ci/run")).unwrap();
    let workflow = fs::read_to_string(repository().join(".github/workflows/ci.yml")).unwrap();
    let jobs = workflow.split_once("checks:\n").unwrap().1.lines().map_while(|line| line.trim().strip_prefix("- "));
    let jobs: BTreeSet<_> = jobs.flat_map(str::split_whitespace).collect();
    assert_eq!(jobs, checks(&runner).collect());
}

/// The names of the list in `.ci/run`.
fn checks(runner: &str) -> impl Iterator<Item = &str> {
    let list = runner.split_once("all_checks=(").and_then(|(_, rest)| rest.split_once(')')).unwrap().0;
    list.split_whitespace()
}

#[test]
fn each_check_is_in_the_table() {
    let contributing = fs::read_to_string(repository().join("CONTRIBUTING.md")).unwrap();
    let table: String = contributing.lines().filter(|line| line.starts_with("| `")).collect();
    let runner = fs::read_to_string(repository().join(".ci/run")).unwrap();
    let unnamed: Vec<_> = checks(&runner).filter(|check| !table.contains(&format!("`{check}`"))).collect();
    assert!(unnamed.is_empty(), "CONTRIBUTING.md does not say what these checks are: {unnamed:?}");
}
