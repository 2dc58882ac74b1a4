//! Each parameter lives until the end of the task and is dropped when a plain `async fn` would have dropped it, whatever
//! its pattern and in each edition.
//!
//! Every case is one source, compiled as a plain function and as a background function, and the two are compared.

use std::future::Future;
use std::mem;
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use detached::{Observer, Outcome, Supervisor, TaskError, TaskInfo};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What happened, in order.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn note(&self, what: &str) {
        self.0.lock().unwrap().push(what.to_owned());
    }

    fn take(&self) -> Vec<String> {
        mem::take(&mut self.0.lock().unwrap())
    }

    fn part(&self, name: &'static str) -> Part {
        Part { name, log: self.clone() }
    }
}

/// Notes its drop. Its copies say that they are copies.
struct Part {
    name: &'static str,
    log: Log,
}

impl Part {
    fn touch(&self) -> usize {
        self.log.note(&format!("touch {}", self.name));
        self.name.len()
    }

    fn guard(&self) -> Guard<'_> {
        Guard(self)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.log.note(&format!("drop {}", self.name));
    }
}

struct Guard<'a>(&'a Part);

impl Deref for Guard<'_> {
    type Target = Part;

    fn deref(&self) -> &Part {
        self.0
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.log.note(&format!("drop guard of {}", self.0.name));
    }
}

struct Three {
    a: Part,
    b: Part,
    c: Part,
}

struct Wrapped(Part, Part);

impl Log {
    fn three(&self) -> Three {
        Three { a: self.part("a"), b: self.part("b"), c: self.part("c") }
    }

    fn wrapped(&self) -> Wrapped {
        Wrapped(self.part("0"), self.part("1"))
    }
}

/// How the function is left.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Return,
    Early,
    Question,
    Panic,
    /// Dropped while it waits.
    Dropped,
    /// Dropped before it is polled.
    Unpolled,
}

const ENDS: [End; 6] = [End::Return, End::Early, End::Question, End::Panic, End::Dropped, End::Unpolled];

impl End {
    /// Waits forever or panics, if that is the end.
    async fn reach(self) -> Option<()> {
        match self {
            Self::Panic => panic!("on purpose"),
            Self::Dropped => std::future::pending().await,
            Self::Question => None,
            _ => Some(()),
        }
    }
}

/// One poll after the other, as a test needs no waker.
fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Lets a plain future come to its end.
fn end_plain<F: Future>(future: F, end: End) {
    let mut future = Box::pin(future);
    if end != End::Unpolled {
        // A future that has panicked has dropped what it held.
        let _ = std::panic::catch_unwind(AssertUnwindSafe(|| poll(future.as_mut()).is_ready()));
    }
}

/// Lets a task come to its end. Nothing is dropped until it runs.
async fn end_task<T>(task: detached::Task<T>, end: End, log: &Log) {
    assert_eq!(log.take(), [] as [&str; 0], "in the caller");
    if end == End::Unpolled {
        task.cancel("before its first poll");
    }
    if end == End::Dropped {
        tokio::task::yield_now().await;
        task.cancel("while it waits");
    }
    let _ = task.await;
}

/// `fn name(log: &Log) { arguments } => async fn`: a function and how to call it.
macro_rules! cases {
    ($($case:ident: |$log:ident| ($($argument:expr),*), ($($parameter:tt)*) $body:block)*) => {
        mod plain {
            use super::*;
            $(pub(super) async fn $case($($parameter)*) -> Option<usize> $body)*
        }

        mod background {
            use super::*;
            $(
                #[detached::background(timeout = "none")]
                pub(super) async fn $case($($parameter)*) -> Option<usize> $body
            )*
        }

        $(
            #[tokio::test]
            async fn $case() {
                for end in ENDS {
                    let $log = Log::default();
                    end_plain(plain::$case(end, $($argument),*), end);
                    let expected = $log.take();
                    assert!(expected.iter().any(|what| what.starts_with("drop")), "{:?}", end);
                    end_task(background::$case(end, $($argument),*), end, &$log).await;
                    assert_eq!($log.take(), expected, "{:?}", end);
                }
            }
        )*
    };
}

