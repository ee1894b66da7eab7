//! The message: the table of TPNS's fields, and what it cannot carry.
//!
//! Tencent's pages 548/39064 and 1024/33764 (push API) in their revisions up to 2026, read in 2026-11.

mod options;

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::{
    Badge, Bytes, Click, Cx, EncodeError, Encoded, Fault, Field, Fields, Kind, Notification, Shape, Shapes, Sound, Unit,
};
use serde_json::{Value, json};

pub use options::{Android, Ios, Options};

use crate::Tpns;
use crate::config::{Environment, Platform};
use crate::rules::RULES;

type Row = table::Row<Tpns>;

/// 72 hours, the longest that TPNS keeps a message, and the shortest.
const MAX_TTL: i64 = 259_200;
const MIN_TTL: i64 = 800;
/// A day, which is TPNS's own default today; older ones had another, so it is always sent.
const DEFAULT_TTL: i64 = 86_400;
/// The whole of `message`.
const MAX_MESSAGE: usize = 4096;
const MAX_AHEAD: TimeDelta = TimeDelta::days(90);

/// The kinds of tags: the app's own, and those that TPNS gives by itself.
const TAG_TYPES: &[&str] = &[
    "xg_user_define",
    "xg_auto_version",
    "xg_auto_province",
    "xg_auto_active",
    "xg_auto_sdkversion",
    "xg_auto_systemlanguage",
    "xg_auto_devicebrand",
    "xg_auto_deviceversion",
    "xg_auto_country",
];

const TOKENS: Shapes = Shape::List.only();
const MASS: Shapes = Shape::Tags.only().and(Shape::All.only()).and(Shape::Segment.only());

pub(crate) const FIELDS: &[Row] = &[
    // The type of a package is known from its name only.
    Row::text("audience_type", Fields::NONE, |x| audience(x.shape).map(Into::into)),
    Row::target("token_list").only(TOKENS).note("a list of one, too"),
    Row::target("account_list").only(Shape::Accounts.only()),
    Row::text("message_type", Fields::NONE, |x| Some(if silent(x) { "message" } else { "notify" }.into()))
        .note("`message` for the `kind` `background`"),
    Row::text("environment", Fields::NONE, |x| {
        Some(match x.vendor.config.environment? {
            Environment::Product => "product".into(),
            Environment::Dev => "dev".into(),
        })
    }),
    Row::int("ignore_invalid_token", Fields::NONE, |_| Some(1))
        .only(TOKENS)
        .note("so that one bad token spoils no list"),
    Row::options(&[
        Row::int("account_type", Fields::NONE, |x| x.options.account_type).only(Shape::Accounts.only()),
        Row::int("account_push_type", Fields::NONE, |x| x.options.account_push_type)
            .range(0, 1)
            .only(Shape::Accounts.only()),
        Row::json("loop_param", Fields::NONE, |x| borrowed_json(&x.options.loop_param)).only(MASS),
        Row::flag("multi_pkg", Fields::NONE, |x| x.options.multi_pkg),
        Row::text("plan_id", Fields::NONE, |x| borrowed(&x.options.plan_id)),
        Row::int("push_speed", Fields::NONE, |x| x.options.push_speed).range(1000, 50_000).only(MASS),
        Row::int("collapse_id", Fields::NONE, |x| x.options.collapse_id).only(MASS),
        Row::flag("force_collapse", Fields::NONE, |x| x.options.force_collapse).only(MASS),
        Row::json("channel_rules", Fields::NONE, |x| borrowed_json(&x.options.channel_rules)),
        Row::int("tpns_online_push_type", Fields::NONE, |x| x.options.tpns_online_push_type).range(0, 1),
    ]),
    Row::int("expire_time", Field::Ttl.only(), |x| x.ttl_secs()).when(now_or_never).note("0 for a TTL of 0"),
    Row::int("expire_time", Field::Ttl.only(), |x| Some(x.ttl_secs().unwrap_or(DEFAULT_TTL)))
        .always()
        .clamped(MIN_TTL, MAX_TTL)
        .when(|x| !now_or_never(x))
        .note("a day without a TTL"),
    Row::text("send_time", Field::SendAt.only(), |x| Some(in_china(x.n.send_at?).into()))
        .only(MASS)
        .note("tags, everybody and packages; Beijing time, up to 90 days ahead"),
    // The last, so that its size can be told.
    Row::object("message", MESSAGE),
];

