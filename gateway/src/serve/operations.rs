//! What operators and their machines ask: does it live, can it work, what does it count.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Deserialize;
use tokio::sync::watch;

use super::metrics;
use crate::dispatch::Gateway;
use crate::explain::explain;

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

    /// What only operators may see, for an address of its own.
    pub(super) fn inner_routes(self) -> Router {
        Router::new().route("/v1/messages/{id}/explain", get(explained)).with_state(self)
    }
}

#[derive(Deserialize)]
struct Of {
    /// Only this account's devices.
    account: Option<String>,
}

async fn explained(State(this): State<Operations>, Path(id): Path<String>, Query(of): Query<Of>) -> Response {
    match explain(this.gateway.store(), &id, of.account.as_deref()).await {
        Ok(Some(found)) => Json(found).into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, "no such message, or it is forgotten by now\n").into_response(),
        Err(error) => {
            tracing::error!(%error, "a message cannot be explained");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
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
