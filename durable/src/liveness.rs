//! That a worker lives: shown as long as it holds a job, whatever its loop is busy with.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use ulid::Ulid;

use crate::engine::{Engine, Result};
use crate::pause::Pause;

/// A name under which jobs of one queue are held. It is shown to live as long as somebody has this.
///
/// Each name is used once. Under a name that lives on, a job would be hidden for ever that was claimed and never seen, as
/// when the connection broke before the answer. So after an error the next jobs are claimed under a new name, the old one
/// lives as long as one of its jobs runs, and then it is found dead, with what was hidden under it.
pub(crate) struct Presence {
    pub(crate) name: Arc<str>,
}

/// The names of one queue.
pub(crate) struct Liveness<E> {
    engine: E,
    queue: String,
    heartbeat: Duration,
    dead_after: Duration,
    names: Mutex<Vec<Weak<Presence>>>,
}

impl<E: Engine> Liveness<E> {
    pub(crate) fn new(engine: E, queue: String, heartbeat: Duration, missed: u32) -> Self {
        // The databases are asked for whole seconds, and after none of them everyone would be dead.
        let dead_after = (heartbeat * missed).max(Duration::from_secs(1));
        Self { engine, queue, heartbeat, dead_after, names: Mutex::default() }
    }

    /// A new name, known to the database.
    pub(crate) async fn begin(&self) -> Result<Arc<Presence>> {
        let name = format!("{}-{}", std::process::id(), Ulid::generate());
        self.engine.register(&name, &self.queue, self.heartbeat).await?;
        let presence = Arc::new(Presence { name: name.into() });
        self.lock().push(Arc::downgrade(&presence));
        Ok(presence)
    }

    /// Shows that all names live, and finds others that do not; never ends.
    pub(crate) async fn beat(&self) {
        let mut pause = Pause::new(Duration::from_millis(100), self.heartbeat / 2);
        let mut was_unseen = false;
        loop {
            match self.beat_once(&mut was_unseen).await {
                Ok(()) => {
                    pause.over("the worker shows again that it lives");
                    tokio::time::sleep(self.heartbeat).await;
                }
                Err(error) => pause.wait("the worker cannot show that it lives", &error).await,
            }
        }
    }

    async fn beat_once(&self, was_unseen: &mut bool) -> Result<()> {
        let (mut beaten, mut unseen) = (Ok(()), None);
        for presence in self.living() {
            // One that is not known any more shall not keep the others from living.
            match self.engine.beat(&presence.name, &self.queue).await {
                Ok(time) => unseen = unseen.max(Some(time)),
                Err(error) => beaten = Err(error),
            }
        }
        // Who is not seen to live does not say who else does not.
        let Some(unseen) = unseen else { return beaten };
        // Who seemed dead itself was away with the database, or asleep with the machine, or the clock has jumped. The others that
        // live seem dead too, until their next beat: they are left the time for one.
        let is_unseen = unseen >= self.dead_after;
        if mem::replace(was_unseen, is_unseen) || !is_unseen {
            let jobs = self.engine.take_over(&self.queue, self.dead_after).await?;
            if jobs > 0 {
                tracing::warn!(target: "detached", queue = self.queue, jobs, "jobs of a worker that died are run again");
            }
        }
        beaten
    }

    fn living(&self) -> Vec<Arc<Presence>> {
        let mut names = self.lock();
        names.retain(|presence| presence.strong_count() > 0);
        names.iter().filter_map(Weak::upgrade).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Weak<Presence>>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
