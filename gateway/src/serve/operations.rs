//! What operators and their machines ask: does it live, can it work, what does it count.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

use super::metrics;
use crate::dispatch::Gateway;

/// What the answers are made from.
#[derive(Clone)]
pub(super) struct Operations {
    gateway: Gateway,
    prometheus: PrometheusHandle,
    stopped: watch::Receiver<bool>,
}

impl Operations {
    pub(super) fn new(gateway: Gateway, prometheus: PrometheusHandle, stopped: watch::Receiver<bool>) -> Self {
        Self { gateway, prometheus, stopped }
    }

    pub(super) fn routes(self) -> Router {
        Router::new()
            // The process answers: that is all that is asked.
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(ready))
            .route("/metrics", get(counted))
            .with_state(self)
    }
}

/// Whether new messages can be taken in: the database answers, and the service is not stopping.
async fn ready(State(this): State<Operations>) -> Response {
    let stopping = *this.stopped.borrow();
    match this.gateway.store().ping().await {
        Ok(()) if stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response(),
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

async fn counted(State(this): State<Operations>) -> Response {
    match metrics::render(&this.prometheus, &this.gateway).await {
        Ok(text) => ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "no metrics");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}