const MESSAGE: &[Row] = &[
    Row::text("title", Field::Title.only(), |x| x.title()).needed().when(|x| !silent(x)),
    Row::text("title", Field::Title.only(), |x| x.title()).when(|x| silent(x) && is_android(x)),
    Row::text("content", Field::Body.only(), |x| x.body()).needed().when(|x| !silent(x)),
    Row::text("content", Field::Body.only(), |x| x.body()).when(|x| silent(x) && is_android(x)),
    Row::options(&[
        Row::json("accept_time", Fields::NONE, |x| borrowed_json(&x.options.accept_time)).when(is_android),
        Row::text("thread_sumtext", Fields::NONE, |x| borrowed(&x.options.thread_sumtext)).when(is_android),
        Row::text("xg_media_audio_resources", Fields::NONE, |x| borrowed(&x.options.xg_media_audio_resources))
            .when(is_android),
        Row::int("show_type", Fields::NONE, |x| x.options.show_type).range(1, 2).when(is_ios),
    ]),
    Row::text("thread_id", Field::Thread.only(), |x| borrowed(&x.n.thread)).when(|x| !silent(x)),
    Row::text("xg_media_resources", Field::Image.only(), |x| Some(x.n.image.as_ref()?.as_str().into()))
        .when(|x| !silent(x))
        .note("on Android TPNS and Xiaomi only, which takes its own uploads"),
    Row::object("android", ANDROID).when(is_android),
    Row::object("ios", IOS).needed().when(is_ios),
];

const ANDROID: &[Row] = &[
    Row::text("n_ch_id", Field::Channel.only(), |x| borrowed(&x.n.channel)).note("TPNS's own channel"),
    Row::options(&[
        Row::text("n_ch_name", Fields::NONE, |x| borrowed(&x.options.android.n_ch_name)),
        Row::text("xm_ch_id", Fields::NONE, |x| borrowed(&x.options.android.xm_ch_id)),
        Row::text("fcm_ch_id", Fields::NONE, |x| borrowed(&x.options.android.fcm_ch_id)),
        Row::text("hw_ch_id", Fields::NONE, |x| borrowed(&x.options.android.hw_ch_id)),
        Row::text("oppo_ch_id", Fields::NONE, |x| borrowed(&x.options.android.oppo_ch_id)),
        Row::text("vivo_ch_id", Fields::NONE, |x| borrowed(&x.options.android.vivo_ch_id)).one_of(&["0", "1"]),
        Row::int("hw_importance", Fields::NONE, |x| x.options.android.hw_importance).range(1, 2),
        Row::int("hw_biz_type", Fields::NONE, |x| x.options.android.hw_biz_type),
        Row::int("builder_id", Fields::NONE, |x| x.options.android.builder_id),
        Row::int("lights", Fields::NONE, |x| x.options.android.lights).range(0, 1),
        Row::int("clearable", Fields::NONE, |x| x.options.android.clearable).range(0, 1),
        Row::int("icon_type", Fields::NONE, |x| x.options.android.icon_type).range(0, 1),
        Row::text("icon_res", Fields::NONE, |x| borrowed(&x.options.android.icon_res)),
        Row::int("icon_color", Fields::NONE, |x| x.options.android.icon_color).range(0, 0x00ff_ffff),
        Row::text("small_icon", Fields::NONE, |x| borrowed(&x.options.android.small_icon)),
        Row::int("style_id", Fields::NONE, |x| x.options.android.style_id),
        Row::int("show_type", Fields::NONE, |x| x.options.show_type).range(1, 2),
    ]),
    Row::text("hw_category", Field::Category.only(), |x| borrowed(&x.n.category)).note("Huawei's channel only"),
    Row::int("badge_type", Field::Badge.only(), badge).range(-2, 99).note("adds 1 only; Huawei's and vivo's channels"),
    Row::int("ring", Field::Sound.only(), |x| x.options.android.ring.or(silence(x))).range(0, 1),
    Row::text("ring_raw", Field::Sound.only(), ring_raw)
        .note("a name without its ending, with a channel; Huawei, Xiaomi, FCM and TPNS"),
    Row::int("vibrate", Fields::NONE, |x| x.options.android.vibrate.or(silence(x).filter(|on| *on == 0)))
        .with(Field::Sound.only())
        .range(0, 1),
    Row::pairs_text("custom_content", Field::Data.only(), |x| x.data())
        .note("a JSON object in a text; Huawei's channel drops it: use the deep link's query there"),
    Row::object(
        "action",
        &[
            Row::int("action_type", Fields::NONE, |x| Some(click(x)?.0))
                .with(Field::Click.only())
                .note("1 app or activity, 2 web page, 3 deep link"),
            Row::text("activity", Field::Click.only(), |x| click(x).filter(|click| click.0 == 1)?.1),
            Row::object(
                "aty_attr",
                &[Row::options(&[
                    Row::int("if", Fields::NONE, |x| Some(x.options.android.aty_attr?.0)),
                    Row::int("pf", Fields::NONE, |x| Some(x.options.android.aty_attr?.1)),
                ])],
            ),
            Row::object(
                "browser",
                &[
                    Row::text("url", Field::Click.only(), |x| click(x).filter(|click| click.0 == 2)?.1),
                    Row::options(&[Row::int("confirm", Fields::NONE, |x| {
                        x.options.android.confirm.filter(|_| click(x).is_some_and(|click| click.0 == 2))
                    })
                    .range(0, 1)]),
                ],
            ),
            Row::text("intent", Field::Click.only(), |x| click(x).filter(|click| click.0 == 3)?.1),
        ],
    )
    .when(|x| !silent(x)),
];

