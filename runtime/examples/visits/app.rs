//! What handlers and middleware share.

use std::sync::Arc;

use crate::database::Db;
use crate::traffic::Traffic;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) traffic: Arc<Traffic>,
}
