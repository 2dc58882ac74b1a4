//! The layer that opens a context for each request, without a socket: when its context ends, and with which cause.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as PollContext, Poll};

use axum::body::{Body, Bytes};
use detached::tower::{ContextBody, ContextLayer};
use detached::{Cause, Context, Key, Supervisor, background};
use http::{Method, Request, Response, StatusCode};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::sync::Notify;
use tower::{Layer as _, Service as _, ServiceExt as _, service_fn};

static USER_ID: Key<u64> = Key::new("user_id");
static REQUEST_ID: Key<String> = Key::new("request_id");

fn layer() -> ContextLayer {
    ContextLayer::new().header("x-user", USER_ID).fill(|context: Context, parts| match parts.uri.query() {
        Some(id) => context.with("request_id", id.to_owned()),
        None => context,
    })
}

fn get() -> Request<()> {
    Request::get("/pricing?r-1").header("x-user", "7").body(()).unwrap()
}

/// Answers `request` by `answer`, which is given the request's context; gives the context and the answer.
async fn answered<F, B, E>(
    request: Request<()>,
    mut answer: impl FnMut() -> F,
) -> (Context, Result<Response<ContextBody<B>>, E>)
where
    F: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes, Error = io::Error>,
{
    let mut seen = None;
    let service = service_fn(|request: Request<()>| {
        seen = request.extensions().get::<Context>().cloned();
        answer()
    });
    let answer = layer().layer(service).oneshot(request).await;
    (seen.expect("in the request's extensions"), answer)
}

/// A body that gives its frames, says no more of its length than it is told, and may wait for ever or fail at its end.
struct Frames {
    frames: Vec<Frame<Bytes>>,
    length: Option<u64>,
    end: End,
}

enum End {
    Ended,
    Never,
    Failed,
}

impl Frames {
    fn of(texts: &[&'static str], end: End) -> Self {
        let frames = texts.iter().rev().map(|text| Frame::data(Bytes::from_static(text.as_bytes()))).collect();
        Self { frames, length: None, end }
    }
}

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut PollContext<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        assert_eq!(Context::current().get::<u64>("user_id"), Ok(7), "in the scope");
        match (self.frames.pop(), &self.end) {
            (Some(frame), _) => Poll::Ready(Some(Ok(frame))),
            (None, End::Ended) => Poll::Ready(None),
            (None, End::Never) => Poll::Pending,
            (None, End::Failed) => Poll::Ready(Some(Err(io::Error::other("disk gone")))),
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        assert_eq!(Context::current().get::<u64>("user_id"), Ok(7), "in the scope");
    }
}

async fn streamed(end: End) -> Result<Response<Frames>, Infallible> {
    Ok(Response::new(Frames::of(&["one", "two"], end)))
}

#[tokio::test]
async fn the_handler_finds_the_context_and_what_the_layer_put_there() {
    let handler = || async {
        let context = Context::current();
        assert_eq!((context.get::<u64>("user_id"), context.get::<String>("request_id")), (Ok(7), Ok("r-1".to_owned())));
        assert_eq!(context.cause(), None);
        streamed(End::Ended).await
    };
    answered(get(), handler).await.1.unwrap();
}

#[tokio::test]
async fn a_header_that_is_absent_or_unreadable_sets_nothing() {
    for value in [None, Some("seven"), Some(""), Some("\u{fc}")] {
        let mut request = Request::get("/").body(()).unwrap();
        if let Some(value) = value {
            request.headers_mut().insert("x-user", value.parse().unwrap());
        }
        let handler = || async {
            assert!(Context::current().names().is_empty());
            Ok::<_, Infallible>(Response::new(Body::empty().map_err(io::Error::other)))
        };
        drop(answered(request, handler).await.1.unwrap());
    }
}

#[test]
#[should_panic(expected = "`x user` is no name of a header")]
fn a_name_that_is_no_headers_panics_where_the_layer_is_made() {
    drop(ContextLayer::new().header("x user", USER_ID));
}

#[tokio::test]
async fn a_stream_read_to_its_end_is_completed_then_and_not_before() {
    let (context, answer) = answered(get(), || streamed(End::Ended)).await;
    let mut body = answer.unwrap().into_body();
    for _ in 0..2 {
        body.frame().await.unwrap().unwrap();
        assert_eq!(context.cause(), None);
    }
    assert!(body.frame().await.is_none());
    assert_eq!(context.cause(), Some(Cause::Completed));
}

#[tokio::test]
async fn a_client_that_goes_away_is_disconnected_whenever_it_goes() {
    let (context, answer) = answered(get(), || streamed(End::Never)).await;
    let mut body = answer.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    drop(body);
    assert_eq!(context.cause(), Some(Cause::Disconnected));

    let (context, answer) = answered(get(), || streamed(End::Ended)).await;
    drop(answer);
    assert_eq!(context.cause(), Some(Cause::Disconnected));
}

