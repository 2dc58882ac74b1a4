//! `Call`: what a durable function gives, until it is stored.

use std::fmt;
use std::future::IntoFuture;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::argument::Parameter;
use super::description::{Description, Durable};
use super::envelope::Envelope;
use super::store::{self, Enqueued, JobId, NewJob, Store, StoreIn};
use super::store_error::StoreError;
use super::stored::{self, Storable};
use super::trace;
use crate::ambient;
use crate::context::Context;
use crate::panics;

/// A call of a durable function: to be awaited, which stores it, or to be stored along with the caller's rows.
///
/// Arguments and inherited values are taken when the call is made, as JSON; until it is stored nothing else happens.
///
/// ```
/// # use detached::{background, Supervisor, testing::Recorded};
/// # use std::time::{Duration, SystemTime};
/// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let recorded = Recorded::new();
/// # let supervisor = Supervisor::builder().store(recorded.clone()).build();
/// # supervisor.scope(async {
/// let id = send_welcome("ann@example.org".to_owned()).key("welcome-7").after(Duration::from_secs(60)).await?;
/// println!("stored as {id}");
/// # Ok::<_, detached::durable::StoreError>(()) }).await.unwrap();
/// # }
/// ```
#[must_use = "the call is not stored until it is awaited, or given to a transaction by `store_in`"]
pub struct Call {
    job: NewJob,
    /// The context that the call is made in.
    origin: Option<Context>,
    store: Option<Arc<dyn Store>>,
    /// What stands against it, first of all.
    refused: Option<StoreError>,
}

impl Call {
    /// At most one job with this key: as long as the store has one of the function, finished ones too until it clears
    /// them away, another is refused with [`StoreError::Doubled`].
    ///
    /// ```
    /// # use detached::{background, Supervisor, testing::Recorded};
    /// # use std::time::{Duration, SystemTime};
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let recorded = Recorded::new();
    /// # let supervisor = Supervisor::builder().store(recorded.clone()).build();
    /// # supervisor.scope(async {
    /// let again = async || send_welcome("ann@example.org".to_owned()).key("welcome-7").await;
    /// assert!(again().await.is_ok() && again().await.is_err());
    /// # Ok::<_, detached::durable::StoreError>(()) }).await.unwrap();
    /// # }
    /// ```
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.job.key = Some(key.into());
        self
    }

    /// Not to run before `delay` is over, counted from now on the caller's clock.
    ///
    /// ```
    /// # use detached::{background, Supervisor, testing::Recorded};
    /// # use std::time::{Duration, SystemTime};
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let recorded = Recorded::new();
    /// # let supervisor = Supervisor::builder().store(recorded.clone()).build();
    /// # supervisor.scope(async {
    /// send_welcome("ann@example.org".to_owned()).after(Duration::from_secs(300)).await?;
    /// # Ok::<_, detached::durable::StoreError>(()) }).await.unwrap();
    /// # }
    /// ```
    pub fn after(self, delay: Duration) -> Self {
        // What no clock can show is never to run, or as good as.
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
        self.at(SystemTime::now().checked_add(delay).unwrap_or(far))
    }

    /// Not to run before `time`.
    ///
    /// ```
    /// # use detached::{background, Supervisor, testing::Recorded};
    /// # use std::time::{Duration, SystemTime};
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let recorded = Recorded::new();
    /// # let supervisor = Supervisor::builder().store(recorded.clone()).build();
    /// # supervisor.scope(async {
    /// let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    /// send_welcome("ann@example.org".to_owned()).at(tomorrow).await?;
    /// # Ok::<_, detached::durable::StoreError>(()) }).await.unwrap();
    /// # }
    /// ```
    pub fn at(mut self, time: SystemTime) -> Self {
        self.job.not_before = Some(time);
        self
    }

    /// Stores the call by the caller's own transaction: it is stored if that commits, and not at all if it does not.
    ///
    /// # Errors
    ///
    /// [`StoreError`]: nothing was stored. What state the transaction is in then is its database's matter.
    ///
    /// ```
    /// # use detached::{background, durable::{JobId, NewJob, StoreError, StoreIn}};
    /// # #[background(durable = "mail", timeout = "30s")] async fn send_welcome(to: String) {}
    /// # struct Sqlite;
    /// # #[derive(Default)] struct Transaction(Vec<NewJob>);
    /// # impl StoreIn<Sqlite> for Transaction {
    /// #     async fn enqueue(&mut self, job: NewJob) -> Result<JobId, StoreError> { self.0.push(job); Ok("1".to_owned().into()) }
    /// # }
    /// # impl Transaction { async fn commit(self) -> Result<(), StoreError> { Ok(()) } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), StoreError> {
    /// # let mut transaction = Transaction::default();
    /// // .. the caller's own rows ..
    /// send_welcome("ann@example.org".to_owned()).store_in(&mut transaction).await?;
    /// transaction.commit().await?;
    /// # Ok(()) }
    /// ```
    pub fn store_in<'t, S, T>(self, transaction: &'t mut T) -> Enqueued<'t>
    where
        S: 't,
        T: StoreIn<S> + Send,
    {
        Box::pin(async move {
            match self.refused {
                Some(error) => Err(error),
                None => transaction.enqueue(self.job).await,
            }
        })
    }
}

