//! How a request ends, and when: the same exchanges in axum and in hyper, over HTTP/1.1 and over HTTP/2.

use detached::Cause;
use detached_tests_requests::client::{Client, piece, request, text};
use detached_tests_requests::rows::Row;
use detached_tests_requests::site::{Server, Site};
use detached_tests_requests::stage::FRAME;
use http::{Method, StatusCode, Version};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

macro_rules! everywhere {
    ($($exchange:ident)*) => {
        everywhere!(in_axum_over_http1 Server::Axum, Version::HTTP_11, $($exchange)*);
        everywhere!(in_axum_over_http2 Server::Axum, Version::HTTP_2, $($exchange)*);
        everywhere!(in_hyper_over_http1 Server::Hyper, Version::HTTP_11, $($exchange)*);
        everywhere!(in_hyper_over_http2 Server::Hyper, Version::HTTP_2, $($exchange)*);
    };
    ($place:ident $server:expr, $version:expr, $($exchange:ident)*) => {
        mod $place {
            use super::*;
            $(
                #[tokio::test]
                async fn $exchange() {
                    super::$exchange(Site::open($server, $version).await).await;
                }
            )*
        }
    };
}

// A service of axum's cannot fail, but with an answer.
everywhere!(a_failing_service_over_http1 Server::Hyper, Version::HTTP_11, a_service_that_fails);
everywhere!(a_failing_service_over_http2 Server::Hyper, Version::HTTP_2, a_service_that_fails);

everywhere! {
    answered_in_full
    accepted_without_a_body
    head
    without_content
    of_length_zero
    of_known_length
    a_stream_to_its_end
    gone_in_the_handler
    gone_before_the_first_byte
    gone_in_the_body
    gone_in_an_answer_of_known_length
    a_handler_that_panics
    a_body_that_breaks
    an_upgrade
    connect
}

/// What the one request's task writes.
fn row(note: impl ToString) -> [Row; 1] {
    [Row::new("r-1", 7, note)]
}

async fn answered_in_full(mut site: Site) {
    let mut client = Client::of(&site).await;
    let answer = client.send(request(Method::GET, &site, "/page")).await.unwrap();
    assert_eq!(text(answer).await, "the prices");
    // The client is still there.
    site.begun().await.ends(Cause::Completed).await;
    client.leave();
    site.close(&row(Cause::Completed)).await;
}

