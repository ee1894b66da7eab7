//! What all calls have in common: who calls, what is refused under which code, and how it is said.

use std::collections::HashMap;
use std::net::IpAddr;

use axum::response::Response;
use omnipush::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Im, Row};
use crate::dispatch::AcceptError;
use crate::http::Network;
use crate::http::usersig::UserSig;
use crate::store::StoreError;

/// A call that is refused.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: u32,
    pub(super) info: String,
    /// What the answer says beside that.
    pub(super) rest: Map<String, Value>,
}

impl Refused {
    pub(super) fn new(code: u32, info: impl Into<String>) -> Self {
        Self { code, info: info.into(), rest: Map::new() }
    }
}

/// What a call answers beside the frame.
pub(super) type Answer = Result<Map<String, Value>, Refused>;

/// A service's own codes.
#[derive(Debug)]
pub(super) struct Codes {
    pub(super) unknown_command: u32,
    pub(super) not_admin: u32,
    pub(super) not_json: u32,
    /// A member that is missing or is not what it must be, where it has no code of its own.
    pub(super) malformed: u32,
    pub(super) random: u32,
    pub(super) body_not_array: u32,
    pub(super) body_malformed: u32,
    pub(super) element: u32,
    pub(super) sender: u32,
    pub(super) too_large: u32,
    pub(super) internal: u32,
}

pub(super) const OPENIM: Codes = Codes {
    unknown_command: 60009,
    not_admin: 90009,
    not_json: 90001,
    malformed: 90001,
    random: 90005,
    body_not_array: 90007,
    body_malformed: 90002,
    element: 90010,
    sender: 90008,
    too_large: 93000,
    internal: 91000,
};

pub(super) const TIMPUSH: Codes =
    Codes { body_not_array: 90001, body_malformed: 90001, element: 90001, sender: 70107, too_large: 90056, ..OPENIM };

pub(super) const GROUP: Codes = Codes {
    unknown_command: 10003,
    not_admin: 10007,
    not_json: 10011,
    malformed: 10004,
    random: 10004,
    body_not_array: 10004,
    body_malformed: 10004,
    element: 10004,
    sender: 10019,
    too_large: 80002,
    internal: 10002,
};

pub(super) const LOGIN: Codes =
    Codes { not_admin: 70403, not_json: 60003, malformed: 70402, too_large: 60003, internal: 70500, ..OPENIM };

/// The codes of a service by its name; those of others are the common ones.
pub(super) fn codes_of(service: &str) -> &'static Codes {
    match service {
        "group_open_http_svc" => &GROUP,
        "timpush" | "all_member_push" => &TIMPUSH,
        "im_open_login_svc" => &LOGIN,
        _ => &OPENIM,
    }
}

/// Who calls.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) sdkappid: u64,
    pub(super) admin: String,
}

impl Im {
    /// Finds out who calls. Nothing that the signature says is used before it holds.
    pub(super) async fn caller(&self, query: &str, from: Option<IpAddr>, codes: &Codes) -> Result<Caller, Refused> {
        let query: HashMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
        let given = |name: &str| query.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        let sdkappid = given("sdkappid").ok_or_else(|| Refused::new(60012, "sdkappid is missing"))?;
        let sdkappid: u64 = sdkappid.parse().map_err(|_| Refused::new(60006, "sdkappid is not a number"))?;
        let identifier = given("identifier").ok_or_else(|| Refused::new(60004, "identifier is missing"))?;
        let usersig = given("usersig").ok_or_else(|| Refused::new(60004, "usersig is missing"))?;
        let apps = || self.settings.apps.iter().filter(|app| app.sdkappid == sdkappid);
        if apps().next().is_none() {
            return Err(Refused::new(60006, "sdkappid is not known here"));
        }
        let is_admin = apps().any(|app| app.admins.iter().any(|admin| admin == identifier));
        let now_ms = self.gateway.now_ms();
        if self.lock_out.is_shut(sdkappid, identifier, now_ms) {
            return Err(Refused::new(70050, "usersig failed too often; try again after a minute"));
        }
        let read = UserSig::decode(usersig);
        let checked = read.and_then(|sig| {
            sig.verify(sdkappid, identifier, apps().map(|app| &app.key), now_ms / 1000)?;
            Ok(sig)
        });
        if is_admin {
            self.lock_out.count(sdkappid, identifier, checked.is_err(), now_ms);
        }
        let sig = checked.map_err(|invalid| Refused::new(invalid.code(), invalid.to_string()))?;
        let user = self.gateway.store().user(identifier).await.map_err(|error| internal(&error, codes))?;
        if user.is_some_and(|user| sig.time() < user.kicked_s) {
            return Err(Refused::new(70052, "usersig was invalidated by a kick"));
        }
        if !is_admin {
            return Err(Refused::new(codes.not_admin, "the call needs an administrator of the app"));
        }
        let lets_in = |network: &Network| from.is_some_and(|address| network.contains(address));
        if !apps().any(|app| app.sources.is_empty() || app.sources.iter().any(lets_in)) {
            return Err(Refused::new(60021, "calls of the app may not come from this address"));
        }
        Ok(Caller { sdkappid, admin: identifier.to_owned() })
    }

    /// Takes one of what the call's limits allow.
    pub(super) fn spend(&self, row: &Row, sdkappid: u64, count: u32) -> Result<(), Refused> {
        for (limiter, code) in self.limiters.get(row.path).into_iter().flatten() {
            limiter
                .spend(sdkappid, count)
                .map_err(|wait| Refused::new(*code, format!("called too often; wait {} ms", wait.as_millis())))?;
        }
        Ok(())
    }
}

/// The store's failure. The log says what it was; the caller can only come again.
pub(super) fn internal(error: &StoreError, codes: &Codes) -> Refused {
    tracing::error!(%error, "a call failed");
    Refused::new(codes.internal, "internal error, try again")
}

/// Why a message was not taken in.
pub(super) fn not_accepted(error: AcceptError, codes: &Codes) -> Refused {
    match error {
        AcceptError::Store(error) => internal(&error, codes),
        stopping @ AcceptError::Stopping => Refused::new(codes.internal, stopping.to_string()),
    }
}

/// The frame. The HTTP status is always 200; the verdict is in the body.
pub(super) fn framed(answer: Answer) -> Response {
    let (status, code, info, rest) = match answer {
        Ok(mut rest) => {
            let info = rest.remove("ErrorInfo").unwrap_or_else(|| json!(""));
            ("OK", 0, info, rest)
        }
        Err(refused) => ("FAIL", refused.code, json!(refused.info), refused.rest),
    };
    let mut frame = Map::new();
    frame.insert("ActionStatus".into(), json!(status));
    frame.insert("ErrorCode".into(), json!(code));
    frame.insert("ErrorInfo".into(), info);
    frame.extend(rest);
    crate::http::json_answer(StatusCode::OK, "application/json", &Value::Object(frame))
}

/// A map of an object that is written out.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
