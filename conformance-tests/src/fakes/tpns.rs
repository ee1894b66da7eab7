//! A strict fake of TPNS, Tencent's push service: notifications and messages to tokens, accounts,
//! tags, packages and everybody, which are one call, and the calls around devices (`devices`).
//! There are no callbacks; calls for statistics exist, and their paths are not known.
//!
//! Written from Tencent's pages "Push API" (548/39064, 1024/33764), "Signature" (1024/34213),
//! "Server-side error codes" (548/39080, 1024/33763) and "Restrictions" (1024/35286), and from
//! what the vendor's Go and PHP SDKs send. In what order TPNS checks is not known. Here it is:
//! path and method, caller (`auth`), content type, body (`tables`, `message`), targets last.

mod auth;
mod codes;
mod devices;
mod fields;
mod message;
mod tables;
#[cfg(test)]
mod tests;
mod trials;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;
use omnipush_core::{Audience as To, Shape};
use serde_json::{Value, json};

use self::devices::Memory;
use self::fields::{Checked, Refusal, ensure};
use self::message::{Audience, Push};
use crate::fake::{
    Answer, At, Call, Delivered, DocumentedCode, Fake, OperationTrial, Purpose, TargetState, World, usual_audience,
};

/// The app for Android. App and secret are those of the document's example of a signature.
pub const ACCESS_ID: &str = "1500001048";
/// Its secret.
pub const SECRET_KEY: &str = "1452fcebae9f3115ba794fb0fff2fd73";
/// The app for iOS: an app is of one platform.
pub const IOS_ACCESS_ID: &str = "1600001048";
/// Its secret, made for tests.
pub const IOS_SECRET_KEY: &str = "0123456789abcdef0123456789abcdef";
/// How many tokens or accounts one push may name.
pub const MAX_TARGETS: usize = 1000;
/// The longest time to live, in seconds.
pub const MAX_TTL: i64 = 259_200;
/// How far the clock of a signature may be off, unless a test says otherwise, in seconds.
pub const SKEW_SECONDS: u64 = 600;

/// The number of a package that was uploaded before the world began; later ones count up.
pub const FIRST_PACKAGE: u64 = 42;

const PATH: &str = "/v3/push/app";
const PATHS: [&str; 5] = [PATH, devices::TAGS, devices::ACCOUNTS, devices::QUERY, devices::UPLOAD];
/// For so long the same broadcast is refused, in milliseconds.
const AGAIN_MS: u64 = 60 * 60 * 1000;
const TOKEN_CHARS: usize = 36;
/// The id of the first accepted push is one more.
const FIRST_PUSH: u64 = 427_184_208;

/// What an app runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Platform {
    #[default]
    Android,
    Ios,
}

impl Platform {
    fn name(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Ios => "ios",
        }
    }
}

/// An app that the fake knows.
struct App {
    access_id: &'static str,
    secret_key: &'static str,
    platform: Platform,
}

static APPS: [App; 2] = [
    App { access_id: ACCESS_ID, secret_key: SECRET_KEY, platform: Platform::Android },
    App { access_id: IOS_ACCESS_ID, secret_key: IOS_SECRET_KEY, platform: Platform::Ios },
];

/// The fake.
pub struct Tpns {
    world: World,
    /// The platform of the app in the configuration; both apps are served whatever it is.
    platform: Platform,
    skew_seconds: u64,
    memory: Mutex<Memory>,
    /// Broadcasts by their body, and when each was taken, in milliseconds.
    broadcasts: Mutex<HashMap<String, u64>>,
}

impl Default for Tpns {
    fn default() -> Self {
        Self {
            world: World::default(),
            platform: Platform::default(),
            skew_seconds: SKEW_SECONDS,
            memory: Mutex::default(),
            broadcasts: Mutex::default(),
        }
    }
}

impl Tpns {
    /// A fake with an empty world, and the app for Android in its configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with the app for iOS in its configuration.
    pub fn for_ios() -> Self {
        Self { platform: Platform::Ios, ..Self::default() }
    }

