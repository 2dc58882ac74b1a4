//! The envelope: a call as it is stored.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The format that this version writes; it reads this one and those before.
pub(super) const FORMAT: u32 = 1;

/// A call as it is stored: a JSON object that any version of the program may have written.
///
/// A field that this version does not know is kept as it is, so that an older worker may hand a job on that a newer
/// program stored.
///
/// ```
/// use detached::durable::Envelope;
///
/// let stored = r#"{
///     "format": 1, "function": "shop::send_welcome", "arguments": {"to": "ann@example.org"},
///     "called_at": 1767225600000, "caller": "src/orders.rs:17:5", "from_a_newer_version": true
/// }"#;
/// let envelope = Envelope::from_json(stored.as_bytes())?;
/// assert_eq!((envelope.function.as_str(), envelope.attempts), ("shop::send_welcome", 0));
/// assert!(String::from_utf8_lossy(&envelope.to_json()).contains("from_a_newer_version"));
/// # Ok::<_, detached::durable::Unreadable>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Envelope {
    /// The number of the format.
    pub format: u32,
    /// The name of the function, as [`Description::name`](super::Description::name) gives it, or an alias of it.
    pub function: String,
    /// The arguments, by the names of the parameters.
    #[serde(default)]
    pub arguments: Map<String, Value>,
    /// The inherited values, by the names of their keys. Sensitive ones too, in plain text.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub inherited: Map<String, Value>,
    /// The span of the call, as W3C's `traceparent` has it; absent where none was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What W3C's `tracestate` says beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
    /// How often the function was tried so far, without success.
    #[serde(default)]
    pub attempts: u32,
    /// How often a worker died while it ran this job and no other of its like.
    #[serde(default)]
    pub crashes: u32,
    /// When the call was made, in milliseconds since 1970.
    #[serde(default)]
    pub called_at: u64,
    /// Where the call was made: file, line and column.
    #[serde(default)]
    pub caller: String,
    /// Why the last attempt was none, or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The fields that this version does not know.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Envelope {
    pub(super) fn new(function: String, caller: String) -> Self {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self {
            format: FORMAT,
            function,
            arguments: Map::new(),
            inherited: Map::new(),
            traceparent: None,
            tracestate: None,
            attempts: 0,
            crashes: 0,
            called_at: u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX),
            caller,
            error: None,
            rest: Map::new(),
        }
    }

    /// What is stored.
    ///
    /// ```
    /// # use detached::durable::Envelope;
    /// # let envelope = Envelope::from_json(br#"{"format": 1, "function": "shop::ping"}"#).unwrap();
    /// assert_eq!(Envelope::from_json(&envelope.to_json()).unwrap(), envelope);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Texts, numbers and values of JSON: nothing in here fails.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What was stored.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when it is no envelope, or one of a newer format than this version knows.
    ///
    /// ```
    /// # use detached::durable::Envelope;
    /// assert!(Envelope::from_json(b"42").is_err());
    /// ```
    pub fn from_json(stored: &[u8]) -> Result<Self, Unreadable> {
        let envelope: Self = serde_json::from_slice(stored).map_err(|error| Unreadable(error.to_string()))?;
        if envelope.format > FORMAT {
            return Err(Unreadable(format!(
                "its format is {}, and {FORMAT} is the newest known here",
                envelope.format
            )));
        }
        Ok(envelope)
    }
}

/// What was stored is no call that this version can read; see [`Envelope::from_json`].
///
/// ```
/// # use detached::durable::Envelope;
/// let error = Envelope::from_json(br#"{"format": 9, "function": "shop::ping"}"#).unwrap_err();
/// assert_eq!(error.to_string(), "what is stored is no call: its format is 9, and 1 is the newest known here");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(String);

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "what is stored is no call: {}", self.0)
    }
}

impl std::error::Error for Unreadable {}
