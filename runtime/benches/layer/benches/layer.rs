//! What `ContextLayer` costs a request, in heap allocations, which are asserted, and in time, which is not.
//!
//! Without a server: requests are made, answered and read to their end by one task.

use std::alloc::System;
use std::convert::Infallible;
use std::process::ExitCode;

use axum::body::{Body, HttpBody};
use axum::http::{Request, Response};
use detached::Key;
use detached::tower::ContextLayer;
use detached_benches::rounds::{interleaved, median};
use detached_benches_layer::{Extension, Handler, Nothing};
use http_body_util::BodyExt as _;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::{Builder, Runtime};
use tower_layer::Layer as _;
use tower_service::Service;

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

static USER_ID: Key<u64> = Key::new("user_id");
static REQUEST_ID: Key<String> = Key::new("request_id");

const REQUESTS: usize = 1000;
const ROUNDS: usize = 301;

/// What a request may allocate for the layer, beside its extension and what fills the context.
const AT_MOST: usize = 2;

fn main() -> ExitCode {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let filled = ContextLayer::new().header("x-user", USER_ID).header("x-request-id", REQUEST_ID);
    let mut contenders = [
        Contender::of("no layer", &runtime, Handler),
        Contender::of("a layer that does nothing", &runtime, Nothing(Handler)),
        Contender::of("a layer that sets an extension", &runtime, Extension(Handler)),
        Contender::of("`ContextLayer`", &runtime, ContextLayer::new().layer(Handler)),
        Contender::of("`ContextLayer` with two headers", &runtime, filled.layer(Handler)),
    ];
    let allocated = contenders.each_mut().map(Contender::allocated);
    let mut runs = contenders.each_mut().map(|it| Box::new(|| (it.run)(REQUESTS)) as Box<dyn FnMut()>);
    let times = interleaved(ROUNDS, REQUESTS, &mut runs);
    drop(runs);

    println!("{:<34} {:>12} {:>8}", "a request, answered and read", "allocations", "ns");
    for ((contender, allocated), time) in contenders.iter().zip(allocated).zip(times) {
        println!(
            "{:<34} {:>8}.{:03} {:>8.0}",
            contender.name,
            allocated / REQUESTS,
            allocated % REQUESTS,
            median(&time)
        );
    }
    let [_, _, extension, ours, _] = allocated;
    if ours > extension + AT_MOST * REQUESTS {
        eprintln!("FAILED: the layer is to make at most {AT_MOST} heap allocations a request beside its extension");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

struct Contender<'a> {
    name: &'static str,
    run: Box<dyn FnMut(usize) + 'a>,
}

impl<'a> Contender<'a> {
    fn of<S, B>(name: &'static str, runtime: &'a Runtime, mut service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + 'a,
        B: HttpBody,
    {
        let run = move |requests| {
            runtime.block_on(async {
                for _ in 0..requests {
                    answer(&mut service).await;
                }
            });
        };
        Self { name, run: Box::new(run) }
    }

    /// Allocations in [`REQUESTS`]; the first ones, which make what all share, are left out.
    fn allocated(&mut self) -> usize {
        (self.run)(REQUESTS);
        let before = HEAP.stats();
        (self.run)(REQUESTS);
        let after = HEAP.stats();
        after.allocations + after.reallocations - before.allocations - before.reallocations
    }
}

async fn answer<S, B>(service: &mut S)
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
    B: HttpBody,
{
    let request = Request::get("/pricing").header("x-user", "7").header("x-request-id", "4f1c");
    let request = request.body(Body::empty()).expect("it is one");
    let Ok(answer) = service.call(request).await;
    let mut body = std::pin::pin!(answer.into_body());
    while body.frame().await.is_some() {}
}
