//! Requests of real clients over loopback, from the socket to the task's row: how each ends, when, and what is left of it.
//!
//! Nothing here waits for a number of milliseconds: handlers say that they have begun and go on when they are told to, and
//! each request's one task writes its row when it hears that the request is over.

mod ends;
mod grpc;
mod http1;
mod http2;
mod layers;
mod many;
mod terminated;
