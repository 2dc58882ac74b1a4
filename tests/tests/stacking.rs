//! Other attributes on the same function, above and below.
//!
//! What is refused, and how that is said, is in the messages' tests.

use std::fmt::Display;
use std::sync::Arc;

use async_trait::async_trait;
use detached::{Task, TaskError, background};
use detached_tests::recording::Recording;
use tracing_attributes::instrument;

#[instrument]
#[background(timeout = "1m")]
async fn above(number: u8, text: &str) -> usize {
    tracing::info!("inside");
    usize::from(number) + text.len()
}

#[background(timeout = "1m")]
#[instrument]
async fn below(number: u8, text: &str) -> usize {
    tracing::info!("inside");
    usize::from(number) + text.len()
}

#[tokio::test]
async fn a_span_of_its_own_is_in_the_span_of_the_task() {
    for (name, call) in [("above", above as fn(u8, &str) -> Task<usize>), ("below", below)] {
        let recording = Recording::new();
        let guard = recording.set_default();
        assert_eq!(call(1, "ab").await.unwrap(), 3);
        drop(guard);

        let spans = recording.spans();
        let [task, own] = &spans[..] else { panic!("{name}: {spans:?}") };
        assert_eq!((task.name, own.name, own.parent), (name, name, Some(name)));
        assert_eq!(own.field("number"), Some("1"));
        assert_eq!(own.field("text"), Some("ab"));
        assert!(!own.is_open && !task.is_open);
        assert_eq!(recording.event("inside").span, Some(name));
    }
}

#[derive(Clone, Debug)]
struct Store(u8);

impl Store {
    #[instrument(skip(self, secret), fields(store = self.0, length = secret.len()), err, ret, level = "debug")]
    #[background(timeout = "1m")]
    async fn save(&self, secret: &str, row: Vec<u8>) -> Result<usize, String> {
        if row.is_empty() {
            return Err("no row".to_owned());
        }
        Ok(row.len() + secret.len())
    }

    #[background(timeout = "1m")]
    #[instrument(skip_all, fields(%name, inner = self.0), err(Debug))]
    #[must_use]
    async fn find<T: Display + Send + 'static>(self: Arc<Self>, name: T) -> Result<String, String> {
        if self.0 == 0 {
            Err("nothing here".to_owned())?;
        }
        Ok(name.to_string())
    }

    #[background(timeout = "1m")]
    #[instrument(fields(twice = self.0 * 2))]
    async fn lent(&self) -> u8 {
        self.0
    }
}

#[tokio::test]
async fn fields_and_results_of_methods() {
    let recording = Recording::new();
    let _guard = recording.set_default();
    assert_eq!(Store(1).save("key", vec![1]).await.unwrap(), Ok(4));
    assert_eq!(Store(1).save("key", vec![]).await.unwrap(), Err("no row".to_owned()));
    assert_eq!(Arc::new(Store(1)).find("x").await.unwrap(), Ok("x".to_owned()));
    assert!(Arc::new(Store(0)).find(1).await.unwrap().is_err());
    assert_eq!(Store(3).lent().await.unwrap(), 3);

    let own: Vec<_> = recording.spans().into_iter().filter(|span| span.parent == Some(span.name)).collect();
    let shown: Vec<_> = own.iter().map(|span| (span.name, span.fields.names())).collect();
    assert_eq!(shown[0], ("save", vec!["row", "store", "length"]));
    assert_eq!(shown[2].0, "find");
    assert_eq!(own[4].field("twice"), Some("6"));
    let errors =
        recording.events().into_iter().filter(|event| event.field("error").is_some_and(|it| it.contains("no row")));
    assert_eq!(errors.count(), 2, "one of `err`, one of the outcome");
}

#[async_trait]
trait Notifies: Send + Sync {
    async fn notify(&self, text: &str) -> usize;

    fn notify_later(&self, text: &str) -> Task<usize>;
}

#[derive(Clone)]
struct Mail;

impl Mail {
    #[background(timeout = "1m")]
    async fn send(&self, text: &str) -> usize {
        text.len()
    }
}

#[async_trait]
impl Notifies for Mail {
    async fn notify(&self, text: &str) -> usize {
        self.send(text).await.unwrap()
    }

    // An `async fn` would be boxed before it could be a background function; so what it calls is one.
    fn notify_later(&self, text: &str) -> Task<usize> {
        self.send(text)
    }
}

#[tokio::test]
async fn beside_an_async_trait() {
    let mail: Box<dyn Notifies> = Box::new(Mail);
    assert_eq!(mail.notify("ab").await, 2);
    assert_eq!(mail.notify_later("ab").await.unwrap(), 2);
}

#[tokio::test]
async fn inside_of_a_test() -> Result<(), TaskError> {
    #[background(timeout = "1m")]
    #[instrument]
    async fn inner() -> u8 {
        1
    }
    assert_eq!(inner().await?, 1);
    Ok(())
}

mod renamed_attributes {
    use detached::background as job;
    use tracing_attributes::instrument as traced;

    #[traced]
    #[job(timeout = "1m")]
    pub(super) async fn both() -> u8 {
        1
    }
}

#[tokio::test]
async fn under_other_names() {
    assert_eq!(renamed_attributes::both().await.unwrap(), 1);
}
