//! Every pattern that a parameter can be written as.

use std::convert::Infallible;

use detached::background;

#[derive(Clone, Debug, PartialEq)]
struct Point {
    x: u8,
    y: u8,
}

#[derive(Clone, Debug, PartialEq)]
struct Pair(u8, u8);

struct Unit;

#[background(timeout = "1m")]
async fn mutable(mut count: u8, mut text: &str) -> (u8, usize) {
    count += 1;
    text = &text[1..];
    (count, text.len())
}

#[background(timeout = "1m")]
async fn tuples((a, b): (u8, u8), (c, (d, mut e), _): (u8, (u8, u8), u8), (f, ..): (u8, u8, u8)) -> u8 {
    e += 1;
    a + b + c + d + e + f
}

#[background(timeout = "1m")]
async fn structs(
    Point { x, y: renamed }: Point,
    Point { y, .. }: Point,
    Pair(first, _): Pair,
    Pair { 0: a, 1: ref b }: Pair,
    Unit: Unit,
    (): (),
) -> u8 {
    x + renamed + y + first + a + *b
}

#[background(timeout = "1m")]
async fn slices([a, b]: [u8; 2], [first, .., last]: [u8; 4], [head, rest @ ..]: [u8; 3]) -> u8 {
    a + b + first + last + head + rest[1]
}

#[background(timeout = "1m")]
async fn by_reference(
    ref borrowed: String,
    ref mut changed: String,
    (ref left, ref mut right): (String, String),
) -> String {
    changed.push('!');
    right.push_str(left);
    format!("{}{}{}", borrowed, changed, right)
}

#[background(timeout = "1m")]
async fn through_references(
    &count: &u8,
    &(a, ref b): &(u8, String),
    &[c, ..]: &[u8; 2],
    (d, e): &(u8, String),
) -> String {
    format!("{}{}{}{}{}{}", count, a, b, c, d, e)
}

#[background(timeout = "1m")]
async fn bound_as_a_whole(whole @ Pair(..): Pair, all @ (a, _): (u8, u8), ref kept @ Point { ref x, .. }: Point) -> u8 {
    whole.0 + all.0 + a + kept.y + x
}

#[background(timeout = "1m")]
async fn unnamed(_: String, _: &str, _named: u8, (_, _): (u8, String)) -> u8 {
    1
}

#[background(timeout = "1m")]
async fn the_only_case(Ok(value): Result<u8, Infallible>, (Ok(inner) | Err(inner)): Result<u8, u8>) -> u8 {
    value + inner
}

#[tokio::test]
async fn every_pattern() {
    assert_eq!(mutable(1, "abc").await.unwrap(), (2, 2));
    assert_eq!(tuples((1, 2), (3, (4, 5), 6), (7, 8, 9)).await.unwrap(), 23);
    let point = Point { x: 1, y: 2 };
    assert_eq!(structs(point.clone(), point.clone(), Pair(3, 4), Pair(5, 6), Unit, ()).await.unwrap(), 19);
    assert_eq!(slices([1, 2], [3, 4, 5, 6], [7, 8, 9]).await.unwrap(), 28);
    let pair = (String::from("d"), String::from("e"));
    assert_eq!(by_reference("a".into(), "b".into(), pair).await.unwrap(), "ab!ed");
    let task = through_references(&1, &(2, "b".into()), &[3, 4], &(5, "e".into()));
    assert_eq!(task.await.unwrap(), "12b35e");
    assert_eq!(bound_as_a_whole(Pair(1, 2), (3, 4), point).await.unwrap(), 10);
    assert_eq!(unnamed("a".into(), "b", 1, (2, "c".into())).await.unwrap(), 1);
    assert_eq!(the_only_case(Ok(1), Err(2)).await.unwrap(), 3);
}

// No two names of ours and of the user's are the same.
#[background(timeout = "1m")]
async fn patterns_beside_their_numbers(__arg1: u8, (a, b): (u8, u8), __arg0: u8, __body: u8, __call: u8) -> [u8; 5] {
    [__arg1, a + b, __arg0, __body, __call]
}

#[tokio::test]
async fn names_like_the_generated_ones() {
    assert_eq!(patterns_beside_their_numbers(1, (2, 3), 4, 5, 6).await.unwrap(), [1, 5, 4, 5, 6]);
}
