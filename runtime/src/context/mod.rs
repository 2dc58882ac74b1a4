//! The context: named values with their keys, a deadline, a cancellation with its cause, and what carries any of them to
//! a task.
//!
//! Uses nothing but the ground (`panics`, `shown`). It knows no supervisor and no roster: a context can tell the owner
//! of its task something, through [`owner::Owner`], and which context is in place on a thread is `ambient`'s.

mod cancellation;
mod capture;
mod carried;
mod cause;
#[allow(clippy::module_inception)] // the room is named for what it is about, and so is that file
mod context;
mod end;
mod group;
mod inherit;
mod kept;
mod key;
mod optional;
mod origin;
mod owner;
mod primitive;
mod task_local;
mod value;
mod value_name;
mod values;

pub(crate) use cancellation::Cancellation;
pub use capture::Capture;
pub(crate) use capture::Missed;
pub(crate) use carried::Carried;
pub use cause::Cause;
pub use context::Context;
pub use inherit::Inherit;
pub use key::{Key, Plain};
pub use optional::Optional;
pub use origin::Origin;
pub(crate) use owner::{Owner, OwnerRef, TaskKey};
pub(crate) use primitive::Primitive;
pub(crate) use value::Named;
pub use value::ValueError;
pub use value_name::{SetsValue, ValueName};
pub(crate) use values::Snapshot;
