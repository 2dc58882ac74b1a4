//! Modules and imports with the names of the crates that generated code is about.
#![allow(dead_code)]

mod shadowing {
    mod std {}
    mod core {}
    mod alloc {}
    mod tokio {}
    mod tracing {}
    mod detached {
        pub(in super::super) mod private {
            pub(crate) struct Function;
            pub(crate) struct Call;
        }
        pub(super) struct Task;
        pub(super) struct Context;
    }

    use ::detached::background;

    static KEY: ::detached::Key<u8> = ::detached::Key::new("key");

    #[background(timeout = "1m", inherit = ["user_id?", KEY?], grace = "1s", level = "warn", trace = "none")]
    pub(super) async fn everything(
        text: &str,
        (a, _): (u8, u8),
        #[inherit] page: Option<u8>,
    ) -> Result<String, ::std::fmt::Error> {
        Ok(format!("{} {} {:?}", text, a, page))
    }

    #[background(timeout = ::std::time::Duration::from_secs(60), supervisor = ::detached::Supervisor::global())]
    pub(super) async fn with_a_context(#[context] context: &::detached::Context) -> bool {
        context.is_cancelled()
    }

    #[background(timeout = "1m")]
    pub(super) async fn with_parameters_of_these_names(
        std: u8,
        core: u8,
        tokio: u8,
        tracing: u8,
        detached: u8,
    ) -> [u8; 5] {
        [std, core, tokio, tracing, detached]
    }
}

use shadowing::*;

#[tokio::test]
async fn crates_are_named_absolutely() {
    assert_eq!(everything("a", (1, 2)).await.unwrap().unwrap(), "a 1 None");
    assert!(!with_a_context(&detached::Context::new()).await.unwrap());
    assert_eq!(with_parameters_of_these_names(1, 2, 3, 4, 5).await.unwrap(), [1, 2, 3, 4, 5]);
}
