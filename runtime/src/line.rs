//! Text that stays on its line.
//!
//! An error, a panic, a cause or a value may repeat what a client sent. Written to a log as it is, a line end in it begins a
//! line that looks like the program's own, an escape sequence drives the terminal that shows it, and a mark of direction
//! turns around what is read. So each of these characters is written as Rust's text literals have it; all else stays.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

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
    // A `String` takes all.
    let _ = OneLine(&mut line).write_str(text);
    Cow::Owned(line)
}

/// Passes on what is written to it, on one line.
pub(crate) struct OneLine<W>(pub(crate) W);

impl<W: fmt::Write> fmt::Write for OneLine<W> {
    fn write_str(&mut self, mut text: &str) -> fmt::Result {
        while let Some((before, c, after)) = split_at_escaped(text) {
            write!(self.0, "{before}{}", c.escape_default())?;
            text = after;
        }
        self.0.write_str(text)
    }
}

fn split_at_escaped(text: &str) -> Option<(&str, char, &str)> {
    let (at, c) = text.char_indices().find(|(_, c)| is_escaped(*c))?;
    Some((&text[..at], c, &text[at + c.len_utf8()..]))
}
