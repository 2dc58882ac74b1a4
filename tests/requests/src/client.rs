//! A client of hyper's, over HTTP/1.1 or HTTP/2, on one connection that it can drop at any moment.

use std::net::{Shutdown, SocketAddr};

use axum::body::Bytes;
use http::{Method, Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::site::Site;

pub struct Client {
    sender: Sender,
    socket: std::net::TcpStream,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// A request of user 7, whose id is `r-1`.
pub fn request(method: Method, site: &Site, path: &str) -> Request<Full<Bytes>> {
    let uri = if method == Method::CONNECT {
        site.address.to_string()
    } else if site.version == Version::HTTP_2 {
        format!("http://{}{path}", site.address)
    } else {
        path.to_owned()
    };
    let request = Request::builder().method(method).uri(uri).header("x-user", "7").header("x-request-id", "r-1");
    let request = if site.version == Version::HTTP_2 { request } else { request.header("host", "localhost") };
    request.body(Full::default()).unwrap()
}

impl Client {
    pub async fn of(site: &Site) -> Self {
        Self::connect(site.address, site.version).await
    }

    pub async fn connect(address: SocketAddr, version: Version) -> Self {
        let socket = std::net::TcpStream::connect(address).unwrap();
        socket.set_nonblocking(true).unwrap();
        let io = TokioIo::new(TcpStream::from_std(socket.try_clone().unwrap()).unwrap());
        // How the connection ends is the server's to say, and the test's to know.
        let sender = if version == Version::HTTP_2 {
            let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
            tokio::spawn(async { drop(connection.await) });
            Sender::Http2(sender)
        } else {
            let (sender, connection) = http1::handshake(io).await.unwrap();
            tokio::spawn(async { drop(connection.with_upgrades().await) });
            Sender::Http1(sender)
        };
        Self { sender, socket }
    }

    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        match &mut self.sender {
            Sender::Http1(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
            Sender::Http2(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }

    /// Is gone, without a word, whatever of its requests is still held.
    pub fn leave(self) {
        // It fails where the server has closed it already.
        drop(self.socket.shutdown(Shutdown::Both));
    }
}

/// The next piece of the answer's body, as text.
pub async fn piece(answer: &mut Response<Incoming>) -> String {
    let frame = answer.frame().await.expect("there is more").expect("it comes");
    String::from_utf8(frame.into_data().expect("data").to_vec()).unwrap()
}

/// The whole body, as text.
pub async fn text(answer: Response<Incoming>) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
