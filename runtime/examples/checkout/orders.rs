//! The handler of an order: charge, write down, confirm.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use detached::{Context, Key, TaskError};

use crate::mail::send_receipt;
use crate::payments::{PaymentError, charge};
use crate::server::Shop;

pub(crate) static USER_ID: Key<u32> = Key::new("user_id");
static ORDER: Key<u32> = Key::new("order");

/// What every task for an order knows of it.
pub(crate) static ORDERING: (Key<u32>, Key<u32>) = (USER_ID, ORDER);

/// `POST /orders/{order}/{card}`. The shield has it run to its end, whoever leaves: else a customer who closes the socket
/// between the charge and the row would have paid for nothing.
pub(crate) async fn place(
    State(shop): State<Shop>,
    Path((order, card)): Path<(u32, String)>,
) -> Result<String, Refused> {
    Context::current().insert(ORDER, order);
    let user = USER_ID.try_get().map_err(|_| Refused(StatusCode::UNAUTHORIZED))?;

    let receipt = charge(&shop.payments, order, &card).await??;
    shop.db.insert_order(order, user, &receipt).await?;
    send_receipt(&shop.mailer, &receipt); // nobody waits for a mail
    Ok(receipt)
}

pub(crate) struct Refused(StatusCode);

/// What befell the task. It has its own line in the log.
impl From<TaskError> for Refused {
    fn from(error: TaskError) -> Self {
        Self(match error {
            TaskError::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            TaskError::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
            TaskError::Cancelled(_) | TaskError::Rejected(_) => StatusCode::SERVICE_UNAVAILABLE,
        })
    }
}

/// What the function returned.
impl From<PaymentError> for Refused {
    fn from(error: PaymentError) -> Self {
        Self(match error {
            PaymentError::Declined => StatusCode::PAYMENT_REQUIRED,
            PaymentError::Unavailable => StatusCode::BAD_GATEWAY,
        })
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!("cannot write an order down: {error}");
        Self(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}
