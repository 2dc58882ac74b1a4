//! The process's panic hook is extended by whoever is first, and nobody is kept waiting for it.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Mutex, mpsc};
use std::thread;

use detached::{Supervisor, TaskError, background};
use detached_tests::own_process::in_own_process;
use detached_tests::recording::Recording;
use tokio::runtime::{Builder, Handle, Runtime};

#[background(timeout = "none")]
async fn panics() {
    panic!("in a body")
}

#[background(timeout = "none")]
async fn works() {}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Whether the event of a task that panics tells its place.
fn has_place(runtime: &Runtime) -> bool {
    let recording = Recording::new();
    let _set = recording.set_default();
    assert_eq!(runtime.block_on(async { panics().await }), Err(TaskError::Panicked));
    recording.outcome("panics").field("error").unwrap().contains(file!())
}

/// The hook is extended as soon as nobody else's runs.
fn panics_have_their_places_soon(runtime: &Runtime) {
    while !has_place(runtime) {
        thread::yield_now();
    }
}

#[test]
fn the_first_call_waits_for_nobodys_hook() {
    in_own_process("the_first_call_waits_for_nobodys_hook", || {
        let ((enters, entered), (release, released)) = (mpsc::channel(), mpsc::channel::<()>());
        let (enters, released) = (Mutex::new(enters), Mutex::new(released));
        set_hook(Box::new(move |info| {
            if info.payload().downcast_ref() == Some(&"slow") {
                enters.lock().unwrap().send(()).unwrap();
                let _ = released.lock().unwrap().recv();
            }
        }));
        let slow = thread::spawn(|| panic!("slow"));
        entered.recv().unwrap();
        // Its hook runs, and ends only when this thread says so.
        let runtime = runtime();
        assert_eq!(runtime.block_on(async { works().await }), Ok(()));
        assert_eq!(Supervisor::new().counts().called, 0);
        assert_eq!(Supervisor::global().counts().completed, 1);
        drop(release);
        slow.join().unwrap_err();
        panics_have_their_places_soon(&runtime);
    });
}

#[test]
fn the_first_call_may_be_made_while_unwinding() {
    struct CallsInDrop;
    impl Drop for CallsInDrop {
        fn drop(&mut self) {
            drop(works());
        }
    }
    in_own_process("the_first_call_may_be_made_while_unwinding", || {
        let runtime = runtime();
        let unwinds = || {
            let _entered = runtime.enter();
            let _calls = CallsInDrop;
            panic!("unwinds");
        };
        catch_unwind(AssertUnwindSafe(unwinds)).unwrap_err();
        runtime.block_on(Supervisor::global().idle());
        assert_eq!(Supervisor::global().counts().completed, 1);
        panics_have_their_places_soon(&runtime);
    });
}

#[test]
fn the_first_call_may_be_made_in_a_hook() {
    in_own_process("the_first_call_may_be_made_in_a_hook", || {
        let runtime = runtime();
        let handle = runtime.handle().clone();
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            let _entered = handle.enter();
            drop(works());
            drop(Supervisor::new());
            previous(info);
        }));
        catch_unwind(|| panic!("calls")).unwrap_err();
        runtime.block_on(Supervisor::global().idle());
        assert_eq!(Supervisor::global().counts().completed, 1);
        panics_have_their_places_soon(&runtime);
    });
}

#[test]
fn the_first_call_may_be_made_by_a_thread_that_is_being_torn_down() {
    struct CallsLast(Handle);
    impl Drop for CallsLast {
        fn drop(&mut self) {
            let _entered = catch_unwind(AssertUnwindSafe(|| self.0.enter()));
            drop(works());
        }
    }
    thread_local!(static LAST: RefCell<Option<CallsLast>> = const { RefCell::new(None) });
    in_own_process("the_first_call_may_be_made_by_a_thread_that_is_being_torn_down", || {
        let runtime = runtime();
        let handle = runtime.handle().clone();
        thread::spawn(move || LAST.set(Some(CallsLast(handle)))).join().unwrap();
        runtime.block_on(Supervisor::global().idle());
        assert_eq!(Supervisor::global().counts().ended(), 1);
        panics_have_their_places_soon(&runtime);
    });
}

#[test]
fn the_first_panic_of_all_has_its_place() {
    in_own_process("the_first_panic_of_all_has_its_place", || assert!(has_place(&runtime())));
}

#[test]
fn a_hook_that_was_set_before_hears_of_each_panic_once() {
    in_own_process("a_hook_that_was_set_before_hears_of_each_panic_once", || {
        let (sees, seen) = mpsc::channel();
        let sees = Mutex::new(sees);
        set_hook(Box::new(move |_| sees.lock().unwrap().send(()).unwrap()));
        let runtime = runtime();
        panics_have_their_places_soon(&runtime);
        let before = seen.try_iter().count();
        assert!(before > 0);
        assert!(has_place(&runtime), "ours is in place");
        let thrown = catch_unwind(|| panic!("in no body"));
        assert!(thrown.is_err());
        assert_eq!(seen.try_iter().count(), 2);
    });
}

/// Where a supervisor is made before others set hooks, none of them is lost.
fn a_hook_set_next_stays(test: &str, make: fn()) {
    in_own_process(test, || {
        let (sees, seen) = mpsc::channel();
        let sees = Mutex::new(sees);
        make();
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            sees.lock().unwrap().send(()).unwrap();
            previous(info);
        }));
        assert!(has_place(&runtime()));
        assert_eq!(seen.try_iter().count(), 1);
    });
}

#[test]
fn a_hook_that_is_set_after_the_supervisor_was_made_stays() {
    a_hook_set_next_stays("a_hook_that_is_set_after_the_supervisor_was_made_stays", || drop(Supervisor::new()));
}

#[test]
fn a_hook_that_is_set_after_the_global_supervisor_was_made_stays() {
    a_hook_set_next_stays("a_hook_that_is_set_after_the_global_supervisor_was_made_stays", || {
        drop(Supervisor::global())
    });
}

#[test]
fn a_hook_that_is_set_after_a_supervisor_was_installed_stays() {
    a_hook_set_next_stays("a_hook_that_is_set_after_a_supervisor_was_installed_stays", || {
        Supervisor::builder().install().unwrap();
    });
}
