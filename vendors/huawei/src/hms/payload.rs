//! The message: the table of HMS's fields, and what it cannot carry.
//!
//! Huawei's page "https-send-api" and its SDKs, read in 2026-11. Title, text and picture may also
//! stand in an outer `notification`, which says the same again and is not sent.

use std::borrow::Cow;

use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::{
    Badge, Click, Cx, EncodeError, Encoded, Fault, Field, Fields, Kind, Notification, Priority, Shape, Shapes, Sound,
    Unit,
};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::options::Options;
use super::rules::RULES;
use super::{Huawei, is_class};

type Row = table::Row<Huawei>;

/// 15 days, the longest that Huawei keeps a message.
const MAX_TTL: i64 = 1_296_000;
/// The whole body, but for the tokens.
const MAX_BODY: usize = 4096;

pub(super) const GROUP: Shapes = Shape::Topic.only().and(Shape::Condition.only());

pub(crate) const FIELDS: &[Row] = &[
    Row::flag("validate_only", Field::DryRun.only(), |x| x.n.dry_run.then_some(true)),
    Row::options(&[Row::json("review", Fields::NONE, |x| borrowed_json(&x.options.review))]),
    Row::object("message", MESSAGE).needed(),
];

const MESSAGE: &[Row] = &[
    Row::target("token").only(Shape::List.only()),
    Row::target("topic").only(Shape::Topic.only()),
    Row::target("condition").only(Shape::Condition.only()).note("at most 5 topics"),
    Row::pairs_text("data", Field::Data.only(), |x| x.data())
        .when(|x| x.options.data.is_none())
        .note("a JSON object in a text; without a notification it is the `kind` `background`"),
    Row::options(&[Row::text("data", Fields::NONE, |x| borrowed(&x.options.data))]),
    Row::object("android", ANDROID),
];

const ANDROID: &[Row] = &[
    Row::int("collapse_key", Field::CollapseKey.only(), collapse_key)
        .range(-1, 100)
        .note("one of 100 groups made from the key, for what waits; `tag` for what is shown"),
    Row::text("urgency", Field::Priority.only(), urgency).one_of(&["HIGH", "NORMAL"]).note("data messages"),
    Row::text("category", Field::Category.only(), category)
        .always()
        .form(is_class, "a class in capitals such as IM, WORK, MARKETING"),
    Row::int_text("ttl", Field::Ttl.only(), |x| x.ttl_secs(), "s")
        .clamped(1, MAX_TTL)
        .note("seconds with an `s`; what 0 means is not documented"),
    Row::text("bi_tag", Field::Id.only(), |x| Some(x.n.id.as_ref()?.as_str().into()))
        .when(|x| own_tag(x).is_none())
        .note("returned with receipts"),
    Row::text("bi_tag", Fields::NONE, own_tag).with(Field::Receipt.only()).note("the tag of `receipt`"),
    Row::options(&[
        Row::text("receipt_id", Fields::NONE, |x| borrowed(&x.options.receipt_id)),
        Row::int("fast_app_target", Fields::NONE, |x| x.options.fast_app_target).range(1, 2),
        Row::int("target_user_type", Fields::NONE, |x| x.options.target_user_type).range(0, 1),
    ]),
    Row::object("notification", NOTIFICATION).when(shown),
];

