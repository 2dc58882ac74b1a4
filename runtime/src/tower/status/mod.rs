//! A page to look at: what runs now, what became of the rest, and what went wrong last.
//!
//! Uses the supervisor's room, and of HTTP only what a page needs.

#[cfg(feature = "serde")]
mod accept;
mod body;
mod escape;
mod html;
#[cfg(feature = "serde")]
mod json;
mod page;
mod table;
mod view;
mod words;

pub use body::StatusBody;
pub use page::StatusPage;