    /// The same, taking signatures whose clock is off by so many seconds.
    pub fn with_skew(self, seconds: u64) -> Self {
        Self { skew_seconds: seconds, ..self }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, call: &Call) -> Checked<&'static App> {
        let app = auth::admit(call, self.skew_seconds)?;
        ensure(!self.world.refuses_tokens(), codes::UNAUTHENTICATED, "all callers are refused at present")?;
        // Which numbers answer these two is not documented.
        let kind = call.header("content-type").unwrap_or_default();
        let json = call.path == devices::UPLOAD || is_json(kind);
        ensure(json, codes::UNREADABLE, format!("the content type is {kind:?}"))?;
        ensure(call.query.is_empty(), codes::WRONG, "a query, which no call has")?;
        Ok(app)
    }

    fn read(&self, call: &Call) -> Checked<Push> {
        let push = message::read(call, self.admit(call)?)?;
        let package = push.targets.first().filter(|_| push.audience == Audience::Package);
        let known = package.is_none_or(|id| self.memory().has_package(id));
        ensure(known, codes::WRONG, "no such package was uploaded")?;
        Ok(push)
    }

    fn serve(&self, call: &Call) -> Checked<Answer> {
        match call.path.as_str() {
            devices::TAGS => self.admit(call).and_then(|_| self.tags(call)),
            devices::ACCOUNTS => self.admit(call).and_then(|_| self.accounts(call)),
            devices::QUERY => self.admit(call).and_then(|_| self.bindings(call)),
            devices::UPLOAD => self.admit(call).and_then(|_| self.upload(call)),
            _ => {
                let push = self.read(call)?;
                if push.audience == Audience::All {
                    self.first_in_an_hour(&push.shown.raw, call.now_ms)?;
                }
                Ok(self.push(&push, None))
            }
        }
    }

    fn first_in_an_hour(&self, body: &Value, now_ms: u64) -> Checked {
        let mut broadcasts = self.broadcasts.lock().unwrap_or_else(PoisonError::into_inner);
        let last = broadcasts.insert(body.to_string(), now_ms);
        let again = last.is_some_and(|last| now_ms.saturating_sub(last) < AGAIN_MS);
        ensure(!again, codes::AGAIN, "the same broadcast as within the last hour")
    }

    /// How a refusal looks where it is. `seq` is what it echoes.
    fn failure(&self, call: &Call, code: &str, seq: i64) -> Answer {
        match call.path.as_str() {
            _ if code.starts_with("HTTP ") => codes::failure(code, 0),
            devices::UPLOAD => codes::uploaded(code, 0),
            devices::QUERY => codes::queried(code, serde_json::Map::new()),
            devices::TAGS | devices::ACCOUNTS => codes::operated(code, &[]),
            _ => codes::failure(code, seq),
        }
    }

    /// Sends, and answers. With `first`, the first target fails with that code.
    fn push(&self, push: &Push, first: Option<&DocumentedCode>) -> Answer {
        let failed = |at: usize, target: &str| {
            first.filter(|_| at == 0).map_or_else(|| self.failure_of(target, push.audience), |code| Some(code.code))
        };
        let fates: Vec<(&str, Option<&str>)> =
            push.targets.iter().enumerate().map(|(at, target)| (target.as_str(), failed(at, target))).collect();
        let lenient = push.lenient && push.audience.is_tokens();
        // Accounts without a device are passed over in a list; nobody left is a failure.
        let fatal = match push.audience {
            _ if lenient => None,
            Audience::Accounts if fates.iter().any(|(_, failure)| failure.is_none()) => None,
            _ => fates.iter().find_map(|(target, failure)| Some((target, (*failure)?))),
        };
        if let Some((target, code)) = fatal {
            return codes::failure(code, push.seq).because(format!("{code} for {target:?}"));
        }
        let ids: Vec<String> =
            (0..push.repeated.unwrap_or(1).max(1)).map(|_| (FIRST_PUSH + self.world.serial()).to_string()).collect();
        let id = ids.first().cloned().unwrap_or_default();
        // A repeated push has a list of numbers, one for each time of a day.
        let answered = if push.repeated.is_some() { json!(ids) } else { json!(id) };
        for (target, _) in fates.iter().filter(|(_, failure)| failure.is_none()) {
            self.world.deliver(Delivered {
                target: (*target).to_owned(),
                message_id: id.clone(),
                ..push.shown.clone()
            });
        }
        // Even when no token is left the push is taken; the document knows no exception.
        let left_out: Vec<&str> =
            fates.iter().filter(|(_, failure)| failure.is_some()).map(|(target, _)| *target).collect();
        codes::accepted(push.seq, &answered, &push.environment, lenient.then_some(left_out.as_slice()))
    }

    /// Why a target gets nothing. A token that is not registered is told as a target that does
    /// not exist where it is the only one, else as a token that is not valid: of the two numbers
    /// the document does not say which is for what, but the first misleads in lists.
    fn failure_of(&self, target: &str, audience: Audience) -> Option<&'static str> {
        if audience.is_tokens() && !is_token(target) {
            return Some(codes::BAD_TOKEN);
        }
        match (self.world.target(target), audience) {
            (TargetState::Alive, _) => None,
            (TargetState::Dead, Audience::Tokens) => Some(codes::BAD_TOKEN),
            (TargetState::Dead, _) => Some(codes::NOBODY),
            (TargetState::Refused(code), _) => Some(code.code),
        }
    }
}

