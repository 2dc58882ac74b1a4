//! A panic is reported at its own place or at none, never at that of another panic.

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind, set_hook};
use std::thread;

use detached::{Observer, TaskInfo};
use detached_tests::own_process::in_own_process;
use detached_tests::witness::Witness;

/// What is said of a body that panics: the text and the line, if there is one.
async fn said_of(body: impl FnOnce() + Send + 'static) -> (String, Option<u32>) {
    let witness = Witness::new();
    let task = witness.task("panics").no_timeout().spawn(async move { body() });
    assert!(task.await.is_err());
    let event = witness.recording.outcome("panics");
    assert_eq!(event.field("outcome"), Some("panicked"));
    let error = event.field("error").unwrap();
    match error.split_once(&format!(" at {}:", file!())) {
        Some((text, place)) => (text.to_owned(), Some(place.split(':').next().unwrap().parse().unwrap())),
        None => (error.to_owned(), None),
    }
}

fn at(text: &str, line: u32) -> (String, Option<u32>) {
    (text.to_owned(), Some(line))
}

fn nowhere(text: &str) -> (String, Option<u32>) {
    (text.to_owned(), None)
}

fn swallow(panics: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
}

/// A panic of another thread, as it is given to who joins it.
fn joined(panics: impl FnOnce() + Send + 'static) -> Box<dyn std::any::Any + Send> {
    thread::spawn(panics).join().unwrap_err()
}

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[tokio::test]
async fn a_panic_that_runs_no_hook_has_no_place() {
    swallow(|| panic!("older, outside of any task"));
    assert_eq!(said_of(|| resume_unwind(joined(|| panic!("joined")))).await, nowhere("joined"));
    assert_eq!(said_of(|| resume_unwind(Box::new("made"))).await, nowhere("made"));
}

#[tokio::test]
async fn nor_has_it_that_of_a_panic_which_its_body_swallowed() {
    let said = said_of(|| {
        swallow(|| panic!("swallowed"));
        resume_unwind(joined(|| panic!("joined")));
    });
    assert_eq!(said.await, nowhere("joined"));
    let said = said_of(|| {
        let number = black_box(1);
        let _swallowed = catch_unwind(|| panic!("number {number}")).unwrap_err();
        resume_unwind(joined(move || panic!("number {number}")));
    });
    assert_eq!(said.await, nowhere("number 1"));
    let said = said_of(|| {
        swallow(|| panic!("swallowed"));
        resume_unwind(joined(|| panic_any(7)));
    });
    assert_eq!(said.await, nowhere("a payload that is no text"));
}

#[tokio::test]
async fn a_panic_after_one_that_its_body_swallowed_has_its_own_place() {
    let line = line!() + 3;
    let said = said_of(|| {
        swallow(|| panic!("swallowed"));
        panic!("own");
    });
    assert_eq!(said.await, at("own", line));
}

#[tokio::test]
async fn a_panic_that_its_body_caught_and_goes_on_with_keeps_its_place() {
    let line = line!() + 3;
    let said = said_of(|| {
        let number = black_box(1);
        let caught = catch_unwind(|| panic!("number {number}")).unwrap_err();
        swallow(|| panic!("on the way"));
        resume_unwind(caught);
    });
    assert_eq!(said.await, at("number 1", line));
    let line = line!() + 1;
    let said = said_of(|| resume_unwind(catch_unwind(|| panic_any(7)).unwrap_err()));
    assert_eq!(said.await, at("a payload that is no text", line));
}

#[tokio::test]
async fn what_drops_swallow_while_a_panic_goes_by_does_not_move_it() {
    let line = line!() + 3;
    let said = said_of(|| {
        let _held = OnDrop(|| swallow(|| panic!("swallowed in a drop")));
        panic!("own");
    });
    assert_eq!(said.await, at("own", line));
}

/// Two panics with one text, and no more is known of them: which it was cannot be told.
#[tokio::test]
async fn of_two_panics_that_cannot_be_told_apart_none_is_named() {
    let said = said_of(|| {
        let _held = OnDrop(|| swallow(|| panic!("the same")));
        panic!("the same");
    });
    assert_eq!(said.await, nowhere("the same"));

    let line = line!() + 1;
    let panics = || panic!("the same");
    let said = said_of(move || {
        swallow(panics);
        panics();
    });
    assert_eq!(said.await, at("the same", line));
}

/// Panics when it is told of a call, which it is in the caller.
struct PanicsOnCall;

impl Observer for PanicsOnCall {
    fn on_call(&self, _: &TaskInfo) {
        panic!("on call");
    }
}

#[tokio::test]
async fn a_call_in_a_drop_that_goes_wrong_does_not_move_the_panic_that_goes_by() {
    let line = line!() + 5;
    let said = said_of(|| {
        let supervisor = detached::Supervisor::builder().observer(PanicsOnCall).build();
        let call = move || drop(detached::task("called").supervisor(&supervisor).no_timeout().spawn(async {}));
        let _held = OnDrop(call);
        panic!("own");
    });
    assert_eq!(said.await, at("own", line));
}

#[tokio::test]
async fn a_body_that_swallowed_very_many_panics_has_its_own_place_all_the_same() {
    let line = line!() + 3;
    let said = said_of(|| {
        (0..100).for_each(|number| swallow(|| panic!("number {number}")));
        panic!("own");
    });
    assert_eq!(said.await, at("own", line));
}

#[test]
fn once_the_hook_is_replaced_a_panic_has_no_place() {
    in_own_process("once_the_hook_is_replaced_a_panic_has_no_place", || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let line = line!() + 1;
            assert_eq!(said_of(|| panic!("before")).await, at("before", line));
            swallow(|| panic!("older"));
            set_hook(Box::new(|_| {}));
            assert_eq!(said_of(|| panic!("after")).await, nowhere("after"));
        });
    });
}
