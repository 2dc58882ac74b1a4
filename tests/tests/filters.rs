//! What is seen of each outcome under the filters that services use, and that it names user and function.

use std::future::pending;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use detached::{Cause, Context, Key, Supervisor, Task, background};
use detached_tests::recording::{RecordedEvent, Recording};
use tokio::runtime::Builder;
use tokio::time::sleep;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;

static USER_ID: Key<u64> = Key::new("user_id");
static TENANT: Key<&str> = Key::new("tenant");
static CLIENT: Key<IpAddr> = Key::new("client").display();

/// How a task is to end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Complete,
    CompleteLate,
    Fail,
    TimeOut,
    Panic,
    Cancel,
    Drain,
    StopRuntime,
    Reject,
    Resident,
}

impl End {
    async fn come(self) -> Result<(), &'static str> {
        match self {
            Self::Complete => Ok(()),
            Self::CompleteLate => {
                Context::current().cancelled().await;
                Ok(())
            }
            Self::Fail => Err("no"),
            Self::Panic => panic!("no"),
            _ => pending().await,
        }
    }
}

type Called = Task<Result<(), &'static str>>;

/// A function's module, its name, and a call.
type Function = (&'static str, &'static str, fn(End) -> Called);

mod audit {
    use super::{End, USER_ID};
    use detached::background;

    #[background(timeout = "5s", grace = "1s", inherit = [USER_ID])]
    pub(crate) async fn write_row(end: End) -> Result<(), &'static str> {
        end.come().await
    }

    #[background(timeout = "none", shutdown = "cancel", inherit = [USER_ID])]
    pub(crate) async fn watch(end: End) -> Result<(), &'static str> {
        end.come().await
    }
}

mod billing {
    use super::{End, USER_ID};
    use detached::background;

    #[background(timeout = "5s", grace = "1s", inherit = [USER_ID])]
    pub(crate) async fn charge(end: End) -> Result<(), &'static str> {
        end.come().await
    }

    #[background(timeout = "none", shutdown = "cancel", inherit = [USER_ID])]
    pub(crate) async fn poll_bank(end: End) -> Result<(), &'static str> {
        end.come().await
    }
}

/// Without the attribute, in the module that it names.
fn built(end: End) -> Called {
    let task = detached::task("built").target("filters::audit").inherit(&USER_ID);
    let task = if end == End::Resident { task.cancel_at_shutdown() } else { task };
    task.timeout(Duration::from_secs(5)).grace(Duration::from_secs(1)).spawn(end.come())
}

/// Makes the call under the filter, lets it come to its end, and gives the events of outcomes.
async fn seen(filter: &str, end: End, user: u64, call: impl FnOnce(End) -> Called) -> Vec<RecordedEvent> {
    let recording = Recording::new();
    let _set = tracing::subscriber::set_default(recording.clone().with(EnvFilter::new(filter)));
    // Stopped before the task's first poll, for nobody drives it; in that it is like any other.
    let other = (end == End::StopRuntime).then(|| Builder::new_current_thread().enable_all().build().unwrap());
    let supervisor =
        other.iter().fold(Supervisor::builder(), |supervisor, runtime| supervisor.runtime(runtime.handle().clone()));
    let supervisor = supervisor.build();
    if end == End::Reject {
        supervisor.drain(Duration::ZERO).await;
    }
    let task = supervisor.in_scope(|| Context::new().with(USER_ID, user).in_scope(|| call(end)));
    sleep(Duration::from_secs(1)).await;
    if end == End::Cancel {
        task.cancel(Cause::Completed);
    }
    if let End::Drain | End::Resident = end {
        supervisor.drain(Duration::ZERO).await;
    }
    if let Some(other) = other {
        other.shutdown_background();
    }
    let _ = task.await;
    recording.events().into_iter().filter(|event| event.field("outcome").is_some()).collect()
}

