//! The pause after an error of the database, which grows from one to the next.

use std::time::Duration;

use detached::durable::Backoff;

/// Grows from error to error, and says so.
pub(crate) struct Pause {
    backoff: Backoff,
    errors: u32,
}

impl Pause {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self { backoff: Backoff::new(first, longest), errors: 0 }
    }

    /// Waits after an error.
    pub(crate) async fn wait(&mut self, what: &str, error: &sqlx::Error) {
        self.errors += 1;
        let pause = self.backoff.after(self.errors);
        tracing::warn!(target: "detached", %error, errors = self.errors, ?pause, "{what}; to be tried again");
        tokio::time::sleep(pause).await;
    }

    /// It went well. Said, where it had not.
    pub(crate) fn over(&mut self, what: &str) {
        if std::mem::take(&mut self.errors) > 0 {
            tracing::info!(target: "detached", "{what}");
        }
    }
}
