//! A push, read: the rules between fields, and what a user gets to see of it.

use serde_json::Value;

use super::codes::{MISSING, UNREADABLE, WRONG};
use super::fields::{Checked, Object, Refusal, check, ensure, is_unset, number, object, text};
use super::{App, MAX_TARGETS, Platform, tables};
use crate::fake::{Call, Delivered};

/// How large `message` may be. The document says 4 KB of what it does not say; bytes of compact
/// JSON are counted here.
const MAX_MESSAGE: usize = 4096;
/// The shortest time to live in seconds that is not 0.
const SHORTEST_TTL: u64 = 800;

/// What a push names its targets by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    Token,
    Tokens,
    Account,
    Accounts,
}

impl Audience {
    /// Whether it is one target only; further ones in its list are overlooked.
    pub(super) fn is_single(self) -> bool {
        matches!(self, Self::Token | Self::Account)
    }

    /// Whether its targets are tokens.
    pub(super) fn is_tokens(self) -> bool {
        matches!(self, Self::Token | Self::Tokens)
    }
}

/// A push that passed every check.
pub(super) struct Push {
    pub(super) seq: i64,
    pub(super) audience: Audience,
    pub(super) targets: Vec<String>,
    /// Whether tokens that are not valid are left out, and do not fail the whole push.
    pub(super) lenient: bool,
    pub(super) environment: String,
    pub(super) shown: Delivered,
}

/// Reads the body of a call.
pub(super) fn read(call: &Call, app: &App) -> Checked<Push> {
    let Ok(Value::Object(body)) = call.json() else {
        return Err(Refusal::new(UNREADABLE, "the body is no JSON object"));
    };
    let audience = audience(&body)?;
    let own = if audience.is_tokens() { tables::TO_TOKENS } else { tables::TO_ACCOUNTS };
    // The message is checked by platform below; here it only has to be an object.
    let Some(message) = object(&body, "message") else {
        let code = if body.contains_key("message") { UNREADABLE } else { MISSING };
        return Err(Refusal::new(code, "message is missing or no object"));
    };
    let mut envelope = body.clone();
    envelope.insert("message".into(), Value::Object(Object::new()));
    check("push", &envelope, &[tables::COMMON, own])?;
    let platform = text(&body, "platform");
    ensure(platform.is_empty() || platform == app.platform.name(), WRONG, format!("the app is not for {platform}"))?;
    let targets = targets(&body, audience)?;
    let shown = read_message(message, text(&body, "message_type"), app.platform)?;
    let environment = environment(&body, app.platform)?;
    Ok(Push {
        seq: number(&body, "seq").unwrap_or_default(),
        audience,
        targets,
        lenient: number(&body, "ignore_invalid_token") == Some(1),
        environment,
        shown: Delivered {
            ttl_seconds: number(&body, "expire_time").map(|seconds| match u64::try_from(seconds) {
                Ok(seconds @ 1..SHORTEST_TTL) => seconds.max(SHORTEST_TTL),
                seconds => seconds.unwrap_or_default(),
            }),
            request_id: number(&body, "seq").map(|seq| seq.to_string()),
            raw: Value::Object(body),
            ..shown
        },
    })
}

fn audience(body: &Object) -> Checked<Audience> {
    let name = match body.get("audience_type") {
        None => return Err(Refusal::new(MISSING, "no audience_type")),
        Some(Value::String(name)) => name.as_str(),
        Some(other) => return Err(Refusal::new(UNREADABLE, format!("audience_type is {other}"))),
    };
    Ok(match name {
        "token" => Audience::Token,
        "token_list" => Audience::Tokens,
        "account" => Audience::Account,
        "account_list" => Audience::Accounts,
        "" => return Err(Refusal::new(MISSING, "audience_type is empty")),
        "all" | "tag" | "package_account_push" | "package_token_push" => {
            return Err(Refusal::new(WRONG, format!("this fake does not serve the audience {name} yet")));
        }
        _ => return Err(Refusal::new(WRONG, format!("there is no audience {name:?}"))),
    })
}

