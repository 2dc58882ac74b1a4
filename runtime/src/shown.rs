//! What is not ours, shown: a panic or an error of the code that shows it is contained.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A rendering by user code; a panic or an error in it becomes a placeholder.
pub(crate) struct Contained<F>(pub(crate) F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Contained<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Raw<'a, F>(&'a F);
        impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Raw<'_, F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (self.0)(f)
            }
        }
        // Rendered apart first: a panic half-way must not leave half a value in the output.
        let text = catch_unwind(AssertUnwindSafe(|| {
            use fmt::Write as _;
            let mut text = String::new();
            write!(text, "{}", Raw(&self.0)).map(|()| text)
        }));
        match text {
            Ok(Ok(text)) => f.write_str(&text),
            // Not passed on: `to_string` makes a panic of it.
            Ok(Err(fmt::Error)) => f.write_str("<gave an error while shown>"),
            Err(_) => f.write_str("<panicked while shown>"),
        }
    }
}
