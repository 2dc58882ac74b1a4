//! A shield for handlers: the whole handler runs as a task, which a client that goes away does not stop.
//!
//! Uses `task`, and of the request what HTTP says of its method.

mod answer;
mod everything;
mod future;
mod layer;
mod service;

pub use answer::{Answer, ByStatus};
pub use future::ShieldFuture;
pub use layer::ShieldLayer;
pub use service::ShieldService;
