//! The layer that runs the whole handler as a task, which a client that goes away does not stop.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use detached::tower::{ContextLayer, ShieldLayer};
use detached::{Cause, Context, Key, Supervisor, TaskError};
use detached_tests::recording::{RecordedEvent, Recording};
use http::{Method, Request, Response, StatusCode};
use tokio::sync::Notify;
use tokio::time::sleep;
use tower::{Layer as _, Service as _, ServiceBuilder, ServiceExt as _, service_fn};
use tracing::Level;

static USER_ID: Key<u64> = Key::new("user_id");
const BOUND: Duration = Duration::from_secs(30);

fn layers() -> ServiceBuilder<
    tower::layer::util::Stack<ShieldLayer, tower::layer::util::Stack<ContextLayer, tower::layer::util::Identity>>,
> {
    let context = ContextLayer::new().header("x-user", USER_ID);
    let context = context.fill(|context, _| context.with("unlisted", "kept".to_owned()).with_timeout(BOUND / 30));
    ServiceBuilder::new().layer(context).layer(ShieldLayer::new(BOUND))
}

fn request(method: Method) -> Request<Body> {
    Request::builder().method(method).header("x-user", "7").body(Body::empty()).unwrap()
}

async fn created() -> Result<Response<Body>, Infallible> {
    Creates.await
}

#[tokio::test(start_paused = true)]
async fn a_handler_of_an_unsafe_method_goes_on_when_its_client_goes_away() {
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let (supervisor, done) = (Supervisor::new(), Arc::new(Notify::new()));
        let finished = Arc::clone(&done);
        let mut service = layers().service(service_fn(move |_: Request<Body>| {
            let done = Arc::clone(&done);
            async move {
                sleep(BOUND / 2).await;
                let context = Context::current();
                // Past its request's deadline, and after its end, of which it hears nothing but on demand.
                assert!(!context.is_cancelled());
                assert_eq!(context.origin().unwrap().cause(), Some(Cause::Disconnected));
                assert_eq!((USER_ID.get(), context.get::<String>("unlisted")), (7, Ok("kept".to_owned())));
                done.notify_one();
                created().await
            }
        }));
        let mut answering = Box::pin(supervisor.in_scope(|| service.call(request(method))));
        assert!(std::future::poll_fn(|cx| Poll::Ready(answering.as_mut().poll(cx).is_pending())).await);
        drop(answering);
        finished.notified().await;
        supervisor.idle().await;
        assert_eq!(supervisor.counts().function("request").completed, 1);
    }
}

#[tokio::test]
async fn a_handler_of_a_safe_method_is_no_task() {
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE] {
        let supervisor = Supervisor::new();
        let service = layers().service(service_fn(|_: Request<Body>| created()));
        let answer = supervisor.scope(service.oneshot(request(method))).await.unwrap();
        assert_eq!((answer.status(), supervisor.counts().called), (StatusCode::CREATED, 0));
    }
}

#[tokio::test]
async fn which_requests_are_shielded_can_be_told() {
    let supervisor = Supervisor::new();
    let shield = ShieldLayer::new(BOUND).when(|parts| parts.headers.contains_key("x-user"));
    let service = shield.layer(service_fn(|_: Request<Body>| created()));
    supervisor.scope(service.clone().oneshot(request(Method::GET))).await.unwrap();
    supervisor.scope(service.oneshot(Request::post("/").body(Body::empty()).unwrap())).await.unwrap();
    assert_eq!(supervisor.counts().function("request").completed, 1);
}

#[tokio::test]
async fn the_requests_extensions_hold_the_context_that_lasts() {
    let supervisor = Supervisor::new();
    let service = layers().service(service_fn(|request: Request<Body>| async move {
        let context = request.extensions().get::<Context>().cloned().unwrap();
        context.insert("seen", true);
        assert_eq!(Context::current().get::<bool>("seen"), Ok(true));
        created().await
    }));
    let answer = supervisor.scope(service.oneshot(request(Method::POST))).await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
}

/// The status that a client sees whose handler gives no answer.
async fn status_of<F>(supervisor: &Supervisor, shield: ShieldLayer, handler: F) -> StatusCode
where
    F: Future<Output = Result<Response<Body>, Infallible>> + Clone + Send + 'static,
{
    let service = shield.layer(service_fn(move |_: Request<Body>| handler.clone()));
    supervisor.scope(service.oneshot(request(Method::POST))).await.unwrap().status()
}

#[derive(Clone)]
struct Never;

impl Future for Never {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        Poll::Pending
    }
}

#[derive(Clone)]
struct Creates;

impl Future for Creates {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::CREATED;
        Poll::Ready(Ok(answer))
    }
}

#[derive(Clone)]
struct Panics;

impl Future for Panics {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        panic!("as told")
    }
}

