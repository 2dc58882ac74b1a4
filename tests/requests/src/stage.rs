//! What the handlers share with the test: it hears that one has begun, and lets it go on step by step.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use detached::tower::ContextLayer;
use detached::{Cause, Context, Key, Origin, background};
use futures_util::stream::{Stream, unfold};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

use crate::rows::{Row, Rows};

pub static USER_ID: Key<i64> = Key::new("user_id");
pub static REQUEST_ID: Key<String> = Key::new("request_id");

/// The layer as one writes it.
pub fn context_layer() -> ContextLayer {
    ContextLayer::new().header("x-user", USER_ID).header("x-request-id", REQUEST_ID)
}

/// The one task of each request: it outlives the request, and writes down how that ended.
#[background(timeout = "60s", inherit = [REQUEST_ID, USER_ID])]
pub async fn audit(rows: &Rows) -> sqlx::Result<()> {
    let origin = Context::current().origin().expect("a request's");
    origin.cancelled().await;
    let cause = origin.cause().expect("it is cancelled");
    rows.write_in_steps(Row::new(&REQUEST_ID.get(), USER_ID.get(), cause)).await
}

#[derive(Clone)]
pub struct Stage {
    pub rows: Rows,
    begun: mpsc::UnboundedSender<Origin>,
    steps: Arc<Semaphore>,
}

/// The test's end.
pub struct Direction {
    begun: mpsc::UnboundedReceiver<Origin>,
    steps: Arc<Semaphore>,
}

impl Stage {
    pub fn new(rows: Rows) -> (Self, Direction) {
        let (sender, begun) = mpsc::unbounded_channel();
        let steps = Arc::new(Semaphore::new(0));
        (Self { rows, begun: sender, steps: Arc::clone(&steps) }, Direction { begun, steps })
    }

    /// What each handler does first.
    pub fn begin(&self) {
        assert_eq!(Context::current().cause(), None, "a request is not over when it begins");
        audit(&self.rows);
        self.begin_as(Context::current().as_origin());
    }

    /// Says whose end the test is to hear of.
    pub fn begin_as(&self, origin: Origin) {
        self.begun.send(origin).expect("the test listens");
    }

    /// Waits until the test says so.
    pub async fn step(&self) {
        self.steps.acquire().await.expect("never closed").forget();
    }

    /// Two frames and an end, each when the test says so; made of what is in place where they are polled.
    pub fn frames(&self, end: io::Result<()>) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        unfold((self.clone(), 0, Some(end)), |(stage, frame, mut end)| async move {
            stage.step().await;
            if frame < 2 {
                return Some((Ok(format!("user {}\n", USER_ID.get()).into()), (stage, frame + 1, end)));
            }
            Some((Err(end.take()?.err()?), (stage, frame, end)))
        })
    }

    /// Takes an upgraded connection along: gives back what comes, and says when the other side hung up.
    pub async fn echo(&self, mut connection: impl AsyncRead + AsyncWrite + Unpin) {
        let mut received = [0; 16];
        // An error is a client that is gone, too.
        while let Ok(length @ 1..) = connection.read(&mut received).await {
            connection.write_all(&received[..length]).await.expect("the client reads");
        }
        Context::current().cancel("hung up");
    }
}

/// As [`Stage::frames`] gives them.
pub const FRAME: &str = "user 7\n";

impl Direction {
    /// The next request whose handler has begun.
    pub async fn begun(&mut self) -> Begun {
        Begun(soon(self.begun.recv()).await.expect("the server runs"))
    }

    /// Lets whoever waits for it go one step further.
    pub fn step(&self) {
        self.steps.add_permits(1);
    }
}

/// A test that would wait for ever is to fail.
async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(60), future).await.expect("it comes")
}

/// A request that has begun.
pub struct Begun(Origin);

impl Begun {
    #[track_caller]
    pub fn goes_on(&self) {
        assert_eq!(self.0.cause(), None);
    }

    /// Waits for its end; gives the cause.
    pub async fn end(&self) -> Cause {
        soon(self.0.cancelled()).await;
        self.0.cause().expect("it is over")
    }

    /// Waits for its end, which is to have that cause.
    pub async fn ends(&self, cause: Cause) {
        assert_eq!(self.end().await, cause);
    }
}