#[tokio::test(start_paused = true)]
async fn each_outcome_under_each_filter() {
    const FILTERS: [&str; 5] = ["filters=info", "filters::audit=warn", "detached=debug", "warn", "filters=debug"];
    let table: [(End, &str, [bool; 5]); 10] = [
        // outcome, message, and whether it is seen with: my_app=info, my_app::audit=warn, detached=debug, warn, my_app=debug
        (End::Complete, "task completed", [false, false, false, false, true]),
        (End::CompleteLate, "task completed late", [true, true, false, true, true]),
        (End::Fail, "task failed", [true, true, false, true, true]),
        (End::TimeOut, "task timed out", [true, true, false, true, true]),
        (End::Panic, "task panicked", [true, true, false, true, true]),
        (End::Cancel, "task cancelled", [true, false, false, false, true]),
        (End::Drain, "task cancelled", [true, true, false, true, true]),
        (End::StopRuntime, "task cancelled", [true, true, false, true, true]),
        (End::Reject, "task rejected", [true, true, false, true, true]),
        (End::Resident, "task cancelled", [true, false, false, false, true]),
    ];
    for (end, message, are_seen) in table {
        let resident = end == End::Resident;
        let functions: [Function; 3] = [
            if resident { ("audit", "watch", audit::watch) } else { ("audit", "write_row", audit::write_row) },
            if resident {
                ("billing", "poll_bank", billing::poll_bank)
            } else {
                ("billing", "charge", billing::charge)
            },
            ("audit", "built", built),
        ];
        for (filter, is_seen) in FILTERS.into_iter().zip(are_seen) {
            for (module, name, call) in functions {
                let is_seen = is_seen && (filter != "filters::audit=warn" || module == "audit");
                let events = seen(filter, end, 7, call).await;
                assert_eq!(events.len(), usize::from(is_seen), "{end:?} of {name} under {filter}: {events:#?}");
                for event in events {
                    assert_eq!((event.message(), &*event.target), (message, &*format!("filters::{module}")));
                    assert_eq!((event.field("task"), event.field("user_id")), (Some(name), Some("7")));
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_target_the_builders_is_detached() {
    let call = |end: End| detached::task("plain").inherit(&USER_ID).no_timeout().spawn(end.come());
    for (filter, is_seen) in [("detached=info", true), ("filters=info", false)] {
        let events = seen(filter, End::Fail, 7, call).await;
        assert_eq!(events.len(), usize::from(is_seen), "{filter}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_recipes_of_the_guide() {
    /// Whether they are seen: a completed and a failed task of audit, and a completed one of billing.
    async fn recipe(filter: &str, user: u64) -> [bool; 3] {
        [
            seen(filter, End::Complete, user, audit::write_row).await.len() == 1,
            seen(filter, End::Fail, user, audit::write_row).await.len() == 1,
            seen(filter, End::Complete, user, billing::charge).await.len() == 1,
        ]
    }
    for (filter, user, seen) in [
        ("filters=debug", 7, [true, true, true]),
        ("filters[{task}]=debug", 7, [true, true, true]),
        ("warn,filters::audit=debug", 7, [true, true, false]),
        ("info,[{user_id=7}]=debug", 7, [true, true, true]),
        ("info,[{user_id=7}]=debug", 8, [false, true, false]),
        ("info,[charge{user_id=7}]=debug", 7, [false, true, true]),
    ] {
        assert_eq!(recipe(filter, user).await, seen, "{filter} for user {user}");
    }
}

#[background(timeout = "5s")]
async fn talk() {
    tracing::info!("hello");
}

#[tokio::test]
async fn outcomes_only_are_nothing_else() {
    for (filter, seen) in
        [("filters[{task}]=debug", &["task completed"][..]), ("filters=debug", &["hello", "task completed"])]
    {
        let recording = Recording::new();
        let _set = tracing::subscriber::set_default(recording.clone().with(EnvFilter::new(filter)));
        talk().await.unwrap();
        let events = recording.events();
        assert!(events.iter().map(RecordedEvent::message).eq(seen.iter().copied()), "{filter}: {events:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_is_no_number_is_compared_as_text() {
    #[background(timeout = "5s", inherit = [TENANT, CLIENT])]
    async fn serve() {}

    for (filter, is_seen) in [
        ("info,[{tenant=acme}]=debug", true),
        ("info,[{tenant=other}]=debug", false),
        ("info,[{client=127.0.0.1}]=debug", true),
        ("info,[{client=127.0.0.2}]=debug", false),
    ] {
        let recording = Recording::new();
        let _set = tracing::subscriber::set_default(recording.clone().with(EnvFilter::new(filter)));
        let request = Context::new().with(TENANT, "acme").with(CLIENT, Ipv4Addr::LOCALHOST.into());
        request.in_scope(serve).await.unwrap();
        assert_eq!(recording.outcomes("serve").len(), usize::from(is_seen), "{filter}");
    }
}