const IOS: &[Row] =
    &[
        Row::object(
            "aps",
            &[
                Row::int("content-available", Fields::NONE, |x| silent(x).then_some(1)),
                Row::object(
                    "alert",
                    &[Row::text("subtitle", Field::Subtitle.only(), |x| {
                        borrowed(&x.n.subtitle).filter(|_| !silent(x))
                    })],
                ),
                Row::int("badge_type", Field::Badge.only(), |x| badge(x).filter(|_| !silent(x))).range(-2, 99_999),
                Row::text("category", Field::Category.only(), |x| borrowed(&x.n.category).filter(|_| !silent(x))),
                Row::text("sound", Field::Sound.only(), |x| apple_sound(x).filter(|_| !silent(x))),
                Row::int("mutable-content", Fields::NONE, |x| Some(x.options.ios.mutable_content.unwrap_or(1)))
                    .range(0, 1)
                    .when(|x| !silent(x)),
                Row::text("interruption-level", Fields::NONE, |x| borrowed(&x.options.ios.interruption_level))
                    .one_of(&["passive", "active", "time-sensitive", "critical"]),
            ],
        )
        .needed(),
        Row::pairs_text("custom_content", Field::Data.only(), |x| x.data()).note("a JSON object in a text"),
    ];

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Title, "a silent message of iOS shows nothing"),
    Lost::new(Field::Body, "a silent message of iOS shows nothing"),
    Lost::new(Field::Subtitle, "Android has none"),
    Lost::new(Field::Image, "a silent message shows nothing"),
    Lost::new(Field::Sound, "a sound of the app's own needs a channel on Android; a silent message plays none"),
    Lost::new(Field::Badge, "TPNS adds 1 and no more; a silent message sets none"),
    Lost::new(Field::Channel, "iOS has no channels"),
    Lost::new(Field::Category, "a silent message of iOS has none"),
    Lost::new(Field::Click, "iOS has no click action, and TPNS opens no intent and no bare action"),
    Lost::new(Field::CollapseKey, "TPNS replaces by numbers of its own only; see `collapse_id`"),
    Lost::new(Field::Priority, "TPNS has none; see `hw_importance` and `interruption_level`"),
    Lost::new(Field::Thread, "a silent message shows nothing"),
    Lost::new(Field::SendAt, "TPNS schedules messages to tags, everybody and packages only"),
    Lost::new(Field::DryRun, "TPNS has no dry run"),
    Lost::new(Field::Id, "TPNS takes no id, and drops no repeats"),
    Lost::new(Field::Receipt, "TPNS posts no receipts; its console has statistics"),
];

pub(crate) fn encode(
    tpns: &Tpns,
    n: &Notification,
    options: &Options,
    shape: Shape,
    cx: &Cx<'_>,
) -> Result<Encoded, EncodeError> {
    let mut encoding = Encoding::new(tpns, n, options, shape, cx);
    check(&mut encoding);
    encoding.rules(RULES);
    let body = encoding.json(FIELDS);
    let size = encoding.last_object();
    if size > MAX_MESSAGE {
        encoding.problem("message", None, Fault::TooLong { size, limit: MAX_MESSAGE, unit: Unit::Bytes });
    }
    if let Some(kind) = options.tag_type.as_deref().filter(|kind| !TAG_TYPES.contains(kind)) {
        let why = format!("is {kind}, none of {}", TAG_TYPES.join(", "));
        encoding.problem("tag_rules.tag_type", None, Fault::Invalid(why));
    }
    // For the rules, which are written with the tags.
    let aux = options.tag_type.clone().map_or(Bytes::from_static(b"xg_user_define"), Bytes::from);
    Ok(Encoded { size: Some((size, MAX_MESSAGE)), aux, ..encoding.finish(body, LOST)? })
}

