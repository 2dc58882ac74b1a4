//! One named value, and the small stores that hold several.

use std::any::{Any, type_name};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use smallvec::SmallVec;

/// A value under a name, shared by every context and task that holds it.
///
/// The box inside the `Arc` keeps the pointer thin, so that a task's snapshot costs one word a value.
pub(crate) struct Named {
    name: &'static str,
    type_name: &'static str,
    /// How the value is shown; `None` for a sensitive one.
    show: Option<fn(&dyn Any, &mut fmt::Formatter<'_>) -> fmt::Result>,
    value: Box<dyn Any + Send + Sync>,
}

impl Named {
    pub(crate) fn shown<T: fmt::Debug + Send + Sync + 'static>(name: &'static str, value: T) -> Arc<Self> {
        Self::new(name, value, Some(show::<T>))
    }

    pub(crate) fn sensitive<T: Send + Sync + 'static>(name: &'static str, value: T) -> Arc<Self> {
        Self::new(name, value, None)
    }

    fn new<T: Send + Sync + 'static>(
        name: &'static str,
        value: T,
        show: Option<fn(&dyn Any, &mut fmt::Formatter<'_>) -> fmt::Result>,
    ) -> Arc<Self> {
        Arc::new(Self { name, type_name: type_name::<T>(), show, value: Box::new(value) })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
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

fn show<T: fmt::Debug + 'static>(value: &dyn Any, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value.downcast_ref::<T>() {
        Some(value) => value.fmt(f),
        None => Ok(()),
    }
}

/// Shows the value; nothing for a sensitive one. A panic in the user's `Debug` is contained here, since this runs
/// inside subscribers and reports that have no part in it.
impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(show) = self.show else { return f.write_str("<sensitive>") };
        let shown = Contained(|f: &mut fmt::Formatter<'_>| show(&*self.value, f));
        fmt::Display::fmt(&shown, f)
    }
}

/// A rendering by user code; a panic or an error in it becomes a placeholder.
pub(crate) struct Contained<F>(pub(crate) F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Contained<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Raw<'a, F>(&'a F);
        impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Raw<'_, F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (self.0)(f)
            }
        }
        // Rendered apart first: a panic half-way must not leave half a value in the output.
        let text = catch_unwind(AssertUnwindSafe(|| {
            use fmt::Write as _;
            let mut text = String::new();
            write!(text, "{}", Raw(&self.0)).map(|()| text)
        }));
        match text {
            Ok(Ok(text)) => f.write_str(&text),
            // Not passed on: `to_string` makes a panic of it.
            Ok(Err(fmt::Error)) => f.write_str("<gave an error while shown>"),
            Err(_) => f.write_str("<panicked while shown>"),
        }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
            Self::Absent { name } => write!(f, "the context has no value `{name}`"),
            Self::WrongType { name, asked, held } => {
                write!(f, "the value `{name}` is a `{held}`, not a `{asked}`")
            }
        }
    }
}

impl std::error::Error for ValueError {}

/// The inherited values of one task. Four fit without an allocation; more are rare and spill.
pub(crate) type Snapshot = SmallVec<[Arc<Named>; 4]>;

/// The values of a context: few, so a list beats a map.
///
/// Most contexts get their values before they are shared and are only read from then on, once for every call made in
/// them. So reading takes no lock until something is inserted into a shared one.
#[derive(Default)]
pub(crate) struct Values {
    first: Vec<Arc<Named>>,
    /// What was inserted since; it covers `first`.
    later: Mutex<Vec<Arc<Named>>>,
    has_later: AtomicBool,
}

impl Values {
    pub(crate) fn new(values: Vec<Arc<Named>>) -> Self {
        Self { first: values, ..Self::default() }
    }

    #[inline]
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Named>> {
        // Acquire, for the Release in `insert`: whoever sees the mark sees the value.
        if self.has_later.load(Ordering::Acquire) {
            if let Some(later) = lock(&self.later).iter().find(|held| held.name == name) {
                return Some(Arc::clone(later));
            }
        }
        self.first.iter().find(|held| held.name == name).cloned()
    }

    /// Sets the value of a store that nobody shares; gives the one it replaces.
    pub(crate) fn set(&mut self, value: Arc<Named>) -> Option<Arc<Named>> {
        if *self.has_later.get_mut() {
            return self.insert(value);
        }
        replace_or_push(&mut self.first, value)
    }

    /// Sets the value, and hands back the one it replaces: the caller drops it, so no user code runs under the lock.
    pub(crate) fn insert(&self, value: Arc<Named>) -> Option<Arc<Named>> {
        let mut later = lock(&self.later);
        let replaced = replace_or_push(&mut later, value);
        self.has_later.store(true, Ordering::Release);
        replaced
    }

    /// In the order in which the names were first set.
    pub(crate) fn to_vec(&self) -> Vec<Arc<Named>> {
        let mut values = self.first.clone();
        let later = lock(&self.later);
        values.reserve(later.len());
        for value in later.iter() {
            // A covered value has another holder, this store, so its drop here runs no user code.
            replace_or_push(&mut values, Arc::clone(value));
        }
        values
    }
}

fn replace_or_push(values: &mut Vec<Arc<Named>>, value: Arc<Named>) -> Option<Arc<Named>> {
    if let Some(held) = values.iter_mut().find(|held| held.name == value.name) {
        return Some(std::mem::replace(held, value));
    }
    values.push(value);
    None
}

fn lock(values: &Mutex<Vec<Arc<Named>>>) -> std::sync::MutexGuard<'_, Vec<Arc<Named>>> {
    // No user code runs under the lock, so a poisoned one still guards a whole list.
    values.lock().unwrap_or_else(PoisonError::into_inner)
}
