//! `refuse_global`: no call goes to the global supervisor unseen.

use std::fmt::Write as _;
use std::panic::Location;

use crate::line::on_one_line;
use crate::supervisor::Refusals;

/// Makes the global supervisor refuse all calls until the guard is dropped, which panics and names them if there were any.
///
/// A [`TestSupervisor`](super::TestSupervisor) sees the calls in its run. A call that the code under test makes elsewhere
/// finds no supervisor in place, and would go to the global one, where no test looks: in a plain `tokio::spawn`, on a
/// thread of its own, in a server that the test has started beside it. While the guard lives, it is rejected with
/// [`Reason::GlobalRefused`](crate::Reason::GlobalRefused), and told.
///
/// The guard is for the whole process, as the global supervisor is. Tests that run side by side share it: while one of
/// them has a guard, the calls of all are refused, and each guard that lives names them. So either all tests of a binary
/// keep off the global supervisor, or the one with the guard stands in a binary of its own.
///
/// # Panics
///
/// The guard's drop panics if a call was refused, with the functions, the places of the calls and the place of the guard.
/// It does not while the thread panics already.
///
/// ```should_panic
/// use detached::testing::{TestSupervisor, refuse_global};
/// # #[detached::background(timeout = "5s")] async fn ping() {}
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let _guard = refuse_global();
/// let test = TestSupervisor::new();
/// test.run(async { tokio::spawn(async { drop(ping()) }).await }).await.unwrap();
/// # } // panics: `ping` was called …, and the test has not seen it
/// ```
#[track_caller]
pub fn refuse_global() -> RefuseGlobal {
    RefuseGlobal { refusals: Refusals::begin(), place: Location::caller() }
}

/// While this lives, the global supervisor refuses all calls; made by [`refuse_global`].
///
/// ```
/// let guard = detached::testing::refuse_global();
/// drop(guard); // nothing was called, and all is as before
/// ```
#[derive(Debug)]
#[must_use = "dropping it ends the refusal"]
pub struct RefuseGlobal {
    refusals: Refusals,
    place: &'static Location<'static>,
}

impl Drop for RefuseGlobal {
    fn drop(&mut self) {
        let refused = self.refusals.end();
        if refused.is_empty() || std::thread::panicking() {
            return;
        }
        let mut calls = String::new();
        for ((function, caller), times) in refused {
            let times = if times == 1 { String::new() } else { format!("{times} times ") };
            let _ = write!(calls, "\n  `{}` was called {times}at {caller}", on_one_line(function));
        }
        panic!("calls went to the global supervisor, which the guard made at {} refuses:{calls}", self.place);
    }
}
