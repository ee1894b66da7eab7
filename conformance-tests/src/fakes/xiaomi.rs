//! A strict fake of Xiaomi's Mi Push server, as `dev.mi.com` and the official SDK document it.
//!
//! The vendor has no access tokens and no staging: the app secret stands in a header, and the
//! outcome of a call is `code` in a JSON body whose HTTP status is always 200. To whom a message
//! goes is read in `audience`, what it may say checked in `checks` and decoded in `message`; what
//! there is besides sending is in `operations` and `upload`, the failures in `codes`, the
//! callbacks in `receipts`.

mod audience;
mod checks;
mod codes;
mod memory;
mod message;
mod operations;
mod receipts;
mod symbols;
#[cfg(test)]
mod tests;
mod trials;
mod upload;

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::fake::{
    Answer, Call, Delivered, DocumentedCode, Fake, OperationTrial, Purpose, ReceiptTrial, TargetState, World,
};
use audience::{ENDPOINTS, Endpoint, To};
use codes::{BAD_REGIDS, Refusal, refuse};
use memory::{Memory, Sent};

/// The app secret that this fake knows. It is not a secret: it was made for tests.
pub const APP_SECRET: &str = "s3cr3t==";
/// The package that the adapter is configured with.
pub const PACKAGE: &str = "com.example.app";
/// Another package of the same app, so that lists of packages (v3, v4) can be told from one.
pub const OTHER_PACKAGE: &str = "com.example.app.pad";
/// A channel of the public class: no template, kept for at most a day.
pub const PUBLIC_CHANNEL: &str = "130001";
/// A channel of the private class: needs a template, kept for at most ten days.
pub const PRIVATE_CHANNEL: &str = "130002";
/// Targets, or messages, in one request.
pub const MAX_TARGETS: usize = 1000;

/// The fake of Xiaomi.
#[derive(Default)]
pub struct Xiaomi {
    world: World,
    memory: Mutex<Memory>,
}

