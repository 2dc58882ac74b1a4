//! Runs of this program whose instructions callgrind counts, function by function.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, fs};

/// valgrind's counter of instructions.
pub struct Callgrind {
    /// Where it writes what it counted.
    file: PathBuf,
}

impl Callgrind {
    /// `None`, and a word about it, where valgrind is not installed.
    #[must_use]
    pub fn find() -> Option<Self> {
        let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
        if version.is_err() {
            println!("instructions are not counted: valgrind is not installed");
            return None;
        }
        let file = env::temp_dir().join(format!("detached-instructions-{}", std::process::id()));
        Some(Self { file })
    }

    /// This program, to be given its arguments and to be run to its end.
    ///
    /// # Panics
    ///
    /// When the system does not know where this program is.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--compress-strings=no", "--compress-pos=no"])
            .arg(format!("--callgrind-out-file={}", self.file.display()))
            .arg(env::current_exe().expect("the path of this program"));
        command
    }

    /// What the last run executed.
    ///
    /// # Panics
    ///
    /// When there was none.
    #[must_use]
    pub fn take_profile(&self) -> Profile {
        let text = fs::read_to_string(&self.file).expect("valgrind has written what it counted");
        fs::remove_file(&self.file).expect("the profile can be removed");
        Profile::read(&text)
    }
}

/// Instructions by function, without those of the functions that it calls.
#[derive(Default)]
pub struct Profile(pub BTreeMap<String, u64>);

impl Profile {
    /// Sums the lines `<source line> <instructions>` of each function. One that follows `calls=` repeats what the callee used.
    fn read(text: &str) -> Self {
        let (mut functions, mut function, mut is_callees) = (BTreeMap::new(), "", false);
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("fn=") {
                function = name;
            } else if line.starts_with("calls=") {
                is_callees = true;
            } else if let Some((_, used)) =
                line.split_once(' ').filter(|_| line.starts_with(|c: char| c.is_ascii_digit()))
            {
                if !is_callees {
                    *functions.entry(function.to_owned()).or_default() += used.parse::<u64>().expect("a number");
                }
                is_callees = false;
            }
        }
        Self(functions)
    }

    /// All but the allocator's.
    #[must_use]
    pub fn without_allocator(&self) -> u64 {
        self.0.iter().filter(|(function, _)| !is_of_allocator(function)).map(|(_, used)| used).sum()
    }
}

/// Whether a function is the allocator's, by the names of glibc's.
#[must_use]
pub fn is_of_allocator(function: &str) -> bool {
    ["malloc", "free", "memalign", "calloc", "realloc", "unlink_chunk", "tcache"]
        .iter()
        .any(|name| function.contains(name))
}
