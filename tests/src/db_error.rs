//! The error that the guide's pages show: one of a database, with its source.

use std::{error, fmt, io};

/// `cannot insert the visit`, because of that.
#[derive(Debug)]
pub struct DbError(pub io::Error);

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot insert the visit")
    }
}

impl error::Error for DbError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.0)
    }
}
