//! The gateway by HTTP: the original's REST calls under `/v4/`, so that an IM backend can be pointed here
//! instead of there.
//!
//! Only the push side of a call is done. **Messages are not stored**: of a message its key, its sender,
//! its group and the notification that was made of it are kept, as long as de-duplication, statistics and
//! explanations need them; never its body. There is no history, and no unread counter but the badge.
//!
//! The original's callers insist on `https` at the root of a host, so they do not move below a
//! prefix.
//!
//! - [`usersig`]: who calls under `/v4/`.
//! - `im`: the original's calls, one table of them and a file for each kind.

mod im;
mod limits;
mod settings;
pub mod usersig;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use omnipush::http::{StatusCode, header};
use serde_json::Value;

use crate::dispatch::Gateway;

pub use settings::{App, HttpSettings};

/// The routes under `/v4/`, for the service to mount at the root.
pub fn router(gateway: Gateway, settings: HttpSettings) -> Router {
    im::router(gateway, Arc::new(settings))
}

fn json_answer(status: StatusCode, kind: &'static str, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}
