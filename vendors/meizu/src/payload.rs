//! The message: Meizu's options, the tables of its fields, and what it cannot carry.
//!
//! Meizu's PushAPI, sections on notification messages and tasks, and its Java SDK, read in 2026-11.

mod options;

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::{
    ActivityName, Bytes, Click, Cx, EncodeError, Encoded, Fault, Field, Fields, HttpUrl, Notification, Shape, Shapes,
    Sound, Ttl, Unit,
};

pub use options::{FixDisplay, Options, Vip};

use crate::Meizu;
use crate::rules::RULES;

type Row = table::Row<Meizu>;

/// The longest that Meizu keeps a message, in hours.
const MAX_HOURS: i64 = 72;

/// The form of a send, but for its signature. To everybody and to tags Meizu makes a task by itself.
pub(crate) const FORM: &[Row] = &[
    APP_ID,
    MESSAGE_JSON,
    Row::target("pushIds").only(Shape::List.only()),
    Row::target("alias").only(Shape::Aliases.only()),
    Row::int("pushType", Fields::NONE, |_| Some(0)).only(BROADCAST),
    PACKAGES,
];
/// The form that saves a task, and the one that pushes it.
const SAVE: &[Row] = &[APP_ID, MESSAGE_JSON, Row::int("pushType", Fields::NONE, |_| Some(0)), PACKAGES];
const PUSH_TASK: &[Row] = &[
    APP_ID,
    Row::target("pushIds").only(Shape::List.only()),
    Row::target("alias").only(Shape::Aliases.only()),
    Row::ticket("taskId"),
];

const BROADCAST: Shapes = Shape::Tags.only().and(Shape::All.only());
const TOLD: Shapes = Shape::List.only().and(Shape::Aliases.only());

const APP_ID: Row = Row::text("appId", Fields::NONE, |x| Some(x.vendor.config.app_id.as_str().into()));
const MESSAGE_JSON: Row = Row::json_text("messageJson", MESSAGE).needed().kept();
const PACKAGES: Row = Row::texts("restrictedPackageNames", Fields::NONE, |x| {
    Some(x.options.restricted_package_names.as_slice()).filter(|names| !names.is_empty())
})
.max(50, Unit::Entries);

