//! A handler stays what it is beside the error, so that the router takes it.

use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use detached::background;

#[background(timeout = "5s")]
async fn show(State(db): State<String>, Path(id): Path<u64>) -> String {
    format!("{db} {id}")
}

#[background(timeout = "5s")]
async fn health() -> impl IntoResponse {
    "well"
}

#[background(timeout = "5s")]
async fn save(user: axum::extract::Extension<u64>, row: String) -> Result<&'static str, String> {
    Err(format!("{} {row}", user.0))
}

#[background(timeout = "5s")]
async fn extension(Extension(user): Extension<u64>) {
    let _ = user;
}

mod actix_web {
    pub mod web {
        pub struct Path<T>(pub T);
    }
}

#[background(timeout = "5s")]
async fn by_another_framework(id: actix_web::web::Path<u64>) -> String {
    id.0.to_string()
}

fn main() {
    let router = Router::new().route("/{id}", get(show)).route("/health", get(health));
    let _: Router = router.route("/save", post(save)).route("/user", get(extension)).with_state(String::new());
}
