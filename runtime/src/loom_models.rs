//! The hand-overs between threads, in every order that can happen: admission against drain and idle; a task's end
//! against its cancellation and its deadline; a turn at a limit against all three; and the timer against who sets alarms.
//!
//! A thread that misses its wake waits for ever, which loom reports as a deadlock.
//!
//! Run with `RUSTFLAGS="--cfg detached_loom" cargo test -p detached --lib --release loom`.

use std::sync::Arc;
use std::task::{Wake, Waker};

use loom::thread;

use crate::context::{Cause, TaskKey};
use crate::function::{Function, Options, Overflow, Site};
use crate::now::now;
use crate::outcome::{Outcome, Reason};
use crate::roster::{Entered, Grace, Phase, Refused, Removed, Roster, Stop, Ticks, Timer, Verdict};
use crate::supervisor::{Limiter, Place, Turn};
use crate::sync::{AtomicUsize, Notify, Ordering};

const START: Ticks = Ticks(1);
const DEADLINE: Ticks = Ticks(5);
static SHUTDOWN: Cause = Cause::Shutdown;

static PLAIN: Function = Options::DEFAULT.of(site("plain"));
static WAITS: Function = Options::DEFAULT.limit(1).overflow(Overflow::Wait).of(site("waits"));
static DROPS: Function = Options::DEFAULT.limit(1).overflow(Overflow::DropOldest).queue(1).of(site("drops"));

const fn site(name: &'static str) -> Site {
    Site { name, module: "models", file: file!(), line: line!() }
}

/// All orders with at most three switches of thread that nothing forces: beyond that the number of orders explodes, and
/// a race that needs more is not known to us.
fn model(run: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(run);
}

fn insert_at(roster: &Roster, shard: usize, function: &'static Function) -> TaskKey {
    enter_at(roster, shard, function).expect("there is room").key
}

fn enter_at(roster: &Roster, shard: usize, function: &'static Function) -> Result<Entered, Refused> {
    roster.enter_at(shard, function, |entry| entry.timer = 0)
}

/// A roster with the timer of one runtime.
fn roster(shards: usize) -> (Arc<Roster>, Arc<Timer>) {
    roster_for(shards, 8)
}

fn roster_for(shards: usize, max_tasks: usize) -> (Arc<Roster>, Arc<Timer>) {
    let (roster, timer) = (Roster::new(shards, max_tasks), Timer::new());
    roster.add_timer(0, &timer);
    (Arc::new(roster), timer)
}

struct Wakes(Notify);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

/// A task as its frame runs it, up to its end.
struct Running {
    roster: Arc<Roster>,
    place: Option<Place>,
    key: TaskKey,
    wakes: Arc<Wakes>,
}

impl Running {
    fn new(roster: &Arc<Roster>, key: TaskKey) -> Self {
        let wakes = Arc::new(Wakes(Notify::new()));
        Self { roster: Arc::clone(roster), place: None, key, wakes }
    }

    /// A call at the limit. `None` when it is turned away.
    fn call(roster: &Arc<Roster>, limiter: &Arc<Limiter>, function: &'static Function) -> Option<Self> {
        let key = insert_at(roster, 0, function);
        let ticket = match limiter.arrive(key) {
            Turn::Now => {
                assert!(roster.grant(key, now()));
                None
            }
            Turn::Later { ticket, displaced } => {
                if let Some(oldest) = displaced {
                    roster.stop(oldest, Stop::Displaced);
                }
                Some(ticket)
            }
            Turn::Never(reason) => {
                assert_eq!(reason, Reason::LimitReached);
                assert!(roster.remove(key, &Outcome::Rejected(&reason), false, now).is_some());
                return None;
            }
        };
        let place = Place { limiter: Arc::clone(limiter), ticket };
        Some(Self { place: Some(place), ..Self::new(roster, key) })
    }

    fn waker(&self) -> Waker {
        Waker::from(Arc::clone(&self.wakes))
    }

