//! Devices: what happens to them, and the channels that reach them.

use super::problem::Problem;
use super::{Call, Part};
use crate::described::{objects, words};
use crate::model::{Device, LiveActivityBinding, Platform, PresenceEvent, PushConfig, State, VoipBinding};

/// How long a token may be, in bytes.
const TOKEN: usize = 4096;

words! {
    /// Something that happened to a device.
    What {
        /// The user logged in on it. Needs `platform` and `connection`.
        Login = "login",
        /// It connected again. Needs `connection`.
        Connect = "connect",
        /// The client is heard of.
        Heartbeat = "heartbeat",
        /// The network vanished without a word.
        Silent = "silent",
        /// The connection ended. Needs `connection`.
        Disconnect = "disconnect",
        /// The app went to the background. `unread` is its first badge figure.
        Background = "background",
        /// The app came to the foreground.
        Foreground = "foreground",
        /// The user logged out.
        Logout = "logout",
        /// A login elsewhere took its place.
        Kick = "kick",
        /// The user's signature expired while the device was online.
        SignatureExpired = "signature_expired",
    }
}

objects! {
    /// Something that happened to a device.
    Happened {
        /// What it was.
        event: What,
        /// What the device runs on.
        platform: Option<Platform>,
        /// The number of the connection, another one for each.
        connection: Option<u64>,
        /// Whether heartbeats are reported; absent: no.
        heartbeats: Option<bool>,
        /// How many messages are unread; absent: 0.
        unread: Option<u32>,
    }

    /// What came of it.
    Changed {
        /// Whether anything changed. Events of an unknown device change nothing, but for its login.
        changed: bool,
    }

    /// The channel that reaches a device.
    Config {
        /// The number of the certificate (`businessID`).
        business_id: u32,
        /// The vendor's token. Apple's are hex, in any case.
        token: String,
        /// Whether it is a TPNS token; absent: no.
        is_tpns: Option<bool>,
    }

    /// The channel for calls on iOS.
    Voip {
        /// The number of the VoIP certificate.
        certificate: u32,
        /// The VoIP token, as hex.
        token: String,
    }

    /// The channel of one Live Activity.
    Activity {
        /// The number of the certificate; Apple demands one with a key (P8).
        certificate: u32,
        /// The activity's own token, as hex.
        token: String,
    }

    /// A language.
    Language {
        /// Such as `en` or `zh-Hans`; absent or `null`: unknown.
        language: Option<String>,
    }

    /// A device, without its tokens.
    Seen {
        /// Which it is among the user's.
        device: String,
        /// What it runs on.
        platform: Platform,
        /// `foreground`, `background`, `push_online` or `offline`.
        state: String,
        /// The badge as last sent or reported.
        badge: u32,
        /// The certificate that reaches it; absent: push is off.
        business_id: Option<u32>,
        /// The certificate for calls.
        voip_certificate: Option<u32>,
        /// The Live Activities that have a channel.
        live_activities: Vec<String>,
        /// The language.
        language: Option<String>,
    }
}

impl Seen {
    pub(super) fn of(device: Device, call: &Call) -> Self {
        let state = match device.presence.state(&call.gateway().settings(), call.gateway().now_ms()) {
            State::Foreground => "foreground",
            State::Background => "background",
            State::PushOnline => "push_online",
            State::Offline(_) => "offline",
        };
        Self {
            device: device.id,
            platform: device.platform,
            state: state.into(),
            badge: device.badge,
            business_id: device.config.map(|config| config.business_id),
            voip_certificate: device.voip.map(|voip| voip.certificate),
            live_activities: device.live_activities.into_iter().map(|binding| binding.activity).collect(),
            language: device.language,
        }
    }
}

/// What of `POST …/events`.
pub(super) async fn happens(call: Call, body: Happened) -> Result<Changed, Problem> {
    let (account, device) = (call.path(Part::Account)?, call.path(Part::Device)?);
    let connection = || body.connection.ok_or_else(|| Problem::invalid("connection is missing"));
    let heartbeats = body.heartbeats.unwrap_or(false);
    let event = match body.event {
        What::Login => PresenceEvent::Login { connection: connection()?, heartbeats },
        What::Connect => PresenceEvent::Connect { connection: connection()?, heartbeats },
        What::Heartbeat => PresenceEvent::Heartbeat,
        What::Silent => PresenceEvent::Silent,
        What::Disconnect => PresenceEvent::Disconnect { connection: connection()? },
        What::Background => PresenceEvent::Background { unread: body.unread.unwrap_or(0) },
        What::Foreground => PresenceEvent::Foreground,
        What::Logout => PresenceEvent::Logout,
        What::Kick => PresenceEvent::Kick,
        What::SignatureExpired => PresenceEvent::SignatureExpired,
    };
    let platform = match (body.event, body.platform) {
        (What::Login, None) => return Err(Problem::invalid("platform is missing")),
        // Only a login's counts.
        (_, platform) => platform.unwrap_or(Platform::Android),
    };
    Ok(Changed { changed: call.gateway().presence(account, device, platform, event).await? })
}

