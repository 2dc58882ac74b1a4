//! No crate is called `detached` here, so generated code that named it would not compile.

mod renamed_dependency {
    use std::fmt::Display;

    use after_the_answer::{Context, Key, Supervisor, Task, background};

    static USER: Key<u8> = Key::new("user");

    #[background(timeout = "1m", inherit = ["page?", USER?], grace = "1s", limit = 3, crate = ::after_the_answer)]
    async fn everything<T: Display + Clone + Send + Sync + 'static>(
        value: &T,
        text: &str,
        #[inherit] id: Option<u8>,
    ) -> Result<String, std::fmt::Error> {
        Ok(format!("{value} {text} {id:?} {:?}", USER.try_get().ok()))
    }

    #[background(crate = after_the_answer, timeout = std::time::Duration::from_secs(60), supervisor = owner)]
    async fn with_both(#[context] context: &Context, owner: Supervisor) -> bool {
        drop(owner);
        context.is_cancelled()
    }

    static KEPT: Key<u8, after_the_answer::durable::Stored> = Key::new("kept").stored();

    #[background(durable = "q", timeout = "1m", inherit = [KEPT?], backoff = "1s..2s", crate = ::after_the_answer)]
    async fn stored(value: u8, #[inherit(KEPT)] kept: Option<u8>, #[state] shared: Option<bool>) {
        let _ = (value, kept, shared);
    }

    struct Method(u8);

    impl Method {
        #[background(timeout = "1m", crate = after_the_answer)]
        async fn call(self: std::sync::Arc<Self>) -> u8 {
            self.0
        }
    }

    #[test]
    fn a_renamed_dependency() {
        facade::run(async {
            let task: Task<_> = everything(&1, "two");
            assert_eq!(task.await.unwrap().unwrap(), "1 two None None");
            assert!(!with_both(&Context::new(), Supervisor::new()).await.unwrap());
            assert_eq!(std::sync::Arc::new(Method(1)).call().await.unwrap(), 1);
            assert!(stored(1).await.is_err(), "there is no store");
            assert!(after_the_answer::durable::Registry::new().register::<stored>().is_ok());
        });
    }
}

mod through_a_facade {
    use facade::work::{Task, background};

    #[background(timeout = "1m", trace = "child", level = "warn", overflow = "wait", limit = 1, crate = facade::work)]
    async fn absolute(text: &str) -> usize {
        text.len()
    }

    use facade::work as ours;

    #[background(timeout = "1m", crate = ours)]
    async fn by_an_import(text: &str) -> usize {
        text.len()
    }

    #[background(timeout = "1m", crate = self::ours)]
    async fn by_a_relative_path(text: &str) -> usize {
        text.len()
    }

    // What a facade can do so that its users need not say where it is.
    macro_rules! job {
        ($($function:tt)*) => {
            #[$crate::through_a_facade::background(timeout = "1m", crate = $crate::through_a_facade::ours)]
            $($function)*
        };
    }

    job! {
        async fn by_a_macro(text: &str) -> usize {
            text.len()
        }
    }

    #[test]
    fn a_facade() {
        facade::run(async {
            let task: Task<usize> = absolute("a");
            assert_eq!(task.await.unwrap(), 1);
            assert_eq!(by_an_import("ab").await.unwrap(), 2);
            assert_eq!(by_a_relative_path("ab").await.unwrap(), 2);
            assert_eq!(by_a_macro("ab").await.unwrap(), 2);
        });
    }
}
