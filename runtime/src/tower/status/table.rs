//! A table that is one of cards where there is no room for its columns.

use std::fmt::{Display, Write as _};

use super::escape::Escaped;

/// One row; the sum of the others is below a line.
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    pub(super) is_sum: bool,
}

impl Row {
    pub(super) fn of(cells: Vec<Cell>) -> Self {
        Self { cells, is_sum: false }
    }
}

/// One cell: its classes and its markup, in which all text is escaped.
#[derive(Default)]
pub(super) struct Cell {
    classes: String,
    markup: String,
}

impl Cell {
    pub(super) fn text(text: impl Display) -> Self {
        Self::default().with(&Escaped(text).to_string())
    }

    /// A text that is given so much height at most, and can be scrolled.
    pub(super) fn long_text(text: impl Display) -> Self {
        Self::default().with(&format!("<span>{}</span>", Escaped(text)))
    }

    pub(super) fn number(number: impl Display) -> Self {
        Self::text(number).class("n")
    }

    pub(super) fn code(text: impl Display) -> Self {
        Self::default().with(&format!("<code>{}</code>", Escaped(text)))
    }

    pub(super) fn badge(text: &str, class: &str) -> Self {
        Self::default().with(&format!("<span class=\"badge {class}\">{}</span>", Escaped(text)))
    }

    pub(super) fn class(mut self, class: &str) -> Self {
        self.classes.push(' ');
        self.classes.push_str(class);
        self
    }

    pub(super) fn with(mut self, markup: &str) -> Self {
        self.markup.push_str(markup);
        self
    }
}

/// The table, or the sentence that stands for an empty one. A head that begins with `#` is one of numbers.
pub(super) fn table(id: &str, heads: &[&str], rows: Vec<Row>, empty: &str) -> String {
    if rows.is_empty() {
        return format!("<p class=\"none\" id=\"{id}\">{empty}</p>");
    }
    let head = |head: &&str| match head.strip_prefix('#') {
        Some(head) => format!("<th class=\"n\">{head}</th>"),
        None => format!("<th>{head}</th>"),
    };
    let (sums, rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.is_sum);
    format!(
        "<div class=\"wide\"><table id=\"{id}\"><thead><tr>{}</tr></thead><tbody>{}</tbody><tfoot>{}</tfoot></table></div>",
        heads.iter().map(head).collect::<String>(),
        body(heads, &rows),
        body(heads, &sums)
    )
}

fn body(heads: &[&str], rows: &[Row]) -> String {
    let mut body = String::new();
    for row in rows {
        body.push_str("<tr>");
        for (head, Cell { classes, markup }) in heads.iter().zip(&row.cells) {
            let head = head.trim_start_matches('#');
            // Writing to a text does not fail.
            let _ = write!(body, "<td class=\"{}\" data-head=\"{head}\">{markup}</td>", classes.trim_start());
        }
        body.push_str("</tr>");
    }
    body
}
