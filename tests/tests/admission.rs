//! Who may start, who waits, and who is turned away: each option, and each way in which a place becomes free.

use std::sync::Arc;
use std::time::Duration;

use detached::{Bounded, Overflow, Reason, Supervisor, Task, TaskBuilder, TaskError, TaskState};
use detached_tests::witness::Witness;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

const MOMENT: Duration = Duration::from_millis(1);
const BOUND: Duration = Duration::from_secs(10);

fn paused() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Ok,
    Error,
    Panic,
    Timeout,
    Cancel,
    Shutdown,
}

impl End {
    const ALL: [Self; 6] = [Self::Ok, Self::Error, Self::Panic, Self::Timeout, Self::Cancel, Self::Shutdown];

    fn outcome(self) -> &'static str {
        match self {
            Self::Ok => "completed",
            Self::Error => "failed",
            Self::Panic => "panicked",
            Self::Timeout => "timed_out",
            Self::Cancel | Self::Shutdown => "cancelled",
        }
    }
}

type Handle = Task<Result<(), &'static str>>;

/// One function with a limit, whose tasks end as they are told.
struct Case<'a> {
    witness: &'a Witness,
    limit: usize,
    overflow: Overflow,
    end: End,
    go: Arc<Notify>,
}

impl Case<'_> {
    fn call(&self, end: End) -> Handle {
        let go = Arc::clone(&self.go);
        self.witness.task("limited").limit(self.limit).overflow(self.overflow).queue(1).timeout(BOUND).spawn(
            async move {
                go.notified().await;
                match end {
                    End::Ok => Ok(()),
                    End::Error => Err("no"),
                    End::Panic => panic!("as the case asks"),
                    End::Timeout | End::Cancel | End::Shutdown => std::future::pending().await,
                }
            },
        )
    }

    /// Fills the limit. The first task ends as the case says; the others later, by themselves.
    async fn fill(&self) -> Vec<Handle> {
        let first = self.call(self.end);
        sleep(BOUND / 2).await;
        let mut tasks = vec![first];
        tasks.extend((1..self.limit).map(|_| self.call(End::Ok)));
        sleep(MOMENT).await;
        assert_eq!(self.witness.supervisor.counts().running, self.limit as u64);
        tasks
    }

    /// Calls beyond the limit; gives the task that waits, if the option lets one.
    async fn overflow(&self) -> Option<Handle> {
        let extra = self.call(End::Ok);
        if self.overflow == Overflow::Reject {
            assert!(extra.is_finished());
            assert_eq!(extra.await, Err(TaskError::Rejected(Reason::LimitReached)));
            return None;
        }
        let second = self.call(End::Ok);
        sleep(MOMENT).await;
        assert_eq!(self.witness.supervisor.counts().waiting, 1);
        let (lost, reason, waits) = match self.overflow {
            Overflow::Wait => (second, Reason::QueueFull, extra),
            _ => (extra, Reason::Displaced, second),
        };
        assert_eq!(lost.await, Err(TaskError::Rejected(reason)));
        Some(waits)
    }

    /// Ends the first task.
    async fn end(&self, first: &Handle) {
        match self.end {
            End::Cancel => first.cancel("as the case asks"),
            // It is half-way through its bound by now, and the others have just begun.
            End::Timeout => sleep(BOUND / 2).await,
            _ => self.go.notify_one(),
        }
        sleep(MOMENT).await;
        assert!(first.is_finished(), "the first one ended");
    }

    async fn run(&self) {
        let mut tasks = self.fill().await;
        let waiting = self.overflow().await;
        let first = tasks.remove(0);
        self.end(&first).await;
        assert_eq!(
            self.witness.recording.outcomes("limited").last().unwrap().field("outcome"),
            Some(self.end.outcome())
        );

        // The place is free for who waits, else for a new call; and for no more than one.
        let next = waiting.unwrap_or_else(|| self.call(End::Ok));
        sleep(MOMENT).await;
        let counts = self.witness.supervisor.counts();
        assert_eq!((counts.running, counts.waiting), (self.limit as u64, 0));

        self.go.notify_waiters();
        tasks.push(next);
        for task in tasks {
            assert_eq!(task.await, Ok(Ok(())));
        }
        self.all_places_are_free().await;
    }

    async fn all_places_are_free(&self) {
        let again: Vec<Handle> = (0..self.limit).map(|_| self.call(End::Ok)).collect();
        sleep(MOMENT).await;
        assert_eq!(self.witness.supervisor.counts().running, self.limit as u64);
        self.go.notify_waiters();
        for task in again {
            assert_eq!(task.await, Ok(Ok(())));
        }
        let counts = self.witness.check();
        assert_eq!(counts.live(), 0);
    }
}

