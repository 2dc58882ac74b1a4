//! A binary of its own, since the guard is for the process; and one test, since tests side by side would share it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use detached::testing::{TestSupervisor, refuse_global};
use detached::{Reason, Supervisor, Task, TaskError, background};

#[background(timeout = "5s")]
async fn save() {}

#[background(timeout = "5s", supervisor = Supervisor::global())]
async fn save_globally(#[inherit] user_id: u64) {
    let _ = user_id;
}

const REFUSED: TaskError = TaskError::Rejected(Reason::GlobalRefused);

/// What the drop of a guard says, if it panics.
fn told(guard: detached::testing::RefuseGlobal) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(guard))).err()?;
    Some(*panic.downcast::<String>().expect("a message"))
}

#[tokio::test(start_paused = true)]
async fn calls_that_would_go_to_the_global_supervisor_are_rejected_and_named_by_every_guard() {
    // None was made, and what is in a test's run is none.
    let guard = refuse_global();
    let test = TestSupervisor::new();
    test.run(async { save().await }).await.unwrap();
    assert_eq!(told(guard), None);

    // Calls outside of the run, wherever they come from, are named with their places.
    let line = line!() + 1;
    let first = refuse_global();
    assert_eq!(save().await, Err(REFUSED));
    let second = refuse_global();
    test.run(async {
        let unseen = tokio::spawn(async { save().await });
        assert_eq!(unseen.await.unwrap(), Err(REFUSED));
        let on_a_thread = std::thread::spawn(|| [save(), save()]);
        assert!(on_a_thread.join().unwrap().iter().all(Task::is_finished));
        // What else is wrong with the call comes second.
        assert_eq!(save_globally().await, Err(REFUSED));
    })
    .await;
    let place = |offset: u32, column: u32| format!("{}:{}:{column}", file!(), line + offset);
    let called = |function: &str, place: String| format!("\n  `{function}` was called at {place}");
    let seen_by_both = called("save", place(4, 43))
        + &called("save", place(6, 50))
        + &called("save", place(6, 58))
        + &called("save_globally", place(9, 20));
    let message = |guard: u32, column: u32, calls: &str| {
        format!("calls went to the global supervisor, which the guard made at {} refuses:{calls}", place(guard, column))
    };
    let seen_by_first = called("save", place(1, 16)) + &seen_by_both;
    assert_eq!(told(first), Some(message(0, 17, &seen_by_first)));

    // The other guard still stands.
    assert_eq!(save().await, Err(REFUSED));
    let told_by_second = told(second).unwrap();
    assert!(told_by_second.starts_with(&message(2, 18, "\n  `save` was called at ")), "{told_by_second}");
    assert_eq!(told_by_second.lines().count(), 6);

    // A place that is called again has one line; and all is as before once the last guard is gone.
    let guard = refuse_global();
    for _ in 0..3 {
        let _refused = save();
    }
    assert!(told(guard).unwrap().contains("`save` was called 3 times at "));
    assert_eq!(save().await, Ok(()));

    // A test that fails already is not made to abort.
    let failed = catch_unwind(AssertUnwindSafe(|| {
        let _guard = refuse_global();
        let _refused = save();
        panic!("the test's own");
    }));
    assert_eq!(failed.unwrap_err().downcast_ref::<&str>(), Some(&"the test's own"));
}
