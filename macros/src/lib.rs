//! The `#[background]` attribute of the `detached` crate; use it through that crate.

mod attributed;
mod diagnostics;
mod emitted;
#[cfg(test)]
mod fuzz;
mod pipeline;
#[cfg(test)]
mod snapshots;
mod tokens;
mod written;

use proc_macro::TokenStream;

/// Makes a background function of an `async fn`: to call it starts a task, and returns at once.
///
/// The function keeps its name, its parameters and its documentation. It is `async` no longer, and returns a
/// `detached::Task<T>` of the type it had: drop that, and the work goes on; await it, and it gives the value, or says why
/// there is none. `timeout` has to be written, because work that nobody waits for has to end.
///
/// ```
/// use detached::{Context, Key, TaskError, background};
///
/// static USER_ID: Key<u64> = Key::new("user_id");
///
/// #[derive(Clone)]
/// struct Db;
/// # impl Db { async fn insert(&self, page: &str, user: u64) -> Result<usize, std::io::Error> { Ok(page.len() + user as usize) } }
///
/// #[background(timeout = "5s", inherit = ["tenant?"])]
/// async fn record_visit(db: &Db, page: &str, #[inherit(USER_ID)] user: u64) -> Result<usize, std::io::Error> {
///     db.insert(page, user).await
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let request = Context::new().with(USER_ID, 7);
/// let rows = request.scope(async {
///     record_visit(&Db, "/pricing"); // starts, and goes on
///     record_visit(&Db, "/").await // or is waited for
/// });
/// assert!(matches!(rows.await, Ok(Ok(8))));
///
/// // Nobody is known here, so the work is not done, and an event says so.
/// assert!(matches!(record_visit(&Db, "/").await, Err(TaskError::Rejected(_))));
/// # }
/// ```
///
/// # What it becomes
///
/// The attribute checks what is written, and emits a thin function around the body, whose tokens it does not change. Of
///
/// ```text
#[doc = include_str!("../snapshots/record_visit.in.rs")]
/// ```
///
/// it makes
///
/// ```text
#[doc = include_str!("../snapshots/record_visit.out.rs")]
/// ```
///
/// # Options
///
/// | option | values | default | meaning |
/// |---|---|---|---|
/// | `timeout` | `"5s"`, `"1m 30s"`, `"none"`, or an expression of type `Duration` | **required** | bound, counted from the call, as Go's `context.WithTimeout` counts; with a `limit`, from the turn; of a durable function, from the start of each attempt. A task whose bound is over before its first poll never starts. An expression may name parameters, and zero rejects the call |
/// | `inherit` | list of `KEY`, `KEY?`, `"name"`, `"name?"` | `[]` | what the task keeps of the caller's: the values of keys, of names, of any other carrier, such as a `tokio::task_local!` or a group; without one that has no `?` the call is rejected |
/// | `name` | text | the function's name | what spans, events, lists and reports call the task |
/// | `grace` | duration | `"0s"` | after a timeout or a cancellation, how long the body may go on once it was told |
/// | `origin` | `"ignore"`, `"follow"` | `"ignore"` | `follow`: the cancellation of the caller's context cancels the task |
/// | `shutdown` | `"finish"`, `"cancel"` | `"finish"` | at a drain: wait for the task, or cancel it at once: a resident, which nobody waits for |
/// | `trace` | `"link"`, `"child"`, `"none"` | the supervisor's, else `"link"` | what the task's span is to the caller's |
/// | `level` | `"error"`, `"warn"`, `"info"`, `"debug"` | `"error"` | of the event of a failure or a timeout |
/// | `limit` | integer above zero, or an expression of type `usize` | none | how many tasks of this function run at once. Each supervisor asks an expression once, at the first call; it names neither parameters nor `Self`. One that gives zero or panics rejects the call |
/// | `overflow` | `"reject"`, `"wait"`, `"drop_oldest"` | `"reject"` | at the limit: reject the call; let the task wait, never the caller; or that, and when the queue is full reject the one that waits longest |
/// | `queue` | integer above zero | 1024 | how many may wait |
/// | `start_timeout` | duration above zero | none | how long one may wait before it is rejected |
/// | `supervisor` | expression | the ambient one, else the global one | who owns the task; the expression may name parameters |
/// | `durable` | text | none | the function is [durable](#durable-functions): its calls are stored in that queue, and a worker runs them |
/// | `attempts` | integer above zero | 5 | with `durable`: how often a call is tried |
/// | `backoff` | a duration, or two as `"1s..15m"` | `"1s..15m"` | with `durable`: the pause after an attempt that failed; it doubles from the first to the longest, and half of it is left to chance |
/// | `crashes` | integer above zero | 10 | with `durable`: how often a worker may die while it runs a call, before that is given up |
/// | `alias` | text, or a list of texts | none | with `durable`: names the function had before; calls stored under them are its own |
/// | `crate` | path | `::detached` | where generated code finds `detached`, for crates that re-export it |
///
/// Durations are numbers with a unit, checked at compile time: `ns`, `us` or `µs`, `ms`, `s`, `m` (minutes), `h`, `d`, `w`;
/// several add up, and a number may have a fraction. White space may stand around them, between them and before a unit: `"1m 30s"`,
/// `"1m30s"` and `" 1 m 30 s "` are the same. It is humantime's syntax, with one name for each unit.
///
/// # Parameters
///
/// A task may outlive its caller, so it owns what it works on. What becomes of a parameter is seen from its type:
///
/// | parameter | in the task | cost of a call |
/// |---|---|---|
/// | `page: String`, `n: u64`, any type that borrows nothing | moved | a move |
/// | `page: &str`, `rows: &[T]`, `file: &Path`, any `&T` with `T: ToOwned` | the task owns a copy, and the body has the borrow it declares | `to_owned`: an allocation and a copy of what is borrowed |
/// | `db: &Db`, with `Db: Clone` | the same | a `clone`; of an `&Arc<T>`, or of a handle such as a connection pool, a reference count |
/// | `&self`, `self: &Arc<Self>` | the same, with `Self: Clone` | a `clone` of the receiver; keep it small, or take `self: Arc<Self>` |
/// | `self`, `mut self`, `self: Box<Self>`, `Arc<Self>`, `Pin<..>` | moved | a move |
/// | `&'static T`, and `&'a T` with `'a: 'static` | as it is | nothing |
/// | `f: impl Fn(&str)`, `T: Trait`, `Box<dyn Trait>` | moved; has to be `Send` and `'static`, as everything here | a move |
/// | `(a, b): (A, B)`, `mut n: u64`, `_: Permit`, any pattern | the whole value lives until the end of the task | as its type |
/// | `#[inherit(USER_ID)] user: UserId` | the value of that key in the caller's context; no part of the call, and not listed in `inherit` | a look-up and a `clone` |
/// | `#[inherit] user_id: UserId` | the value of that name | the same |
/// | `#[inherit] tenant: Option<Tenant>` | the same, `None` if there is none | the same |
/// | `#[context] ctx: Context` | the caller passes its context instead of the ambient one; the body has the task's own | a reference count |
/// | `#[state] db: Db` | of a durable function: given by the worker, by its type; no part of the call | a `clone` for each run |
/// | `&mut T`, `Option<&T>`, `Cow<'_, T>`, `&dyn Trait`, ... | an error that says what to write | |
///
/// The parameters are dropped when the body ends, in the order a plain `async fn` drops them, whether they are used or
/// not: a permit or a guard is held as long as the task runs. Those of a call that is rejected are dropped before it returns,
/// and a panic of a drop does not reach the caller. Two of one call whose drops both panic abort the process, as in any future:
/// the second panics while the first unwinds.
///
/// ```
/// use std::sync::Arc;
///
/// use detached::{Context, background};
/// use tokio::sync::{OwnedSemaphorePermit, Semaphore};
///
/// #[derive(Clone)]
/// struct Mailer {
///     sender: Arc<str>,
/// }
///
/// impl Mailer {
///     // Cheap: the copy of `self` shares the text.
///     #[background(timeout = "30s", limit = 10, overflow = "wait")]
///     async fn send(&self, to: &str, _: OwnedSemaphorePermit, #[context] ctx: Context) -> String {
///         assert!(!ctx.is_cancelled());
///         format!("from {} to {to}", self.sender)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let permits = Arc::new(Semaphore::new(1));
/// let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
/// let mailer = Mailer { sender: "us".into() };
/// let sent = mailer.send("you", permit, Context::new());
/// assert_eq!(permits.available_permits(), 0); // held by the task
/// assert_eq!(sent.await, Ok("from us to you".to_owned()));
/// assert_eq!(permits.available_permits(), 1);
/// # }
/// ```
///
/// # Durable functions
///
/// A task lives in memory, and a crash takes it along. With `durable = "queue"` the call is stored instead, and a worker runs it,
/// at least once, in this process or on another machine. The function returns a `detached::durable::Call`: `.await` stores it;
/// what became of it the caller is not told. It needs the feature `durable`, and an adapter for a database, such as
/// `detached-apalis`; [`detached::durable`](https://docs.rs/detached/latest/detached/durable/) says the rest.
///
/// ```
/// use detached::background;
/// # #[derive(Clone)] struct Mailer;
///
/// #[background(durable = "mail", timeout = "30s", attempts = 3)]
/// async fn send_welcome(to: String, #[state] mailer: Mailer) -> Result<(), std::io::Error> {
///     Ok(())
/// }
///
/// # async fn handler() -> Result<(), detached::durable::StoreError> {
/// send_welcome("ann@example.org".to_owned()).await?; // stored, and only then it goes on
/// # Ok(()) }
/// ```
///
/// A type of the function's own name says to a worker which function to run: `register::<send_welcome>()`.
///
/// Only what can be written and read again can be stored. So it is a free function without generics, its parameters have plain
/// names and own their values, whose types implement serde's `Serialize` and `Deserialize`, and what it inherits are stored keys
/// and groups of them: `Key::new("user_id").stored()`. `supervisor` and `origin = "follow"` are not for it; `timeout` bounds each
/// attempt, from its start.
///
/// # Return types
///
/// Any that is `Send` and `'static`. An `Err` is a failure; it is known by its type, not by how that is spelt, and shown as
/// well as the error's type allows: `Error` with its sources, `Display`, `Debug`, or the type's name. `-> !` gives a `Task<Infallible>`, and `-> impl Trait` a `Task<impl Trait>`.
///
/// # Other attributes
///
/// Attributes of the function and of its parameters stay, and mean what they did: `cfg`, `allow`, `expect`, `deprecated`,
/// `must_use`, `inline`, `doc`. `#[track_caller]` is added: spans and reports know the place of the call.
///
/// Attribute macros run from the top to the bottom, and one that stands below sees a function that returns a `Task`. One that is
/// about the body needs the `async fn`, so write it above. `#[instrument]` of `tracing`, and those of `fastrace`, `async-backtrace` and
/// `cached` that are known here (`trace`, `framed`, `cached`, `once`, `io_cached`), may stand below as well, and are about the run of
/// the body in either place. `#[async_recursion]` is not needed: a background function may call itself.
///
/// # What it does not take
///
/// - A closure, a block or an expression: give its future to `detached::task("name").timeout(..).spawn(future)`.
/// - A test, or `main`: nobody would wait for it. A handler of a web framework either, which has to answer: have it call a background
///   function.
/// - An `async fn` in a trait, native or under `#[async_trait]`, which returns a boxed future by then. Declare `fn save(&self) -> Task<T>`
///   in the trait, and put `#[background]` on the method of each `impl`; a default method may have it too.
/// - In a `&self` or `mut self` method, a `self` that only another macro writes: the body's is a variable of another name,
///   under which its `self`, and the `{self}` in the text of a macro such as `format!(..)`, is found.
/// - What borrows for less than `'static`: `&mut self`, `&mut T`, a type with a lifetime of its own. The task may outlive it.
/// - A body or a value that is not `Send`: the runtime may move a task to another thread.
/// - A function that is not `async`, and one that returns an `impl Future`, an `impl IntoFuture` or a future in a box, which a task would
///   hand out and not run; a `const fn`; a method without a body.
///
/// A function for another language (`extern "C"`) is taken, with the compiler's warning that a `Task` means nothing there.
///
/// Some lints of clippy know the function by what it is no longer and fall silent: `unused_async`, `missing_errors_doc`,
/// `ptr_arg`, for the body's last expression `needless_return` and `implicit_return`, and `unnecessary_cast` for what a borrowed
/// parameter gives. One speaks up: `async_yields_async`, where a function returns a future, and where an `async` block ends in a call
/// that nobody awaits. Write `scope(async { record_visit(&db, "/"); })`, with the semicolon. And `let_underscore_future` is about a
/// task as about any future: write `record_visit(&db, "/");` where it says so of `let _ = record_visit(&db, "/");`.
///
/// # Errors
///
/// A call never fails: what is against it (no value to inherit, no room, no runtime, a shutdown) is a rejected outcome,
/// reported like every other, and a `TaskError::Rejected` for who awaits the task.
///
/// # Panics
///
/// A call panics if a `clone` of a borrowed parameter does, or an expression of an option. A panic of the body ends the
/// task, and is reported.
///
/// On a tokio runtime without timers (`enable_time`) a call of a function with a `timeout` other than `"none"`, a `grace`, a
/// `start_timeout` or `origin = "follow"` is rejected. Not so under `panic = "abort"`: tokio tells of missing timers by a
/// panic, and the first such call ends the process with tokio's message.
///
/// # Cancellation
///
/// To drop the task, or the future that awaits it, does not stop the work. `Task::cancel`, a timeout, a shutdown or, with
/// `origin = "follow"`, the caller's cancellation does: `Context::cancelled` says so inside the body, and after `grace` the
/// body is dropped at the `.await` it is at.
#[proc_macro_attribute]
pub fn background(attribute: TokenStream, item: TokenStream) -> TokenStream {
    pipeline::background(&attribute.into(), &item.into()).into()
}
