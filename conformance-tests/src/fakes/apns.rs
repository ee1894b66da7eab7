//! A strict fake of Apple's push service: sending to devices and to broadcast channels, and the
//! management of those channels, with a provider token. Apple has a host for each of the three;
//! here they share one, as their paths differ.
//!
//! Written from Apple's developer documentation: "Sending notification requests to APNs",
//! "Handling notification responses from APNs", "Establishing a token-based connection to APNs",
//! "Generating a remote notification", "Pushing background updates to your App", "Starting and
//! updating Live Activities with ActivityKit push notifications", "Setting up broadcast push
//! notifications", "Sending channel management requests to APNs" and "Handling error responses
//! from APNs".
//!
//! In what order Apple checks is not known. Here it is: path and method (`device`), provider
//! token (`auth`), headers (`headers`), size and content of the payload (`payload`), and
//! the state of the device last. A connection is not visible from here, so the rules about
//! connections (streams, TLS, HTTP/2 only, one key each) are not judged.

mod auth;
mod broadcast;
mod channels;
mod codes;
mod headers;
mod payload;
mod read;
#[cfg(test)]
mod tests;

use http::Method;
use omnipush_core::{Audience, Shape};
use serde_json::{Value, json};

use self::auth::Tokens;
use self::channels::Channels;
use self::codes::Fault;
use crate::fake::{
    Answer, Call, Delivered, DocumentedCode, Fake, OperationTrial, Purpose, TargetState, World, usual_audience,
};

/// The team whose provider tokens are taken.
pub const TEAM_ID: &str = "DEF123GHIJ";
/// The only key of the team.
pub const KEY_ID: &str = "ABC123DEFG";
/// The only app of the team. Topics are this, and a suffix that depends on the push type.
pub const BUNDLE_ID: &str = "com.example.app";
/// The topic of `mdm` pushes: the user id in the subject of a device manager's certificate.
pub const MDM_TOPIC: &str = "com.apple.mgmt.External.0f4c5d5e-9f3a-4b0e-8a43-6f2d4c1b7a90";
/// How long ago a dead device token died, by the `timestamp` of a 410, in milliseconds.
pub const DEAD_FOR_MS: u64 = 3_600_000;

const PRIVATE_KEY: &str = include_str!("../../keys/apns-test-key.pem");
const STORED_AT_MOST_SECONDS: u64 = 30 * 24 * 3600;
const DEVICE_PATH: &str = "/3/device";
/// A device token is 32 bytes today. Apple forbids to rely on it; longer ones are taken.
const SHORTEST_TOKEN_DIGITS: usize = 64;

/// The fake.
#[derive(Default)]
pub struct Apns {
    world: World,
    tokens: Tokens,
    channels: Channels,
    lenient: bool,
}

impl Apns {
    /// A fake with an empty world that asks for all that Apple asks for.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, which also answers 429 `TooManyProviderTokenUpdates` to a valid provider token
    /// that was issued less than 20 minutes after the one before it.
    ///
    /// Apple counts for each connection, and this fake over all of them, as it sees none: use it
    /// with one client only.
    pub fn judging_token_updates(mut self) -> Self {
        self.tokens.judge_updates = true;
        self
    }

    /// The same, which lets pass what Apple's servers let pass although the documentation asks
    /// for better: no `apns-push-type`, keys in `aps` and `apns-` headers that have no meaning,
    /// flags that are 0, an `apns-id` in upper case, provider tokens with more claims, with `iat`
    /// as a string, or in plain base64.
    ///
    /// For foreign clients. An adapter of ours is to meet the strict form, in which a misspelt
    /// name is noticed.
    pub fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }

    fn serve(&self, call: &Call, id: &str) -> Result<(), Fault> {
        let token = device(call)?;
        self.tokens.check(call, &self.world, self.lenient)?;
        let headers = headers::read(call, self.lenient)?;
        let root = payload::check(&call.body, headers.push_type, self.lenient)?;
        if !is_device_token(token) {
            return Err(Fault::new("BadDeviceToken", format!("{token:?} is no device token in hexadecimal")));
        }
        match self.world.target(token) {
            TargetState::Alive => {}
            TargetState::Dead => return Err(Fault::new("Unregistered", "the device is gone")),
            TargetState::Refused(code) => return Err(Fault::coded(&code, "the device is set to be refused")),
        }
        let now = call.now_ms / 1000;
        self.world.deliver(Delivered {
            target: token.to_owned(),
            ttl_seconds: headers.expiration.map(|until| until.saturating_sub(now).min(STORED_AT_MOST_SECONDS)),
            collapse: headers.collapse,
            request_id: headers.id,
            message_id: id.to_owned(),
            ..read::shown(Value::Object(root))
        });
        Ok(())
    }

    /// The header that has the id of the answer, and the id: the caller's where it is one, else
    /// one made here.
    fn id(&self, call: &Call) -> (&'static str, String) {
        let name = match Place::of(call) {
            Place::Device | Place::Nowhere => "apns-id",
            Place::Broadcast | Place::Channels => broadcast::ID,
        };
        let id = match call.header(name) {
            Some(id) if headers::is_uuid(id, self.lenient) => id.to_owned(),
            _ => format!("00000000-0000-4000-8000-{:012x}", self.world.serial()),
        };
        (name, id)
    }
}

