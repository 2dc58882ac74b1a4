//! What lists, counts and reports are to `serde`: their fields under their names, times as numbers of milliseconds, places
//! and reasons as the texts that are shown everywhere.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::panic::Location;

use serde::{Serialize, Serializer};

use crate::context::Primitive;
use crate::line::on_one_line;
use crate::milliseconds::milliseconds;
use crate::outcome::OutcomeKind;
use crate::roster::{
    CountedTasks, Counts, Drained, FunctionCounts, RejectedCalls, Tally, TaskId, TaskInfo, TaskState, shown,
};
use crate::supervisor::DrainReport;

/// `{"id": 17, "name": .., "module": .., "caller": .., "state": "running", "age_ms": 1203.0, "waited_ms": 0.5,
/// "elapsed_ms": 1202.5, "remaining_ms": 3797.0, "values": {"user_id": 7}}`; what is not known is `null`. Values are numbers,
/// `bool`s and texts where they are, else what their keys show. Sensitive ones are left out.
impl Serialize for TaskInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            id: TaskId,
            name: Text<&'a str>,
            module: Text<&'a str>,
            caller: Text<&'a Location<'a>>,
            state: TaskState,
            age_ms: f64,
            waited_ms: f64,
            elapsed_ms: Option<f64>,
            remaining_ms: Option<f64>,
            values: BTreeMap<&'a str, Primitive<'a>>,
        }
        let values = shown(&self.values).map(|value| (value.name(), Primitive::shown(value)));
        let form = Form {
            id: self.id(),
            name: Text(self.name()),
            module: Text(self.module()),
            caller: Text(self.caller()),
            state: self.state(),
            age_ms: milliseconds(self.age()),
            waited_ms: milliseconds(self.waited()),
            elapsed_ms: self.elapsed().map(milliseconds),
            remaining_ms: self.remaining.map(milliseconds),
            values: values.collect(),
        };
        form.serialize(serializer)
    }
}

/// Its number.
impl Serialize for TaskId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.number())
    }
}

/// `"waiting"`, `"running"` or `"stopping"`.
impl Serialize for TaskState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Its name, as events and metrics carry it.
impl Serialize for OutcomeKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// `{"sum": {"called": 2, ..}, "functions": [{"name": .., "module": .., "tally": {"called": 2, ..}}]}`
impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            sum: &'a Tally,
            functions: &'a [FunctionCounts],
        }
        let Self { sum, functions } = self;
        Form { sum, functions }.serialize(serializer)
    }
}

impl Serialize for FunctionCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            name: Text<&'a str>,
            module: Text<&'a str>,
            tally: &'a Tally,
        }
        let Self { name, module, tally } = self;
        Form { name: Text(name), module: Text(module), tally }.serialize(serializer)
    }
}

impl Serialize for Tally {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form {
            called: u64,
            waiting: u64,
            running: u64,
            completed: u64,
            failed: u64,
            timed_out: u64,
            panicked: u64,
            cancelled: u64,
            rejected: u64,
        }
        let Self { called, waiting, running, completed, failed, timed_out, panicked, cancelled, rejected } = *self;
        let form = Form { called, waiting, running, completed, failed, timed_out, panicked, cancelled, rejected };
        form.serialize(serializer)
    }
}

/// Its lists, and `is_clean`.
impl Serialize for DrainReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            is_clean: bool,
            completed: &'a [Drained],
            failed: &'a [Drained],
            timed_out: &'a [Drained],
            panicked: &'a [Drained],
            cancelled: &'a [Drained],
            residents: &'a [Drained],
            stopped: &'a [Drained],
            abandoned: &'a [Drained],
            rejected: &'a [RejectedCalls],
            counted: &'a [CountedTasks],
        }
        let form = Form {
            is_clean: self.is_clean(),
            completed: &self.completed,
            failed: &self.failed,
            timed_out: &self.timed_out,
            panicked: &self.panicked,
            cancelled: &self.cancelled,
            residents: &self.residents,
            stopped: &self.stopped,
            abandoned: &self.abandoned,
            rejected: &self.rejected,
            counted: &self.counted,
        };
        form.serialize(serializer)
    }
}

/// `{"id": 17, "name": .., "module": .., "age_ms": 1203.0, "caller": .., "is_lost": false}`
impl Serialize for Drained {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            id: TaskId,
            name: Text<&'a str>,
            module: Text<&'a str>,
            age_ms: f64,
            caller: Text<&'a Location<'a>>,
            is_lost: bool,
        }
        let Self { id, name, module, age, caller, is_lost } = self;
        let (id, age_ms, is_lost) = (*id, milliseconds(*age), *is_lost);
        Form { id, name: Text(name), module: Text(module), age_ms, caller: Text(caller), is_lost }.serialize(serializer)
    }
}

impl Serialize for CountedTasks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            list: &'a str,
            name: Text<&'a str>,
            caller: Text<&'a Location<'a>>,
            tasks: u64,
            oldest_ms: f64,
            is_lost: bool,
        }
        let Self { list, name, caller, tasks, oldest, is_lost } = self;
        let (tasks, oldest_ms, is_lost) = (*tasks, milliseconds(*oldest), *is_lost);
        Form { list, name: Text(name), caller: Text(caller), tasks, oldest_ms, is_lost }.serialize(serializer)
    }
}

impl Serialize for RejectedCalls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            name: Text<&'a str>,
            caller: Text<&'a Location<'a>>,
            reason: String,
            calls: u64,
        }
        let Self { name, caller, reason, calls } = self;
        let (reason, calls) = (reason.to_string(), *calls);
        Form { name: Text(name), caller: Text(caller), reason, calls }.serialize(serializer)
    }
}

impl Serialize for Primitive<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unsigned(number) => serializer.serialize_u64(*number),
            Self::Signed(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Bool(is) => serializer.serialize_bool(*is),
            Self::Text(text) => serializer.serialize_str(text),
            // Few formats and fewer readers have numbers that long.
            Self::LongUnsigned(_) | Self::LongSigned(_) => serializer.collect_str(self),
        }
    }
}

/// As a text on one line.
struct Text<T>(T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&on_one_line(&self.0.to_string()))
    }
}
