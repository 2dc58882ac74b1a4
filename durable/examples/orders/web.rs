//! The web server: an order is stored with its mail, or not at all.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use detached::durable::{StoreError, StoreIn};
use detached::tower::ContextLayer;
use tokio::net::TcpListener;

use crate::mail::{CUSTOMER, send_receipt};
use crate::shop::{Shop, either};

/// Serves as long as the program lives.
pub(crate) async fn serve(shop: Shop) -> std::io::Result<SocketAddr> {
    let app = Router::new()
        .route("/orders/{order}", post(order))
        .layer(ContextLayer::new().header("x-customer", CUSTOMER))
        .with_state(shop);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async { axum::serve(listener, app).await });
    Ok(address)
}

async fn order(State(shop): State<Shop>, Path(order): Path<i64>) -> Result<StatusCode, (StatusCode, String)> {
    const ORDER: &str = "INSERT INTO orders VALUES ($1, $2)";
    let stored = either!(shop, pool => async {
        let mut transaction = pool.begin().await.map_err(StoreError::unavailable)?;
        let row = sqlx::query(ORDER).bind(order).bind(CUSTOMER.get());
        row.execute(&mut *transaction).await.map_err(StoreError::unavailable)?;
        stored_mail(order, &mut transaction).await?;
        // Some cards are refused. What was stored in the transaction goes with it.
        if order % 10 == 0 {
            return Ok(StatusCode::PAYMENT_REQUIRED);
        }
        transaction.commit().await.map_err(StoreError::unavailable)?;
        Ok::<_, StoreError>(StatusCode::CREATED)
    }
    .await);
    stored.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()))
}

/// At most one mail for an order, however often it is asked for.
async fn stored_mail<S, T: StoreIn<S> + Send>(order: i64, transaction: &mut T) -> Result<(), StoreError> {
    send_receipt(order).key(format!("receipt-{order}")).store_in(transaction).await.map(drop)
}
