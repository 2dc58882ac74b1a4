//! Traits with bounds of their own, and the receivers they take.

use std::fmt::Debug;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use detached::{Task, background};

use super::Struct;

mod core {}

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

pub(super) trait Shared {
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
