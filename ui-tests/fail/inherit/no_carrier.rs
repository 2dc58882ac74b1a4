use detached::{Key, Optional, background};

static NUMBER: u8 = 5;

#[background(timeout = "5s", inherit = [NUMBER])]
async fn no_carrier() {}

#[background(timeout = "5s", inherit = [NUMBER?])]
async fn no_carrier_and_optional() {}

#[background(timeout = "5s", inherit = [MISSING])]
async fn no_such_static() {}

static USER_ID: Key<u64> = Key::new("user_id");
static GROUP: (Key<u64>, (&str, u8)) = (USER_ID, ("tenant?", 5));

#[background(timeout = "5s", inherit = [GROUP])]
async fn group_with_a_wrong_part() {}

static REFERENCE: &Option<Key<u64>> = &None;

#[background(timeout = "5s", inherit = [REFERENCE])]
async fn reference_to_no_carrier() {}

static OPTIONAL: Optional<&Option<u8>> = Optional::new(&None);

#[background(timeout = "5s", inherit = [OPTIONAL])]
async fn optional_of_no_carrier() {}

struct Handle;

tokio::task_local! { static HANDLE: Handle; }

#[background(timeout = "5s", inherit = [HANDLE])]
async fn task_local_not_clone() {}

tokio::task_local! { static NOT_SEND: std::rc::Rc<u8>; }

#[background(timeout = "5s", inherit = [NOT_SEND?])]
async fn task_local_not_send() {}

fn main() {
    let number = detached::task("built").no_timeout().inherit(&5_u8);
    let local = detached::task("built").no_timeout().inherit(&HANDLE);
}
