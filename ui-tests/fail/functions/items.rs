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

fn main() {
    record!();
    Visit.record_now();
}

impl Visit {
    fn record_now(self) {
        let _ = (self.record(), LIMIT);
    }
}
