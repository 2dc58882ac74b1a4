//! What the guide shows, held against what comes out: its pages are the snapshots.

use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

/// Asserts that the block of text or code that comes first after the heading of the page shows this. With
/// `UPDATE_SNAPSHOTS=1` it is written there.
#[track_caller]
pub fn assert_shows(page: &str, heading: &str, expected: &str) {
    // Tests run side by side, and may write to one page.
    static PAGES: Mutex<()> = Mutex::new(());
    let _alone = PAGES.lock().unwrap_or_else(PoisonError::into_inner);

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src/guide").join(page).with_extension("md");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let block = block(&text, heading).unwrap_or_else(|| panic!("{page} has no block under `{heading}`"));
    let expected = expected.trim_end().to_owned() + "\n";
    if env::var_os("UPDATE_SNAPSHOTS").is_some() {
        let page = [&text[..block.start], &expected, &text[block.end..]].concat();
        fs::write(&path, page).expect("the page can be written");
    } else {
        let shown = &text[block];
        assert!(shown == expected, "`{heading}` of {page} shows\n{shown}\nand not\n{expected}");
    }
}

/// What is between the fences that come first after the heading.
fn block(text: &str, heading: &str) -> Option<Range<usize>> {
    let after = |from: usize, what: &str| Some(from + text[from..].find(what)? + what.len());
    let fence = after(after(0, &format!("\n# {heading}\n"))?, "\n```")?;
    let start = after(fence, "\n")?;
    Some(start..start + text[start..].find("```")?)
}
