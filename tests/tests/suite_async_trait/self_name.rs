//! `Self`, as a type, in paths and in patterns.

use detached::background;

use super::Struct;

mod core {}

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
