//! What a function can return, and how it can get there.

use std::convert::Infallible;
use std::error::Error;
use std::fmt::{self, Display};
use std::io;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, RwLock};

use detached::{TaskError, background};

#[derive(Debug, PartialEq)]
enum MyError {
    Parse(std::num::ParseIntError),
    Other,
}

impl From<std::num::ParseIntError> for MyError {
    fn from(error: std::num::ParseIntError) -> Self {
        Self::Parse(error)
    }
}

impl Display for MyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mine")
    }
}

impl Error for MyError {}

type Parsed<T = u8> = Result<T, MyError>;

#[background(timeout = "1m")]
async fn into_an_error(text: &str) -> Parsed {
    let value: u8 = text.parse()?;
    if value == 0 {
        Err(MyError::Other)?;
    }
    Ok(value)
}

#[background(timeout = "1m")]
async fn into_a_boxed_error(text: &str) -> Result<u8, Box<dyn Error + Send + Sync>> {
    if text.is_empty() {
        return Err("it is empty".into());
    }
    Ok(text.parse()?)
}

#[background(timeout = "1m")]
async fn from_an_option(bytes: &[u8]) -> Option<u8> {
    let first = bytes.first()?;
    first.checked_sub(1)
}

#[background(timeout = "1m")]
async fn from_a_control_flow(value: u8) -> ControlFlow<u8, u16> {
    let more = if value > 1 { ControlFlow::Break(value)? } else { 1u16 };
    ControlFlow::Continue(more)
}

#[background(timeout = "1m")]
async fn inferred_from_the_signature(text: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.extend(text.bytes());
    Ok(bytes.into_iter().map(Into::into).collect())
}

#[tokio::test]
async fn question_marks() {
    assert_eq!(into_an_error("1").await.unwrap(), Ok(1));
    assert_eq!(into_an_error("0").await.unwrap(), Err(MyError::Other));
    assert!(matches!(into_an_error("x").await.unwrap(), Err(MyError::Parse(_))));
    assert_eq!(into_a_boxed_error("").await.unwrap().unwrap_err().to_string(), "it is empty");
    assert!(into_a_boxed_error("x").await.unwrap().is_err());
    assert_eq!(from_an_option(&[2]).await.unwrap(), Some(1));
    assert_eq!(from_an_option(&[]).await.unwrap(), None);
    assert_eq!(from_a_control_flow(2).await.unwrap(), ControlFlow::Break(2));
    assert_eq!(inferred_from_the_signature("a").await.unwrap().unwrap(), [b'a']);
}

#[background(timeout = "1m")]
async fn early(value: u8) -> &'static str {
    if value == 0 {
        return "zero";
    }
    for i in 0..value {
        if i == 3 {
            return "many";
        }
    }
    match value {
        1 => return "one",
        _ => {}
    }
    "few"
}

#[background(timeout = "1m")]
async fn nothing(value: String) {
    if value.is_empty() {
        return;
    }
    drop(value)
}

#[background(timeout = "1m")]
async fn empty() {}

#[background(timeout = "1m")]
async fn unit() -> () {}

#[background(timeout = "1m")]
async fn only_returns() -> u8 {
    return 1;
}

#[tokio::test]
async fn early_returns() {
    assert_eq!(early(0).await.unwrap(), "zero");
    assert_eq!(early(1).await.unwrap(), "one");
    assert_eq!(early(2).await.unwrap(), "few");
    assert_eq!(early(9).await.unwrap(), "many");
    nothing(String::new()).await.unwrap();
    nothing("x".into()).await.unwrap();
    empty().await.unwrap();
    unit().await.unwrap();
    assert_eq!(only_returns().await.unwrap(), 1);
}

#[background(timeout = "1m")]
async fn tail_of_a_lock(data: Arc<Mutex<Vec<u8>>>) -> usize {
    data.lock().unwrap().len()
}

#[background(timeout = "1m")]
async fn tail_of_an_owned_lock(data: Mutex<Vec<u8>>) -> Option<u8> {
    data.lock().unwrap().iter().max().copied()
}

#[background(timeout = "1m")]
async fn tail_that_matches(data: RwLock<Option<String>>) -> usize {
    match data.read().unwrap().as_deref() {
        Some(text) => text.len(),
        None => 0,
    }
}

#[background(timeout = "1m")]
async fn tail_of_a_borrowed(text: &str, bytes: &[u8]) -> String {
    text.chars().zip(bytes.iter()).map(|(c, b)| format!("{}{}", c, b)).collect()
}

#[background(timeout = "1m")]
async fn tail_that_waits(text: &str) -> usize {
    async fn length(text: &str) -> usize {
        tokio::task::yield_now().await;
        text.len()
    }
    length(&text[1..]).await
}