const NOTIFICATION: &[Row] = &[
    Row::text("title", Field::Title.only(), |x| x.title()).needed(),
    Row::text("body", Field::Body.only(), |x| x.body()).needed(),
    Row::object(
        "click_action",
        &[
            Row::int("type", Fields::NONE, |x| Some(aim(x).0)).note("1 intent or action, 2 web page, 3 app"),
            Row::text("intent", Field::Click.only(), |x| aim(x).1.filter(|_| !is_action(x) && aim(x).0 == 1)),
            Row::text("action", Field::Click.only(), |x| aim(x).1.filter(|_| is_action(x))),
            Row::text("url", Field::Click.only(), |x| aim(x).1.filter(|_| aim(x).0 == 2)).note("https only"),
        ],
    ),
    Row::text("image", Field::Image.only(), |x| {
        Some(x.n.image.as_ref()?.as_str()).filter(|url| is_https(url)).map(Into::into)
    })
    .note("https only, small, at the right"),
    Row::options(&[
        Row::text("icon", Fields::NONE, |x| borrowed(&x.options.icon)).form(is_raw, "`/raw/name`"),
        Row::text("color", Fields::NONE, |x| borrowed(&x.options.color)).form(is_color, "#RRGGBB"),
        Row::int("notify_id", Fields::NONE, |x| x.options.notify_id).range(-1, 2_147_483_647),
        Row::text("notify_summary", Fields::NONE, |x| borrowed(&x.options.notify_summary)),
        Row::int("style", Fields::NONE, |x| x.options.style),
        Row::texts("inbox_content", Fields::NONE, |x| some(&x.options.inbox_content)).max(5, Unit::Entries),
        Row::json("buttons", Fields::NONE, |x| borrowed_json(&x.options.buttons)),
        Row::text("visibility", Fields::NONE, |x| borrowed(&x.options.visibility)).one_of(&[
            "VISIBILITY_UNSPECIFIED",
            "PRIVATE",
            "PUBLIC",
            "SECRET",
        ]),
        Row::text("when", Fields::NONE, |x| borrowed(&x.options.when)),
        Row::flag("foreground_show", Fields::NONE, |x| x.options.foreground_show),
        Row::flag("use_default_vibrate", Fields::NONE, |x| x.options.use_default_vibrate),
        Row::flag("use_default_light", Fields::NONE, |x| x.options.use_default_light),
        Row::json("light_settings", Fields::NONE, |x| borrowed_json(&x.options.light_settings)),
        Row::text("profile_id", Fields::NONE, |x| borrowed(&x.options.profile_id)).max(64, Unit::Chars),
        Row::text("title_loc_key", Fields::NONE, |x| borrowed(&x.options.title_loc_key)),
        Row::texts("title_loc_args", Fields::NONE, |x| some(&x.options.title_loc_args)),
        Row::text("body_loc_key", Fields::NONE, |x| borrowed(&x.options.body_loc_key)),
        Row::texts("body_loc_args", Fields::NONE, |x| some(&x.options.body_loc_args)),
        Row::json("multi_lang_key", Fields::NONE, |x| borrowed_json(&x.options.multi_lang_key)),
        Row::int("auto_clear", Fields::NONE, |x| x.options.auto_clear),
        Row::flag("auto_cancel", Fields::NONE, |x| x.options.auto_cancel),
        Row::text("ticker", Fields::NONE, |x| borrowed(&x.options.ticker)),
    ]),
    Row::text("sound", Field::Sound.only(), sound)
        .form(is_raw, "`/raw/name`, or a name")
        .note("heeded when the channel is made"),
    Row::flag("default_sound", Field::Sound.only(), default_sound),
    Row::text("tag", Field::CollapseKey.only(), |x| borrowed(&x.options.tag).or(x.collapse())),
    Row::text("group", Field::Thread.only(), |x| borrowed(&x.n.thread)),
    Row::text("channel_id", Field::Channel.only(), |x| borrowed(&x.n.channel)).note("the app's own, for display"),
    Row::options(&[
        Row::text("big_title", Fields::NONE, |x| borrowed(&x.options.big_title).or(x.title())).when(is_big),
        Row::text("big_body", Fields::NONE, |x| borrowed(&x.options.big_body).or(x.body())).when(is_big),
    ]),
    Row::object(
        "badge",
        &[
            Row::int("add_num", Field::Badge.only(), |x| match x.n.badge? {
                Badge::Add(number) => Some(i64::from(number)).filter(|number| *number > 0),
                Badge::Set(_) => None,
            })
            .clamped(1, 99),
            Row::int("set_num", Field::Badge.only(), |x| match x.n.badge? {
                Badge::Set(number) => Some(i64::from(number)),
                Badge::Add(_) => None,
            })
            .clamped(0, 99),
            Row::text("class", Fields::NONE, |x| Some(x.vendor.config.badge_class.as_ref()?.class().into()))
                .with(Field::Badge.only())
                .when(|x| x.n.badge.is_some_and(|badge| badge != Badge::Add(0))),
        ],
    )
    .when(|x| x.vendor.config.badge_class.is_some()),
    Row::text("importance", Field::Priority.only(), importance).one_of(&["LOW", "NORMAL", "HIGH"]),
    Row::options(&[
        Row::texts("vibrate_config", Fields::NONE, |x| some(&x.options.vibrate_config)).max(10, Unit::Entries)
    ]),
];

