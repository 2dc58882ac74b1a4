//! Where the tests find a PostgreSQL.

use std::io::Write as _;
use std::process::Command;
use std::sync::Once;

/// The server that `DATABASE_URL` names. That there is none is said once, and past the test harness, which shows nothing of a
/// test that passes.
pub(crate) fn database_url() -> Option<String> {
    static SKIPPED: Once = Once::new();
    let url = std::env::var("DATABASE_URL").ok();
    if url.is_none() {
        SKIPPED.call_once(|| {
            let said = "skipped: DATABASE_URL names no PostgreSQL; `.ci/postgres run cargo test ...` starts one";
            let _ = writeln!(std::io::stderr(), "{said}");
        });
    }
    url
}

#[test]
fn that_postgres_is_left_out_is_said_once() {
    let mut tests = Command::new(std::env::current_exe().unwrap());
    let output = tests.arg("postgres::").env_remove("DATABASE_URL").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("skipped: DATABASE_URL names no PostgreSQL").count(), 1, "{said}");
}
