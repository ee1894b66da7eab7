//! The gateway as a service: one process, one configuration file, one SQLite file.
//!
//! The end loses nothing: on SIGTERM or Ctrl-C no more connections are taken, calls under way are
//! answered, pushes under way are settled, and what waits is sent after the next start.

mod fakes;
mod listen;
mod lock;
mod logs;
mod metrics;
mod operations;
mod reload;
mod signals;
mod tls;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use omnipush::PushVendor;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::certificates::{self, Certificates};
use crate::config::{Config, FileError, Receipts};
use crate::dispatch::Gateway;
use crate::store::{Store, StoreError};
use crate::{http, webhook};

pub(crate) use fakes::Fakes;
pub(crate) use logs::rfc3339;

use listen::{Bounds, serve};
use operations::Operations;
use signals::{Asked, Signals};
use tls::{Tls, TlsListener};

/// Why the service did not start, or ended of itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] FileError),
    /// The database cannot be used.
    #[error("{path}: {error}")]
    Store {
        /// The database.
        path: String,
        /// Why.
        error: StoreError,
    },
    /// Something of the machine's: an address that is taken, a TLS file that cannot be read.
    #[error("{0}")]
    Machine(String),
}

fn machine(what: impl std::fmt::Display, error: impl std::fmt::Display) -> ServeError {
    ServeError::Machine(format!("{what}: {error}"))
}

/// Reads and checks a configuration, with all certificates and TLS files. Nothing is started.
///
/// # Errors
/// Names the file, the line and what is wrong there.
pub fn check(path: &Path) -> Result<(Config, Certificates), ServeError> {
    let config = Config::read(path)?;
    let certificates = Certificates::open(path)?;
    if let Some(files) = &config.serve.tls {
        Tls::open(files.clone()).map_err(ServeError::Machine)?;
    }
    Ok((config, certificates))
}

