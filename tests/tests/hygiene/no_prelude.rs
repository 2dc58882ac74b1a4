//! Without any name that was not imported.

#[no_implicit_prelude]
mod without {
    use ::detached::background;

    static KEY: ::detached::Key<u8> = ::detached::Key::new("key");

    #[background(timeout = "1m", inherit = ["user_id?", KEY?], grace = "1s", limit = 2, overflow = "wait")]
    pub(super) async fn everything(
        text: &str,
        (a, _): (u8, u8),
        _: u8,
        _unused: u8,
        #[inherit] page: ::std::option::Option<u8>,
    ) -> ::std::result::Result<usize, ::std::fmt::Error> {
        let _ = page;
        ::std::result::Result::Ok(text.len() + a as usize)
    }

    #[background(timeout = ::std::time::Duration::from_secs(60), supervisor = ::detached::Supervisor::global())]
    pub(super) async fn with_a_context(#[context] context: &::detached::Context) -> bool {
        context.is_cancelled()
    }

    #[background(timeout = "1m")]
    pub(super) async fn nothing() {}

    #[background(timeout = "1m")]
    pub(super) async fn never_returns() -> ! {
        loop {
            ::std::future::pending::<()>().await
        }
    }

    #[background(timeout = "1m")]
    pub(super) async fn opaque(value: u8) -> impl ::std::fmt::Display {
        value
    }

    pub(super) struct Receiver;

    impl ::std::clone::Clone for Receiver {
        fn clone(&self) -> Self {
            Self
        }
    }

    impl Receiver {
        #[background(timeout = "1m")]
        pub(in super::super) async fn lent(&self) -> u8 {
            let Self = self;
            1
        }
    }
}

use without::*;

#[tokio::test]
async fn no_implicit_prelude() {
    std::assert_eq!(everything("a", (1, 2), 3, 4).await.unwrap().unwrap(), 2);
    std::assert!(!with_a_context(&detached::Context::new()).await.unwrap());
    nothing().await.unwrap();
    std::assert_eq!(std::string::ToString::to_string(&opaque(1).await.unwrap()), "1");
    std::assert_eq!(Receiver.lent().await.unwrap(), 1);
    let _: fn() -> detached::Task<std::convert::Infallible> = never_returns;
}
