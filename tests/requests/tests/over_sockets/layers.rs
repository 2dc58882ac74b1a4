//! Other layers above and below that of the context, and the shield: who answers in whose place, and how the request ends.

use std::time::Duration;

use axum::error_handling::HandleErrorLayer;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{BoxError, Router};
use detached::tower::ShieldLayer;
use detached::{Cause, Context};
use detached_tests_requests::client::{Client, request, text};
use detached_tests_requests::in_hyper;
use detached_tests_requests::rows::Row;
use detached_tests_requests::site::{Server, Site};
use detached_tests_requests::stage::{REQUEST_ID, Stage, USER_ID, context_layer};
use http::{Method, StatusCode, Version};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

const VERSIONS: [Version; 2] = [Version::HTTP_11, Version::HTTP_2];

async fn waits(State(stage): State<Stage>) -> &'static str {
    stage.begin();
    stage.step().await;
    "at last"
}

async fn panics(State(stage): State<Stage>) {
    stage.begin();
    panic!("as told");
}

/// Answers in the place of a handler that waits at all.
fn out_of_time() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::ZERO)
}

/// What a client of that service is answered, and how its request ended.
async fn exchange(app: fn(Stage) -> Router, status: StatusCode, cause: Cause) {
    for version in VERSIONS {
        let mut site = Site::of(app, version).await;
        let mut client = Client::of(&site).await;
        let answer = client.send(request(Method::GET, &site, "/")).await.unwrap();
        assert_eq!(answer.status(), status);
        text(answer).await;
        site.begun().await.ends(cause.clone()).await;
        client.leave();
        site.close(&[Row::new("r-1", 7, &cause)]).await;
    }
}

#[tokio::test]
async fn a_timeout_above_drops_the_request() {
    let app = |stage| {
        let app = Router::new().route("/", get(waits)).with_state(stage);
        app.layer(context_layer()).layer(out_of_time())
    };
    exchange(app, StatusCode::GATEWAY_TIMEOUT, Cause::Disconnected).await;
}

#[tokio::test]
async fn a_timeout_above_drops_the_request_in_plain_hyper() {
    for version in VERSIONS {
        let mut site = Site::served_by(Server::Hyper, version, |listener, stage, stopping| {
            let service = ServiceBuilder::new().layer(out_of_time()).service(in_hyper::service(stage));
            in_hyper::serve(listener, service, false, stopping)
        })
        .await;
        let mut client = Client::of(&site).await;
        let answer = client.send(request(Method::GET, &site, "/slow")).await.unwrap();
        assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
        // The client is still there.
        site.begun().await.ends(Cause::Disconnected).await;
        client.leave();
        site.close(&[Row::new("r-1", 7, Cause::Disconnected)]).await;
    }
}

#[tokio::test]
async fn a_timeout_below_answers_it() {
    let app = |stage| {
        let app = Router::new().route("/", get(waits)).with_state(stage);
        app.layer(out_of_time()).layer(context_layer())
    };
    exchange(app, StatusCode::GATEWAY_TIMEOUT, Cause::Completed).await;
}

#[tokio::test]
async fn a_panic_that_is_caught_above_has_failed_it() {
    let app = |stage| {
        let app = Router::new().route("/", get(panics)).with_state(stage);
        app.layer(context_layer()).layer(CatchPanicLayer::new())
    };
    exchange(app, StatusCode::INTERNAL_SERVER_ERROR, Cause::Failed).await;
}

#[tokio::test]
async fn a_panic_that_is_caught_below_is_an_answer() {
    let app = |stage| {
        let app = Router::new().route("/", get(panics)).with_state(stage);
        app.layer(CatchPanicLayer::new()).layer(context_layer())
    };
    exchange(app, StatusCode::INTERNAL_SERVER_ERROR, Cause::Completed).await;
}

#[tokio::test]
async fn what_is_shed_above_opens_no_context() {
    let app = |stage| {
        let limit = ServiceBuilder::new()
            .layer(HandleErrorLayer::new(|_: BoxError| async { StatusCode::SERVICE_UNAVAILABLE }))
            .load_shed()
            .concurrency_limit(1);
        Router::new().route("/", get(waits)).with_state(stage).layer(context_layer()).layer(limit)
    };
    for version in VERSIONS {
        let mut site = Site::of(app, version).await;
        let (mut first, mut second) = (Client::of(&site).await, Client::of(&site).await);
        let asked = first.send(request(Method::GET, &site, "/"));
        let directed = async {
            let begun = site.begun().await;
            let shed = second.send(request(Method::GET, &site, "/")).await.unwrap();
            assert_eq!(shed.status(), StatusCode::SERVICE_UNAVAILABLE);
            begun.goes_on();
            site.step();
            begun
        };
        let (answer, begun) = tokio::join!(asked, directed);
        assert_eq!(text(answer.unwrap()).await, "at last");
        begun.ends(Cause::Completed).await;
        first.leave();
        second.leave();
        site.close(&[Row::new("r-1", 7, Cause::Completed)]).await;
    }
}

/// Must not be cut off between the charge and its row.
async fn pay(State(stage): State<Stage>) -> StatusCode {
    stage.begin_as(Context::current().origin().expect("a task's"));
    stage.step().await;
    stage.rows.write_in_steps(Row::new(&REQUEST_ID.get(), USER_ID.get(), "paid")).await.unwrap();
    StatusCode::CREATED
}

fn shielded(stage: Stage) -> Router {
    let app = Router::new().route("/", post(pay)).with_state(stage);
    app.layer(ShieldLayer::new(Duration::from_secs(60))).layer(context_layer())
}

#[tokio::test]
async fn a_shielded_handler_goes_on_when_its_client_is_gone() {
    for version in VERSIONS {
        let mut site = Site::of(shielded, version).await;
        let mut client = Client::of(&site).await;
        let asked = request(Method::POST, &site, "/");
        let begun = tokio::select! {
            answer = client.send(asked) => panic!("answered: {answer:?}"),
            begun = site.begun() => begun,
        };
        client.leave();
        begun.ends(Cause::Disconnected).await;
        site.step();
        site.supervisor.idle().await;
        assert_eq!(site.supervisor.counts().function("request").completed, 1);
        site.close(&[Row::new("r-1", 7, "paid")]).await;
    }
}

#[tokio::test]
async fn a_shielded_handler_answers_a_client_that_stays() {
    for version in VERSIONS {
        let mut site = Site::of(shielded, version).await;
        let mut client = Client::of(&site).await;
        site.step();
        let answer = client.send(request(Method::POST, &site, "/")).await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        site.begun().await.ends(Cause::Completed).await;
        client.leave();
        site.close(&[Row::new("r-1", 7, "paid")]).await;
    }
}

#[tokio::test]
async fn a_signal_waits_for_a_shielded_handler_whose_client_is_gone() {
    let mut site = Site::of(shielded, Version::HTTP_11).await;
    let mut client = Client::of(&site).await;
    let asked = request(Method::POST, &site, "/");
    let begun = tokio::select! {
        answer = client.send(asked) => panic!("answered: {answer:?}"),
        begun = site.begun() => begun,
    };
    client.leave();
    begun.ends(Cause::Disconnected).await;
    site.stop();
    site.supervisor.draining().await;
    site.step();
    site.close(&[Row::new("r-1", 7, "paid")]).await;
}