fn targets(body: &Object, audience: Audience) -> Checked<Vec<String>> {
    let name = if audience.is_tokens() { "token_list" } else { "account_list" };
    let all = body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    ensure(all.len() <= MAX_TARGETS, WRONG, format!("{name} has {} entries", all.len()))?;
    let used = if audience.is_single() { 1 } else { MAX_TARGETS };
    Ok(all.iter().take(used).filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The environment as it is answered. Android has but one.
fn environment(body: &Object, platform: Platform) -> Checked<String> {
    let given = text(body, "environment");
    match platform {
        Platform::Android => Ok("product".into()),
        Platform::Ios if given.is_empty() => Err(Refusal::new(MISSING, "a push to iOS names its environment")),
        Platform::Ios => Ok(given.to_owned()),
    }
}

fn read_message(message: &Object, kind: &str, platform: Platform) -> Checked<Delivered> {
    let table = match (platform, kind) {
        (Platform::Android, "notify") => tables::ANDROID_NOTIFY,
        (Platform::Android, _) => tables::ANDROID_IN_APP,
        (Platform::Ios, "notify") => tables::IOS_NOTIFY,
        (Platform::Ios, _) => tables::IOS_SILENT,
    };
    check("message", message, &[table])?;
    let size = serde_json::to_vec(message).map_or(0, |bytes| bytes.len());
    ensure(size <= MAX_MESSAGE, WRONG, format!("the message has {size} bytes"))?;
    let own = object(message, "android").or_else(|| object(message, "ios"));
    let mut shown = Delivered { data: own.map(data).unwrap_or_default(), ..Delivered::default() };
    if kind == "notify" {
        shown.title = Some(text(message, "title").to_owned());
        shown.body = Some(text(message, "content").to_owned());
    }
    if let Some(android) = object(message, "android") {
        match kind {
            "notify" => shown.click = read_android(android)?,
            _ => only_defaults(android)?,
        }
    }
    Ok(shown)
}

/// Rules between fields of `android`; what a click opens.
fn read_android(android: &Object) -> Checked<Option<String>> {
    let icon = text(android, "icon_res");
    let is_remote = number(android, "icon_type") == Some(1);
    ensure(!is_remote || !icon.is_empty(), MISSING, "icon_type 1 without icon_res")?;
    ensure(!is_remote || icon.starts_with("http"), WRONG, format!("icon_type 1, and icon_res is {icon}"))?;
    let lonely = !text(android, "ring_raw").is_empty() && text(android, "n_ch_id").is_empty();
    ensure(!lonely, MISSING, "ring_raw is to be used with n_ch_id")?;
    object(android, "action").map_or(Ok(None), click)
}

/// What one kind of click needs. Fields of the other kinds are overlooked: the document's full
/// example has all of them.
fn click(action: &Object) -> Checked<Option<String>> {
    let opened = match number(action, "action_type").unwrap_or(1) {
        1 => text(action, "activity"),
        2 => object(action, "browser").map_or("", |browser| text(browser, "url")),
        _ => text(action, "intent"),
    };
    let is_app = number(action, "action_type").is_none_or(|kind| kind == 1);
    ensure(is_app || !opened.is_empty(), MISSING, "the action does not say what to open")?;
    Ok(Some(opened.to_owned()).filter(|opened| !opened.is_empty()))
}

/// A message in the app has data and nothing to show.
fn only_defaults(android: &Object) -> Checked {
    let by_default = |name: &str, value: &Value| {
        is_unset(value) || tables::ANDROID_DEFAULTS.iter().any(|(own, default)| *own == name && value == default)
    };
    match android.iter().find(|(name, value)| *name != "custom_content" && !by_default(name, value)) {
        Some((name, value)) => Err(Refusal::new(WRONG, format!("a message in the app has no {name} {value}"))),
        None => Ok(()),
    }
}

/// The pairs in `custom_content`.
fn data(own: &Object) -> Vec<(String, String)> {
    let pairs: Object = serde_json::from_str(text(own, "custom_content")).unwrap_or_default();
    let shown = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    pairs.into_iter().map(|(name, value)| (name, shown(value))).collect()
}
