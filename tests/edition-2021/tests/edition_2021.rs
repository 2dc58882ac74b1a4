//! The same sources as in edition 2024.

#[path = "../../tests/drop_order.rs"]
mod drop_order;
#[path = "../../tests/hygiene/main.rs"]
mod hygiene;
#[path = "../../tests/shapes/main.rs"]
mod shapes;
