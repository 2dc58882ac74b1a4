//! Names, macros and parameters of all kinds.
#![allow(clippy::non_minimal_cfg)] // Is checked before the crate's list reaches this file.

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Arc;

use detached::{Task, background};

use super::Struct;
use super::bounds::Shared;
use super::methods::Object;

mod core {}

macro_rules! same {
    ($($token:tt)*) => {
        $($token)*
    };
}

trait Associated: Clone + Send + Sync + 'static
where
    same!(Self): Send,
{
    const ASSOCIATED: &'static str;
    type Associated;

    fn plain() -> u8;

    #[background(timeout = "1m")]
    async fn names(&self) -> (&'static str, u8) {
        macro_rules! local {
            () => {{
                let _: &Self = self;
                Self::plain()
            }};
        }
        same!(let _: Option<Self::Associated> = None;);
        same!(let _: Option<<Self as Associated>::Associated> = None;);
        same!(let _ = <Self>::ASSOCIATED;);
        same!(drop(Self::next(self)););
        (same!(Self::ASSOCIATED), local!())
    }

    #[background(timeout = "1m")]
    async fn next(&self) {}
}

#[derive(Clone)]
struct Generic<T>(T);

impl<T: Clone + Send + Sync + 'static> Associated for Generic<T>
where
    same!(Self): Send,
{
    const ASSOCIATED: &'static str = "associated";
    type Associated = ();

    fn plain() -> u8 {
        1
    }
}

fn at_module_level() -> u8 {
    7
}

impl Struct {
    #[background(timeout = "1m")]
    async fn module_path(&self) -> u8 {
        self::at_module_level()
    }

    #[background(timeout = "1m")]
    #[allow(non_snake_case)]
    async fn camelCase(self: &Self) {}

    #[background(timeout = "1m")]
    async fn rebinds(mut self: &Self) -> bool {
        fn take(_: &mut &Struct) -> bool {
            true
        }
        take(&mut self)
    }

    #[background(timeout = "1m")]
    async fn selects(self: Arc<Self>) -> u8 {
        tokio::select! {
            value = async { self.clone().example().await } => value.unwrap(),
        }
    }

    #[background(timeout = "1m")]
    async fn calls_back(&self, mut callback: impl FnMut(&str) -> usize + Send + 'static) -> usize {
        callback("ab")
    }

    #[background(timeout = "1m")]
    async fn lent_opaque(value: &(impl Debug + Clone + Send + Sync + 'static)) -> String {
        format!("{value:?}")
    }

    #[background(timeout = "1m")]
    async fn opaque(&self) -> Result<impl AsRef<str> + Send + Sync, ()> {
        Ok("text")
    }

    #[background(timeout = "1m")]
    async fn conditional(
        &self,
        #[cfg(any())] (left, right): (u8, u8),
        #[cfg(all())] (left, _right): (u8, u8),
        #[cfg(any())] _: u8,
        #[cfg(all())] _: u8,
    ) -> u8 {
        left
    }

    #[background(timeout = "1m")]
    async fn conditional_generics<#[cfg(any())] T: Send, #[cfg(all())] U: Send + 'static>(
        #[cfg(any())] t: T,
        #[cfg(all())] u: U,
    ) -> U {
        u
    }

    #[background(timeout = "1m")]
    async fn lent_tuple<T: Clone + Send + Sync + 'static>(&self, (a, _): &(T, T), (_a, _b, _c): &(T, T, T)) -> T {
        a.clone()
    }

    #[background(timeout = "1m")]
    async fn const_generic<T: Send + 'static, const C: usize>(_: [T; C]) -> usize {
        C
    }

    #[background(timeout = "1m")]
    async fn only_a_const<const FLAG: bool>(self) -> bool {
        FLAG
    }

    #[background(timeout = "1m")]
    async fn unit() -> () {}

    #[background(timeout = "1m")]
    async fn forever() -> &'static dyn Object {
        return &Struct;
    }

    #[background(timeout = "1m")]
    async fn never() -> ! {
        loop {
            std::future::pending::<Infallible>().await;
        }
    }
}

#[tokio::test]
async fn names_macros_and_parameters() {
    assert_eq!(Generic('x').names().await.unwrap(), ("associated", 1));
    assert_eq!(Struct.module_path().await.unwrap(), 7);
    Struct.camelCase().await.unwrap();
    assert!(Struct.rebinds().await.unwrap());
    assert_eq!(Arc::new(Struct).selects().await.unwrap(), 1);
    assert_eq!(Struct.calls_back(str::len).await.unwrap(), 2);
    assert_eq!(Struct::lent_opaque(&1).await.unwrap(), "1");
    assert_eq!(Struct.opaque().await.unwrap().unwrap().as_ref(), "text");
    assert_eq!(Struct.conditional((1, 2), 3).await.unwrap(), 1);
    assert_eq!(Struct::conditional_generics('u').await.unwrap(), 'u');
    assert_eq!(Struct.lent_tuple(&(1, 2), &(3, 4, 5)).await.unwrap(), 1);
    assert_eq!(Struct::const_generic([0; 10]).await.unwrap(), 10);
    assert!(Struct.only_a_const::<true>().await.unwrap());
    Struct::unit().await.unwrap();
    assert_eq!(Struct::forever().await.unwrap().call("ab").await.unwrap(), 2);
    let _: fn() -> Task<Infallible> = Struct::never;
}