#[tokio::test(start_paused = true)]
async fn what_gives_no_answer_is_answered_by_status() {
    let supervisor = Supervisor::new();
    assert_eq!(status_of(&supervisor, ShieldLayer::new(BOUND), Never).await, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(status_of(&supervisor, ShieldLayer::new(BOUND), Panics).await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(status_of(&supervisor, ShieldLayer::new(Duration::ZERO), Never).await, StatusCode::SERVICE_UNAVAILABLE);
    supervisor.drain(Duration::ZERO).await;
    assert_eq!(status_of(&supervisor, ShieldLayer::new(BOUND), Never).await, StatusCode::SERVICE_UNAVAILABLE);
}

/// A request of user 7 that a shielded handler of that kind is asked, once it may: the answer, if the client stays for one; how
/// the request ended; and what was told of the task.
async fn both_sides<F>(handler: F, stays: bool) -> (Option<StatusCode>, Option<Cause>, RecordedEvent)
where
    F: Future<Output = Result<Response<Body>, Infallible>> + Clone + Send + 'static,
{
    let recording = Recording::new();
    let _set = recording.set_default();
    let (supervisor, go) = (Supervisor::new(), Arc::new(Notify::new()));
    let (sender, opened) = std::sync::mpsc::channel();
    let context = ContextLayer::new().header("x-user", USER_ID).fill(move |context, _| {
        sender.send(context.as_origin()).unwrap();
        context
    });
    let may = Arc::clone(&go);
    let handler = service_fn(move |_: Request<Body>| {
        let (may, handler) = (Arc::clone(&may), handler.clone());
        async move {
            may.notified().await;
            handler.await
        }
    });
    let mut service = ServiceBuilder::new().layer(context).layer(ShieldLayer::new(BOUND)).service(handler);
    let mut answering = Box::pin(supervisor.in_scope(|| service.call(request(Method::POST))));
    assert!(std::future::poll_fn(|cx| Poll::Ready(answering.as_mut().poll(cx).is_pending())).await);
    let request = opened.recv().unwrap();
    assert_eq!(request.cause(), None);
    let answered = if stays {
        go.notify_one();
        Some(answering.await.unwrap().status())
    } else {
        drop(answering);
        assert_eq!(request.cause(), Some(Cause::Disconnected), "then, and not with its handler");
        go.notify_one();
        None
    };
    supervisor.idle().await;
    (answered, request.cause(), recording.outcome("request"))
}

#[tokio::test]
async fn of_a_panic_the_client_and_the_log_are_told() {
    let (answered, ended, event) = both_sides(Panics, true).await;
    assert_eq!((answered, ended), (Some(StatusCode::INTERNAL_SERVER_ERROR), Some(Cause::Completed)));
    assert_eq!((event.level, event.message(), event.field("user_id")), (Level::ERROR, "task panicked", Some("7")));
    assert!(event.field("error").unwrap().starts_with("as told at "), "{event:?}");
}

#[tokio::test]
async fn of_a_client_that_is_gone_the_request_knows_and_of_its_handler_the_log() {
    let (answered, ended, event) = both_sides(Creates, false).await;
    assert_eq!((answered, ended), (None, Some(Cause::Disconnected)));
    assert_eq!((event.level, event.message(), event.field("user_id")), (Level::DEBUG, "task completed", Some("7")));

    let (answered, ended, event) = both_sides(Panics, false).await;
    assert_eq!((answered, ended), (None, Some(Cause::Disconnected)));
    assert_eq!((event.level, event.message(), event.field("user_id")), (Level::ERROR, "task panicked", Some("7")));
}

#[tokio::test(start_paused = true)]
async fn what_is_answered_instead_can_be_told() {
    let supervisor = Supervisor::new();
    let shield = ShieldLayer::new(BOUND).answer(|error: &TaskError| {
        let mut answer = Response::new(Body::from(error.to_string()));
        *answer.status_mut() = StatusCode::IM_A_TEAPOT;
        answer
    });
    let service = shield.layer(service_fn(|_: Request<Body>| Never));
    let answer = supervisor.scope(service.oneshot(request(Method::POST))).await.unwrap();
    assert_eq!(answer.status(), StatusCode::IM_A_TEAPOT);
}

#[tokio::test]
async fn the_requests_context_is_freed_while_its_shielded_handler_runs_on() {
    let (supervisor, go) = (Supervisor::new(), Arc::new(Notify::new()));
    let (sender, opened) = std::sync::mpsc::channel();
    let context = ContextLayer::new().header("x-user", USER_ID).fill(move |context, _| {
        sender.send(context.clone()).unwrap();
        context
    });
    let wait = Arc::clone(&go);
    let handler = service_fn(move |_: Request<Body>| {
        let go = Arc::clone(&wait);
        async move {
            go.notified().await;
            created().await
        }
    });
    let mut service = ServiceBuilder::new().layer(context).layer(ShieldLayer::new(BOUND)).service(handler);
    let mut answering = Box::pin(supervisor.in_scope(|| service.call(request(Method::POST))));
    assert!(std::future::poll_fn(|cx| Poll::Ready(answering.as_mut().poll(cx).is_pending())).await);

    // Set after the call, so no snapshot has it: it lives as long as the context.
    let late = Arc::new("late");
    opened.recv().unwrap().insert("late", Arc::clone(&late));
    assert_eq!(Arc::strong_count(&late), 2);
    drop(answering);
    assert_eq!((Arc::strong_count(&late), supervisor.tasks().len()), (1, 1));
    go.notify_one();
    supervisor.idle().await;
    assert_eq!(supervisor.counts().function("request").completed, 1);
}

#[tokio::test(start_paused = true)]
async fn what_becomes_of_a_handler_is_told_under_the_target_given() {
    for (target, expected) in [(None, "detached"), (Some(module_path!()), "shield_layer")] {
        let recording = Recording::new();
        let _set = recording.set_default();
        let layer = target.into_iter().fold(ShieldLayer::new(BOUND), ShieldLayer::target);
        let service = layer.layer(service_fn(|_: Request<Body>| async {
            sleep(2 * BOUND).await;
            created().await
        }));
        let answer = service.oneshot(request(Method::POST)).await.unwrap();
        assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
        let event = recording.outcome("request");
        assert_eq!((event.message(), &*event.target), ("task timed out", expected));
        assert_eq!(recording.span("request").target, expected);
    }
}
