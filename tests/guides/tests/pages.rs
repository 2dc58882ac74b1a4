//! No page that has code is left out.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_page_with_code_is_in_the_guide_and_is_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pages: BTreeSet<_> = std::fs::read_dir(root.join("runtime/src/guide"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|file| file.extension().is_some_and(|extension| extension == "md") && has_code(file))
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(pages.contains("axum"), "{pages:?}");

    assert_eq!(listed(&root.join("runtime/src/guide/mod.rs")), pages);

    // Some need the exporters that another package has.
    let mut run = listed(&root.join("tests/guides/src/lib.rs"));
    for page in listed(&root.join("tests/telemetry/src/lib.rs")) {
        assert!(run.insert(page), "a page is run twice");
    }
    assert_eq!(run, pages);
}

fn has_code(page: &Path) -> bool {
    std::fs::read_to_string(page).unwrap().contains("```rust")
}

fn listed(file: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let lists = text.split("pages! {\n").skip(1);
    lists.flat_map(|list| list.split_once('}').unwrap().0.split_whitespace()).map(str::to_owned).collect()
}
