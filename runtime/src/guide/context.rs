//! What a task knows of its request, question by question.
//!
//! Work that outlives its request must not be stopped with it, must not run for ever, must know whose work it is, and
//! must not keep the rest of the request in memory. Go's remedies each answer some of these. A background function
//! answers all, because its declaration says what crosses:
//!
//! ```
//! use detached::{background, Cause, Context, Key, ValueError};
//! use std::time::Duration;
//!
//! static USER_ID: Key<u64> = Key::new("user_id");
//! static BODY: Key<String> = Key::new("body");
//!
//! #[background(timeout = "5s", inherit = [USER_ID])]
//! async fn audit() -> String {
//!     let context = Context::current();
//!     assert!(context.remaining().unwrap() <= Duration::from_secs(5)); // its own deadline
//!     assert_eq!(context.cause(), None); // nothing has cancelled the task
//!     assert!(matches!(context.get(BODY), Err(ValueError::Absent { .. }))); // not listed
//!     assert_eq!(context.origin().unwrap().cause(), Some(Cause::Disconnected)); // the request is over
//!     format!("by user {}", context.get(USER_ID).unwrap()) // listed
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let request = Context::new().with(USER_ID, 7).with(BODY, "large".to_owned());
//! let task = request.scope(async { audit() }).await;
//! request.cancel(Cause::Disconnected);
//! drop(request); // and with it its body
//! assert_eq!(task.await.as_deref(), Ok("by user 7"));
//! # }
//! ```
//!
//! # Compared
//!
//! The first column is a request's context, where the call is made. The others are what the work is given in its
//! place: the detached context of a task, Go's `context.Background()` and `context.WithoutCancel(ctx)`, and the
//! `gctx.NeverDone(ctx)` of the `GoFrame` framework.
//!
//! | question | the origin | a task's context | `Background` | `WithoutCancel` | `NeverDone` |
//! |---|---|---|---|---|---|
//! | **deadline** | the request's | its own: `timeout`, from its call (with a `limit`, from its turn); none with `"none"` | none | none | none |
//! | **done** | when the request ends, its client goes, or its deadline passes | when the task is out of time, cancelled, or cut off by a drain | never | never | never |
//! | **cause** | why the request ended | why the task is to stop; the request's is asked of [`origin`](crate::Context::origin) | none | none | `Err` has none, `context.Cause` still gives the request's |
//! | **values** | all, live | those listed, as they were at the call | none | all of the request's | all of the request's |
//! | **span** | the request's | one of its own that follows from the caller's, with the listed values as fields | none | the request's, as one of its values | the request's, as one of its values |
//! | **retention** | holds every value | holds the listed values and nothing else of the request | holds nothing | holds the whole request | holds the whole request |
//!
//! So `Background` loses the user and the trace, and the other two keep every value that any middleware has ever put
//! into the request, for as long as the work lasts; none of the three can be stopped, unless each place of call
//! remembers to wrap it again.
//!
//! Two rows can be set otherwise where a function wants it: `origin = "follow"` makes the request's end the task's, for
//! work nobody wants any more then, and `trace = "child"` or `"none"` changes the span's relation. Neither holds the
//! request in memory.
//!
//! # What crosses
//!
//! - A **value** by a [`Key`](crate::Key), `inherit = [USER_ID]`, which the compiler checks, or by its name,
//!   `inherit = ["user_id"]`. The task shares the value as it was at the call; a later
//!   [`insert`](crate::Context::insert) on either side is not seen by the other.
//! - A `tokio::task_local!`, or what another library binds to a thread, by a [carrier](crate::Inherit). It is in place for
//!   all that runs for the task: its body, its drop, observers, the event.
//! - A **group** of these: a `static` tuple is a [carrier](crate::Inherit#groups), so one list serves many functions.
//! - What a task calls inherits from the **task**, so each function lists what it needs itself.
//!
//! What is required and absent rejects the call: it is reported, and [`Reason`](crate::Reason) names what was missing.
//! Work that is meant for a user never runs as nobody.
