//! A client of HTTP/2 that says what it is told to, frame by frame (RFC 9113): no library for clients sends a `GOAWAY`, or
//! a reset, at a moment of the test's.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

const CANCEL: u32 = 8;

pub struct Frames(TcpStream);

/// What the server said that a test may wait for.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    Head {
        stream: u32,
        ended: bool,
    },
    Data {
        stream: u32,
        text: String,
        ended: bool,
    },
    Reset {
        stream: u32,
    },
    GoAway,
    /// The connection is closed.
    Closed,
}

impl Frames {
    pub async fn connect(address: SocketAddr) -> Self {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        let mut this = Self(socket);
        this.send(SETTINGS, 0, 0, &[]).await;
        this
    }

    async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let [_, length @ ..] = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let frame = [&length[..], &[kind, flags], &stream.to_be_bytes(), payload].concat();
        self.0.write_all(&frame).await.unwrap();
    }

    /// Asks for a page, for a user, under an id of `r-` and the stream's number.
    pub async fn get(&mut self, stream: u32, path: &str, user: u32) {
        // `GET` and `http` of the static table, the others spelled out.
        let mut block = vec![0x82, 0x86];
        let spelled = |block: &mut Vec<u8>, name: &[u8], value: &str| {
            block.extend_from_slice(name);
            block.push(u8::try_from(value.len()).unwrap());
            block.extend_from_slice(value.as_bytes());
        };
        spelled(&mut block, &[0x04], path);
        spelled(&mut block, &[0x01], "localhost");
        spelled(&mut block, b"\x00\x06x-user", &user.to_string());
        spelled(&mut block, b"\x00\x0cx-request-id", &format!("r-{stream}"));
        self.send(HEADERS, END_STREAM | END_HEADERS, stream, &block).await;
    }

    /// Wants no more of that stream.
    pub async fn reset(&mut self, stream: u32) {
        self.send(RST_STREAM, 0, stream, &CANCEL.to_be_bytes()).await;
    }

    /// Opens no more streams, and takes none from the server; those that are open go on.
    pub async fn go_away(&mut self, error: u32) {
        self.send(GOAWAY, 0, 0, &[0_u32.to_be_bytes(), error.to_be_bytes()].concat()).await;
    }

    /// The next that is of interest; all else is answered as is due.
    pub async fn said(&mut self) -> Said {
        loop {
            let mut head = [0; 9];
            if self.0.read_exact(&mut head).await.is_err() {
                return Said::Closed;
            }
            let [high, middle, low, kind, flags, stream @ ..] = head;
            let mut payload = vec![0; u32::from_be_bytes([0, high, middle, low]) as usize];
            self.0.read_exact(&mut payload).await.unwrap();
            let (stream, ended) = (u32::from_be_bytes(stream), flags & END_STREAM != 0);
            match kind {
                HEADERS => return Said::Head { stream, ended },
                DATA => return Said::Data { stream, text: String::from_utf8(payload).unwrap(), ended },
                RST_STREAM => return Said::Reset { stream },
                GOAWAY => return Said::GoAway,
                SETTINGS | PING if flags & ACK == 0 => {
                    let echoed = if kind == PING { &payload[..] } else { &[] };
                    self.send(kind, ACK, 0, echoed).await;
                }
                _ => {}
            }
        }
    }

    /// What is said up to the end of a stream, as text.
    pub async fn text_of(&mut self, wanted: u32) -> String {
        let mut whole = String::new();
        loop {
            match self.said().await {
                Said::Data { stream, text, ended } if stream == wanted => {
                    whole.push_str(&text);
                    if ended {
                        return whole;
                    }
                }
                Said::Head { stream, ended } if stream == wanted && ended => return whole,
                end @ (Said::Reset { .. } | Said::Closed) => panic!("{end:?} before the stream's end"),
                _ => {}
            }
        }
    }
}
