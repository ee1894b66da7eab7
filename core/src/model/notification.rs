//! The notification: one form for all vendors, plain data, ready to travel through a queue.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::field::{Field, Fields};
use super::values::{ActionName, ActivityName, CollapseKey, HttpUrl, IntentUri, InvalidValue, MessageId, Ttl};

/// One notification, in no vendor's terms.
///
/// Every field is optional. `None` means: the vendor's default. What a vendor cannot carry is
/// reported as a loss before anything is sent; each vendor crate's documentation has the table.
///
/// ```
/// use omnipush_core::{Click, HttpUrl, Notification, Ttl};
///
/// # fn main() -> Result<(), omnipush_core::InvalidValue> {
/// let mut order = Notification::new("订单更新", "Your order has shipped 🚚");
/// order.click = Some(Click::Url(HttpUrl::new("https://example.com/orders/42")?));
/// order.data.push("orderId", "42")?;
/// order.ttl = Some(Ttl::from_secs(86_400)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notification {
    /// The headline. Vendors allow 32 to 50 characters or more; absent is an error where the
    /// vendor demands one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The text. Vendors allow 100 characters and more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// A second headline. Apple only; lost elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// A picture shown with the notification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<HttpUrl>,
    /// The sound. Absent: the vendor's or the channel's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<Sound>,
    /// The number on the app's icon. Absent leaves it as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<Badge>,
    /// The Android notification channel, as created by the app or approved by the vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The vendor's message class or Apple's action category. In China it decides quotas and
    /// is regulated, so it is never guessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What a tap does. Absent: opens the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click: Option<Click>,
    /// The app's own pairs, in order.
    #[serde(skip_serializing_if = "Data::is_empty")]
    pub data: Data,
    /// How long the vendor keeps it for an offline device, in seconds. Absent: the vendor's
    /// default (hours to weeks).
    #[serde(rename = "ttl_seconds", skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Ttl>,
    /// A later notification with the same key replaces this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collapse_key: Option<CollapseKey>,
    /// How urgent it is. Absent: the vendor's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Notifications of the same thread are grouped on the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// Whether the user sees it or only the app.
    #[serde(skip_serializing_if = "Kind::is_alert")]
    pub kind: Kind,
    /// When the vendor shall send it. Absent: now. Refused where the vendor has no schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_at: Option<DateTime<Utc>>,
    /// Let the vendor check everything and deliver nothing. Refused where the vendor cannot.
    #[serde(skip_serializing_if = "is_false")]
    pub dry_run: bool,
    /// The caller's id. Where the vendor de-duplicates, a repeat of the same id to the same
    /// targets is delivered once. Absent: a random one per request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
    /// Asks the vendor to report what becomes of it. Absent: what the vendor's console says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptRequest>,
    /// Options of single vendors, by vendor id; each vendor crate documents and checks its own.
    /// They override the common fields.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub vendors: BTreeMap<String, Value>,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Notification {
    /// An alert with a title and a text.
    pub fn new(title: impl Into<String>, body: impl Into<String>) -> Self {
        Self { title: Some(title.into()), body: Some(body.into()), ..Self::default() }
    }

    /// The same with typed options of one vendor.
    ///
    /// # Errors
    /// When the options cannot be written as JSON, such as a map whose keys are not strings.
    pub fn with_options(mut self, vendor: &str, options: &impl Serialize) -> Result<Self, InvalidValue> {
        let value = serde_json::to_value(options)
            .map_err(|e| InvalidValue { what: "vendor options", problem: e.to_string() })?;
        self.vendors.insert(vendor.to_owned(), value);
        Ok(self)
    }

    /// The options of one vendor; their default when there are none.
    ///
    /// # Errors
    /// Names the unknown option or the wrong type.
    pub fn options<O: DeserializeOwned + Default>(&self, vendor: &str) -> Result<O, String> {
        match self.vendors.get(vendor) {
            None => Ok(O::default()),
            Some(value) => O::deserialize(value).map_err(|e| e.to_string()),
        }
    }

    /// What comes back with each receipt: the tag, or else the notification's id. `None` where no
    /// receipt is asked for.
    pub fn receipt_tag(&self) -> Option<&str> {
        let id = || self.id.as_ref().map(MessageId::as_str);
        self.receipt.as_ref().and_then(|receipt| receipt.tag.as_deref().or_else(id))
    }

    /// The fields that differ from their default.
    pub fn set_fields(&self) -> Fields {
        let all = [
            (self.title.is_some(), Field::Title),
            (self.body.is_some(), Field::Body),
            (self.subtitle.is_some(), Field::Subtitle),
            (self.image.is_some(), Field::Image),
            (self.sound.is_some(), Field::Sound),
            (self.badge.is_some(), Field::Badge),
            (self.channel.is_some(), Field::Channel),
            (self.category.is_some(), Field::Category),
            (self.click.is_some(), Field::Click),
            (!self.data.is_empty(), Field::Data),
            (self.ttl.is_some(), Field::Ttl),
            (self.collapse_key.is_some(), Field::CollapseKey),
            (self.priority.is_some(), Field::Priority),
            (self.thread.is_some(), Field::Thread),
            (self.kind != Kind::Alert, Field::Kind),
            (self.send_at.is_some(), Field::SendAt),
            (self.dry_run, Field::DryRun),
            (self.id.is_some(), Field::Id),
            (self.receipt.is_some(), Field::Receipt),
        ];
        all.into_iter().filter(|(set, _)| *set).fold(Fields::NONE, |fields, (_, field)| fields.and(field.only()))
    }
}

