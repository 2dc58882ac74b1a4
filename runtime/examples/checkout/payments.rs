//! The charge of a card, at a provider that fails now and then.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use detached::background;
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::orders::ORDERING;

/// A card that is declined.
pub(crate) const EMPTY_CARD: &str = "empty";

/// Tries again while the provider is unavailable. The retries are inside of the body: one task, one bound for all of them,
/// one outcome. A declined card is a failure, of which the log tells as a warning.
#[background(timeout = "5s", inherit = [ORDERING], level = "warn")]
pub(crate) async fn charge(payments: &Payments, order: u32, card: &str) -> Result<String, PaymentError> {
    let patience = ExponentialBuilder::default().with_min_delay(Duration::from_millis(10)).with_max_times(4);
    // The order's number makes it safe to ask again: the provider charges it once.
    (|| payments.charge_once(order, card))
        .retry(patience)
        .when(|error| *error == PaymentError::Unavailable)
        .notify(|error, delay| tracing::debug!("{error}; again in {delay:?}"))
        .await
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PaymentError {
    Declined,
    Unavailable,
}

impl fmt::Display for PaymentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Declined => "the card was declined",
            Self::Unavailable => "the payment provider is unavailable",
        })
    }
}

impl std::error::Error for PaymentError {}

/// The provider, in place of a real one.
#[derive(Clone)]
pub(crate) struct Payments(Arc<Inner>);

struct Inner {
    /// One for each order, told when its charge begins.
    begun: Vec<Notify>,
    /// The orders whose first attempt has failed, and those that were charged.
    failed: Mutex<BTreeSet<u32>>,
    charged: Mutex<BTreeSet<u32>>,
}

impl Payments {
    pub(crate) fn new(orders: usize) -> Self {
        let begun = (0..orders).map(|_| Notify::new()).collect();
        Self(Arc::new(Inner { begun, failed: Mutex::default(), charged: Mutex::default() }))
    }

    async fn charge_once(&self, order: u32, card: &str) -> Result<String, PaymentError> {
        if let Some(begun) = self.0.begun.get(order as usize) {
            begun.notify_one();
        }
        sleep(Duration::from_millis(20)).await;
        if card == EMPTY_CARD {
            return Err(PaymentError::Declined);
        }
        if order % 2 == 0 && lock(&self.0.failed).insert(order) {
            return Err(PaymentError::Unavailable);
        }
        lock(&self.0.charged).insert(order);
        Ok(format!("receipt for order {order}"))
    }

    /// Waits until the order's charge has begun.
    pub(crate) async fn begun(&self, order: u32) {
        if let Some(begun) = self.0.begun.get(order as usize) {
            begun.notified().await;
        }
    }

    /// How many orders were charged.
    pub(crate) fn charged(&self) -> usize {
        lock(&self.0.charged).len()
    }
}

fn lock(orders: &Mutex<BTreeSet<u32>>) -> MutexGuard<'_, BTreeSet<u32>> {
    orders.lock().unwrap_or_else(PoisonError::into_inner)
}
