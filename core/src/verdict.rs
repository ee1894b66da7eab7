//! What became of one target: accepted, refused or unsure, and what a refusal means.
//!
//! A refusal speaks to two readers. Its [`Class`] and the vendor's own words are for the
//! caller; its [`Scope`] and [`Remedy`] are for the engine, which acts on them and forgets them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

/// The outcome of one target.
///
/// `Accepted` means the vendor took the notification over. No vendor promises delivery here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The vendor took it. `id` is the vendor's message id, shared by all targets of a batch;
    /// `None` where the vendor gives none.
    Accepted {
        /// The vendor's message id.
        id: Option<Arc<str>>,
    },
    /// It was not taken, and the vendor (or the engine, before sending) said why.
    Refused(Arc<Refusal>),
    /// It may have been taken: the answer was lost or unreadable. Sending again may deliver
    /// twice. Carries what was heard last, if anything was.
    Unsure(Option<Arc<Refusal>>),
}

impl Verdict {
    /// Accepted without a message id.
    pub const ACCEPTED: Self = Self::Accepted { id: None };

    /// Whether the vendor took the notification.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }

    /// Whether the vendor says that the target is gone: the caller should forget it.
    pub fn is_dead_target(&self) -> bool {
        matches!(self, Self::Refused(r) if r.class == Class::InvalidToken)
    }

    /// The vendor's message id of an accepted notification.
    pub fn message_id(&self) -> Option<&str> {
        match self {
            Self::Accepted { id } => id.as_deref(),
            _ => None,
        }
    }

    /// What was refused, or what was last heard about an unsure target.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Accepted { .. } => None,
            Self::Refused(r) => Some(r),
            Self::Unsure(r) => r.as_deref(),
        }
    }
}

/// What a refusal means to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum Class {
    /// The vendor says that this target is gone. Delete it.
    InvalidToken,
    /// The request is wrong and will stay wrong. Change it.
    InvalidRequest,
    /// The notification is larger than the vendor allows.
    PayloadTooLarge,
    /// The credentials, or the access token made from them, are not accepted.
    Unauthenticated,
    /// The credentials are good, but may not do this.
    PermissionDenied,
    /// Too fast. Later is fine.
    RateLimited,
    /// A daily or contractual amount is used up. Later today is pointless.
    QuotaExceeded,
    /// The vendor, or the way to it, does not work now.
    Unavailable,
    /// The vendor said something that its documentation does not explain.
    Unknown,
}

impl Class {
    /// Every class, in the order in which they are declared.
    pub const ALL: [Self; 9] = [
        Self::InvalidToken,
        Self::InvalidRequest,
        Self::PayloadTooLarge,
        Self::Unauthenticated,
        Self::PermissionDenied,
        Self::RateLimited,
        Self::QuotaExceeded,
        Self::Unavailable,
        Self::Unknown,
    ];

    /// The class that an HTTP status has by itself, where the vendor's own code says nothing.
    pub fn of_status(status: u16) -> Self {
        match status {
            400 | 404 | 405 | 406 | 409 | 411 | 414 | 415 | 422 => Self::InvalidRequest,
            401 => Self::Unauthenticated,
            402 | 403 => Self::PermissionDenied,
            408 | 425 | 500..=599 => Self::Unavailable,
            413 => Self::PayloadTooLarge,
            429 => Self::RateLimited,
            _ => Self::Unknown,
        }
    }

    /// The name in `snake_case`, as metrics and tables show it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidToken => "invalid_token",
            Self::InvalidRequest => "invalid_request",
            Self::PayloadTooLarge => "payload_too_large",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission_denied",
            Self::RateLimited => "rate_limited",
            Self::QuotaExceeded => "quota_exceeded",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
        }
    }

    /// What the caller should do about it, in one sentence.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::InvalidToken => "delete the target",
            Self::InvalidRequest => "change the notification or the settings; a repeat fails alike",
            Self::PayloadTooLarge => "shorten the notification",
            Self::Unauthenticated => "check the credentials and the clock",
            Self::PermissionDenied => "look into the vendor's console: rights, review, switches",
            Self::RateLimited => "send later, and slower",
            Self::QuotaExceeded => "stop until the quota is renewed",
            Self::Unavailable => "send later",
            Self::Unknown => "read the vendor's words",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far a refusal reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// It concerns the target that was named; others go on at full speed.
    Target,
    /// It concerns everything that goes the same way (the app, the account, the host).
    Lane,
}

