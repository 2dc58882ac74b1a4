//! A logger that panics is no reason to tell the observers less, nor to run a body or its caller otherwise.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use detached::{Observer, Outcome, OutcomeKind, Supervisor, TaskInfo};
use log::{LevelFilter, Log, Metadata, Record};

/// Keeps each line, then panics.
struct Panics(Mutex<Vec<String>>);

static LOGGER: Panics = Panics(Mutex::new(Vec::new()));

impl Log for Panics {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        self.0.lock().unwrap().push(record.args().to_string());
        panic!("disk full");
    }

    fn flush(&self) {}
}

type Heard = Arc<Mutex<Vec<&'static str>>>;

/// Writes down what it hears; then panics, if it is told to.
struct Listener(Heard, bool);

impl Listener {
    fn hear(&self, what: &'static str) {
        self.0.lock().unwrap().push(what);
        assert!(!self.1, "on top of it");
    }
}

impl Observer for Listener {
    fn on_call(&self, _: &TaskInfo) {
        self.hear("call");
    }

    fn on_start(&self, _: &TaskInfo) {
        self.hear("start");
    }

    fn on_end(&self, _: &TaskInfo, outcome: &Outcome<'_>) {
        self.hear(outcome.name());
    }
}

/// What a body does, and two observers hear of it.
async fn heard(kind: OutcomeKind, first_panics: bool) -> [Vec<&'static str>; 3] {
    let heard = [Heard::default(), Heard::default(), Heard::default()];
    let [body, first, second] = heard.clone();
    let supervisor =
        Supervisor::builder().observer(Listener(first, first_panics)).observer(Listener(second, false)).build();
    let bound = if kind == OutcomeKind::Rejected { Duration::ZERO } else { Duration::from_secs(5) };
    let task = detached::task("logged").supervisor(&supervisor).timeout(bound).spawn(async move {
        body.lock().unwrap().push("body");
        match kind {
            OutcomeKind::Completed => Ok(()),
            OutcomeKind::Failed => Err("no"),
            OutcomeKind::Panicked => panic!("no"),
            _ => std::future::pending().await,
        }
    });
    if kind == OutcomeKind::Cancelled {
        tokio::task::yield_now().await;
        task.cancel("test");
    }
    let _ = task.await;
    heard.map(|heard| heard.lock().unwrap().clone())
}

#[tokio::test(start_paused = true)]
async fn all_observers_hear_of_all_and_the_body_runs() {
    log::set_logger(&LOGGER).unwrap();
    log::set_max_level(LevelFilter::Trace);
    for first_panics in [false, true] {
        for kind in OutcomeKind::ALL {
            let (told, body): (&[_], &[_]) = match kind {
                OutcomeKind::Rejected => (&["call", "rejected"], &[]),
                _ => (&["call", "start", kind.name()], &["body"]),
            };
            assert_eq!(heard(kind, first_panics).await, [body, told, told], "{kind:?}");
        }
    }
    let lines = LOGGER.0.lock().unwrap();
    let outcomes = lines.iter().filter(|line| line.contains(" outcome="));
    assert_eq!(outcomes.count(), 2 * OutcomeKind::ALL.len(), "{lines:#?}");
    let panics = lines.iter().filter(|line| line.starts_with("an observer panicked"));
    assert_eq!(panics.count(), 3 * OutcomeKind::ALL.len() - 1, "{lines:#?}");
}
