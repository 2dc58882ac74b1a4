//! The primitives that the loom models exchange for their own.

#[cfg(not(all(test, detached_loom)))]
pub(crate) use {
    std::sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    tokio::sync::Notify,
};

#[cfg(all(test, detached_loom))]
pub(crate) use {
    self::modelled::Notify,
    loom::sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

/// tokio keeps its own primitives (its models have a `cfg` of their own), so what is waited for in a model stands here.
#[cfg(all(test, detached_loom))]
mod modelled {
    /// tokio's as far as this crate uses it: a notification that comes before the wait is kept.
    pub(crate) struct Notify(loom::sync::Notify);

    impl Notify {
        pub(crate) fn new() -> Self {
            Self(loom::sync::Notify::new())
        }

        pub(crate) fn notify_one(&self) {
            self.0.notify();
        }

        /// Blocks the model's thread.
        pub(crate) fn wait(&self) {
            self.0.wait();
        }

        pub(crate) async fn notified(&self) {
            self.wait();
        }
    }
}

/// Locks, poisoned or not: no user code runs under any lock of this crate, so what a lock guards is whole.
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
