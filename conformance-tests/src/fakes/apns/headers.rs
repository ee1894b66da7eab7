//! The `apns-` headers of a send and the push types ("Sending notification requests to APNs").

use super::codes::Fault;
use super::payload::{BACKGROUND, Field, LIVE, ORDINARY, RELOAD};
use super::{BUNDLE_ID, MDM_TOPIC};
use crate::fake::Call;

const COLLAPSE_ID_BYTES: usize = 64;
const DEFAULT_PRIORITY: u8 = 10;
const PRIORITIES: &[(&str, u8)] = &[("10", 10), ("5", 5), ("1", 1)];
const NAMES: &[&str] =
    &["apns-id", "apns-push-type", "apns-topic", "apns-expiration", "apns-priority", "apns-collapse-id"];

/// Whether a payload has the dictionary `aps`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aps {
    Must,
    May,
    /// The payload of a device manager, which has the key `mdm` and nothing else.
    Never,
}

/// What a push type asks of the rest of the request.
#[derive(Debug)]
pub(super) struct PushType {
    pub(super) name: &'static str,
    /// What follows the bundle id in the topic.
    suffix: &'static str,
    priorities: &'static [u8],
    /// The longest payload in bytes.
    pub(super) limit: usize,
    pub(super) aps: Aps,
    /// The keys that `aps` may have.
    pub(super) keys: &'static [&'static [Field]],
}

const BASE: PushType =
    PushType { name: "alert", suffix: "", priorities: &[10, 5, 1], limit: 4096, aps: Aps::Must, keys: &[ORDINARY] };

/// A Live Activity by way of a channel.
pub(super) static BROADCAST: PushType = PushType { name: "liveactivity", limit: 5120, keys: &[LIVE], ..BASE };

static PUSH_TYPES: &[PushType] = &[
    BASE,
    PushType { name: "background", priorities: &[5], keys: &[BACKGROUND], ..BASE },
    PushType { name: "voip", suffix: ".voip", limit: 5120, ..BASE },
    PushType { name: "complication", suffix: ".complication", ..BASE },
    // Its payload names a container and a domain beside `aps`, or without it.
    PushType { name: "fileprovider", suffix: ".pushkit.fileprovider", aps: Aps::May, ..BASE },
    PushType { name: "mdm", aps: Aps::Never, keys: &[], ..BASE },
    PushType { name: "liveactivity", suffix: ".push-type.liveactivity", priorities: &[10, 5], keys: &[LIVE], ..BASE },
    PushType { name: "location", suffix: ".location-query", priorities: &[10, 5], ..BASE },
    PushType { name: "pushtotalk", suffix: ".voip-ptt", priorities: &[10], ..BASE },
    PushType { name: "widgets", suffix: ".push-type.widgets", keys: &[ORDINARY, RELOAD], ..BASE },
    PushType { name: "controls", suffix: ".push-type.controls", keys: &[ORDINARY, RELOAD], ..BASE },
];

/// A send without a push type, which only a lenient fake takes.
static UNTYPED: PushType = PushType { name: "", keys: &[ORDINARY, RELOAD], ..BASE };

/// The headers of a send that are good.
#[derive(Debug)]
pub(super) struct Headers {
    pub(super) push_type: &'static PushType,
    pub(super) id: Option<String>,
    /// Seconds since the epoch.
    pub(super) expiration: Option<u64>,
    pub(super) collapse: Option<String>,
}

/// Checks all headers but `authorization`. `content-type` is not among them: Apple's own recipe
/// with curl sends that of a form.
pub(super) fn read(call: &Call, lenient: bool) -> Result<Headers, Fault> {
    known(call, NAMES, lenient)?;
    let id = id(call, "apns-id", lenient)?;
    let push_type = push_type(call, lenient)?;
    topic(call, push_type)?;
    let expiration = text(call, "apns-expiration", "BadExpirationDate")?.map(expiration).transpose()?;
    priority(call, push_type)?;
    let collapse = text(call, "apns-collapse-id", "BadCollapseId")?;
    if collapse.is_some_and(|id| id.is_empty() || id.len() > COLLAPSE_ID_BYTES) {
        return Err(Fault::new("BadCollapseId", "apns-collapse-id is empty or longer than 64 bytes"));
    }
    Ok(Headers { push_type, id: id.map(Into::into), expiration, collapse: collapse.map(Into::into) })
}

