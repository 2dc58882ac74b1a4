//! The jobs of a store, on the command line: what waits, what was given up, what was set aside; and what to do about it.
//!
//! ```text
//! jobs STORE waiting|running|done|failed|set-aside
//! jobs STORE again ID
//! jobs STORE remove ID
//! ```
//!
//! `STORE` is a URL, as `sqlite:jobs.db` or `postgres://localhost/shop`. Without words,
//! `cargo run --manifest-path durable/Cargo.toml --example jobs` shows itself on a store in a temporary folder.

use std::error::Error;

use detached::durable::JobId;
use detached::{Supervisor, background};
use detached_apalis::{Engine, Jobs, Postgres, Sqlite, State, Worker};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => show().await,
        [url, words @ ..] if url.starts_with("postgres") => run(&Postgres::connect(url).await?.jobs(), words).await,
        [url, words @ ..] => run(&Sqlite::connect(url.parse()?).await?.jobs(), words).await,
    }
}

async fn run(jobs: &Jobs<impl Engine>, words: &[&str]) -> Result<(), Box<dyn Error>> {
    let state = match *words {
        ["again", id] => return found(jobs.run_again(&JobId::from(id.to_owned())).await?),
        ["remove", id] => return found(jobs.remove(&JobId::from(id.to_owned())).await?),
        ["waiting"] => State::Waiting,
        ["running"] => State::Running,
        ["done"] => State::Done,
        ["failed"] => State::Failed,
        ["set-aside"] => State::SetAside,
        _ => return Err("say waiting, running, done, failed or set-aside; or again or remove, and a job's id".into()),
    };
    for job in jobs.list(state).await? {
        println!("{job}");
    }
    Ok(())
}

fn found(is_found: bool) -> Result<(), Box<dyn Error>> {
    if is_found { Ok(()) } else { Err("there is no such job, or it is not at rest".into()) }
}

#[background(durable = "mail", timeout = "30s", attempts = 2, backoff = "0s")]
async fn send_news(to: String) -> Result<(), &'static str> {
    if to.contains('@') { Ok(()) } else { Err("that is no address") }
}

/// A mail that is sent, and one that fails until it is given up, runs again because somebody said so, and is removed.
async fn show() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let store = Sqlite::open(folder.path().join("jobs.db")).await?;
    let jobs = store.jobs();
    let supervisor = Supervisor::builder().store(store.clone()).build();
    let stored = async {
        send_news("ann@example.org".into()).await?;
        send_news("bob".into()).await
    };
    let id = supervisor.scope(stored).await?;
    println!("waiting");
    run(&jobs, &["waiting"]).await?;

    Worker::new(&store).register::<send_news>().run_until(until_failed(&jobs)).await?;
    println!("failed, after a worker ran");
    run(&jobs, &["failed"]).await?;

    run(&jobs, &["again", id.as_str()]).await?;
    println!("waiting, since it is to run again");
    run(&jobs, &["waiting"]).await?;
    run(&jobs, &["remove", id.as_str()]).await?;
    assert!(jobs.list(State::Waiting).await?.is_empty(), "it was removed");
    Ok(())
}

async fn until_failed(jobs: &Jobs<Sqlite>) {
    while !jobs.list(State::Failed).await.is_ok_and(|failed| !failed.is_empty()) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
