//! What only HTTP/2 has: streams that are reset while their connection goes on, and connections that are to end with their
//! last stream.

use detached::Cause;
use detached_tests_requests::frames::{Frames, Said};
use detached_tests_requests::rows::Row;
use detached_tests_requests::site::{Server, Site};
use http::Version;

const SERVERS: [Server; 2] = [Server::Axum, Server::Hyper];

fn rows<const N: usize>(ends: [(u32, i64, Cause); N]) -> [Row; N] {
    ends.map(|(stream, user, cause)| Row::new(&format!("r-{stream}"), user, cause))
}

#[tokio::test]
async fn a_stream_reset_in_its_handler_ends_no_other() {
    for server in SERVERS {
        let mut site = Site::open(server, Version::HTTP_2).await;
        let mut client = Frames::connect(site.address).await;
        client.get(1, "/slow", 7).await;
        let one = site.begun().await;
        client.get(3, "/slow", 8).await;
        let other = site.begun().await;
        client.reset(1).await;
        one.ends(Cause::Disconnected).await;
        other.goes_on();
        site.step();
        assert_eq!(client.text_of(3).await, "at last");
        other.ends(Cause::Completed).await;
        drop(client);
        site.close(&rows([(1, 7, Cause::Disconnected), (3, 8, Cause::Completed)])).await;
    }
}

#[tokio::test]
async fn a_stream_reset_in_its_body_ends_no_other() {
    for server in SERVERS {
        for path in ["/chunks", "/file"] {
            let mut site = Site::open(server, Version::HTTP_2).await;
            let mut client = Frames::connect(site.address).await;
            client.get(1, path, 7).await;
            let begun = site.begun().await;
            assert_eq!(client.said().await, Said::Head { stream: 1, ended: false });
            site.step();
            assert_eq!(client.said().await, Said::Data { stream: 1, text: "user 7\n".into(), ended: false });
            begun.goes_on();
            client.reset(1).await;
            begun.ends(Cause::Disconnected).await;
            client.get(3, "/page", 8).await;
            assert_eq!(client.text_of(3).await, "the prices");
            site.begun().await.ends(Cause::Completed).await;
            drop(client);
            site.close(&rows([(1, 7, Cause::Disconnected), (3, 8, Cause::Completed)])).await;
        }
    }
}

#[tokio::test]
async fn a_reset_after_the_answer_changes_nothing() {
    for server in SERVERS {
        let mut site = Site::open(server, Version::HTTP_2).await;
        let mut client = Frames::connect(site.address).await;
        client.get(1, "/page", 7).await;
        assert_eq!(client.text_of(1).await, "the prices");
        client.reset(1).await;
        site.begun().await.ends(Cause::Completed).await;
        drop(client);
        site.close(&rows([(1, 7, Cause::Completed)])).await;
    }
}

#[tokio::test]
async fn a_connection_that_breaks_ends_all_its_streams() {
    for server in SERVERS {
        let mut site = Site::open(server, Version::HTTP_2).await;
        let mut client = Frames::connect(site.address).await;
        client.get(1, "/slow", 7).await;
        let one = site.begun().await;
        client.get(3, "/chunks", 8).await;
        let other = site.begun().await;
        drop(client);
        one.ends(Cause::Disconnected).await;
        other.ends(Cause::Disconnected).await;
        site.close(&rows([(1, 7, Cause::Disconnected), (3, 8, Cause::Disconnected)])).await;
    }
}

#[tokio::test]
async fn a_client_that_goes_away_in_good_order_still_has_its_answer() {
    const NO_ERROR: u32 = 0;
    const ENHANCE_YOUR_CALM: u32 = 11;
    for (server, error) in SERVERS.into_iter().flat_map(|server| [NO_ERROR, ENHANCE_YOUR_CALM].map(|it| (server, it))) {
        let mut site = Site::open(server, Version::HTTP_2).await;
        let mut client = Frames::connect(site.address).await;
        client.get(1, "/chunks", 7).await;
        let begun = site.begun().await;
        client.go_away(error).await;
        for _ in 0..2 {
            begun.goes_on();
            site.step();
        }
        begun.goes_on();
        site.step();
        assert_eq!(client.text_of(1).await, "user 7\nuser 7\n");
        begun.ends(Cause::Completed).await;
        // That was the last stream.
        while client.said().await != Said::Closed {}
        site.close(&rows([(1, 7, Cause::Completed)])).await;
    }
}

#[tokio::test]
async fn a_server_that_stops_says_so_and_lets_open_streams_end() {
    for server in SERVERS {
        let mut site = Site::open(server, Version::HTTP_2).await;
        let mut client = Frames::connect(site.address).await;
        client.get(1, "/slow", 7).await;
        let one = site.begun().await;
        client.get(3, "/chunks", 8).await;
        let other = site.begun().await;
        site.stop();
        while client.said().await != Said::GoAway {}
        one.goes_on();
        other.goes_on();
        // One is dropped by its client, as ever; the other is answered.
        client.reset(1).await;
        one.ends(Cause::Disconnected).await;
        for _ in 0..3 {
            site.step();
        }
        assert_eq!(client.text_of(3).await, "user 8\nuser 8\n");
        other.ends(Cause::Completed).await;
        while client.said().await != Said::Closed {}
        site.close(&rows([(1, 7, Cause::Disconnected), (3, 8, Cause::Completed)])).await;
    }
}
