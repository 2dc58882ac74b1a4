//! Names that are unusual, or those of others.
#![allow(non_snake_case)]

use detached::background;

#[background(timeout = "1m")]
async fn r#match(r#type: u8, r#fn: &str) -> usize {
    usize::from(r#type) + r#fn.len()
}

#[background(timeout = "1m")]
async fn größe(länge: u8, 数: &str, r#straße: u8) -> usize {
    usize::from(länge) + 数.len() + usize::from(straße)
}

#[background(timeout = "1m")]
async fn call(call: u8, body: u8, timeout: u8, detached: u8, core: u8, FUNCTION: u8, this: u8) -> [u8; 7] {
    [call, body, timeout, detached, core, FUNCTION, this]
}

#[background(timeout = "1m")]
async fn own_name(own_name: u8) -> u8 {
    own_name + 1
}

#[background(timeout = "1m", name = "a name of its own")]
async fn named() {}

#[tokio::test]
async fn unusual_names() {
    let task = r#match(1, "ab");
    assert_eq!(task.name(), "match");
    assert_eq!(task.await.unwrap(), 3);
    let task = größe(1, "ab", 2);
    assert_eq!(task.name(), "größe");
    assert_eq!(task.await.unwrap(), 5);
    assert_eq!(call(1, 2, 3, 4, 5, 6, 7).await.unwrap(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(own_name(1).await.unwrap(), 2);
    assert_eq!(named().name(), "a name of its own");
}