/// What a call is, by its path.
enum Route {
    Send(&'static Endpoint),
    Operate(&'static operations::Offer),
    Upload,
}

impl Route {
    fn of(path: &str) -> Option<Self> {
        let send = ENDPOINTS.iter().find(|endpoint| endpoint.path == path).map(Self::Send);
        let operate = || operations::OFFERS.iter().find(|offer| offer.path == path).map(Self::Operate);
        send.or_else(operate).or_else(|| (path == upload::PATH).then_some(Self::Upload))
    }

    fn method(&self) -> &Method {
        match self {
            Self::Send(_) | Self::Upload => &Method::POST,
            Self::Operate(offer) => &offer.method,
        }
    }
}

impl Xiaomi {
    /// A fake with a fresh world.
    pub fn new() -> Self {
        Self::default()
    }

    fn authorise(&self, call: &Call) -> Result<(), Refusal> {
        let mut given = call.headers.get_all("authorization").iter();
        let secret = given.next().and_then(|value| value.to_str().ok()?.strip_prefix("key="));
        if secret == Some(APP_SECRET) && given.next().is_none() && !self.world.refuses_tokens() {
            return Ok(());
        }
        refuse(21301, "Invalid application secret.")
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, call: &Call, spoil_first: bool) -> Result<Answer, Refusal> {
        let Some(route) = Route::of(&call.path) else {
            return refuse(10020, format!("interface {} does not exist", call.path));
        };
        if call.method != route.method() {
            return refuse(10021, format!("http method {} is not supported", call.method));
        }
        match route {
            Route::Send(endpoint) => self.send(call, endpoint, spoil_first),
            Route::Operate(offer) => self.operate(call, offer),
            Route::Upload => self.upload(call),
        }
    }

    fn send(&self, call: &Call, endpoint: &Endpoint, spoil_first: bool) -> Result<Answer, Refusal> {
        self.authorise(call)?;
        let fields = message::form(call)?;
        let later = message::get(&fields, "time_to_send").is_some_and(|time| time != "0");
        let batch = if endpoint.own_messages {
            message::own_messages(fields, call.now_ms)?
        } else {
            message::one_message(fields, endpoint, call.now_ms)?
        };
        let job = batch.first().and_then(|message| message.request_id.clone());
        let (sent, bad) = self.push(batch, endpoint.to, spoil_first);
        let sent = Sent { job, at_ms: call.now_ms, bad: bad.len(), ..sent };
        let mut memory = self.memory();
        memory.dead_regids.extend(bad.iter().cloned());
        if sent.taken == 0 {
            return refuse(20301, "No valid targets!");
        }
        if later {
            memory.scheduled.extend([sent.id.clone()].into_iter().chain(sent.job.clone()));
        }
        let mut data = Map::from_iter([("id".to_owned(), Value::from(sent.id.as_str()))]);
        if !bad.is_empty() {
            data.insert("bad_regids".into(), bad.join(",").into());
        }
        data.extend(quota());
        let info = format!("Received push messages for {} {}", sent.taken, endpoint.to.word());
        memory.sent.push(sent);
        Ok(accepted(self.world.serial(), &data.into(), &info))
    }

    /// Delivers what has a living target, and gives the regids that have not. Of other targets
    /// without a device nothing is documented: they count as taken.
    fn push(&self, batch: Vec<Delivered>, to: To, spoil_first: bool) -> (Sent, Vec<String>) {
        let id = format!("scm5{:016}ab", self.world.serial());
        let mut bad = Vec::new();
        let mut taken = 0_usize;
        for (place, message) in batch.into_iter().enumerate() {
            let alive = matches!(self.world.target(&message.target), TargetState::Alive);
            if to == To::Regids && (!alive || !checks::is_regid(&message.target) || (spoil_first && place == 0)) {
                bad.push(message.target);
                continue;
            }
            taken += 1;
            // The server takes a repeated jobkey; it is the device that shows only the first.
            let shown_before = message
                .request_id
                .as_ref()
                .is_some_and(|job| !self.world.first_time(&format!("{} {job}", message.target)));
            if alive && !shown_before {
                self.world.deliver(Delivered { message_id: id.clone(), ..message });
            }
        }
        (Sent { id, job: None, at_ms: 0, taken, bad: bad.len() }, bad)
    }

    fn settle(&self, outcome: Result<Answer, Refusal>) -> Answer {
        outcome.unwrap_or_else(|refusal| refusal.answer(&trace_id(self.world.serial())))
    }
}

/// The answer to a call that was taken.
fn accepted(serial: u64, data: &Value, info: &str) -> Answer {
    let mut body =
        json!({"result": "ok", "trace_id": trace_id(serial), "code": 0, "data": data, "description": "成功"});
    if let (Value::Object(body), false) = (&mut body, info.is_empty()) {
        body.insert("info".into(), info.into());
    }
    Answer::json(200, &body)
}

/// Today's allowance, and what is used up of it: strings, although they are counts.
fn quota() -> Map<String, Value> {
    [("day_quota", "20000"), ("day_acked", "0")]
        .map(|(key, value)| (key.to_owned(), value.into()))
        .into_iter()
        .collect()
}

fn trace_id(serial: u64) -> String {
    format!("Xdm0{serial:017}b")
}

impl Fake for Xiaomi {
    fn vendor(&self) -> &'static str {
        "xiaomi"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[
            "api.xmpush.xiaomi.com",
            "sandbox.xmpush.xiaomi.com",
            "feedback.xmpush.xiaomi.com",
            "vip.api.xmpush.xiaomi.com",
        ]
    }

    fn config(&self, base: &str) -> Value {
        json!({
            "vendor": "xiaomi",
            "app_secret": APP_SECRET,
            "package_name": PACKAGE,
            "channel_id": PUBLIC_CHANNEL,
            "endpoint": base,
        })
    }

    /// Base64 of 31, 32 or 33 bytes, as real regids come with two, one and no `=`.
    fn target(&self, number: usize) -> String {
        let mut bytes = Sha256::digest(format!("regid {number}")).to_vec();
        bytes.push(b'~');
        bytes.truncate(31 + number % 3);
        STANDARD.encode(bytes)
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match Route::of(&call.path).filter(|route| call.method == route.method()) {
            None => Purpose::Unknown,
            Some(Route::Send(_)) => Purpose::Send,
            Some(_) => Purpose::Operate,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        self.settle(self.serve(call, false))
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        &codes::CODES
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        if code.code == BAD_REGIDS {
            return self.settle(self.serve(call, true));
        }
        codes::documented(code, &trace_id(self.world.serial()))
    }

    fn world(&self) -> &World {
        &self.world
    }

    fn operations(&self) -> Vec<OperationTrial> {
        self.operation_trials()
    }

    fn receipts(&self) -> Vec<ReceiptTrial> {
        receipts::trials()
    }
}
