//! What a thread shows while it polls: the current context and the current supervisor.
//!
//! Both follow a future, not a thread: a [`Scope`](super::Scope) and a task's run put theirs in place for one poll, and a drop guard
//! takes them out again, panics included. Between polls a thread shows nothing.

use std::cell::RefCell;
use std::mem;

use crate::context::{Context, OwnerRef, TaskKey};
use crate::supervisor::Supervisor;

/// What a thread shows. A task has its own and trades it for the thread's, before and after each poll: so it is small.
#[derive(Default)]
pub(crate) struct Ambient {
    /// The current context, if any. `None` in a task whose context nobody has asked for yet: most never need the allocation.
    pub(crate) context: Option<Context>,
    pub(crate) supervisor: Option<Supervisor>,
    /// The task of that supervisor whose body runs here, whatever context covers the task's own.
    pub(crate) inside: Option<TaskKey>,
}

impl Ambient {
    const NONE: Self = Self { context: None, supervisor: None, inside: None };
}

thread_local! {
    static AMBIENT: RefCell<Ambient> = const { RefCell::new(Ambient::NONE) };
}

/// Reads or edits the thread's state. `with` must run no user code, not even a drop of a value.
/// `None` while the thread is being torn down.
#[inline]
fn ambient<R>(with: impl FnOnce(&mut Ambient) -> R) -> Option<R> {
    AMBIENT.try_with(|cell| with(&mut cell.borrow_mut())).ok()
}

/// The current context, made now if it is a task's that nobody has asked for yet.
pub(crate) fn current() -> Option<Context> {
    enum Found {
        Context(Context),
        Unmade(Supervisor, TaskKey),
    }
    let found = ambient(|ambient| match ambient {
        Ambient { context: Some(context), .. } => Some(Found::Context(context.clone())),
        Ambient { context: None, supervisor: Some(supervisor), inside: Some(key) } => {
            Some(Found::Unmade(supervisor.clone(), *key))
        }
        _ => None,
    })??;
    match found {
        Found::Context(context) => Some(context),
        Found::Unmade(supervisor, key) => {
            let context = supervisor.context_of(key)?;
            ambient(|ambient| ambient.context = Some(context.clone()));
            Some(context)
        }
    }
}

/// Whether a context is in place, other than a task's that nobody has asked for yet.
pub(crate) fn has_context() -> bool {
    ambient(|ambient| ambient.context.is_some()).unwrap_or(false)
}

/// Looks at the supervisor and the context in place, which spares handles of them. `look` must run no user code.
#[inline]
pub(crate) fn look<R>(look: impl FnOnce(Option<&Supervisor>, Option<&Context>) -> R) -> R {
    let mut look = Some(look);
    let mut look =
        |supervisor: Option<&Supervisor>, context: Option<&Context>| look.take().map(|look| look(supervisor, context));
    let looked = ambient(|ambient| match ambient {
        Ambient { context: None, inside: Some(_), .. } => None,
        Ambient { context, supervisor, .. } => look(supervisor.as_ref(), context.as_ref()),
    });
    if let Some(Some(looked)) = looked {
        return looked;
    }
    // A task whose context is not made yet has it made; a thread that is being torn down has none.
    let (context, supervisor) = (current(), try_supervisor());
    look(supervisor.as_ref(), context.as_ref()).expect("looked once")
}

/// The supervisor that calls made here belong to, unless they name another.
pub(crate) fn supervisor() -> Supervisor {
    try_supervisor().unwrap_or_else(Supervisor::global_of_a_call)
}

/// The supervisor in place, if one is.
#[inline]
pub(crate) fn try_supervisor() -> Option<Supervisor> {
    ambient(|ambient| ambient.supervisor.clone()).flatten()
}

/// The supervisor in place, as a context that is made here is to know it.
pub(super) fn owner() -> Option<OwnerRef> {
    ambient(|ambient| ambient.supervisor.as_ref().filter(|it| !it.is_global()).map(Supervisor::as_owner)).flatten()
}

/// The supervisor in place and its task that runs here, if both are.
pub(crate) fn inside() -> Option<(Supervisor, TaskKey)> {
    ambient(|ambient| ambient.supervisor.clone().zip(ambient.inside)).flatten()
}

/// What is in place here, for another place.
pub(super) fn copy() -> Ambient {
    // Made now, for a task makes its own where it is polled only.
    let context = current();
    ambient(|ambient| Ambient { context, supervisor: ambient.supervisor.clone(), inside: ambient.inside })
        .unwrap_or_default()
}

/// What a scope has for its polls, in trade for what stands on the thread: to move it counts nothing.
pub(super) struct Cover {
    own: Ambient,
    covers_context: bool,
    covers_supervisor: bool,
}

impl Cover {
    pub(super) fn of(context: Option<Context>, supervisor: Option<Supervisor>) -> Self {
        let (covers_context, covers_supervisor) = (context.is_some(), supervisor.is_some());
        Self { own: Ambient { context, supervisor, inside: None }, covers_context, covers_supervisor }
    }

    pub(super) fn context(&self) -> Option<&Context> {
        self.own.context.as_ref()
    }

    pub(super) fn supervisor(&self) -> Option<&Supervisor> {
        self.own.supervisor.as_ref()
    }

    /// Puts it in place, and takes in what stands there.
    pub(super) fn lay(&mut self) {
        if !self.covers_context {
            // A task's context is found through its own supervisor, so it is made before another one covers that.
            current();
        }
        ambient(|ambient| {
            // A task that puts a context around a part of itself still runs inside of its own supervisor.
            let is_own = ambient.supervisor.as_ref().zip(self.supervisor()).is_some_and(|(it, own)| it.is(own));
            self.own.inside = if is_own { ambient.inside } else { None };
            self.trade(ambient);
        });
    }

    /// Takes it back, and puts back what stood there.
    pub(super) fn lift(&mut self) {
        ambient(|ambient| self.trade(ambient));
    }

    fn trade(&mut self, ambient: &mut Ambient) {
        if self.covers_context {
            mem::swap(&mut self.own.context, &mut ambient.context);
        }
        if self.covers_supervisor {
            mem::swap(&mut self.own.supervisor, &mut ambient.supervisor);
            mem::swap(&mut self.own.inside, &mut ambient.inside);
        }
    }
}

/// Puts `state` in place and what stood there into it. The caller does so again, whatever happens in between.
#[inline]
pub(crate) fn exchange(state: &mut Ambient) {
    ambient(|ambient| mem::swap(ambient, state));
}
