//! Text that stays on its line.
//!
//! An error, a panic, a cause or a value may repeat what a client sent. Written to a log as it is, a line end in it begins a
//! line that looks like the program's own, an escape sequence drives the terminal that shows it, and a mark of direction
//! turns around what is read. So each of these characters is written as Rust's text literals have it; all else stays.

use std::borrow::Cow;

/// The control characters (line ends, tab, escape and delete among them), Unicode's own line and paragraph separators, and
/// its marks and overrides of direction.
fn is_escaped(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text on one line.
pub(crate) fn on_one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_escaped(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    Cow::Owned(line)
}
