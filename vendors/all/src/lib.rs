//! omnipush: push notifications to every phone maker's own channel.
//!
//! This crate gathers the core and the vendors. Each vendor is a feature and a module; all are on
//! by default. A service that needs few vendors turns the default off and names them:
//!
//! ```toml
//! omnipush = { version = "0.1", default-features = false, features = ["fcm", "vivo"] }
//! ```
//!
//! Build a vendor from its own `Config`, or from an entry of a configuration file
//! ([`config::read`]), and hand it to a [`Client`]:
//!
//! ```
//! # #[cfg(feature = "vivo")]
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use omnipush::{Client, Notification, Secret, Target, vivo};
//!
//! let config = vivo::Config::new(100_004, Secret::new("app key"), Secret::new("app secret"));
//! let client = Client::new(vivo::Vivo::new(config)?)?;
//! let report = client.send(&Notification::new("你好", "Your table is ready"), Target::from("regId")).await?;
//! println!("{} accepted", report.accepted());
//! # Ok(())
//! # }
//! ```

pub mod config;
mod registry;

pub use omnipush_core::*;
pub use registry::*;

/// The README's examples compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