const MESSAGE: &[Row] = &[
    Row::object(
        "noticeBarInfo",
        &[
            Row::int("noticeMsgType", Fields::NONE, class)
                .range(0, 1)
                .note("0 public, 1 private; carries the categories `public` and `private`"),
            Row::options(&[Row::int("noticeBarType", Fields::NONE, |x| x.options.notice_bar_type)]),
            Row::text("title", Field::Title.only(), |x| x.title()).needed().max(32, Unit::Chars).cut(),
            Row::text("content", Field::Body.only(), |x| x.body()).needed().max(100, Unit::Chars).cut(),
        ],
    ),
    Row::object(
        "noticeExpandInfo",
        &[
            Row::options(&[
                Row::int("noticeExpandType", Fields::NONE, expand_type).note("1 text, 2 picture"),
                Row::text("noticeExpandContent", Fields::NONE, |x| text(&x.options.notice_expand_content)),
            ]),
            Row::text("noticeExpandImgUrl", Field::Image.only(), |x| url(&x.options.notice_expand_img_url))
                .note("the option only: Meizu takes no picture that was not uploaded to it"),
        ],
    ),
    Row::object(
        "clickTypeInfo",
        &[
            Row::int("clickType", Fields::NONE, |x| Some(click(x).0)).note("0 app, 1 activity, 2 address"),
            Row::text("url", Field::Click.only(), |x| click(x).1).max(1000, Unit::Bytes),
            Row::text("activity", Field::Click.only(), |x| activity(x).map(|name| name.class().into()))
                .max(1000, Unit::Bytes),
            Row::map("parameters", Field::Data.only(), |x| x.data().filter(|_| click(x).0 != 2))
                .note("not with an address"),
        ],
    ),
    Row::object(
        "pushTimeInfo",
        &[
            Row::int("offLine", Field::Ttl.only(), |x| Some(kept_offline(x).into())).always().note("0 for a TTL of 0"),
            Row::int("validTime", Field::Ttl.only(), valid_hours)
                .always()
                .clamped(1, MAX_HOURS)
                .note("hours, rounded up; 24 without a TTL"),
            Row::int("pushTimeType", Fields::NONE, |x| x.n.send_at.map(|_| 1))
                .with(Field::SendAt.only())
                .only(BROADCAST),
            Row::text("startTime", Field::SendAt.only(), |x| Some(in_china(x.n.send_at?).into()))
                .only(BROADCAST)
                .note("tags and everybody; time in China"),
        ],
    ),
    Row::object(
        "advanceInfo",
        &[
            // Meizu's documentation gives two defaults for it.
            Row::int("suspend", Fields::NONE, |x| on(x.options.suspend.or(Some(true)))),
            Row::options(&[
                Row::int("clearNoticeBar", Fields::NONE, |x| on(x.options.clear_notice_bar)),
                Row::int("fixSpeed", Fields::NONE, |x| x.options.fix_speed_rate.map(|_| 1)).only(BROADCAST),
                Row::int("fixSpeedRate", Fields::NONE, |x| x.options.fix_speed_rate).only(BROADCAST),
                Row::int("fixDisplay", Fields::NONE, |x| window(x).map(|_| 1)),
                Row::text("fixStartDisplayTime", Fields::NONE, |x| Some(window(x)?.start.as_str().into())),
                Row::text("fixEndDisplayTime", Fields::NONE, |x| Some(window(x)?.end.as_str().into())),
            ]),
            Row::object(
                "notificationType",
                &[
                    Row::options(&[
                        Row::int("vibrate", Fields::NONE, |x| on(x.options.vibrate)),
                        Row::int("lights", Fields::NONE, |x| on(x.options.lights)),
                    ]),
                    Row::int("sound", Field::Sound.only(), sound).note("1 for `default`, 0 for `none`"),
                ],
            ),
            Row::text("notifyKey", Field::CollapseKey.only(), notify_key).max(8, Unit::Chars).note(
                "8 hexadecimal digits made from a key that is longer or has other than letters, digits, `_`, `-`",
            ),
        ],
    ),
    Row::object(
        "vipInfo",
        &[
            Row::text("subtitle", Field::Subtitle.only(), subtitle)
                .max(16, Unit::Chars)
                .cut()
                .note("with the setting `vip`"),
            Row::options(&[
                Row::int("pullDownTop", Fields::NONE, |x| on(x.options.vip.pull_down_top)),
                Row::int("timeTop", Fields::NONE, |x| x.options.vip.time_top).range(1800, 7200),
                Row::int("notGroup", Fields::NONE, |x| on(x.options.vip.not_group)),
                Row::text("titleColor", Fields::NONE, |x| text(&x.options.vip.title_color))
                    .one_of(&["#206CFF", "#E42D22"]),
                Row::text("backgroundImgUrl", Fields::NONE, |x| url(&x.options.vip.background_img_url)),
                Row::text("smallIconUrl", Fields::NONE, |x| url(&x.options.vip.small_icon_url)),
                Row::text("bigIconUrl", Fields::NONE, |x| url(&x.options.vip.big_icon_url)),
            ]),
        ],
    ),
    Row::object(
        "extra",
        &[
            Row::text("callback", Field::Receipt.only(), callback)
                .max(128, Unit::Bytes)
                .only(TOLD)
                .note("the address of `receipt`; not with the setting `task`"),
            Row::text("callback.param", Fields::NONE, callback_param)
                .with(Field::Receipt.only())
                .max(64, Unit::Bytes)
                .only(TOLD)
                .note("the tag of `receipt`, or the `id` where it is that short"),
            Row::options(&[Row::text("callback.type", Fields::NONE, |x| {
                x.options.callback_type.map(|kind| kind.to_string().into())
            })
            .one_of(&["1", "2", "3"])
            .only(TOLD)
            .note("1 delivered, 2 clicked, 3 both")]),
        ],
    ),
];

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Subtitle, "Meizu shows a second headline for VIP apps only; the setting `vip` says it is one"),
    Lost::new(Field::Image, "Meizu takes pictures from VIP apps only, uploaded to it; see `notice_expand_img_url`"),
    Lost::new(Field::Sound, "Meizu switches the sound on or off, but plays none of the app's own"),
    Lost::new(Field::Badge, "Meizu sets no badge"),
    Lost::new(Field::Channel, "Meizu has no channels of the app's own"),
    Lost::new(Field::Category, "Meizu knows the categories `public` and `private` only; see `notice_msg_type`"),
    Lost::new(Field::Click, "Meizu opens the app, an activity or an address, but no intent and no bare action"),
    Lost::new(Field::Data, "Meizu passes no data along with an address: write it into the address"),
    Lost::new(Field::Priority, "only the message class decides how prominent it is"),
    Lost::new(Field::Thread, "the phone groups by app"),
    Lost::new(Field::Kind, "Meizu has withdrawn data-only messages"),
    Lost::new(Field::SendAt, "Meizu schedules broadcasts only"),
    Lost::new(Field::DryRun, "Meizu has no dry run"),
    Lost::new(Field::Id, "Meizu takes an id of at most 64 bytes along with receipts, and de-duplicates none"),
    Lost::new(
        Field::Receipt,
        "Meizu reports on sends to pushIds and aliases only, not of tasks, and only to an address (`url`)",
    ),
];

