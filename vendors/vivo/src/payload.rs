//! The message: vivo's options, the table of its fields, and what it cannot carry.
//!
//! vivo's page 362, sections on single and list pushes, read in 2026-11.

use std::borrow::Cow;

use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::{Click, Cx, EncodeError, Encoded, Fault, Field, Fields, Notification, Shape, Sound, Ttl, Unit};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Vivo;
use crate::rules::RULES;

/// vivo's own options of a notification (`vendors.vivo`). All are optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// Ring and vibration on old phones: 1 silent, 2 ring, 3 vibrate, 4 both. Default: 1 for
    /// [`Sound::Silent`], else 4.
    pub notify_type: Option<i64>,
    /// -1 any network, 1 Wi-Fi only. Default -1.
    pub network_type: Option<i64>,
    /// The message class: 0 operational, 1 system. Default: the one the category belongs to,
    /// 0 without a category. It is a legal class: never raised silently.
    pub classification: Option<i64>,
    /// 0 formal, 1 test (reaches registered test phones only). Default 0.
    pub push_mode: Option<i64>,
    /// The user signed in on the phone. At most 64 characters; single sends only.
    pub profile_id: Option<String>,
    /// Try once and drop when the phone is offline. Default: true for a TTL of 0.
    pub send_online: Option<bool>,
    /// Whether to show it while the app is in the foreground. Default true.
    pub foreground_show: Option<bool>,
    /// A time window for showing it.
    pub timed_display: Option<TimedDisplay>,
    /// Results of a third-party content audit, as vivo documents them.
    pub audit_review: Option<Value>,
    /// Pictures and buttons of operational messages, as vivo documents them.
    pub marketing: Option<Value>,
    /// Whether the icon shows a badge. Default: true when the notification has a badge above 0.
    pub add_badge: Option<bool>,
    /// The id of a receipt address that is registered in the console; wins over the address in the
    /// notification's `receipt`. Single, formal sends only.
    pub callback_id: Option<String>,
}

/// A time window for showing a notification: it starts at least 10 minutes ahead, lasts less
/// than 120 minutes, and lies within 24 hours and one day in Beijing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimedDisplay {
    /// Whether to show it late when the window was missed.
    pub overtime_display: bool,
    /// Start, in milliseconds since the Unix epoch.
    pub show_start_time: i64,
    /// End, in milliseconds since the Unix epoch.
    pub show_end_time: i64,
}

const SYSTEM: &[&str] = &["IM", "ACCOUNT", "TODO", "DEVICE_REMINDER", "ORDER", "SUBSCRIPTION"];
/// `NEWS` is very likely, but not confirmed by a source.
const OPERATIONAL: &[&str] = &["CONTENT", "MARKETING", "SOCIAL", "NEWS"];
const CATEGORIES: &[&str] =
    &["IM", "ACCOUNT", "TODO", "DEVICE_REMINDER", "ORDER", "SUBSCRIPTION", "CONTENT", "MARKETING", "SOCIAL", "NEWS"];

type Row = table::Row<Vivo>;

