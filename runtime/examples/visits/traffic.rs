//! What the program watches of its own server, so that the visitors' timing and the figures are exact.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::user::UserId;

pub(crate) struct Traffic {
    /// One for each user, who makes one request.
    arrivals: Vec<Notify>,
    disconnects: AtomicUsize,
}

impl Traffic {
    pub(crate) fn new() -> Self {
        let arrivals = UserId::all().map(|_| Notify::new()).collect();
        Self { arrivals, disconnects: AtomicUsize::new(0) }
    }

    pub(crate) fn announce_arrival(&self, user: UserId) {
        if let Some(arrival) = self.arrival_of(user) {
            // Kept for a visitor that does not wait yet.
            arrival.notify_one();
        }
    }

    /// Waits until the user's request is inside the server.
    pub(crate) async fn arrival(&self, user: UserId) {
        if let Some(arrival) = self.arrival_of(user) {
            arrival.notified().await;
        }
    }

    pub(crate) fn count_disconnect(&self) {
        // Relaxed: a tally; whoever reads it has waited for the server's end.
        self.disconnects.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn disconnects(&self) -> usize {
        self.disconnects.load(Ordering::Relaxed)
    }

    fn arrival_of(&self, user: UserId) -> Option<&Notify> {
        self.arrivals.get(user.0 as usize)
    }
}
