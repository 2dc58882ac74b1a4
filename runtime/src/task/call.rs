//! One call, from the snapshot to the spawned task.

use std::future::Future;
use std::mem;
use std::panic::Location;
use std::time::Duration;

use super::handle::Task;
use super::telling::Classify;
use crate::ambient;
use crate::context::{Capture, Carried, Context, Inherit, Missed, Snapshot, ValueError, ValueName};
use crate::function::{Function, Name};
use crate::outcome::Reason;
use crate::panics;
use crate::roster::NewEntry;
use crate::supervisor::Supervisor;
use crate::telemetry::Callsites;

/// A body larger than this gets a heap allocation of its own, as in tokio: a large future is moved several times on
/// its way into a task, and an unoptimized build keeps every copy on the caller's stack.
const LARGE: usize = if cfg!(debug_assertions) { 2048 } else { 16384 };

/// One call of a background function, from the snapshot to the spawned task.
///
/// It never panics and never blocks. What stands against the call is remembered, and [`spawn`](Self::spawn) rejects it.
/// It stays where it was made until then: a struct that was just written, word by word, is dear to move.
pub struct Call {
    pub(super) function: &'static Function,
    /// The one given, or in place; else it is the global one's.
    pub(super) supervisor: Option<Supervisor>,
    /// The context the call was told to be made in; else it is made in the current one.
    pub(super) context: Option<Context>,
    pub(super) new: NewEntry,
    pub(super) rare: Option<Box<Unusual>>,
}

/// What few calls have.
#[derive(Default)]
pub(super) struct Unusual {
    pub(super) carried: Carried,
    /// The names the carriers go by; gathered only until the function has its callsites.
    pub(super) names: Vec<&'static str>,
    pub(super) refused: Option<Reason>,
    /// Where the value that it was refused for was looked for.
    pub(super) missed: Option<Missed>,
}

impl Call {
    /// A call made at `caller`; in the current context and of the current supervisor, unless others are given.
    #[must_use]
    #[inline]
    pub fn at(
        function: &'static Function,
        caller: &'static Location<'static>,
        context: Option<&Context>,
        supervisor: Option<&Supervisor>,
    ) -> Self {
        match (context, supervisor) {
            (None, None) => Self::begin(function, caller),
            _ => Self::begin_with(function, caller, context, supervisor),
        }
    }

    // Not into the caller's code: so it is written where it is to stand.
    #[inline(never)]
    fn begin(function: &'static Function, caller: &'static Location<'static>) -> Self {
        let mut call = Self::new(function, caller);
        ambient::look(|supervisor, context| {
            call.supervisor = supervisor.cloned();
            call.take_snapshot(context);
        });
        call
    }

    #[inline(never)]
    fn begin_with(
        function: &'static Function,
        caller: &'static Location<'static>,
        context: Option<&Context>,
        supervisor: Option<&Supervisor>,
    ) -> Self {
        let mut call = Self::new(function, caller);
        call.supervisor = supervisor.cloned().or_else(ambient::try_supervisor);
        call.context = context.cloned();
        call.look_at_origin(Self::take_snapshot);
        call
    }

    #[inline]
    fn new(function: &'static Function, caller: &'static Location<'static>) -> Self {
        let new = NewEntry { caller, timeout: function.options.timeout, values: Snapshot::new(), origin: None };
        Self { function, supervisor: None, context: None, new, rare: None }
    }

    #[inline]
    fn take_snapshot(&mut self, context: Option<&Context>) {
        self.new.origin = context.map(Context::as_origin);
        self.take_values(context, self.function.options.inherit);
    }

    #[inline]
    fn take_values(&mut self, context: Option<&Context>, names: &[Name]) {
        if !Callsites::are_made(self.function) {
            for name in names {
                self.note_name(name.text);
            }
        }
        for name in names {
            let found = Capture::new(context, &mut self.new.values, !name.required).carry(name.text);
            if !found && name.required {
                self.miss(name.text, Some(Missed::of(context)));
            }
        }
    }

    /// Takes over a value of the context, if it is there.
    #[cfg(feature = "durable")]
    pub(crate) fn carry(&mut self, name: &'static str) {
        self.take_named(Name::optional(name));
    }

    /// The bound that a `timeout = expression` gives.
    #[must_use]
    pub fn timeout(mut self, bound: Duration) -> Self {
        self.new.timeout = Some(bound);
        self
    }

    /// `inherit = [KEY]`; `label` names the carrier if it has no name of its own.
    pub fn capture<K: Inherit>(&mut self, label: &'static str, carrier: &'static K) {
        self.capture_by(carrier, label, false);
    }

    /// `inherit = [KEY?]`.
    pub fn capture_optional<K: Inherit>(&mut self, carrier: &'static K) {
        self.capture_by(carrier, "", true);
    }

