//! The settings of one Firebase project.

use omnipush_core::Secret;
use serde::{Deserialize, Serialize};

/// The settings of one Firebase project.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The key file of a service account that may send messages.
    pub service_account: ServiceAccount,
    /// The project to send for: its id, or its number. Default: the one in the key file.
    pub project_id: Option<String>,
    /// The platforms that the project's apps run on. A notification gets a block for each of
    /// them, as a token does not tell its platform. Default: all.
    #[serde(default = "Platform::all")]
    pub platforms: Vec<Platform>,
    /// What targets are. Default: registration tokens.
    #[serde(default)]
    pub address: Address,
    /// The key in `data` under which apps find the URL to open on a tap, as FCM itself opens
    /// URLs in browsers only. Default: none, and such clicks are lost in apps.
    pub click_key: Option<String>,
    /// The key in `data` under which apps find the notification's id, by which they can drop
    /// what comes twice. Default: none, and ids are lost.
    pub id_key: Option<String>,
    /// Another server, such as a fake. Default `https://fcm.googleapis.com`.
    pub endpoint: Option<String>,
    /// The host of batches of topic subscriptions, token information and imports. Default
    /// `https://iid.googleapis.com`, but with another `endpoint` the same as that.
    pub iid_endpoint: Option<String>,
    /// The host of statistics. Default `https://fcmdata.googleapis.com`, but with another
    /// `endpoint` the same as that.
    pub data_endpoint: Option<String>,
}

impl Config {
    /// The least that is needed: the text of the key file.
    pub fn new(key_file: Secret) -> Self {
        Self {
            service_account: ServiceAccount::Text(key_file),
            project_id: None,
            platforms: Platform::all(),
            address: Address::Token,
            click_key: None,
            id_key: None,
            endpoint: None,
            iid_endpoint: None,
            data_endpoint: None,
        }
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.host(None, "https://fcm.googleapis.com")
    }

    pub(crate) fn iid_endpoint(&self) -> &str {
        self.host(self.iid_endpoint.as_ref(), "https://iid.googleapis.com")
    }

    pub(crate) fn data_endpoint(&self) -> &str {
        self.host(self.data_endpoint.as_ref(), "https://fcmdata.googleapis.com")
    }

    fn host<'a>(&'a self, own: Option<&'a String>, official: &'a str) -> &'a str {
        own.or(self.endpoint.as_ref()).map_or(official, |url| url.trim_end_matches('/'))
    }
}

/// The key file of a service account, as the console hands it out.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum ServiceAccount {
    /// Its JSON text.
    Text(Secret),
    /// Its members.
    Members(Box<KeyFile>),
}

/// The members of a key file that are used; what is missing is reported when the adapter is
/// made. Others are ignored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct KeyFile {
    /// Always `service_account`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The project's id.
    pub project_id: Option<String>,
    /// The key's id. Google does without.
    pub private_key_id: Option<String>,
    /// The RSA key, as PEM in PKCS#8.
    pub private_key: Option<Secret>,
    /// The account's address.
    pub client_email: Option<String>,
    /// Where access tokens are asked for. Default `https://oauth2.googleapis.com/token`.
    pub token_uri: Option<String>,
}

/// A kind of receiver that has its own block in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// Android apps.
    Android,
    /// Apps on Apple devices, which FCM reaches through APNs.
    Apple,
    /// Browsers.
    Web,
}

impl Platform {
    /// Every platform.
    pub fn all() -> Vec<Self> {
        vec![Self::Android, Self::Apple, Self::Web]
    }
}

/// What targets are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// Registration tokens. While Google moves to installation ids it takes those here too.
    #[default]
    Token,
    /// Firebase installation ids (2026), which an app opts in to.
    Fid,
}
