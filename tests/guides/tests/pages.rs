//! No page is left out.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_page_is_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime/src/guide");
    let pages: BTreeSet<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter_map(|file| file.strip_suffix(".md").map(str::to_owned))
        .collect();
    assert!(pages.contains("axum"), "{pages:?}");
    for list in ["src/lib.rs", "../../runtime/src/guide/mod.rs"] {
        let list = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(list)).unwrap();
        let listed = list.rsplit_once("pages! {").unwrap().1.trim_end().trim_end_matches('}');
        assert_eq!(listed.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>(), pages);
    }
}