impl Fake for Tpns {
    fn vendor(&self) -> &'static str {
        "tpns"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["api.tpns.tencent.com", "api.tpns.sh.tencent.com", "api.tpns.hk.tencent.com", "api.tpns.sgp.tencent.com"]
    }

    fn config(&self, base: &str) -> Value {
        let (access_id, secret_key) = match self.platform {
            Platform::Android => (ACCESS_ID, SECRET_KEY),
            Platform::Ios => (IOS_ACCESS_ID, IOS_SECRET_KEY),
        };
        let mut config = json!({
            "vendor": "tpns",
            "access_id": access_id,
            "secret_key": secret_key,
            "platform": self.platform.name(),
            "endpoint": base,
        });
        if let (Platform::Ios, Value::Object(config)) = (self.platform, &mut config) {
            config.insert("environment".into(), "product".into());
        }
        config
    }

    fn target(&self, number: usize) -> String {
        // A short head, then hexadecimal digits that differ early.
        let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("04ca{mixed:016x}{number:016x}")
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match call.path.as_str() {
            _ if call.method != Method::POST => Purpose::Unknown,
            PATH => Purpose::Send,
            devices::TAGS | devices::ACCOUNTS | devices::QUERY | devices::UPLOAD => Purpose::Operate,
            _ => Purpose::Unknown,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        // What TPNS says here is not documented: these are the words of any web server.
        if !PATHS.contains(&call.path.as_str()) {
            return Answer::text(404, "text/plain", "404 page not found").because("unknown path");
        }
        if call.method != Method::POST {
            return Answer::text(405, "text/plain", "405 method not allowed")
                .header("allow", "POST")
                .because("all calls are by POST");
        }
        self.serve(call).unwrap_or_else(|Refusal { code, why }| {
            // Before the body was read there is nothing to echo.
            let seq = if code == codes::UNAUTHENTICATED { 0 } else { seq(call) };
            self.failure(call, code, seq).because(why)
        })
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        codes::all()
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        match self.read(call) {
            Ok(push) if code.at == At::Target => self.push(&push, Some(code)),
            _ => self.failure(call, code.code, seq(call)).because("asked for by the test"),
        }
    }

    fn world(&self) -> &World {
        &self.world
    }

    /// Packages are named by what is in them and their number.
    fn audience(&self, shape: Shape) -> To {
        match shape {
            Shape::Segment => To::Segment(format!("token:{FIRST_PACKAGE}")),
            _ => usual_audience(shape, self.target(0).into()),
        }
    }

    fn operations(&self) -> Vec<OperationTrial> {
        self.operation_trials()
    }
}

/// The caller's own number of a push; 0 when it has none.
fn seq(call: &Call) -> i64 {
    call.json().ok().and_then(|body| body.get("seq")?.as_i64()).unwrap_or_default()
}

/// Whether a content type is JSON in UTF-8. The PHP SDK puts the charset in quotes.
fn is_json(kind: &str) -> bool {
    let (mime, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    let parameters = parameters.trim().to_ascii_lowercase();
    mime.trim().eq_ignore_ascii_case("application/json")
        && (parameters.is_empty()
            || parameters
                .strip_prefix("charset=")
                .is_some_and(|charset| matches!(charset.trim_matches(['\'', '"']), "utf-8" | "utf8")))
}

/// Whether a token is well formed. Only its length is documented; all known ones are letters and
/// digits.
fn is_token(text: &str) -> bool {
    (1..=TOKEN_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
