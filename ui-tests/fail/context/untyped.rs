//! Where nothing says of what type a value is, the compiler takes one that no value has.

use detached::{Context, ValueError};

fn question_mark() -> Result<(), ValueError> {
    let _user = Context::new().get("user")?;
    Ok(())
}

fn matched() {
    let _user = match Context::new().get("user") {
        Ok(user) => user,
        Err(_) => return,
    };
}

fn main() {
    let _ = question_mark();
    matched();
}