pub(crate) fn encode(
    meizu: &Meizu,
    n: &Notification,
    options: &Options,
    shape: Shape,
    cx: &Cx<'_>,
) -> Result<Encoded, EncodeError> {
    let mut encoding = Encoding::new(meizu, n, options, shape, cx);
    check(&mut encoding);
    encoding.rules(RULES);
    let saved = meizu.config.task && TOLD.has(shape);
    let body = encoding.form(if saved { SAVE } else { FORM });
    let push = if saved { encoding.form(PUSH_TASK) } else { Default::default() };
    let quota = if class(&encoding.input) == Some(1) { "private" } else { "public" };
    let mut encoded = Encoded { quota, push, ..encoding.finish(body, LOST)? };
    if !options.restricted_package_names.is_empty() {
        // Read again by `auth::signed`.
        encoded.aux = Bytes::from([&encoded.aux, options.restricted_package_names.join(",").as_bytes()].concat());
    }
    Ok(encoded)
}

/// What no single row can see.
fn check(encoding: &mut Encoding<'_, Meizu>) {
    let x = &encoding.input;
    let (n, options, vip) = (x.n, x.options, &x.options.vip);
    let (picture, background) = (options.notice_expand_img_url.is_some(), vip.background_img_url.is_some());

    let odd_style = options.notice_bar_type.is_some_and(|style| style != 0 && style != 2);
    let both_expand = options.notice_expand_content.is_some() && picture;
    let no_class_name = activity(x).is_some_and(|name| name.class().starts_with('.'));
    let no_window = window(x).is_some_and(|w| !is_time(&w.start) || !is_time(&w.end) || w.start >= w.end);
    let both_top = vip.pull_down_top == Some(true) && vip.time_top.is_some();
    let covered = background && (picture || vip.title_color.is_some() || vip.big_icon_url.is_some());
    let aimless = n.receipt.is_none() && options.callback_type.is_some();
    let slow = options.fix_speed_rate.is_some() && !BROADCAST.has(x.shape);
    let odd_package = options.restricted_package_names.iter().any(|name| !is_package(name));

    let class_in_words = options.notice_msg_type.is_some() || class_of(n).is_some();
    let id_returns =
        TOLD.has(x.shape) && callback_param(x).is_some_and(|tag| n.id.as_ref().is_some_and(|id| id.as_str() == tag));
    let seconds = n.ttl.map_or(0, |ttl| i64::from(ttl.as_secs()));
    let part_of_an_hour = kept_offline(x) && seconds % 3600 != 0 && seconds < MAX_HOURS * 3600;

    for (wrong, field, wire, why) in [
        (odd_style, None, "noticeBarInfo.noticeBarType", "must be 0 (Flyme's) or 2 (Android's own); 1 is withdrawn"),
        (both_expand, None, "noticeExpandInfo", "expands to a text or to a picture, not to both"),
        (
            no_class_name,
            Some(Field::Click),
            "clickTypeInfo.activity",
            "must be a full class name such as com.example.Main",
        ),
        (no_window, None, "advanceInfo.fixDisplay", "needs a start before its end, both as `yyyy-MM-dd HH:mm:ss`"),
        (both_top, None, "vipInfo.timeTop", "excludes `pull_down_top`"),
        (covered, None, "vipInfo.backgroundImgUrl", "excludes a title colour, a big icon and a big picture"),
        (aimless, None, "extra.callback.type", "needs a `receipt`"),
        (slow, None, "advanceInfo.fixSpeedRate", "paces tags and everybody only"),
    ] {
        if wrong {
            encoding.problem(format!("messageJson.{wire}"), field, Fault::Invalid(why.into()));
        }
    }
    if odd_package {
        let fault = Fault::Invalid("must be package names: letters, digits, `.` and `_`".into());
        encoding.problem("restrictedPackageNames", None, fault);
    }
    let by_other_means =
        [(n.click == Some(Click::App), Field::Click), (class_in_words, Field::Category), (id_returns, Field::Id)];
    for (_, field) in by_other_means.iter().filter(|(carried, _)| *carried) {
        encoding.carry(field.only());
    }
    if part_of_an_hour {
        let rounded = (seconds + 3599) / 3600 * 3600;
        encoding.moved("messageJson.pushTimeInfo.validTime", Some(Field::Ttl), seconds, rounded);
    }
}

