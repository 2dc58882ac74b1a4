//! What the public tests of `async-trait` say of async methods, said of background functions in traits and in
//! implementations. A trait declares what callers see: a function that returns a task.
//!
//! Refused, each with a message of its own, and shown among the messages: `&mut self`; a receiver or a parameter that
//! borrows with a lifetime of the type's (`Str<'a>`), for a task may outlive it; a body that is not `Send`, for the
//! runtime may move a task; a method without a body. Left out: what needs a nightly compiler.
#![allow(dead_code, clippy::needless_arbitrary_self_type, clippy::needless_lifetimes, clippy::needless_return)]
#![allow(clippy::non_minimal_cfg)]

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use detached::{Task, background};

// What is generated means the crate of that name, and not this.
mod core {}

#[derive(Clone)]
struct Struct;

trait Everything: Clone + Send + Sync + 'static {
    type Assoc: Send + 'static;

    fn required() -> Task<Self::Assoc>;

    #[background(timeout = "1m")]
    async fn by_value(self) -> u8
    where
        Self: Sized,
    {
        1
    }

    #[background(timeout = "1m")]
    async fn by_reference(&self) -> u8 {
        2
    }

    #[background(timeout = "1m")]
    async fn elided(_text: &str) -> u8 {
        3
    }

    #[background(timeout = "1m")]
    async fn explicit<'a>(_text: &'a str) -> u8 {
        4
    }

    #[background(timeout = "1m")]
    async fn generic<T: Send + 'static>(boxed: Box<T>) -> T {
        *boxed
    }

    #[background(timeout = "1m")]
    async fn calls(&self) -> u8 {
        self.by_reference().await.unwrap() + Self::elided("").await.unwrap() + <Self>::elided("").await.unwrap()
    }
}

impl Everything for Struct {
    type Assoc = ();

    #[background(timeout = "1m")]
    async fn required() -> Self::Assoc {}

    #[background(timeout = "1m")]
    async fn by_value(self) -> u8 {
        5
    }

    #[background(timeout = "1m")]
    async fn calls(&self) -> u8 {
        self.by_reference().await.unwrap() + <Self as Everything>::elided("").await.unwrap()
    }
}

#[derive(Clone)]
struct Defaults;

impl Everything for Defaults {
    type Assoc = u8;

    #[background(timeout = "1m")]
    async fn required() -> u8 {
        6
    }
}

#[tokio::test]
async fn methods_of_all_kinds() {
    Struct::required().await.unwrap();
    assert_eq!(Struct.by_value().await.unwrap(), 5);
    assert_eq!(Struct.by_reference().await.unwrap(), 2);
    assert_eq!(Struct::explicit("").await.unwrap(), 4);
    assert_eq!(Struct::generic(Box::new('x')).await.unwrap(), 'x');
    assert_eq!(Struct.calls().await.unwrap(), 5);
    assert_eq!(Defaults::required().await.unwrap(), 6);
    assert_eq!(Defaults.by_value().await.unwrap(), 1);
    assert_eq!(Defaults.calls().await.unwrap(), 8);
}

trait Object: Send + Sync {
    fn call(&self, argument: &str) -> Task<usize>;
}

impl Object for Struct {
    #[background(timeout = "1m")]
    async fn call(&self, argument: &str) -> usize {
        argument.len()
    }
}

#[tokio::test]
async fn objects_of_a_trait() {
    let object = &Struct as &dyn Object;
    assert_eq!(object.call("ab").await.unwrap(), 2);
}

impl Struct {
    #[background(timeout = "1m")]
    async fn destructs(&self, (a, ref mut b, ref c, d): (u8, u8, u8, u8)) -> u8 {
        *b += 1;
        let (_a, _b, _c, _d): (u8, &mut u8, &u8, u8) = (a, b, c, d);
        *_b
    }

    #[background(timeout = "1m")]
    async fn items_inside(self) -> u8 {
        #[derive(Debug)]
        struct Struct(u8);

        impl Struct {
            fn get(self) -> u8 {
                self.0
            }
        }
        Struct(1).get()
    }

    #[background(timeout = "1m")]
    async fn inferred() -> Box<dyn Iterator<Item = ()> + Send> {
        Box::new(std::iter::empty())
    }

    #[background(timeout = "1m")]
    async fn unwritten() {
        unimplemented!()
    }
}

trait Shows {
    fn show_owned(self) -> Task<String>;
    fn show(&self) -> Task<String>;
}

impl Shows for String {
    #[background(timeout = "1m")]
    async fn show_owned(self) -> String {
        format!("[{}]", self)
    }

    #[background(timeout = "1m")]
    async fn show(&self) -> String {
        let shown = format!("{self}{}", self);
        assert!(!shown.is_empty(), "{self} is empty");
        shown
    }
}

#[tokio::test]
async fn patterns_items_and_macros() {
    assert_eq!(Struct.destructs((1, 2, 3, 4)).await.unwrap(), 3);
    assert_eq!(Struct.items_inside().await.unwrap(), 1);
    assert_eq!(Struct::inferred().await.unwrap().count(), 0);
    assert!(Struct::unwritten().await.is_err());
    assert_eq!("a".to_owned().show_owned().await.unwrap(), "[a]");
    assert_eq!("a".to_owned().show().await.unwrap(), "aa");
}

trait Flattens: Future + Send + 'static {
    #[background(timeout = "1m")]
    async fn flatten(self) -> <Self::Output as Future>::Output
    where
        Self::Output: Future<Output: Send> + Send,
        Self: Sized,
    {
        let nested = self.await;
        nested.await
    }
}

impl<F: Future + Send + 'static> Flattens for F {}

trait Passes: Sized + Send + 'static {
    #[background(timeout = "1m")]
    async fn pass(value: Self) -> Self {
        value
    }
}

