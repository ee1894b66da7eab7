//! What both products share on the wire: the envelope of every answer, the HTTP status of a code,
//! the size of a body, and the table rows from which failures are made.

use http::Method;
use omnipush_core::Class;
use serde_json::{Map, Value, json};

use super::fields::{Checked, STRUCTURE, ensure, refuse};
use crate::fake::{Answer, At, Call, DocumentedCode, Purpose};

/// The longest body, tokens not counted.
pub(crate) const MAX_BODY: usize = 4096;
/// The most tokens of a request.
pub(crate) const MAX_TOKENS: usize = 1000;
/// The longest time to live, in seconds: 15 days.
pub(crate) const MAX_TTL: i64 = 1_296_000;

/// One documented failure.
pub(crate) struct Row {
    /// Its name: Huawei's number, with more words where one number has several meanings; `HTTP`
    /// and a status for what has no number; a reason where Huawei tells tokens apart by reasons.
    pub(crate) code: &'static str,
    /// What Huawei writes beside it.
    pub(crate) text: &'static str,
    /// How it is to be understood.
    pub(crate) class: Class,
    /// Where it appears.
    pub(crate) at: &'static [At],
}

/// Makes a row.
pub(crate) const fn row(code: &'static str, text: &'static str, class: Class, at: &'static [At]) -> Row {
    Row { code, text, class, at }
}

/// One code for every place of every row.
pub(crate) fn codes(table: &'static [Row]) -> Vec<DocumentedCode> {
    let places = |row: &'static Row| row.at.iter().map(|&at| DocumentedCode { code: row.code, class: row.class, at });
    table.iter().flat_map(places).collect()
}

/// The id of a request: 24 digits, of which the first 13 are the time.
pub(crate) fn request_id(now_ms: u64, serial: u64) -> String {
    format!("{now_ms:013}{:05}010601", serial % 100_000)
}

/// The number of a failure, without the words that tell its meanings apart.
pub(crate) fn number(code: &str) -> &str {
    code.split(' ').next().unwrap_or_default()
}

/// The HTTP status of a code. Huawei documents the statuses, but not which code has which; its
/// clients disagree. Failures of the server's own are 500, of authentication 401, others 400.
fn status(number: &str) -> u16 {
    match number {
        "80000000" | "80100000" | "83010000" => 200,
        "80000001" | "81000001" | "80600003" => 500,
        _ if number.starts_with("802") => 401,
        _ => 400,
    }
}

/// The envelope: all three members are texts.
pub(crate) fn envelope(number: &str, msg: &str, request_id: &str) -> Answer {
    Answer::json(status(number), &json!({"code": number, "msg": msg, "requestId": request_id}))
}

/// A failure of a whole call. What is wrong with a structure is said; all else has fixed words.
pub(crate) fn failure(table: &[Row], code: &str, why: Option<&str>, request_id: &str) -> Answer {
    if let Some(status) = code.strip_prefix("HTTP ") {
        return page(status.parse().unwrap_or(500));
    }
    let text = table.iter().find(|row| row.code == code).map_or("Unknown Error", |row| row.text);
    match why.filter(|_| code == STRUCTURE) {
        Some(why) => envelope(code, &format!("{text}{why}"), request_id),
        None => envelope(number(code), text, request_id),
    }
}

/// What the gateway answers by itself: no JSON.
fn page(status: u16) -> Answer {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let reason = reason.unwrap_or("Error");
    Answer::text(status, "text/html", &format!("<html><body><h1>{status} {reason}</h1></body></html>"))
}

/// The call that sends.
pub(crate) const SEND: &str = "messages:send";

/// Version, id and call in a path: `/v1/100/messages:send` gives `("v1", "100", "messages:send")`.
pub(crate) fn route(path: &str) -> Option<(&str, &str, &str)> {
    let mut parts = path.strip_prefix('/')?.splitn(3, '/');
    let (version, id, what) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
    (digits && ["v1", "v2", "v3"].contains(&version)).then_some((version, id, what))
}

/// What a call by POST is for: a send of one of these versions, or one of these other calls, each
/// by version and name.
pub(crate) fn purpose(call: &Call, versions: &[&str], others: &[(&str, &str)]) -> Purpose {
    match route(&call.path).filter(|_| call.method == Method::POST) {
        Some((version, _, SEND)) if versions.contains(&version) => Purpose::Send,
        Some((version, _, what)) if others.contains(&(version, what)) => Purpose::Operate,
        _ => Purpose::Unknown,
    }
}

/// What failures of these names mean.
pub(crate) fn meanings(table: &[Row], names: &[&'static str]) -> Vec<(&'static str, Class)> {
    let row = |name: &&'static str| table.iter().find(|row| row.code == *name).map(|row| (*name, row.class));
    names.iter().filter_map(row).collect()
}

/// The credential of a call: `Bearer`, one blank, and a token without blanks.
pub(crate) fn bearer(call: &Call) -> Checked<&str> {
    let several = call.headers.get_all("authorization").iter().count() > 1;
    let token = call.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    match token.filter(|token| !several && !token.is_empty() && !token.contains(char::is_whitespace)) {
        Some(token) => Ok(token),
        None => refuse("80200001", "no `Bearer` and a token in the header authorization"),
    }
}

/// The body, once it is known to be a JSON object. A public client sends no content type at all.
pub(crate) fn body(call: &Call) -> Checked<Map<String, Value>> {
    ensure(call.query.is_empty(), "80100001", "a query where there is none")?;
    let mut mime = call.header("content-type").unwrap_or("application/json").split(';').map(str::trim);
    let json = mime.next().is_some_and(|mime| mime.eq_ignore_ascii_case("application/json"));
    let utf8 = mime.all(|parameter| parameter.to_ascii_lowercase().replace('"', "") == "charset=utf-8");
    ensure(json && utf8, "80100001", "the content type is not JSON in UTF-8")?;
    match call.json() {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => refuse(STRUCTURE, "the body is no object"),
        Err(error) => refuse(STRUCTURE, format!("the body is not JSON: {error}")),
    }
}

/// Refuses a body that is too long, counted as it came but with an empty list of tokens.
pub(crate) fn check_size(call: &Call, tokens: &[Value]) -> Checked {
    let list: usize = tokens.iter().map(|token| token.to_string().len() + 1).sum();
    let size = call.body.len().saturating_sub(list.saturating_sub(1));
    ensure(size <= MAX_BODY, "80300008", format!("{size} bytes"))
}

/// The tokens as texts.
pub(crate) fn texts(tokens: &[Value]) -> Checked<Vec<&str>> {
    let all: Option<Vec<&str>> = tokens.iter().map(Value::as_str).collect();
    all.map_or_else(|| refuse(STRUCTURE, "a token that is no text"), Ok)
}
