//! The Markdown files: what they link to is there, what they say to run exists, and their Rust is compiled somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The tracked Markdown files with their text; their paths are relative to the repository.
fn documents() -> Vec<(PathBuf, String)> {
    let listed = Command::new("git").args(["ls-files", "*.md"]).current_dir(repository()).output().expect("git");
    let listed = String::from_utf8(listed.stdout).unwrap();
    let documents: Vec<_> =
        listed.lines().map(|path| (path.into(), fs::read_to_string(repository().join(path)).unwrap())).collect();
    assert!(documents.len() > 4, "git lists the files of the repository: {listed:?}");
    documents
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
        for pair in words.windows(2) {
            let is_known = match *pair {
                [".ci/run", check] if check.starts_with(|c: char| c.is_ascii_lowercase()) => {
                    // In a sentence it is followed by other words.
                    !text.contains(&format!("`.ci/run {check}`")) || checks.contains(&format!("\n{check}() {{"))
                }
                ["--example", example] => ["runtime/examples", "durable/examples"].iter().any(|folder| {
                    let folder = repository().join(folder);
                    folder.join(format!("{example}.rs")).exists() || folder.join(example).join("main.rs").exists()
                }),
                ["--bench", bench] => {
                    repository().join(format!("runtime/benches/benches/{bench}.rs")).exists() || bench == "engine"
                }
                _ => true,
            };
            if !is_known {
                unknown.push(format!("{}: {}", path.display(), pair.join(" ")));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn their_rust_is_compiled_somewhere() {
    let sources = Command::new("git").args(["grep", "-h", "include_str!"]).current_dir(repository()).output().unwrap();
    let sources = String::from_utf8(sources.stdout).unwrap();
    // They run the code of the pages that they list.
    let guides = ["guides", "telemetry"]
        .map(|package| fs::read_to_string(repository().join(format!("tests/{package}/src/lib.rs"))).unwrap());
    for (path, text) in documents() {
        let (_, blocks) = split(&text);
        let has_rust = blocks.iter().any(|block| block.language.starts_with("rust"));
        let (name, stem) = (path.file_name().unwrap().to_str().unwrap(), path.file_stem().unwrap().to_str().unwrap());
        let is_page = path.starts_with("runtime/src/guide")
            && guides.iter().flat_map(|guide| guide.lines()).any(|line| line.trim() == stem);
        let is_included = is_page || sources.contains(&format!("{name}\""));
        assert!(is_included || !has_rust, "no doctest includes {}", path.display());
    }
}

#[test]
fn each_check_is_in_the_table() {
    let contributing = fs::read_to_string(repository().join("CONTRIBUTING.md")).unwrap();
    let table: String = contributing.lines().filter(|line| line.starts_with("| `")).collect();
    let runner = fs::read_to_string(repository().join(".ci/run")).unwrap();
    let list = runner.split_once("all_checks=(").and_then(|(_, rest)| rest.split_once(')')).unwrap().0;
    let unnamed: Vec<_> = list.split_whitespace().filter(|check| !table.contains(&format!("`{check}`"))).collect();
    assert!(unnamed.is_empty(), "CONTRIBUTING.md does not say what these checks are: {unnamed:?}");
}