/// What a path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Device,
    Broadcast,
    Channels,
    Nowhere,
}

impl Place {
    fn of(call: &Call) -> Self {
        let below =
            |prefix| call.path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        match () {
            () if below(DEVICE_PATH) => Self::Device,
            () if below(broadcast::PATH) => Self::Broadcast,
            () if below(channels::PATH) => Self::Channels,
            () => Self::Nowhere,
        }
    }
}

/// Checks the bundle id in a path. Topics of push types have no place there.
fn check_bundle(id: &str) -> Result<(), Fault> {
    match id.strip_prefix(BUNDLE_ID) {
        Some("") => Ok(()),
        Some(suffix) if suffix.starts_with('.') => {
            Err(Fault::new("TopicDisallowed", format!("{id:?} is a topic, not a bundle id")))
        }
        _ => Err(Fault::new("TopicMismatch", format!("{id:?} is no app of the team"))),
    }
}

/// The device token in the path, as it came.
fn device(call: &Call) -> Result<&str, Fault> {
    let unknown = || Fault::new("BadPath", format!("nothing is at {}", call.path));
    let rest = call.path.strip_prefix(DEVICE_PATH).ok_or_else(unknown)?;
    let token = match rest.strip_prefix('/') {
        Some(token) => token,
        None if rest.is_empty() => "",
        None => return Err(unknown()),
    };
    if token.contains('/') || !call.query.is_empty() {
        return Err(unknown());
    }
    if call.method != Method::POST {
        return Err(Fault::new("MethodNotAllowed", format!("{} is not POST", call.method)));
    }
    if token.is_empty() {
        return Err(Fault::new("MissingDeviceToken", "the path ends before the device token"));
    }
    Ok(token)
}

fn is_device_token(token: &str) -> bool {
    token.len() >= SHORTEST_TOKEN_DIGITS
        && token.len().is_multiple_of(2)
        && token.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Fake for Apns {
    fn vendor(&self) -> &'static str {
        "apns"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[
            "api.push.apple.com",
            "api.sandbox.push.apple.com",
            "api.development.push.apple.com",
            "api-broadcast.push.apple.com",
            "api-broadcast.sandbox.push.apple.com",
            "api-manage-broadcast.push.apple.com",
            "api-manage-broadcast.sandbox.push.apple.com",
        ]
    }

    fn config(&self, base: &str) -> Value {
        json!({
            "vendor": "apns",
            "team_id": TEAM_ID,
            "key_id": KEY_ID,
            "key": PRIVATE_KEY,
            "topic": BUNDLE_ID,
            "endpoint": base,
        })
    }

    fn target(&self, number: usize) -> String {
        // Spread over all digits, so that it looks like a token and differs early.
        let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("{mixed:016x}{:016x}{:016x}{number:016x}", !mixed, mixed.rotate_left(29))
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match Place::of(call) {
            Place::Device | Place::Broadcast => Purpose::Send,
            Place::Channels => Purpose::Operate,
            Place::Nowhere => Purpose::Unknown,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        let (name, id) = self.id(call);
        let served = match Place::of(call) {
            Place::Device | Place::Nowhere => self.serve(call, &id).map(|()| Answer::empty(200)),
            Place::Broadcast => self.broadcast(call, &id).map(|()| Answer::empty(200)),
            Place::Channels => self.manage(call),
        };
        match served {
            Ok(answer) => answer.header(name, id),
            Err(fault) => fault.answer(call, (name, id)),
        }
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        codes::all()
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        Fault::coded(code, code.code).answer(call, self.id(call))
    }

    fn world(&self) -> &World {
        &self.world
    }

    /// A channel is the nearest thing to a topic; its id is the topic's name.
    fn audience(&self, shape: Shape) -> Audience {
        match shape {
            Shape::Topic => Audience::Topic(self.channels.first()),
            _ => usual_audience(shape, self.target(0).into()),
        }
    }

    /// Only Live Activities are broadcast.
    fn options(&self, shape: Shape) -> Option<Value> {
        let activity = json!({"live_activity": {"event": "update", "content_state": {"score": "2:1"}}});
        (shape == Shape::Topic).then_some(activity)
    }

    fn operations(&self) -> Vec<OperationTrial> {
        self.channels.trials()
    }
}