    /// Waits for its turn, and says whether that came.
    fn has_turn(&self) -> bool {
        loop {
            match self.roster.await_turn(self.key, &self.waker(), None) {
                Verdict::Run => return true,
                Verdict::Stop(_) => return false,
                Verdict::Wait => self.wakes.0.wait(),
            }
        }
    }

    /// Runs a body that waits for ever, until it is stopped.
    fn until_stopped(&self) -> Stop {
        let mut verdict = self.roster.park(self.key, &self.waker(), now(), |_| DEADLINE, || START);
        loop {
            if let Verdict::Stop(stop) = verdict {
                return stop;
            }
            self.wakes.0.wait();
            verdict = self.roster.still_parked(self.key, || START);
        }
    }

    fn end(self, outcome: &Outcome<'_>) {
        let removed = self.roster.remove(self.key, outcome, false, now).expect("it ends once");
        if let (Some(place), Removed::Held(leftovers)) = (self.place, removed) {
            place.leave(leftovers.was_waiting, &self.roster, now());
        }
    }
}

/// Nothing is left, and each call has its one outcome.
fn assert_ended(roster: &Roster, calls: u64) {
    let counts = roster.counts();
    assert_eq!((counts.called, counts.ended(), counts.live()), (calls, calls, 0));
    assert_eq!(roster.marked(), 0);
}

/// A task ends, and leaves: at once where it is plain, else when what it held is dropped. `true` when someone is to hear it.
fn leave(roster: &Roster, key: TaskKey, function: &'static Function, is_plain: bool) -> bool {
    match roster.remove(key, &Outcome::Completed, is_plain, now).expect("it ends once") {
        Removed::Left { is_last, .. } => is_last,
        Removed::Held(_) => roster.leave(key, function),
    }
}

/// Who waits until nobody is inside.
struct Empty {
    told: Notify,
    /// How many have ended, before they leave.
    ended: AtomicUsize,
}

impl Empty {
    fn new() -> Arc<Self> {
        Arc::new(Self { told: Notify::new(), ended: AtomicUsize::new(0) })
    }

    fn leave(&self, roster: &Roster, key: TaskKey, function: &'static Function, is_plain: bool) {
        // Relaxed: to leave and to find the place empty is what orders it.
        self.ended.fetch_add(1, Ordering::Relaxed);
        if leave(roster, key, function, is_plain) {
            self.told.notify_one();
        }
    }

    fn wait(&self, roster: &Roster, but_residents: bool) {
        while !roster.await_empty(but_residents) {
            self.told.wait();
        }
    }

    fn ended(&self) -> usize {
        self.ended.load(Ordering::Relaxed)
    }
}

#[test]
fn loom_whoever_was_let_in_is_waited_for_and_nobody_comes_after() {
    model(|| {
        let ((roster, _timer), empty) = (roster(2), Empty::new());
        let entered = Arc::new(AtomicUsize::new(0));
        let call = |shard| {
            let (roster, empty, entered) = (Arc::clone(&roster), Arc::clone(&empty), Arc::clone(&entered));
            thread::spawn(move || match enter_at(&roster, shard, &PLAIN) {
                Err(refused) => assert_eq!(refused, Refused::Closed),
                Ok(Entered { key, .. }) => {
                    entered.fetch_add(1, Ordering::Relaxed);
                    empty.leave(&roster, key, &PLAIN, shard == 0);
                }
            })
        };
        let callers = [call(0), call(1)];
        roster.go_on_to(Phase::Closed);
        empty.wait(&roster, false);
        let ended = empty.ended();
        assert_eq!(enter_at(&roster, 0, &PLAIN).unwrap_err(), Refused::Closed);
        for caller in callers {
            caller.join().unwrap();
        }
        assert_eq!((ended, roster.inside()), (entered.load(Ordering::Relaxed), 0));
    });
}

