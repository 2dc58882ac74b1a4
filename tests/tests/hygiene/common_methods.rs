//! Traits of the user's, implemented for every type, whose methods have the names that generated code calls. By value
//! they would be found before ours.
#![allow(dead_code)]

use detached::{Key, background};

macro_rules! everything_has {
    ($($name:ident)*) => {
        trait ByValue: Sized {
            $(fn $name(self) -> ! { panic!("a method of the user's was called") })*
        }
        impl<T> ByValue for T {}

        mod by_reference {
            pub(super) trait ByReference {
                $(fn $name(&self) -> ! { panic!("a method of the user's was called") })*
            }
            impl<T: ?Sized> ByReference for T {}
        }
    };
}

everything_has! {
    call call_from call_of call_from_of spawn timeout capture capture_optional value optional_value reject copy own lend
    of classify around inherit grace level trace follow_origin cancel_at_shutdown limit
    overflow queue start_timeout new name poll to_owned borrow as_ref into deref
}

static KEY: Key<u8> = Key::new("key");

#[background(
    timeout = "1m",
    inherit = ["user_id?", KEY?],
    grace = "1s",
    limit = 2,
    overflow = "wait",
    queue = 3,
    start_timeout = "1m",
    origin = "follow",
    shutdown = "cancel",
    level = "warn",
    trace = "child"
)]
async fn everything(
    text: &str,
    (a, _): (u8, u8),
    _: u8,
    #[inherit] page: Option<u8>,
) -> Result<usize, std::fmt::Error> {
    Ok(text.len() + usize::from(a) + usize::from(page.is_some()))
}

#[background(timeout = std::time::Duration::from_secs(60), supervisor = detached::Supervisor::global())]
async fn with_a_context(#[context] context: &detached::Context) -> bool {
    context.is_cancelled()
}

#[background(timeout = "1m", inherit = [KEY])]
async fn required(#[inherit] page: u8) -> u8 {
    page
}

mod found_by_reference {
    #[allow(unused_imports)] // That nothing uses it is what is tested.
    use super::by_reference::ByReference as _;

    #[detached::background(timeout = "1m", inherit = ["user_id?", super::KEY?])]
    pub(super) async fn everything(text: &str, #[inherit] page: Option<u8>) -> usize {
        text.len() + usize::from(page.is_some())
    }
}

#[tokio::test]
async fn methods_of_the_users_traits() {
    assert_eq!(everything("a", (1, 2), 3).await.unwrap().unwrap(), 2);
    assert!(!with_a_context(&detached::Context::new()).await.unwrap());
    let request = detached::Context::with(detached::Context::new(), "page", 1u8);
    KEY.set(&request, 2);
    assert_eq!(request.scope(async { required().await }).await.unwrap(), 1);
    assert_eq!(found_by_reference::everything("a").await.unwrap(), 1);
}
