//! The tests are in `tests/`; this library is what several of them share.

pub mod chromium;
pub mod db_error;
pub mod guide;
pub mod hooked;
pub mod markup;
pub mod own_process;
pub mod poll;
pub mod recording;
pub mod witness;
pub mod written;
