//! What a task's carriers captured, whatever their types are.

use std::cell::RefCell;
use std::mem;

use super::capture::Capture;
use super::context::Context;
use super::inherit::Inherit;
use super::kept::Kept;
use super::values::Snapshot;

thread_local! {
    /// The carriers that are in place on this thread, the outermost first.
    static IN_PLACE: RefCell<Vec<&'static dyn Carrier>> = const { RefCell::new(Vec::new()) };
}

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
        before.around(|| {
            let _noted = Noted::new(*carrier);
            captured.around(*carrier, run);
        });
    }
}

/// A carrier of any type that is in place.
trait Carrier: Sync {
    fn capture_into(&'static self, origin: Option<&Context>, carried: &mut Carried);
}

impl<K: Inherit> Carrier for K {
    fn capture_into(&'static self, origin: Option<&Context>, carried: &mut Carried) {
        // What goes by the context is there already.
        let mut known = Snapshot::new();
        if let Ok(Some(captured)) = Capture::new(origin, &mut known, true).take(self, "") {
            carried.add(self, captured);
        }
    }
}

/// While it lives, its carrier is among those in place on this thread.
struct Noted;

impl Noted {
    fn new(carrier: &'static dyn Carrier) -> Self {
        // A thread that is being torn down starts nothing any more.
        let _ = IN_PLACE.try_with(|carriers| carriers.borrow_mut().push(carrier));
        Self
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        let _ = IN_PLACE.try_with(|carriers| carriers.borrow_mut().pop());
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

    /// What the carriers that are in place on this thread capture now. It panics where one does.
    pub(crate) fn anew(origin: Option<&Context>) -> Self {
        let carriers = IN_PLACE.try_with(|carriers| carriers.borrow().clone()).unwrap_or_default();
        let mut carried = Self::default();
        for carrier in carriers {
            carrier.capture_into(origin, &mut carried);
        }
        carried
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
