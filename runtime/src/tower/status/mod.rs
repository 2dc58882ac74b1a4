//! A page to look at: what runs now, what became of the rest, and what went wrong last.
//!
//! Uses the supervisor's room, and of HTTP only what a page needs.

mod body;
mod escape;
mod html;
mod page;
mod view;

pub use body::StatusBody;
pub use page::StatusPage;
