//! The cases are in `fail/`. Each is built on its own, so the features of the rest of the workspace are not in it.
