//! What nobody hears of.

use detached::{OutcomeKind, background};
use detached_tests::own_process::in_own_process;
use detached_tests::witness::Witness;
use tracing::Level;

#[background(timeout = "5s")]
async fn breaks() {
    panic!("the index is out of bounds");
}

// The runtime catches the panic, the default hook prints a line to stderr, and the log that people look at has nothing.
#[test]
fn a_panic_on_stderr_only() {
    // In a process of its own, whose hook prints nothing.
    in_own_process("reports::a_panic_on_stderr_only", || {
        std::panic::set_hook(Box::new(|_| {}));
        let witness = Witness::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { witness.supervisor.in_scope(breaks).await }).unwrap_err();

        let event = witness.recording.outcome("breaks");
        assert_eq!(event.level, Level::ERROR);
        let error = event.field("error").unwrap();
        assert!(error.contains("the index is out of bounds") && error.contains(file!()), "{error}");
        assert_eq!(witness.check().of(OutcomeKind::Panicked), 1);
    });
}
