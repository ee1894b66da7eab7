//! The gateway by HTTP: the original's REST calls under `/v4/`, so that an IM backend can be pointed here
//! instead of there, and a plain REST under `/v1/` for what the original does in its client protocol.
//!
//! Only the push side of a call is done. **Messages are not stored**: of a message its key, its sender,
//! its group and the notification that was made of it are kept, as long as de-duplication, statistics and
//! explanations need them; never its body. There is no history, and no unread counter but the badge.
//!
//! The original's callers insist on `https` at the root of a host, so the two are served together, and
//! neither moves below a prefix.
//!
//! - [`usersig`]: who calls under `/v4/`.
//! - `im`: the original's calls, one table of them and a file for each kind.
//! - `own`: the plain REST, one table of routes, from which the OpenAPI at `/v1/openapi.json` is made too.

mod im;
mod limits;
mod lockout;
mod own;
mod settings;
mod sources;
pub mod usersig;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use omnipush::http::{StatusCode, header};
use serde_json::Value;

use crate::dispatch::Gateway;

pub use settings::{ApiKey, App, HttpSettings};
pub use sources::{Network, Peer};

/// The routes under `/v4/` and `/v1/`, for the service to mount at the root. Where apps name their sources, the
/// server must say who calls: see [`Peer`].
pub fn router(gateway: Gateway, settings: HttpSettings) -> Router {
    let settings = Arc::new(settings);
    im::router(gateway.clone(), Arc::clone(&settings)).merge(own::router(gateway, settings))
}

fn json_answer(status: StatusCode, kind: &'static str, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}
