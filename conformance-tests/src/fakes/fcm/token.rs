//! `POST /token`: exchanges a signed assertion for an access token (RFC 7523), as Google's
//! "Using OAuth 2.0 for Server to Server Applications" describes it. The sentences are Google's.

use ring::signature::RSA_PKCS1_2048_8192_SHA256;
use serde_json::{Value, json};

use super::envelope::oauth;
use super::{CLIENT_EMAIL, Fcm, KEY_ID, codes, is_type};
use crate::fake::{Answer, At, Call};
use crate::jwt::Jwt;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The audience that Google's libraries write whatever the key file says.
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";

/// The longest life of an assertion, and of the access token it buys, in seconds.
const HOUR: u64 = 3600;

/// How far ahead of the server's clock an assertion may have been made, in seconds. Google
/// speaks of a reasonable timeframe and names no number.
const SKEW: u64 = 60;

/// Tokens with one of these scopes may send; with others only they are good, but not for this.
const SENDING: &[&str] = &["https://www.googleapis.com/auth/firebase.messaging", CLOUD];

/// Scopes that the official SDKs for Node, Python, Go and Java ask for besides.
const OTHER: &[&str] = &[
    "https://www.googleapis.com/auth/datastore",
    "https://www.googleapis.com/auth/devstorage.full_control",
    "https://www.googleapis.com/auth/devstorage.read_write",
    "https://www.googleapis.com/auth/firebase",
    "https://www.googleapis.com/auth/firebase.database",
    "https://www.googleapis.com/auth/identitytoolkit",
    "https://www.googleapis.com/auth/userinfo.email",
];

/// The one of them with which everything else of the project may be read, too.
const CLOUD: &str = "https://www.googleapis.com/auth/cloud-platform";

/// How access tokens begin that may send, those that may read statistics besides, and those that
/// may do neither.
const GOOD: &str = "ya29.c.fake-";
const BROAD: &str = "ya29.c.broad-";
const NARROW: &str = "ya29.c.narrow-";

/// Whether an access token was issued with a scope that allows sending.
pub(super) fn may_send(token: &str) -> bool {
    !token.starts_with(NARROW)
}

/// Whether an access token was issued with the scope of the whole project.
pub(super) fn may_read_statistics(token: &str) -> bool {
    token.starts_with(BROAD)
}

/// Serves the token endpoint.
pub(super) fn answer(fake: &Fcm, call: &Call) -> Answer {
    match exchange(fake, call) {
        Ok(answer) | Err(answer) => answer,
    }
}

fn failed(code: &str) -> Answer {
    codes::answer(At::Auth, code)
}

fn exchange(fake: &Fcm, call: &Call) -> Result<Answer, Answer> {
    let assertion = form(call)?;
    let jwt = Jwt::parse(&assertion).ok_or_else(|| oauth(400, "invalid_grant", "Invalid JWT: malformed assertion"))?;
    check_header(&jwt.header)?;
    let claims = &jwt.claims;
    if claims.get("iss").and_then(Value::as_str) != Some(CLIENT_EMAIL) {
        return Err(failed("invalid_grant account not found"));
    }
    if !jwt.signed_by(&RSA_PKCS1_2048_8192_SHA256, &fake.public_key) {
        return Err(failed("invalid_grant"));
    }
    let prefix = check_claims(fake, claims, call.now_ms / 1000)?;
    let token = fake.world.issue_token(prefix, call.now_ms + (HOUR - 1) * 1000);
    Ok(Answer::json(200, &json!({ "access_token": token, "expires_in": HOUR - 1, "token_type": "Bearer" })))
}

/// The assertion out of the form.
fn form(call: &Call) -> Result<String, Answer> {
    let bad = |problem: String| Err(oauth(400, "invalid_request", &problem));
    if !is_type(call, "application/x-www-form-urlencoded") {
        return bad("The body must be a form".into());
    }
    let (mut grant_type, mut assertion) = (None, None);
    for (name, value) in call.form() {
        let field = match name.as_str() {
            "grant_type" => &mut grant_type,
            "assertion" => &mut assertion,
            _ => return bad(format!("Parameter not allowed for this message type: {name}")),
        };
        if field.replace(value).is_some() {
            return bad(format!("OAuth 2 parameters can only have a single value: {name}"));
        }
    }
    match (grant_type, assertion) {
        (None, _) => bad("Required parameter is missing: grant_type".into()),
        (Some(other), _) if other != GRANT_TYPE => {
            Err(oauth(400, "unsupported_grant_type", &format!("Invalid grant_type: {other}")))
        }
        (_, None) => bad("Required parameter is missing: assertion".into()),
        (_, Some(assertion)) => Ok(assertion),
    }
}

/// `typ` and `kid` may be missing (the Node SDK leaves both out), but not be wrong.
fn check_header(header: &Value) -> Result<(), Answer> {
    for (name, value) in header.as_object().into_iter().flatten() {
        let wanted = match name.as_str() {
            "alg" => "RS256",
            "typ" => "JWT",
            "kid" => KEY_ID,
            _ => return Err(oauth(400, "invalid_grant", &format!("Invalid JWT: unknown header {name}"))),
        };
        if value.as_str() != Some(wanted) {
            return Err(failed("invalid_grant"));
        }
    }
    if header.get("alg").is_none() { Err(failed("invalid_grant")) } else { Ok(()) }
}

/// Checks what is claimed; gives how an access token with these scopes begins.
fn check_claims(fake: &Fcm, claims: &Value, now: u64) -> Result<&'static str, Answer> {
    // Acting for a user needs a delegation that this account does not have.
    if claims.get("sub").is_some() {
        return Err(failed("unauthorized_client"));
    }
    const CLAIMS: &[&str] = &["iss", "scope", "aud", "iat", "exp"];
    if let Some(name) = claims.as_object().and_then(|all| all.keys().find(|name| !CLAIMS.contains(&name.as_str()))) {
        return Err(oauth(400, "invalid_grant", &format!("Invalid JWT: unknown claim {name}")));
    }
    let audience = claims.get("aud").and_then(Value::as_str).unwrap_or_default();
    if audience != AUDIENCE && !fake.is_token_uri(audience) {
        return Err(failed("invalid_grant audience"));
    }
    let time = |name: &str| claims.get(name).and_then(Value::as_u64).ok_or_else(|| failed("invalid_grant short-lived"));
    let (made, until) = (time("iat")?, time("exp")?);
    if made > now.saturating_add(SKEW) || until <= now || until <= made || until - made > HOUR {
        return Err(failed("invalid_grant short-lived"));
    }
    let scopes: Vec<_> = claims.get("scope").and_then(Value::as_str).unwrap_or_default().split(' ').collect();
    if !scopes.iter().all(|scope| SENDING.contains(scope) || OTHER.contains(scope)) {
        return Err(failed("invalid_scope"));
    }
    Ok(match () {
        () if scopes.contains(&CLOUD) => BROAD,
        () if scopes.iter().any(|scope| SENDING.contains(scope)) => GOOD,
        () => NARROW,
    })
}
