//! The cases are in `fail/` and `pass/`.
