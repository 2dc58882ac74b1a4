//! Macros with the names of those that generated code calls, and of those that those call.
#![allow(unused_macros)]

macro_rules! never_to_be_called {
    ($dollar:tt $($name:ident)*) => {
        $(
            macro_rules! $name {
                ($dollar($dollar any:tt)*) => {
                    compile_error!("a macro of the user's was called")
                };
            }
        )*
    };
}

never_to_be_called! {
    $ function return_type classify module_path file line column stringify concat panic unreachable assert vec format
    matches debug_assert todo __function __return_type __classify event span
}

#[detached::background(timeout = "1m", inherit = ["user_id?"])]
async fn everything(text: &str, #[inherit] page: Option<u8>) -> Result<usize, std::fmt::Error> {
    Ok(text.len() + usize::from(page.unwrap_or(0)))
}

#[detached::background(timeout = "1m")]
async fn never_returns() -> ! {
    std::process::abort()
}

#[tokio::test]
async fn macros_are_named_absolutely() {
    std::assert_eq!(everything("ab").await.unwrap().unwrap(), 2);
    let _: fn() -> detached::Task<std::convert::Infallible> = never_returns;
}
