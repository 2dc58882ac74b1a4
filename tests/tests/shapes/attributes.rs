//! Visibilities, documentation, and the attributes of functions, of parameters and of bodies.

// `cfg(all())` is the shortest condition that always holds.
#![allow(clippy::non_minimal_cfg)]

use std::panic::Location;

use detached::background;

mod outer {
    pub(crate) mod inner {
        use detached::background;

        #[background(timeout = "1m")]
        pub async fn public() -> &'static str {
            private().await.unwrap()
        }

        #[background(timeout = "1m")]
        pub(crate) async fn of_the_crate() -> u8 {
            1
        }

        #[background(timeout = "1m")]
        pub(super) async fn of_the_parent() -> u8 {
            2
        }

        #[background(timeout = "1m")]
        pub(in super::super) async fn of_a_path() -> u8 {
            3
        }

        #[background(timeout = "1m")]
        pub(self) async fn private() -> &'static str {
            "private"
        }
    }

    pub(super) fn call_child() -> detached::Task<u8> {
        inner::of_the_parent()
    }
}

#[tokio::test]
async fn every_visibility() {
    assert_eq!(outer::inner::public().await.unwrap(), "private");
    assert_eq!(outer::inner::of_the_crate().await.unwrap(), 1);
    assert_eq!(outer::call_child().await.unwrap(), 2);
    assert_eq!(outer::inner::of_a_path().await.unwrap(), 3);
}

/// Documented, above the attribute,
#[background(timeout = "1m")]
/// and below.
#[doc = "And spelt out."]
#[doc(alias = "documentation")]
#[doc(hidden)]
async fn documented() -> u8 {
    //! And inside.
    4
}

#[background(timeout = "1m")]
#[cfg(all())]
async fn present() -> u8 {
    5
}

// What is not there need not exist.
#[cfg(any())]
#[background(timeout = "1m")]
async fn absent(nothing: Nothing) -> Nothing {
    nothing.at_all()
}

#[background(timeout = "1m")]
#[cfg(any())]
async fn absent(nothing: Nothing) -> Nothing {
    nothing.at_all()
}

#[cfg_attr(all(), background(timeout = "1m"))]
async fn attributed_on_a_condition() -> u8 {
    6
}

#[background(timeout = "1m")]
#[inline]
#[cold]
#[rustfmt::skip]
async fn told_to_the_compiler() -> u8 { 7 }

#[background(timeout = "1m")]
#[inline(always)]
async fn inlined() -> u8 {
    8
}

#[background(timeout = "1m")]
#[deprecated(since = "0.1.0", note = "use another")]
async fn deprecated() -> u8 {
    9
}

#[background(timeout = "1m")]
#[must_use = "it says how many"]
async fn must_use() -> u8 {
    10
}

#[background(timeout = "1m")]
#[unsafe(no_mangle)]
pub async fn __detached_tests_unmangled() -> u8 {
    11
}

#[cfg(target_arch = "x86_64")]
#[background(timeout = "1m")]
#[target_feature(enable = "sse2")]
async fn with_a_target_feature() -> u8 {
    12
}

#[tokio::test]
async fn attributes_of_functions() {
    assert_eq!(documented().await.unwrap(), 4);
    assert_eq!(present().await.unwrap(), 5);
    assert_eq!(attributed_on_a_condition().await.unwrap(), 6);
    assert_eq!(told_to_the_compiler().await.unwrap(), 7);
    assert_eq!(inlined().await.unwrap(), 8);
    #[expect(deprecated)]
    let task = deprecated();
    assert_eq!(task.await.unwrap(), 9);
    assert_eq!(must_use().await.unwrap(), 10);
    assert_eq!(__detached_tests_unmangled().await.unwrap(), 11);
    #[cfg(target_arch = "x86_64")]
    assert_eq!(unsafe { with_a_target_feature() }.await.unwrap(), 12);
}

#[deny(unused_variables, unused_mut)]
#[background(timeout = "1m")]
#[expect(non_snake_case)]
async fn Levels(#[expect(unused_variables)] unused: u8, #[allow(unused_mut)] mut same: u8) -> u8 {
    same
}

#[deny(unused_variables)]
#[background(timeout = "1m")]
async fn levels_inside(unused: u8) -> u8 {
    #![allow(unused_variables)]
    #![cfg_attr(all(), allow(unused_mut))]
    let mut other = 1;
    2
}

#[background(timeout = "1m")]
#[allow(unused_variables)]
async fn levels_outside(unused: &str) -> u8 {
    let other = 1;
    3
}

#[tokio::test]
async fn lint_levels() {
    assert_eq!(Levels(0, 1).await.unwrap(), 1);
    assert_eq!(levels_inside(0).await.unwrap(), 2);
    assert_eq!(levels_outside("").await.unwrap(), 3);
}

#[background(timeout = "1m")]
async fn conditional_parameters(
    #[cfg(any())] absent: Nothing,
    #[cfg(all())] present: u8,
    #[cfg_attr(any(), cfg(any()))] kept: &str,
    #[cfg_attr(all(), cfg(any()))] left_out: &Nothing,
    #[cfg(all())] (first, _): (u8, u8),
    #[cfg_attr(all(), allow(unused_variables))] unused: u8,
) -> (u8, String, u8) {
    (present, kept.to_owned(), first)
}

struct Conditional(u8);

impl Conditional {
    #[background(timeout = "1m")]
    async fn call(self, #[cfg(any())] absent: Nothing, #[cfg(all())] present: u8) -> u8 {
        self.0 + present
    }
}

#[tokio::test]
async fn attributes_of_parameters() {
    assert_eq!(conditional_parameters(1, "kept", (2, 3), 4).await.unwrap(), (1, "kept".to_owned(), 2));
    assert_eq!(Conditional(1).call(2).await.unwrap(), 3);
}

#[background(timeout = "1m")]
#[track_caller]
async fn tracked() {}

#[track_caller]
fn through_a_helper() -> (detached::Task<()>, u32) {
    (tracked(), Location::caller().line())
}

#[tokio::test]
async fn the_caller_is_the_users_line() {
    let supervisor = detached::Supervisor::new();
    let (task, line) = supervisor
        .scope(async {
            let (task, line) = through_a_helper();
            let (id, caller) = (task.id(), supervisor.tasks()[0].caller());
            assert_eq!((caller.file(), caller.line()), (file!(), line));
            assert_eq!(supervisor.tasks()[0].id(), id);
            (task, line)
        })
        .await;
    assert!(line > 0);
    task.await.unwrap();
}
