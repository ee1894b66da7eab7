//! A strict fake of Apple's push service: sending to devices with a provider token.
//!
//! Written from Apple's developer documentation: "Sending notification requests to APNs",
//! "Handling notification responses from APNs", "Establishing a token-based connection to APNs",
//! "Generating a remote notification", "Pushing background updates to your App" and "Starting
//! and updating Live Activities with ActivityKit push notifications".
//!
//! In what order Apple checks is not known. Here it is: path and method (`device`), provider
//! token (`auth`), headers (`headers`), size and content of the payload (`payload`), and
//! the state of the device last. A connection is not visible from here, so the rules about
//! connections (streams, TLS, HTTP/2 only, one key each) are not judged.

mod auth;
mod codes;
mod headers;
mod payload;
mod read;
#[cfg(test)]
mod tests;

use http::Method;
use serde_json::{Value, json};

use self::auth::Tokens;
use self::codes::Fault;
use crate::fake::{Answer, Call, Delivered, DocumentedCode, Fake, Purpose, TargetState, World};

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
    /// an `apns-id` in upper case, provider tokens with more claims or with `iat` as a string.
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

    /// The id of the answer: the caller's where it is one, else one made here.
    fn message_id(&self, call: &Call) -> String {
        match call.header("apns-id") {
            Some(id) if headers::is_uuid(id, self.lenient) => id.to_owned(),
            _ => format!("00000000-0000-4000-8000-{:012x}", self.world.serial()),
        }
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
        match call.path.strip_prefix(DEVICE_PATH) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => Purpose::Send,
            _ => Purpose::Unknown,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        let id = self.message_id(call);
        match self.serve(call, &id) {
            Ok(()) => Answer::empty(200).header("apns-id", id),
            Err(fault) => fault.answer(call, id),
        }
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        codes::all()
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        Fault::coded(code, code.code).answer(call, self.message_id(call))
    }

    fn world(&self) -> &World {
        &self.world
    }
}
