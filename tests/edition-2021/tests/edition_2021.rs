//! The same sources as in edition 2024.

#[path = "../../tests/drop_order/main.rs"]
mod drop_order;
#[allow(unused_attributes)] // that some lints are for whole crates only
#[path = "../../tests/hygiene/main.rs"]
mod hygiene;
#[path = "../../tests/shapes/main.rs"]
mod shapes;