/// A task calls one into the shard that was looked at first, and ends.
#[test]
fn loom_who_waits_until_idle_is_not_passed_by_from_shard_to_shard() {
    for is_plain in [true, false] {
        model(move || {
            let ((roster, _timer), empty) = (roster(2), Empty::new());
            let caller = insert_at(&roster, 1, &PLAIN);
            let tasks = thread::spawn({
                let (roster, empty) = (Arc::clone(&roster), Arc::clone(&empty));
                move || {
                    let called = insert_at(&roster, 0, &PLAIN);
                    empty.leave(&roster, caller, &PLAIN, is_plain);
                    empty.leave(&roster, called, &PLAIN, is_plain);
                }
            });
            empty.wait(&roster, true);
            assert_eq!(empty.ended(), 2);
            tasks.join().unwrap();
        });
    }
}

#[test]
fn loom_of_two_that_wait_until_idle_both_hear_it() {
    for is_plain in [true, false] {
        model(move || {
            let ((roster, _timer), first, second) = (roster(1), Empty::new(), Empty::new());
            let key = insert_at(&roster, 0, &PLAIN);
            let wait = thread::spawn({
                let (roster, second) = (Arc::clone(&roster), Arc::clone(&second));
                move || second.wait(&roster, false)
            });
            let task = thread::spawn({
                let (roster, first, second) = (Arc::clone(&roster), Arc::clone(&first), Arc::clone(&second));
                move || {
                    if leave(&roster, key, &PLAIN, is_plain) {
                        first.told.notify_one();
                        second.told.notify_one();
                    }
                }
            });
            first.wait(&roster, false);
            wait.join().unwrap();
            task.join().unwrap();
        });
    }
}

#[test]
fn loom_no_more_are_inside_than_there_is_room_for() {
    model(|| {
        let (roster, _timer) = roster_for(2, 1);
        let inside = Arc::new(AtomicUsize::new(0));
        let call = |shard| {
            let (roster, inside) = (Arc::clone(&roster), Arc::clone(&inside));
            move || {
                if let Ok(Entered { key, .. }) = enter_at(&roster, shard, &PLAIN) {
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                    inside.fetch_sub(1, Ordering::SeqCst);
                    assert!(!leave(&roster, key, &PLAIN, shard == 0), "nobody waits");
                }
            }
        };
        let other = thread::spawn(call(1));
        call(0)();
        other.join().unwrap();
        assert_eq!(roster.inside(), 0);
    });
}

/// While a call looks through the shards for a place, the only task leaves a shard that was looked at, and another enters
/// one that was not yet: no shard had a place when it was looked at, and there was one all the time.
#[test]
fn loom_nobody_is_turned_away_while_there_is_a_place_in_some_shard() {
    for is_plain in [true, false] {
        model(move || {
            let (roster, _timer) = roster_for(4, 2);
            let end = move |roster: &Roster, key| assert!(!leave(roster, key, &PLAIN, is_plain), "nobody waits");
            let first = insert_at(&roster, 0, &PLAIN);
            end(&roster, insert_at(&roster, 1, &PLAIN));
            let others = thread::spawn({
                let roster = Arc::clone(&roster);
                move || {
                    end(&roster, first);
                    insert_at(&roster, 1, &PLAIN);
                }
            });
            insert_at(&roster, 2, &PLAIN);
            others.join().unwrap();
            assert_eq!(roster.inside(), 2);
        });
    }
}

/// A call is turned away, which spares those after it the look, while the only task leaves.
#[test]
fn loom_who_comes_after_a_task_has_left_is_not_turned_away_by_an_older_look() {
    for is_plain in [true, false] {
        model(move || {
            let (roster, _timer) = roster_for(2, 1);
            let first = insert_at(&roster, 0, &PLAIN);
            let next = thread::spawn({
                let roster = Arc::clone(&roster);
                move || {
                    assert!(!leave(&roster, first, &PLAIN, is_plain), "nobody waits");
                    enter_at(&roster, 1, &PLAIN).is_ok()
                }
            });
            let others = [enter_at(&roster, 1, &PLAIN).is_ok(), enter_at(&roster, 1, &PLAIN).is_ok()];
            let is_in = next.join().unwrap();
            assert_eq!(others.into_iter().chain([is_in]).filter(|is_in| *is_in).count(), 1);
            assert_eq!(roster.inside(), 1);
        });
    }
}

