//! What a worker gives the functions it runs, by type: `#[state]`.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;

/// A type that a function wants to be given.
#[derive(Clone, Copy)]
pub struct StateType {
    id: fn() -> TypeId,
    name: fn() -> &'static str,
}

impl StateType {
    /// `#[state] name: T`.
    #[must_use]
    pub const fn of<T: Any>() -> Self {
        Self { id: TypeId::of::<T>, name: type_name::<T> }
    }

    pub(super) fn name(self) -> &'static str {
        (self.name)()
    }
}

/// One value of each type.
#[derive(Default)]
pub(super) struct States(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl States {
    /// A value of the same type is replaced.
    pub(super) fn insert<T: Clone + Send + Sync + 'static>(&mut self, state: T) {
        self.0.insert(TypeId::of::<T>(), Box::new(state));
    }

    pub(super) fn has(&self, state: StateType) -> bool {
        self.0.contains_key(&(state.id)())
    }

    pub(super) fn get<T: Clone + 'static>(&self) -> Option<T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref::<T>().cloned()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for StateType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
