//! Type, const and lifetime parameters, bounds, `impl Trait` and `dyn`.

use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::hash::Hash;
use std::path::Path;
use std::sync::Arc;

use detached::{Task, background};

#[background(timeout = "1m")]
async fn bounded<T: Display + Send + 'static>(value: T) -> String {
    value.to_string()
}

#[background(timeout = "1m")]
async fn with_where<K, V>(map: HashMap<K, V>, key: &K) -> Option<V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Copy + Send + Sync + 'static,
{
    map.get(key).copied()
}

#[background(timeout = "1m")]
async fn constant<const N: usize, const NEGATE: bool>(bytes: [u8; N]) -> (usize, bool) {
    (bytes.len() + N, !NEGATE)
}

#[background(timeout = "1m")]
async fn only_in_the_body<T: Default + Debug>() -> String {
    format!("{:?}", T::default())
}

#[background(timeout = "1m")]
async fn static_lifetimes<'a: 'static, 'b>(first: &'a str, second: &'b [u8], third: &'static Path) -> usize
where
    'b: 'static,
{
    first.len() + second.len() + third.as_os_str().len()
}

#[background(timeout = "1m")]
async fn a_lifetime_of_the_caller<'a, 'b>(first: &'a str, second: &'b [u8]) -> usize {
    first.len() + second.len()
}

#[background(timeout = "1m")]
async fn unsized_parameter<T>(borrowed: &T) -> String
where
    T: ?Sized + ToOwned + Debug + 'static,
    T::Owned: Send + 'static,
{
    format!("{:?}", borrowed)
}

#[background(timeout = "1m")]
async fn borrowed_parameter<T: Clone + Debug + Send + 'static>(one: &T, many: &[T]) -> String {
    format!("{:?} {:?}", one, many)
}

#[background(timeout = "1m")]
async fn associated<I>(items: I) -> Vec<I::Item>
where
    I: IntoIterator + Send + 'static,
    I::Item: Ord + Send + 'static,
{
    let mut items: Vec<_> = items.into_iter().collect();
    items.sort();
    items
}

