//! What Prometheus reads at `/metrics`: the engine's meters, and the gateway's own.

use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::time::Instant;

use crate::dispatch::Gateway;
use crate::store::StoreError;

/// The upper bounds of what is measured in seconds.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// How often measurements are gathered, so that none pile up where nobody asks.
const GATHER: Duration = Duration::from_secs(5);

/// Starts to count. Comes before any client is built.
pub(super) fn start() -> Result<PrometheusHandle, String> {
    let builder = PrometheusBuilder::new().set_buckets(SECONDS).map_err(|error| error.to_string())?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|error| error.to_string())?;
    let gathering = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(GATHER).await;
            gathering.run_upkeep();
        }
    });
    Ok(handle)
}

/// The text for Prometheus.
pub(super) async fn render(handle: &PrometheusHandle, gateway: &Gateway) -> Result<String, StoreError> {
    let (waiting, sending) = gateway.store().outbox_depth().await?;
    gauge!("omnipush_outbox_parcels", "state" => "waiting").set(small(waiting));
    gauge!("omnipush_outbox_parcels", "state" => "sending").set(small(sending));
    gauge!("omnipush_webhook_events_waiting").set(small(gateway.store().events_waiting().await?));
    Ok(handle.render())
}

fn small(number: u64) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}

/// Counts each call by its route, never by its address, which holds names and secrets.
pub(super) async fn count(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("none", |path| path.as_str()).to_owned();
    let answer = next.run(request).await;
    let status = answer.status().as_u16().to_string();
    counter!("omnipush_http_requests_total", "route" => route.clone(), "status" => status).increment(1);
    histogram!("omnipush_http_request_seconds", "route" => route).record(began.elapsed());
    answer
}
