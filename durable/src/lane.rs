//! The loop of one queue: claims jobs where there is room for them, and runs them.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use detached::Supervisor;
use detached::durable::{Envelope, Executed, Registry, Unreadable};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

use crate::engine::{Claimed, Engine, Fate, Settled};
use crate::liveness::{Liveness, Presence};
use crate::pace::Pace;
use crate::pause::Pause;
use crate::settling::Settling;

/// What all lanes of a worker share.
pub(crate) struct Shared<E> {
    pub(crate) engine: E,
    pub(crate) registry: Registry,
    pub(crate) supervisor: Supervisor,
    pub(crate) settling: Settling<E>,
    /// One for each job that may run.
    pub(crate) room: Arc<Semaphore>,
    pub(crate) pace: Pace,
    pub(crate) patience: Duration,
}

/// How long room may gather before jobs are claimed for it: to claim ten at once is as dear as to claim one.
const GATHER: Duration = Duration::from_millis(1);

/// How long a job that was claimed ahead waits for room, before it is left to others.
const WAIT: Duration = Duration::from_millis(100);

/// A job that is run, and who holds it. Dropped once the table knows what has become of it.
struct Delivery<E> {
    shared: Arc<Shared<E>>,
    presence: Arc<Presence>,
    job: Claimed,
    call: Result<Envelope, Unreadable>,
    /// The table has another payload than was claimed.
    is_marked: bool,
    /// Dropped once the last delivery is.
    _counted: mpsc::Sender<()>,
}

/// The lane of one queue.
pub(crate) struct Lane<E> {
    pub(crate) shared: Arc<Shared<E>>,
    pub(crate) liveness: Arc<Liveness<E>>,
    pub(crate) queue: String,
    pub(crate) bell: Arc<Notify>,
    pub(crate) at_once: usize,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) counted: mpsc::Sender<()>,
}

impl<E: Engine> Lane<E> {
    /// Until it is told to stop; what was claimed is run then all the same.
    pub(crate) async fn run(mut self) {
        let (alone, suspects) = mpsc::unbounded_channel();
        tokio::spawn(run_suspects(suspects));
        let mut pause = Pause::new(Duration::from_millis(100), Duration::from_secs(2));
        let mut presence = None;
        let mut idle = E::POLL.0;
        while let Some(room) = self.room().await {
            match self.claim(&mut presence, room.num_permits() + self.shared.pace.ahead()).await {
                Ok((holder, jobs)) => {
                    pause.over("jobs are claimed again");
                    let found = !jobs.is_empty();
                    self.start(&holder, jobs, room, &alone);
                    if found {
                        idle = E::POLL.0;
                    } else {
                        self.wait(idle).await;
                        idle = (idle * 2).min(E::POLL.1);
                    }
                }
                Err(error) => {
                    presence = None;
                    drop(room);
                    tokio::select! {
                        () = pause.wait("jobs cannot be claimed", &error) => {}
                        _ = self.stop.wait_for(|stop| *stop) => {}
                    }
                }
            }
        }
    }

    /// Room for one job or more; `None` once the lane is to stop.
    async fn room(&mut self) -> Option<OwnedSemaphorePermit> {
        let room = Arc::clone(&self.shared.room);
        let mut first = tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => return None,
            first = room.clone().acquire_owned() => first.ok()?,
        };
        if room.available_permits() < self.at_once / 2 {
            tokio::time::sleep(GATHER).await;
        }
        let more = u32::try_from(room.available_permits()).unwrap_or(u32::MAX);
        if let Ok(more) = room.try_acquire_many_owned(more) {
            first.merge(more);
        }
        Some(first)
    }

    async fn claim(
        &self,
        presence: &mut Option<Arc<Presence>>,
        at_most: usize,
    ) -> Result<(Arc<Presence>, Vec<Claimed>), sqlx::Error> {
        let holder = match presence {
            Some(holder) => Arc::clone(holder),
            None => Arc::clone(presence.insert(self.liveness.begin().await?)),
        };
        let jobs = self.shared.engine.claim(&holder.name, &self.queue, at_most).await?;
        Ok((holder, jobs))
    }

    fn start(
        &self,
        holder: &Arc<Presence>,
        jobs: Vec<Claimed>,
        mut room: OwnedSemaphorePermit,
        alone: &UnboundedSender<Delivery<E>>,
    ) {
        for job in jobs {
            let call = Envelope::from_json(&job.payload);
            let is_suspect = job.is_redelivered || call.as_ref().is_ok_and(|call| call.crashes > 0);
            let (shared, presence) = (Arc::clone(&self.shared), Arc::clone(holder));
            let delivery = Delivery { shared, presence, job, call, is_marked: false, _counted: self.counted.clone() };
            if is_suspect {
                // Its runner lives as long as this lane.
                let _ = alone.send(delivery);
            } else {
                tokio::spawn(delivery.run(room.split(1)));
            }
        }
    }

    async fn wait(&mut self, at_most: Duration) {
        tokio::select! {
            () = self.bell.notified() => {}
            () = tokio::time::sleep(at_most) => {}
            _ = self.stop.wait_for(|stop| *stop) => {}
        }
    }
}

