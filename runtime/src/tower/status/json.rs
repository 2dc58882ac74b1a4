//! The page for programs: the same, as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use super::view::{LiveOf, View};
use crate::context::Primitive;
use crate::milliseconds::milliseconds;
use crate::now::now;
use crate::outcome::OutcomeKind;
use crate::roster::{Counts, TaskId, TaskInfo, TaskState};
use crate::supervisor::Mishap;

#[derive(Serialize)]
struct Document<'a> {
    draining: bool,
    /// How many tasks are live, of which `tasks` has the oldest.
    live: usize,
    functions: Vec<LiveForm>,
    tasks: &'a [TaskInfo],
    mishaps: Vec<MishapForm<'a>>,
    counts: &'a Counts,
}

#[derive(Serialize)]
struct LiveForm {
    name: &'static str,
    module: &'static str,
    state: TaskState,
    tasks: usize,
    oldest_ms: f64,
}

#[derive(Serialize)]
struct MishapForm<'a> {
    ago_ms: f64,
    id: TaskId,
    name: &'a str,
    module: &'a str,
    outcome: OutcomeKind,
    message: &'a str,
    error: &'a str,
    caller: String,
    values: BTreeMap<&'a str, &'a Primitive<'a>>,
}

/// Writes the document.
pub(super) fn document(view: &View) -> String {
    let document = Document {
        draining: view.is_draining,
        live: view.total(),
        functions: view.live.iter().map(LiveForm::of).collect(),
        tasks: &view.tasks,
        mishaps: view.mishaps.iter().map(|mishap| MishapForm::of(mishap)).collect(),
        counts: &view.counts,
    };
    // All keys are texts, and nothing in it fails.
    serde_json::to_string(&document).unwrap_or_default()
}

impl LiveForm {
    fn of(live: &LiveOf) -> Self {
        let LiveOf { module, name, state, tasks, oldest } = *live;
        Self { name, module, state, tasks, oldest_ms: milliseconds(oldest) }
    }
}

impl<'a> MishapForm<'a> {
    fn of(mishap: &'a Mishap) -> Self {
        Self {
            ago_ms: milliseconds(now().saturating_duration_since(mishap.at)),
            id: mishap.id,
            name: mishap.name,
            module: mishap.module,
            outcome: mishap.kind,
            message: mishap.message,
            error: &mishap.error,
            caller: mishap.caller.to_string(),
            values: mishap.values.iter().map(|(name, value)| (*name, value)).collect(),
        }
    }
}
