//! Push certificates: numbered, one vendor and app each, from a TOML file, exchanged while running.
//!
//! ```toml
//! [[certificate]]
//! id = 20001                       # the businessID that clients give with their tokens
//! vendor = "xiaomi"
//! click = { intent = "intent://com.example/detail#Intent;scheme=app;component=com.example/com.example.Chat;end" }
//! channel = "high_system"          # where the message names none
//!
//! [certificate.app]                # the app at the vendor, as in the `[[vendor]]` of `omnipush send`
//! package_name = "com.example"
//! app_secret = { env = "XIAOMI_SECRET" }
//! ```

mod click;
mod file;
mod manifest;
mod trial;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use omnipush::transport::standard;
use omnipush::{Client, Overflow, Push, PushVendor, Settings as Engine, TransportOptions};

use crate::model::FcmMode;

pub use click::InvalidClick;
pub use file::{CertificateError, Entry, read};
pub use manifest::{NoManifest, manifest};
pub use trial::{Trial, try_out};

/// A certificate as far as decisions go: plain data, no secret in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// The number that clients name it by (`businessID`), 1 or more.
    pub id: u32,
    /// The vendor's id, such as `xiaomi`.
    pub vendor: String,
    /// Whether it is in use. A switched-off one counts as none (R19).
    pub enabled: bool,
    /// What a tap does (R71), in the vendor's own form.
    pub click: omnipush::Click,
    /// The channel of messages that name none (R70).
    pub channel: Option<String>,
    /// The category of messages that name none (R70).
    pub category: Option<String>,
    /// FCM: who shows the notification (R69).
    pub fcm_mode: FcmMode,
    /// Apple: whether the service extension sees every notification first.
    pub mutable_content: bool,
    /// Xiaomi and others: the app's package, where the vendor's settings have one.
    pub package: Option<String>,
}

impl Certificate {
    /// An enabled certificate that opens the app.
    pub fn new(id: u32, vendor: impl Into<String>) -> Self {
        Self {
            id,
            vendor: vendor.into(),
            enabled: true,
            click: omnipush::Click::App,
            channel: None,
            category: None,
            fcm_mode: FcmMode::Notification,
            mutable_content: false,
            package: None,
        }
    }

    /// The number that the original has for its vendor (`PushPlatform`); 0: none of them.
    pub fn platform_code(&self) -> u8 {
        platform_code(&self.vendor)
    }
}

/// The number that the original has for a vendor (`PushPlatform`); 0: none of them.
pub fn platform_code(vendor: &str) -> u8 {
    match vendor {
        "apns" => 1,
        "xiaomi" => 2,
        "huawei" => 3,
        "fcm" => 4,
        "meizu" => 5,
        "oppo" => 6,
        "vivo" => 7,
        "honor" => 8,
        _ => 0,
    }
}

/// A certificate together with the client that sends through it.
pub struct Channel {
    /// The certificate.
    pub certificate: Certificate,
    /// The way to the vendor.
    pub push: Arc<dyn Push>,
    /// What the entry said, to see whether a reload changed it.
    fingerprint: u64,
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl Channel {
    /// A channel over any client, such as a test's own.
    pub fn new(certificate: Certificate, push: Arc<dyn Push>) -> Self {
        Self { certificate, push, fingerprint: 0 }
    }
}

/// The certificates in use at one moment, by number.
pub type Channels = BTreeMap<u32, Arc<Channel>>;

/// How clients are made of vendors; a test brings its own.
pub type Connect = dyn Fn(Arc<dyn PushVendor>) -> Result<Arc<dyn Push>, omnipush::ConfigError> + Send + Sync;

/// The real way: over the network, over-long texts cut rather than refused (R51).
///
/// # Errors
/// When the transport cannot be built, such as for a wrong client certificate.
pub fn connect(vendor: Arc<dyn PushVendor>) -> Result<Arc<dyn Push>, omnipush::ConfigError> {
    connect_with(vendor, engine(), TransportOptions::default())
}

/// As [`connect`], with other knobs.
///
/// # Errors
/// As [`connect`].
pub fn connect_with(
    vendor: Arc<dyn PushVendor>,
    engine: Engine,
    options: TransportOptions,
) -> Result<Arc<dyn Push>, omnipush::ConfigError> {
    let transport = standard(vendor.as_ref(), options)?;
    Ok(Arc::new(Client::builder(vendor, transport).settings(engine).build()))
}

/// The engine's settings for chat pushes.
pub fn engine() -> Engine {
    let mut engine = Engine::default();
    engine.overflow = Overflow::Truncate;
    engine
}

/// The certificates, exchanged as a whole while sends go on.
///
/// A send keeps the channel it began with, so that a reload drops none; an entry that a reload did
/// not change keeps its client, with its tokens, limits and connections.
pub struct Certificates {
    path: Option<PathBuf>,
    connect: Box<Connect>,
    current: RwLock<Arc<Channels>>,
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificates").field("channels", &self.all()).finish_non_exhaustive()
    }
}

/// What a reload did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reloaded {
    /// Numbers that are new.
    pub added: Vec<u32>,
    /// Numbers whose entry differs.
    pub changed: Vec<u32>,
    /// Numbers that are gone.
    pub removed: Vec<u32>,
}

impl Certificates {
    /// Reads them from a file.
    ///
    /// # Errors
    /// Names the file, the line and what is wrong with the entry there. Values are not shown.
    pub fn open(path: &Path) -> Result<Self, CertificateError> {
        Self::open_with(path, connect)
    }

    /// As [`open`](Self::open), with another way to make clients.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(
        path: &Path,
        connect: impl Fn(Arc<dyn PushVendor>) -> Result<Arc<dyn Push>, omnipush::ConfigError> + Send + Sync + 'static,
    ) -> Result<Self, CertificateError> {
        let this =
            Self { path: Some(path.to_owned()), connect: Box::new(connect), current: RwLock::new(Arc::default()) };
        this.reload()?;
        Ok(this)
    }

    /// Of channels made elsewhere; a reload changes nothing.
    pub fn of(channels: impl IntoIterator<Item = Channel>) -> Self {
        let channels: Channels = channels.into_iter().map(|c| (c.certificate.id, Arc::new(c))).collect();
        Self { path: None, connect: Box::new(connect), current: RwLock::new(Arc::new(channels)) }
    }

    /// The certificates of this moment.
    pub fn all(&self) -> Arc<Channels> {
        Arc::clone(&self.current.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Reads the file again. What is wrong leaves everything as it was.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn reload(&self) -> Result<Reloaded, CertificateError> {
        let Some(path) = &self.path else { return Ok(Reloaded::default()) };
        let entries = read(path)?;
        let (before, mut after, mut done) = (self.all(), Channels::new(), Reloaded::default());
        for entry in entries {
            let id = entry.certificate.id;
            let channel = match before.get(&id) {
                Some(channel) if channel.fingerprint == entry.fingerprint => Arc::clone(channel),
                old => {
                    if old.is_some() { &mut done.changed } else { &mut done.added }.push(id);
                    let push = (self.connect)(entry.vendor).map_err(|error| entry.place.error(error))?;
                    Arc::new(Channel { certificate: entry.certificate, push, fingerprint: entry.fingerprint })
                }
            };
            after.insert(id, channel);
        }
        done.removed = before.keys().filter(|id| !after.contains_key(id)).copied().collect();
        *self.current.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(after);
        Ok(done)
    }
}
