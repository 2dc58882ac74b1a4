//! A crate of generated files, and what the compiler says of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// An error, and where it is shown.
#[derive(Debug)]
pub struct Message {
    /// Without its extension.
    pub file: String,
    pub line: usize,
    pub rendered: String,
}

/// The errors of a crate that has these modules.
pub fn messages(modules: &[(&str, &str)]) -> Vec<Message> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("callers");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it is a member");
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = include_str!("manifest.toml").replace("REPOSITORY", repository.to_str().expect("a plain path"));
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(repository.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let mut root = String::from("#![allow(warnings)]\nmod parts;\n");
    for (name, text) in modules {
        root += &format!("mod {name};\n");
        fs::write(folder.join(format!("src/{name}.rs")), text).unwrap();
    }
    fs::write(folder.join("src/parts.rs"), include_str!("parts.rs")).unwrap();
    fs::write(folder.join("src/lib.rs"), root).unwrap();

    let mut check = Command::new(env!("CARGO"));
    check.args(["check", "--quiet", "--offline", "--message-format=json"]).current_dir(&folder);
    let output = check.env("CARGO_TARGET_DIR", folder.join("target")).output().unwrap();
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.filter_map(|line| message(&serde_json::from_slice(line).unwrap())).collect()
}

fn message(reported: &Value) -> Option<Message> {
    let message = reported.get("message").filter(|message| message["level"] == "error")?;
    let rendered = message["rendered"].as_str()?.to_owned();
    let spans = message["spans"].as_array()?;
    let mut span = spans.iter().find(|span| span["is_primary"] == true)?;
    while let Some(outer) = Some(&span["expansion"]["span"]).filter(|outer| outer.is_object()) {
        span = outer;
    }
    let file = Path::new(span["file_name"].as_str()?).file_stem()?.to_str()?.to_owned();
    let line = usize::try_from(span["line_start"].as_u64()?).ok()?;
    Some(Message { file, line, rendered })
}
