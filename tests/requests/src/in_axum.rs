//! The service in axum, as axum's users write theirs.

use std::convert::Infallible;
use std::io;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use detached::Context;
use futures_util::{Stream, StreamExt as _, stream};
use hyper_util::rt::TokioIo;

use crate::stage::{Stage, context_layer};

pub fn app(stage: Stage) -> Router {
    Router::new()
        .route("/page", get(page))
        .route("/orders", post(orders))
        .route("/gone", get(gone))
        .route("/unchanged", get(unchanged))
        .route("/file", get(file))
        .route("/nothing", get(nothing))
        .route("/events", get(events))
        .route("/chunks", get(chunks))
        .route("/broken", get(broken))
        .route("/slow", get(slow))
        .route("/panic", get(panics))
        .route("/upgrade", get(upgrade))
        .fallback(connect)
        .with_state(stage)
        .layer(context_layer())
}

async fn page(State(stage): State<Stage>) -> &'static str {
    stage.begin();
    "the prices"
}

async fn orders(State(stage): State<Stage>) -> StatusCode {
    stage.begin();
    StatusCode::ACCEPTED
}

/// With a body that is not for sending, here and below.
async fn gone(State(stage): State<Stage>) -> impl IntoResponse {
    stage.begin();
    (StatusCode::NO_CONTENT, Body::from_stream(stage.frames(Ok(()))))
}

async fn unchanged(State(stage): State<Stage>) -> impl IntoResponse {
    stage.begin();
    (StatusCode::NOT_MODIFIED, Body::from_stream(stage.frames(Ok(()))))
}

async fn file(State(stage): State<Stage>) -> impl IntoResponse {
    stage.begin();
    ([(header::CONTENT_LENGTH, "14")], Body::from_stream(stage.frames(Ok(()))))
}

async fn nothing(State(stage): State<Stage>) -> impl IntoResponse {
    stage.begin();
    ([(header::CONTENT_LENGTH, "0")], Body::from_stream(stream::empty::<io::Result<&str>>()))
}

async fn events(State(stage): State<Stage>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    stage.begin();
    Sse::new(stage.frames(Ok(())).map(|frame| {
        let frame = frame.expect("it is not to break");
        Ok(Event::default().data(String::from_utf8_lossy(frame.trim_ascii())))
    }))
}

async fn chunks(State(stage): State<Stage>) -> Body {
    stage.begin();
    Body::from_stream(stage.frames(Ok(())))
}

async fn broken(State(stage): State<Stage>) -> Body {
    stage.begin();
    Body::from_stream(stage.frames(Err(io::Error::other("disk gone"))))
}

async fn slow(State(stage): State<Stage>) -> &'static str {
    stage.begin();
    stage.step().await;
    "at last"
}

async fn panics(State(stage): State<Stage>) {
    stage.begin();
    stage.step().await;
    panic!("as told");
}

async fn upgrade(State(stage): State<Stage>, request: Request) -> impl IntoResponse {
    stage.begin();
    take_along(stage, request);
    (StatusCode::SWITCHING_PROTOCOLS, [(header::CONNECTION, "upgrade"), (header::UPGRADE, "echo")])
}

async fn connect(State(stage): State<Stage>, request: Request) -> Response {
    if request.method() != axum::http::Method::CONNECT {
        return StatusCode::NOT_FOUND.into_response();
    }
    stage.begin();
    take_along(stage, request);
    StatusCode::OK.into_response()
}

fn take_along(stage: Stage, request: Request) {
    let context = Context::current();
    tokio::spawn(context.scope(async move {
        let upgraded = hyper::upgrade::on(request).await.expect("the client agreed");
        stage.echo(TokioIo::new(upgraded)).await;
    }));
}
