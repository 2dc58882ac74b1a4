//! What the functions and those who call them name.

pub use std::borrow::Cow;
pub use std::collections::HashMap;
pub use std::error::Error;
pub use std::fmt::Debug;
pub use std::future::Future;
pub use std::pin::Pin;
pub use std::rc::Rc;
pub use std::sync::{Arc, Mutex, MutexGuard};
pub use std::time::Duration;

pub use detached::{Context, Key, Supervisor, Task, background};

pub static USER_ID: Key<u64> = Key::new("user_id");
pub static TEXT: Key<String> = Key::new("text");
pub static LOCKED: Mutex<u8> = Mutex::new(0);
pub const LIMIT: usize = 4;
pub const BOUND: Duration = Duration::from_secs(1);

tokio::task_local! {
    pub static NUMBER: u64;
    pub static NOT_COPYABLE: NotCopyable;
}

pub struct NotCopyable;

#[derive(Clone)]
pub struct Db;

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// That it is one.
pub fn task<T>(task: Task<T>) {
    drop(task);
}
