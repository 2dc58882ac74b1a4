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

macro_rules! returning {
    ($name:ident, $ty:ty, $returned:ty) => {
        #[background(timeout = "5s")]
        async fn $name(value: &$ty) -> $returned {
            let _ = value;
            todo!()
        }
    };
}

returning!(hidden, [&str], u8);
returning!(returned, str, Result<&str, u8>);
returning!(not_send, str, std::rc::Rc<str>);
returning!(not_copyable, std::sync::Mutex<u8>, u8);

fn main() {}