#[test]
fn every_end_frees_the_place_under_every_limit_and_overflow() {
    for overflow in [Overflow::Reject, Overflow::Wait, Overflow::DropOldest] {
        for limit in [1, 2] {
            for end in End::ALL {
                eprintln!("limit = {limit}, overflow = {overflow:?}, ended by {end:?}");
                let witness = Witness::new();
                let case = Case { witness: &witness, limit, overflow, end, go: Arc::default() };
                if end == End::Shutdown {
                    shut_down(&case);
                } else {
                    paused().block_on(case.run());
                }
            }
        }
    }
}

/// All tasks of the runtime end with it, running or waiting.
fn shut_down(case: &Case<'_>) {
    let runtime = paused();
    let tasks = runtime.block_on(async {
        let mut tasks = case.fill().await;
        tasks.extend(case.overflow().await);
        tasks
    });
    drop(runtime);
    let counts = case.witness.check();
    assert_eq!((counts.live(), counts.cancelled), (0, tasks.len() as u64));
    paused().block_on(async {
        for task in tasks {
            assert_eq!(task.await, Err(TaskError::Cancelled(detached::Cause::RuntimeStopped)));
        }
        case.all_places_are_free().await;
    });
}

fn holding(task: TaskBuilder<Bounded>, go: &Arc<Notify>) -> Task<()> {
    let go = Arc::clone(go);
    task.spawn(async move { go.notified().await })
}

async fn never_started() {
    unreachable!("its turn never comes")
}

#[tokio::test(start_paused = true)]
async fn the_waiting_start_in_the_order_of_their_calls() {
    let witness = Witness::new();
    let (sender, mut started) = tokio::sync::mpsc::unbounded_channel();
    for number in 0..5 {
        let sender = sender.clone();
        let task = witness.task("in order").limit(1).overflow(Overflow::Wait).no_timeout();
        let _detached = task.spawn(async move {
            sender.send(number).unwrap();
            sleep(MOMENT).await;
        });
    }
    drop(sender);
    let mut order = Vec::new();
    while let Some(number) = started.recv().await {
        order.push(number);
    }
    assert_eq!(order, [0, 1, 2, 3, 4]);
    witness.supervisor.idle().await;
    assert_eq!(witness.check().completed, 5);
}

