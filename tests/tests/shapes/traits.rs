//! Methods of traits: defaults, and implementations that return a task.

use detached::{Task, background};

trait Saves: Clone + Send + Sync + 'static {
    const NAME: &'static str;
    type Row: Clone + Send + Sync + 'static;

    fn save(&self, row: &Self::Row) -> Task<(Self::Row, &'static str)>;

    fn start() -> Task<&'static str>;

    #[background(timeout = "1m")]
    async fn save_all(&self, rows: &[Self::Row]) -> usize {
        for row in rows {
            self.save(row).await.unwrap();
        }
        rows.len()
    }

    #[background(timeout = "1m")]
    async fn save_owned(self, row: Self::Row) -> Self::Row {
        self.save(&row).await.unwrap().0
    }

    #[background(timeout = "1m")]
    async fn name() -> &'static str {
        Self::NAME
    }

    #[background(timeout = "1m")]
    async fn with_bounds<T>(&self, value: T) -> (T, Self)
    where
        T: Send + 'static,
        Self: Sized,
    {
        (value, self.clone())
    }
}

#[derive(Clone)]
struct Store(u8);

impl Saves for Store {
    const NAME: &'static str = "store";
    type Row = u8;

    #[background(timeout = "1m")]
    async fn save(&self, row: &u8) -> (u8, &'static str) {
        (self.0 + row, Self::NAME)
    }

    #[background(timeout = "1m")]
    async fn start() -> &'static str {
        Self::NAME
    }

    #[background(timeout = "1m")]
    async fn save_owned(self, row: Self::Row) -> <Self as Saves>::Row {
        self.0 + row + 1
    }
}

#[tokio::test]
async fn traits_and_their_implementations() {
    let store = Store(1);
    assert_eq!(store.save(&2).await.unwrap(), (3, "store"));
    assert_eq!(Store::start().await.unwrap(), "store");
    assert_eq!(store.save_all(&[1, 2]).await.unwrap(), 2);
    assert_eq!(store.clone().save_owned(1).await.unwrap(), 3);
    assert_eq!(Store::name().await.unwrap(), "store");
    assert_eq!(store.with_bounds('x').await.unwrap().0, 'x');
}

trait Runs: Send + Sync {
    fn run(self: std::sync::Arc<Self>, times: u8) -> Task<u8>;
}

impl Runs for Store {
    #[background(timeout = "1m")]
    async fn run(self: std::sync::Arc<Self>, times: u8) -> u8 {
        self.0 * times
    }
}

#[tokio::test]
async fn trait_objects() {
    let runs: std::sync::Arc<dyn Runs> = std::sync::Arc::new(Store(2));
    assert_eq!(runs.run(3).await.unwrap(), 6);
}

// A trait that others call on what is no type of theirs.
trait Twice {
    fn twice(&self) -> Task<String>;
}

impl Twice for str {
    #[background(timeout = "1m")]
    async fn twice(&self) -> String {
        self.repeat(2)
    }
}

impl Twice for [u8] {
    #[background(timeout = "1m")]
    async fn twice(&self) -> String {
        format!("{}", self.len() * 2)
    }
}

#[tokio::test]
async fn receivers_that_are_no_clone() {
    assert_eq!("ab".twice().await.unwrap(), "abab");
    assert_eq!([1, 2][..].twice().await.unwrap(), "4");
}
