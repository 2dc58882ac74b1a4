//! What the attribute says of a missing `timeout`, the builder says too.

use std::time::Duration;

fn at_once() {
    detached::task("warm cache").spawn(async {});
}

fn after_other_options() {
    let task = detached::task("warm cache").limit(3).grace(Duration::from_secs(1)).inherit(&"user_id?");
    task.spawn_with(|| async { Ok::<(), String>(()) });
}

fn awaited() -> impl Future {
    async { detached::task("warm cache").follow_origin().spawn(async { Err::<u8, _>("no") }).await.unwrap() }
}

fn main() {}
