//! Who is calling: a signature over time, app and body in three headers, or HTTP Basic with app
//! and secret ("Signature", document 1024/34213).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use super::codes::UNAUTHENTICATED;
use super::fields::{Checked, Refusal};
use super::{APPS, App};
use crate::fake::Call;

const SIGNED: [&str; 3] = ["accessid", "timestamp", "sign"];

/// The `Sign` header: Base64 over the *hexadecimal text* of the HMAC, not over its bytes, as the
/// document's formula reads. Its example and the Go SDK have it so.
pub(super) fn signature(timestamp: &str, access_id: &str, body: &[u8], secret: &str) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()));
    context.update(timestamp.as_bytes());
    context.update(access_id.as_bytes());
    context.update(body);
    STANDARD.encode(hex::encode(context.sign()))
}

/// The app in whose name a call comes. `skew_seconds` is how far its clock may be off.
pub(super) fn admit(call: &Call, skew_seconds: u64) -> Checked<&'static App> {
    let given = |name: &&&str| call.headers.contains_key(**name);
    let repeated = |name: &&str| call.headers.get_all(*name).iter().count() > 1;
    if let Some(twice) = SIGNED.iter().chain(&["authorization"]).find(|name| repeated(name)) {
        return Err(denied(format!("{twice} comes more than once")));
    }
    let signed = SIGNED.iter().find(given);
    match (call.header("authorization"), signed) {
        (Some(_), Some(signed)) => {
            // Which of the two counts is not documented, so nobody should ask.
            Err(denied(format!("both Authorization and {signed}")))
        }
        (Some(pair), None) => basic(pair),
        (None, _) => by_signature(call, skew_seconds),
    }
}

fn by_signature(call: &Call, skew_seconds: u64) -> Checked<&'static App> {
    let header = |name| call.header(name).ok_or_else(|| denied(format!("no {name}")));
    let (access_id, timestamp, sign) = (header("accessid")?, header("timestamp")?, header("sign")?);
    let app = app(access_id)?;
    if timestamp.is_empty() || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(denied(format!("the time {timestamp:?} is no number")));
    }
    // The span is not documented; the retired v2 API had at most these ten minutes.
    let now = call.now_ms / 1000;
    let off = timestamp.parse::<u64>().ok().map(|time| time.abs_diff(now));
    if off.is_none_or(|off| off > skew_seconds) {
        return Err(denied(format!("it is {now}, and the time is {timestamp}")));
    }
    if sign != signature(timestamp, access_id, &call.body, app.secret_key) {
        return Err(denied("Sign does not fit the time, the app, the body and the secret"));
    }
    Ok(app)
}

fn basic(header: &str) -> Checked<&'static App> {
    let pair = header
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, pair)| STANDARD.decode(pair).ok())
        .and_then(|pair| String::from_utf8(pair).ok())
        .ok_or_else(|| denied("Authorization is not Basic with a pair in Base64"))?;
    let (access_id, secret) = pair.split_once(':').ok_or_else(|| denied("no colon in the Basic pair"))?;
    let app = app(access_id)?;
    if secret != app.secret_key {
        return Err(denied("the secret in the Basic pair is not the app's"));
    }
    Ok(app)
}

fn app(access_id: &str) -> Checked<&'static App> {
    APPS.iter().find(|app| app.access_id == access_id).ok_or_else(|| denied(format!("no app {access_id:?}")))
}

fn denied(why: impl Into<String>) -> Refusal {
    Refusal::new(UNAUTHENTICATED, why)
}
