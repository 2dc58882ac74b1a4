//! A context for each request: who asks, and whether the answer is still wanted.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use detached::{Cause, Context};

use crate::app::App;
use crate::traffic::Traffic;
use crate::user::{USER_ID, UserId};

/// The header that says who asks. A real server would take it from a session.
pub(crate) const USER_HEADER: &str = "x-user-id";

/// The middleware. What runs inside of the request finds its context with `Context::current()`.
pub(crate) async fn for_each_request(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, StatusCode> {
    let user = user_of(&request).ok_or(StatusCode::UNAUTHORIZED)?;
    let context = Context::new().with(USER_ID, user);

    app.traffic.announce_arrival(user);
    let _guard = DisconnectGuard { context: context.clone(), traffic: app.traffic };
    let response = context.scope(next.run(request)).await;
    context.cancel(Cause::Completed);
    Ok(response)
}

fn user_of(request: &Request) -> Option<UserId> {
    let header = request.headers().get(USER_HEADER)?;
    header.to_str().ok()?.parse().ok().map(UserId)
}

/// When a client disconnects, the server drops the handler's future wherever it waits. No code after that `.await` runs;
/// only a guard that was made before hears of it.
struct DisconnectGuard {
    context: Context,
    traffic: Arc<Traffic>,
}

impl Drop for DisconnectGuard {
    fn drop(&mut self) {
        if !self.context.is_cancelled() {
            self.context.cancel(Cause::Disconnected);
            self.traffic.count_disconnect();
        }
    }
}
