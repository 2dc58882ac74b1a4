//! What is not ours, shown: a panic or an error of the code that shows it is contained, its length and its depth are
//! bounded, and it stays on its line.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::{self, Write as _};

use crate::line::on_one_line;
use crate::panics;

/// How much of one rendering is shown, in bytes: what writes on and on is cut off.
const LONGEST: usize = 16 * 1024;

/// How many renderings are shown inside of each other: a context can be a value of itself.
const DEEPEST: usize = 4;

/// Stands for what is left out.
pub(crate) const LEFT_OUT: &str = "…";

thread_local! {
    /// How many renderings are under way.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// What came of a rendering by user code; of one that panics or fails, a placeholder.
pub(crate) struct Shown {
    pub(crate) text: String,
    /// Whether the text is all that was written, to the letter.
    pub(crate) is_verbatim: bool,
}

impl Shown {
    pub(crate) fn of(show: impl Fn(&mut fmt::Formatter<'_>) -> fmt::Result) -> Self {
        let depth = DEPTH.get();
        if depth == DEEPEST {
            return Self::placeholder(LEFT_OUT);
        }
        let mut written = Bounded { text: String::new(), is_full: false };
        DEPTH.set(depth + 1);
        // Apart from the output: a panic half-way must not leave half a value there.
        let ended = panics::catch(|| write!(written, "{}", Raw(&show)));
        DEPTH.set(depth);
        match ended {
            // It was told to stop, whatever it made of that.
            _ if written.is_full => Self::placeholder(&(on_one_line(&written.text) + LEFT_OUT)),
            Ok(Ok(())) => match on_one_line(&written.text) {
                Cow::Borrowed(_) => Self { text: written.text, is_verbatim: true },
                Cow::Owned(text) => Self { text, is_verbatim: false },
            },
            // Not passed on: `to_string` makes a panic of it.
            Ok(Err(fmt::Error)) => Self::placeholder("<gave an error while shown>"),
            Err(_) => Self::placeholder("<panicked while shown>"),
        }
    }

    pub(crate) fn placeholder(text: &str) -> Self {
        Self { text: text.to_owned(), is_verbatim: false }
    }
}

/// A rendering by user code, as a `Display`.
pub(crate) struct Contained<F>(pub(crate) F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Contained<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Shown::of(&self.0).text)
    }
}

struct Raw<'a, F>(&'a F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Raw<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

/// Takes in so much text, and then no more.
struct Bounded {
    text: String,
    is_full: bool,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.is_full {
            return Err(fmt::Error);
        }
        let room = LONGEST - self.text.len();
        if text.len() > room {
            self.text.push_str(beginning(text, room));
            self.is_full = true;
            return Err(fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }
}

/// A text that is there already, as it is shown: on one line, and no more of it than of a rendering.
pub(crate) fn bounded(text: &str) -> Cow<'_, str> {
    match beginning(text, LONGEST) {
        all if all.len() == text.len() => on_one_line(all),
        some => Cow::Owned(on_one_line(some).into_owned() + LEFT_OUT),
    }
}

/// As much of the text as there is room for, in bytes.
fn beginning(text: &str, room: usize) -> &str {
    let end = (0..=room.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}