const HIDDEN: &str = "a data message shows nothing";

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Title, HIDDEN),
    Lost::new(Field::Body, HIDDEN),
    Lost::new(Field::Subtitle, "Huawei shows a title and a text only"),
    Lost::new(Field::Image, "Huawei shows pictures by https, and none with data messages"),
    Lost::new(Field::Sound, HIDDEN),
    Lost::new(Field::Badge, "needs the activity that the launcher starts (`badge_class`), and a message that shows"),
    Lost::new(Field::Channel, HIDDEN),
    Lost::new(
        Field::Click,
        "Huawei opens the app, an intent, an activity, an action or an https page; a data message opens nothing",
    ),
    Lost::new(Field::Data, "option `data` takes the place"),
    Lost::new(Field::Thread, HIDDEN),
    Lost::new(Field::SendAt, "Huawei has no schedule"),
    Lost::new(Field::Id, "option `bi_tag` or the tag of `receipt` takes the place"),
    Lost::new(
        Field::Receipt,
        "the address of receipts is set in Huawei's console (option `receipt_id` picks one); the tag is sent all the same",
    ),
];

pub(crate) fn encode(
    huawei: &Huawei,
    n: &Notification,
    options: &Options,
    shape: Shape,
    cx: &Cx<'_>,
) -> Result<Encoded, EncodeError> {
    let mut encoding = Encoding::new(huawei, n, options, shape, cx);
    check(&mut encoding);
    encoding.rules(RULES);
    let body = encoding.json(FIELDS);
    let size = body.len();
    if size > MAX_BODY {
        encoding.problem("message", None, Fault::TooLong { size, limit: MAX_BODY, unit: Unit::Bytes });
    }
    Ok(Encoded { size: Some((size, MAX_BODY)), ..encoding.finish(body, LOST)? })
}

/// What no single row can see.
fn check(encoding: &mut Encoding<'_, Huawei>) {
    let x = &encoding.input;
    let (n, options, config) = (x.n, x.options, &x.vendor.config);
    let shown = shown(x);
    let homeless = shown
        && matches!(&n.click, Some(Click::Activity(a)) if !a.as_str().contains('/'))
        && config.package_name.is_none();
    let odd_data = shown && options.data.as_deref().is_some_and(|t| serde_json::from_str::<IgnoredAny>(t).is_err());
    let empty_data = !shown && options.data.is_none() && n.data.is_empty();
    let long_line = options.inbox_content.iter().map(|line| line.chars().count()).find(|size| *size > 1024);
    let played = category(x).as_deref() == Some("PLAY_VOICE");

    encoding.carry(Field::Kind.only());
    for (carried, field) in [
        (shown && n.click == Some(Click::App), Field::Click),
        (shown && n.badge == Some(Badge::Add(0)), Field::Badge),
        (n.receipt.as_ref().is_some_and(|receipt| receipt.url.is_none()), Field::Receipt),
    ] {
        if carried {
            encoding.carry(field.only());
        }
    }
    for (wrong, field, wire, why) in [
        (odd_data, None, "message.data", "must be JSON beside a notification"),
        (
            homeless,
            Some(Field::Click),
            "message.android.notification.click_action.intent",
            "needs a package: `package/class`, or `package_name` in the settings",
        ),
        (
            options.style.is_some_and(|style| ![0, 1, 3].contains(&style)),
            None,
            "message.android.notification.style",
            "must be 0, 1 or 3",
        ),
        (
            options.style == Some(3) && options.inbox_content.is_empty(),
            None,
            "message.android.notification.inbox_content",
            "is missing, and `style` 3 demands it",
        ),
        (
            (options.title_loc_key.is_none() && !options.title_loc_args.is_empty())
                || (options.body_loc_key.is_none() && !options.body_loc_args.is_empty()),
            None,
            "message.android.notification.title_loc_args",
            "arguments need their key",
        ),
        (shown && played, Some(Field::Category), "message.android.category", "PLAY_VOICE is for data messages only"),
    ] {
        if wrong {
            encoding.problem(wire, field, Fault::Invalid(why.into()));
        }
    }
    if empty_data {
        encoding.problem("message.data", Some(Field::Data), Fault::Missing);
    }
    if let Some(size) = long_line {
        let fault = Fault::TooLong { size, limit: 1024, unit: Unit::Chars };
        encoding.problem("message.android.notification.inbox_content", None, fault);
    }
}