#[tokio::test]
async fn tails_that_borrow() {
    assert_eq!(tail_of_a_lock(Arc::new(Mutex::new(vec![1]))).await.unwrap(), 1);
    assert_eq!(tail_of_an_owned_lock(Mutex::new(vec![1, 3, 2])).await.unwrap(), Some(3));
    assert_eq!(tail_that_matches(RwLock::new(Some("ab".into()))).await.unwrap(), 2);
    assert_eq!(tail_of_a_borrowed("ab", &[1, 2]).await.unwrap(), "a1b2");
    assert_eq!(tail_that_waits("abc").await.unwrap(), 2);
}

#[background(timeout = "1s")]
async fn never() -> ! {
    loop {
        std::future::pending::<()>().await
    }
}

#[background(timeout = "1m")]
async fn never_but_panics(really: bool) -> ! {
    if really {
        panic!("really");
    }
    std::process::abort()
}

#[tokio::test(start_paused = true)]
async fn functions_that_never_return() {
    assert!(matches!(never().await, Err(TaskError::TimedOut)));
    assert!(matches!(never_but_panics(true).await, Err(TaskError::Panicked)));
}

#[background(timeout = "1m")]
async fn a_future(value: u8) -> std::future::Ready<u8> {
    std::future::ready(value + 1)
}

#[background(timeout = "1m")]
async fn a_function(add: u8) -> impl Fn(u8) -> u8 {
    move |value| value + add
}

#[background(timeout = "1m")]
async fn a_task(value: u8) -> detached::Task<u8> {
    inner_task(value)
}

#[background(timeout = "1m")]
async fn inner_task(value: u8) -> u8 {
    value + 1
}

#[tokio::test]
async fn opaque_results() {
    assert_eq!(a_future(1).await.unwrap().await, 2);
    assert_eq!(a_function(1).await.unwrap()(2), 3);
    assert_eq!(a_task(1).await.unwrap().await.unwrap(), 2);
}

trait Speaks: Send {
    fn speak(&self) -> String;
}

impl Speaks for u8 {
    fn speak(&self) -> String {
        format!("u8 {}", self)
    }
}

impl Speaks for char {
    fn speak(&self) -> String {
        format!("char {}", self)
    }
}

#[background(timeout = "1m")]
async fn coerced_object(first: bool) -> Box<dyn Speaks> {
    if first {
        return Box::new(1u8);
    }
    Box::new('x')
}

#[background(timeout = "1m")]
async fn coerced_pointer(first: bool) -> fn(u8) -> u8 {
    fn one(value: u8) -> u8 {
        value + 1
    }
    fn two(value: u8) -> u8 {
        value + 2
    }
    if first {
        return one;
    }
    two
}

#[background(timeout = "1m")]
async fn coerced_closure() -> Option<Box<dyn Fn(&str) -> usize + Send>> {
    Some(Box::new(|text| text.len()))
}

#[background(timeout = "1m")]
async fn coerced_slice(first: bool) -> &'static [u8] {
    if first {
        return &[1];
    }
    &[1, 2]
}

#[background(timeout = "1m")]
async fn coerced_never(value: u8) -> String {
    if value == 0 { unreachable!() } else { value.to_string() }
}

#[tokio::test]
async fn coercions() {
    assert_eq!(coerced_object(true).await.unwrap().speak(), "u8 1");
    assert_eq!(coerced_object(false).await.unwrap().speak(), "char x");
    assert_eq!(coerced_pointer(true).await.unwrap()(1), 2);
    assert_eq!(coerced_pointer(false).await.unwrap()(1), 3);
    assert_eq!(coerced_closure().await.unwrap().unwrap()("ab"), 2);
    assert_eq!(coerced_slice(true).await.unwrap(), [1]);
    assert_eq!(coerced_slice(false).await.unwrap(), [1, 2]);
    assert_eq!(coerced_never(1).await.unwrap(), "1");
}

#[background(timeout = "1m")]
async fn undone() -> Result<Vec<u8>, Infallible> {
    todo!()
}

#[background(timeout = "1m")]
async fn undone_with_parameters(_text: &str, _values: Vec<u8>) -> u8 {
    todo!("with {}", 1)
}

#[background(timeout = "1m")]
async fn undone_as_a_statement() -> u8 {
    todo!();
}

#[background(timeout = "1m")]
async fn undone_without_a_result() {
    todo!()
}

#[tokio::test]
async fn bodies_to_be_written() {
    assert!(matches!(undone().await, Err(TaskError::Panicked)));
    assert!(matches!(undone_with_parameters("", Vec::new()).await, Err(TaskError::Panicked)));
    assert!(matches!(undone_as_a_statement().await, Err(TaskError::Panicked)));
    assert!(matches!(undone_without_a_result().await, Err(TaskError::Panicked)));
}
