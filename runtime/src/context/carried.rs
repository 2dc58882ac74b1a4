//! What a task's carriers captured, whatever their types are.

use std::mem;

use super::inherit::Inherit;
use super::kept::Kept;

/// What a task's carriers captured, to be put in place around each of its steps.
///
/// Empty for most tasks: names and keys are in the task's context and have no place of their own.
#[derive(Default)]
pub(crate) struct Carried(Option<Box<dyn Place>>);

/// The place of one carrier, within those of the carriers before it.
trait Place: Send {
    fn around(&mut self, run: &mut dyn FnMut());
}

struct PlaceOf<K: Inherit> {
    carrier: &'static K,
    captured: Kept<K::Captured>,
    before: Carried,
}

impl<K: Inherit> Place for PlaceOf<K> {
    fn around(&mut self, run: &mut dyn FnMut()) {
        let Self { carrier, captured, before } = self;
        before.around(|| captured.around(*carrier, run));
    }
}

impl Carried {
    #[inline]
    pub(crate) fn add<K: Inherit>(&mut self, carrier: &'static K, captured: K::Captured) {
        if K::HAS_PLACE {
            let before = mem::take(self);
            self.0 = Some(Box::new(PlaceOf { carrier, captured: Kept::new(Some(captured)), before }));
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Runs one step of the task. It panics where a carrier does, and then may not have run.
    #[inline]
    pub(crate) fn around<R>(&mut self, run: impl FnOnce() -> R) -> R {
        let Some(place) = &mut self.0 else { return run() };
        let (mut run, mut result) = (Some(run), None);
        place.around(&mut || result = run.take().map(|run| run()));
        result.expect("a carrier can give back nothing but what it has run")
    }
}
