//! Whether a task failed is told by the type of what it returned, however that is spelt.

use detached::{Observer, Outcome, Supervisor, TaskError, TaskInfo};

use super::log::Log;

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
