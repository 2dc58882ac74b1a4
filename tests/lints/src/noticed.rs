//! Lints have something to say about each of these.
#![warn(unused, nonstandard_style, let_underscore, missing_docs, single_use_lifetimes, unreachable_pub)]
#![warn(unused_lifetimes, unused_qualifications, unused_results, trivial_casts, trivial_numeric_casts, unit_bindings)]
#![warn(elided_lifetimes_in_paths, unsafe_code, redundant_lifetimes, tail_expr_drop_order)]
#![warn(if_let_rescope, unsafe_op_in_unsafe_fn, rust_2024_compatibility, keyword_idents, meta_variable_misuse)]
#![warn(clippy::correctness, clippy::suspicious, clippy::style, clippy::complexity, clippy::perf)]
#![warn(clippy::pedantic, clippy::nursery, clippy::restriction)]

use std::collections::HashMap;
use std::sync::Arc;

#[cfg(background)]
use detached::background;

async fn rest() {
    tokio::sync::Notify::const_new().notified().await;
}

#[cfg_attr(background, background(timeout = "1s"))]
async fn dead_code() {
    rest().await;
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn unused_things(unused: u8, mut never_changed: u8, text: &str, (a, b): (u8, u8), vector: Vec<u8>) -> u8 {
    let local = 1;
    let mut changed = 2;
    let assigned;
    assigned = 3;
    rest().await;
    vec![1, 2].iter().map(|item| item + 1);
    "text".to_owned();
    Ok::<u8, u8>(1);
    never_changed
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn Not_Snake(BadName: u8, lo: &str, l: &str) -> usize {
    rest().await;
    return BadName as usize + lo.len() + l.len();
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn undocumented(values: Vec<String>) -> Result<String, String> {
    rest().await;
    if values.len() == 0 {
        return Err(format!("{}", "none"));
    }
    let first = values[0].clone();
    let first = first.parse::<u8>().unwrap();
    let value = first.to_string();
    return Ok(value);
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn panics(map: HashMap<u8, u8>, flag: bool) -> u8 {
    rest().await;
    if flag == true {
        panic!("it panics");
    }
    println!("{}", map.len());
    let x = map[&1] + 1;
    match x {
        1 => 2,
        _ => todo!(),
    }
}

#[cfg_attr(background, background(timeout = "1s"))]
#[must_use]
pub async fn asks_to_be_used() -> u8 {
    rest().await;
    0
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn many(a: bool, b: bool, c: bool, d: bool, e: u8, f: u8, g: u8, h: u8) -> Option<Option<u8>> {
    rest().await;
    Some(Some(if a && b && c && d { e } else { f + g + h }))
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn borrows_in_a_bad_way(text: &String, list: &Vec<u8>, boxed: &Box<u8>, small: &u8) -> usize {
    rest().await;
    text.len() + list.len() + **boxed as usize + *small as usize
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn shadows(value: u8) -> u8 {
    let value = value;
    rest().await;
    let value = value + 1;
    fn item_after_statements() {}
    item_after_statements();
    let result = value;
    result
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn never_reached(value: u8) -> u8 {
    rest().await;
    return value;
    rest().await;
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async unsafe fn is_unsafe(value: &u8) -> u8 {
    unsafe fn inner() -> u8 {
        1
    }
    rest().await;
    *value + inner() + unsafe { inner() }
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn underscores(_used: u8, _: String, _unused: String) -> u8 {
    rest().await;
    let _ = Arc::new(1);
    let _never = String::new();
    _used
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn generic<T: Send + 'static, U: Send + 'static>(value: impl Into<u8> + Send + 'static, _t: T) -> u8
where
    T: Clone,
{
    rest().await;
    value.into().into()
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn questions(text: &str) -> Result<u8, Box<dyn std::error::Error + Send + Sync>> {
    rest().await;
    let value: u8 = text.parse()?;
    if value > 3 {
        Err("too large")?;
    } else if value > 2 {
        rest().await;
    }
    Ok(value)
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn unit_error(value: u8) -> Result<u8, ()> {
    rest().await;
    if value > 3 { Err(()) } else { Ok(value) }
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn redundant(text: String) -> String {
    rest().await;
    let copy = text.clone();
    { copy }
}

#[cfg_attr(background, background(timeout = "1s"))]
async fn unneeded() -> () {
    rest().await;
    ()
}

#[cfg_attr(background, background(timeout = "1s"))]
#[inline(always)]
pub async fn inlined(ref value: String) -> usize {
    rest().await;
    value.len()
}

#[cfg_attr(background, background(timeout = "1s"))]
#[expect(unused_variables, dead_code)]
pub async fn expects_in_vain_and_not(value: u8) {
    rest().await;
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn waits_for_nothing(_: u8, number: f64, text: &str) -> bool {
    number == 1.0 && text.to_string() == "a".to_string()
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn gives_a_future(value: u8) -> std::future::Ready<u8> {
    rest().await;
    std::future::ready(value)
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async fn drops_and_forgets(text: String, copy: u8, bytes: &[u8], pair: (String, String)) -> usize {
    std::mem::drop(copy);
    std::mem::forget(text);
    let lock = std::sync::Mutex::new(1);
    let _guard = lock.lock();
    let length = bytes.len() as u32 as usize;
    for i in 0..length {
        if bytes[i] == 1 {
            return 1;
        } else {
            continue;
        }
    }
    let closure = |x| pair.0.len() + x;
    (closure)(1)
}

#[cfg_attr(background, background(timeout = "1s"))]
pub async extern "C" fn of_another_abi(value: u8) -> u8 {
    rest().await;
    value
}

mod private {
    #[cfg(background)]
    use detached::background;

    #[cfg_attr(background, background(timeout = "1s"))]
    pub async fn cannot_be_reached(unused: &str) {
        super::rest().await;
    }

    #[cfg_attr(background, background(timeout = "1s"))]
    pub(crate) async fn is_called_by_nobody() {
        super::rest().await;
    }
}

trait Trait: Sized + Clone + Send + Sync + 'static {
    #[cfg_attr(background, background(timeout = "1s"))]
    async fn default_method(&self, unused: u8) -> u8 {
        rest().await;
        1
    }
}

impl Trait for Type {}

#[derive(Clone)]
pub struct Type {
    field: u8,
}

impl Type {
    #[cfg_attr(background, background(timeout = "1s"))]
    pub async fn new() -> u8 {
        rest().await;
        1
    }

    #[cfg_attr(background, background(timeout = "1s"))]
    pub async fn to_owned_self(self) -> Self {
        rest().await;
        self
    }

    #[cfg_attr(background, background(timeout = "1s"))]
    pub async fn into_something(&self) -> u8 {
        rest().await;
        self.field
    }

    #[cfg_attr(background, background(timeout = "1s"))]
    pub async fn without_self(&self, other: &Type) -> u8 {
        rest().await;
        other.field
    }

    #[cfg_attr(background, background(timeout = "1s"))]
    async fn dead_method(self: Arc<Self>, unused: u8) -> u8 {
        rest().await;
        self.field
    }

    #[cfg_attr(background, background(timeout = "1s"))]
    pub async fn mutable(mut self, mut value: u8) -> u8 {
        rest().await;
        let field = &mut self.field;
        return value + *field;
    }
}

/// Where a call is stored, what is noticed is noticed once.
pub mod durable {
    use super::rest;
    #[cfg(background)]
    use detached::background;

    #[cfg_attr(background, background(durable = "mail", timeout = "1s"))]
    pub async fn undocumented(unused: String, mut not_changed: u8) -> u8 {
        rest().await;
        let not_used = 1;
        return not_changed;
    }

    #[cfg_attr(background, background(durable = "mail", timeout = "1s"))]
    async fn dead() {
        rest().await;
    }

    #[cfg_attr(background, background(durable = "mail", timeout = "1s"))]
    pub async fn notSnake() {
        rest().await;
    }
}