/// What the engine does about a refusal before the caller hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Nothing: the refusal stands.
    Stand,
    /// The same request goes again after a back-off.
    Again,
    /// The same request goes again once, at once, signed with a fresh clock.
    Resign,
    /// The access token is renewed, once, and the request goes again with the new one.
    NewToken,
    /// The connection is closed, and the request goes again once over a new one.
    NewConnection,
    /// The message is staged anew (a saved message is gone), once.
    NewTicket,
    /// One target of several spoils the request, and the vendor does not say which: the targets go
    /// again in smaller sets, until the refusal stands for single targets only. For a request
    /// with one target: nothing.
    Split,
    /// Wait, then again. With [`Scope::Lane`] everything in the lane waits.
    Pause(Pause),
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pause {
    /// A span of time. A `Retry-After` of the vendor that is longer wins.
    For(Duration),
    /// Until the next midnight at an offset from UTC, in hours (China: 8).
    UntilMidnight {
        /// Hours east of UTC.
        utc_offset: i8,
    },
}

/// Why a target was not accepted, in the caller's terms and in the vendor's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// What it means to the caller.
    pub class: Class,
    /// How far it reaches.
    pub scope: Scope,
    /// What the engine does about it.
    pub remedy: Remedy,
    /// The HTTP status; 0 where nothing was answered.
    pub status: u16,
    /// The vendor's code, verbatim; empty where it gave none.
    pub code: Box<str>,
    /// The vendor's text, verbatim but capped at 512 bytes; empty where it gave none.
    pub text: Box<str>,
    /// How long the vendor asked to wait (`Retry-After`), clamped by the client's settings.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal of one target which stands.
    pub fn new(class: Class) -> Self {
        Self {
            class,
            scope: Scope::Target,
            remedy: Remedy::Stand,
            status: 0,
            code: Box::default(),
            text: Box::default(),
            retry_after: None,
        }
    }

    /// A request that cannot be built from what the caller gave: nothing was sent. `text` names
    /// the argument and what is allowed.
    pub fn not_sent(text: &str) -> Self {
        Self::new(Class::InvalidRequest).code("not_sent").text(text)
    }

    /// What a bare HTTP status means where the vendor's own words say nothing: 429 and 503
    /// concern the lane, were not processed and go again; every other status stands or is
    /// taken up by the caller of this function.
    pub fn of_status(status: u16) -> Self {
        let refusal = Self::new(Class::of_status(status)).status(status);
        match status {
            408 | 425 | 429 | 503 => refusal.lane().remedy(Remedy::Again),
            500..=599 => refusal.lane().remedy(Remedy::Again),
            _ => refusal,
        }
    }

    /// The same, of another class.
    pub fn class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// The same, for the whole lane.
    pub fn lane(mut self) -> Self {
        self.scope = Scope::Lane;
        self
    }

    /// The same, with another remedy.
    pub fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedy = remedy;
        self
    }

    /// The same, with the HTTP status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same, with the vendor's code.
    pub fn code(mut self, code: impl Into<Box<str>>) -> Self {
        self.code = code.into();
        self
    }

    /// The same, with the vendor's text, cut at 512 bytes.
    pub fn text(mut self, text: &str) -> Self {
        let mut end = text.len().min(512);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.text = text.get(..end).unwrap_or_default().into();
        self
    }

    /// The same, with the wait that the vendor asked for.
    pub fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.class)?;
        if self.status != 0 {
            write!(f, ", HTTP {}", self.status)?;
        }
        if !self.code.is_empty() {
            write!(f, ", code {}", self.code)?;
        }
        if !self.text.is_empty() {
            write!(f, ": {}", self.text)?;
        }
        Ok(())
    }
}