#[tokio::test]
async fn parameters_of_generics() {
    assert_eq!(bounded(1).await.unwrap(), "1");
    assert_eq!(bounded::<&'static str>("x").await.unwrap(), "x");
    let key = 1;
    assert_eq!(with_where(HashMap::from([(1, 2)]), &key).await.unwrap(), Some(2));
    assert_eq!(constant::<3, true>([1; 3]).await.unwrap(), (6, false));
    assert_eq!(only_in_the_body::<u8>().await.unwrap(), "0");
    assert_eq!(static_lifetimes("a", b"bc", Path::new("def")).await.unwrap(), 6);
    let (first, second) = (String::from("abc"), vec![1, 2]);
    let task = a_lifetime_of_the_caller(&first, &second);
    drop((first, second));
    assert_eq!(task.await.unwrap(), 5);
    assert_eq!(unsized_parameter("x").await.unwrap(), "\"x\"");
    assert_eq!(unsized_parameter::<[u8]>(&[1]).await.unwrap(), "[1]");
    assert_eq!(borrowed_parameter(&1, &[2, 3]).await.unwrap(), "1 [2, 3]");
    assert_eq!(associated(vec![2, 1]).await.unwrap(), [1, 2]);
}

#[background(timeout = "1m")]
async fn impl_argument(value: impl Display + Send + 'static) -> String {
    value.to_string()
}

#[background(timeout = "1m")]
async fn impl_nested(
    values: Vec<impl Display + Send + 'static>,
    pair: (impl Into<u64> + Send + 'static, u8),
) -> String {
    let shown: Vec<_> = values.iter().map(ToString::to_string).collect();
    format!("{} {} {}", shown.join(","), pair.0.into(), pair.1)
}

#[background(timeout = "1m")]
async fn impl_in_impl(values: impl IntoIterator<Item = impl Display> + Send + 'static) -> String {
    values.into_iter().map(|value| value.to_string()).collect()
}

#[background(timeout = "1m")]
async fn impl_borrowed(value: &(impl Clone + Debug + Send + Sync + 'static)) -> String {
    format!("{:?}", value)
}

#[background(timeout = "1m")]
async fn impl_function(
    length: impl Fn(&str) -> usize + Send + 'static,
    first: impl for<'a> Fn(&'a [u8], &'a u8) -> &'a u8 + Send + 'static,
) -> (usize, u8) {
    (length("abc"), *first(&[1, 2], &3))
}

#[background(timeout = "1m")]
async fn impl_async_function<F, R>(function: F) -> u8
where
    F: FnOnce(u8) -> R + Send + 'static,
    R: Future<Output = u8> + Send + 'static,
{
    function(1).await
}

#[tokio::test]
async fn impl_trait_in_arguments() {
    assert_eq!(impl_argument('x').await.unwrap(), "x");
    assert_eq!(impl_nested(vec![1, 2], (3u8, 4)).await.unwrap(), "1,2 3 4");
    assert_eq!(impl_in_impl(vec!['a', 'b']).await.unwrap(), "ab");
    assert_eq!(impl_borrowed(&Some(1)).await.unwrap(), "Some(1)");
    assert_eq!(impl_function(str::len, |bytes, _| &bytes[0]).await.unwrap(), (3, 1));
    assert_eq!(impl_async_function(|value| async move { value + 1 }).await.unwrap(), 2);
}

#[background(timeout = "1m")]
async fn impl_returned(bound: u32) -> impl Iterator<Item = u32> {
    (0..10).filter(move |value| *value < bound)
}

#[background(timeout = "1m")]
async fn impl_returned_nested(text: &str) -> Result<Vec<impl Display + Debug>, Option<impl Debug>> {
    if text.is_empty() {
        return Err(Some('x'));
    }
    Ok(vec![text.len()])
}

#[background(timeout = "1m")]
async fn impl_in_impl_returned<T: Display + Send + 'static>(value: T) -> impl IntoIterator<Item = impl Display> {
    vec![value.to_string()]
}

// The task outlives what was lent to the call, whatever the opaque type is.
fn returned_from_a_local_borrow() -> Task<impl Display> {
    let local = String::from("local");
    shown(&local)
}

#[background(timeout = "1m")]
async fn shown(text: &str) -> impl Display + use<> {
    text.to_uppercase()
}

#[background(timeout = "1m")]
async fn shown_and_captured(text: &str) -> impl Display {
    text.to_uppercase()
}

#[tokio::test]
async fn impl_trait_in_return_types() {
    assert_eq!(impl_returned(3).await.unwrap().collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(format!("{:?}", impl_returned_nested("abc").await.unwrap().ok().unwrap()), "[3]");
    let items = impl_in_impl_returned(1).await.unwrap();
    assert_eq!(items.into_iter().map(|item| item.to_string()).collect::<String>(), "1");
    assert_eq!(returned_from_a_local_borrow().await.unwrap().to_string(), "LOCAL");
    let text = String::from("dropped");
    let task = shown_and_captured(&text);
    drop(text);
    assert_eq!(task.await.unwrap().to_string(), "DROPPED");
}

trait Shape: Send + Sync {
    fn sides(&self) -> u32;
}

struct Square;

impl Shape for Square {
    fn sides(&self) -> u32 {
        4
    }
}

#[background(timeout = "1m")]
async fn dynamic(
    boxed: Box<dyn Shape>,
    shared: Arc<dyn Shape + Send + Sync + 'static>,
    borrowed: &Arc<dyn Shape>,
    forever: &'static dyn Shape,
) -> u32 {
    boxed.sides() + shared.sides() + borrowed.sides() + forever.sides()
}

#[background(timeout = "1m")]
async fn dynamic_functions(
    boxed: Box<dyn Fn(&str) -> usize + Send>,
    pointer: fn(&[u8]) -> usize,
    quantified: for<'a> fn(&'a str, &str) -> &'a str,
    inside: Option<Box<dyn for<'a> FnOnce(&'a mut u8) + Send>>,
) -> usize {
    let mut count = 0;
    if let Some(add) = inside {
        add(&mut count);
    }
    boxed("a") + pointer(b"bc") + quantified("def", "").len() + usize::from(count)
}

#[tokio::test]
async fn dyn_in_arguments() {
    assert_eq!(dynamic(Box::new(Square), Arc::new(Square), &(Arc::new(Square) as _), &Square).await.unwrap(), 16);
    let task = dynamic_functions(Box::new(str::len), <[u8]>::len, |a, _| a, Some(Box::new(|count| *count += 1)));
    assert_eq!(task.await.unwrap(), 7);
}
