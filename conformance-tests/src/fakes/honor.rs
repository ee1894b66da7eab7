//! A strict fake of Honor's push server: the token endpoint and
//! `POST /api/v1/{appId}/sendMessage`, after Honor's article "downlink message guide" and what
//! public clients carry over from "reference/downlink-message" (document set 11002).
//!
//! - `schema`: which fields a message has, and the checker of those tables;
//! - `checks`: rules that span fields, and what the user gets to see;
//! - `codes`: the known failures and how they look;
//! - `receipts`: callbacks, and what they say.
//!
//! Honor has no groups of devices and nothing to offer but sending.
//!
//! Honor looks like Huawei but is not: another host and path, a `timestamp` header, camelCase
//! fields at the top of the body. A call that is nothing Honor knows (a wrong path, method or
//! content type) gets a page with HTTP status 404, 405 or 415.

mod checks;
mod codes;
mod receipts;
mod schema;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use self::checks::Message;
use self::codes::{AUTHENTICATION, FAILED, GONE, Listing, NO_SERVICE, PARAMETER, PARTLY, SUCCESS, Shape};
use self::schema::{Checked, Refusal, ensure, refuse};
use crate::fake::{
    Answer, At, Call, Delivered, DocumentedCode, Fake, Purpose, ReceiptTrial, TargetState, TokenState, World,
};

/// The only app that the fake knows. It is part of the path of a send, and no client id.
pub const APP_ID: &str = "104410001";
/// The app's client id for the token endpoint.
pub const CLIENT_ID: &str = "220000001";
/// Its client secret, made for tests; it means something else when it is not percent-encoded.
pub const CLIENT_SECRET: &str = "a+b/c=d";
/// How long an access token is good, in seconds. Honor says it in `expires_in` only; clients
/// assume this where it is absent.
pub const TOKEN_LIFE_SECONDS: u64 = 3600;
/// How far the `timestamp` header may be off, either way. Honor's own limit is unknown: this one
/// only tells wrong units and broken clocks.
pub const CLOCK_TOLERANCE_MS: u64 = 86_400_000;

/// Where tokens are asked for: today, and by the article of 2023.
const PATHS_AUTH: [&str; 2] = ["/auth/token", "/auth/realms/developer/protocol/openid-connect/token"];

/// The fake of Honor.
#[derive(Default)]
pub struct Honor {
    world: World,
}

impl Honor {
    /// A fake with one app and a fresh world.
    pub fn new() -> Self {
        Self::default()
    }

    /// `spoilt` is how the first target shall fail.
    fn serve(&self, call: &Call, spoilt: Option<Listing>) -> Checked<Answer> {
        let app_id = app_id(&call.path);
        let signs_in = PATHS_AUTH.contains(&call.path.as_str());
        ensure(signs_in || app_id.is_some(), Shape::Page(404), format!("there is no {}", call.path))?;
        ensure(call.method == Method::POST, Shape::Page(405), format!("{} is not POST", call.method))?;
        let mime = if signs_in { "application/x-www-form-urlencoded" } else { "application/json" };
        ensure(is_type(call, mime), Shape::Page(415), format!("the body is not declared as {mime} in UTF-8"))?;
        if signs_in {
            return self.sign_in(call);
        }
        self.authorise(call)?;
        check_timestamp(call)?;
        ensure(app_id == Some(APP_ID), NO_SERVICE, format!("there is no app {app_id:?}"))?;
        ensure(call.query.is_empty(), PARAMETER, "parameters belong into the body")?;
        match call.json() {
            Ok(Value::Object(body)) => Ok(self.push(&Message::read(&body)?, spoilt)),
            Ok(_) => refuse(PARAMETER, "the body is no JSON object"),
            Err(error) => refuse(PARAMETER, format!("the body is not JSON: {error}")),
        }
    }

    /// The failures beyond a bad client are Keycloak's, whose path and wording Honor has.
    fn sign_in(&self, call: &Call) -> Checked<Answer> {
        let invalid = Shape::OAuth(400, "invalid_request");
        ensure(call.query.is_empty(), invalid, "parameters belong into the body")?;
        let form = call.form();
        const FIELDS: [&str; 3] = ["grant_type", "client_id", "client_secret"];
        let stray = form.iter().find(|(name, _)| !FIELDS.contains(&name.as_str()));
        ensure(stray.is_none(), invalid, format!("there is no parameter {stray:?}"))?;
        let field = |wanted| form.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        ensure(field("grant_type").is_some(), invalid, "Missing form parameter: grant_type")?;
        ensure(form.len() <= FIELDS.len(), invalid, "duplicated parameter")?;
        let granted = field("grant_type") == Some("client_credentials");
        ensure(granted, Shape::OAuth(400, "unsupported_grant_type"), "Unsupported grant_type")?;
        let bad_client = "Invalid client or Invalid client credentials";
        ensure(field("client_id") == Some(CLIENT_ID), Shape::OAuth(401, "invalid_client"), bad_client)?;
        // As ever in forms, a bare plus sign is a space, so this secret must be encoded.
        let trusted = field("client_secret") == Some(CLIENT_SECRET);
        ensure(trusted, Shape::OAuth(400, "unauthorized_client"), bad_client)?;
        let until = call.now_ms + TOKEN_LIFE_SECONDS * 1000;
        let token = self.world.issue_token("eyJ0eXAiOiJKV1QifQ.honor-", until);
        Ok(Answer::json(200, &json!({"access_token": token, "expires_in": TOKEN_LIFE_SECONDS, "token_type": "Bearer"})))
    }

