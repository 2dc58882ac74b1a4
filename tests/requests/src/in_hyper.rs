//! The service in plain hyper: a function, its layer, and a loop that accepts connections.

use std::convert::Infallible;
use std::error::Error;
use std::io;

use axum::body::Bytes;
use detached::tower::ContextBody;
use detached::{Context, Stopping};
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full, StreamBody};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{Service, ServiceBuilder, service_fn};

use crate::stage::{Stage, context_layer};

pub type Body = UnsyncBoxBody<Bytes, io::Error>;

type BoxError = Box<dyn Error + Send + Sync>;

/// A service of hyper's that answers with bodies of that type.
pub trait Serves<B>:
    Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>, Future: Send + 'static>
{
}

impl<S, B> Serves<B> for S where
    S: Service<Request<Incoming>, Response = Response<B>, Error: Into<BoxError>, Future: Send + 'static>
{
}

/// The function, and its layer.
pub fn service(stage: Stage) -> impl Serves<ContextBody<Body>> + Clone + Send {
    ServiceBuilder::new()
        .layer(context_layer())
        .service(service_fn(move |request: Request<Incoming>| answer(stage.clone(), request)))
}

/// Serves until it is told to stop, and then until the last connection has ended.
pub async fn serve<S, B>(listener: TcpListener, service: S, half_close: bool, mut stopping: Stopping)
where
    S: Serves<B> + Clone + Send + 'static,
    B: http_body::Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let service = TowerToHyperService::new(service);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // A client that has no more to ask may still read the answer; one that is gone is found out by writing to it alone.
    builder.http1().half_close(half_close);
    let connections = GracefulShutdown::new();
    loop {
        let socket = tokio::select! {
            accepted = listener.accept() => TokioIo::new(accepted.expect("the listener is open").0),
            () = &mut stopping => break,
        };
        let connection = builder.serve_connection_with_upgrades(socket, service.clone());
        tokio::spawn(connections.watch(connection.into_owned()));
    }
    drop(listener);
    connections.shutdown().await;
}

async fn answer(stage: Stage, request: Request<Incoming>) -> io::Result<Response<Body>> {
    stage.begin();
    let status = |status: StatusCode| Ok(Response::builder().status(status).body(empty()).unwrap());
    match (request.method(), request.uri().path()) {
        (&Method::CONNECT, _) => {
            take_along(stage, request);
            status(StatusCode::OK)
        }
        (_, "/page") => Ok(Response::new(full("the prices"))),
        (_, "/orders") => status(StatusCode::ACCEPTED),
        // With a body that is not for sending.
        (_, "/gone") => Ok(Response::builder().status(StatusCode::NO_CONTENT).body(frames(&stage, Ok(()))).unwrap()),
        (_, "/unchanged") => {
            Ok(Response::builder().status(StatusCode::NOT_MODIFIED).body(frames(&stage, Ok(()))).unwrap())
        }
        (_, "/file") => Ok(with_length("14", frames(&stage, Ok(())))),
        (_, "/nothing") => Ok(with_length("0", StreamBody::new(futures_util::stream::empty()).boxed_unsync())),
        (_, "/chunks") => Ok(Response::new(frames(&stage, Ok(())))),
        (_, "/events") => {
            let frames =
                stage.frames(Ok(())).map_ok(|frame| Frame::data([b"data: ", &frame[..], b"\n"].concat().into()));
            Ok(Response::builder()
                .header(header::CONTENT_TYPE, "text/event-stream")
                .body(StreamBody::new(frames).boxed_unsync())
                .unwrap())
        }
        (_, "/trailers") => {
            let trailers = HeaderMap::from_iter([(header::ETAG, "\"7\"".parse().unwrap())]);
            let frames = stage.frames(Ok(())).map_ok(Frame::data);
            let frames = frames.chain(futures_util::stream::iter([Ok(Frame::trailers(trailers))]));
            Ok(Response::builder()
                .header(header::TRAILER, "etag")
                .body(StreamBody::new(frames).boxed_unsync())
                .unwrap())
        }
        (_, "/broken") => Ok(Response::new(frames(&stage, Err(io::Error::other("disk gone"))))),
        (_, "/slow") => {
            stage.step().await;
            Ok(Response::new(full("at last")))
        }
        (_, "/read") => {
            let read = request.into_body().collect().await.map_err(io::Error::other)?;
            Ok(Response::new(full(read.to_bytes())))
        }
        (_, "/error") => {
            stage.step().await;
            Err(io::Error::other("as told"))
        }
        (_, "/panic") => {
            stage.step().await;
            panic!("as told");
        }
        (_, "/upgrade") => {
            take_along(stage, request);
            let upgrade = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
            let upgrade = upgrade.header(header::CONNECTION, "upgrade").header(header::UPGRADE, "echo");
            Ok(upgrade.body(empty()).unwrap())
        }
        (method, path) => panic!("{method} {path} is not served"),
    }
}

fn take_along(stage: Stage, request: Request<Incoming>) {
    let context = Context::current();
    tokio::spawn(context.scope(async move {
        let upgraded = hyper::upgrade::on(request).await.expect("the client agreed");
        stage.echo(TokioIo::new(upgraded)).await;
    }));
}

fn no_error(never: Infallible) -> io::Error {
    match never {}
}

fn empty() -> Body {
    Empty::new().map_err(no_error).boxed_unsync()
}

fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(no_error).boxed_unsync()
}

fn frames(stage: &Stage, end: io::Result<()>) -> Body {
    StreamBody::new(stage.frames(end).map_ok(Frame::data)).boxed_unsync()
}

fn with_length(length: &str, body: Body) -> Response<Body> {
    Response::builder().header(header::CONTENT_LENGTH, length).body(body).unwrap()
}
