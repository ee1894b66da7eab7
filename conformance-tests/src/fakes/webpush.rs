//! A strict fake of a push service of the web, and of the browsers behind it: RFC 8030 (sending),
//! RFC 8188 and 8291 (encryption) and RFC 8292 (VAPID).
//!
//! - `subscription`: what browsers hand over, made for tests: keys and endpoints by number;
//! - `vapid`: who the sender is;
//! - `headers`: TTL, Urgency, Topic, Content-Encoding;
//! - `body`: decryption, as the browser does it;
//! - `read`: what the browser's page shows of the plaintext;
//! - `store`: messages that wait for a browser that is offline, and their end;
//! - `codes`: the documented failures, and the dialect of each service.
//!
//! A real service cannot look into a message: it takes one that was encrypted wrongly, and the
//! browser drops it in silence. Here the sender is told, with the service's answer for bad
//! encryption. Services also look at the subscription before they read the message; here its state
//! comes last, so that a mistake in the request shows whatever the state.

mod body;
mod codes;
mod headers;
mod read;
mod store;
mod subscription;
#[cfg(test)]
mod tests;
mod vapid;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use omnipush_core::Operation;
use serde_json::{Value, json};

use self::body::Seen;
use self::codes::{Fault, Problem, Row};
use self::store::Store;
use self::subscription::Subscription;
use self::vapid::Tokens;
use crate::fake::{Answer, Call, Delivered, DocumentedCode, Fake, OperationTrial, Purpose, TargetState, World};

/// The sender's private key: a P-256 scalar, base64url. All subscriptions are bound to it.
pub const PRIVATE_KEY: &str = "WHAbH14SvMs_JkECn5gFe5SYv9216-dpVhgd85gTl3Q";
/// The public key that belongs to it: an uncompressed point, base64url.
pub const PUBLIC_KEY: &str = "BDJAkX33zWkrjWL2AlW67hLT_zyHNdI0998Su9q8UPPYF38G60LLJlBBYxSi1ptoLdga1CVW4V2Z8w1PXrLAgr0";
/// The sender's contact.
pub const SUBJECT: &str = "mailto:push@example.com";
/// The longest body, encrypted, in octets: what every service has to take (RFC 8030, section 7.2).
pub const LONGEST_BODY: usize = 4096;
/// The longest time to live in seconds: 30 days. More is cut down to it, and the answer says so.
pub const LONGEST_TTL: u64 = 2_592_000;

/// Where messages are, and how their ids begin.
const MESSAGES: &str = "/m/gAAAAAB";
const DEFAULT_BASE: &str = "http://127.0.0.1";
/// How many subscriptions are kept at hand; deriving a key costs as much as decrypting a message.
const SUBSCRIPTIONS_AT_HAND: usize = 100_000;

/// Whose push service is imitated: endpoints, failures and some rules differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Service {
    /// Mozilla's autopush, whose source is public.
    #[default]
    Mozilla,
    /// Google's, for Chrome and its kin. Answers in plain text.
    Google,
    /// Apple's, for Safari. Wants topics that are base64url, so of no length 4n + 1.
    Apple,
    /// Microsoft's (WNS), for Edge. Its endpoints have the token in the query, its answers no body.
    Microsoft,
}

/// The fake.
#[derive(Default)]
pub struct WebPush {
    world: World,
    service: Service,
    base: Mutex<Option<String>>,
    tokens: Tokens,
    subscriptions: Mutex<HashMap<usize, Arc<Subscription>>>,
    seen: Seen,
    store: Store,
}

impl WebPush {
    /// A fake of Mozilla's service with an empty world.
    pub fn new() -> Self {
        Self::default()
    }

    /// A fake of some service.
    pub fn of(service: Service) -> Self {
        Self { service, ..Self::default() }
    }

    /// Takes a target's browser off the net: what it is sent waits, or is dropped if it has no
    /// time to live.
    pub fn disconnect(&self, number: usize) {
        self.store.disconnect(number);
    }

    /// Brings a target's browser back at a time: it gets what waits for it and has not expired.
    pub fn reconnect(&self, number: usize, now_ms: u64) {
        self.store.reconnect(number, now_ms).into_iter().for_each(|message| self.world.deliver(message));
    }

    fn base(&self) -> String {
        locked(&self.base).clone().unwrap_or_else(|| DEFAULT_BASE.to_owned())
    }

    /// The origin of the base, which is the audience of VAPID tokens.
    fn origin(&self) -> String {
        let base = self.base();
        let path = base.match_indices('/').nth(2).map_or(base.len(), |(at, _)| at);
        base.get(..path).unwrap_or_default().to_owned()
    }

    fn endpoint(&self, number: usize) -> String {
        format!("{}{}", self.base(), subscription::resource(self.service, number))
    }

    fn subscription(&self, number: usize) -> Arc<Subscription> {
        if let Some(known) = locked(&self.subscriptions).get(&number) {
            return Arc::clone(known);
        }
        let made = Arc::new(Subscription::numbered(number));
        let mut known = locked(&self.subscriptions);
        if known.len() >= SUBSCRIPTIONS_AT_HAND {
            known.clear();
        }
        known.insert(number, Arc::clone(&made));
        made
    }

    /// Takes a message back (autopush, "Cancel Notification"). One that was delivered is as good as
    /// taken back, so only the form of the id is looked at.
    fn cancel(&self, call: &Call) -> Result<Answer, Fault> {
        if !is_message(&call.path) || !call.query.is_empty() {
            return Err(Fault::new(Problem::UnknownEndpoint, "Invalid token"));
        }
        if call.method != Method::DELETE {
            return Err(Fault::new(Problem::Method, format!("{} is not DELETE", call.method)));
        }
        if !call.body.is_empty() {
            return Err(Fault::new(Problem::Request, "a cancellation has no body"));
        }
        self.store.forget(&format!("{}{}", self.base(), call.path));
        Ok(Answer::json(200, &json!({})))
    }

