//! What only HTTP/1.1 has: many requests on one connection one after the other, and a connection that is closed by halves.

use detached::Cause;
use detached_tests_requests::rows::Row;
use detached_tests_requests::site::{Server, Site};
use http::Version;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// A request's head, without the empty line that ends it.
fn head(path: &str, user: u32, request: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nx-user: {user}\r\nx-request-id: {request}\r\n")
}

/// Reads an answer of known length; gives its body.
async fn read_answer(socket: &mut BufReader<TcpStream>) -> String {
    let mut length = 0;
    loop {
        let mut line = String::new();
        assert_ne!(socket.read_line(&mut line).await.unwrap(), 0, "the server is there");
        if let Some(told) = line.strip_prefix("content-length: ") {
            length = told.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.unwrap();
    String::from_utf8(body).unwrap()
}

const SERVERS: [Server; 3] = [Server::Axum, Server::Hyper, Server::HyperHalfClosing];

async fn connect(site: &Site) -> BufReader<TcpStream> {
    BufReader::new(TcpStream::connect(site.address).await.unwrap())
}

#[tokio::test]
async fn on_a_connection_kept_alive_each_request_has_its_own_context_and_end() {
    for server in [Server::Axum, Server::Hyper] {
        let mut site = Site::open(server, Version::HTTP_11).await;
        let mut socket = connect(&site).await;
        for user in [7, 8] {
            socket.write_all((head("/page", user, &format!("r-{user}")) + "\r\n").as_bytes()).await.unwrap();
            assert_eq!(read_answer(&mut socket).await, "the prices");
            site.begun().await.ends(Cause::Completed).await;
        }
        // The last one is dropped in its handler; the others have ended as they did.
        socket.write_all((head("/slow", 9, "r-9") + "\r\n").as_bytes()).await.unwrap();
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
        let mut socket = connect(&site).await;
        let requests = [7, 8, 9].map(|user| head("/slow", user, &format!("r-{user}")) + "\r\n").concat();
        socket.write_all(requests.as_bytes()).await.unwrap();
        for _ in 0..3 {
            let begun = site.begun().await;
            begun.goes_on();
            site.step();
            assert_eq!(read_answer(&mut socket).await, "at last");
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
        let mut socket = connect(&site).await;
        socket.write_all((head("/slow", 7, "r-1") + "\r\n").as_bytes()).await.unwrap();
        let begun = site.begun().await;
        begun.goes_on();
        socket.get_mut().shutdown().await.unwrap();
        let end = if server == Server::HyperHalfClosing {
            site.step();
            assert_eq!(read_answer(&mut socket).await, "at last");
            Cause::Completed
        } else {
            assert_eq!(socket.read(&mut [0]).await.unwrap(), 0, "no answer");
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
        for half in ["", "GET", &head("/page", 7, "r-1")] {
            let mut socket = connect(&site).await;
            socket.write_all(half.as_bytes()).await.unwrap();
            socket.get_mut().shutdown().await.unwrap();
            // Until the server has closed it: it may say that this was no request.
            let mut said = Vec::new();
            socket.read_to_end(&mut said).await.unwrap();
        }
        site.close(&[]).await;
    }
}

#[tokio::test]
async fn a_client_gone_in_its_own_body_fails_who_reads_it() {
    let mut site = Site::open(Server::Hyper, Version::HTTP_11).await;
    let mut socket = connect(&site).await;
    let request = head("/read", 7, "r-1").replace("GET", "POST") + "expect: 100-continue\r\ncontent-length: 10\r\n\r\n";
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut line = String::new();
    socket.read_line(&mut line).await.unwrap();
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n", "the handler reads");
    socket.write_all(b"12345").await.unwrap();
    let begun = site.begun().await;
    begun.goes_on();
    drop(socket);
    let end = begun.end().await;
    // The handler either hears of it, and errs, or is dropped with its connection.
    assert!([Cause::Failed, Cause::Disconnected].contains(&end), "{end}");
    site.close(&[Row::new("r-1", 7, end)]).await;
}
