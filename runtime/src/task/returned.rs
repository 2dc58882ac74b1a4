//! How the error in a returned value is shown, picked at compile time by the value's type.
//!
//! Method lookup does the picking: it tries a receiver with more references first, so each trait below is implemented
//! for one reference less than the one before it, and the first whose bounds hold wins. Generic code is picked by its
//! bounds. The error is known by its type, so an alias of `Result` is as good as `Result`.

use std::future::Future;
use std::marker::PhantomData;

/// Stands for the value that a body returns.
pub struct Returned<T>(PhantomData<fn() -> T>);

impl<T> Returned<T> {
    /// The value that `body` returns.
    #[must_use]
    pub fn of<F: Future<Output = T>>(_: &F) -> Self {
        Self(PhantomData)
    }
}

/// The ways, best first. The method's name is one that no user's blanket trait has.
pub mod by_type {
    use std::any::type_name;
    use std::error::Error;
    use std::fmt::{Debug, Display};

    use super::Returned;
    use crate::outcome::Failure;
    use crate::task::telling::Classify;

    /// The error is an `Error`.
    pub trait ViaError<T> {
        /// How to show it.
        fn __detached_classify(&self) -> Classify<T>;
    }

    impl<T, E: Error + 'static> ViaError<Result<T, E>> for &&&&&&&Returned<Result<T, E>> {
        fn __detached_classify(&self) -> Classify<Result<T, E>> {
            |value| value.as_ref().err().map(|error| Failure::of_error(error))
        }
    }

    /// The error lends a thread-safe one, as `Box<dyn Error + Send + Sync>` does, and `anyhow`'s and `eyre`'s.
    pub trait ViaSyncError<T> {
        /// How to show it.
        fn __detached_classify(&self) -> Classify<T>;
    }

    impl<T, E: AsRef<dyn Error + Send + Sync + 'static>> ViaSyncError<Result<T, E>> for &&&&&&Returned<Result<T, E>> {
        fn __detached_classify(&self) -> Classify<Result<T, E>> {
            |value| value.as_ref().err().map(|error| Failure::of_error(error.as_ref()))
        }
    }

    /// The error lends one that is `Send`, as `Box<dyn Error + Send>` does.
    pub trait ViaSendError<T> {
        /// How to show it.
        fn __detached_classify(&self) -> Classify<T>;
    }

    impl<T, E: AsRef<dyn Error + Send + 'static>> ViaSendError<Result<T, E>> for &&&&&Returned<Result<T, E>> {
        fn __detached_classify(&self) -> Classify<Result<T, E>> {
            |value| value.as_ref().err().map(|error| Failure::of_error(error.as_ref()))
        }
    }

    /// The error lends one.
    pub trait ViaDynError<T> {
        /// How to show it.
        fn __detached_classify(&self) -> Classify<T>;
    }

    impl<T, E: AsRef<dyn Error + 'static>> ViaDynError<Result<T, E>> for &&&&Returned<Result<T, E>> {
        fn __detached_classify(&self) -> Classify<Result<T, E>> {
            |value| value.as_ref().err().map(|error| Failure::of_error(error.as_ref()))
        }
    }

    /// The error has a text for people.
    pub trait ViaDisplay<T> {
        /// How to show it.
        fn __detached_classify(&self) -> Classify<T>;
    }

    impl<T, E: Display> ViaDisplay<Result<T, E>> for &&&Returned<Result<T, E>> {
        fn __detached_classify(&self) -> Classify<Result<T, E>> {
            |value| value.as_ref().err().map(|error| Failure::of_display(error))
        }
    }

    /// The error has a text for programmers.
    pub trait ViaDebug<T> {
        /// How to show it.
        fn __detached_classify(&self) -> Classify<T>;
    }

    impl<T, E: Debug> ViaDebug<Result<T, E>> for &&Returned<Result<T, E>> {
        fn __detached_classify(&self) -> Classify<Result<T, E>> {
            |value| value.as_ref().err().map(|error| Failure::of_debug(error))
        }
    }

    /// All that is known of the error is its type.
    pub trait ViaName<T> {
        /// How to show it.
        fn __detached_classify(&self) -> Classify<T>;
    }

    impl<T, E> ViaName<Result<T, E>> for &Returned<Result<T, E>> {
        fn __detached_classify(&self) -> Classify<Result<T, E>> {
            |value| value.as_ref().err().map(|_| Failure::of_type(type_name::<E>()))
        }
    }

    /// The value is no `Result`: to return is to complete.
    pub trait NoError<T> {
        /// Never an error.
        fn __detached_classify(&self) -> Classify<T>;
    }

    impl<T> NoError<T> for Returned<T> {
        fn __detached_classify(&self) -> Classify<T> {
            |_| None
        }
    }
}
