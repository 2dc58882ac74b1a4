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

fn main() {}
