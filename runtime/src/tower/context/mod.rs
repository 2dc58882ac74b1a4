//! A context for each request: the layer that says what it holds, and the service, the future and the body that keep it in
//! place and end it.
//!
//! Uses the context's room and the ambient one.

mod body;
mod ending;
mod future;
mod layer;
mod service;

pub use body::ContextBody;
pub use future::ContextFuture;
pub use layer::ContextLayer;
pub use service::ContextService;