async fn accepted_without_a_body(mut site: Site) {
    let mut client = Client::of(&site).await;
    let answer = client.send(request(Method::POST, &site, "/orders")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    site.begun().await.ends(Cause::Completed).await;
    client.leave();
    site.close(&row(Cause::Completed)).await;
}

/// Sends those requests; each is completed with the head of its answer, whose body nobody asks for.
async fn completed_with_the_head(mut site: Site, asked: [(Method, &'static str, StatusCode); 2]) {
    let mut client = Client::of(&site).await;
    let mut rows = Vec::new();
    for (method, path, status) in asked {
        let mut request = request(method, &site, path);
        request.headers_mut().insert("x-request-id", path.parse().unwrap());
        let answer = client.send(request).await.unwrap();
        assert_eq!(answer.status(), status);
        site.begun().await.ends(Cause::Completed).await;
        rows.push(Row::new(path, 7, Cause::Completed));
    }
    client.leave();
    rows.sort();
    site.close(&rows).await;
}

async fn head(site: Site) {
    let [page, stream] = ["/page", "/chunks"].map(|path| (Method::HEAD, path, StatusCode::OK));
    completed_with_the_head(site, [page, stream]).await;
}

async fn without_content(site: Site) {
    let [gone, unchanged] = [("/gone", StatusCode::NO_CONTENT), ("/unchanged", StatusCode::NOT_MODIFIED)]
        .map(|(path, status)| (Method::GET, path, status));
    completed_with_the_head(site, [gone, unchanged]).await;
}

/// Said by a header alone, about a body that says nothing.
async fn of_length_zero(mut site: Site) {
    let mut client = Client::of(&site).await;
    let answer = client.send(request(Method::GET, &site, "/nothing")).await.unwrap();
    assert_eq!(text(answer).await, "");
    site.begun().await.ends(Cause::Completed).await;
    client.leave();
    site.close(&row(Cause::Completed)).await;
}

async fn of_known_length(mut site: Site) {
    let mut client = Client::of(&site).await;
    let mut answer = client.send(request(Method::GET, &site, "/file")).await.unwrap();
    let begun = site.begun().await;
    for _ in 0..2 {
        begun.goes_on();
        site.step();
        assert_eq!(piece(&mut answer).await, FRAME);
    }
    // Its stream has not ended: there would be a third step.
    begun.ends(Cause::Completed).await;
    site.step();
    client.leave();
    site.close(&row(Cause::Completed)).await;
}

async fn a_stream_to_its_end(site: Site) {
    let mut paths = vec!["/chunks", "/events"];
    if site.server == Server::Hyper {
        paths.push("/trailers");
    }
    let mut site = site;
    let mut client = Client::of(&site).await;
    let mut rows = Vec::new();
    for path in paths {
        let mut request = request(Method::GET, &site, path);
        request.headers_mut().insert("x-request-id", path.parse().unwrap());
        request.headers_mut().insert("te", "trailers".parse().unwrap());
        let mut answer = client.send(request).await.unwrap();
        let begun = site.begun().await;
        for _ in 0..2 {
            begun.goes_on();
            site.step();
            let piece = piece(&mut answer).await;
            assert!(piece.contains("user 7"), "{piece}");
        }
        begun.goes_on();
        site.step();
        let rest = answer.into_body().collect().await.unwrap();
        assert_eq!(rest.trailers().is_some(), path == "/trailers");
        begun.ends(Cause::Completed).await;
        rows.push(Row::new(path, 7, Cause::Completed));
    }
    client.leave();
    rows.sort();
    site.close(&rows).await;
}

/// Begins a request and drops it before its answer.
async fn go_before_the_answer(site: &mut Site, path: &'static str) -> (Client, detached_tests_requests::stage::Begun) {
    let mut client = Client::of(site).await;
    let request = request(Method::GET, site, path);
    let begun = tokio::select! {
        answer = client.send(request) => panic!("answered: {answer:?}"),
        begun = site.begun() => begun,
    };
    begun.goes_on();
    (client, begun)
}

async fn gone_in_the_handler(mut site: Site) {
    let (client, begun) = go_before_the_answer(&mut site, "/slow").await;
    client.leave();
    begun.ends(Cause::Disconnected).await;
    site.close(&row(Cause::Disconnected)).await;
}

/// The head is sent, its body has nothing to give yet.
async fn gone_before_the_first_byte(mut site: Site) {
    let mut client = Client::of(&site).await;
    let answer = client.send(request(Method::GET, &site, "/chunks")).await.unwrap();
    let begun = site.begun().await;
    begun.goes_on();
    client.leave();
    begun.ends(Cause::Disconnected).await;
    drop(answer);
    site.close(&row(Cause::Disconnected)).await;
}

async fn gone_in_the_body(mut site: Site) {
    let mut client = Client::of(&site).await;
    let mut answer = client.send(request(Method::GET, &site, "/events")).await.unwrap();
    let begun = site.begun().await;
    site.step();
    assert!(piece(&mut answer).await.contains("user 7"));
    begun.goes_on();
    client.leave();
    begun.ends(Cause::Disconnected).await;
    site.close(&row(Cause::Disconnected)).await;
}

async fn gone_in_an_answer_of_known_length(mut site: Site) {
    let mut client = Client::of(&site).await;
    let mut answer = client.send(request(Method::GET, &site, "/file")).await.unwrap();
    let begun = site.begun().await;
    site.step();
    assert_eq!(piece(&mut answer).await, FRAME);
    begun.goes_on();
    client.leave();
    begun.ends(Cause::Disconnected).await;
    site.close(&row(Cause::Disconnected)).await;
}

async fn a_handler_that_panics(site: Site) {
    what_fails(site, "/panic").await;
}

async fn a_service_that_fails(site: Site) {
    what_fails(site, "/error").await;
}

async fn what_fails(mut site: Site, path: &str) {
    let mut client = Client::of(&site).await;
    let asked = client.send(request(Method::GET, &site, path));
    let directed = async {
        let begun = site.begun().await;
        begun.goes_on();
        site.step();
        begun.ends(Cause::Failed).await;
    };
    let (answer, ()) = tokio::join!(asked, directed);
    assert!(answer.is_err(), "{answer:?}");
    client.leave();
    site.close(&row(Cause::Failed)).await;
}

async fn a_body_that_breaks(mut site: Site) {
    let mut client = Client::of(&site).await;
    let answer = client.send(request(Method::GET, &site, "/broken")).await.unwrap();
    let begun = site.begun().await;
    begun.goes_on();
    for _ in 0..3 {
        site.step();
    }
    assert!(answer.into_body().collect().await.is_err());
    begun.ends(Cause::Failed).await;
    client.leave();
    site.close(&row(Cause::Failed)).await;
}

/// HTTP/2 knows none but `CONNECT`.
async fn an_upgrade(site: Site) {
    if site.version == Version::HTTP_2 {
        return site.close(&[]).await;
    }
    let mut asked = request(Method::GET, &site, "/upgrade");
    asked.headers_mut().insert("connection", "upgrade".parse().unwrap());
    asked.headers_mut().insert("upgrade", "echo".parse().unwrap());
    taken_along(site, asked, StatusCode::SWITCHING_PROTOCOLS).await;
}

async fn connect(site: Site) {
    let asked = request(Method::CONNECT, &site, "");
    taken_along(site, asked, StatusCode::OK).await;
}

async fn taken_along(
    mut site: Site,
    asked: http::Request<http_body_util::Full<axum::body::Bytes>>,
    status: StatusCode,
) {
    let mut client = Client::of(&site).await;
    let answer = client.send(asked).await.unwrap();
    assert_eq!(answer.status(), status);
    let begun = site.begun().await;
    let mut connection = TokioIo::new(hyper::upgrade::on(answer).await.unwrap());
    for _ in 0..2 {
        connection.write_all(b"hello").await.unwrap();
        let mut echoed = [0; 5];
        connection.read_exact(&mut echoed).await.unwrap();
        assert_eq!(&echoed, b"hello");
        begun.goes_on();
    }
    drop(connection);
    client.leave();
    begun.ends("hung up".into()).await;
    site.close(&row("hung up")).await;
}
