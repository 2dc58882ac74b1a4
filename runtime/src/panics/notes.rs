//! What the hook notes of a thread's panics: where each was, and what it is known by when it is caught.
//!
//! Who catches a panic is given its payload and no place; the hook sees both. But not each panic that is caught has run the
//! hook (`resume_unwind` does not), and not each that has run it is caught by us: bodies swallow some, also in a drop while
//! another goes by. So a note counts only for the catch that it was made in, and for the payload that it was made of.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::panic::PanicHookInfo;

/// How many notes a thread keeps, the newest.
const KEPT: usize = 8;

struct Note {
    number: u64,
    mark: Mark,
    place: String,
}

/// What a payload is known by. The text itself stays where it is on its way from the hook to the catch.
#[derive(PartialEq, Eq)]
enum Mark {
    Text { address: usize, length: usize },
    Other(TypeId),
}

thread_local! {
    /// How many notes the thread has made.
    static MADE: Cell<u64> = const { Cell::new(0) };
    /// In the order of their numbers.
    static NOTES: RefCell<Vec<Note>> = const { RefCell::new(Vec::new()) };
}

/// How many notes the thread has made.
#[inline]
pub(super) fn made() -> u64 {
    MADE.get()
}

/// Runs in the hook, where a panic would end the process.
pub(super) fn note(info: &PanicHookInfo<'_>) {
    let Some(place) = info.location() else { return };
    let note = Note { number: made() + 1, mark: Mark::of(info.payload()), place: place.to_string() };
    // A thread that is being torn down notes nothing.
    let _ = NOTES.try_with(|notes| {
        let Ok(mut notes) = notes.try_borrow_mut() else { return };
        if notes.len() == KEPT {
            notes.remove(0);
        }
        MADE.set(note.number);
        notes.push(note);
    });
}

/// The place of a panic with this payload, by the notes that were made after the first `before`, which are used up by it.
/// `None` without one, and where several would do that name different places.
pub(super) fn take_place(before: u64, payload: &dyn Any) -> Option<String> {
    let mark = Mark::of(payload);
    NOTES
        .try_with(|notes| {
            let mut notes = notes.borrow_mut();
            let first = notes.partition_point(|note| note.number <= before);
            let mut places = notes.drain(first..).filter(|note| note.mark == mark).map(|note| note.place);
            let place = places.next()?;
            places.all(|other| other == place).then_some(place)
        })
        .ok()
        .flatten()
}

impl Mark {
    fn of(payload: &dyn Any) -> Self {
        match text(payload) {
            Some(text) => Self::Text { address: text.as_ptr().addr(), length: text.len() },
            None => Self::Other(payload.type_id()),
        }
    }
}

/// What a panic says, if its payload is text.
pub(super) fn text(payload: &dyn Any) -> Option<&str> {
    match payload.downcast_ref::<&'static str>() {
        Some(text) => Some(text),
        None => payload.downcast_ref::<String>().map(String::as_str),
    }
}
