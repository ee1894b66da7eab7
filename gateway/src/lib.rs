//! The offline-push service of an IM system, as a library to embed; and the `omnipush` command.
//!
//! A message comes in, each device of each recipient is judged, and what is due goes out through
//! the device's own vendor:
//!
//! ```text
//! Message ──▶ judge each device ──▶ group by certificate ──▶ outbox ──▶ worker ──▶ vendor
//!             (decide, pure)        and equal notification   (store,     (dispatch)    │
//!                                                             one transaction)         ▼
//!                                          registry ◀── dead and replaced tokens ── verdicts
//! ```
//!
//! - [`model`]: devices and their presence, messages, `OfflinePushInfo`, mutes, settings.
//! - [`rules`]: the original's rules, R1 to R80, as data.
//! - [`decide`](mod@decide): the decision, pure.
//! - [`certificates`]: numbered ways to vendors, exchanged while running; [`intent`] checks clicks.
//! - [`store`]: the registry, the records and the durable outbox, in SQL.
//! - [`dispatch`]: [`Gateway`](dispatch::Gateway), which ties them together, and the worker that sends.
//! - [`http`]: the original's REST calls, and a plain REST for what it has no calls for.
//! - [`webhook`]: what the backend is told, and what vendors report; [`explain`]: why a device rang or not.
//! - [`config`] and [`serve`]: all of it as a service, `omnipush serve`.

pub mod certificates;
pub mod cli;
pub mod config;
pub mod decide;
mod described;
pub mod dispatch;
pub mod explain;
pub mod http;
pub mod intent;
pub mod model;
pub mod rules;
pub mod serve;
pub mod store;
pub mod webhook;