    fn serve(&self, call: &Call) -> Result<Answer, Fault> {
        if self.service == Service::Mozilla && call.path.starts_with(MESSAGES) {
            return self.cancel(call);
        }
        let number = subscription::find(self.service, call)
            .ok_or_else(|| Fault::new(Problem::UnknownEndpoint, "Invalid token"))?;
        if call.method != Method::POST {
            return Err(Fault::new(Problem::Method, format!("{} is not POST", call.method)));
        }
        let key = self.tokens.check(call, &self.world, &self.origin())?;
        if URL_SAFE_NO_PAD.encode(&key) != PUBLIC_KEY {
            return Err(Fault::new(Problem::OtherKey, "VAPID public key mismatch"));
        }
        if call.body.len() > LONGEST_BODY {
            let why = format!("{} octets are more than {LONGEST_BODY}", call.body.len());
            return Err(Fault::new(Problem::TooLarge, why));
        }
        let headers = headers::read(call, self.service)?;
        let shown = if call.body.is_empty() { Delivered::default() } else { self.open(number, call, &key)? };
        let target = self.target(number);
        match self.world.target(&target) {
            TargetState::Alive => {}
            TargetState::Dead => return Err(Fault::new(Problem::Gone, "No such subscription")),
            TargetState::Refused(code) => return Err(Fault::named(&code)),
        }
        let id = format!("{}{MESSAGES}{:016x}", self.base(), self.world.serial());
        let ttl = headers.ttl.min(LONGEST_TTL);
        let message =
            Delivered { target, ttl_seconds: Some(ttl), collapse: headers.topic, message_id: id.clone(), ..shown };
        let until_ms = call.now_ms.saturating_add(ttl.saturating_mul(1000));
        if let Some(message) = self.store.pass(number, message, until_ms) {
            self.world.deliver(message);
        }
        let answer = Answer::empty(201).header("location", id).header("ttl", ttl.to_string());
        Ok(match self.service {
            Service::Apple => answer.header("apns-id", uuid(self.world.serial())),
            _ => answer,
        })
    }

    /// Decrypts as the browser of a subscription, and reads.
    fn open(&self, number: usize, call: &Call, vapid_key: &[u8]) -> Result<Delivered, Fault> {
        let bad = |why: &'static str| Fault::new(Problem::Encryption, why);
        let message = body::Message::parse(&call.body).map_err(bad)?;
        if message.key == vapid_key {
            return Err(bad("the VAPID key is used for encryption, too"));
        }
        let plaintext = message.decrypt(&self.subscription(number)).map_err(bad)?;
        self.seen.note(&message, number, &call.body).map_err(bad)?;
        read::shown(&plaintext).map_err(|why| Fault::new(Problem::Request, why))
    }

    fn refusal(&self, call: &Call, row: &Row, why: String) -> Answer {
        // Only a moved endpoint needs a place: that of a subscription nobody has.
        let answer = row.answer(&why, call.now_ms);
        let answer = if row.status == 301 { answer.header("location", self.endpoint(usize::MAX)) } else { answer };
        answer.because(why)
    }
}

impl Fake for WebPush {
    fn vendor(&self) -> &'static str {
        "webpush"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &["updates.push.services.mozilla.com", "fcm.googleapis.com", "web.push.apple.com", "*.notify.windows.com"]
    }

    fn config(&self, base: &str) -> Value {
        *locked(&self.base) = Some(base.to_owned());
        json!({
            "vendor": "webpush",
            "private_key": PRIVATE_KEY,
            "subject": SUBJECT,
            "allowed_hosts": ["127.0.0.1"],
            "allow_insecure": true,
        })
    }

    fn credentials(&self, _: &str) -> Value {
        json!({"public_key": PUBLIC_KEY, "private_key": PRIVATE_KEY, "subject": SUBJECT})
    }

    /// The subscription as JSON. Its endpoint lies under the base of the last [`Self::config`].
    fn target(&self, number: usize) -> String {
        self.subscription(number).text(&self.endpoint(number))
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match () {
            () if subscription::is_endpoint(self.service, call) => Purpose::Send,
            () if self.service == Service::Mozilla && call.path.starts_with(MESSAGES) => Purpose::Operate,
            () => Purpose::Unknown,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        self.serve(call).unwrap_or_else(|fault| self.refusal(call, fault.row(self.service), fault.why))
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        codes::all()
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        let row = Fault::named(code).row(self.service);
        self.refusal(call, row, row.text.to_owned())
    }

    fn world(&self) -> &World {
        &self.world
    }

    /// Only Mozilla documents for senders that a message can be taken back.
    fn operations(&self) -> Vec<OperationTrial> {
        let message_id = format!("{}{MESSAGES}{:016x}", self.base(), 7);
        let failures = ["201", "202", "999"].iter().filter_map(|name| codes::all().iter().find(|c| c.code == *name));
        let failures: Vec<_> = failures.map(|code| (code.code, code.class)).collect();
        vec![OperationTrial::done(Operation::Revoke { message_id }).codes(&failures)]
    }
}

fn is_message(path: &str) -> bool {
    let id = path.strip_prefix(MESSAGES).unwrap_or_default();
    id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn uuid(serial: u64) -> String {
    format!("00000000-0000-4000-8000-{serial:012X}")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