#[test]
fn loom_a_call_that_races_the_drain_is_marked_by_one_of_the_two() {
    model(|| {
        let (roster, _timer) = roster(1);
        let caller = insert_at(&roster, 0, &PLAIN);
        let call = thread::spawn({
            let roster = Arc::clone(&roster);
            move || {
                let Entered { key, stops_at_once } = roster.enter_from(caller, &PLAIN, |_| ()).unwrap();
                if stops_at_once {
                    roster.stop(key, Stop::Shutdown);
                }
                key
            }
        });
        roster.go_on_to(Phase::Closed);
        roster.go_on_to(Phase::Stopping);
        roster.stop_all(&Stop::Shutdown, |_| true);
        let key = call.join().unwrap();
        assert_eq!(roster.with(key, |entry| entry.stop.is_some()), Some(true));
        assert_eq!(roster.marked(), 2);
    });
}

/// A task has handed its context to a thread, which calls while the task ends.
#[test]
fn loom_a_call_from_a_task_that_ends_is_waited_for_or_rejected() {
    model(|| {
        let ((roster, _timer), empty) = (roster(2), Empty::new());
        let caller = insert_at(&roster, 0, &PLAIN);
        roster.go_on_to(Phase::Closed);
        let task = thread::spawn({
            let (roster, empty) = (Arc::clone(&roster), Arc::clone(&empty));
            move || empty.leave(&roster, caller, &PLAIN, true)
        });
        let call = thread::spawn({
            let (roster, empty) = (Arc::clone(&roster), Arc::clone(&empty));
            move || match roster.enter_from(caller, &PLAIN, |_| ()) {
                Err(refused) => {
                    assert_eq!(refused, Refused::Closed);
                    0
                }
                Ok(Entered { key, .. }) => {
                    empty.leave(&roster, key, &PLAIN, false);
                    1
                }
            }
        });
        empty.wait(&roster, false);
        let ended = empty.ended();
        task.join().unwrap();
        assert_eq!(ended, 1 + call.join().unwrap());
    });
}

#[test]
fn loom_idle_waits_for_all_but_residents_and_empty_for_them_too() {
    static RESIDENT: Function = Options::DEFAULT.cancel_at_shutdown().of(site("resident"));
    model(|| {
        let ((roster, _timer), empty) = (roster(1), Empty::new());
        let ended = Arc::new(AtomicUsize::new(0));
        let task = |function, mark| {
            let key = insert_at(&roster, 0, function);
            let (roster, empty, ended) = (Arc::clone(&roster), Arc::clone(&empty), Arc::clone(&ended));
            thread::spawn(move || {
                ended.fetch_add(mark, Ordering::Relaxed);
                empty.leave(&roster, key, function, true);
            })
        };
        let tasks = [task(&RESIDENT, 1), task(&PLAIN, 2)];
        empty.wait(&roster, true);
        assert!(ended.load(Ordering::Relaxed) >= 2);
        empty.wait(&roster, false);
        assert_eq!(ended.load(Ordering::Relaxed), 3);
        for task in tasks {
            task.join().unwrap();
        }
    });
}

#[test]
fn loom_a_task_that_is_cancelled_at_its_deadline_hears_it_and_ends_once() {
    model(|| {
        let (roster, timer) = roster(1);
        let key = insert_at(&roster, 0, &PLAIN);
        let task = Running::new(&roster, key);
        let task = thread::spawn(move || {
            let outcome = match task.until_stopped() {
                Stop::TimedOut => Outcome::TimedOut,
                _ => Outcome::Cancelled(&SHUTDOWN),
            };
            task.end(&outcome);
        });
        let cancel = thread::spawn({
            let roster = Arc::clone(&roster);
            move || roster.stop(key, Stop::Shutdown)
        });
        timer.look(|| roster.expire(0, DEADLINE));
        task.join().unwrap();
        cancel.join().unwrap();
        assert_ended(&roster, 1);
    });
}

