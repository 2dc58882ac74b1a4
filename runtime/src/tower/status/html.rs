//! The page as HTML: plain, without scripts, for a screen of any width, by day and by night.

use std::fmt::{self, Display, Write as _};
use std::time::Duration;

use super::escape::Escaped;
use super::view::{LiveOf, View, word_of};
use crate::now::now;
use crate::roster::{Tally, TaskInfo};
use crate::supervisor::Mishap;

/// How often the page refreshes itself, in seconds.
const REFRESH: u32 = 5;

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--bad:#c62828;--dim:#777}\
@media(prefers-color-scheme:dark){:root{--bad:#ff8a80;--dim:#aaa}}\
body{font:15px/1.45 system-ui,sans-serif;margin:1rem auto;max-width:75rem;padding:0 1rem}\
h1{font-size:1.3rem}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}\
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}\
th{font-weight:600;color:var(--dim)}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}\
.bad{color:var(--bad)}.dim{color:var(--dim)}code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}";

/// Writes the page.
pub(super) fn page(view: &View) -> String {
    let mut page = String::new();
    // Writing to a text does not fail.
    let _ = write(&mut page, view);
    page
}

fn write(page: &mut String, view: &View) -> fmt::Result {
    write!(
        page,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"refresh\" content=\"{REFRESH}\"><title>background tasks</title><style>{STYLE}</style></head>\
         <body><h1>Background tasks</h1>"
    )?;
    let sum = &view.counts.sum;
    let draining = if view.is_draining { "<strong class=\"bad\">draining</strong>, " } else { "" };
    write!(page, "<p id=\"summary\">{draining}{} live, {} called</p>", sum.live(), sum.called)?;
    write_live(page, &view.live)?;
    write_tasks(page, view)?;
    write_mishaps(page, &view.mishaps)?;
    write_counts(page, view)?;
    page.push_str("</body></html>");
    Ok(())
}

fn write_live(page: &mut String, live: &[LiveOf]) -> fmt::Result {
    let rows = live.iter().map(|live| {
        let LiveOf { module, name, state, tasks, oldest } = live;
        [function(module, name), text(word_of(*state)), number(tasks), number(seconds(*oldest))]
    });
    table(page, "live", "Live, by function", ["function", "state", "#tasks", "#oldest"], rows)
}

fn write_tasks(page: &mut String, view: &View) -> fmt::Result {
    if view.total > view.tasks.len() {
        write!(page, "<p class=\"dim\">the oldest {} of {} are listed</p>", view.tasks.len(), view.total)?;
    }
    let now = now();
    let rows = view.tasks.iter().map(|task: &TaskInfo| {
        let left = task.deadline().map(|deadline| seconds(deadline.saturating_duration_since(now)));
        [
            number(task.id()),
            function(task.module(), task.name()),
            text(word_of(task.state())),
            number(seconds(task.age())),
            number(left.unwrap_or_else(|| "-".to_owned())),
            code(task.caller()),
            code(values(task.values().map(|(name, value)| format!("{name}={value:?}")))),
        ]
    });
    let heads = ["#task", "function", "state", "#age", "#time left", "called at", "values"];
    table(page, "tasks", "Live, one by one", heads, rows)
}

fn write_mishaps(page: &mut String, mishaps: &[Mishap]) -> fmt::Result {
    let now = now();
    let rows = mishaps.iter().map(|mishap| {
        [
            number(seconds(now.saturating_duration_since(mishap.at))),
            number(mishap.id),
            function(mishap.module, mishap.name),
            format!("<td class=\"bad\">{}</td>", mishap.kind.name().replace('_', " ")),
            code(&mishap.error),
            code(mishap.caller),
            code(values(mishap.values.iter().map(|(name, value)| format!("{name}={value}")))),
        ]
    });
    let heads = ["#ago", "#task", "function", "outcome", "error", "called at", "values"];
    table(page, "mishaps", "What went wrong last", heads, rows)
}

fn write_counts(page: &mut String, view: &View) -> fmt::Result {
    let row = |function: String, tally: &Tally| {
        let Tally { called, waiting, running, completed, failed, timed_out, panicked, cancelled, rejected } = tally;
        let numbers = [called, waiting, running, completed, failed, timed_out, panicked, cancelled, rejected];
        let mut cells = vec![function];
        cells.extend(numbers.map(number));
        cells
    };
    let functions = &view.counts.functions;
    let rows = functions.iter().map(|counts| row(function(counts.module, counts.name), &counts.tally));
    let sum = (!functions.is_empty()).then(|| row(text("all"), &view.counts.sum));
    let heads = [
        "function",
        "#called",
        "#waiting",
        "#running",
        "#completed",
        "#failed",
        "#timed out",
        "#panicked",
        "#cancelled",
        "#rejected",
    ];
    table(page, "counts", "Calls and outcomes", heads, rows.chain(sum))
}

/// A table with a heading. A head that begins with `#` is one of numbers.
fn table<R>(
    page: &mut String,
    id: &str,
    title: &str,
    heads: impl IntoIterator<Item = &'static str>,
    rows: impl Iterator<Item = R>,
) -> fmt::Result
where
    R: IntoIterator<Item = String>,
{
    write!(page, "<h2>{title}</h2><div class=\"wide\"><table id=\"{id}\"><thead><tr>")?;
    for head in heads {
        match head.strip_prefix('#') {
            Some(head) => write!(page, "<th class=\"n\">{head}</th>")?,
            None => write!(page, "<th>{head}</th>")?,
        }
    }
    page.push_str("</tr></thead><tbody>");
    let mut is_empty = true;
    for row in rows {
        is_empty = false;
        page.push_str("<tr>");
        page.extend(row);
        page.push_str("</tr>");
    }
    page.push_str(if is_empty {
        "<tr><td class=\"dim\">none</td></tr></tbody></table></div>"
    } else {
        "</tbody></table></div>"
    });
    Ok(())
}

fn function(module: &str, name: &str) -> String {
    format!("<td><code><span class=\"dim\">{}::</span>{}</code></td>", Escaped(module), Escaped(name))
}

fn text(text: impl Display) -> String {
    format!("<td>{}</td>", Escaped(text))
}

fn number(number: impl Display) -> String {
    format!("<td class=\"n\">{}</td>", Escaped(number))
}

fn code(text: impl Display) -> String {
    format!("<td><code>{}</code></td>", Escaped(text))
}

fn values(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(" ")
}

fn seconds(duration: Duration) -> String {
    format!("{:.1}s", duration.as_secs_f64())
}
