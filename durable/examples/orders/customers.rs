//! The customers, over real sockets.

use std::net::SocketAddr;

use tokio::io::{self, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// So many orders, a few at a time. How many were refused.
pub(crate) async fn order(shop: SocketAddr, orders: i64) -> io::Result<i64> {
    const AT_ONCE: u8 = 10;
    let mut customers = JoinSet::new();
    for first in 1..=AT_ONCE {
        customers.spawn(async move {
            let mut refused = 0;
            for order in (i64::from(first)..=orders).step_by(AT_ONCE.into()) {
                refused += i64::from(order_one(shop, order).await?.contains("402 Payment Required"));
            }
            io::Result::Ok(refused)
        });
    }
    customers.join_all().await.into_iter().sum()
}

/// The answer.
async fn order_one(shop: SocketAddr, order: i64) -> io::Result<String> {
    let request = format!(
        "POST /orders/{order} HTTP/1.1\r\nhost: shop\r\nx-customer: customer-{order}\r\nconnection: close\r\n\r\n"
    );
    let mut connection = TcpStream::connect(shop).await?;
    connection.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await?;
    let answered = answer.contains("201 Created") || answer.contains("402 Payment Required");
    if answered { Ok(answer) } else { Err(io::Error::other(answer)) }
}
