//! A browser without a window, to see a page as a person does.

use std::path::Path;
use std::process::Command;

/// Debian's Chromium.
const CHROMIUM: &str = "/usr/bin/chromium";

/// The page's document as the browser has it once it is loaded; `None`, with a message, where there is no browser.
pub fn dump_dom(url: &str) -> Option<String> {
    if !Path::new(CHROMIUM).exists() {
        eprintln!("skipped: {CHROMIUM} is not installed");
        return None;
    }
    let profile = Profile::new();
    let output = Command::new(CHROMIUM)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"])
        .arg(format!("--user-data-dir={}", profile.0.display()))
        .args(["--dump-dom", url])
        .output()
        .expect("the browser starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("a document is text"))
}

/// An empty folder for what the browser keeps; gone at the end.
struct Profile(std::path::PathBuf);

impl Profile {
    fn new() -> Self {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        // Relaxed: only the numbers' being different matters.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("detached-chromium-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        Self(folder)
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The text that a reader sees in the first element that begins with `start`, up to `end`, as one line.
pub fn text_between(document: &str, start: &str, end: &str) -> String {
    let Some((_, after)) = document.split_once(start) else { return String::new() };
    let inside = after.split_once(end).map_or(after, |(inside, _)| inside);
    let (mut text, mut in_tag) = (String::new(), false);
    for c in inside.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                text.push(' ');
            }
            _ if !in_tag => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
