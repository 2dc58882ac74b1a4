//! What has become of jobs, on its way into the table.

use std::time::Duration;

use crate::engine::{Engine, Settled};
use crate::group::Group;
use crate::pause::Pause;

/// Writes what has become of jobs, several at a time, and again if the database is away.
pub(crate) struct Settling<E> {
    engine: E,
    group: Group<Settled, ()>,
}

impl<E: Engine> Settling<E> {
    pub(crate) fn new(engine: E) -> Self {
        Self { engine, group: Group::new() }
    }

    /// Ready once it is written, or once the runtime ended: the job is run again then.
    pub(crate) async fn settle(&self, settled: Settled) {
        let engine = self.engine.clone();
        let write = move |settled: Vec<Settled>| {
            let engine = engine.clone();
            async move {
                let mut pause = Pause::new(Duration::from_millis(100), Duration::from_secs(2));
                while let Err(error) = engine.settle(&settled).await {
                    pause.wait("what has become of jobs cannot be written", &error).await;
                }
                settled.iter().map(drop).collect()
            }
        };
        let _ = self.group.write(settled, write).await;
    }
}
