//! The core of omnipush: one notification model, one vendor trait, one engine.
//!
//! - [`Notification`], [`Target`], [`Audience`]: what to send and to whom, in no vendor's terms.
//! - [`PushVendor`]: what a contributor implements. A vendor is mostly two tables:
//!   [`table`] (its fields) and [`codes`] (its failures).
//! - [`Client`] and [`Push`]: what services call; [`engine`] says what happens then, in order.
//! - [`Verdict`], [`Refusal`], [`Class`]: what became of each target.

pub mod clock;
pub mod codes;
pub mod config;
pub mod engine;
pub mod error;
mod escape;
pub mod model;
mod named;
pub mod receipt;
pub mod secret;
pub mod sign;
pub mod table;
pub mod template;
pub mod transport;
pub mod vendor;
pub mod verdict;

pub use clock::{Clock, FixedClock, SystemClock};
pub use engine::{
    Client, ClientBuilder, MemoryTokenStore, Planned, Prepared, Purpose, Push, Report, SendError, Settings,
    StoredToken, TokenStore,
};
pub use error::{ConfigError, EncodeError, Fault, Problem, Unit};
pub use model::{
    ActionName, ActivityName, Audience, Badge, Click, CollapseKey, Data, Field, Fields, HttpUrl, IntentUri,
    InvalidValue, Kind, MessageId, Notification, Priority, ReceiptRequest, Sound, Tags, Target, Ttl,
};
pub use receipt::{Callback, CallbackError, Event, Proof, Reason, Receipt, ReceiptCode, Receipts};
pub use secret::Secret;
pub use template::{Escape, Slot, Template};
#[cfg(feature = "h2")]
pub use transport::H2Transport;
#[cfg(feature = "reqwest")]
pub use transport::ReqwestTransport;
#[cfg(any(feature = "h2", feature = "reqwest"))]
pub use transport::TransportOptions;
pub use transport::{Lost, Offline, Transport, Wire};
pub use vendor::{
    Answer, Call, Counts, Cut, Cx, Encoded, Found, Grant, Group, GroupKind, Http, Identity, Image, ImageSize, Item,
    Loss, Multipart, Now, Offer, Operation, OperationKind, Outcome, Overflow, Profile, PushVendor, Reply, Request, Set,
    Shape, Shapes, Signature, TokenRule, TokenStep, all_bytes,
};
pub use verdict::{Class, Pause, Refusal, Remedy, Scope, Verdict};

pub use bytes::Bytes;
pub use http;
#[cfg(any(feature = "h2", feature = "reqwest"))]
pub use rustls;
