//! Patterns of parameters. Every case is one source, compiled as a plain function and as a background function, and the two
//! are compared.

use super::ends::{ENDS, End, end_plain, end_task};
use super::log::{Log, Part, Three, Wrapped};

/// `fn name(log: &Log) { arguments } => async fn`: a function and how to call it.
macro_rules! cases {
    ($($case:ident: |$log:ident| ($($argument:expr),*), ($($parameter:tt)*) $body:block)*) => {
        mod plain {
            use super::*;
            $(pub(super) async fn $case($($parameter)*) -> Option<usize> $body)*
        }

        mod background {
            use super::*;
            $(
                #[detached::background(timeout = "none")]
                pub(super) async fn $case($($parameter)*) -> Option<usize> $body
            )*
        }

        $(
            #[tokio::test]
            async fn $case() {
                for end in ENDS {
                    let $log = Log::default();
                    end_plain(plain::$case(end, $($argument),*), end);
                    let expected = $log.take();
                    assert!(expected.iter().any(|what| what.starts_with("drop")), "{:?}", end);
                    end_task(background::$case(end, $($argument),*), end, &$log).await;
                    assert_eq!($log.take(), expected, "{:?}", end);
                }
            }
        )*
    };
}

cases! {
    plain_names: |log| (log.part("first"), log.part("second")), (end: End, first: Part, second: Part) {
        let _local = first.log.part("local");
        end.reach().await?;
        if end == End::Early {
            return None;
        }
        Some(first.touch() + second.touch())
    }

    not_named_in_the_body: |log| (log.part("first"), log.part("second")), (end: End, first: Part, _second: Part) {
        let _local = first.log.part("local");
        end.reach().await?;
        if end == End::Early {
            return None;
        }
        Some(1)
    }

    never_named: |log| (log.part("first"), log.part("second"), log.clone()), (end: End, _: Part, _: Part, log: Log) {
        let _local = log.part("local");
        end.reach().await?;
        if end == End::Early {
            return None;
        }
        Some(1)
    }

    never_named_among_others: |log| (log.part("a"), log.part("b"), log.part("c"), log.part("d")),
    (end: End, a: Part, _: Part, _c: Part, d: Part) {
        let _local = a.log.part("local");
        end.reach().await?;
        drop(d);
        Some(1)
    }

    tuples: |log| ((log.part("a"), log.part("b"), log.part("c")), log.part("d")),
    (end: End, (a, _, c): (Part, Part, Part), d: Part) {
        let _local = a.log.part("local");
        end.reach().await?;
        Some(a.touch() + c.touch() + d.touch())
    }

    tuples_of_nothing: |log| ((log.part("a"), log.part("b")), log.part("c"), log.clone()),
    (end: End, (_, _): (Part, Part), _: Part, log: Log) {
        let _local = log.part("local");
        end.reach().await?;
        Some(1)
    }

    structs: |log| (log.three(), log.part("d")), (end: End, Three { b, .. }: Three, d: Part) {
        let _local = d.log.part("local");
        end.reach().await?;
        Some(b.touch())
    }

    tuple_structs: |log| (log.wrapped(), log.wrapped()), (end: End, Wrapped(_, one): Wrapped, Wrapped(zero, ..): Wrapped) {
        end.reach().await?;
        Some(one.touch() + zero.touch())
    }

    slices: |log| ([log.part("a"), log.part("b"), log.part("c")], log.part("d")),
    (end: End, [first, .., last]: [Part; 3], _d: Part) {
        end.reach().await?;
        Some(first.touch() + last.touch())
    }

    by_reference: |log| (log.part("a"), (log.part("b"), log.part("c")), log.part("d")),
    (end: End, ref a: Part, (ref b, ref mut c): (Part, Part), ref _d: Part) {
        end.reach().await?;
        Some(a.touch() + b.touch() + c.touch())
    }

    partly_by_reference: |log| ((log.wrapped(), log.part("c")), log.part("d")),
    (end: End, (Wrapped(_, ref one), c): (Wrapped, Part), mut d: Part) {
        end.reach().await?;
        d.name = "renamed";
        Some(one.touch() + c.touch() + d.touch())
    }

    as_a_whole: |log| (log.wrapped(), log.three()), (end: End, whole @ Wrapped(..): Wrapped, ref three @ Three { ref a, .. }: Three) {
        end.reach().await?;
        Some(whole.0.touch() + three.c.touch() + a.touch())
    }

    moved_in_the_body: |log| (log.part("a"), log.three(), log.part("d")), (end: End, a: Part, three: Three, d: Part) {
        drop(a);
        let b = three.b;
        end.reach().await?;
        let _kept = d;
        Some(b.touch())
    }

    changed_in_the_body: |log| (log.part("a"), log.part("b")), (end: End, mut a: Part, b: Part) {
        let log = a.log.clone();
        a = log.part("another");
        end.reach().await?;
        Some(a.touch() + b.touch())
    }

    shadowed_in_the_body: |log| (log.part("a"), log.part("b")), (end: End, a: Part, b: Part) {
        let a = a.log.part("shadow");
        end.reach().await?;
        Some(a.touch() + b.touch())
    }

    temporaries_of_the_tail: |log| (log.part("a"), log.part("b")), (end: End, a: Part, b: Part) {
        let _local = a.log.part("local");
        end.reach().await?;
        Some(a.guard().touch() + b.log.part("temporary").touch())
    }

    temporaries_of_a_tail_that_matches: |log| (log.part("a"), log.part("b")), (end: End, a: Part, _: Part) {
        let local = a.log.part("local");
        end.reach().await?;
        match a.guard().touch() {
            0 => None,
            _ => Some(local.touch()),
        }
    }

    temporaries_of_a_tail_that_matches_a_let: |log| (log.part("a")), (end: End, a: Part) {
        end.reach().await?;
        if let 0 = a.guard().touch() {
            None
        } else {
            Some(a.touch())
        }
    }

    without_a_body: |log| (log.part("a"), (log.part("b"), log.part("c"))), (end: End, _a: Part, (_b, _): (Part, Part)) {
        end.reach().await
            .map(|()| 1)
    }

    captured_by_a_closure: |log| (log.three(), log.part("d")), (end: End, three: Three, d: Part) {
        let closure = move || three.b.touch();
        end.reach().await?;
        Some(closure() + d.touch())
    }

    captured_by_a_block: |log| (log.three(), log.part("d")), (end: End, three: Three, d: Part) {
        let block = async move {
            end.reach().await?;
            Some(three.b.touch() + three.a.touch())
        };
        Some(block.await? + d.touch())
    }
}