cases! {
    plain_names: |log| (log.part("first"), log.part("second")), (end: End, first: Part, second: Part) {
        let _local = first.log.part("local");
        end.reach().await?;
        if end == End::Early {
            return None;
        }
        Some(first.touch() + second.touch())
    }

    not_named_in_the_body: |log| (log.part("first"), log.part("second")), (end: End, first: Part, _second: Part) {
        let _local = first.log.part("local");
        end.reach().await?;
        if end == End::Early {
            return None;
        }
        Some(1)
    }

    never_named: |log| (log.part("first"), log.part("second"), log.clone()), (end: End, _: Part, _: Part, log: Log) {
        let _local = log.part("local");
        end.reach().await?;
        if end == End::Early {
            return None;
        }
        Some(1)
    }

    never_named_among_others: |log| (log.part("a"), log.part("b"), log.part("c"), log.part("d")),
    (end: End, a: Part, _: Part, _c: Part, d: Part) {
        let _local = a.log.part("local");
        end.reach().await?;
        drop(d);
        Some(1)
    }

    tuples: |log| ((log.part("a"), log.part("b"), log.part("c")), log.part("d")),
    (end: End, (a, _, c): (Part, Part, Part), d: Part) {
        let _local = a.log.part("local");
        end.reach().await?;
        Some(a.touch() + c.touch() + d.touch())
    }

    tuples_of_nothing: |log| ((log.part("a"), log.part("b")), log.part("c"), log.clone()),
    (end: End, (_, _): (Part, Part), _: Part, log: Log) {
        let _local = log.part("local");
        end.reach().await?;
        Some(1)
    }

    structs: |log| (log.three(), log.part("d")), (end: End, Three { b, .. }: Three, d: Part) {
        let _local = d.log.part("local");
        end.reach().await?;
        Some(b.touch())
    }

    tuple_structs: |log| (log.wrapped(), log.wrapped()), (end: End, Wrapped(_, one): Wrapped, Wrapped(zero, ..): Wrapped) {
        end.reach().await?;
        Some(one.touch() + zero.touch())
    }

    slices: |log| ([log.part("a"), log.part("b"), log.part("c")], log.part("d")),
    (end: End, [first, .., last]: [Part; 3], _d: Part) {
        end.reach().await?;
        Some(first.touch() + last.touch())
    }

    by_reference: |log| (log.part("a"), (log.part("b"), log.part("c")), log.part("d")),
    (end: End, ref a: Part, (ref b, ref mut c): (Part, Part), ref _d: Part) {
        end.reach().await?;
        Some(a.touch() + b.touch() + c.touch())
    }

    partly_by_reference: |log| ((log.wrapped(), log.part("c")), log.part("d")),
    (end: End, (Wrapped(_, ref one), c): (Wrapped, Part), mut d: Part) {
        end.reach().await?;
        d.name = "renamed";
        Some(one.touch() + c.touch() + d.touch())
    }

    as_a_whole: |log| (log.wrapped(), log.three()), (end: End, whole @ Wrapped(..): Wrapped, ref three @ Three { ref a, .. }: Three) {
        end.reach().await?;
        Some(whole.0.touch() + three.c.touch() + a.touch())
    }

    moved_in_the_body: |log| (log.part("a"), log.three(), log.part("d")), (end: End, a: Part, three: Three, d: Part) {
        drop(a);
        let b = three.b;
        end.reach().await?;
        let _kept = d;
        Some(b.touch())
    }

    changed_in_the_body: |log| (log.part("a"), log.part("b")), (end: End, mut a: Part, b: Part) {
        let log = a.log.clone();
        a = log.part("another");
        end.reach().await?;
        Some(a.touch() + b.touch())
    }

    shadowed_in_the_body: |log| (log.part("a"), log.part("b")), (end: End, a: Part, b: Part) {
        let a = a.log.part("shadow");
        end.reach().await?;
        Some(a.touch() + b.touch())
    }

    temporaries_of_the_tail: |log| (log.part("a"), log.part("b")), (end: End, a: Part, b: Part) {
        let _local = a.log.part("local");
        end.reach().await?;
        Some(a.guard().touch() + b.log.part("temporary").touch())
    }

    temporaries_of_a_tail_that_matches: |log| (log.part("a"), log.part("b")), (end: End, a: Part, _: Part) {
        let local = a.log.part("local");
        end.reach().await?;
        match a.guard().touch() {
            0 => None,
            _ => Some(local.touch()),
        }
    }

    temporaries_of_a_tail_that_matches_a_let: |log| (log.part("a")), (end: End, a: Part) {
        end.reach().await?;
        if let 0 = a.guard().touch() {
            None
        } else {
            Some(a.touch())
        }
    }

    without_a_body: |log| (log.part("a"), (log.part("b"), log.part("c"))), (end: End, _a: Part, (_b, _): (Part, Part)) {
        end.reach().await
            .map(|()| 1)
    }

    captured_by_a_closure: |log| (log.three(), log.part("d")), (end: End, three: Three, d: Part) {
        let closure = move || three.b.touch();
        end.reach().await?;
        Some(closure() + d.touch())
    }

    captured_by_a_block: |log| (log.three(), log.part("d")), (end: End, three: Three, d: Part) {
        let block = async move {
            end.reach().await?;
            Some(three.b.touch() + three.a.touch())
        };
        Some(block.await? + d.touch())
    }
}

