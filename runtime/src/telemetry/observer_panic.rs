//! The event of an observer's panic.

use std::sync::LazyLock;

use tracing::field::display;
use tracing::metadata::Kind;
use tracing::{Level, Metadata, dispatcher};

use super::callsites::TARGET;
use super::site::Site;
use crate::line::on_one_line;
use crate::panics::{self, Panic};
use crate::roster::TaskInfo;

const MESSAGE: &str = "an observer panicked";

static SITE: LazyLock<Site> = LazyLock::new(|| {
    Site::new(&["message", "task", "task.id", "error"], |fields| {
        let (file, line, module) = (Some(file!()), Some(line!()), Some(module_path!()));
        Metadata::new("observer", TARGET, Level::ERROR, file, line, module, fields, Kind::EVENT)
    })
});

/// Tells the subscriber, or the logger where none was ever set. A panic of theirs ends here: the other observers are
/// still to be told of the task.
#[cold]
pub(crate) fn observer_panicked(task: &TaskInfo, panic: &Panic) {
    let name = on_one_line(task.name());
    let (name, id, error) = (&*name, display(task.id()), display(panic));
    let _ = panics::catch(|| {
        if !dispatcher::has_been_set() {
            // Only tracing's own macro knows whether the program logs with `log`.
            tracing::error!(target: TARGET, task = name, task.id = id, error, "{MESSAGE}");
        } else if SITE.is_enabled() {
            SITE.emit(&[Some(&MESSAGE), Some(&name), Some(&id), Some(&error)]);
        }
    });
}
