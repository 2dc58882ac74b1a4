//! The carrier of a shielded handler, which is its request in all but its end.

use crate::context::{Capture, Context, Inherit, ValueError};

/// Carries every value of the caller's context.
pub(super) struct Everything;

pub(super) static EVERYTHING: Everything = Everything;

impl Inherit for Everything {
    type Captured = ();

    fn names(&'static self, each: &mut dyn FnMut(&'static str)) {
        Context::current().names().into_iter().for_each(each);
    }

    fn capture(&'static self, call: &mut Capture<'_>) -> Result<Option<()>, ValueError> {
        for name in call.origin().map(Context::names).unwrap_or_default() {
            call.carry(name);
        }
        Ok(Some(()))
    }

    fn enter<R>(&'static self, (): &(), run: impl FnOnce() -> R) -> R {
        run()
    }
}
