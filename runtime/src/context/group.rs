//! Groups: a tuple of carriers is a carrier.

use std::any::type_name;

use super::capture::Capture;
use super::inherit::Inherit;
use super::kept::Kept;
use super::value::ValueError;

/// Runs within the parts, of which the first is the outermost.
macro_rules! within {
    ($method:ident($group:ident, $captured:ident, $run:ident)) => {
        $run()
    };
    ($method:ident($group:ident, $captured:ident, $run:ident) $index:tt $($rest:tt)*) => {
        $captured.$index.$method(&$group.$index, || within!($method($group, $captured, $run) $($rest)*))
    };
}

macro_rules! group {
    ($($part:ident $index:tt),+) => {
        /// Carries what its parts do.
        impl<$($part: Inherit),+> Inherit for ($($part,)+) {
            type Captured = ($(Kept<$part::Captured>,)+);

            const HAS_PLACE: bool = false $(|| $part::HAS_PLACE)+;

            fn names(&'static self, each: &mut dyn FnMut(&'static str)) {
                $(self.$index.names(each);)+
            }

            fn capture(&'static self, call: &mut Capture<'_>) -> Result<Option<Self::Captured>, ValueError> {
                // tokio gives its task-locals no name; the type says which part it is.
                Ok(Some(($(Kept::new(call.take(&self.$index, type_name::<$part>())?),)+)))
            }

            fn enter<R>(&'static self, captured: &Self::Captured, run: impl FnOnce() -> R) -> R {
                within!(enter(self, captured, run) $($index)+)
            }

            fn around<R>(&'static self, captured: &mut Self::Captured, run: impl FnOnce() -> R) -> R {
                within!(around(self, captured, run) $($index)+)
            }
        }
    };
}

group!(A 0);
group!(A 0, B 1);
group!(A 0, B 1, C 2);
group!(A 0, B 1, C 2, D 3);
group!(A 0, B 1, C 2, D 3, E 4);
group!(A 0, B 1, C 2, D 3, E 4, F 5);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
group!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
