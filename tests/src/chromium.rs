//! A browser without a window, to see a page as a person does. It is driven over a pipe, in the protocol of its own tools.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// As Debian and others call it.
const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser with one page. It blocks the thread that uses it.
pub struct Browser {
    process: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    sent: u64,
    session: Option<String>,
    /// The document that is to be seen.
    document: String,
    /// What it keeps; gone at the end.
    _profile: TempDir,
}

impl Browser {
    /// `None`, with a message, where there is no browser.
    pub fn start() -> Option<Self> {
        let Some(chromium) = CHROMIUM.iter().find_map(|name| installed(name)) else {
            // Not by `eprintln`, of which the test runner shows nothing where a test passes.
            let _ = writeln!(std::io::stderr(), "skipped: {} is not installed", CHROMIUM[0]);
            return None;
        };
        let profile = TempDir::new().expect("a folder can be made");
        let flags = [
            "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-sync",
            "--disable-background-networking --disable-component-update --remote-debugging-pipe",
        ];
        // It reads from file 3 and writes to file 4.
        let script = format!("exec \"$1\" {} \"$0\" 3<&0 4>&1 >/dev/null 2>&1", flags.join(" "));
        let mut process = Command::new("sh")
            .args(["-c", &script, &format!("--user-data-dir={}", profile.path().display())])
            .arg(chromium)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the browser starts");
        let commands = process.stdin.take().expect("it is piped");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in output.split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("messages are JSON");
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let (session, document) = (None, String::new());
        let mut browser = Self { process, commands, messages, sent: 0, session, document, _profile: profile };
        let page = browser.send("Target.createTarget", &json!({"url": "about:blank"}));
        let page = json!({"targetId": page["targetId"], "flatten": true});
        browser.session = browser.send("Target.attachToTarget", &page)["sessionId"].as_str().map(str::to_owned);
        browser.send("Page.enable", &json!({}));
        browser.send("Page.setLifecycleEventsEnabled", &json!({"enabled": true}));
        Some(browser)
    }

    /// Goes to the address, and waits until the page is loaded.
    pub fn go(&mut self, url: &str) {
        let document = self.send("Page.navigate", &json!({"url": url}))["loaderId"].clone();
        self.wait_for_document(|loaded| *loaded == document);
    }

    /// Waits until the page has loaded itself anew.
    pub fn wait_until_refreshed(&mut self) {
        let old = self.document.clone();
        self.wait_for_document(|loaded| *loaded != *old);
    }

    /// The screen is so wide from now on, in pixels, and the reader likes it `light` or `dark`.
    pub fn show_on(&mut self, width: u32, liked: &str) {
        let is_phone = width < 600;
        let screen = json!({"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": is_phone});
        self.send("Emulation.setDeviceMetricsOverride", &screen);
        let features = json!([{"name": "prefers-color-scheme", "value": liked}]);
        self.send("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    /// What the expression is, in the page once it is whole.
    pub fn ask(&mut self, expression: &str) -> Value {
        let whole = format!("document.readyState === 'complete' ? [({expression})] : null");
        loop {
            let answer = self.answer("Runtime.evaluate", &json!({"expression": whole, "returnByValue": true}));
            let answer = &answer["result"];
            assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer:#}");
            if let Some(value) = answer["result"]["value"].get(0) {
                return value.clone();
            }
            // The page loads itself anew just now, and says so when it has.
            self.next();
        }
    }

    /// The text that a reader sees of the first element that the selector finds, on one line.
    pub fn text(&mut self, selector: &str) -> String {
        let text = self.ask(&format!("document.querySelector({})?.innerText", json!(selector)));
        text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Sends a command, and waits for its result.
    fn send(&mut self, method: &str, params: &Value) -> Value {
        let mut answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer:#}");
        answer["result"].take()
    }

    /// Sends a command, and waits for the answer, which may be an error.
    fn answer(&mut self, method: &str, params: &Value) -> Value {
        self.sent += 1;
        let mut command = json!({"id": self.sent, "method": method, "params": params});
        if let Some(session) = &self.session {
            command["sessionId"] = session.as_str().into();
        }
        write!(self.commands, "{command}\0").and_then(|()| self.commands.flush()).expect("the browser listens");
        loop {
            let message = self.next();
            if message["id"] == self.sent {
                return message;
            }
        }
    }

    fn wait_for_document(&mut self, is_it: impl Fn(&str) -> bool) {
        while !is_it(&self.document) {
            self.next();
        }
    }

    /// The next message; notes which document is loaded.
    fn next(&mut self) -> Value {
        let message = self.messages.recv_timeout(Duration::from_secs(120)).expect("the browser answers");
        if message["method"] == "Page.lifecycleEvent" && message["params"]["name"] == "load" {
            self.document = message["params"]["loaderId"].as_str().unwrap_or_default().to_owned();
        }
        message
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It has children of its own, which it takes along if it is asked to go. It may be gone already.
        self.session = None;
        let _ = write!(self.commands, "{}\0", json!({"id": 0, "method": "Browser.close"}));
        let _ = self.commands.flush();
        // It closes its pipe when it ends; one that hangs does not.
        while self.messages.recv_timeout(Duration::from_secs(10)).is_ok() {}
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn installed(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.exists())
}
