//! A client of HTTP/1.1 that says what it is told to, byte by byte, and reads line by line.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

pub struct Lines(BufReader<TcpStream>);

/// A request's head, without the empty line that ends it.
pub fn head(method: &str, path: &str, user: i64, request: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nx-user: {user}\r\nx-request-id: {request}\r\n")
}

impl Lines {
    pub async fn connect(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    pub async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Says that nothing more is to come, and still reads.
    pub async fn close_half(&mut self) {
        self.0.get_mut().shutdown().await.unwrap();
    }

    /// The next line, without its end; `None` where the server has closed the connection.
    pub async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.0.read_line(&mut line).await.unwrap_or_default();
        (length > 0).then(|| line.trim_end().to_owned())
    }

    /// Reads up to a line.
    pub async fn read_to(&mut self, wanted: &str) {
        while self.line().await.unwrap_or_else(|| panic!("closed before `{wanted}`")) != wanted {}
    }

    /// An answer of known length: its status, and its body.
    pub async fn answer(&mut self) -> (String, String) {
        let status = self.line().await.expect("an answer");
        let mut length = 0;
        while let Some(line) = self.line().await.filter(|line| !line.is_empty()) {
            if let Some(told) = line.strip_prefix("content-length: ") {
                length = told.parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
        (status.replace("HTTP/1.1 ", ""), String::from_utf8(body).unwrap())
    }

    /// Reads until the server closes the connection; gives what else it said.
    pub async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        // A connection that was cut is closed, too.
        drop(self.0.read_to_end(&mut rest).await);
        String::from_utf8(rest).unwrap()
    }
}
