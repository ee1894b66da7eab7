//! A strict fake of Xiaomi's Mi Push server: every send to regids, as `dev.mi.com` documents it.
//!
//! The vendor has no access tokens and no staging: the app secret stands in a header, and the
//! outcome of a call is `code` in a JSON body whose HTTP status is always 200. What a message
//! may say is checked in `checks`, decoded in `message`; the failures are in `codes`.

mod checks;
mod codes;
mod message;
mod symbols;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::fake::{Answer, Call, Delivered, DocumentedCode, Fake, Purpose, TargetState, World};
use codes::{BAD_REGIDS, Refusal, refuse};

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

/// How a send endpoint differs from the others.
struct Endpoint {
    path: &'static str,
    /// Whether exactly one package must be named; otherwise a list, or none for all of the app's.
    one_package: bool,
    /// Whether every target brings its own message.
    own_messages: bool,
}

const ENDPOINTS: [Endpoint; 4] = [
    Endpoint { path: "/v2/message/regid", one_package: true, own_messages: false },
    Endpoint { path: "/v3/message/regid", one_package: false, own_messages: false },
    // How v4 ("union send") differs is documented nowhere; servers send it what v3 takes.
    Endpoint { path: "/v4/message/regid", one_package: false, own_messages: false },
    Endpoint { path: "/v2/multi_messages/regids", one_package: true, own_messages: true },
];

/// The fake of Xiaomi.
#[derive(Default)]
pub struct Xiaomi {
    world: World,
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

    fn serve(&self, call: &Call, spoil_first: bool) -> Result<Answer, Refusal> {
        let Some(endpoint) = ENDPOINTS.iter().find(|e| e.path == call.path) else {
            return refuse(10020, format!("interface {} does not exist", call.path));
        };
        if call.method != Method::POST {
            return refuse(10021, format!("http method {} is not supported", call.method));
        }
        self.authorise(call)?;
        let fields = message::form(call)?;
        let batch = if endpoint.own_messages {
            message::own_messages(fields, call.now_ms)?
        } else {
            message::one_message(fields, endpoint.one_package, call.now_ms)?
        };
        self.push(batch, spoil_first)
    }

    /// Delivers what has a living target. The call fails only when no target is left.
    fn push(&self, batch: Vec<Delivered>, spoil_first: bool) -> Result<Answer, Refusal> {
        let serial = self.world.serial();
        let id = format!("scm5{serial:016}ab");
        let mut bad = Vec::new();
        let mut taken = 0_usize;
        for (place, message) in batch.into_iter().enumerate() {
            let alive = matches!(self.world.target(&message.target), TargetState::Alive);
            if !alive || !checks::is_regid(&message.target) || (spoil_first && place == 0) {
                bad.push(message.target);
                continue;
            }
            taken += 1;
            // The server takes a repeated jobkey; it is the device that shows only the first.
            let shown_before = message
                .request_id
                .as_ref()
                .is_some_and(|job| !self.world.first_time(&format!("{} {job}", message.target)));
            if !shown_before {
                self.world.deliver(Delivered { message_id: id.clone(), ..message });
            }
        }
        if taken == 0 {
            return refuse(20301, "No valid targets!");
        }
        let mut data = Map::from_iter([("id".to_owned(), Value::from(id))]);
        if !bad.is_empty() {
            data.insert("bad_regids".into(), bad.join(",").into());
        }
        // Strings, although they are counts.
        data.insert("day_quota".into(), "20000".into());
        data.insert("day_acked".into(), "0".into());
        Ok(Answer::json(
            200,
            &json!({
                "result": "ok",
                "trace_id": trace_id(serial),
                "code": 0,
                "data": data,
                "description": "成功",
                "info": format!("Received push messages for {taken} REGID"),
            }),
        ))
    }

    fn settle(&self, outcome: Result<Answer, Refusal>) -> Answer {
        outcome.unwrap_or_else(|refusal| refusal.answer(&trace_id(self.world.serial())))
    }
}

fn trace_id(serial: u64) -> String {
    format!("Xdm0{serial:017}b")
}

impl Fake for Xiaomi {
    fn vendor(&self) -> &'static str {
        "xiaomi"
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
        let sends = call.method == Method::POST && ENDPOINTS.iter().any(|e| e.path == call.path);
        if sends { Purpose::Send } else { Purpose::Unknown }
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
}
