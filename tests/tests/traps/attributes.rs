//! What an attribute makes of a function that its author did not think of.

use std::fs;
use std::path::Path;

use detached::background;
use tokio::task::yield_now;

// The body is put into an `async` block without `move`, and borrows what the call has dropped by the time it runs: what was
// a function becomes an error that its author cannot mend, or the attribute asks for `'static` arguments.
#[tokio::test]
async fn a_block_without_move() {
    #[background(timeout = "5s")]
    async fn joined(page: &str, mut visits: Vec<u64>, [first, second]: [u64; 2]) -> String {
        yield_now().await;
        visits.extend([first, second]);
        format!("{page}: {visits:?}")
    }
    let task = {
        let page = String::from("/pricing");
        joined(&page, vec![1], [2, 3])
    };
    assert_eq!(task.await.unwrap(), "/pricing: [1, 2, 3]");
}

#[derive(Clone)]
struct Mailer {
    from: &'static str,
}

// What the attribute adds to the signature comes first, before `self`: methods no longer compile.
impl Mailer {
    #[background(timeout = "5s")]
    async fn send(&self, to: &str, #[inherit] user_id: Option<u64>) -> String {
        format!("{} to {to} for {user_id:?}", self.from)
    }

    #[background(timeout = "5s", inherit = ["user_id?"])]
    async fn send_last(self, to: String) -> String {
        format!("{} to {to}", self.from)
    }
}

#[tokio::test]
async fn an_argument_put_before_the_receiver() {
    let mailer = Mailer { from: "us" };
    assert_eq!(mailer.send("you").await.unwrap(), "us to you for None");
    assert_eq!(Mailer::send(&mailer, "you").await.unwrap(), "us to you for None");
    assert_eq!(mailer.send_last("you".to_owned()).await.unwrap(), "us to you");
}

// Inner attributes stand at the head of the body; where something is put before them, they are an error, and where the
// body is moved elsewhere without them, they are lost.
#[tokio::test]
async fn inner_attributes_outside_of_the_body() {
    #[deny(unused_variables)]
    #[background(timeout = "5s")]
    async fn quiet(page: &str) -> usize {
        #![allow(unused_variables)]
        #![doc = "Counts nothing."]
        let unused = page;
        page.len()
    }
    assert_eq!(quiet("/").await, Ok(1));
}

// What the attribute makes has the attribute's place, so each mistake of the author is shown on its line, and none on
// the code that has it.
#[test]
fn errors_on_the_attributes_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui-tests/fail");
    // Where nothing is written, or the attribute itself is one too many, as the compiler says of one on an expression, there
    // is no narrower place.
    let the_attribute_itself =
        ["options/timeout_missing.stderr", "functions/kinds.stderr", "functions/expressions.stderr"];
    let (mut read, mut wrong) = (0, Vec::new());
    for topic in fs::read_dir(&folder).unwrap() {
        for file in fs::read_dir(topic.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".stderr") && !the_attribute_itself.contains(&name.as_str()) {
                read += 1;
                wrong.extend(
                    marks_on_the_attribute(&fs::read_to_string(&path).unwrap()).map(|line| (name.clone(), line)),
                );
            }
        }
    }
    assert!(read > 10, "the messages are elsewhere now");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The lines of the source whose mark (`^^^`) is under all of the attribute.
fn marks_on_the_attribute(messages: &str) -> impl Iterator<Item = String> {
    let source = |line: &str| line.split_once('|').map(|(_, source)| source.to_owned());
    let lines = messages.lines().zip(messages.lines().skip(1));
    lines.filter_map(move |(above, below)| {
        let (above, marks) = (source(above)?, source(below)?);
        let at = marks.find('^').filter(|at| marks[..*at].trim().is_empty())?;
        above.get(at..)?.starts_with("#[background").then_some(above)
    })
}
