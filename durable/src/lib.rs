//! Durable background functions on SQLite and PostgreSQL, through apalis 1.0.