/// The same of methods, of a type with three parts.
macro_rules! methods {
    ($($case:ident: |$log:ident, $holder:ident| $receiver:expr, ($($parameter:tt)*) $body:block)*) => {
        mod plain_methods {
            use super::*;
            holder!();
            impl Holder {
                $(pub(super) async fn $case($($parameter)*) -> Option<usize> $body)*
            }
        }

        mod background_methods {
            use super::*;
            holder!();
            impl Holder {
                $(
                    #[detached::background(timeout = "none")]
                    pub(super) async fn $case($($parameter)*) -> Option<usize> $body
                )*
            }
        }

        $(
            #[tokio::test]
            async fn $case() {
                for end in ENDS {
                    let $log = Log::default();
                    let $holder = plain_methods::Holder::new(&$log);
                    end_plain($receiver.$case(end, $log.part("more"), $log.part("most")), end);
                    let expected = $log.take();
                    assert!(expected.iter().any(|what| what.starts_with("drop")), "{:?}", end);
                    let $holder = background_methods::Holder::new(&$log);
                    end_task($receiver.$case(end, $log.part("more"), $log.part("most")), end, &$log).await;
                    assert_eq!($log.take(), expected, "{:?}", end);
                }
            }
        )*
    };
}

macro_rules! holder {
    () => {
        pub(super) struct Holder {
            a: Part,
            b: Part,
            c: Part,
        }

        impl Holder {
            pub(super) fn new(log: &Log) -> Self {
                Self { a: log.part("a"), b: log.part("b"), c: log.part("c") }
            }
        }
    };
}

methods! {
    by_value: |log, holder| holder, (self, end: End, more: Part, _: Part) {
        let _local = more.log.part("local");
        end.reach().await?;
        Some(self.b.touch() + more.touch())
    }

    by_value_not_named: |log, holder| holder, (self, end: End, _more: Part, _: Part) {
        end.reach().await?;
        Some(1)
    }

    by_value_taken_apart: |log, holder| holder, (self, end: End, more: Part, most: Part) {
        let b = self.b;
        end.reach().await?;
        drop(self.c);
        Some(b.touch() + more.touch() + most.touch())
    }

    by_value_in_a_pattern: |log, holder| holder, (self, end: End, more: Part, _most: Part) {
        let Self { c, ref a, .. } = self;
        end.reach().await?;
        Some(c.touch() + a.touch() + more.touch())
    }

    by_value_mutable: |log, holder| holder, (mut self, end: End, more: Part, _most: Part) {
        self.a = more;
        end.reach().await?;
        Some(self.c.touch())
    }

    by_value_in_a_closure: |log, holder| holder, (self, end: End, more: Part, _: Part) {
        let closure = move || self.b.touch();
        end.reach().await?;
        Some(closure() + more.touch())
    }

    by_arc: |log, holder| Arc::new(holder), (self: Arc<Self>, end: End, more: Part, _: Part) {
        let other = self.clone();
        end.reach().await?;
        drop(self);
        Some(other.b.touch() + more.touch())
    }

    by_box: |log, holder| Box::new(holder), (self: Box<Self>, end: End, more: Part, _: Part) {
        let b = self.b;
        end.reach().await?;
        Some(b.touch() + more.touch())
    }

    by_pin: |log, holder| Box::pin(holder), (self: Pin<Box<Self>>, end: End, _: Part, most: Part) {
        end.reach().await?;
        Some(most.touch())
    }
}

/// The copies of what was lent are dropped as owned parameters would be.
#[derive(Clone)]
struct Lent(Arc<Part>);

#[detached::background(timeout = "none")]
async fn copies(first: &Lent, _: &Lent, (second, third): (Lent, Lent), &Lent(ref fourth): &Lent) -> usize {
    let _local = first.0.log.part("local");
    second.0.touch() + third.0.touch() + fourth.touch()
}

