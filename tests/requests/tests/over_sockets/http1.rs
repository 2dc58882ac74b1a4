//! What only HTTP/1.1 has: many requests on one connection one after the other, and a connection that is closed by halves.

use detached::Cause;
use detached_tests_requests::lines::{Lines, head};
use detached_tests_requests::rows::Row;
use detached_tests_requests::site::{Server, Site};
use http::Version;

const SERVERS: [Server; 3] = [Server::Axum, Server::Hyper, Server::HyperHalfClosing];

#[tokio::test]
async fn on_a_connection_kept_alive_each_request_has_its_own_context_and_end() {
    for server in [Server::Axum, Server::Hyper] {
        let mut site = Site::open(server, Version::HTTP_11).await;
        let mut socket = Lines::connect(site.address).await;
        for user in [7, 8] {
            socket.send(&(head("GET", "/page", user, &format!("r-{user}")) + "\r\n")).await;
            assert_eq!(socket.answer().await.1, "the prices");
            site.begun().await.ends(Cause::Completed).await;
        }
        // The last one is dropped in its handler; the others have ended as they did.
        socket.send(&(head("GET", "/slow", 9, "r-9") + "\r\n")).await;
        let begun = site.begun().await;
        begun.goes_on();
        drop(socket);
        begun.ends(Cause::Disconnected).await;
        let rows = [(7, Cause::Completed), (8, Cause::Completed), (9, Cause::Disconnected)];
        site.close(&rows.map(|(user, cause)| Row::new(&format!("r-{user}"), user, cause))).await;
    }
}

#[tokio::test]
async fn requests_sent_at_once_are_answered_one_by_one() {
    for server in SERVERS {
        let mut site = Site::open(server, Version::HTTP_11).await;
        let mut socket = Lines::connect(site.address).await;
        let requests = [7, 8, 9].map(|user| head("GET", "/slow", user, &format!("r-{user}")) + "\r\n").concat();
        socket.send(&requests).await;
        for _ in 0..3 {
            let begun = site.begun().await;
            begun.goes_on();
            site.step();
            assert_eq!(socket.answer().await.1, "at last");
            begun.ends(Cause::Completed).await;
        }
        drop(socket);
        site.close(&[7, 8, 9].map(|user| Row::new(&format!("r-{user}"), user, Cause::Completed))).await;
    }
}

#[tokio::test]
async fn a_client_that_closes_its_half_has_left_unless_the_server_is_told_otherwise() {
    for server in SERVERS {
        let mut site = Site::open(server, Version::HTTP_11).await;
        let mut socket = Lines::connect(site.address).await;
        socket.send(&(head("GET", "/slow", 7, "r-1") + "\r\n")).await;
        let begun = site.begun().await;
        begun.goes_on();
        socket.close_half().await;
        let end = if server == Server::HyperHalfClosing {
            site.step();
            assert_eq!(socket.answer().await.1, "at last");
            Cause::Completed
        } else {
            assert_eq!(socket.rest().await, "", "no answer");
            Cause::Disconnected
        };
        begun.ends(end.clone()).await;
        drop(socket);
        site.close(&[Row::new("r-1", 7, end)]).await;
    }
}

#[tokio::test]
async fn a_client_gone_before_its_own_head_was_no_request() {
    for server in SERVERS {
        let site = Site::open(server, Version::HTTP_11).await;
        for half in ["", "GET", &head("GET", "/page", 7, "r-1")] {
            let mut socket = Lines::connect(site.address).await;
            socket.send(half).await;
            socket.close_half().await;
            // Until the server has closed it: it may say that this was no request.
            socket.rest().await;
        }
        site.close(&[]).await;
    }
}

#[tokio::test]
async fn a_client_gone_in_its_own_body_fails_who_reads_it() {
    let mut site = Site::open(Server::Hyper, Version::HTTP_11).await;
    let mut socket = Lines::connect(site.address).await;
    let request = head("POST", "/read", 7, "r-1") + "expect: 100-continue\r\ncontent-length: 10\r\n\r\n";
    socket.send(&request).await;
    assert_eq!(socket.line().await.unwrap(), "HTTP/1.1 100 Continue", "the handler reads");
    socket.send("12345").await;
    let begun = site.begun().await;
    begun.goes_on();
    drop(socket);
    let end = begun.end().await;
    // The handler either hears of it, and errs, or is dropped with its connection.
    assert!([Cause::Failed, Cause::Disconnected].contains(&end), "{end}");
    site.close(&[Row::new("r-1", 7, end)]).await;
}
