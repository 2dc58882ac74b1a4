//! When the process may die: durable functions.
//!
//! # Task or durable function
//!
//! | | task | durable function |
//! |---|---|---|
//! | where it lives | in memory | in a table, until it came to an end |
//! | a crash, a kill, a power cut | takes it along | it runs again |
//! | it runs | at once, in this process | as soon as a worker has it, in any process |
//! | how often | at most once | at least once |
//! | the caller | goes on at once, or waits for the value | goes on once it is stored; there is no value for it |
//! | a call costs | a microsecond | a commit of the database |
//! | parameters | whatever is `Send` | what serde can write and read |
//!
//! So: what is worth nothing after a restart (a cache to warm, a visit to count, a metric to send) is a task. What somebody waits
//! for or has paid for (a mail, a webhook, an invoice) is durable.
//!
//! # From one to the other
//!
//! 1. Add the feature `durable` of this crate, and the crate `detached-apalis`. The latter needs Rust 1.94, and both of a program
//!    are built with the same one.
//!
//!    ```toml
//!    detached = { version = "0.1", features = ["durable", "signal", "tower"] }
//!    detached-apalis = "0.1"
//!    ```
//! 2. Name a queue: `#[background(durable = "mail", timeout = "30s")]`. The compiler says, on the parameter, what cannot be
//!    stored: take a borrow by value, a pool or a client as `#[state]`, and inherit by a stored key, with
//!    `use detached::durable::Stored`: `static USER_ID: Key<u64, Stored> = Key::new("user_id").stored();`.
//! 3. At its calls add `.await`, and answer with what stood against it: the call is stored then, or it is an error and no event.
//!    [`StoreError`](crate::durable::StoreError) is no answer of a framework's, so in a handler of axum's it is
//!    `.await.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?`. `Unavailable` is what that status is for;
//!    `Rejected` (no user, say) and `Doubled` come from the call.
//!    Where the call goes with rows of yours, store it in their transaction, of a pool of sqlx's on the same database:
//!    `.store_in(&mut transaction).await?`. What is rolled back was never called.
//! 4. First thing in `main`: `let store = Sqlite::open("jobs.db").await?;`, or `Postgres::connect(url)`, and `store.install();`.
//!    `main` gives `Result<(), Box<dyn Error>>` then, and ends with `Ok(served.unwrap_or(Ok(()))?)`.
//! 5. Run a worker, in the same program or in one of its own, with a `.state(..)` for each type of a `#[state]`:
//!
//!    ```text
//!    if std::env::args().nth(1).as_deref() == Some("worker") {
//!        let worker = Worker::new(&store).state(mailer).register::<send_welcome>();
//!        println!("{}", worker.run_until(terminated()).await?);
//!        return Ok(());
//!    }
//!    ```
//! 6. In tests, with the feature `testing`: `TestSupervisor::with(Supervisor::builder().store(Inline::new()))` runs what is stored
//!    at once. Both are in [`testing`](crate::testing).
//!
//! The first page of `detached-apalis` has a whole service with its worker; its example `orders` stores calls along with rows, and
//! kills a worker.
//!
//! # At least once
//!
//! A worker notes that a job is done after it was run. If it dies in between, the job runs again: the mail that was sent is sent
//! a second time, unless the function can tell. It can, in one of three ways.
//!
//! **The work is a fact that can be stated twice.** `UPDATE orders SET state = 'paid'`, `PUT`, a file that is written anew.
//!
//! **The other side knows keys.** Give it one that is the same for each attempt: out of the arguments, never made up in the body.
//!
//! **Your database knows what was done.** In one transaction with the effect, a row with a unique key:
//!
//! ```
//! # #[derive(Clone)] struct Db; struct Transaction;
//! # impl Db { async fn begin(&self) -> std::io::Result<Transaction> { Ok(Transaction) } }
//! # impl Transaction {
//! #     async fn insert_ignoring(&mut self, _: &str) -> std::io::Result<u64> { Ok(1) }
//! #     async fn credit(&mut self, _: u64, _: i64) -> std::io::Result<()> { Ok(()) }
//! #     async fn commit(self) -> std::io::Result<()> { Ok(()) }
//! # }
//! use detached::background;
//!
//! #[background(durable = "payments", timeout = "30s")]
//! async fn credit(payment: String, account: u64, cents: i64, #[state] db: Db) -> std::io::Result<()> {
//!     let mut transaction = db.begin().await?;
//!     // INSERT INTO credited (payment) VALUES ($1) ON CONFLICT DO NOTHING
//!     if transaction.insert_ignoring(&payment).await? == 0 {
//!         return Ok(()); // an attempt before this one got so far
//!     }
//!     transaction.credit(account, cents).await?;
//!     transaction.commit().await
//! }
//! ```
//!
//! A caller's own retries are another matter: there `.key(format!("welcome-{user}"))` sees to it that one job is stored, however
//! often it is asked for. A second call of the function with the key is [`StoreError::Doubled`](crate::durable::StoreError), as
//! long as the store has the first one's job: until some time after it is done, `Worker::keep_done`, or until one that failed is
//! removed.
//!
//! # What becomes of a job
//!
//! | the attempt | the job |
//! |---|---|
//! | completed | is done; kept for a minute, with its key, then removed |
//! | failed, timed out or panicked | runs again after the pause of `backoff`, as often as `attempts` says; then it is given up, and kept |
//! | cut by a drain, or by the end of the runtime | runs again at once, on another worker; that was no attempt |
//! | cancelled by the program | is given up |
//! | not begun: unknown function, arguments that cannot be read | waits for a worker that can; set aside after ten minutes, its payload whole |
//! | its worker dies | runs again once that is found out, 15 seconds later; that was no attempt. One of its jobs may have killed it, so they run one at a time, beside new ones: of twenty slow ones the last waits for all others |
//! | its worker dies, again and again | is given up after `crashes` times |
//!
//! `store.jobs()` lists what waits, what was given up and what was set aside, runs one again, and removes one; the example `jobs` of
//! `detached-apalis` does so on the command line. The tables are apalis's, so its web board (the crate `apalis-board`) shows the same
//! jobs; a job that is to run again is put back by `jobs()`, which counts its attempts anew.
//!
//! # Deploying changed functions
//!
//! Stored calls outlive the program that stored them. While two versions run side by side, either may meet the other's calls.
//!
//! - Free: to move the function to another module; to remove or to reorder parameters; to add a parameter that is an `Option`, which
//!   is `None` for older calls; to add a field to an argument's type that has `#[serde(default)]`.
//! - In two steps, workers first and callers second: a new parameter that is no `Option`, as an `Option` until no old call is left; a new
//!   variant of an argument's `enum`.
//! - A new name: `alias = "shop::send_mail"` with the old one, until no old call is left. The name is the crate's and the function's;
//!   the crate's name counts as it is in paths, with underscores.
//! - What an older worker cannot read waits for a newer one, and is no attempt. So a deployment that takes less than ten minutes sets
//!   nothing aside.
//!
//! # On many machines
//!
//! PostgreSQL, and as many workers as you like. A queue is served by each worker that knows one of its functions; give functions
//! that need other machines, or must not wait for each other, queues of their own. `Worker::concurrency` is how many jobs a
//! worker runs at once, a function's `limit` how many of its own in one worker.
//!
//! A worker shows every five seconds that it lives, whatever its jobs do; but not while its process is stopped or its threads are
//! all blocked. After 15 seconds its jobs are another's, and if it comes back they have run twice. Bodies that block belong on
//! `spawn_blocking`. Where all seem dead at once, for the clock jumped ahead or the database was away, each is left a beat to show
//! that it is not.
//!
//! No order is kept, and none comes back: two jobs of one customer may run at the same time, on two machines.
//!
//! SQLite is for one machine. Its file takes one writer at a time; the store has one connection for calls and one for workers,
//! and waits for others up to five seconds. A call is on the disk before it counts as stored (`synchronous = FULL`), so calls one by
//! one cost a flush each; those that come at the same time share one. Times are kept to the second. The files `-wal` and `-shm`
//! beside it belong to it: back it up with `VACUUM INTO`, not by a copy of the one file.
//!
//! # What to watch
//!
//! - The event of each attempt, as of any task, with the field `attempt`; `outcome = "failed"` with a high one is a job on its way out.
//! - `a stored call is given up` (ERROR) and `a stored call cannot be run here` (WARN), with the target of the function's module, as its
//!   attempts have: somebody has to look. Where the worker knows no function of the name, that has the target `detached`, and so has
//!   `a job is set aside` (ERROR).
//! - How many jobs wait, and since when the oldest is due: `jobs().list(State::Waiting)`.
//! - `jobs of a worker that died are run again` (WARN), with how many: what they had done so far is done twice.
//! - `jobs cannot be claimed`, `what has become of jobs cannot be written` (WARN): the database is away, or the disk is full.
//! - The trace: where spans reach OpenTelemetry and the feature `opentelemetry` is on, the span of an attempt is linked to the span
//!   of the call, on whatever machine that was.
//!
//! # What is stored in plain text
//!
//! The arguments, and the inherited values, sensitive ones too. A token does not belong into a queue; its owner's id does.
