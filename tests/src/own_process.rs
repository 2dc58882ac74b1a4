//! A test in a process of its own, for what a process has once: its panic hook, its global supervisor, its first call.

use std::env;
use std::process::{Command, Output, abort};
use std::thread;
use std::time::Duration;

const VARIABLE: &str = "DETACHED_TESTS_OWN_PROCESS";

/// Runs `body` in a process of its own, which runs nothing but the test called `name`, this one, to get here again.
/// Gives what was printed there.
///
/// A process that hangs is ended, and that fails the test.
#[track_caller]
pub fn in_own_process(name: &str, body: impl FnOnce()) -> String {
    if env::var_os(VARIABLE).is_some() {
        thread::spawn(|| {
            thread::sleep(Duration::from_secs(60));
            eprintln!("the process hangs");
            abort();
        });
        body();
        return String::new();
    }
    let mut command = Command::new(env::current_exe().unwrap());
    let Output { status, stdout, stderr } =
        command.args([name, "--exact", "--nocapture"]).env(VARIABLE, name).output().unwrap();
    let printed = String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr);
    assert!(printed.contains("running 1 test"), "no test is called `{name}`");
    assert!(status.success(), "{status}\n{printed}");
    printed.into_owned()
}