/// The message of a single send, and of a saved list message (without the target).
pub(crate) const FIELDS: &[Row] = &[
    Row::int("appId", Fields::NONE, |x| i64::try_from(x.vendor.config.app_id).ok()),
    Row::target("regId").only_one(),
    Row::request_id("requestId", Field::Id.only()),
    Row::text("title", Field::Title.only(), |x| x.title()).needed().max(40, Unit::Chars).cut(),
    Row::text("content", Field::Body.only(), |x| x.body()).needed().max(100, Unit::Chars).cut(),
    Row::int("notifyType", Fields::NONE, notify_type)
        .range(1, 4)
        .note("carries a default or silent `sound`; old phones only, on new ones the message class decides"),
    Row::int("timeToLive", Field::Ttl.only(), |x| x.ttl_secs().filter(|ttl| *ttl > 0)).clamped(60, 86_400),
    Row::flag("sendOnline", Field::Ttl.only(), send_online).note("true for a TTL of 0"),
    Row::int("skipType", Fields::NONE, |x| Some(skip(x).0)).note("1 app, 2 web page, 4 page in the app"),
    Row::text("skipContent", Field::Click.only(), |x| skip(x).1).max(1024, Unit::Chars),
    Row::options(&[
        Row::int("networkType", Fields::NONE, |x| x.options.network_type),
        Row::text("profileId", Fields::NONE, |x| borrowed(&x.options.profile_id)).max(64, Unit::Chars).only_one(),
        Row::flag("foregroundShow", Fields::NONE, |x| x.options.foreground_show),
        Row::object(
            "timedDisplay",
            &[
                Row::flag("overtimeDisplay", Fields::NONE, |x| x.options.timed_display.map(|t| t.overtime_display)),
                Row::int("showStartTime", Fields::NONE, |x| x.options.timed_display.map(|t| t.show_start_time)),
                Row::int("showEndTime", Fields::NONE, |x| x.options.timed_display.map(|t| t.show_end_time)),
            ],
        ),
        Row::json("auditReview", Fields::NONE, |x| x.options.audit_review.as_ref().map(Cow::Borrowed)),
        Row::json("marketing", Fields::NONE, |x| x.options.marketing.as_ref().map(Cow::Borrowed)),
    ]),
    Row::int("classification", Fields::NONE, |x| Some(classification(x))).range(0, 1),
    Row::text("category", Field::Category.only(), category).always().one_of(CATEGORIES),
    Row::map("clientCustomMap", Field::Data.only(), |x| x.data()).max(1024, Unit::Chars).note("at most 10 pairs"),
    Row::int("notifyId", Field::CollapseKey.only(), |x| x.n.collapse_key.as_ref().map(|key| key.number()))
        .note("a stable number made from the key"),
    Row::options(&[Row::int("pushMode", Fields::NONE, push_mode).range(0, 1)]),
    Row::flag("addBadge", Field::Badge.only(), add_badge).note("a flag: vivo has no number"),
    Row::object(
        "extra",
        &[
            Row::text("callback", Field::Receipt.only(), |x| x.receipt_url())
                .max(128, Unit::Chars)
                .only_one()
                .note("the address of `receipt`"),
            Row::text("callback.param", Field::Receipt.only(), |x| x.receipt_tag())
                .max(64, Unit::Chars)
                .only_one()
                .note("the tag of `receipt`; newer documentation allows 192"),
            Row::options(&[Row::text("callback.id", Fields::NONE, |x| borrowed(&x.options.callback_id)).only_one()]),
        ],
    ),
];

/// The list push that names a saved message.
const LIST: &[Row] = &[
    Row::int("appId", Fields::NONE, |x| i64::try_from(x.vendor.config.app_id).ok()),
    Row::target("regIds"),
    Row::ticket("taskId"),
    Row::request_id("requestId", Fields::NONE),
    Row::int("pushMode", Fields::NONE, push_mode),
];

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Subtitle, "vivo shows a title and a text only"),
    Lost::new(Field::Image, "vivo shows no pictures of ordinary messages"),
    Lost::new(Field::Sound, "vivo plays no sounds of the app's own"),
    Lost::new(Field::Channel, "vivo has no channels of the app's own; use a category"),
    Lost::new(Field::Click, "vivo opens the app, a web page, an intent or an activity, but no bare action"),
    Lost::new(Field::Priority, "only the message class decides how prominent it is"),
    Lost::new(Field::Thread, "the phone groups by app"),
    Lost::new(Field::Kind, "vivo has no data-only messages"),
    Lost::new(Field::SendAt, "vivo has no schedule"),
    Lost::new(Field::Receipt, "vivo sends receipts of single sends only, to an address or to a `callback_id`"),
    Lost::new(Field::DryRun, "vivo has no dry run; `push_mode` 1 delivers to test phones only"),
];

pub(crate) fn encode(
    vivo: &Vivo,
    n: &Notification,
    options: &Options,
    shape: Shape,
    cx: &Cx<'_>,
) -> Result<Encoded, EncodeError> {
    let mut encoding = Encoding::new(vivo, n, options, shape, cx);
    check(&mut encoding);
    encoding.rules(RULES);
    let body = encoding.json(FIELDS);
    let push = (shape == Shape::List).then(|| encoding.json(LIST));
    let quota = if classification(&encoding.input) == 1 { "system" } else { "operational" };
    let encoded = encoding.finish(body, LOST)?;
    Ok(Encoded { quota, push: push.unwrap_or_default(), ..encoded })
}

