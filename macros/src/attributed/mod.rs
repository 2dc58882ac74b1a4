//! The function under the attribute, read from its tokens and then checked: its parameters and its `self`, what each is to
//! the task, and what a task can't have of it. The body stays tokens.
//!
//! It uses `written`, `tokens` and the diagnostics. What is emitted, and where the runtime is found, is not known here.

mod async_function;
mod background_function;
mod body;
mod borrow;
mod entry_point;
mod item;
mod lending;
mod limit;
mod other_item;
mod outside_name;
mod owned_form;
mod parameter;
mod parameter_attributes;
mod receiver;
mod returned;
mod role;
mod rules;
mod sized_form;
mod stored;
mod unmarked;

pub(crate) use async_function::AsyncFunction;
pub(crate) use background_function::{BackgroundFunction, check};
pub(crate) use item::{Refused, parse};
pub(crate) use parameter::Parameter;
pub(crate) use receiver::Receiver;
pub(crate) use returned::Returned;
pub(crate) use role::{InheritedBy, InheritedParameter, Role};