/// Asks for receipts. In JSON `{"url":…,"tag":…}`, both optional. What comes back is read by
/// [`Client::receipts`](crate::Client::receipts).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReceiptRequest {
    /// Where the vendor posts them. Absent: the address that is set in the vendor's console.
    /// Put a secret into it where the vendor does not sign; see
    /// [`Settings::receipt_secret`](crate::Settings::receipt_secret).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<HttpUrl>,
    /// A text of the caller's own that comes back with each receipt. Absent: the notification's
    /// `id`. Vendors allow 64 bytes and more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// Whether the user sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// Shown to the user.
    #[default]
    Alert,
    /// Only data for the app, nothing shown. Refused by vendors that have withdrawn it.
    Background,
}

impl Kind {
    fn is_alert(&self) -> bool {
        *self == Self::Alert
    }
}

/// How urgent a notification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// At once, waking the device.
    High,
    /// When it suits the device.
    Normal,
}

/// The sound of a notification. In JSON a text: `default`, `none`, or the name of a sound file
/// of the app.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Sound {
    /// The system's sound.
    Default,
    /// No sound.
    Silent,
    /// A sound file in the app.
    Named(String),
}

impl From<String> for Sound {
    fn from(name: String) -> Self {
        match name.as_str() {
            "default" => Self::Default,
            "none" => Self::Silent,
            _ => Self::Named(name),
        }
    }
}

impl From<Sound> for String {
    fn from(sound: Sound) -> Self {
        match sound {
            Sound::Default => "default".into(),
            Sound::Silent => "none".into(),
            Sound::Named(name) => name,
        }
    }
}

/// The number on the app's icon. In JSON `{"set":3}` or `{"add":1}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Badge {
    /// This number; 0 removes it.
    Set(u32),
    /// This many more than now. Lost where the device cannot add.
    Add(u32),
}

/// What a tap does. In JSON `"app"`, `{"url":…}`, `{"intent":…}`, `{"activity":…}` or
/// `{"action":…}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Click {
    /// Opens the app.
    App,
    /// Opens a web page, or a deep link by the app's own scheme.
    Url(HttpUrl),
    /// Starts an Android intent.
    Intent(IntentUri),
    /// Opens an Android activity.
    Activity(ActivityName),
    /// Starts the Android activity whose intent filter has this action.
    Action(ActionName),
}

/// The app's own pairs, in the order in which they were given; in JSON an object of strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Data(Vec<(String, String)>);

impl Data {
    /// Appends a pair.
    ///
    /// # Errors
    /// When the key is empty or there already.
    pub fn push(&mut self, key: impl Into<String>, value: impl Into<String>) -> Result<(), InvalidValue> {
        let key = key.into();
        let problem = if key.is_empty() {
            Some("a key is empty".to_owned())
        } else {
            self.get(&key).map(|_| format!("the key `{key}` is there twice"))
        };
        match problem {
            Some(problem) => Err(InvalidValue { what: "data", problem }),
            None => {
                self.0.push((key, value.into()));
                Ok(())
            }
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find_map(|(k, v)| (k == key).then_some(v))
    }

    /// The pairs in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self.iter() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Data;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
                let mut data = Data::default();
                while let Some((key, value)) = map.next_entry::<String, String>()? {
                    data.push(key, value).map_err(A::Error::custom)?;
                }
                Ok(data)
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn full() -> Value {
        json!({
            "title": "t", "body": "b", "subtitle": "s", "image": "https://example.com/i.png", "sound": "ding.caf",
            "badge": {"set": 3}, "channel": "chat", "category": "IM",
            "click": {"intent": "intent:#Intent;component=a.b/.C;end"}, "data": {"z": "1", "a": "2"},
            "ttl_seconds": 60, "collapse_key": "k", "priority": "high", "thread": "th", "kind": "background",
            "send_at": "2026-11-22T10:00:00Z", "dry_run": true, "id": "m-1",
            "receipt": {"url": "https://example.com/r", "tag": "order-42"}, "vendors": {"vivo": {"x": 1}}
        })
    }

    #[test]
    fn json_round_trip_keeps_everything_and_its_order() {
        let n: Notification = serde_json::from_value(full()).unwrap();
        assert_eq!(serde_json::to_string(&n).unwrap(), full().to_string());
        assert_eq!(n.set_fields().iter().count(), Field::ALL.len());
    }

    #[test]
    fn an_empty_notification_has_no_field() {
        let n: Notification = serde_json::from_str("{}").unwrap();
        assert_eq!(n, Notification::default());
        assert!(n.set_fields().is_empty());
        assert_eq!(serde_json::to_string(&n).unwrap(), "{}");
    }

    #[test]
    fn field_names_are_the_names_in_json() {
        let all = full();
        for field in Field::ALL {
            assert!(all.get(field.as_str()).is_some(), "{field}");
        }
    }

    #[test]
    fn unknown_names_and_bad_values_are_refused_by_name() {
        for (json, part) in [
            (json!({"titel": "x"}), "unknown field `titel`"),
            (json!({"ttl_seconds": -1}), "-1"),
            (json!({"ttl_seconds": 99_999_999}), "at most 31536000"),
            (json!({"badge": {"set": -1}}), "-1"),
            (json!({"click": {"web": "x"}}), "unknown variant `web`"),
            (json!({"click": {"url": "javascript:alert(1)"}}), "scheme"),
            (json!({"data": {"a": 1}}), "expected a string"),
            (json!({"data": {"": "x"}}), "a key is empty"),
            (json!({"id": "a\nb"}), "control character"),
        ] {
            let error = serde_json::from_value::<Notification>(json.clone()).unwrap_err().to_string();
            assert!(error.contains(part), "{json}: {error}");
        }
        let twice = serde_json::from_str::<Notification>(r#"{"data":{"a":"1","a":"2"}}"#).unwrap_err().to_string();
        assert!(twice.contains("the key `a` is there twice"), "{twice}");
    }
}