fn borrowed(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(Cow::Borrowed)
}

fn borrowed_json(value: &Option<Value>) -> Option<Cow<'_, Value>> {
    value.as_ref().map(Cow::Borrowed)
}

fn some(texts: &[String]) -> Option<&[String]> {
    Some(texts).filter(|texts| !texts.is_empty())
}

pub(super) fn shown(x: &In<'_, Huawei>) -> bool {
    x.n.kind == Kind::Alert
}

fn is_big(x: &In<'_, Huawei>) -> bool {
    x.options.style == Some(1)
}

fn is_https(url: &str) -> bool {
    url.starts_with("https://")
}

fn is_raw(path: &str) -> bool {
    path.strip_prefix("/raw/").is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn own_tag<'a>(x: &'a In<'a, Huawei>) -> Option<Cow<'a, str>> {
    let asked = || x.n.receipt.as_ref()?.tag.as_deref();
    x.options.bi_tag.as_deref().or_else(asked).map(Cow::Borrowed)
}

fn collapse_key(x: &In<'_, Huawei>) -> Option<i64> {
    x.options.collapse_key.or_else(|| Some(1 + x.n.collapse_key.as_ref()?.number() % 100))
}

pub(super) fn category<'a>(x: &'a In<'a, Huawei>) -> Option<Cow<'a, str>> {
    borrowed(&x.n.category).or(borrowed(&x.vendor.config.category))
}

pub(super) fn urgency<'a>(x: &'a In<'a, Huawei>) -> Option<Cow<'a, str>> {
    let by_priority = || match x.n.priority.filter(|_| !shown(x))? {
        Priority::High => Some("HIGH"),
        Priority::Normal => Some("NORMAL"),
    };
    x.options.urgency.as_deref().or_else(by_priority).map(Cow::Borrowed)
}

/// `HIGH` needs a right without which Huawei refuses the message, so only the option asks for it.
fn importance<'a>(x: &'a In<'a, Huawei>) -> Option<Cow<'a, str>> {
    x.options.importance.as_deref().or(x.n.priority.map(|_| "NORMAL")).map(Cow::Borrowed)
}

fn sound<'a>(x: &'a In<'a, Huawei>) -> Option<Cow<'a, str>> {
    match x.n.sound.as_ref()? {
        Sound::Named(name) if name.starts_with('/') => Some(name.as_str().into()),
        Sound::Named(name) => Some(format!("/raw/{}", name.split('.').next().unwrap_or(name)).into()),
        _ => None,
    }
}

fn default_sound(x: &In<'_, Huawei>) -> Option<bool> {
    x.n.sound.as_ref().map(|sound| *sound == Sound::Default)
}

fn is_action(x: &In<'_, Huawei>) -> bool {
    matches!(x.n.click, Some(Click::Action(_)))
}

/// `type`, and what it opens. Huawei demands a type always; what it cannot open opens the app.
fn aim<'a>(x: &'a In<'a, Huawei>) -> (i64, Option<Cow<'a, str>>) {
    match &x.n.click {
        Some(Click::Url(url)) if url.as_str().starts_with("https://") => (2, Some(url.as_str().into())),
        Some(Click::Url(url)) if !url.is_web() => (1, Some(as_intent(url.as_str()))),
        Some(Click::Intent(uri)) => (1, Some(uri.as_str().into())),
        Some(Click::Action(action)) => (1, Some(action.as_str().into())),
        Some(Click::Activity(activity)) => {
            let component = activity.component(x.vendor.config.package_name.as_deref().unwrap_or_default());
            (1, Some(format!("intent:#Intent;component={component};end").into()))
        }
        None | Some(Click::App | Click::Url(_)) => (3, None),
    }
}

/// An address of the app's own scheme, in Android's grammar of intents.
fn as_intent(url: &str) -> Cow<'_, str> {
    match url.split_once("://") {
        Some((scheme, rest)) if !rest.contains('#') => format!("intent://{rest}#Intent;scheme={scheme};end").into(),
        _ => url.into(),
    }
}