#[tokio::test(start_paused = true)]
async fn start_timeout_bounds_the_wait_to_the_millisecond_and_counts_from_the_call() {
    let witness = Witness::new();
    let limited = || witness.task("late").limit(1).overflow(Overflow::Wait).start_timeout(Duration::from_millis(1500));
    let go = Arc::default();
    let first = holding(limited().no_timeout(), &go);
    sleep(MOMENT).await;

    let called = Instant::now();
    let late = limited().no_timeout().spawn(never_started());
    assert_eq!(late.await, Err(TaskError::Rejected(Reason::StartTimedOut)));
    assert_eq!(called.elapsed(), Duration::from_millis(1500));

    // One that gets its turn in time is not bounded by it any more.
    let in_time = limited().no_timeout().spawn(sleep(Duration::from_secs(60)));
    sleep(Duration::from_millis(1499)).await;
    go.notify_one();
    assert_eq!(first.await, Ok(()));
    assert_eq!(in_time.await, Ok(()));
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn the_timeout_counts_from_the_start_and_not_from_the_call() {
    let witness = Witness::new();
    let limited = || witness.task("bounded").limit(1).overflow(Overflow::Wait).timeout(BOUND);
    let first = limited().spawn(sleep(Duration::from_secs(9)));
    let second = limited().spawn(std::future::pending::<()>());
    assert_eq!(first.await, Ok(()));
    let started = Instant::now();
    assert_eq!(second.await, Err(TaskError::TimedOut));
    assert_eq!(started.elapsed(), BOUND);
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn a_waiting_task_is_listed_and_can_be_cancelled_and_its_body_is_never_started() {
    let witness = Witness::new();
    let limited = || witness.task("listed").limit(1).overflow(Overflow::Wait).no_timeout();
    let go = Arc::default();
    let first = holding(limited(), &go);
    let second = limited().spawn(never_started());
    let third = holding(limited(), &go);
    sleep(MOMENT).await;
    let states: Vec<_> = witness.supervisor.tasks().iter().map(|task| (task.id(), task.state())).collect();
    for (id, state) in
        [(first.id(), TaskState::Running), (second.id(), TaskState::Waiting), (third.id(), TaskState::Waiting)]
    {
        assert!(states.contains(&(id, state)), "{id} is {state:?} in {states:?}");
    }

    second.cancel("not wanted");
    assert_eq!(second.await, Err(TaskError::Cancelled("not wanted".into())));
    go.notify_one();
    assert_eq!(first.await, Ok(()));
    sleep(MOMENT).await;
    go.notify_one();
    assert_eq!(third.await, Ok(()));
    assert_eq!(witness.check().live(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_cancelled_between_its_turn_and_its_start_hands_the_turn_on() {
    let witness = Witness::new();
    let limited = || witness.task("handed on").limit(1).overflow(Overflow::Wait).no_timeout();
    let go: Arc<Notify> = Arc::default();
    let first = holding(limited(), &go);
    let second = limited().spawn(never_started());
    let third = limited().spawn(async {});
    let canceller = tokio::spawn({
        let go = Arc::clone(&go);
        async move {
            go.notified().await;
            second.cancel("not wanted");
            second.await
        }
    });
    sleep(MOMENT).await;
    // Woken in this order: the first, which ends and gives its turn to the second; the canceller; the second.
    go.notify_waiters();
    assert_eq!(first.await, Ok(()));
    assert_eq!(canceller.await.unwrap(), Err(TaskError::Cancelled("not wanted".into())));
    assert_eq!(third.await, Ok(()));
    assert_eq!(witness.check().live(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_zero_rejects_whatever_the_overflow() {
    let witness = Witness::new();
    for overflow in [Overflow::Reject, Overflow::Wait, Overflow::DropOldest] {
        let task = witness.task("none").limit(0).overflow(overflow).no_timeout().spawn(async {});
        assert_eq!(task.await, Err(TaskError::Rejected(Reason::LimitReached)));
    }
    assert_eq!(witness.check().rejected, 3);
}

#[tokio::test(start_paused = true)]
async fn a_queue_of_zero_lets_nobody_wait() {
    let witness = Witness::new();
    for overflow in [Overflow::Wait, Overflow::DropOldest] {
        let limited = || witness.task("no queue").limit(1).overflow(overflow).queue(0).no_timeout();
        let go = Arc::default();
        let first = holding(limited(), &go);
        assert_eq!(holding(limited(), &go).await, Err(TaskError::Rejected(Reason::QueueFull)));
        sleep(MOMENT).await;
        go.notify_one();
        assert_eq!(first.await, Ok(()));
    }
    witness.check();
}

#[tokio::test(start_paused = true)]
async fn max_tasks_bounds_the_live_ones_waiting_included() {
    let witness = Witness::of(Supervisor::builder().max_tasks(2));
    let limited = || witness.task("limited").limit(1).overflow(Overflow::Wait).no_timeout();
    let go = Arc::default();
    let first = holding(limited(), &go);
    let waiting = holding(limited(), &go);
    let other = || witness.task("other").no_timeout().spawn(async {});
    assert_eq!(other().await, Err(TaskError::Rejected(Reason::SupervisorFull)));
    sleep(MOMENT).await;
    go.notify_one();
    assert_eq!(first.await, Ok(()));
    assert_eq!(other().await, Ok(()));
    sleep(MOMENT).await;
    go.notify_one();
    assert_eq!(waiting.await, Ok(()));
    assert_eq!(witness.check().rejected, 1);
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_the_functions_own_in_each_supervisor() {
    let (one, other) = (Supervisor::new(), Supervisor::new());
    let go: Arc<Notify> = Arc::default();
    let call =
        |supervisor: &Supervisor| holding(detached::task("shared").supervisor(supervisor).limit(1).no_timeout(), &go);
    let tasks = [call(&one), call(&other)];
    assert_eq!(call(&one).await, Err(TaskError::Rejected(Reason::LimitReached)));
    assert_eq!(call(&other).await, Err(TaskError::Rejected(Reason::LimitReached)));
    sleep(MOMENT).await;
    go.notify_waiters();
    for task in tasks {
        assert_eq!(task.await, Ok(()));
    }
}

/// Threads that call at a limit of one, with short tasks, so that turns come while others arrive: none is missed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_turn_is_missed_by_tasks_that_arrive_as_it_comes() {
    let supervisor = Supervisor::new();
    for _ in 0..200 {
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let supervisor = supervisor.clone();
                tokio::spawn(async move {
                    for _ in 0..10 {
                        let task = detached::task("turns").supervisor(&supervisor).limit(1).overflow(Overflow::Wait);
                        let _detached = task.no_timeout().spawn(async {});
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
        // Far longer than it takes: who missed a turn would wait for ever.
        tokio::time::timeout(Duration::from_secs(60), supervisor.idle()).await.expect("every task had its turn");
    }
    assert_eq!(supervisor.counts().completed, 200 * 40);
}
