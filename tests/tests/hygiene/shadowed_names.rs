//! Types, traits, functions and constants with the names of the prelude, and with those that generated code uses.
#![allow(dead_code, non_camel_case_types, non_upper_case_globals)]

use detached::background;

struct Result;
struct Option;
struct Ok(u8);
struct Err(u8);
struct Some(u8);
struct None;
struct Box;
struct Vec;
struct String;
struct Task;
struct Context;
struct Supervisor;
struct Function;
struct Call;
struct Name;
struct Level;
struct Duration;
struct Infallible;
struct Returned;
trait Send {}
trait Sync {}
trait Sized {}
trait Clone {}
trait ToOwned {}
trait Borrow {}
trait Future {}
trait Inherit {}
trait Drop {}
fn drop() {}
fn own() {}
fn lend() {}
fn never() {}
fn call() {}
fn identity() {}
const FUNCTION: u8 = 1;
type u8_ = u8;
type bool = ();
type usize = ();
type str = ();

mod with_types {
    use detached::background;

    #[background(timeout = "1m", limit = 2, overflow = "wait", queue = 3, start_timeout = "1m", inherit = ["user_id?"])]
    pub(super) async fn everything(
        text: &::std::primitive::str,
        _: u8,
        [a, _]: [u8; 2],
        #[inherit] page: std::option::Option<u8>,
    ) -> std::result::Result<u8, std::fmt::Error> {
        use super::*;
        let _ = (FUNCTION, page);
        std::result::Result::Ok(text.len() as u8 + a)
    }
}

#[background(timeout = "1m", limit = 2, overflow = "wait", queue = 3, start_timeout = "1m", inherit = ["user_id?"])]
async fn beside_all_of_them(text: &std::primitive::str, _unused: u8, #[inherit] page: std::option::Option<u8>) -> Ok {
    let _ = page;
    Ok(text.len() as u8)
}

#[background(timeout = "1m")]
async fn returns_a_shadowed_type() -> Result {
    Result
}

#[background(timeout = "1m")]
async fn never_returns() -> ! {
    panic!("as it says")
}

struct Receiver;

impl std::clone::Clone for Receiver {
    fn clone(&self) -> Self {
        Self
    }
}

impl Receiver {
    #[background(timeout = "1m")]
    async fn lent(&self) -> Some {
        let Self = self;
        Some(1)
    }
}

#[tokio::test]
async fn names_of_the_prelude() {
    assert_eq!(with_types::everything("ab", 0, [1, 2]).await.unwrap().unwrap(), 3);
    assert_eq!(beside_all_of_them("ab", 0).await.unwrap().0, 2);
    let Result = returns_a_shadowed_type().await.unwrap();
    assert!(never_returns().await.is_err());
    assert_eq!(Receiver.lent().await.unwrap().0, 1);
}
