//! Durable functions, up to the store: what is stored of a call, and how it is run again.

mod calling;
mod executing;
mod functions;
mod inheriting;
mod kit;
mod names;
mod seen;
mod shapes;
mod traces;
