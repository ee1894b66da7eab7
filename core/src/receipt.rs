//! Receipts: what became of a notification after the vendor had accepted it, as the vendor's
//! callback tells it.
//!
//! [`Client::receipts`](crate::Client::receipts) checks and reads a callback that the caller's
//! HTTP server received. Callbacks come from the open internet: what is not proven by the
//! vendor's signature, or by a secret in the callback's address, is not read.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;

use crate::model::Target;
use crate::secret::Secret;

/// How a vendor's callbacks prove where they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// They are signed, or carry a token that was agreed with the vendor: a setting of the
    /// vendor. Without that setting, a secret in the address is needed.
    Signed,
    /// By nothing of the vendor's: a secret in the address is needed.
    Address,
}

/// A callback as it arrived.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The secret that stood in the address, wherever the caller put it there; `None`: nothing did.
    pub secret: Option<Secret>,
}

impl Callback {
    /// A callback without a secret.
    pub fn new(headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self { headers, body: body.into(), secret: None }
    }

    /// The same, with the secret that stood in its address.
    pub fn with_secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(Secret::new(secret.into()));
        self
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is not what was expected.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, CallbackError> {
        serde_json::from_slice(&self.body).map_err(|e| CallbackError::Malformed(shape_of(&e)))
    }

    /// A field of the body as a form, decoded.
    pub fn form_field(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(&self.body).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// What is wrong with a JSON text, without what stands in it.
pub fn shape_of(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "ends too early",
        serde_json::error::Category::Syntax => "is not JSON",
        _ => "does not have the documented form",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

/// What a callback said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipts {
    /// Each target's receipt, in the order of the callback.
    pub receipts: Vec<Receipt>,
    /// Whether the vendor's own signature or token was there and right.
    pub proven: bool,
    /// The body to answer with, under status 200; the vendor may repeat the callback else.
    pub answer: Bytes,
}

impl Receipts {
    /// Proven by nothing but the address, and answered with an empty JSON object.
    pub fn new(receipts: Vec<Receipt>) -> Self {
        Self { receipts, proven: false, answer: Bytes::from_static(b"{}") }
    }
}

/// What became of one notification at one target.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// What happened.
    pub event: Event,
    /// The target: the device, alias or account that was sent to.
    pub target: Target,
    /// The target to use from now on, where the vendor gives a new one; forget the old.
    pub replacement: Option<Target>,
    /// The vendor's message id, as the verdict of the send gave it.
    pub message_id: Option<String>,
    /// The caller's own text: what the notification's `receipt.tag` (or its `id`) was.
    pub tag: Option<String>,
    /// When it happened, in milliseconds since the Unix epoch; `None` where the vendor does not say.
    pub at_ms: Option<u64>,
    /// The vendor's code, verbatim; empty where it gave none.
    pub code: String,
    /// What the code means by the vendor's documentation, in our words; empty for unknown codes.
    pub meaning: &'static str,
}

impl Receipt {
    /// Of an event at a target.
    pub fn new(event: Event, target: impl Into<Target>) -> Self {
        Self {
            event,
            target: target.into(),
            replacement: None,
            message_id: None,
            tag: None,
            at_ms: None,
            code: String::new(),
            meaning: "",
        }
    }

    /// Of a code at a target, by a table; a code that the table does not have is
    /// [`Event::Unknown`].
    pub fn of_code(table: &[ReceiptCode], code: impl Into<String>, target: impl Into<Target>) -> Self {
        let code = code.into();
        let row = table.iter().find(|row| row.code == code);
        let (event, meaning) = row.map_or((Event::Unknown, ""), |row| (row.event, row.meaning));
        Self { code, meaning, ..Self::new(event, target) }
    }

    /// The same with the vendor's code.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = code.into();
        self
    }

    /// The same with the vendor's message id; empty counts as none.
    pub fn message_id(mut self, id: Option<impl Into<String>>) -> Self {
        self.message_id = id.map(Into::into).filter(|id| !id.is_empty());
        self
    }

