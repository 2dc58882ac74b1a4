//! gRPC in tonic: answers of one message, and streams of them, whose last frame is their trailers.

use std::time::Duration;

use detached::Cause;
use detached_tests_requests::in_tonic;
use detached_tests_requests::rows::Row;
use detached_tests_requests::site::{Server, Site};
use http::Version;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

async fn open() -> (Site, HealthClient<Channel>) {
    open_with(tonic::transport::Server::builder()).await
}

async fn open_with(server: tonic::transport::Server) -> (Site, HealthClient<Channel>) {
    let site = Site::served_by(Server::Tonic, Version::HTTP_2, |listener, stage, stopping| {
        in_tonic::serve(server, listener, stage, stopping)
    });
    let site = site.await;
    let channel = Endpoint::new(format!("http://{}", site.address)).unwrap().connect().await.unwrap();
    (site, HealthClient::new(channel))
}

/// A call of user 7, whose id is the service it asks for.
fn call(service: &str) -> Request<HealthCheckRequest> {
    let mut request = Request::new(HealthCheckRequest { service: service.to_owned() });
    request.metadata_mut().insert("x-user", 7.into());
    request.metadata_mut().insert("x-request-id", service.parse().unwrap());
    request
}

#[tokio::test]
async fn an_answer_is_completed_whatever_its_status() {
    let (mut site, mut client) = open().await;
    client.check(call("well")).await.unwrap();
    site.begun().await.ends(Cause::Completed).await;
    let refused = client.check(call("unknown")).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    site.begun().await.ends(Cause::Completed).await;
    drop(client);
    site.close(&["unknown", "well"].map(|id| Row::new(id, 7, Cause::Completed))).await;
}

#[tokio::test]
async fn a_call_that_its_client_gave_up_is_disconnected() {
    let (mut site, mut client) = open().await;
    let mut other = client.clone();
    let begun = tokio::select! {
        answer = client.check(call("slow")) => panic!("answered: {answer:?}"),
        begun = site.begun() => begun,
    };
    begun.ends(Cause::Disconnected).await;
    // The connection is still there.
    other.check(call("well")).await.unwrap();
    site.begun().await.ends(Cause::Completed).await;
    drop((client, other));
    site.close(&[Row::new("slow", 7, Cause::Disconnected), Row::new("well", 7, Cause::Completed)]).await;
}

#[tokio::test]
async fn a_method_that_panics_has_failed() {
    let (mut site, mut client) = open().await;
    let directed = async {
        let begun = site.begun().await;
        begun.goes_on();
        site.step();
        begun.ends(Cause::Failed).await;
    };
    let (answer, ()) = tokio::join!(client.check(call("panic")), directed);
    assert!(answer.is_err());
    drop(client);
    site.close(&[Row::new("panic", 7, Cause::Failed)]).await;
}

#[tokio::test]
async fn a_stream_is_completed_with_its_trailers() {
    let (mut site, mut client) = open().await;
    for (service, code) in [("well", None), ("ill", Some(Code::Unavailable))] {
        let mut stream = client.watch(call(service)).await.unwrap().into_inner();
        let begun = site.begun().await;
        for _ in 0..2 {
            begun.goes_on();
            site.step();
            stream.message().await.unwrap().expect("a message");
        }
        begun.goes_on();
        site.step();
        assert_eq!(stream.message().await.map_err(|status| status.code()).err(), code);
        begun.ends(Cause::Completed).await;
    }
    drop(client);
    site.close(&["ill", "well"].map(|id| Row::new(id, 7, Cause::Completed))).await;
}

#[tokio::test]
async fn a_stream_that_its_client_dropped_is_disconnected() {
    let (mut site, mut client) = open().await;
    let mut stream = client.watch(call("well")).await.unwrap().into_inner();
    let begun = site.begun().await;
    site.step();
    stream.message().await.unwrap().expect("a message");
    begun.goes_on();
    drop(stream);
    begun.ends(Cause::Disconnected).await;
    drop(client);
    site.close(&[Row::new("well", 7, Cause::Disconnected)]).await;
}

/// Tonic answers, and not the handler.
#[tokio::test]
async fn a_bound_of_the_servers_drops_the_call() {
    let (mut site, mut client) = open_with(tonic::transport::Server::builder().timeout(Duration::ZERO)).await;
    let late = client.check(call("slow")).await.unwrap_err();
    assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{late:?}");
    // The client is still there.
    site.begun().await.ends(Cause::Disconnected).await;
    drop(client);
    site.close(&[Row::new("slow", 7, Cause::Disconnected)]).await;
}

#[tokio::test]
async fn a_call_that_the_server_sheds_opens_no_context() {
    let shedding = tonic::transport::Server::builder().concurrency_limit_per_connection(1).load_shed(true);
    let (mut site, mut client) = open_with(shedding).await;
    let mut other = client.clone();
    let directed = async {
        let begun = site.begun().await;
        let shed = other.check(call("shed")).await.unwrap_err();
        assert_eq!(shed.code(), Code::ResourceExhausted, "{shed:?}");
        begun.goes_on();
        site.step();
        begun
    };
    let (answer, begun) = tokio::join!(client.check(call("slow")), directed);
    answer.unwrap();
    begun.ends(Cause::Completed).await;
    drop((client, other));
    site.close(&[Row::new("slow", 7, Cause::Completed)]).await;
}