#[tokio::test]
async fn a_handler_dropped_before_its_answer_is_disconnected() {
    let mut seen = None;
    let mut service = layer().layer(service_fn(|request: Request<()>| {
        seen = request.extensions().get::<Context>().cloned();
        pending::<Result<Response<Frames>, Infallible>>()
    }));
    let mut answering = Box::pin(service.call(get()));
    assert!(std::future::poll_fn(|cx| Poll::Ready(answering.as_mut().poll(cx).is_pending())).await);
    drop(answering);
    drop(service);
    assert_eq!(seen.unwrap().cause(), Some(Cause::Disconnected));
}

/// Notes the cause that its own drop finds.
struct Asks(std::sync::mpsc::Sender<Option<Cause>>);

impl Drop for Asks {
    fn drop(&mut self) {
        self.0.send(Context::current().cause()).unwrap();
    }
}

#[tokio::test]
async fn what_is_dropped_with_its_request_can_ask_why() {
    let (sender, found) = std::sync::mpsc::channel();
    let asks = Asks(sender.clone());
    let handler = async move {
        let _asks = asks;
        pending::<Result<Response<Body>, Infallible>>().await
    };
    let mut handler = Some(handler);
    let service = service_fn(move |_: Request<()>| handler.take().unwrap());
    let mut answering = Box::pin(layer().layer(service).oneshot(get()));
    assert!(std::future::poll_fn(|cx| Poll::Ready(answering.as_mut().poll(cx).is_pending())).await);
    drop(answering);
    assert_eq!(found.recv(), Ok(Some(Cause::Disconnected)), "a handler");

    struct AsksToo {
        frames: Frames,
        _asks: Asks,
    }
    impl http_body::Body for AsksToo {
        type Data = Bytes;
        type Error = io::Error;
        fn poll_frame(mut self: Pin<&mut Self>, cx: &mut PollContext<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
            Pin::new(&mut self.frames).poll_frame(cx)
        }
    }
    let asking = || {
        let body = AsksToo { frames: Frames::of(&["one", "two"], End::Ended), _asks: Asks(sender.clone()) };
        async move { Ok::<_, Infallible>(Response::new(body)) }
    };
    drop(answered(get(), asking).await);
    assert_eq!(found.recv(), Ok(Some(Cause::Disconnected)), "a body");
    answered(get(), asking).await.1.unwrap().into_body().collect().await.unwrap();
    assert_eq!(found.recv(), Ok(Some(Cause::Completed)), "a body that was read");
}

#[tokio::test]
async fn an_answer_without_a_body_is_completed_with_its_head() {
    let empty = |status: StatusCode| async move {
        let mut answer = Response::new(Frames::of(&[], End::Ended));
        answer.body_mut().length = Some(0);
        *answer.status_mut() = status;
        Ok::<_, Infallible>(answer)
    };
    for status in [StatusCode::OK, StatusCode::ACCEPTED, StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED] {
        let (context, answer) = answered(get(), || empty(status)).await;
        assert_eq!(context.cause(), Some(Cause::Completed), "{status}");
        drop(answer);
        assert_eq!(context.cause(), Some(Cause::Completed), "{status}");
    }
    // Their bodies are never asked, whatever they hold.
    for status in [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED] {
        let full = || async {
            let mut answer = streamed(End::Never).await?;
            *answer.status_mut() = status;
            Ok::<_, Infallible>(answer)
        };
        assert_eq!(answered(get(), full).await.0.cause(), Some(Cause::Completed), "{status}");
    }
    let told = || async {
        let mut answer = streamed(End::Never).await?;
        answer.headers_mut().insert("content-length", "0".parse().unwrap());
        Ok::<_, Infallible>(answer)
    };
    assert_eq!(answered(get(), told).await.0.cause(), Some(Cause::Completed), "hyper drops it unasked");
    let mut head = get();
    *head.method_mut() = Method::HEAD;
    assert_eq!(answered(head, || streamed(End::Ended)).await.0.cause(), Some(Cause::Completed));
}

#[tokio::test]
async fn an_answer_of_known_length_is_completed_with_its_last_byte() {
    for by_header in [false, true] {
        let known = || async move {
            let mut answer = streamed(End::Never).await?;
            if by_header {
                answer.headers_mut().insert("content-length", "6".parse().unwrap());
            } else {
                answer.body_mut().length = Some(6);
            }
            Ok::<_, Infallible>(answer)
        };
        let (context, answer) = answered(get(), known).await;
        let mut body = answer.unwrap().into_body();
        body.frame().await.unwrap().unwrap();
        assert_eq!(context.cause(), None);
        body.frame().await.unwrap().unwrap();
        assert_eq!(context.cause(), Some(Cause::Completed), "hyper drops it here");
    }
}

