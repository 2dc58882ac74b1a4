//! What the program watches of its own server, so that the visitors' timing and the figures are exact.

use std::sync::{Mutex, PoisonError};

use detached::{Cause, Context};
use tokio::sync::Notify;

use crate::user::{USER_ID, UserId};

pub(crate) struct Traffic {
    /// One for each user, who makes one request.
    arrivals: Vec<Notify>,
    requests: Mutex<Vec<Context>>,
}

impl Traffic {
    pub(crate) fn new() -> Self {
        let arrivals = UserId::all().map(|_| Notify::new()).collect();
        Self { arrivals, requests: Mutex::default() }
    }

    /// A request is inside the server.
    pub(crate) fn note_arrival(&self, request: &Context) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        if let Some(arrival) = USER_ID.try_get_in(request).ok().and_then(|user| self.arrival_of(user)) {
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

    /// How many requests ended since their client was gone.
    pub(crate) fn disconnected(&self) -> usize {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().filter(|request| request.cause() == Some(Cause::Disconnected)).count()
    }

    fn arrival_of(&self, user: UserId) -> Option<&Notify> {
        self.arrivals.get(user.0 as usize)
    }
}
