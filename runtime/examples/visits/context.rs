//! A context for each request: who asks, and whether the answer is still wanted.

use std::sync::Arc;

use detached::Context;
use detached::tower::ContextLayer;

use crate::traffic::Traffic;
use crate::user::USER_ID;

/// The header that says who asks. A real server would take it from a session.
pub(crate) const USER_HEADER: &str = "x-user-id";

/// What runs inside of the request finds its context with `Context::current()`.
///
/// The layer reads the header, puts the context around handler and answer, and ends it with the cause that fits. By hand
/// that was a middleware that did each of these, and a guard whose drop noticed the disconnect: some thirty lines, and they
/// ended the context with the head of the answer, whatever was still to be sent.
pub(crate) fn for_each_request(traffic: Arc<Traffic>) -> ContextLayer {
    ContextLayer::new().header(USER_HEADER, USER_ID).fill(move |context: Context, _| {
        traffic.note_arrival(&context);
        context
    })
}
