use detached::background;

#[background(timeout = "5s")]
struct Visit;

#[background(timeout = "5s")]
impl Visit {
    async fn record(self) {}
}

#[background(timeout = "5s")]
trait Record {
    fn record(&self);
}

#[background(timeout = "5s")]
mod inner {}

#[background(timeout = "5s")]
pub(crate) const LIMIT: u8 = 5;

#[background(timeout = "5s")]
macro_rules! record {
    () => {};
}

#[background(timeout = "5s")]
unsafe extern "C" {
    fn abs(value: i32) -> i32;
}

#[background(timeout = "5s")]
extern crate std as standard;

#[background(timeout = "5s")]
std::thread_local! {
    static LOCAL: u8 = 5;
}

#[background(timeout = "5s")]
unsafe trait Marker {}

#[background(timeout = "5s")]
static VISITS: u8 = 5;

fn main() {
    record!();
    Visit.record_now();
}

impl Visit {
    fn record_now(self) {
        let _ = (self.record(), LIMIT);
    }
}