/// Runs the service until it is told to stop.
///
/// `with_fakes`: pushes go to embedded fakes of the vendors, and nothing leaves the machine.
///
/// # Errors
/// When it cannot start, or its worker fails.
pub async fn run(path: &Path, with_fakes: bool) -> Result<(), ServeError> {
    let config = Config::read(path)?;
    logs::start(&config.serve.log);
    if !with_fakes {
        for entry in config.http.published() {
            tracing::warn!(entry, "this key is for tests only: everybody can read it, and push with it");
        }
    }
    let mut signals = Signals::new().map_err(|error| machine("signals", error))?;
    let prometheus = metrics::start().map_err(|error| machine("metrics", error))?;
    let tls = config.serve.tls.clone().map(Tls::open).transpose().map_err(ServeError::Machine)?.map(Arc::new);
    let certificates = Certificates::open_with(path, connect(&config.receipts, with_fakes).await)?;
    let database = &config.serve.database;
    let _lock = lock::take(database).map_err(ServeError::Machine)?;
    let store = Store::open(database)
        .await
        .map_err(|error| ServeError::Store { path: database.display().to_string(), error })?;
    let mut builder = Gateway::builder(store, certificates).settings(config.settings.clone());
    if let Some(url) = &config.receipts.url {
        builder = builder.receipts(webhook::ReceiptsTo::new(url, config.receipts.secret.clone()));
    }
    if config.webhook.is_some() {
        builder = builder.witness(webhook::Teller);
    }
    let gateway = builder.build();
    let poster = config.webhook.clone().map(|webhook| webhook::Poster::new(gateway.clone(), webhook));
    let poster = poster.transpose().map_err(|error| machine("webhook", error))?;

    let bind = async |address| TcpListener::bind(address).await.map_err(|error| machine(address, error));
    let listener = bind(config.serve.listen).await?;
    let apart = match config.serve.operations {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let local = listener.local_addr().map_err(|error| machine(config.serve.listen, error))?;

    let bounds = Bounds::of(&config.serve);
    let (stop, stopped) = watch::channel(false);
    let operations = Operations::new(gateway.clone(), prometheus, stopped.clone());
    let mut router = http::router(gateway.clone(), config.http.clone()).merge(webhook::routes(gateway.clone()));
    match apart {
        Some(apart) => {
            tokio::spawn(serve(apart, operations.routes(), bounds, std::future::pending()));
        }
        None => router = router.merge(operations.routes()),
    }
    let router = router.layer(axum::middleware::from_fn(metrics::count));
    let mut server = match &tls {
        Some(tls) => {
            let listener = TlsListener::new(listener, Arc::clone(tls)).map_err(|error| machine(local, error))?;
            tokio::spawn(serve(listener, router, bounds, until(stopped.clone())))
        }
        None => tokio::spawn(serve(listener, router, bounds, until(stopped.clone()))),
    };
    let mut worker = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.run().await }
    });
    let poster = tokio::spawn({
        let stopped = stopped.clone();
        async move {
            if let Some(poster) = poster {
                poster.run(stopped).await;
            }
        }
    });
    let pruner = tokio::spawn(prune(gateway.clone(), config.serve.keep_days));
    let mut watched = reload::Watched::new(path, config.clone(), gateway.clone(), tls);
    let scheme = if config.serve.tls.is_some() { "https" } else { "http" };
    let count = gateway.certificates().all().len();
    tracing::info!(address = %format!("{scheme}://{local}"), certificates = count, fakes = with_fakes, "ready");

    loop {
        tokio::select! {
            asked = signals.next() => match asked {
                Asked::Stop => break,
                Asked::Reload => watched.reload(),
            },
            () = watched.changed() => watched.reload(),
            ended = &mut worker => return Err(ended_early("worker", ended, database)),
            _ = &mut server => return Err(machine("server", "ended of itself")),
        }
    }
    tracing::info!("stopping");
    stop.send_replace(true);
    pruner.abort();
    let limit = Duration::from_secs(u64::from(config.serve.drain_seconds));
    let drain = async {
        // First the calls, which may still accept messages; then the pushes, for which there must be
        // time even where a client hangs.
        let _ = tokio::time::timeout(limit / 2, &mut server).await;
        gateway.stop();
        let worked = worker.await;
        let _ = poster.await;
        worked
    };
    tokio::select! {
        drained = tokio::time::timeout(limit, drain) => match drained {
            Ok(Ok(Ok(()))) => {}
            Ok(ended) => return Err(ended_early("worker", ended, database)),
            Err(_) => tracing::warn!(limit_seconds = limit.as_secs(), "what is under way is left to the next start"),
        },
        () = signals.stop() => tracing::warn!("told to stop twice; what is under way is left to the next start"),
    }
    gateway.store().close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone is as good as one that says so.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

fn ended_early(
    who: &str,
    ended: Result<Result<(), StoreError>, tokio::task::JoinError>,
    database: &Path,
) -> ServeError {
    match ended {
        Ok(Ok(())) => machine(who, "ended of itself"),
        Ok(Err(error)) => ServeError::Store { path: database.display().to_string(), error },
        Err(error) => machine(who, error),
    }
}

/// How clients are made: to the vendors or to their fakes, with the secret that receipts must bring.
pub(crate) async fn connect(
    receipts: &Receipts,
    with_fakes: bool,
) -> impl Fn(Arc<dyn PushVendor>) -> Result<Arc<dyn omnipush::Push>, omnipush::ConfigError> + Send + Sync + 'static {
    let mut engine = certificates::engine();
    engine.receipt_secret = receipts.secret.clone();
    let fakes = if with_fakes { Some(Fakes::start().await) } else { None };
    move |vendor| match &fakes {
        Some(fakes) => fakes.connect(vendor.profile().id, &[], engine.clone()),
        None => certificates::connect_with(vendor, engine.clone(), omnipush::TransportOptions::default()),
    }
}

/// Forgets what is older than it is kept, once an hour.
async fn prune(gateway: Gateway, keep_days: u32) {
    let kept_ms = u64::from(keep_days) * 86_400_000;
    loop {
        let now_ms = gateway.now_ms();
        match gateway.store().forget(now_ms.saturating_sub(kept_ms), now_ms).await {
            Ok(0) => {}
            Ok(messages) => tracing::info!(messages, "forgot what is older than it is kept"),
            Err(error) => tracing::error!(%error, "old messages cannot be forgotten"),
        }
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
}
