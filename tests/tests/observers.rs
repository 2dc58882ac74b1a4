//! Observers: whom they are told of, when, and where.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use detached::{Context, Observer, Outcome, Supervisor, TaskError, TaskInfo, TaskState};
use detached_tests::recording::Recording;

const SECOND: Duration = Duration::from_secs(1);

type Log = Arc<Mutex<Vec<String>>>;

fn lines(log: &Log) -> Vec<String> {
    log.lock().unwrap().clone()
}

/// Writes down what it sees, under its own name.
struct Notes(&'static str, Log);

impl Notes {
    fn note(&self, text: &str) {
        let user = Context::current().get::<u64>("user_id").ok();
        let span = tracing::Span::current().metadata().map(tracing::Metadata::name);
        self.1.lock().unwrap().push(format!("{}: {text} for {user:?} in {span:?}", self.0));
    }
}

impl Observer for Notes {
    fn on_start(&self, task: &TaskInfo) {
        self.note(&format!("{} starts", task.name()));
    }

    fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        self.note(&format!("{} {outcome:?}", task.name()));
    }
}

#[tokio::test(start_paused = true)]
async fn all_are_told_in_order_with_the_tasks_context_and_span_in_place() {
    let recording = Recording::new();
    let _subscriber = recording.set_default();
    let log = Log::default();
    let notes = |name| Notes(name, Arc::clone(&log));
    let supervisor = Supervisor::builder().observer(notes("first")).observer(notes("second")).build();
    let request = Context::new().with("user_id", 7_u64);
    let called = |name| detached::task(name).supervisor(&supervisor).context(&request).inherit(&"user_id");

    let body = Arc::clone(&log);
    let task = called("writes").timeout(SECOND).spawn(async move {
        body.lock().unwrap().push("the body".to_owned());
        Err::<(), _>("disk full")
    });
    task.await.unwrap().unwrap_err();
    let task = called("waits").timeout(SECOND).spawn(std::future::pending::<()>());
    task.await.unwrap_err();
    assert_eq!(
        lines(&log),
        [
            "first: writes starts for Some(7) in Some(\"writes\")",
            "second: writes starts for Some(7) in Some(\"writes\")",
            "the body",
            "first: writes Failed(Failure(disk full)) for Some(7) in Some(\"writes\")",
            "second: writes Failed(Failure(disk full)) for Some(7) in Some(\"writes\")",
            "first: waits starts for Some(7) in Some(\"waits\")",
            "second: waits starts for Some(7) in Some(\"waits\")",
            "first: waits TimedOut for Some(7) in Some(\"waits\")",
            "second: waits TimedOut for Some(7) in Some(\"waits\")",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn of_a_call_that_is_rejected_they_are_told_in_the_caller() {
    let log = Log::default();
    let supervisor = Supervisor::builder().observer(Notes("only", Arc::clone(&log))).build();
    let request = Context::new().with("user_id", 7_u64);
    let task = request
        .scope(async {
            detached::task("rejected").supervisor(&supervisor).inherit(&"tenant").no_timeout().spawn(async {})
        })
        .await;
    assert!(matches!(task.await, Err(TaskError::Rejected(_))));
    assert_eq!(lines(&log), ["only: rejected Rejected(MissingValue { name: \"tenant\" }) for Some(7) in None"]);
}

struct Panics;

impl Observer for Panics {
    fn on_start(&self, _: &TaskInfo) {
        panic!("at the start");
    }

    fn on_end(&self, _: &TaskInfo, _: &Outcome<'_>) {
        panic!("at the end");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_one_is_contained_and_reported_once_and_the_next_is_told() {
    let recording = Recording::new();
    let _subscriber = recording.set_default();
    let log = Log::default();
    let supervisor = Supervisor::builder().observer(Panics).observer(Notes("next", Arc::clone(&log))).build();
    let called = || detached::task("observed").supervisor(&supervisor).trace(detached::Trace::None);
    assert_eq!(called().timeout(SECOND).spawn(async {}).await, Ok(()));
    assert!(called().timeout(Duration::ZERO).spawn(async {}).await.is_err());

    let reports: Vec<_> =
        recording.events().into_iter().filter(|event| event.message() == "an observer panicked").collect();
    let errors: Vec<_> =
        reports.iter().map(|event| event.field("error").unwrap().split(" at t").next().unwrap()).collect();
    assert_eq!(errors, ["at the start", "at the end", "at the end"]);
    assert!(
        reports.iter().all(|event| event.level == tracing::Level::ERROR && event.field("task") == Some("observed"))
    );
    assert_eq!(lines(&log).len(), 3);
    assert_eq!(recording.outcomes("observed").len(), 2);
    let counts = supervisor.counts();
    assert_eq!((counts.completed, counts.rejected, counts.live()), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_they_are_told_of_a_task_is_what_it_was() {
    struct Keeps(Arc<Mutex<Vec<TaskInfo>>>);
    impl Observer for Keeps {
        fn on_end(&self, task: &TaskInfo, _: &Outcome<'_>) {
            self.0.lock().unwrap().push(task.clone());
        }
    }
    let kept = Arc::new(Mutex::new(Vec::<TaskInfo>::new()));
    let supervisor = Supervisor::builder().observer(Keeps(Arc::clone(&kept))).build();
    let request = Context::new().with("user_id", 7_u64).with_sensitive("token", "s3cret".to_owned());
    let line = line!() + 1;
    let task = detached::task("kept").supervisor(&supervisor).context(&request).inherit(&"user_id").inherit(&"token");
    let task = task.timeout(5 * SECOND).spawn(tokio::time::sleep(2 * SECOND));
    let id = task.id();
    assert_eq!(task.await, Ok(()));

    let told = kept.lock().unwrap()[0].clone();
    assert_eq!((told.id(), told.name(), told.module()), (id, "kept", "detached"));
    assert_eq!((told.caller().file(), told.caller().line()), (file!(), line));
    assert_eq!((told.state(), told.age(), told.waited()), (TaskState::Running, 2 * SECOND, Duration::ZERO));
    assert_eq!((told.elapsed(), told.deadline().is_some()), (Some(2 * SECOND), true));
    let values: Vec<_> = told.values().map(|(name, value)| format!("{name}={value:?}")).collect();
    assert_eq!(values, ["user_id=7"]);
    assert_eq!(
        told.to_string(),
        format!("kept (task {id}), running for 2s, called at {}:{line}:16, user_id: 7", file!())
    );
    assert!(!format!("{told:?}").contains("s3cret"));
}
