//! `POST /oauth2/v3/token`: a client id and its secret buy an access token for an hour. Older
//! clients use `/oauth2/v2/token`. See "oauth2-0000001212610981" in the HMS Core guides.

use std::borrow::Cow;
use std::collections::HashMap;

use http::Method;
use serde_json::json;

use super::codes::FORM;
use super::fields::{Checked, ensure, refuse};
use super::{CLIENT_ID, CLIENT_SECRET, Huawei, TOKEN_LIFE_MS, TOKENS_IN_WINDOW, WINDOW_MS};
use crate::fake::{Answer, Call};

/// Where tokens are sold.
pub(super) const PATHS: &[&str] = &["/oauth2/v3/token", "/oauth2/v2/token"];

impl Huawei {
    pub(super) fn sell_token(&self, call: &Call) -> Checked<Answer> {
        ensure(call.method == Method::POST, "HTTP 405", format!("{} is not POST", call.method))?;
        let form = form(call)?;
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        ensure(field("grant_type") == "client_credentials", FORM, "grant_type is not client_credentials")?;
        let client = field("client_id");
        let digits = (1..=64).contains(&client.len()) && client.bytes().all(|b| b.is_ascii_digit());
        ensure(digits, "1101/20002", "client_id is not 1 to 64 digits")?;
        ensure(client == CLIENT_ID, "1101/20003", "no such client_id")?;
        ensure(!field("client_secret").is_empty(), "1101/20171", "no client_secret")?;
        ensure(field("client_secret") == CLIENT_SECRET, "1101/12304", "another client_secret")?;
        let mut sold = self.sold();
        while sold.front().is_some_and(|&at| at + WINDOW_MS <= call.now_ms) {
            sold.pop_front();
        }
        ensure(sold.len() < TOKENS_IN_WINDOW, "HTTP 503", "too many tokens in five minutes")?;
        sold.push_back(call.now_ms);
        let token = self.world.issue_token("DQEBAD/hms+fake/", call.now_ms + TOKEN_LIFE_MS);
        let body = json!({"access_token": token, "expires_in": TOKEN_LIFE_MS / 1000, "token_type": "Bearer"});
        // Huawei escapes the strokes, as JSON allows; who reads with a pattern gets them wrong.
        let body = body.to_string().replace('/', "\\/");
        let answer = Answer::text(200, "application/json;charset=UTF-8", &body);
        Ok(answer.header("cache-control", "no-store"))
    }
}

/// The fields of the form, each of which may be there once.
fn form(call: &Call) -> Checked<HashMap<String, String>> {
    let mime = call.header("content-type").and_then(|mime| mime.split(';').next()).unwrap_or_default();
    let is_form = mime.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded");
    ensure(is_form && call.query.is_empty(), FORM, "the request is no form")?;
    let mut fields = HashMap::new();
    for (name, value) in form_urlencoded::parse(lenient(call).as_bytes()).into_owned() {
        let known = ["grant_type", "client_id", "client_secret"].contains(&name.as_str());
        ensure(known, FORM, format!("there is no field {name}"))?;
        if fields.insert(name, value).is_some() {
            return refuse(FORM, "a field is there twice");
        }
    }
    Ok(fields)
}

/// The body, with a secret encoded that came as it is: Huawei's own Go sample sends it so.
fn lenient(call: &Call) -> Cow<'_, str> {
    let raw = String::from_utf8_lossy(&call.body);
    let plain = format!("client_secret={CLIENT_SECRET}");
    if !raw.contains(&plain) {
        return raw;
    }
    let encoded: String = form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
    raw.replace(&plain, &format!("client_secret={encoded}")).into()
}