/// Checks that no header is repeated, and that no `apns-` header is of another call.
pub(super) fn known(call: &Call, names: &[&str], lenient: bool) -> Result<(), Fault> {
    if let Some(name) = call.headers.keys().find(|name| call.headers.get_all(*name).iter().count() > 1) {
        return Err(Fault::new("DuplicateHeaders", format!("{name} is repeated")));
    }
    let strange = |name: &str| name.starts_with("apns-") && !names.contains(&name);
    match call.headers.keys().find(|name| strange(name.as_str())).filter(|_| !lenient) {
        // Apple has no reason for it. This one it documents for unknown names in channel calls.
        Some(name) => Err(Fault::new("BadRequestParams", format!("{name} is no header of this call"))),
        None => Ok(()),
    }
}

/// The caller's id of a request.
pub(super) fn id<'a>(call: &'a Call, name: &str, lenient: bool) -> Result<Option<&'a str>, Fault> {
    let id = text(call, name, "BadMessageId")?;
    match id {
        Some(id) if !is_uuid(id, lenient) => {
            Err(Fault::new("BadMessageId", format!("{name} is not a UUID in the canonical form")))
        }
        _ => Ok(id),
    }
}

/// A header as text; another header than ASCII is refused for a reason of its own.
pub(super) fn text<'a>(call: &'a Call, name: &str, reason: &str) -> Result<Option<&'a str>, Fault> {
    match call.headers.get(name).map(|value| value.to_str()) {
        None => Ok(None),
        Some(Ok(text)) => Ok(Some(text)),
        Some(Err(_)) => Err(Fault::new(reason, format!("{name} is not ASCII"))),
    }
}

fn push_type(call: &Call, lenient: bool) -> Result<&'static PushType, Fault> {
    match text(call, "apns-push-type", "InvalidPushType")? {
        None if lenient => Ok(&UNTYPED),
        // Required for watches and advised for all. A sender does not know which device a token
        // stands for, so it always needs the header. Broadcasts have a reason for its lack.
        None => Err(Fault::new("MissingPushType", "no apns-push-type")),
        Some(name) => PUSH_TYPES
            .iter()
            .find(|known| known.name == name)
            .ok_or_else(|| Fault::new("InvalidPushType", format!("no push type is called {name:?}"))),
    }
}

fn topic(call: &Call, push_type: &PushType) -> Result<(), Fault> {
    let Some(topic) = text(call, "apns-topic", "BadTopic")? else {
        return Err(Fault::new("MissingTopic", "no apns-topic"));
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let ours = topic.strip_prefix(BUNDLE_ID).filter(|rest| rest.is_empty() || rest.starts_with('.'));
    let fits = match ours {
        _ if push_type.aps == Aps::Never => topic == MDM_TOPIC,
        Some(suffix) if push_type.name.is_empty() => PUSH_TYPES.iter().any(|known| known.suffix == suffix),
        Some(suffix) => suffix == push_type.suffix,
        None if topic.is_empty() || !topic.bytes().all(plain) => false,
        None if topic == MDM_TOPIC => false,
        None => return Err(Fault::new("TopicDisallowed", format!("{topic} is no app of the team"))),
    };
    if fits { Ok(()) } else { Err(Fault::new("BadTopic", format!("{topic:?} does not fit {}", push_type.name))) }
}

/// Seconds since the epoch. A date in the past is good, and means one attempt; a date of more
/// than 32 bits is one in milliseconds.
pub(super) fn expiration(text: &str) -> Result<u64, Fault> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|seconds| digits && *seconds <= u64::from(u32::MAX));
    seconds.ok_or_else(|| Fault::new("BadExpirationDate", format!("{text:?} is no date in seconds")))
}

fn priority(call: &Call, push_type: &PushType) -> Result<(), Fault> {
    let bad = |why: String| Fault::new("BadPriority", why);
    let priority = match text(call, "apns-priority", "BadPriority")? {
        None => DEFAULT_PRIORITY,
        Some(text) => PRIORITIES
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, priority)| *priority)
            .ok_or_else(|| bad(format!("{text:?} is no priority")))?,
    };
    if push_type.priorities.contains(&priority) {
        return Ok(());
    }
    Err(bad(format!("priority {priority} is not for push type {}", push_type.name)))
}

/// Whether a text is a UUID as `apns-id` wants it: 8-4-4-4-12 hexadecimal digits in lower case.
pub(super) fn is_uuid(text: &str, any_case: bool) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => digit(if any_case { byte.to_ascii_lowercase() } else { byte }),
        })
}