    fn capture_by<K: Inherit>(&mut self, carrier: &'static K, label: &'static str, is_optional: bool) {
        let capture = |call: &mut Self, context: Option<&Context>| {
            panics::catch(|| {
                if !Callsites::are_made(call.function) {
                    carrier.names(&mut |name| call.note_name(name));
                }
                let mut capture = Capture::new(context, &mut call.new.values, is_optional);
                (capture.take(carrier, label), capture.missed())
            })
        };
        let caught = if K::HAS_PLACE {
            // It may be the user's code.
            let context = self.context.clone().or_else(ambient::current);
            capture(self, context.as_ref())
        } else {
            self.look_at_origin(capture)
        };
        match caught {
            Ok((Ok(Some(captured)), _)) => self.unusual().carried.add(carrier, captured),
            Ok((Ok(None), _)) => {}
            Ok((Err(ValueError::Absent { name }), missed)) => self.miss(name, missed),
            Ok((Err(error @ ValueError::WrongType { .. }), _)) => self.refuse(Reason::WrongType(error)),
            Err(_) => self.refuse(Reason::CarrierPanicked),
        }
    }

    /// Looks at the context that the call is made in. `look` must run no user code.
    #[inline]
    fn look_at_origin<R>(&mut self, look: impl FnOnce(&mut Self, Option<&Context>) -> R) -> R {
        match self.context.take() {
            None => ambient::look(|_, context| look(self, context)),
            given => {
                let looked = look(self, given.as_ref());
                self.context = given;
                looked
            }
        }
    }

    /// `#[inherit(KEY)] name: T`: captures the value, and gives the name that it was captured under.
    pub fn named<T>(&mut self, key: impl ValueName<T>) -> &'static str {
        self.take_named(Name::required(key.text()))
    }

    /// `#[inherit(KEY)] name: Option<T>`.
    pub fn optional_named<T>(&mut self, key: impl ValueName<T>) -> &'static str {
        self.take_named(Name::optional(key.text()))
    }

    fn take_named(&mut self, name: Name) -> &'static str {
        self.look_at_origin(|call, context| call.take_values(context, &[name]));
        name.text
    }

    /// `#[inherit] name: T`: the value that was captured under the name. Without one the call is to be rejected.
    pub fn value<T: Clone + 'static>(&mut self, name: &'static str) -> Option<T> {
        let value = self.optional_value(name)?;
        if value.is_none() {
            self.miss(name, Some(Missed::of(self.new.origin.as_ref())));
        }
        value
    }

    /// `#[inherit] name: Option<T>`: the value that was captured under the name, if any. `None` when it is of another
    /// type: the call is to be rejected.
    #[allow(clippy::option_option)] // The outer one says whether to go on, the inner one is the parameter.
    pub fn optional_value<T: Clone + 'static>(&mut self, name: &'static str) -> Option<Option<T>> {
        let Some(held) = self.new.values.iter().find(|held| held.name() == name).cloned() else { return Some(None) };
        match panics::catch(|| held.get::<T>()) {
            Ok(Ok(value)) => return Some(Some(value)),
            Ok(Err(error)) => self.refuse(Reason::WrongType(error)),
            Err(_) => self.refuse(Reason::CarrierPanicked),
        }
        None
    }

    /// Spawns the task, or rejects the call. `classify` tells how the error in a returned value is shown.
    ///
    /// Each bound is of one argument's type, so that who breaks it is told at that argument, which generated code shows at the
    /// return type and at the name of the function; and is shown the bound's line.
    #[must_use]
    #[inline]
    #[cfg_attr(tokio_unstable, track_caller)] // `tokio-console` shows the place.
    pub fn spawn<T, F>(self, classify: Classify<T>, body: F) -> Task<T>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static, // it goes to who awaits the task: write `Box<dyn Error + Send + Sync>`, or `Arc` for `Rc`
    {
        // `const`, so that only the half that is needed is compiled.
        if const { size_of::<F>() > LARGE } {
            self.spawn_sized(classify, Box::pin(body))
        } else {
            self.spawn_sized(classify, body)
        }
    }

    // Into the caller's code, where the call stands: there is but one caller for each type.
    #[inline]
    #[cfg_attr(tokio_unstable, track_caller)]
    fn spawn_sized<F>(mut self, classify: Classify<F::Output>, body: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let supervisor = self.supervisor.take().unwrap_or_else(Supervisor::global_of_a_call);
        match self.admit(&supervisor) {
            Ok(admitted) => {
                let task = admitted.spawn(self.function, supervisor, classify, body);
                if self.is_used_up() {
                    mem::forget(self);
                }
                task
            }
            Err(refusal) => {
                // The parameters go with it.
                panics::drop_contained(body);
                let (id, reason) = self.refused(&supervisor, refusal);
                Task::rejected(self.function, id, reason)
            }
        }
    }

    /// Whether all that a call had which was let in went over into its task. What is left is empty, and needs no drop.
    #[inline]
    fn is_used_up(&self) -> bool {
        self.context.is_none() && self.rare.is_none()
    }

    #[cold]
    fn note_name(&mut self, name: &'static str) {
        let names = &mut self.unusual().names;
        if !names.contains(&name) {
            names.push(name);
        }
    }

    /// A required value is not there.
    #[cold]
    fn miss(&mut self, name: &'static str, missed: Option<Missed>) {
        let unusual = self.unusual();
        if unusual.refused.is_none() {
            unusual.missed = missed;
            self.refuse(Reason::MissingValue { name });
        }
    }

    /// The first reason stays.
    #[cold]
    fn refuse(&mut self, reason: Reason) {
        self.unusual().refused.get_or_insert(reason);
    }

    #[cold]
    fn unusual(&mut self) -> &mut Unusual {
        self.rare.get_or_insert_default()
    }
}
