//! A strict fake of TPNS, Tencent's push service: notifications and messages to tokens and, as
//! they are the same call, to accounts.
//!
//! Written from Tencent's pages "Push API" (548/39064, 1024/33764), "Signature" (1024/34213),
//! "Server-side error codes" (548/39080, 1024/33763) and "Restrictions" (1024/35286), and from
//! what the vendor's Go and PHP SDKs send. In what order TPNS checks is not known. Here it is:
//! path and method, caller (`auth`), content type, body (`tables`, `message`), targets last.
//!
//! Broadcasts, tags, packages, uploads and the calls around accounts are not served yet.

mod auth;
mod codes;
mod fields;
mod message;
mod tables;
#[cfg(test)]
mod tests;

use http::Method;
use serde_json::{Value, json};

use self::fields::{Checked, ensure};
use self::message::{Audience, Push};
use crate::fake::{Answer, At, Call, Delivered, DocumentedCode, Fake, Purpose, TargetState, World};

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

const PATH: &str = "/v3/push/app";
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
}

impl Default for Tpns {
    fn default() -> Self {
        Self { world: World::default(), platform: Platform::default(), skew_seconds: SKEW_SECONDS }
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

    fn read(&self, call: &Call) -> Checked<Push> {
        let app = auth::admit(call, self.skew_seconds)?;
        ensure(!self.world.refuses_tokens(), codes::UNAUTHENTICATED, "all callers are refused at present")?;
        // Which numbers answer these two is not documented.
        let kind = call.header("content-type").unwrap_or_default();
        ensure(is_json(kind), codes::UNREADABLE, format!("the content type is {kind:?}"))?;
        ensure(call.query.is_empty(), codes::WRONG, "a query, which no push has")?;
        message::read(call, app)
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
        let id = (FIRST_PUSH + self.world.serial()).to_string();
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
        codes::accepted(push.seq, &id, &push.environment, lenient.then_some(left_out.as_slice()))
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

    fn config(&self, base: &str) -> Value {
        let (access_id, secret_key) = match self.platform {
            Platform::Android => (ACCESS_ID, SECRET_KEY),
            Platform::Ios => (IOS_ACCESS_ID, IOS_SECRET_KEY),
        };
        json!({
            "vendor": "tpns",
            "access_id": access_id,
            "secret_key": secret_key,
            "platform": self.platform.name(),
            "endpoint": base,
        })
    }

    fn target(&self, number: usize) -> String {
        // A short head, then hexadecimal digits that differ early.
        let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("04ca{mixed:016x}{number:016x}")
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match call.path.as_str() {
            PATH if call.method == Method::POST => Purpose::Send,
            _ => Purpose::Unknown,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        // What TPNS says here is not documented: these are the words of any web server.
        if call.path != PATH {
            return Answer::text(404, "text/plain", "404 page not found").because("unknown path");
        }
        if call.method != Method::POST {
            return Answer::text(405, "text/plain", "405 method not allowed")
                .header("allow", "POST")
                .because("pushing is by POST");
        }
        match self.read(call) {
            Ok(push) => self.push(&push, None),
            // Before the body was read there is nothing to echo.
            Err(refusal) if refusal.code == codes::UNAUTHENTICATED => {
                codes::failure(refusal.code, 0).because(refusal.why)
            }
            Err(refusal) => codes::failure(refusal.code, seq(call)).because(refusal.why),
        }
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        codes::all()
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        match self.read(call) {
            Ok(push) if code.at == At::Target => self.push(&push, Some(code)),
            _ => codes::failure(code.code, seq(call)).because("asked for by the test"),
        }
    }

    fn world(&self) -> &World {
        &self.world
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