    fn authorise(&self, call: &Call) -> Checked {
        let mut given = call.headers.get_all("authorization").iter();
        let token = given.next().and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let state = token.map(|token| self.world.token(token, call.now_ms));
        ensure(given.next().is_none(), AUTHENTICATION, "there are two Authorization headers")?;
        // What an expired token gets is unknown; clients take 401 for it.
        ensure(state == Some(TokenState::Valid), AUTHENTICATION, format!("the access token: {state:?}"))
    }

    /// Delivers what has a living target, and lists the other targets.
    fn push(&self, message: &Message<'_>, spoilt: Option<Listing>) -> Answer {
        let request_id = self.request_id();
        let seen = message.seen();
        let (mut code, mut sent) = (SUCCESS, false);
        let (mut failed, mut expired) = (Vec::new(), Vec::new());
        for (place, token) in message.tokens().into_iter().enumerate() {
            let Some(listing) = spoilt.filter(|_| place == 0).or_else(|| self.failing(token)) else {
                sent = true;
                let target = token.to_owned();
                self.world.deliver(Delivered { target, message_id: request_id.clone(), ..seen.clone() });
                continue;
            };
            code = code.max(listing.code);
            failed.extend(listing.failed.then_some(token));
            expired.extend(listing.expired.then_some(token));
        }
        // No answer is known for a call whose tokens are all bad. This one says the same as for
        // some of them, and that nothing was sent.
        let text = if code == PARTLY { "part of the tokens failed" } else { "success" };
        let answer = codes::envelope(code, text, Some(codes::result(&request_id, sent, &failed, &expired)));
        if sent { answer } else { answer.because("no target is left") }
    }

    /// How a target is listed, if it fails.
    fn failing(&self, token: &str) -> Option<Listing> {
        // The form of tokens is documented nowhere, but none can be blank or have a gap.
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Some(GONE);
        }
        match self.world.target(token) {
            TargetState::Alive => None,
            TargetState::Dead => Some(GONE),
            TargetState::Refused(code) if code.at == At::Target => Some(codes::listing(&code)),
            TargetState::Refused(_) => Some(FAILED),
        }
    }

    fn request_id(&self) -> String {
        format!("1700000000{:09}", self.world.serial())
    }
}

impl Fake for Honor {
    fn vendor(&self) -> &'static str {
        "honor"
    }

    fn hosts(&self) -> &'static [&'static str] {
        &[
            "push-api.cloud.honor.com",
            "iam.developer.honor.com",
            "push-api.cloud.hihonor.com",
            "iam.developer.hihonor.com",
        ]
    }

    fn config(&self, base: &str) -> Value {
        json!({
            "vendor": "honor",
            "app_id": APP_ID,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "endpoint": base,
            "token_endpoint": format!("{base}{}", PATHS_AUTH[0]),
        })
    }

    fn target(&self, number: usize) -> String {
        let half = |salt| URL_SAFE_NO_PAD.encode(Sha256::digest(format!("honor {salt} {number}")));
        format!("BAEA{}{}", half('a'), half('b'))
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match call.path.as_str() {
            _ if call.method != Method::POST => Purpose::Unknown,
            path if PATHS_AUTH.contains(&path) => Purpose::Auth,
            path if app_id(path).is_some() => Purpose::Send,
            _ => Purpose::Unknown,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        self.serve(call, None).unwrap_or_else(refusal)
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        &codes::CODES
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        if code.at == At::Target {
            return self.serve(call, Some(codes::listing(code))).unwrap_or_else(refusal);
        }
        let body = call.json().unwrap_or_default();
        let tokens = body.as_object().map(checks::tokens).unwrap_or_default();
        codes::documented(code, &self.request_id(), &tokens).because(code.code)
    }

    fn world(&self) -> &World {
        &self.world
    }

    fn receipts(&self) -> Vec<ReceiptTrial> {
        receipts::trials(self)
    }
}

fn refusal(Refusal { shape, why }: Refusal) -> Answer {
    codes::failure(shape, &why).because(format!("{shape:?}: {why}"))
}

/// The app of a send's path; `None` when it is no such path.
fn app_id(path: &str) -> Option<&str> {
    let app_id = path.strip_prefix("/api/v1/")?.strip_suffix("/sendMessage")?;
    Some(app_id).filter(|id| !id.is_empty() && !id.contains('/'))
}

/// Thirteen digits: milliseconds, not seconds.
fn check_timestamp(call: &Call) -> Checked {
    let mut given = call.headers.get_all("timestamp").iter();
    let text = given.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let digits = text.len() == 13 && text.bytes().all(|b| b.is_ascii_digit());
    let Some(time) = text.parse::<u64>().ok().filter(|_| digits && given.next().is_none()) else {
        return refuse(PARAMETER, format!("the timestamp header is {text:?}, not one time in milliseconds"));
    };
    let off = time.abs_diff(call.now_ms);
    ensure(off <= CLOCK_TOLERANCE_MS, PARAMETER, format!("the timestamp header is {off} ms off"))
}

/// Whether the body is of a type, and in UTF-8 if the header says more.
fn is_type(call: &Call, mime: &str) -> bool {
    let mut parts = call.header("content-type").unwrap_or_default().split(';').map(str::trim);
    let named = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case(mime));
    named && parts.all(|part| part.eq_ignore_ascii_case("charset=utf-8"))
}
