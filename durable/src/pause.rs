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

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_grows_from_error_to_error_and_begins_anew_when_it_went_well() {
        let mut pause = Pause::new(Duration::from_secs(1), Duration::from_secs(3));
        // Between half of it and all of it, so that many workers do not come at once.
        for longest in [1000, 2000, 3000, 3000, 1000] {
            let began = Instant::now();
            pause.wait("nothing is done", &sqlx::Error::PoolClosed).await;
            let waited = began.elapsed().as_millis();
            assert!((longest / 2..=longest + 1).contains(&waited), "{waited} of {longest}");
            if pause.errors == 4 {
                pause.over("all is well");
            }
        }
    }
}