impl Passes for u8 {}

trait Shared {
    fn example(self: Arc<Self>) -> Task<u8>;
}

impl Shared for Struct {
    #[background(timeout = "1m")]
    async fn example(self: Arc<Self>) -> u8 {
        1
    }
}

impl<T: Clone + Send + Sync + 'static> Shared for Vec<T> {
    #[background(timeout = "1m")]
    async fn example(mut self: Arc<Self>) -> u8 {
        Arc::make_mut(&mut self).clear();
        self.len() as u8
    }
}

trait Marks {
    fn mark(&self, marker: PhantomData<dyn Debug + Send + Sync>) -> Task<()>;
}

impl Marks for () {
    #[background(timeout = "1m")]
    async fn mark(&self, _: PhantomData<dyn Debug + Send + Sync>) {}
}

trait Changes {
    fn change(self) -> Task<u8>;
}

impl Changes for u8 {
    #[background(timeout = "1m")]
    async fn change(mut self) -> u8 {
        fn do_something<T>(_: &mut T) {}
        do_something(&mut self);
        self
    }
}

#[tokio::test]
async fn traits_with_bounds_of_their_own() {
    assert_eq!(async { std::future::ready(1) }.flatten().await.unwrap(), 1);
    assert_eq!(u8::pass(1).await.unwrap(), 1);
    assert_eq!(Arc::new(Struct).example().await.unwrap(), 1);
    assert_eq!(Arc::new(vec!['a']).example().await.unwrap(), 0);
    ().mark(PhantomData).await.unwrap();
    assert_eq!(1u8.change().await.unwrap(), 1);
}

trait WithWhereSelf
where
    Box<Self>: Sized,
    Self: Sized + Send,
{
    #[background(timeout = "1m")]
    async fn get_one() -> u8 {
        1
    }
}

impl WithWhereSelf for Struct {}

macro_rules! implement {
    ($parameter:tt : $bound:tt, $name:ident, $id:expr) => {
        trait $name: Sized + Clone + Send + Sync + 'static {
            #[background(timeout = "1m")]
            async fn id<$parameter: $bound + 'static>(&self, value: $parameter) -> ($parameter, u8) {
                (value, $id)
            }
        }
    };
}

implement!(K: Send, Identified, 1);
impl Identified for Struct {}

#[derive(Clone)]
struct Unit;
#[derive(Clone)]
struct Tuple(u8);
#[derive(Clone)]
struct Fields {
    x: u8,
}
#[derive(Clone)]
enum Enum {
    Variant,
    Empty(),
    Braces {},
}

impl Unit {
    #[background(timeout = "1m")]
    async fn make() -> Self {
        Self
    }

    #[background(timeout = "1m")]
    async fn is_matched(&self) {
        let Self: Self = *self;
        let Self = self;
    }
}

impl Tuple {
    #[background(timeout = "1m")]
    async fn make() -> Self {
        Self(1)
    }
}

impl Fields {
    #[background(timeout = "1m")]
    async fn make() -> Self {
        Self { x: 1 }
    }
}

impl Enum {
    #[background(timeout = "1m")]
    async fn which(&self) -> u8 {
        match self {
            Self::Variant => 1,
            Enum::Empty() => 2,
            Self::Braces {} => 3,
        }
    }

    #[background(timeout = "1m")]
    async fn all() -> [Self; 3] {
        [Self::Variant, Self::Empty(), Self::Braces {}]
    }
}

#[tokio::test]
async fn what_self_stands_for() {
    assert_eq!(Struct::get_one().await.unwrap(), 1);
    assert_eq!(Struct.id('x').await.unwrap(), ('x', 1));
    Unit::make().await.unwrap().is_matched().await.unwrap();
    assert_eq!(Tuple::make().await.unwrap().0 + Fields::make().await.unwrap().x, 2);
    let mut sum = 0;
    for variant in Enum::all().await.unwrap() {
        sum += variant.which().await.unwrap();
    }
    assert_eq!(sum, 6);
}

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

/// Flips the flag when it is dropped.
struct Flagger(Arc<AtomicU8>);

impl Drop for Flagger {
    fn drop(&mut self) {
        self.0.fetch_xor(1, Ordering::Relaxed);
    }
}

#[background(timeout = "1m")]
async fn unnamed(_: Flagger, flag: Arc<AtomicU8>) {
    flag.fetch_or(1, Ordering::Relaxed);
}

impl Flagger {
    #[background(timeout = "1m")]
    async fn receiver(self, flag: Arc<AtomicU8>) {
        flag.fetch_or(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn the_body_comes_before_the_drops() {
    let flag = Arc::new(AtomicU8::new(0));
    unnamed(Flagger(flag.clone()), flag.clone()).await.unwrap();
    assert_eq!(flag.load(Ordering::Relaxed), 0);
    Flagger(flag.clone()).receiver(flag.clone()).await.unwrap();
    assert_eq!(flag.load(Ordering::Relaxed), 0);
}

struct Pair<T, U>(T, U);

#[background(timeout = "1m")]
async fn partly_bound(Pair(_, number): Pair<Flagger, u8>, Pair { 1: other, .. }: Pair<Flagger, u8>) -> u8 {
    number + other
}

#[tokio::test]
async fn a_pattern_leaves_a_part_with_a_drop_behind() {
    let flag = Arc::new(AtomicU8::new(0));
    let pair = || Pair(Flagger(flag.clone()), 1);
    let task = partly_bound(pair(), pair());
    assert_eq!(flag.load(Ordering::Relaxed), 0);
    assert_eq!(task.await.unwrap(), 2);
    assert_eq!(Arc::strong_count(&flag), 1);
}
