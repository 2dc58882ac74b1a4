//! What is wrong is shown where it was written, outside of the macro or inside.

use detached::background;

macro_rules! make {
    ($name:ident, $timeout:expr, $ty:ty) => {
        #[background(timeout = $timeout, level = "loud")]
        async fn $name(value: $ty) {
            let _ = value;
        }
    };
}

make!(made, "5", Option<&str>);

fn main() {}
