//! The customers: each makes one order, and every third one leaves while its card is being charged.

use std::net::SocketAddr;

use reqwest::{Client, Response, StatusCode};
use tokio::task::JoinSet;

use crate::payments::{EMPTY_CARD, Payments};
use crate::server::{Server, USER_HEADER};

pub(crate) const ORDERS: usize = 24;

#[derive(Clone)]
pub(crate) struct Customers {
    client: Client,
    address: SocketAddr,
    payments: Payments,
}

/// How the orders went, as the customers saw it.
#[derive(Default)]
pub(crate) struct Visits {
    /// Gone before the answer came.
    pub(crate) left: usize,
    pub(crate) declined: usize,
}

enum Visit {
    Left,
    Declined,
    Served,
}

impl Visit {
    fn of(answer: &Response) -> reqwest::Result<Self> {
        if answer.status() == StatusCode::PAYMENT_REQUIRED {
            return Ok(Self::Declined);
        }
        answer.error_for_status_ref().map(|_| Self::Served)
    }
}

impl Customers {
    pub(crate) fn of(server: &Server) -> reqwest::Result<Self> {
        // A socket for each request: to abandon one request closes the socket of that one only.
        let client = Client::builder().pool_max_idle_per_host(0).build()?;
        Ok(Self { client, address: server.address, payments: server.shop.payments.clone() })
    }

    /// All order at once.
    pub(crate) async fn order_all(self) -> reqwest::Result<Visits> {
        let orders = (0..).take(ORDERS).map(|order| self.clone().order(order));
        let mut visits = Visits::default();
        for visit in orders.collect::<JoinSet<_>>().join_all().await {
            match visit? {
                Visit::Left => visits.left += 1,
                Visit::Declined => visits.declined += 1,
                Visit::Served => {}
            }
        }
        Ok(visits)
    }

    async fn order(self, order: u32) -> reqwest::Result<Visit> {
        // Two cards, of customers who wait for their answer.
        let card = if order % 12 == 5 { EMPTY_CARD } else { "full" };
        let user = 100 + order;
        let request = self.client.post(format!("http://{}/orders/{order}/{card}", self.address));
        let answer = async { Visit::of(&request.header(USER_HEADER, user).send().await?) };
        if order % 3 != 0 {
            return answer.await;
        }
        tokio::select! {
            visit = answer => visit,
            // The request is dropped here, and with it its socket closes.
            () = self.payments.begun(order) => Ok(Visit::Left),
        }
    }

    /// Follows the feed until it ends. Gives the number of its events.
    pub(crate) async fn watch_feed(self) -> reqwest::Result<usize> {
        let mut answer = self.client.get(format!("http://{}/feed", self.address)).send().await?;
        let mut text = String::new();
        while let Some(piece) = answer.chunk().await? {
            text.push_str(&String::from_utf8_lossy(&piece));
        }
        Ok(text.matches("data:").count())
    }
}
