//! Which context and which supervisor are in place on a thread, and the scopes that put them there.
//!
//! Uses the context's room and the supervisor's: it stands above both, so that neither knows the other is ambient.

mod current;
mod scope;
mod state;
mod surroundings;

pub use scope::Scope;
pub(crate) use state::{Ambient, current, exchange, has_context, inside, look, supervisor, try_supervisor};
pub(crate) use surroundings::{Surroundings, is_in_closure_of};
