//! Whether the crate that is compiled knows the runtime under another name, as a dependency that is renamed.
//!
//! The compiler is told of each dependency on its command line, and a macro runs in the compiler. Where it does not, as in an
//! editor, nothing is known.

use std::env;
use std::path::Path;
use std::sync::OnceLock;

/// The other name, if there is one and not the usual one as well.
pub(super) fn renamed() -> Option<&'static str> {
    static RENAMED: OnceLock<Option<String>> = OnceLock::new();
    let arguments = || env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    RENAMED.get_or_init(|| renamed_in(arguments())).as_deref()
}

fn renamed_in(arguments: impl Iterator<Item = String>) -> Option<String> {
    let mut found = None;
    let mut before = String::new();
    for argument in arguments {
        let is_extern = before == "--extern";
        let dependency = argument.strip_prefix("--extern=").or(is_extern.then_some(argument.as_str()));
        if let Some((name, file)) = dependency.and_then(|dependency| dependency.split_once('=')) {
            // `priv:name`
            let name = name.rsplit(':').next().unwrap_or(name);
            if name == "detached" {
                return None;
            }
            if is_runtime(Path::new(file)) {
                found = Some(name.to_owned());
            }
        }
        before = argument;
    }
    found
}

/// `libdetached-0123456789abcdef.rmeta`
fn is_runtime(file: &Path) -> bool {
    let name = file.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| name.strip_prefix("lib").unwrap_or(&name).starts_with("detached-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed_by(arguments: &str) -> Option<String> {
        renamed_in(arguments.split(' ').map(str::to_owned))
    }

    #[test]
    fn finds_another_name_and_not_the_usual_one() {
        for arguments in [
            "rustc --extern jobs=/target/libdetached-0f.rmeta",
            "rustc --extern=jobs=/target/libdetached-0f.rlib --extern tokio=/target/libtokio-1.rmeta",
            "rustc --extern priv:jobs=C:\\target\\libdetached-0f.rmeta",
        ] {
            assert_eq!(renamed_by(&arguments.replace('\\', "/")).as_deref(), Some("jobs"), "{arguments}");
        }
        for arguments in [
            "rustc --crate-name detached --extern tokio=/target/libtokio-1.rmeta",
            "rustc --extern detached=/target/libdetached-0f.rmeta --extern jobs=/target/libdetached-0f.rmeta",
            "rustc --extern macros=/target/libdetached_macros-0f.so",
            "rust-analyzer-proc-macro-srv",
        ] {
            assert_eq!(renamed_by(arguments), None, "{arguments}");
        }
    }
}