/// Runs jobs that a worker had before, one after the other: if one of them kills this worker too, it is known which.
async fn run_suspects<E: Engine>(mut suspects: UnboundedReceiver<Delivery<E>>) {
    while let Some(mut suspect) = suspects.recv().await {
        if suspect.mark().await {
            let (suspect, fate) = suspect.execute().await;
            suspect.settle(fate).await;
        }
    }
}

impl<E: Engine> Delivery<E> {
    /// Runs it in the room given; one that was claimed ahead waits until there is some, but not for long.
    async fn run(self, room: Option<OwnedSemaphorePermit>) {
        let room = match room {
            Some(room) => Some(room),
            None => tokio::time::timeout(WAIT, Arc::clone(&self.shared.room).acquire_owned())
                .await
                .ok()
                .and_then(Result::ok),
        };
        if room.is_none() {
            return self.settle(Fate::Unrun { payload: None }).await;
        }
        let started = Instant::now();
        let (delivery, fate) = self.execute().await;
        delivery.shared.pace.note(started.elapsed());
        drop(room);
        delivery.settle(fate).await;
    }

    /// Counts a crash before there is one; if the job ends, it is as if it had not been counted. `false` when the job is
    /// another worker's by now.
    async fn mark(&mut self) -> bool {
        let Ok(call) = &self.call else { return true };
        let mut marked = call.clone();
        marked.crashes = marked.crashes.saturating_add(1);
        let mut pause = Pause::new(Duration::from_millis(100), Duration::from_secs(2));
        loop {
            match self.shared.engine.rewrite(&self.presence.name, &self.job.id, &marked.to_json()).await {
                Ok(is_held) => {
                    self.is_marked = is_held;
                    return is_held;
                }
                Err(error) => pause.wait("a job that was delivered again cannot be marked", &error).await,
            }
        }
    }

    /// Runs it, and says what is to become of it.
    async fn execute(mut self) -> (Self, Fate) {
        let Shared { registry, supervisor, .. } = &*self.shared;
        let fate = match &mut self.call {
            Err(unreadable) => {
                let error = unreadable.to_string();
                self.refused(error)
            }
            Ok(_) if supervisor.is_draining() => Fate::Unrun { payload: self.claimed_payload() },
            Ok(call) => {
                let executed = supervisor.scope(registry.execute(call)).await;
                let error = call.error.clone();
                match executed {
                    Executed::Done => Fate::Done,
                    Executed::AgainAfter(after) => Fate::Again { payload: call.to_json(), after, error },
                    Executed::GivenUp => Fate::Failed { payload: call.to_json(), error },
                    Executed::NotHere => self.refused(error.unwrap_or_default()),
                }
            }
        };
        (self, fate)
    }

    /// No worker's fault, perhaps: a newer one may know what to do, so it is left to wait for a while.
    fn refused(&self, error: String) -> Fate {
        let (now, patience, payload) = (SystemTime::now(), self.shared.patience, self.claimed_payload());
        let since = self.job.refused_since.unwrap_or(now);
        if now.duration_since(since).is_ok_and(|waited| waited >= patience) {
            let id = &self.job.id;
            tracing::error!(target: "detached", id, error, "a job is set aside: no worker could run it");
            return Fate::SetAside { payload, error };
        }
        Fate::Refused { payload, since, after: (patience / 10).max(Duration::from_secs(1)), error }
    }

    /// What was claimed, to the byte, where the table has it no more.
    fn claimed_payload(&self) -> Option<Vec<u8>> {
        self.is_marked.then(|| self.job.payload.clone())
    }

    async fn settle(self, fate: Fate) {
        let Self { shared, presence, job, .. } = self;
        shared.settling.settle(Settled { worker: Arc::clone(&presence.name), id: job.id, fate }).await;
    }
}
