//! Receipts by mail, through a mail server that takes two connections at a time.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use detached::background;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::orders::ORDERING;

/// Two run at once. The others wait in line, and not in the handler; their bound begins with their turn.
#[background(timeout = "1s", inherit = [ORDERING], limit = 2, overflow = "wait")]
pub(crate) async fn send_receipt(mailer: &Mailer, receipt: &str) -> Result<(), TooManyConnections> {
    mailer.send(receipt).await
}

#[derive(Debug)]
pub(crate) struct TooManyConnections;

impl fmt::Display for TooManyConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the mail server takes no more connections")
    }
}

impl std::error::Error for TooManyConnections {}

/// The mail server, in place of a real one.
#[derive(Clone)]
pub(crate) struct Mailer {
    connections: Arc<Semaphore>,
    sent: Arc<AtomicUsize>,
}

impl Default for Mailer {
    fn default() -> Self {
        Self { connections: Arc::new(Semaphore::new(2)), sent: Arc::default() }
    }
}

impl Mailer {
    async fn send(&self, receipt: &str) -> Result<(), TooManyConnections> {
        let _connection = self.connections.try_acquire().map_err(|_| TooManyConnections)?;
        sleep(Duration::from_millis(20)).await;
        tracing::debug!("mailed the {receipt}");
        // Relaxed: a tally; whoever reads it has waited for the tasks.
        self.sent.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }
}
