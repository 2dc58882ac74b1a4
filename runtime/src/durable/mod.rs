//! Durable functions: background functions whose calls are stored before the caller goes on, and run by a worker.
//!
//! What is stored runs **at least once**: it comes to an outcome though workers are killed, the database goes away or the
//! machine restarts. A function may run twice, and has to bear that. Not promised are an order, exactly one run, and results
//! for the caller.
//!
//! This room is the boundary between a function and a queue: what is stored of a call, and how it is run again. It knows no
//! queue; an adapter brings one, as a [`Store`]. Stands on the rooms of the task.

mod argument;
mod backoff;
mod call;
mod description;
mod envelope;
mod execute;
mod registry;
mod run;
mod state;
mod store;
mod store_error;
mod stored;
mod trace;

pub use argument::Argument;
pub use backoff::Backoff;
pub use call::Call;
pub use description::{Description, Durable};
pub use envelope::{Envelope, Unreadable};
pub use execute::Executed;
pub use registry::{RegisterError, Registry};
pub use store::{Enqueued, JobId, NewJob, Store, StoreIn, install};
pub use store_error::StoreError;
pub use stored::{Storable, Stored};

// Named by generated code, by way of `private`.
#[doc(hidden)]
pub use argument::{Parameter, parameter};
#[doc(hidden)]
pub use run::{Run, Started};
#[doc(hidden)]
pub use state::StateType;
#[doc(hidden)]
pub use stored::{Read, Written, storable};