    /// The same with the caller's own text; empty counts as none.
    pub fn tag(mut self, tag: Option<impl Into<String>>) -> Self {
        self.tag = tag.map(Into::into).filter(|tag| !tag.is_empty());
        self
    }

    /// The same with a time.
    pub fn at_ms(mut self, at_ms: Option<u64>) -> Self {
        self.at_ms = at_ms;
        self
    }

    /// The same with the target to use from now on.
    pub fn replaced_by(mut self, replacement: Option<Target>) -> Self {
        self.replacement = replacement;
        self
    }
}

/// What happened to a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// It reached the device. That it was shown is not said.
    Delivered,
    /// The user saw it.
    Shown,
    /// The user tapped it.
    Clicked,
    /// It is held back on the device; another receipt may follow.
    Delayed,
    /// It will not be shown.
    Dropped(Reason),
    /// Something that the vendor's documentation does not explain.
    Unknown,
}

/// Why a notification was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The target is gone: delete it (or put its replacement in its place).
    InvalidToken,
    /// The user or the app has switched notifications off. Keep the target, and send less.
    Disabled,
    /// The device has not been seen for long. Keep the target, and send less.
    Inactive,
    /// An amount was used up: of the app, the class or the device.
    Quota,
    /// Its time to live ended.
    Expired,
    /// A newer one took its place.
    Replaced,
    /// A condition of the sender's own (region, version, time) kept it back.
    Filtered,
    /// Another user than the target's is signed in on the device.
    WrongUser,
    /// What the tap should open is missing or closed: mend the click action.
    BadClick,
    /// The vendor's review refused its content or its class.
    Rejected,
    /// It arrived and could not be shown.
    NotShown,
    /// Anything else.
    Other,
}

impl Event {
    /// The name in `snake_case`, as tables and logs show it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Shown => "shown",
            Self::Clicked => "clicked",
            Self::Delayed => "delayed",
            Self::Dropped(reason) => match reason {
                Reason::InvalidToken => "dropped: invalid_token",
                Reason::Disabled => "dropped: disabled",
                Reason::Inactive => "dropped: inactive",
                Reason::Quota => "dropped: quota",
                Reason::Expired => "dropped: expired",
                Reason::Replaced => "dropped: replaced",
                Reason::Filtered => "dropped: filtered",
                Reason::WrongUser => "dropped: wrong_user",
                Reason::BadClick => "dropped: bad_click",
                Reason::Rejected => "dropped: rejected",
                Reason::NotShown => "dropped: not_shown",
                Reason::Other => "dropped: other",
            },
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A code of a vendor's receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiptCode {
    /// The code, as it stands in callbacks.
    pub code: &'static str,
    /// What happened.
    pub event: Event,
    /// What it means, in our words.
    pub meaning: &'static str,
}

/// A row of a table of receipt codes.
pub const fn receipt(code: &'static str, event: Event, meaning: &'static str) -> ReceiptCode {
    ReceiptCode { code, event, meaning }
}

/// A callback that is not read. Answer it with [`status`](Self::status).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// The vendor has no receipts.
    #[error("this vendor sends no receipts")]
    NotOffered,
    /// Nothing proves where it comes from, because nothing was agreed that could.
    #[error("nothing proves this callback: set a receipt secret, or the vendor's callback key")]
    Unproven,
    /// The secret of the address is missing or wrong.
    #[error("the secret in the callback's address is missing or wrong")]
    WrongSecret,
    /// The vendor's signature or token is missing or wrong.
    #[error("the callback's signature: {0}")]
    WrongSignature(&'static str),
    /// It is not what the vendor documents.
    #[error("the callback's body {0}")]
    Malformed(String),
}

impl CallbackError {
    /// The HTTP status to answer with.
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotOffered => 404,
            Self::Unproven | Self::WrongSecret | Self::WrongSignature(_) => 403,
            Self::Malformed(_) => 400,
        }
    }
}
