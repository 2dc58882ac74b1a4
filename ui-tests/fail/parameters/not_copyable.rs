use detached::background;

struct NotClone;

#[background(timeout = "5s")]
async fn concrete(page: &str, value: &NotClone) {
    let _ = (page, value);
}

#[background(timeout = "5s")]
async fn generic<T: Send + Sync + 'static>(value: &T) {
    let _ = value;
}

#[background(timeout = "5s")]
async fn opaque(value: &(impl Send + Sync + 'static)) {
    let _ = value;
}

#[background(timeout = "5s")]
async fn inside<K: Send + Sync + 'static>(value: &Option<K>, values: &[K]) {
    let _ = (value, values);
}

#[background(timeout = "5s")]
async fn of_another_crate(value: &std::sync::Mutex<u8>) {
    let _ = value;
}

#[derive(Clone)]
struct Store<Row>(Row);

impl<Row: Send + Sync + 'static> Store<Row> {
    #[background(timeout = "5s")]
    async fn save(&self, row: &Row) {
        let _ = (self, row);
    }
}

trait Save: Send + Sync + 'static {
    #[background(timeout = "5s")]
    async fn save(&self) {
        let _ = self;
    }
}

fn main() {}
