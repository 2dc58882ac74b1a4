//! `self` in all its forms, and what `Self` means.

use std::fmt::{self, Display};
use std::pin::Pin;
use std::sync::Arc;

use detached::{Task, background};

#[derive(Clone, Debug, Default, PartialEq)]
struct Counter {
    count: u8,
    name: String,
}

impl Counter {
    const STEP: u8 = 2;

    fn step(&self) -> u8 {
        self.count + Self::STEP
    }

    #[background(timeout = "1m")]
    async fn create(count: u8) -> Self {
        Self { count, ..Self::default() }
    }

    #[background(timeout = "1m")]
    async fn combine(left: Self, right: &Self, all: Vec<Self>) -> Result<Self, Box<Self>> {
        Ok(Self { count: left.count + right.count + all.len() as u8, name: left.name })
    }

    #[background(timeout = "1m")]
    async fn owned(self, more: u8) -> u8 {
        self.count + more
    }

    #[background(timeout = "1m")]
    async fn owned_mutable(mut self) -> Self {
        self.count += 1;
        self
    }

    #[background(timeout = "1m")]
    async fn destructured(self) -> (u8, String) {
        let Self { count, name } = self;
        (count, name)
    }

    #[background(timeout = "1m")]
    async fn taken_apart(self) -> String {
        let name = self.name;
        name + &self.count.to_string()
    }

    #[background(timeout = "1m")]
    async fn borrowed(&self, more: &u8) -> u8 {
        let closure = || self.count;
        let add = |other: &Self| other.count + self.step();
        closure() + add(self) + more
    }

    #[background(timeout = "1m")]
    async fn shared(self: Arc<Self>) -> u8 {
        self.step()
    }

    #[background(timeout = "1m")]
    async fn boxed(mut self: Box<Self>) -> Box<Self> {
        self.count += 1;
        self
    }

    #[background(timeout = "1m")]
    async fn pinned(self: Pin<Box<Self>>) -> u8 {
        self.step()
    }

    #[background(timeout = "1m")]
    async fn pinned_and_shared(self: Pin<Arc<Self>>) -> u8 {
        self.step()
    }

    #[background(timeout = "1m")]
    async fn spelt_out(self: Counter) -> u8 {
        self.step()
    }

    #[background(timeout = "1m")]
    async fn borrowed_spelt_out(self: &Self) -> u8 {
        self.step()
    }

    #[background(timeout = "1m")]
    async fn borrowed_arc(self: &Arc<Self>) -> (u8, usize) {
        (self.step(), Arc::strong_count(self))
    }

    #[background(timeout = "1m")]
    async fn forever(&'static self) -> &'static str {
        &self.name
    }

    #[background(timeout = "1m")]
    async fn forever_named<'a: 'static>(self: &'a Self, other: &'a str) -> &'a str {
        if other.is_empty() { &self.name } else { other }
    }

    #[background(timeout = "1m")]
    async fn forever_mutable(&'static mut self, by: u8) -> &'static mut Self {
        self.count += by;
        self
    }

    #[background(timeout = "1m")]
    async fn forever_mutable_named<'a: 'static>(&'a mut self) -> u8 {
        self.count += 1;
        self.count
    }

    #[background(timeout = "1m")]
    async fn forever_mutable_spelt_out(self: &'static mut Self) -> u8 {
        std::mem::take(&mut self.count)
    }

    #[background(timeout = "1m")]
    async fn in_every_corner(&self) -> String {
        struct Inner(u8);
        impl Inner {
            fn get(&self) -> u8 {
                self.0
            }
        }
        let inner = Inner(self.count);
        let nested = async { [self.count, inner.get(), { self.count }] }.await;
        let Self { count, .. } = self;
        match self {
            Self { name, .. } if name == &self.name => format!("{:?} {} {} {}", nested, count, self, self.name),
            _ => unreachable!(),
        }
    }

    #[background(timeout = "1m")]
    async fn captured_by_a_format_string(&self) -> String {
        format!("{self} {self:?} {{self}} {}", "{self}".len())
    }

    #[background(timeout = "1m")]
    async fn recursive(&self, depth: u8) -> u8 {
        if depth == 0 { self.count } else { self.recursive(depth - 1).await.unwrap() + 1 }
    }
}

impl Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.count)
    }
}