/// Stores the call.
impl IntoFuture for Call {
    type Output = Result<JobId, StoreError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            if let Some(error) = self.refused {
                return Err(error);
            }
            let store = self.store.ok_or(StoreError::NotInstalled)?;
            store.enqueue(self.job).await
        })
    }
}

/// For generated code.
#[doc(hidden)]
impl Call {
    /// A call in the current context.
    #[track_caller]
    pub fn begin<F: Durable>() -> Self {
        Self::new(F::description(), ambient::current())
    }

    /// A call in the context given.
    #[track_caller]
    pub fn begin_from<F: Durable>(origin: &Context) -> Self {
        Self::new(F::description(), Some(origin.clone()))
    }

    #[track_caller]
    fn new(description: &'static Description, origin: Option<Context>) -> Self {
        let mut envelope = Envelope::new(description.name(), Location::caller().to_string());
        // Whoever is asked for the current span is the subscriber: a panic in there is not the caller's.
        let _ = panics::catch(|| trace::note(&mut envelope));
        let job = NewJob { envelope, key: None, not_before: None, description };
        Self { job, origin, store: store::current(), refused: None }
    }

    /// Takes an argument.
    pub fn argument<T>(&mut self, parameter: &Parameter<T>, name: &'static str, value: T) {
        if let Some(written) = self.written(name, || (parameter.write)(&value)) {
            self.job.envelope.arguments.insert(name.to_owned(), written);
        }
        // Its drop is the caller's code, and no concern of the call.
        let _ = panics::catch(|| drop(value));
    }

    /// `inherit = [KEY]`, or `[KEY?]`.
    pub fn inherit(&mut self, carrier: &'static dyn Storable, is_optional: bool) {
        let refused = stored::write(carrier, is_optional, self.origin.as_ref(), &mut self.job.envelope.inherited);
        if let (None, Some(error)) = (&self.refused, refused) {
            self.refused = Some(error);
        }
    }

    /// What `write` gives, which is user code.
    fn written(
        &mut self,
        name: &'static str,
        write: impl FnOnce() -> Result<Value, serde_json::Error>,
    ) -> Option<Value> {
        let error = match panics::catch(write) {
            Ok(Ok(written)) => return Some(written),
            Ok(Err(error)) => error.to_string(),
            Err(panic) => panic.to_string(),
        };
        self.refused.get_or_insert(StoreError::NotSerializable { name, error });
        None
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("function", &self.job.envelope.function)
            .field("key", &self.job.key)
            .field("not_before", &self.job.not_before)
            .finish_non_exhaustive()
    }
}