fn text(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(Cow::Borrowed)
}

fn url(url: &Option<HttpUrl>) -> Option<Cow<'_, str>> {
    url.as_ref().map(|url| url.as_str().into())
}

/// Meizu's documentation has 0 and 1 for off and on.
fn on(flag: Option<bool>) -> Option<i64> {
    flag.map(i64::from)
}

fn class_of(n: &Notification) -> Option<i64> {
    match n.category.as_deref() {
        Some("public") => Some(0),
        Some("private") => Some(1),
        _ => None,
    }
}

pub(crate) fn class(x: &In<'_, Meizu>) -> Option<i64> {
    x.options.notice_msg_type.or(class_of(x.n)).or(x.vendor.config.notice_msg_type)
}

fn expand_type(x: &In<'_, Meizu>) -> Option<i64> {
    let text = x.options.notice_expand_content.as_ref().map(|_| 1);
    text.or(x.options.notice_expand_img_url.as_ref().map(|_| 2))
}

fn activity<'a>(x: &In<'a, Meizu>) -> Option<&'a ActivityName> {
    match &x.n.click {
        Some(Click::Activity(name)) => Some(name),
        _ => None,
    }
}

fn window<'a>(x: &In<'a, Meizu>) -> Option<&'a FixDisplay> {
    x.options.fix_display.as_ref()
}

/// `clickType` and `url`. What Meizu cannot open opens the app.
fn click<'a>(x: &In<'a, Meizu>) -> (i64, Option<Cow<'a, str>>) {
    match &x.n.click {
        Some(Click::Url(url)) => (2, Some(url.as_str().into())),
        Some(Click::Activity(_)) => (1, None),
        None | Some(Click::App | Click::Intent(_) | Click::Action(_)) => (0, None),
    }
}

fn kept_offline(x: &In<'_, Meizu>) -> bool {
    x.options.off_line.unwrap_or(x.n.ttl != Some(Ttl::NOW_OR_NEVER))
}

fn valid_hours(x: &In<'_, Meizu>) -> Option<i64> {
    let hours = x.n.ttl.map_or(24, |ttl| i64::from(ttl.as_secs().div_ceil(3600)));
    kept_offline(x).then_some(hours)
}

fn sound(x: &In<'_, Meizu>) -> Option<i64> {
    match x.n.sound {
        Some(Sound::Default) => Some(1),
        Some(Sound::Silent) => Some(0),
        None | Some(Sound::Named(_)) => None,
    }
}

fn notify_key<'a>(x: &In<'a, Meizu>) -> Option<Cow<'a, str>> {
    let key = x.n.collapse_key.as_ref()?;
    let fits = key.as_str().len() <= 8 && key.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    Some(if fits { key.as_str().into() } else { format!("{:08x}", key.number()).into() })
}

fn subtitle<'a>(x: &'a In<'a, Meizu>) -> Option<Cow<'a, str>> {
    let common = x.n.subtitle.as_deref().filter(|_| x.vendor.config.vip).map(Cow::Borrowed);
    text(&x.options.vip.subtitle).or(common)
}

/// Meizu writes times as they are in China.
fn in_china(time: DateTime<Utc>) -> String {
    (time + TimeDelta::hours(8)).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn callback<'a>(x: &'a In<'a, Meizu>) -> Option<Cow<'a, str>> {
    x.receipt_url().filter(|_| !x.vendor.config.task)
}

/// What receipts carry back: the tag, or the notification's id where it is short enough.
fn callback_param<'a>(x: &'a In<'a, Meizu>) -> Option<Cow<'a, str>> {
    callback(x)?;
    let tagged = x.n.receipt.as_ref().is_some_and(|receipt| receipt.tag.is_some());
    x.receipt_tag().filter(|tag| tagged || tag.len() <= 64)
}

fn is_time(text: &str) -> bool {
    let form = b"0000-00-00 00:00:00";
    let like = |(b, f): (u8, &u8)| if *f == b'0' { b.is_ascii_digit() } else { b == *f };
    text.len() == form.len() && text.bytes().zip(form).all(like)
}

fn is_package(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._".contains(&b))
}