pub(super) async fn get(call: Call, (): ()) -> Result<Seen, Problem> {
    let (account, device) = (call.path(Part::Account)?, call.path(Part::Device)?);
    let found = call.gateway().store().device(account, device).await?;
    Ok(Seen::of(found.ok_or_else(|| Problem::not_found("device"))?, &call))
}

pub(super) async fn put_config(call: Call, body: Config) -> Result<(), Problem> {
    let (account, device) = (call.path(Part::Account)?, call.path(Part::Device)?);
    let is_tpns = body.is_tpns.unwrap_or(false);
    let known = call.gateway().store().device(account, device).await?;
    let apple = known.is_some_and(|known| known.platform.is_apple());
    let token = token(body.token, apple && !is_tpns)?;
    let config = PushConfig { business_id: body.business_id, token, is_tpns };
    Ok(call.gateway().set_config(account, device, Some(&config)).await?)
}

pub(super) async fn delete_config(call: Call, (): ()) -> Result<(), Problem> {
    let (account, device) = (call.path(Part::Account)?, call.path(Part::Device)?);
    Ok(call.gateway().set_config(account, device, None).await?)
}

pub(super) async fn put_voip(call: Call, body: Voip) -> Result<(), Problem> {
    let (account, device) = (call.path(Part::Account)?, call.path(Part::Device)?);
    let voip = VoipBinding { certificate: body.certificate, token: hex(body.token)? };
    Ok(call.gateway().store().set_voip(account, device, Some(&voip)).await?)
}

pub(super) async fn delete_voip(call: Call, (): ()) -> Result<(), Problem> {
    let (account, device) = (call.path(Part::Account)?, call.path(Part::Device)?);
    Ok(call.gateway().store().set_voip(account, device, None).await?)
}

pub(super) async fn put_activity(call: Call, body: Activity) -> Result<(), Problem> {
    let (account, device) = (call.path(Part::Account)?, call.path(Part::Device)?);
    let activity = call.path(Part::Activity)?.to_owned();
    let binding = LiveActivityBinding { activity, certificate: body.certificate, token: hex(body.token)? };
    Ok(call.gateway().store().set_live_activity(account, device, Some(&binding)).await?)
}

pub(super) async fn delete_activities(call: Call, (): ()) -> Result<(), Problem> {
    let (account, device) = (call.path(Part::Account)?, call.path(Part::Device)?);
    Ok(call.gateway().store().set_live_activity(account, device, None).await?)
}

pub(super) async fn put_language(call: Call, body: Language) -> Result<(), Problem> {
    let (account, device) = (call.path(Part::Account)?, call.path(Part::Device)?);
    if call.gateway().store().device(account, device).await?.is_none() {
        return Err(Problem::not_found("device"));
    }
    let language = body.language.map(language).transpose()?;
    Ok(call.gateway().store().set_language(account, device, language.as_deref()).await?)
}

/// A language tag.
pub(super) fn language(text: String) -> Result<String, Problem> {
    let size = text.len();
    if (1..=35).contains(&size) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        Ok(text)
    } else {
        Err(Problem::invalid(format!("language has {size} bytes; 1 to 35 letters, digits and hyphens are allowed")))
    }
}

fn token(token: String, apple: bool) -> Result<String, Problem> {
    let size = token.len();
    if size > TOKEN {
        return Err(Problem::invalid(format!("token has {size} bytes; at most {TOKEN} are allowed")));
    }
    if apple && !token.is_empty() { hex(token) } else { Ok(token) }
}

fn hex(token: String) -> Result<String, Problem> {
    let size = token.len();
    if (1..=TOKEN).contains(&size) && token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(token)
    } else {
        let detail = format!("token has {size} bytes; 1 to {TOKEN} hexadecimal digits are allowed");
        Err(Problem::invalid(detail))
    }
}
