//! What callers and workers get wrong.

use detached::background;
use detached::durable::Registry;

#[background(durable = "mail", timeout = "5s")]
async fn send(_to: String) {}

#[background(timeout = "5s")]
async fn in_the_process() {}

async fn caller() {
    send(5).await;
    let () = send("ann".to_owned()).await;
    let mut no_transaction = 5;
    let _ = send("ann".to_owned()).store_in(&mut no_transaction).await;
}

fn main() {
    let mut registry = Registry::new();
    let _ = registry.register::<in_the_process>();
}
