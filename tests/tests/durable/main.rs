//! Durable functions, up to the store: what is stored of a call, and how it is run again.

mod by_hand;
mod calling;
mod executing;
mod functions;
mod kit;
mod traces;