/// What no single row can see.
fn check(encoding: &mut Encoding<'_, Vivo>) {
    let x = &encoding.input;
    let (n, options) = (x.n, x.options);
    let class = classification(x);
    let expected = category(x).and_then(|name| class_of(&name));
    let formal_extra = options.push_mode == Some(1) && (n.receipt.is_some() || options.callback_id.is_some());
    // Without an address of its own, vivo's console has one, or there is none.
    let addressed = x.shape == Shape::One && n.receipt.is_some() && options.callback_id.is_some();
    let activity_without_package = matches!(&n.click, Some(Click::Activity(a)) if !a.as_str().contains('/'))
        && x.vendor.config.package_name.is_none();

    if matches!(n.sound, Some(Sound::Default | Sound::Silent)) {
        encoding.carry(Field::Sound.only());
    }
    if addressed {
        encoding.carry(Field::Receipt.only());
    }
    if n.click == Some(Click::App) {
        encoding.carry(Field::Click.only());
    }
    if n.data.len() > 10 {
        let fault = Fault::TooLong { size: n.data.len(), limit: 10, unit: Unit::Entries };
        encoding.problem("clientCustomMap", Some(Field::Data), fault);
    }
    if expected.is_some_and(|expected| expected != class) {
        let fault = Fault::Invalid("belongs to the other classification (vivo answers 10097)".into());
        encoding.problem("category", Some(Field::Category), fault);
    }
    if options.network_type.is_some_and(|kind| kind != -1 && kind != 1) {
        encoding.problem("networkType", None, Fault::Invalid("must be -1 (any) or 1 (Wi-Fi)".into()));
    }
    if formal_extra {
        encoding.problem("extra", None, Fault::Invalid("receipts are for formal messages (`push_mode` 0)".into()));
    }
    if activity_without_package {
        let fault = Fault::Invalid("needs a package: `package/class`, or `package_name` in the settings".into());
        encoding.problem("skipContent", Some(Field::Click), fault);
    }
}

fn borrowed(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(Cow::Borrowed)
}

fn notify_type(x: &In<'_, Vivo>) -> Option<i64> {
    let by_sound = if x.n.sound == Some(Sound::Silent) { 1 } else { 4 };
    Some(x.options.notify_type.unwrap_or(by_sound))
}

fn send_online(x: &In<'_, Vivo>) -> Option<bool> {
    x.options.send_online.or_else(|| (x.n.ttl == Some(Ttl::NOW_OR_NEVER)).then_some(true))
}

fn add_badge(x: &In<'_, Vivo>) -> Option<bool> {
    use omnipush_core::Badge::{Add, Set};
    x.options.add_badge.or_else(|| x.n.badge.map(|badge| !matches!(badge, Set(0) | Add(0))))
}

fn push_mode(x: &In<'_, Vivo>) -> Option<i64> {
    x.options.push_mode
}

pub(crate) fn category<'a>(x: &'a In<'a, Vivo>) -> Option<Cow<'a, str>> {
    x.n.category.as_deref().or(x.vendor.config.category.as_deref()).map(Cow::Borrowed)
}

fn class_of(category: &str) -> Option<i64> {
    if SYSTEM.contains(&category) { Some(1) } else { OPERATIONAL.contains(&category).then_some(0) }
}

pub(crate) fn classification(x: &In<'_, Vivo>) -> i64 {
    x.options.classification.or_else(|| category(x).and_then(|name| class_of(&name))).unwrap_or(0)
}

/// `skipType` and `skipContent`. vivo demands a type always; what it cannot open opens the app.
fn skip<'a>(x: &'a In<'a, Vivo>) -> (i64, Option<Cow<'a, str>>) {
    match &x.n.click {
        Some(Click::Url(url)) if url.is_web() => (2, Some(url.as_str().into())),
        Some(Click::Url(url)) => (4, Some(url.as_str().into())),
        Some(Click::Intent(uri)) => (4, Some(uri.as_str().into())),
        Some(Click::Activity(activity)) => {
            let component = activity.component(x.vendor.config.package_name.as_deref().unwrap_or_default());
            (4, Some(format!("intent:#Intent;component={component};end").into()))
        }
        None | Some(Click::App | Click::Action(_)) => (1, None),
    }
}
