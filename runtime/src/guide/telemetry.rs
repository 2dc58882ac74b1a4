//! What a task tells: a span, an event, and metrics if you want them.
//!
//! Nothing is to be set up. Whatever subscriber the program has gets, for each task, one span that closes with the task
//! and one event that tells its outcome. This page shows both, and how to filter them.
//!
//! # One failing task
//!
//! ```
//! # use std::{fmt, io, time::Duration};
//! # use detached::{background, Context, Key};
//! # #[derive(Debug)] struct DbError(io::Error);
//! # impl fmt::Display for DbError {
//! #     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str("cannot insert the visit") }
//! # }
//! # impl std::error::Error for DbError {
//! #     fn source(&self) -> Option<&(dyn std::error::Error + 'static)> { Some(&self.0) }
//! # }
//! # #[derive(Clone, Debug)] struct UserId(u64);
//! # impl fmt::Display for UserId {
//! #     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}", self.0) }
//! # }
//! static USER_ID: Key<UserId> = Key::new("user_id").display();
//! static TENANT: Key<&str> = Key::new("tenant");
//!
//! #[background(timeout = "5s", inherit = [USER_ID, TENANT])]
//! async fn record_visit(page: &str) -> Result<(), DbError> {
//!     tracing::info!(page, "inserting");
//!     Err(DbError(io::Error::other("disk full")))
//! }
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! # let request = Context::new().with(USER_ID, UserId(7)).with(TENANT, "acme");
//! # request.scope(async { record_visit("/pricing").await }).await.unwrap().unwrap_err();
//! # }
//! ```
//!
//! With the default formatter of `tracing-subscriber`, its two lines are (broken here to fit the page):
//!
//! ```text
//! 2026-01-07T09:30:12.871Z  INFO record_visit{task.id=17 user_id=7 tenant="acme"}: my_app: inserting page="/pricing"
//! 2026-01-07T09:30:14.074Z ERROR record_visit{task.id=17 user_id=7 tenant="acme"}: my_app: task failed
//!     task="record_visit" task.id=17 outcome="failed" elapsed_ms=1203.0 error=cannot insert the visit
//!     error.sources=[disk full] error.chain="cannot insert the visit: disk full" caller=src/main.rs:41:5
//!     user_id=7 tenant="acme"
//! ```
//!
//! [The page on formatters](crate::guide::formatters) shows what each of them writes of each thing that goes wrong.
//!
//! # What to filter by
//!
//! A task's span and its event have the module of its function for a target, as what its body says has. So the filter that shows
//! a module shows how its tasks ended. `detached` is the target only of a task that was made by
//! [`task`](fn@crate::task) without a [`target`](crate::TaskBuilder::target), and of a handler that is shielded without one.
//!
//! | to see | `RUST_LOG` |
//! |---|---|
//! | everything of mine that is worth a look: what went wrong, what was cancelled | `my_app=info` |
//! | everything of mine, completed tasks too | `my_app=debug` |
//! | outcomes only | `my_app[{task}]=debug` |
//! | one module, and the failures of all others | `warn,my_app::audit=debug` |
//! | one user, whatever is done for him | `info,[{user_id=7}]=debug` |
//! | one user's visits | `info,[record_visit{user_id=7}]=debug` |
//!
//! `task` is a field of outcomes alone. A name that spans have too, such as `outcome`, shows all that is said in them.
//!
//! A user is found so where the value is a number or `bool`. Any other is compared as text, which a filter does if it reads as none of
//! these: `[{tenant=acme}]`, but not `[{user_id=7}]` where a [`display`](crate::Key::display) writes that `7`.
//!
//! A filter at `warn` hides the spans, which are at INFO, and with them what says whose line one of the body's is; the
//! outcome's event still does. [`SupervisorBuilder::span_level`](crate::SupervisorBuilder::span_level) raises them.
//!
//! # The span
//!
//! A task has one span. It is opened at the call, entered whenever the body, its drop, an observer or the report runs,
//! and closed when the task has ended, before [`Supervisor::idle`](crate::Supervisor::idle) and
//! [`drain`](crate::Supervisor::drain) return: what is exported after a drain is complete. A call that is rejected has one
//! too, for as long as that is told: the error is its own, and no request's span is marked as failed by it.
//!
//! - Its name is the function's, or the `name` option's; its target is the function's module; its level is INFO, or what
//!   [`span_level`](crate::SupervisorBuilder::span_level) says.
//! - Its fields are `task.id`, one for each inherited value that the caller had, and, set at the end, `outcome`: so a query for
//!   traces finds the failed ones.
//! - The subscriber that the caller set for its scope (`with_default`, `set_default`) comes along, whatever threads the
//!   task runs on. The span is entered, left and closed under the subscriber that it was opened under.
//! - A panic of a subscriber ends where it was told something: the body runs, and every observer hears of it.
//!
//! How it stands to the caller's span is the `trace` option's to say; of a function that does not, the supervisor's
//! ([`SupervisorBuilder::trace`](crate::SupervisorBuilder::trace)):
//!
//! | `trace` | parent | `follows_from` | the caller's span closes |
//! |---|---|---|---|
//! | `"link"`, the default of supervisors | none | the caller's span | on time |
//! | `"child"` | the caller's span | none | after the task's span |
//! | `"none"` | none | none | on time |
//!
//! The choice, against the two ways of doing it by hand:
//!
//! | | the request's span closes on time | a log line says whose request it was | the trace leads from one to the other |
//! |---|---|---|---|
//! | `tokio::spawn(work.in_current_span())`, or a child span | no: it is open, and not exported, until the work ends | yes | yes, as a parent |
//! | a new root span with a bare `follows_from` | yes | no: the request's fields are on a span that log lines do not show | yes, as a link |
//! | a background function, `trace = "link"` | yes | yes: the inherited values are fields of the task's own | yes, as a link |
//!
//! # Sampling
//!
//! A task that is linked has a trace of its own, and a sampler decides on it anew. Where a tenth of all traces is kept, a
//! tenth of all tasks is, and mostly not the tenth whose requests are: of a hundred tasks that are kept, ninety link to a
//! request that was never exported.
//!
//! **Where traces are sampled by their parent, use `child`**: for the whole program by
//! `Supervisor::builder().trace(Trace::Child)`, or for a function by `trace = "child"`. A task is in its request's trace then, and kept if
//! that is. It costs what the link is there to spare:
//!
//! - The request's span stays open, in the subscriber's memory, until its last task has ended, and is exported only then. A resident
//!   would hold one for as long as the process: give it `trace = "none"`.
//! - The trace lasts as long as its longest task. Its duration is not the request's any more; that span's own is.
//! - A collector that samples at the tail, once a trace is complete, waits for the tasks, or decides without them.
//!
//! # The event
//!
//! Each call gives one event, in the task's span, with the function's module for a target. Where the task has no span, because a
//! filter hides it, the event is in none: not in that of the caller.
//!
//! | outcome | level | message |
//! |---|---|---|
//! | completed | DEBUG | `task completed` |
//! | completed, but only after it was told to stop, by its bound or a cancellation | WARN | `task completed late` |
//! | failed | the `level` option's, ERROR by default | `task failed` |
//! | timed out | the `level` option's, ERROR by default | `task timed out` |
//! | panicked | ERROR | `task panicked` |
//! | cancelled | WARN by a drain or by the end of its runtime, else INFO | `task cancelled` |
//! | rejected | ERROR | `task rejected` |
//!
//! A resident (`shutdown = "cancel"`) that ends as a drain has asked it to, cancelled or completed, is INFO.
//!
//! | field | what | when |
//! |---|---|---|
//! | `task` | the function's name, or the `name` option's | always |
//! | `task.id` | the number that lists show too | always |
//! | `outcome` | `completed`, `failed`, `timed_out`, `panicked`, `cancelled`, `rejected` | always |
//! | `elapsed_ms` | the run time from the body's first poll, in milliseconds, a number with three decimals | the body started |
//! | `error` | the error with its sources, or the panic's text and place | failed, panicked |
//! | `error.chain` | the error and its sources as one text | failed, and there are sources |
//! | `timeout` | the bound that was not kept, as `5s` | timed out, or late for that |
//! | `cause` | why it was cancelled | cancelled, or late for that |
//! | `reason` | why it was rejected | rejected |
//! | `caller` | file, line and column of the call | always |
//! | one for each inherited value | the value | the caller had it |
//!
//! - Numbers, `bool` and text are recorded as what they are; a value of any other type by its `Display`, where its key
//!   is one of [`display`](crate::Key::display), else by its `Debug`.
//! - A value that has the name of a field of ours is in `inherited.<name>`, in the event and in the span: formatters
//!   disagree about two fields of one name.
//! - A value set by [`Context::with_sensitive`](crate::Context::with_sensitive) is in no field, no list and no report.
//! - The error is handed over in the best form its type has: as a `dyn Error` with its sources (also out of `anyhow`,
//!   `eyre` and `Box<dyn Error + Send + Sync>`), by its `Display`, by its `Debug`, or by the name of its type. What
//!   formatters make of the sources differs; `error.chain` and, for an [`Observer`](crate::Observer),
//!   [`Failure::chain`](crate::Failure::chain) have all of them on one line.
//! - A `Display` or `Debug` of yours that panics costs its own text and nothing else. One that writes on and on is shown up to
//!   16 KiB, as a text is that is longer, values inside of values four deep (a context can be a value of itself), and an error with at most 32 sources;
//!   `…` stands for what is left out.
//! - What is shown stays on its line. In errors, panics, causes, reasons, names and values, in events, spans, lists and reports,
//!   control characters, Unicode's line separators and its marks of direction stand as their escapes (`\n`, `\u{1b}`): a client
//!   whose input is repeated forges no line. An error that holds one, in its text or in a source's, is handed over as a copy of
//!   its texts; every other is handed over as itself, for a subscriber that looks for its type.
//!
//! An observer that panics gives one event more, `an observer panicked`, at ERROR and in no span: neither the task nor its
//! caller has failed.
//!
//! # Elsewhere
//!
//! - [Programs that use `log`](crate::guide::log) get each outcome as one record, with the same target, level and fields.
//! - [OpenTelemetry](crate::guide::opentelemetry): `tracing-opentelemetry` exports the task's span as any other, with the link or the
//!   parent that the table above says. The feature `opentelemetry` adds the caller's baggage for the task, and why it failed to the status
//!   of its span.
//! - [sentry](crate::guide::sentry): a carrier brings the request's user, tags and breadcrumbs along, an observer reports.
//! - [Prometheus](crate::guide::prometheus): the feature `metrics` has an observer that counts every outcome and measures waiting and
//!   running, for whichever exporter of the `metrics` facade is installed. Without it,
//!   [`Supervisor::counts`](crate::Supervisor::counts) has the counts, and an [`Observer`](crate::Observer) can feed any other library.
//! - [`tower::StatusPage`](crate::tower::StatusPage) is a page to look at.
//!
//! # `tokio-console`
//!
//! With the feature `tokio-console`, in a program built with `RUSTFLAGS="--cfg tokio_unstable"`, tasks are listed under
//! their names and with the place of their call. Without the flag the feature changes nothing.
