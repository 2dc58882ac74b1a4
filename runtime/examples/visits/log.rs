//! The program's log, and a count of what it complains about.

use std::io::{self, IsTerminal};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::{Event, Level, Span, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

static COMPLAINTS: AtomicUsize = AtomicUsize::new(0);

/// Writes the log to standard error, for a person, as `RUST_LOG` selects; without it, from `info` up.
pub(crate) fn install() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().without_time().with_ansi(io::stderr().is_terminal()).with_writer(io::stderr);
    tracing_subscriber::registry().with(lines.with_filter(filter)).with(CountComplaints).init();
    std::panic::set_hook(Box::new(log_panic));
}

/// Instead of the standard library's lines on standard error. What panics in a task is one line already, its outcome.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let in_task = Span::current().metadata().is_some_and(|span| span.fields().field("task.id").is_some());
    if !in_task {
        tracing::error!("{panic}");
    }
}

/// How many warnings and errors there were so far: what an operator was told.
pub(crate) fn complaints() -> usize {
    COMPLAINTS.load(Ordering::Relaxed)
}

struct CountComplaints;

impl<S: Subscriber> Layer<S> for CountComplaints {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() <= Level::WARN {
            // Relaxed: a tally; whoever reads it has waited for the work by other means.
            COMPLAINTS.fetch_add(1, Ordering::Relaxed);
        }
    }
}
