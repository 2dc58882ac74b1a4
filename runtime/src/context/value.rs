//! One named value, and what asking for one can say instead.

use std::any::{Any, type_name};
use std::fmt;
use std::mem;
use std::sync::Arc;

use crate::line::on_one_line;
use crate::panics;
use crate::shown::Contained;

/// A value under a name, shared by every context and task that holds it.
///
/// The box inside the `Arc` keeps the pointer thin, so that a task's snapshot costs one word a value.
pub struct Named {
    name: &'static str,
    type_name: &'static str,
    /// How the value is shown; `None` for a sensitive one.
    show: Option<Show>,
    /// Whether its drop may be code of the user's.
    has_drop: bool,
    value: Box<dyn Any + Send + Sync>,
}

impl Named {
    pub(crate) fn shown<T: fmt::Debug + Send + Sync + 'static>(name: &'static str, value: T) -> Arc<Self> {
        Self::new(name, value, Some(by_debug::<T>))
    }

    pub(crate) fn displayed<T: fmt::Display + Send + Sync + 'static>(name: &'static str, value: T) -> Arc<Self> {
        Self::new(name, value, Some(by_display::<T>))
    }

    pub(crate) fn sensitive<T: Send + Sync + 'static>(name: &'static str, value: T) -> Arc<Self> {
        Self::new(name, value, None)
    }

    fn new<T: Send + Sync + 'static>(name: &'static str, value: T, show: Option<Show>) -> Arc<Self> {
        let has_drop = mem::needs_drop::<T>();
        Arc::new(Self { name, type_name: type_name::<T>(), show, has_drop, value: Box::new(value) })
    }

    /// Lets go of a value for one who shall see its panic, should this be the last holder.
    pub(super) fn drop_openly(self: Arc<Self>) {
        if let Some(mut last) = Arc::into_inner(self) {
            drop(last.take());
        }
    }

    /// A box of nothing is left behind, which costs no allocation.
    fn take(&mut self) -> Box<dyn Any + Send + Sync> {
        mem::replace(&mut self.value, Box::new(()))
    }

    #[inline]
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    #[inline]
    pub(crate) fn has_drop(&self) -> bool {
        self.has_drop
    }

    pub(crate) fn as_any(&self) -> &dyn Any {
        &*self.value
    }

    pub(crate) fn is_shown(&self) -> bool {
        self.show.is_some()
    }

    pub(crate) fn get<T: Clone + 'static>(&self) -> Result<T, ValueError> {
        self.expect_type::<T>().cloned()
    }

    pub(crate) fn expect_type<T: 'static>(&self) -> Result<&T, ValueError> {
        self.value.downcast_ref::<T>().ok_or(ValueError::WrongType {
            name: self.name,
            asked: type_name::<T>(),
            held: self.type_name,
        })
    }
}

/// Whoever is the last to hold a value, a request, a task, a list of tasks, has no part in what it does when it is dropped.
impl Drop for Named {
    fn drop(&mut self) {
        if self.has_drop {
            panics::drop_contained(self.take());
        }
    }
}

/// How a value of one type is shown.
type Show = fn(&dyn Any, &mut fmt::Formatter<'_>) -> fmt::Result;

fn by_debug<T: fmt::Debug + 'static>(value: &dyn Any, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    value.downcast_ref::<T>().map_or(Ok(()), |value| value.fmt(f))
}

fn by_display<T: fmt::Display + 'static>(value: &dyn Any, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    value.downcast_ref::<T>().map_or(Ok(()), |value| value.fmt(f))
}

/// Shows the value, by its `Display` where that was asked for; nothing for a sensitive one. A panic of the user's code is
/// contained here, since this runs inside subscribers and reports that have no part in it.
impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(show) = self.show else { return f.write_str("<sensitive>") };
        let shown = Contained(|f: &mut fmt::Formatter<'_>| show(&*self.value, f));
        fmt::Display::fmt(&shown, f)
    }
}

/// Why a context has no value of the asked name and type.
///
/// ```
/// use detached::{Context, ValueError};
///
/// let context = Context::new().with("user_id", 7_u64);
/// assert_eq!(context.get::<u64>("user_id"), Ok(7));
/// assert_eq!(context.get::<u64>("tenant"), Err(ValueError::Absent { name: "tenant" }));
/// let error = context.get::<String>("user_id").unwrap_err();
/// assert_eq!(error.to_string(), "the value `user_id` is a `u64`, not a `alloc::string::String`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueError {
    /// The context holds nothing under the name.
    Absent {
        /// The name that was asked for.
        name: &'static str,
    },
    /// The context holds a value of another type under the name.
    WrongType {
        /// The name that was asked for.
        name: &'static str,
        /// The type that was asked for, as [`std::any::type_name`] gives it.
        asked: &'static str,
        /// The type of the value that is held.
        held: &'static str,
    },
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent { name } => write!(f, "the context has no value `{}`", on_one_line(name)),
            Self::WrongType { name, asked, held } => {
                write!(f, "the value `{}` is a `{held}`, not a `{asked}`", on_one_line(name))
            }
        }
    }
}

impl std::error::Error for ValueError {}
