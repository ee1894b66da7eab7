//! A push, read: the rules between fields, and what a user gets to see of it.

use serde_json::Value;

use super::codes::{MISSING, TOO_LATE, UNREADABLE, WRONG};
use super::fields::{Checked, Field, Object, Refusal, check, ensure, is_unset, number, object, text, texts};
use super::{App, MAX_TARGETS, Platform, tables};
use crate::fake::{Call, Delivered};

/// How large `message` may be. The document says 4 KB of what it does not say; bytes of compact
/// JSON are counted here.
const MAX_MESSAGE: usize = 4096;
/// How far ahead a push may be scheduled, and how late it may come.
const AHEAD_MS: i64 = 90 * 24 * 60 * 60 * 1000;
const LATE_MS: i64 = 10 * 60 * 1000;
/// Tags in a plain list.
const MAX_TAGS: usize = 500;
/// The shortest time to live in seconds that is not 0.
const SHORTEST_TTL: u64 = 800;

/// What a push names its targets by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    Token,
    Tokens,
    Account,
    Accounts,
    All,
    Tags,
    /// Uploaded tokens or accounts.
    Package,
}

impl Audience {
    /// Whether it is one target only; further ones in its list are overlooked.
    pub(super) fn is_single(self) -> bool {
        matches!(self, Self::Token | Self::Account)
    }

    /// Whether it is a task that TPNS works off by itself: scheduled, repeated, paced.
    pub(super) fn is_many(self) -> bool {
        matches!(self, Self::All | Self::Tags | Self::Package)
    }

    /// The fields that it has besides those of every push.
    fn tables(self) -> [&'static [Field]; 2] {
        let own = match self {
            Self::Token | Self::Tokens => tables::TO_TOKENS,
            Self::Account | Self::Accounts => tables::TO_ACCOUNTS,
            Self::All => tables::TO_ALL,
            Self::Tags => tables::TO_TAGS,
            Self::Package => tables::TO_PACKAGE,
        };
        [own, if self.is_many() { tables::FOR_MANY } else { tables::FOR_FEW }]
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
    /// How many tasks it makes, one for each time of a repeated push; `None`: it is not repeated.
    pub(super) repeated: Option<usize>,
    pub(super) shown: Delivered,
}

/// Reads the body of a call.
pub(super) fn read(call: &Call, app: &App) -> Checked<Push> {
    let Ok(Value::Object(body)) = call.json() else {
        return Err(Refusal::new(UNREADABLE, "the body is no JSON object"));
    };
    let audience = audience(&body)?;
    let [own, kind] = audience.tables();
    // The message is checked by platform below; here it only has to be an object.
    let Some(message) = object(&body, "message") else {
        let code = if body.contains_key("message") { UNREADABLE } else { MISSING };
        return Err(Refusal::new(code, "message is missing or no object"));
    };
    let mut envelope = body.clone();
    envelope.insert("message".into(), Value::Object(Object::new()));
    check("push", &envelope, &[tables::COMMON, own, kind])?;
    let platform = text(&body, "platform");
    ensure(platform.is_empty() || platform == app.platform.name(), WRONG, format!("the app is not for {platform}"))?;
    let targets = targets(&body, audience)?;
    let repeated = schedule(&body, call.now_ms)?;
    let shown = read_message(message, text(&body, "message_type"), app.platform)?;
    let environment = environment(&body, app.platform)?;
    Ok(Push {
        seq: number(&body, "seq").unwrap_or_default(),
        audience,
        targets,
        lenient: number(&body, "ignore_invalid_token") == Some(1),
        environment,
        repeated,
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
        "all" => Audience::All,
        "tag" => Audience::Tags,
        "package_account_push" | "package_token_push" => Audience::Package,
        _ => return Err(Refusal::new(WRONG, format!("there is no audience {name:?}"))),
    })
}

/// Whom a push is for. Tasks have one target: the tags, the number of the package, or nothing.
fn targets(body: &Object, audience: Audience) -> Checked<Vec<String>> {
    match audience {
        Audience::All => return Ok(vec![String::new()]),
        Audience::Package => return Ok(vec![number(body, "upload_id").unwrap_or_default().to_string()]),
        Audience::Tags => return tags(body).map(|tags| vec![tags]),
        _ => {}
    }
    let name = if audience.is_tokens() { "token_list" } else { "account_list" };
    let all = body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    ensure(all.len() <= MAX_TARGETS, WRONG, format!("{name} has {} entries", all.len()))?;
    let used = if audience.is_single() { 1 } else { MAX_TARGETS };
    Ok(all.iter().take(used).filter_map(Value::as_str).map(str::to_owned).collect())
}

fn tags(body: &Object) -> Checked<String> {
    let rules = body.get("tag_rules").filter(|rules| rules.as_array().is_some_and(|rules| !rules.is_empty()));
    let list = object(body, "tag_list");
    let plain = list.map_or(0, |list| texts(list, "tags").len());
    ensure(plain <= MAX_TAGS, WRONG, format!("tag_list has {plain} tags"))?;
    match rules.cloned().or_else(|| list.cloned().map(Value::Object)) {
        Some(tags) => Ok(tags.to_string()),
        None => Err(Refusal::new(MISSING, "neither tag_rules nor tag_list")),
    }
}

/// When a push goes, and how often.
fn schedule(body: &Object, now_ms: u64) -> Checked<Option<usize>> {
    let now = i64::try_from(now_ms).unwrap_or(i64::MAX);
    if let Some(at) = tables::beijing_ms(text(body, "send_time")) {
        ensure(at - now >= -LATE_MS, TOO_LATE, "send_time is more than ten minutes ago")?;
        ensure(at - now <= AHEAD_MS, WRONG, "send_time is more than 90 days ahead")?;
    }
    let Some(repeat) = object(body, "loop_param") else { return Ok(None) };
    let (start, end) = (tables::day(text(repeat, "startDate")), tables::day(text(repeat, "endDate")));
    let span = start.zip(end).map(|(start, end)| (end - start).num_days());
    ensure(span.is_some_and(|days| (0..=90).contains(&days)), WRONG, "the push is repeated within 90 days")?;
    let days = repeat.get("loopDayIndexs").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64);
    let (least, most) = match number(repeat, "loopType") {
        Some(1) => (0, 0),
        Some(2) => (0, 6),
        _ => (1, 31),
    };
    let days: Vec<i64> = days.collect();
    ensure(days.iter().all(|day| (least..=most).contains(day)), WRONG, format!("loopDayIndexs is {days:?}"))?;
    let times = texts(repeat, "dayTimes");
    ensure(times.iter().all(|time| tables::is_time_of_day(time)), WRONG, format!("dayTimes is {times:?}"))?;
    Ok(Some(times.len()))
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
