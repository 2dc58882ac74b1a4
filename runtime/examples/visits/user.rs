//! The users. Who asks is a value of the context, so each layer of the program can know it.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use detached::{Key, ValueError};

pub(crate) static USER_ID: Key<UserId> = Key::new("user_id").display();

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UserId(pub(crate) u32);

impl UserId {
    /// The user for whom the running code works, in a handler as in a background function.
    pub(crate) fn current() -> Result<Self, ValueError> {
        USER_ID.try_get()
    }

    /// Each of them makes one request.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..60).map(Self)
    }
}

/// As a header says it.
impl FromStr for UserId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

/// As the log shows it.
impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
