//! Receivers: the same comparison of methods, of a type with three parts.

use std::pin::Pin;
use std::sync::Arc;

use super::ends::{ENDS, End, end_plain, end_task};
use super::log::{Log, Part};

macro_rules! methods {
    ($($case:ident: |$log:ident, $holder:ident| $receiver:expr, ($($parameter:tt)*) $body:block)*) => {
        mod plain_methods {
            use super::*;
            holder!();
            impl Holder {
                $(pub(super) async fn $case($($parameter)*) -> Option<usize> $body)*
            }
        }

        mod background_methods {
            use super::*;
            holder!();
            impl Holder {
                $(
                    #[detached::background(timeout = "none")]
                    pub(super) async fn $case($($parameter)*) -> Option<usize> $body
                )*
            }
        }

        $(
            #[tokio::test]
            async fn $case() {
                for end in ENDS {
                    let $log = Log::default();
                    let $holder = plain_methods::Holder::new(&$log);
                    end_plain($receiver.$case(end, $log.part("more"), $log.part("most")), end);
                    let expected = $log.take();
                    assert!(expected.iter().any(|what| what.starts_with("drop")), "{:?}", end);
                    let $holder = background_methods::Holder::new(&$log);
                    end_task($receiver.$case(end, $log.part("more"), $log.part("most")), end, &$log).await;
                    assert_eq!($log.take(), expected, "{:?}", end);
                }
            }
        )*
    };
}

macro_rules! holder {
    () => {
        pub(super) struct Holder {
            a: Part,
            b: Part,
            c: Part,
        }

        impl Holder {
            pub(super) fn new(log: &Log) -> Self {
                Self { a: log.part("a"), b: log.part("b"), c: log.part("c") }
            }
        }
    };
}

methods! {
    by_value: |log, holder| holder, (self, end: End, more: Part, _: Part) {
        let _local = more.log.part("local");
        end.reach().await?;
        Some(self.b.touch() + more.touch())
    }

    by_value_not_named: |log, holder| holder, (self, end: End, _more: Part, _: Part) {
        end.reach().await?;
        Some(1)
    }

    by_value_taken_apart: |log, holder| holder, (self, end: End, more: Part, most: Part) {
        let b = self.b;
        end.reach().await?;
        drop(self.c);
        Some(b.touch() + more.touch() + most.touch())
    }

    by_value_in_a_pattern: |log, holder| holder, (self, end: End, more: Part, _most: Part) {
        let Self { c, ref a, .. } = self;
        end.reach().await?;
        Some(c.touch() + a.touch() + more.touch())
    }

    by_value_mutable: |log, holder| holder, (mut self, end: End, more: Part, _most: Part) {
        self.a = more;
        end.reach().await?;
        Some(self.c.touch())
    }

    by_value_in_a_closure: |log, holder| holder, (self, end: End, more: Part, _: Part) {
        let closure = move || self.b.touch();
        end.reach().await?;
        Some(closure() + more.touch())
    }

    by_arc: |log, holder| Arc::new(holder), (self: Arc<Self>, end: End, more: Part, _: Part) {
        let other = self.clone();
        end.reach().await?;
        drop(self);
        Some(other.b.touch() + more.touch())
    }

    by_box: |log, holder| Box::new(holder), (self: Box<Self>, end: End, more: Part, _: Part) {
        let b = self.b;
        end.reach().await?;
        Some(b.touch() + more.touch())
    }

    by_pin: |log, holder| Box::pin(holder), (self: Pin<Box<Self>>, end: End, _: Part, most: Part) {
        end.reach().await?;
        Some(most.touch())
    }
}
