//! Strict fakes of the push vendors, and the one suite that every omnipush adapter passes.
//!
//! - [`fake`]: what a fake is, and the world that a test bends.
//! - [`fakes`]: one module per vendor, each written from the vendor's documentation and never
//!   from the adapter's tables, so that two readings of the same facts check each other.
//! - [`direct`]: reaches a fake without a network.
//! - `emulator` (a feature): the fakes as local servers for senders in any language.
//! - [`host`]: puts a fake behind a real HTTP server (wiremock).
//! - [`multipart`]: reads uploads.
//! - [`raw`]: a line to a fake that can be cut.
//! - [`suite`]: the behaviours, and the harness that runs them.

pub mod direct;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod fake;
pub mod fakes;
pub mod host;
pub mod jwt;
pub mod multipart;
pub mod raw;
mod serve;
pub mod suite;

pub use direct::Direct;
pub use fake::{Answer, At, Call, Delivered, DocumentedCode, Fake, Purpose, TargetState, TokenState, Trouble, World};
pub use host::Host;
