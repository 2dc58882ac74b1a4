//! `execute`: one attempt of a stored call, and what is to become of the job.

use std::time::Duration;

use super::description::Description;
use super::envelope::Envelope;
use super::registry::Registry;
use super::run::{ATTEMPT, Ended, Run, Started, told};
use super::stored::Read;
use crate::ambient;
use crate::context::{Cause, Context};
use crate::line::on_one_line;
use crate::outcome::Reason;
use crate::panics;
use crate::telemetry::StoredCall;

/// How soon a job is looked at again that could not be started here and now.
const SOON: Duration = Duration::from_secs(1);

/// What is to become of a job after [`Registry::execute`].
///
/// ```
/// # use detached::{background, durable::{Envelope, Executed, Registry}};
/// #[background(durable = "mail", timeout = "30s", name = "send_welcome", attempts = 2)]
/// async fn send_welcome(to: String) -> Result<(), &'static str> {
///     if to.is_empty() { Err("no address") } else { Ok(()) }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let mut registry = Registry::new();
/// registry.register::<send_welcome>().unwrap();
/// let stored = br#"{"format": 1, "function": "send_welcome", "arguments": {"to": ""}}"#;
/// let mut envelope = Envelope::from_json(stored).unwrap();
/// assert!(matches!(registry.execute(&mut envelope).await, Executed::AgainAfter(_)));
/// assert_eq!((envelope.attempts, envelope.error.as_deref()), (1, Some("no address")));
/// assert_eq!(registry.execute(&mut envelope).await, Executed::GivenUp);
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executed {
    /// It completed. The store may forget it.
    Done,
    /// It is to be tried again after a while, with the envelope as it is now.
    AgainAfter(Duration),
    /// It failed for the last time, or was cancelled by the program. Nobody is to try it again unasked.
    GivenUp,
    /// This worker cannot run it: the function is not registered, or the arguments cannot be read. Another worker may, or a
    /// later version of this one. The envelope is as it was but for [`error`](Envelope::error).
    NotHere,
}

impl Registry {
    /// Runs a stored call once, as a task of the current supervisor, and says what is to become of it. In the envelope the
    /// attempt is counted, and its error noted.
    ///
    /// The attempt is a task like any other: in a context with the inherited values, in a span of its own that is linked to
    /// the caller's, bound from its start on, its panics caught; with one event, one call of each observer and one count.
    /// The field `attempt` says which one it is. What was cancelled by a drain, or was not even started since the
    /// supervisor is draining or full, is to be run again and counts as no attempt.
    ///
    /// It never panics.
    ///
    /// # Cancellation
    ///
    /// To drop it leaves the task running; what it comes to is lost to the store.
    ///
    /// ```
    /// # use detached::durable::{Envelope, Executed, Registry};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let mut envelope = Envelope::from_json(br#"{"format": 1, "function": "of_another_worker"}"#).unwrap();
    /// assert_eq!(Registry::new().execute(&mut envelope).await, Executed::NotHere);
    /// # }
    /// ```
    pub async fn execute(&self, envelope: &mut Envelope) -> Executed {
        match self.find(&envelope.function) {
            Some(description) => self.execute_as(description, envelope).await,
            None => not_here(None, envelope, "no function of the name is registered".to_owned()),
        }
    }

    /// Runs the call as one of that function.
    pub(crate) async fn execute_as(&self, description: &'static Description, envelope: &mut Envelope) -> Executed {
        if envelope.crashes >= description.crashes() {
            let error = format!("its worker died {} times while it ran", envelope.crashes);
            return given_up(description, envelope, error);
        }
        let attempt = match panics::catch(|| self.start(description, envelope)) {
            Ok(Started(Ok(attempt))) => attempt,
            Ok(Started(Err(unreadable))) => return not_here(Some(description), envelope, unreadable),
            Err(panic) => return not_here(Some(description), envelope, format!("reading it panicked: {panic}")),
        };
        let ended = attempt.await;
        envelope.error = told(&ended, description.timeout()).map(|error| on_one_line(&error).into_owned());
        match ended {
            Ended::Completed => Executed::Done,
            Ended::Failed(_) | Ended::TimedOut | Ended::Panicked => {
                envelope.attempts = envelope.attempts.saturating_add(1);
                if envelope.attempts < description.attempts() {
                    return Executed::AgainAfter(description.backoff().after(envelope.attempts));
                }
                let error = envelope.error.take().unwrap_or_default();
                given_up(description, envelope, error)
            }
            Ended::Cancelled(Cause::Shutdown | Cause::RuntimeStopped) => Executed::AgainAfter(Duration::ZERO),
            Ended::Cancelled(_) => Executed::GivenUp,
            Ended::Rejected(
                Reason::MissingValue { .. }
                | Reason::WrongType(_)
                | Reason::CarrierPanicked
                | Reason::ZeroTimeout
                | Reason::ZeroLimit
                | Reason::LimitPanicked,
            ) => {
                let error = envelope.error.take().unwrap_or_default();
                not_here(Some(description), envelope, error)
            }
            Ended::Rejected(_) => Executed::AgainAfter(SOON),
        }
    }

    fn start(&self, description: &'static Description, envelope: &Envelope) -> Started {
        let supervisor = ambient::supervisor();
        (description.run)(Run {
            function: description.function,
            envelope,
            states: &self.states,
            supervisor: &supervisor,
            read: Read {
                stored: &envelope.inherited,
                is_optional: false,
                context: Context::new().with(ATTEMPT, envelope.attempts.saturating_add(1)),
                names: Vec::new(),
                unreadable: None,
            },
        })
    }
}

fn given_up(description: &'static Description, envelope: &mut Envelope, error: String) -> Executed {
    let call = StoredCall { attempts: Some(envelope.attempts), ..stored_call(Some(description), envelope, &error) };
    call.is_given_up();
    envelope.error = Some(error);
    Executed::GivenUp
}

fn not_here(description: Option<&'static Description>, envelope: &mut Envelope, error: String) -> Executed {
    stored_call(description, envelope, &error).cannot_be_run();
    envelope.error = Some(error);
    Executed::NotHere
}

fn stored_call<'a>(
    description: Option<&'static Description>,
    envelope: &'a Envelope,
    error: &'a str,
) -> StoredCall<'a> {
    let known = description.map(|description| description.function);
    StoredCall { known, function: &envelope.function, attempts: None, caller: &envelope.caller, error }
}
