//! The page as HTML: plain, without scripts, for a screen of any width, by day and by night.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::escape::Escaped;
use super::table::{Cell, Row, table};
use super::view::View;
use super::words::{About, Clock, Grouped};
use crate::context::Primitive;
use crate::line::on_one_line;
use crate::now::now;
use crate::outcome::OutcomeKind;
use crate::roster::{Tally, TaskInfo, TaskState, shown};
use crate::supervisor::Mishap;

/// How often the page refreshes itself, in seconds.
const REFRESH: u32 = 5;

const STYLE: &str = include_str!("style.css");

/// Writes the page.
pub(super) fn page(view: &View) -> String {
    let (state, is) = if view.is_draining { ("bad", "draining") } else { ("good", "serving") };
    let clock = Clock(SystemTime::now());
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"refresh\" content=\"{REFRESH}\"><title>Background tasks</title><style>{STYLE}</style></head>\
         <body><header><h1>Background tasks</h1><span id=\"state\" class=\"badge {state}\">{is}</span>\
         <small>as of {clock}, anew every {REFRESH} s</small></header>"
    );
    page += &tiles(&view.counts.sum);
    page +=
        &section("By function", "", &table("functions", &FUNCTION_HEADS, functions(view), "Nothing was called yet."));
    let kept = "the last hundred since this page was set up";
    let nothing = "Nothing has gone wrong since this page was set up.";
    page += &section("What went wrong last", kept, &table("mishaps", &MISHAP_HEADS, mishaps(&view.mishaps), nothing));
    page += &section(
        "Live, one by one",
        &listed(view),
        &table("tasks", &TASK_HEADS, tasks(&view.tasks), "Nothing runs now."),
    );
    page.push_str("</body></html>");
    page
}

fn section(title: &str, remark: &str, content: &str) -> String {
    format!("<section><h2>{title} <small>{remark}</small></h2>{content}</section>")
}

/// What of the live tasks is listed.
fn listed(view: &View) -> String {
    let (total, listed) = (view.total(), view.tasks.len());
    if total > listed { format!("the oldest {listed} of {}", Grouped(total as u64)) } else { String::new() }
}

/// The state of everything in one row.
fn tiles(sum: &Tally) -> String {
    let mut tiles = "<ul class=\"tiles\" id=\"summary\">".to_owned();
    let mut tile = |number: u64, what: &str, class: &str| {
        let class = if number == 0 { "" } else { class };
        // Writing to a text does not fail.
        let _ = write!(tiles, "<li class=\"{class}\"><b>{}</b>{what}</li>", Grouped(number));
    };
    tile(sum.running, "running", "");
    tile(sum.waiting, "waiting", "");
    for kind in OutcomeKind::ALL {
        tile(sum.of(kind), &words(kind), class_of(kind));
    }
    tiles.push_str("</ul>");
    tiles
}

fn words(kind: OutcomeKind) -> String {
    kind.name().replace('_', " ")
}

/// How bad an outcome is.
fn class_of(kind: OutcomeKind) -> &'static str {
    match kind {
        OutcomeKind::Completed | OutcomeKind::Cancelled => "",
        OutcomeKind::TimedOut => "late",
        OutcomeKind::Failed | OutcomeKind::Panicked | OutcomeKind::Rejected => "bad",
    }
}

const FUNCTION_HEADS: [&str; 11] = [
    "function",
    "#waiting",
    "#running",
    "#stopping",
    "#oldest",
    "#completed",
    "#failed",
    "#timed out",
    "#panicked",
    "#cancelled",
    "#rejected",
];

/// The functions that were called, and the sum.
fn functions(view: &View) -> Vec<Row> {
    let mut live: BTreeMap<_, Live> = BTreeMap::new();
    for of in &view.live {
        let live = live.entry((of.module, of.name)).or_default();
        *live.of_mut(of.state) += of.tasks as u64;
        live.oldest = live.oldest.max(Some(of.oldest));
    }
    let counted = view.counts.functions.iter().map(|counts| {
        let live = live.remove(&(counts.module, counts.name)).unwrap_or_default();
        (function(counts.module, counts.name), live, counts.tally)
    });
    let rows: Vec<(Cell, Live, Tally)> = counted.collect();
    let mut all = Live::default();
    for (_, live, _) in &rows {
        all.add(live);
    }
    let sum = (rows.len() > 1).then(|| (Cell::text("all").class("function"), all, view.counts.sum));
    let rows = rows.into_iter().map(|row| (row, false)).chain(sum.map(|sum| (sum, true)));
    rows.map(|((function, live, tally), is_sum)| {
        let mut cells = vec![function, count(live.waiting, ""), count(live.running, ""), count(live.stopping, "late")];
        cells.push(Cell::number(live.oldest.map_or_else(String::new, |oldest| About(oldest).to_string())));
        cells.extend(OutcomeKind::ALL.map(|kind| count(tally.of(kind), class_of(kind))));
        Row { cells, is_sum }
    })
    .collect()
}

