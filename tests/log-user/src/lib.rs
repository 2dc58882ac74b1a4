//! A logger that keeps its lines, for the tests in `tests/`.

use std::sync::{Mutex, PoisonError};

use log::{Level, LevelFilter, Log, Metadata, Record};

/// A line: its level, its target, its text.
pub type Line = (Level, String, String);

struct Lines(Mutex<Vec<Line>>);

static LINES: Lines = Lines(Mutex::new(Vec::new()));

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = (record.level(), record.target().to_owned(), record.args().to_string());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn flush(&self) {}
}

/// Sets the logger of this process, once.
pub fn install() {
    // Another test of the process was first.
    let _ = log::set_logger(&LINES);
    log::set_max_level(LevelFilter::Trace);
}

/// The lines that tell an outcome of the task named `task`.
pub fn outcomes(task: &str) -> Vec<Line> {
    let lines = LINES.0.lock().unwrap_or_else(PoisonError::into_inner);
    let named = format!("task={task} ");
    lines.iter().filter(|(.., text)| text.contains(&named) && text.contains("outcome=")).cloned().collect()
}