#[tokio::test]
async fn copies_last_as_long_as_the_task() {
    let log = Log::default();
    let names = ["first", "unnamed", "second", "third", "fourth"];
    let parts = names.map(|name| Lent(Arc::new(log.part(name))));
    let [first, unnamed, second, third, fourth] = parts.clone();
    let task = copies(&first, &unnamed, (second, third), &fourth);
    drop((parts, first, unnamed, fourth));
    assert_eq!(log.take(), [] as [&str; 0], "the task holds a copy of each");
    task.await.unwrap();
    let mut ended = log.take();
    assert_eq!(ended[..4], ["touch second", "touch third", "touch fourth", "drop local"]);
    ended.sort();
    assert_eq!(ended[..6], ["drop first", "drop fourth", "drop local", "drop second", "drop third", "drop unnamed"]);
}

struct Job {
    #[allow(dead_code)]
    permit: OwnedSemaphorePermit,
    steps: usize,
}

#[detached::background(timeout = "none")]
async fn nobody_names_the_permit(
    _: OwnedSemaphorePermit,
    (_, _): (OwnedSemaphorePermit, u8),
    Job { steps, .. }: Job,
    _permit: OwnedSemaphorePermit,
    #[allow(unused_variables)] unused: OwnedSemaphorePermit,
) -> usize {
    tokio::task::yield_now().await;
    steps
}

#[tokio::test]
async fn a_permit_nobody_names_is_held() {
    let permits = Arc::new(Semaphore::new(5));
    let permit = || permits.clone().try_acquire_owned().unwrap();
    let job = Job { permit: permit(), steps: 1 };
    let task = nobody_names_the_permit(permit(), (permit(), 1), job, permit(), permit());
    assert_eq!(permits.available_permits(), 0, "called");
    tokio::task::yield_now().await;
    assert_eq!(permits.available_permits(), 0, "it waits");
    assert!(!task.is_finished());
    assert_eq!(task.await.unwrap(), 1);
    assert_eq!(permits.available_permits(), 5, "it has ended");
}

/// Notes the name of each outcome.
struct Outcomes(Log);

impl Observer for Outcomes {
    fn on_end(&self, task: &TaskInfo, outcome: &Outcome<'_>) {
        self.0.note(&format!("{} {}", task.name(), outcome.name()));
    }
}

mod misleading {
    /// It is spelt as an error, and is none.
    pub(super) enum Result<T, E> {
        #[allow(dead_code)]
        Ok(T),
        Err(E),
    }

    pub(super) type Saved<T> = std::result::Result<T, std::fmt::Error>;
    pub(super) type Nothing = Saved<()>;
    pub(super) struct Error;
}

#[detached::background(timeout = "none")]
async fn spelt_as_a_result() -> misleading::Result<u8, misleading::Error> {
    misleading::Result::Err(misleading::Error)
}

#[detached::background(timeout = "none")]
async fn an_alias() -> misleading::Saved<u8> {
    Err(std::fmt::Error)
}

#[detached::background(timeout = "none")]
async fn an_alias_without_arguments() -> misleading::Nothing {
    Err(std::fmt::Error)
}

#[detached::background(timeout = "none")]
async fn an_error_that_shows_nothing() -> Result<(), misleading::Error> {
    Err(misleading::Error)
}

#[detached::background(timeout = "none")]
async fn an_opaque_error() -> Result<(), impl std::fmt::Debug> {
    Err::<(), _>('x')
}

#[detached::background(timeout = "none")]
async fn generic<T: Send + 'static>(returned: T) -> T {
    returned
}

#[detached::background(timeout = "none")]
async fn generic_error<E: Send + 'static>(error: E) -> Result<(), E> {
    Err(error)
}

#[detached::background(timeout = "none")]
async fn an_error_and_no_result() -> std::fmt::Error {
    std::fmt::Error
}

#[tokio::test]
async fn an_error_is_recognised_by_its_type() {
    let log = Log::default();
    let supervisor = Supervisor::builder().observer(Outcomes(log.clone())).build();
    let tasks = async {
        let _ = spelt_as_a_result().await;
        let _ = an_alias().await;
        let _ = an_alias_without_arguments().await;
        let _ = an_error_that_shows_nothing().await;
        let _ = an_opaque_error().await;
        let _ = generic(1).await;
        let _ = generic_error('x').await;
        let _ = an_error_and_no_result().await;
        Ok::<(), TaskError>(())
    };
    supervisor.scope(tasks).await.unwrap();
    let expected = [
        "spelt_as_a_result completed",
        "an_alias failed",
        "an_alias_without_arguments failed",
        "an_error_that_shows_nothing failed",
        "an_opaque_error failed",
        "generic completed",
        "generic_error failed",
        "an_error_and_no_result completed",
    ];
    assert_eq!(log.take(), expected);
}