/// The live tasks of one function.
#[derive(Default)]
struct Live {
    waiting: u64,
    running: u64,
    stopping: u64,
    oldest: Option<Duration>,
}

impl Live {
    fn of_mut(&mut self, state: TaskState) -> &mut u64 {
        match state {
            TaskState::Waiting => &mut self.waiting,
            TaskState::Running => &mut self.running,
            TaskState::Stopping => &mut self.stopping,
        }
    }

    fn add(&mut self, other: &Self) {
        self.waiting += other.waiting;
        self.running += other.running;
        self.stopping += other.stopping;
        self.oldest = self.oldest.max(other.oldest);
    }
}

fn count(number: u64, class: &str) -> Cell {
    Cell::number(Grouped(number)).class(if number == 0 { "zero" } else { class })
}

const MISHAP_HEADS: [&str; 7] = ["#ago", "outcome", "function", "error", "values", "called at", "#task"];

fn mishaps(mishaps: &[Arc<Mishap>]) -> Vec<Row> {
    let now = now();
    let cells = |mishap: &Mishap| {
        let what = mishap.message.trim_start_matches("task ");
        let class = match mishap.kind {
            OutcomeKind::Completed | OutcomeKind::Cancelled => "late",
            kind => class_of(kind),
        };
        vec![
            Cell::number(About(now.saturating_duration_since(mishap.at))),
            Cell::badge(what, class).class("pair"),
            function(mishap.module, mishap.name),
            Cell::long_text(&mishap.error).class("error"),
            values(mishap.values.iter().map(|(name, value)| (*name, value.clone()))),
            Cell::code(mishap.caller).class("caller"),
            Cell::number(mishap.id).class("id"),
        ]
    };
    mishaps.iter().map(|mishap| Row::of(cells(mishap.as_ref()))).collect()
}

const TASK_HEADS: [&str; 7] = ["#age", "#time left", "state", "function", "values", "called at", "#task"];

fn tasks(tasks: &[TaskInfo]) -> Vec<Row> {
    let cells = |task: &TaskInfo| {
        let class = if task.state() == TaskState::Stopping { "late" } else { "" };
        vec![
            Cell::number(About(task.age())),
            left(task),
            Cell::badge(task.state().name(), class),
            function(task.module(), task.name()),
            values(shown(&task.values).map(|value| (value.name(), Primitive::shown(value)))),
            Cell::code(task.caller()).class("caller"),
            Cell::number(task.id()).class("id"),
        ]
    };
    tasks.iter().map(|task| Row::of(cells(task))).collect()
}

/// The time that a task has left, and how much that is of its bound.
fn left(task: &TaskInfo) -> Cell {
    let (Some(left), Some(bound)) = (task.remaining, task.timeout) else { return Cell::number("") };
    let percent = 100.0 * left.as_secs_f64() / bound.as_secs_f64().max(f64::EPSILON);
    Cell::number(About(left)).with(&format!("<span class=\"left\"><i style=\"width:{percent:.0}%\"></i></span>"))
}

fn function(module: &str, name: &str) -> Cell {
    let (module, name) = (on_one_line(module), on_one_line(name));
    let name = format!("<code><span class=\"dim\">{}::</span>{}</code>", Escaped(module), Escaped(name));
    Cell::default().with(&name).class("function")
}

fn values<'a>(values: impl Iterator<Item = (&'a str, Primitive<'a>)>) -> Cell {
    let value = |(name, value): (&str, Primitive<'_>)| {
        format!("<code><span class=\"dim\">{}=</span>{}</code> ", Escaped(on_one_line(name)), Escaped(value))
    };
    Cell::default().with(&values.map(value).collect::<String>()).class("values")
}