#[test]
fn loom_a_task_that_ends_by_itself_as_it_is_cancelled_at_its_deadline_ends_once() {
    model(|| {
        let (roster, timer) = roster(1);
        let key = insert_at(&roster, 0, &PLAIN);
        let task = Running::new(&roster, key);
        let task = thread::spawn(move || {
            let _ = task.roster.park(key, &task.waker(), now(), |_| DEADLINE, || START);
            task.end(&Outcome::Completed);
        });
        let cancel = thread::spawn({
            let roster = Arc::clone(&roster);
            move || roster.stop(key, Stop::Shutdown)
        });
        timer.look(|| roster.expire(0, DEADLINE));
        task.join().unwrap();
        cancel.join().unwrap();
        // Its place is used again, and nothing of it sticks to the next one.
        let next = insert_at(&roster, 0, &PLAIN);
        assert_eq!(roster.with(next, |entry| entry.stop.is_some() || entry.grace != Grace::Ahead), Some(false));
        Running::new(&roster, next).end(&Outcome::Completed);
        assert_ended(&roster, 2);
    });
}

#[test]
fn loom_a_deadline_that_is_set_while_the_timer_looks_rings() {
    model(|| {
        let (roster, timer) = roster(1);
        let key = insert_at(&roster, 0, &PLAIN);
        let task = Running::new(&roster, key);
        let task = thread::spawn(move || {
            assert!(matches!(task.until_stopped(), Stop::TimedOut));
            task.end(&Outcome::TimedOut);
        });
        loop {
            timer.look(|| roster.expire(0, DEADLINE));
            if roster.with(key, |entry| entry.stop.is_some()) != Some(false) {
                break;
            }
            timer.wait();
        }
        task.join().unwrap();
        assert_ended(&roster, 1);
    });
}

/// The timer wakes for a deadline, and has to know of a later one that is set while it handles the first.
#[test]
fn loom_a_deadline_that_is_set_while_another_rings_is_known() {
    model(|| {
        let (roster, timer) = roster(2);
        let park = |shard, deadline| {
            let task = Running::new(&roster, insert_at(&roster, shard, &PLAIN));
            move || drop(task.roster.park(task.key, &task.waker(), now(), |_| deadline, || START))
        };
        park(0, Ticks(3))();
        timer.wait();
        assert_eq!(timer.look(|| roster.expire(0, START)), Ticks(3));
        let setter = thread::spawn(park(0, DEADLINE));
        while timer.look(|| roster.expire(0, Ticks(4))) > DEADLINE {
            timer.wait();
        }
        setter.join().unwrap();
    });
}

/// Two tasks set their deadlines, in two shards, while the timer goes from the one to the other: it comes to know of
/// the earlier, whoever tells it.
#[test]
fn loom_the_timer_knows_the_earliest_of_deadlines_that_are_set_while_it_looks() {
    for (first, second) in [(DEADLINE, Ticks(3)), (Ticks(3), DEADLINE), (DEADLINE, DEADLINE)] {
        model(move || {
            let (roster, timer) = roster(2);
            let set = |shard, deadline| {
                let task = Running::new(&roster, insert_at(&roster, shard, &PLAIN));
                thread::spawn(move || drop(task.roster.park(task.key, &task.waker(), now(), |_| deadline, || START)))
            };
            let setters = [set(0, first), set(1, second)];
            while timer.look(|| roster.expire(0, START)) > first.min(second) {
                timer.wait();
            }
            for setter in setters {
                setter.join().unwrap();
            }
        });
    }
}

/// The alarm of an ended task is skipped, and one that is set meanwhile is known all the same.
#[test]
fn loom_a_deadline_that_is_set_while_the_timer_skips_leftovers_rings() {
    model(|| {
        let (roster, timer) = roster(1);
        let ended = Running::new(&roster, insert_at(&roster, 0, &PLAIN));
        let _ = roster.park(ended.key, &ended.waker(), now(), |_| Ticks(3), || START);
        let task = Running::new(&roster, insert_at(&roster, 0, &PLAIN));
        let task = thread::spawn(move || {
            ended.end(&Outcome::Completed);
            assert!(matches!(task.until_stopped(), Stop::TimedOut));
            task.end(&Outcome::TimedOut);
        });
        let mut now = START;
        loop {
            match timer.look(|| roster.expire(0, now)) {
                DEADLINE => break,
                Ticks::NEVER => timer.wait(),
                // It wakes by itself then, and the leftover, if it is one by now, is taken off.
                next => now = next,
            }
        }
        assert_eq!(timer.look(|| roster.expire(0, DEADLINE)), Ticks::NEVER);
        task.join().unwrap();
        assert_ended(&roster, 2);
    });
}

