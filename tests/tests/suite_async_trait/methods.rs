//! Methods declared, provided and implemented, called on a type and on an object.

use detached::{Task, background};

use super::Struct;

mod core {}

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

pub(super) trait Object: Send + Sync {
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