/// What no single row can see.
fn check(encoding: &mut Encoding<'_, Tpns>) {
    let x = &encoding.input;
    let (n, options, ios) = (x.n, x.options, is_ios(x));
    let now = || i64::try_from(x.now_ms).ok().and_then(DateTime::from_timestamp_millis);
    let too_far = n.send_at.is_some_and(|at| now().is_some_and(|now| at - now > MAX_AHEAD));
    let mass_only = !MASS.has(x.shape)
        && (options.loop_param.is_some()
            || options.push_speed.is_some()
            || options.collapse_id.is_some()
            || options.force_collapse.is_some());
    let other = || if ios { options.android != Android::default() } else { options.ios != Ios::default() };
    let other_platform = x.has_options() && other();
    let empty = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
    let bare_data = silent(x) && !ios && (empty(&n.title) || empty(&n.body));
    let app_click = n.click == Some(Click::App) && !ios && !silent(x);

    encoding.carry(Field::Kind.only());
    if app_click {
        encoding.carry(Field::Click.only());
    }
    if n.badge == Some(Badge::Add(0)) {
        encoding.carry(Field::Badge.only());
    }
    for (wrong, field, wire, why) in [
        (
            bare_data,
            Some(Field::Kind),
            "message_type",
            "a data message of Android needs a title and a text, though it shows neither",
        ),
        (too_far, Some(Field::SendAt), "send_time", "must be at most 90 days ahead"),
        (
            mass_only,
            None,
            "loop_param",
            "`loop_param`, `push_speed`, `collapse_id` and `force_collapse` are for tags, everybody and packages only",
        ),
        (other_platform, None, "message", "has options of the other platform; the application is of one"),
    ] {
        if wrong {
            encoding.problem(wire, field, Fault::Invalid(why.into()));
        }
    }
}

fn audience(shape: Shape) -> Option<&'static str> {
    match shape {
        Shape::List => Some("token_list"),
        Shape::Accounts => Some("account_list"),
        Shape::Tags => Some("tag"),
        Shape::All => Some("all"),
        _ => None,
    }
}

fn borrowed(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(Cow::Borrowed)
}

fn borrowed_json(value: &Option<Value>) -> Option<Cow<'_, Value>> {
    value.as_ref().map(Cow::Borrowed)
}

fn is_ios(x: &In<'_, Tpns>) -> bool {
    x.vendor.config.platform == Platform::Ios
}

pub(crate) fn is_android(x: &In<'_, Tpns>) -> bool {
    !is_ios(x)
}

pub(crate) fn silent(x: &In<'_, Tpns>) -> bool {
    x.n.kind == Kind::Background
}

fn now_or_never(x: &In<'_, Tpns>) -> bool {
    x.ttl_secs() == Some(0)
}

/// TPNS does not name a time zone; it is at home in China.
fn in_china(time: DateTime<Utc>) -> String {
    (time + TimeDelta::hours(8)).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn badge(x: &In<'_, Tpns>) -> Option<i64> {
    match x.n.badge? {
        Badge::Set(number) => Some(i64::from(number)),
        Badge::Add(1) => Some(-2),
        Badge::Add(_) => None,
    }
}

fn silence(x: &In<'_, Tpns>) -> Option<i64> {
    match x.n.sound {
        Some(Sound::Silent) => Some(0),
        Some(Sound::Default) => Some(1),
        _ => None,
    }
}

fn ring_raw<'a>(x: &'a In<'a, Tpns>) -> Option<Cow<'a, str>> {
    match &x.n.sound {
        // The name stands without the ending of its file.
        Some(Sound::Named(name)) if x.n.channel.is_some() => Some(name.split('.').next().unwrap_or(name).into()),
        _ => None,
    }
}

fn apple_sound<'a>(x: &'a In<'a, Tpns>) -> Option<Cow<'a, str>> {
    Some(match x.n.sound.as_ref()? {
        Sound::Default => "default".into(),
        Sound::Silent => "".into(),
        Sound::Named(name) => name.as_str().into(),
    })
}

/// `action_type`, and what it opens. Without one the app opens.
fn click<'a>(x: &'a In<'a, Tpns>) -> Option<(i64, Option<Cow<'a, str>>)> {
    match x.n.click.as_ref()? {
        Click::App => Some((1, None)),
        Click::Activity(activity) => Some((1, Some(activity.class().into()))),
        Click::Url(url) if url.is_web() => Some((2, Some(url.as_str().into()))),
        Click::Url(url) => Some((3, Some(url.as_str().into()))),
        Click::Intent(_) | Click::Action(_) => None,
    }
}

/// Tags as TPNS writes them: groups joined by AND, of which the last is negated.
pub(crate) fn tag_rules(tags: &omnipush_core::Tags, kind: &str) -> Value {
    let item = |tags: &[String], inner: &str, not: bool| json!({"tags": tags, "tags_operator": inner, "items_operator": "AND", "is_not": not, "tag_type": kind});
    let groups = [(&tags.any, "OR", false), (&tags.all, "AND", false), (&tags.none, "OR", true)];
    let items: Vec<Value> = groups
        .into_iter()
        .filter(|(tags, ..)| !tags.is_empty())
        .map(|(tags, inner, not)| item(tags, inner, not))
        .collect();
    json!([{"tag_items": items, "operator": "OR", "is_not": false}])
}
