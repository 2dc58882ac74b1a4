//! What the README shows of the examples is theirs.

use std::path::Path;

/// Every call that the README's logs and tables show stands where they say.
#[test]
fn calls_are_where_the_readme_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let mut checked = 0;
    for line in readme.lines() {
        let mut words = line.split_whitespace();
        let Some(place) = words.clone().find_map(|word| word.strip_prefix("caller=")).or(words.clone().last()) else {
            continue;
        };
        let Some((file, line_and_column)) = place.split_once(".rs:").filter(|(file, _)| file.starts_with("runtime/"))
        else {
            continue;
        };
        // A log line has it as `name{..}`, a table as `name`; both in the second column.
        let name = words.nth(1).unwrap().split('{').next().unwrap();
        let (row, column) = line_and_column.split_once(':').unwrap();
        let (row, column): (usize, usize) = (row.parse().unwrap(), column.parse().unwrap());
        let source = std::fs::read_to_string(root.join(format!("{file}.rs"))).unwrap();
        let there = &source.lines().nth(row - 1).unwrap()[column - 1..];
        assert!(
            there.starts_with(&format!("{name}(")),
            "{place}: `{name}` is called there, says the README; it is {there}"
        );
        checked += 1;
    }
    assert!(checked >= 5, "{checked}");
}