fn counter() -> Counter {
    Counter { count: 1, name: "name".into() }
}

#[tokio::test]
async fn every_receiver() {
    assert_eq!(Counter::create(1).await.unwrap(), Counter { count: 1, ..Counter::default() });
    let all = vec![counter(), counter()];
    assert_eq!(Counter::combine(counter(), &counter(), all).await.unwrap().unwrap().count, 4);
    assert_eq!(counter().owned(1).await.unwrap(), 2);
    assert_eq!(counter().owned_mutable().await.unwrap().count, 2);
    assert_eq!(counter().destructured().await.unwrap(), (1, "name".into()));
    assert_eq!(counter().taken_apart().await.unwrap(), "name1");
    assert_eq!(counter().borrowed(&1).await.unwrap(), 6);
    assert_eq!(Arc::new(counter()).shared().await.unwrap(), 3);
    assert_eq!(Box::new(counter()).boxed().await.unwrap().count, 2);
    assert_eq!(Box::pin(counter()).pinned().await.unwrap(), 3);
    assert_eq!(Arc::pin(counter()).pinned_and_shared().await.unwrap(), 3);
    assert_eq!(counter().spelt_out().await.unwrap(), 3);
    assert_eq!(counter().borrowed_spelt_out().await.unwrap(), 3);
    let task = Arc::new(counter()).borrowed_arc();
    assert_eq!(task.await.unwrap(), (3, 1));
    static FOREVER: Counter = Counter { count: 1, name: String::new() };
    assert_eq!(FOREVER.forever().await.unwrap(), "");
    assert_eq!(FOREVER.forever_named("x").await.unwrap(), "x");
    let leaked = Box::leak(Box::new(Counter::default()));
    assert_eq!(leaked.forever_mutable(3).await.unwrap().count, 3);
    assert_eq!(Box::leak(Box::new(Counter::default())).forever_mutable_named().await.unwrap(), 1);
    assert_eq!(Box::leak(Box::new(Counter::default())).forever_mutable_spelt_out().await.unwrap(), 0);
    assert_eq!(counter().in_every_corner().await.unwrap(), "[1, 1, 1] 1 <1> name");
    assert_eq!(counter().recursive(3).await.unwrap(), 4);
}

#[tokio::test]
async fn self_in_a_format_string() {
    let shown = counter().captured_by_a_format_string().await.unwrap();
    assert_eq!(shown, r#"<1> Counter { count: 1, name: "name" } {self} 6"#);
}

#[tokio::test]
async fn a_method_as_a_value() {
    let borrowed: fn(&Counter, &u8) -> Task<u8> = Counter::borrowed;
    assert_eq!(borrowed(&counter(), &1).await.unwrap(), 6);
}

#[derive(Clone)]
struct Holder<T, const N: usize>(T, [u8; N]);

impl<T, const N: usize> Holder<T, N>
where
    T: Clone + Display + Send + Sync + 'static,
{
    #[background(timeout = "1m")]
    async fn show(&self) -> String {
        format!("{}{}", self.0, self.1.len() + N)
    }

    #[background(timeout = "1m")]
    async fn exchange<U: Display + Send + 'static>(self, other: U) -> (U, T) {
        (other, self.0)
    }

    #[background(timeout = "1m")]
    async fn wrap(value: T) -> Holder<Option<T>, N> {
        Holder(Some(value), [0; N])
    }
}

#[tokio::test]
async fn methods_of_generic_types() {
    let holder = Holder('x', [0; 2]);
    assert_eq!(holder.show().await.unwrap(), "x4");
    assert_eq!(holder.exchange(1).await.unwrap(), (1, 'x'));
    assert_eq!(Holder::<_, 3>::wrap('y').await.unwrap().0, Some('y'));
}