fn limited(function: &Function) -> (Arc<Roster>, Arc<Limiter>) {
    let limiter = Limiter::new(function.options.limit.expect("a function with a limit"));
    (roster(1).0, Arc::new(limiter))
}

#[test]
fn loom_a_turn_reaches_whoever_waits_for_it() {
    model(|| {
        let (roster, limiter) = limited(&WAITS);
        let run = |task: Running| {
            assert!(task.has_turn());
            task.end(&Outcome::Completed);
        };
        let first = Running::call(&roster, &limiter, &WAITS).unwrap();
        let other = thread::spawn({
            let (roster, limiter) = (Arc::clone(&roster), Arc::clone(&limiter));
            move || run(Running::call(&roster, &limiter, &WAITS).unwrap())
        });
        run(first);
        other.join().unwrap();
        assert!(limiter.is_free());
        assert_ended(&roster, 2);
    });
}

#[test]
fn loom_a_turn_that_comes_as_its_task_is_cancelled_is_handed_on() {
    model(|| {
        let (roster, limiter) = limited(&WAITS);
        let call = || Running::call(&roster, &limiter, &WAITS).unwrap();
        let [first, second, third] = [call(), call(), call()];
        let stopped = second.key;
        let second = thread::spawn(move || {
            let outcome = if second.has_turn() { Outcome::Completed } else { Outcome::Cancelled(&SHUTDOWN) };
            second.end(&outcome);
        });
        let cancel = thread::spawn({
            let roster = Arc::clone(&roster);
            move || roster.stop(stopped, Stop::Shutdown)
        });
        first.end(&Outcome::Completed);
        assert!(third.has_turn());
        third.end(&Outcome::Completed);
        second.join().unwrap();
        cancel.join().unwrap();
        assert!(limiter.is_free());
        assert_ended(&roster, 3);
    });
}

#[test]
fn loom_the_newest_runs_whether_it_displaces_the_waiting_one_or_not() {
    model(|| {
        let (roster, limiter) = limited(&DROPS);
        let call = || Running::call(&roster, &limiter, &DROPS).unwrap();
        let [first, waits] = [call(), call()];
        let waits = thread::spawn(move || {
            let outcome = if waits.has_turn() { Outcome::Completed } else { Outcome::Rejected(&Reason::Displaced) };
            waits.end(&outcome);
        });
        let newest = thread::spawn({
            let (roster, limiter) = (Arc::clone(&roster), Arc::clone(&limiter));
            move || {
                let newest = Running::call(&roster, &limiter, &DROPS).unwrap();
                assert!(newest.has_turn());
                newest.end(&Outcome::Completed);
            }
        });
        first.end(&Outcome::Completed);
        waits.join().unwrap();
        newest.join().unwrap();
        assert!(limiter.is_free());
        assert_ended(&roster, 3);
    });
}

#[test]
fn loom_two_that_arrive_at_a_limit_run_or_are_turned_away() {
    static ONE: Function = Options::DEFAULT.limit(1).of(site("one"));
    model(|| {
        let (roster, limiter) = limited(&ONE);
        let call = {
            let (roster, limiter) = (Arc::clone(&roster), Arc::clone(&limiter));
            move || {
                if let Some(task) = Running::call(&roster, &limiter, &ONE) {
                    task.end(&Outcome::Completed);
                }
            }
        };
        let other = thread::spawn(call.clone());
        call();
        other.join().unwrap();
        assert!(limiter.is_free());
        assert_ended(&roster, 2);
    });
}
