//! What generated code names is not there for the user's code.
#![allow(dead_code, unused_variables)]

use detached::background;

/// Items of the names of generated variables: the body sees these, and not the variables.
mod items {
    use detached::background;

    fn __call() -> &'static str {
        "an item of the user's"
    }

    fn __body() -> &'static str {
        "an item of the user's"
    }

    fn __arg1() -> &'static str {
        "an item of the user's"
    }

    const FUNCTION: &str = "an item of the user's";

    fn page() -> &'static str {
        "an item of the user's"
    }

    #[background(timeout = "1m", inherit = ["page?"])]
    pub(super) async fn seen_by_the_body(text: &str, (_, _): (u8, u8)) -> [&'static str; 5] {
        [__call(), __body(), __arg1(), page(), FUNCTION]
    }
}

/// So do methods, in which `self` goes by another name.
mod methods {
    #![allow(non_upper_case_globals)]

    use detached::background;

    const detached_self: u8 = 1;
    static __self: u8 = 2;
    const this: u8 = 3;

    #[derive(Clone)]
    pub(super) struct Counter(pub(super) u8);

    impl Counter {
        #[background(timeout = "1m")]
        pub(super) async fn lent(&self) -> String {
            let closure = || self.0 + detached_self + __self + this;
            format!("{} {self}", closure())
        }

        #[background(timeout = "1m")]
        pub(super) async fn moved(mut self) -> u8 {
            self.0 += detached_self + __self + this;
            self.0
        }
    }

    impl std::fmt::Display for Counter {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.fmt(f)
        }
    }
}

#[tokio::test]
async fn items_of_any_name_beside_a_method() {
    assert_eq!(methods::Counter(4).lent().await.unwrap(), "10 4");
    assert_eq!(methods::Counter(4).moved().await.unwrap(), 10);
}

/// An expression of an option sees the parameters and what is around the function.
mod expressions {
    use std::time::Duration;

    use detached::background;

    const FUNCTION: Duration = Duration::from_secs(1);

    fn __call(seconds: u64) -> Duration {
        FUNCTION * seconds as u32
    }

    #[background(timeout = FUNCTION * 60)]
    pub(super) async fn seen_as_it_is(#[context] context: detached::Context) -> Option<Duration> {
        context.remaining()
    }

    pub(super) mod limits {
        use detached::background;

        const FUNCTION: usize = 1;

        #[background(timeout = "1m", limit = FUNCTION)]
        pub(in super::super) async fn limited(go: std::sync::Arc<tokio::sync::Notify>) {
            go.notified().await;
        }
    }

    #[background(timeout = __call(seconds))]
    pub(super) async fn seen_by_an_option(seconds: u64, #[context] context: detached::Context) -> Option<Duration> {
        context.remaining()
    }
}

#[tokio::test(start_paused = true)]
async fn the_users_items_are_seen() {
    assert_eq!(items::seen_by_the_body("", (1, 2)).await.unwrap(), ["an item of the user's"; 5]);
    let remaining = expressions::seen_by_an_option(60, detached::Context::new()).await.unwrap();
    assert_eq!(remaining, Some(std::time::Duration::from_secs(60)));
    let remaining = expressions::seen_as_it_is(detached::Context::new()).await.unwrap();
    assert_eq!(remaining, Some(std::time::Duration::from_secs(60)));
    let (first, second) =
        (expressions::limits::limited(Default::default()), expressions::limits::limited(Default::default()));
    assert!(!first.is_finished() && second.is_finished());
}

/// Labels, loops and `return` of the body are the body's.
#[background(timeout = "1m")]
async fn control_flow(value: u8) -> u8 {
    let closure = || {
        if value > 1 {
            return 1;
        }
        0
    };
    'body: loop {
        if closure() == 1 {
            break 'body;
        }
        return 2;
    }
    3
}

#[tokio::test]
async fn control_flow_of_the_body() {
    assert_eq!(control_flow(2).await.unwrap(), 3);
    assert_eq!(control_flow(1).await.unwrap(), 2);
}