#[tokio::test]
async fn trailers_are_the_last_frame() {
    let with_trailers = || async {
        let mut answer = streamed(End::Never).await?;
        answer.body_mut().frames.insert(0, Frame::trailers(http::HeaderMap::new()));
        Ok::<_, Infallible>(answer)
    };
    let (context, answer) = answered(get(), with_trailers).await;
    let mut body = answer.unwrap().into_body();
    for _ in 0..2 {
        assert!(body.frame().await.unwrap().unwrap().is_data());
        assert_eq!(context.cause(), None);
    }
    assert!(body.frame().await.unwrap().unwrap().is_trailers());
    assert_eq!(context.cause(), Some(Cause::Completed));
}

#[tokio::test]
async fn what_errs_or_panics_has_failed() {
    let err = || async { Err::<Response<Frames>, _>("no database") };
    let (context, answer) = answered(get(), err).await;
    assert_eq!((context.cause(), answer.err()), (Some(Cause::Failed), Some("no database")));

    let (context, answer) = answered(get(), || streamed(End::Failed)).await;
    assert!(answer.unwrap().into_body().collect().await.is_err());
    assert_eq!(context.cause(), Some(Cause::Failed));

    let (sender, seen) = std::sync::mpsc::channel();
    let panics = service_fn(move |request: Request<()>| {
        sender.send(request.extensions().get::<Context>().cloned().unwrap()).unwrap();
        async { if true { panic!("as told") } else { streamed(End::Ended).await } }
    });
    assert!(tokio::spawn(layer().layer(panics).oneshot(get())).await.is_err());
    assert_eq!(seen.recv().unwrap().cause(), Some(Cause::Failed));
}

#[tokio::test]
async fn an_upgrade_is_left_to_who_holds_the_context() {
    let upgrade = || async {
        let mut answer = Response::new(Frames::of(&[], End::Ended));
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        Ok::<_, Infallible>(answer)
    };
    let (context, answer) = answered(get(), upgrade).await;
    drop(answer);
    assert_eq!(context.cause(), None);

    let mut connect = get();
    *connect.method_mut() = Method::CONNECT;
    let (context, answer) = answered(connect, || streamed(End::Ended)).await;
    drop(answer);
    assert_eq!(context.cause(), None);
}

#[tokio::test]
async fn calls_belong_to_the_layers_supervisor() {
    #[background(timeout = "5s", inherit = ["user_id"])]
    async fn audit() {}
    let handler = || {
        service_fn(|_: Request<()>| async {
            audit();
            streamed(End::Ended).await
        })
    };
    let (named, around_layer, around_request) = (Supervisor::new(), Supervisor::new(), Supervisor::new());
    let called = |supervisor: &Supervisor| supervisor.counts().function("audit").called;

    let by_name = around_layer.in_scope(layer).supervisor(&named).layer(handler());
    around_request.scope(by_name.oneshot(get())).await.unwrap();
    assert_eq!((called(&named), called(&around_layer), called(&around_request)), (1, 0, 0));

    let by_layer = around_layer.in_scope(layer).layer(handler());
    around_request.scope(by_layer.oneshot(get())).await.unwrap();
    assert_eq!((called(&named), called(&around_layer), called(&around_request)), (1, 1, 0));

    around_request.scope(layer().layer(handler()).oneshot(get())).await.unwrap();
    assert_eq!((called(&named), called(&around_layer), called(&around_request)), (1, 1, 1));
    assert_eq!(REQUEST_ID.name(), "request_id");
}

#[tokio::test]
async fn the_context_is_freed_with_its_request_while_a_task_runs_on() {
    #[background(timeout = "5s", inherit = [USER_ID])]
    async fn linger(go: Arc<Notify>) {
        go.notified().await;
    }
    let (supervisor, go, late) = (Supervisor::new(), Arc::new(Notify::new()), Arc::new("late"));
    for is_answered in [true, false] {
        let handler = service_fn(|_: Request<()>| async {
            linger(Arc::clone(&go));
            Context::current().insert("late", Arc::clone(&late));
            if !is_answered {
                pending::<()>().await;
            }
            streamed(End::Ended).await
        });
        let mut answering = Box::pin(supervisor.scope(layer().layer(handler).oneshot(get())));
        if is_answered {
            let body = answering.as_mut().await.unwrap().into_body();
            drop(answering);
            assert_eq!(Arc::strong_count(&late), 2, "its body has it");
            body.collect().await.unwrap();
        } else {
            assert!(std::future::poll_fn(|cx| Poll::Ready(answering.as_mut().poll(cx).is_pending())).await);
            drop(answering);
        }
        assert_eq!((Arc::strong_count(&late), supervisor.tasks().len()), (1, 1));
        go.notify_one();
        supervisor.idle().await;
    }
}
