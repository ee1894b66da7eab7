//! The message: the table of the fields of version 3, and what it cannot carry.
//!
//! Huawei's pages "push-scenariozed-api-request-param" and "-request-struct", read in 2026-11.

use std::borrow::Cow;

use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::{
    Badge, Click, Cx, Data, EncodeError, Encoded, Fault, Field, Fields, Kind, Notification, Shape, Sound, Unit, sign,
};

use super::Harmony;
use super::options::{Options, PushType};
use super::rules::RULES;
use crate::hms::is_class;

type Row = table::Row<Harmony>;

/// 15 days, the longest that Huawei keeps a message.
const MAX_TTL: i64 = 1_296_000;
/// The whole body, but for the tokens.
const MAX_BODY: usize = 4096;

pub(crate) const HEADERS: &[Row] = &[Row::text("push-type", Fields::NONE, |x| Some(push_type(x).number().into()))
    .note("carries the `kind` `background`")];

pub(crate) const FIELDS: &[Row] = &[
    Row::object(
        "payload",
        &[
            Row::object("notification", NOTIFICATION).when(is_notification),
            Row::text("extraData", Field::Data.only(), |x| borrowed(&x.options.extra_data))
                .needed()
                .when(|x| has_extra(x) && x.options.extra_data.is_some())
                .note("with the types `extension`, `background` and `call`: the option"),
            Row::pairs_text("extraData", Field::Data.only(), |x| x.data())
                .needed()
                .when(|x| has_extra(x) && x.options.extra_data.is_none())
                .note("the same without the option: a JSON object in a text"),
            Row::options(&[Row::text("proxyData", Fields::NONE, |x| x.options.proxy_data?.then_some("ENABLE".into()))
                .when(|x| push_type(x) == PushType::Background)]),
            Row::spread_json("payload", Fields::NONE, |x| x.options.payload.as_ref().map(Cow::Borrowed))
                .needed()
                .when(is_free)
                .note("with the types `form` and `live_view`: the option"),
        ],
    )
    .needed(),
    Row::object("target", &[Row::target("token")]).needed(),
    Row::object(
        "pushOptions",
        &[
            Row::options(&[
                Row::flag("testMessage", Fields::NONE, |x| x.options.test_message),
                Row::text("receiptId", Fields::NONE, |x| borrowed(&x.options.receipt_id)),
                Row::int("backgroundMode", Fields::NONE, |x| x.options.background_mode)
                    .range(0, 1)
                    .when(|x| push_type(x) == PushType::Background),
            ]),
            Row::int("ttl", Field::Ttl.only(), |x| x.ttl_secs())
                .clamped(1, MAX_TTL)
                .note("seconds; 30 to 60 are advised for calls"),
            Row::text("biTag", Field::Id.only(), |x| Some(x.n.id.as_ref()?.as_str().into()))
                .when(|x| own_tag(x).is_none() && x.n.id.as_ref().is_some_and(|id| id.as_str().len() <= 64))
                .note("returned with receipts, where the id is that short"),
            Row::text("biTag", Fields::NONE, own_tag)
                .with(Field::Receipt.only())
                .max(64, Unit::Bytes)
                .note("the tag of `receipt`"),
            Row::int("collapseKey", Field::CollapseKey.only(), collapse_key)
                .range(-1, 100)
                .when(|x| matches!(push_type(x).number(), "0" | "2"))
                .note("one of 100 groups made from the key, for what waits; `notifyId` for what is shown"),
        ],
    ),
];

const NOTIFICATION: &[Row] = &[
    Row::text("category", Field::Category.only(), category)
        .needed()
        .form(is_class, "a class in capitals such as IM, WORK, MARKETING")
        .when(is_text),
    Row::text("title", Field::Title.only(), |x| x.title()).needed().when(is_text),
    Row::text("body", Field::Body.only(), |x| x.body()).needed().when(is_text),
    Row::object(
        "clickAction",
        &[
            Row::int("actionType", Fields::NONE, |x| Some(i64::from(opens_page(x)))).note("0 app, 1 a page of it"),
            Row::text("action", Field::Click.only(), |x| match &x.n.click {
                Some(Click::Action(action)) => Some(action.as_str().into()),
                _ => None,
            }),
            Row::text("uri", Field::Click.only(), uri).note("of the app's own scheme"),
            Row::map("data", Field::Data.only(), clicked_data).note("an object, handed over on a tap"),
        ],
    )
    .when(is_text),
    Row::text("image", Field::Image.only(), |x| {
        Some(x.n.image.as_ref()?.as_str()).filter(|url| is_https(url)).map(Into::into)
    })
    .when(is_text)
    .note("https, small, and checked by Huawei before (`Operation::CheckImage`)"),
    Row::options(&[
        Row::int("style", Fields::NONE, |x| x.options.style).when(is_text),
        Row::text("profileId", Fields::NONE, |x| borrowed(&x.options.profile_id)).max(64, Unit::Chars).when(is_text),
        Row::int("soundDuration", Fields::NONE, |x| x.options.sound_duration).range(1, 60).when(is_text),
        Row::flag("foregroundShow", Fields::NONE, |x| x.options.foreground_show).when(is_text),
    ]),
    Row::options(&[
        Row::text("bigTitle", Fields::NONE, |x| borrowed(&x.options.big_title).or(x.title())).when(is_big),
        Row::text("bigBody", Fields::NONE, |x| borrowed(&x.options.big_body).or(x.body())).when(is_big),
        Row::texts("inboxContent", Fields::NONE, |x| {
            Some(x.options.inbox_content.as_slice()).filter(|l| !l.is_empty())
        })
        .max(3, Unit::Entries)
        .when(is_text),
    ]),
    Row::int("notifyId", Field::CollapseKey.only(), |x| {
        x.options.notify_id.or_else(|| Some(x.n.collapse_key.as_ref()?.number()))
    })
    .range(-1, 2_147_483_647)
    .when(is_text),
    Row::text("appMessageId", Field::Id.only(), app_message_id)
        .when(|x| is_text(x) && x.n.id.is_some())
        .note("a device shows one id once within a day; an id that Huawei would not take becomes its hash"),
    Row::request_id("appMessageId", Fields::NONE).when(|x| is_text(x) && x.n.id.is_none()),
    Row::object(
        "badge",
        &[
            Row::int("addNum", Field::Badge.only(), |x| match x.n.badge? {
                Badge::Add(number) => Some(i64::from(number)).filter(|number| *number > 0),
                Badge::Set(_) => None,
            })
            .clamped(1, 99)
            .when(is_text),
            Row::int("setNum", Field::Badge.only(), |x| match x.n.badge? {
                Badge::Set(number) => Some(i64::from(number)),
                Badge::Add(_) => None,
            })
            .clamped(0, 99),
        ],
    ),
    Row::text("sound", Field::Sound.only(), |x| match &x.n.sound {
        Some(Sound::Named(name)) => Some(name.as_str().into()),
        _ => None,
    })
    .when(is_text)
    .note("a file of the app"),
];

const OTHER: &str = "this type of push has none";

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Title, OTHER),
    Lost::new(Field::Body, OTHER),
    Lost::new(Field::Subtitle, "HarmonyOS shows a title and a text only"),
    Lost::new(Field::Image, "HarmonyOS shows pictures by https, and with notifications only"),
    Lost::new(Field::Sound, "HarmonyOS plays a file of the app or its own sound, and cannot be silenced"),
    Lost::new(Field::Badge, OTHER),
    Lost::new(Field::Channel, "HarmonyOS has no channels of the app's own; use a category"),
    Lost::new(Field::Category, OTHER),
    Lost::new(
        Field::Click,
        "HarmonyOS opens the app or a page of it, by an action or the app's own scheme; put a web page into the data",
    ),
    Lost::new(Field::Data, "the option `payload` takes the place"),
    Lost::new(Field::CollapseKey, OTHER),
    Lost::new(Field::Priority, "the category decides how prominent it is"),
    Lost::new(Field::Thread, "HarmonyOS has no groups"),
    Lost::new(Field::SendAt, "Huawei has no schedule"),
    Lost::new(Field::DryRun, "HarmonyOS has no dry run; option `test_message` is delivered"),
    Lost::new(Field::Id, "this type of push drops no repeats, and the tag of `receipt` takes the place"),
    Lost::new(
        Field::Receipt,
        "the address of receipts is set in Huawei's console (option `receipt_id` picks one); the tag is sent all the same",
    ),
];

pub(crate) fn encode(
    harmony: &Harmony,
    n: &Notification,
    options: &Options,
    shape: Shape,
    cx: &Cx<'_>,
) -> Result<Encoded, EncodeError> {
    let mut encoding = Encoding::new(harmony, n, options, shape, cx);
    check(&mut encoding);
    encoding.rules(RULES);
    encoding.headers(HEADERS);
    let dedups = is_text(&encoding.input);
    let most = match (push_type(&encoding.input), options.test_message) {
        (PushType::Form, _) => Some(1),
        (_, Some(true)) => Some(10),
        _ => None,
    };
    let body = encoding.json(FIELDS);
    let size = body.len();
    if size > MAX_BODY {
        encoding.problem("payload", None, Fault::TooLong { size, limit: MAX_BODY, unit: Unit::Bytes });
    }
    let encoded = encoding.finish(body, LOST)?;
    Ok(Encoded { size: Some((size, MAX_BODY)), dedups: Some(dedups), most, ..encoded })
}

/// What no single row can see.
fn check(encoding: &mut Encoding<'_, Harmony>) {
    let x = &encoding.input;
    let (n, options, kind) = (x.n, x.options, push_type(x));
    let played = category(x).as_deref() == Some("PLAY_VOICE");
    let long_line = options.inbox_content.iter().map(|line| line.chars().count()).find(|size| *size > 1024);
    let silent = n.kind == Kind::Background;

    let carried = [
        (is_text(x) && matches!(n.click, Some(Click::App)), Field::Click),
        (is_text(x) && n.badge == Some(Badge::Add(0)), Field::Badge),
        (is_text(x) && n.sound == Some(Sound::Default), Field::Sound),
        (n.receipt.as_ref().is_some_and(|receipt| receipt.url.is_none()), Field::Receipt),
    ];
    let extension = kind == PushType::Extension;
    let faults = [
        (
            silent && !matches!(kind, PushType::Background | PushType::Call | PushType::Badge | PushType::Form),
            Some(Field::Kind),
            "push-type",
            "the kind `background` needs the type `background`, `call`, `badge` or `form`",
        ),
        (
            is_text(x) && played != extension && (played || extension),
            Some(Field::Category),
            "payload.notification.category",
            "PLAY_VOICE and the type `extension` belong together",
        ),
        (
            kind == PushType::Badge && !matches!(n.badge, Some(Badge::Set(_))),
            Some(Field::Badge),
            "payload.notification.badge.setNum",
            "the type `badge` sets a number",
        ),
        (
            options.style.is_some_and(|style| ![0, 1, 3].contains(&style)),
            None,
            "payload.notification.style",
            "must be 0, 1 or 3",
        ),
        (
            options.style == Some(3) && options.inbox_content.is_empty(),
            None,
            "payload.notification.inboxContent",
            "is missing, and `style` 3 demands it",
        ),
        (
            options.sound_duration.is_some() && !matches!(n.sound, Some(Sound::Named(_))),
            None,
            "payload.notification.soundDuration",
            "needs a sound of the app",
        ),
        (options.payload.is_some() && !is_free(x), None, "payload", "is for the types `form` and `live_view`"),
    ];

    encoding.carry(Field::Kind.only());
    for (_, field) in carried.iter().filter(|(carried, _)| *carried) {
        encoding.carry(field.only());
    }
    for (_, field, wire, why) in faults.into_iter().filter(|(wrong, ..)| *wrong) {
        encoding.problem(wire, field, Fault::Invalid(why.into()));
    }
    if let Some(size) = long_line {
        let fault = Fault::TooLong { size, limit: 1024, unit: Unit::Chars };
        encoding.problem("payload.notification.inboxContent", None, fault);
    }
}

fn borrowed(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(Cow::Borrowed)
}

pub(crate) fn push_type(x: &In<'_, Harmony>) -> PushType {
    x.options.push_type.unwrap_or(match x.n.kind {
        Kind::Background => PushType::Background,
        _ => PushType::Alert,
    })
}

/// A notification with title and text.
pub(super) fn is_text(x: &In<'_, Harmony>) -> bool {
    matches!(push_type(x), PushType::Alert | PushType::Extension)
}

fn is_notification(x: &In<'_, Harmony>) -> bool {
    is_text(x) || push_type(x) == PushType::Badge
}

fn has_extra(x: &In<'_, Harmony>) -> bool {
    matches!(push_type(x), PushType::Extension | PushType::Background | PushType::Call)
}

fn is_free(x: &In<'_, Harmony>) -> bool {
    matches!(push_type(x), PushType::Form | PushType::LiveView)
}

fn is_big(x: &In<'_, Harmony>) -> bool {
    is_text(x) && x.options.style == Some(1)
}

fn is_https(url: &str) -> bool {
    url.starts_with("https://")
}

/// Huawei demands a class, and takes every message of an app that may not classify for marketing.
fn category<'a>(x: &'a In<'a, Harmony>) -> Option<Cow<'a, str>> {
    named_category(x).or(Some("MARKETING".into()))
}

pub(super) fn named_category<'a>(x: &'a In<'a, Harmony>) -> Option<Cow<'a, str>> {
    borrowed(&x.n.category).or(borrowed(&x.vendor.config.category))
}

fn own_tag<'a>(x: &'a In<'a, Harmony>) -> Option<Cow<'a, str>> {
    let asked = || x.n.receipt.as_ref()?.tag.as_deref();
    x.options.bi_tag.as_deref().or_else(asked).map(Cow::Borrowed)
}

fn collapse_key(x: &In<'_, Harmony>) -> Option<i64> {
    x.options.collapse_key.or_else(|| Some(1 + x.n.collapse_key.as_ref()?.number() % 100))
}

fn uri<'a>(x: &'a In<'a, Harmony>) -> Option<Cow<'a, str>> {
    let deep_link = || match &x.n.click {
        Some(Click::Url(url)) if !url.is_web() => Some(url.as_str()),
        _ => None,
    };
    x.options.uri.as_deref().or_else(deep_link).map(Cow::Borrowed)
}

fn opens_page(x: &In<'_, Harmony>) -> bool {
    uri(x).is_some() || matches!(x.n.click, Some(Click::Action(_)))
}

/// With the types that have `extraData`, the pairs stand there.
fn clicked_data<'a>(x: &'a In<'a, Harmony>) -> Option<Cow<'a, Data>> {
    x.data().filter(|_| !has_extra(x))
}

/// Up to 64 letters, digits, `+`, `/`, `=`, `-`, `_` and blanks.
fn app_message_id<'a>(x: &'a In<'a, Harmony>) -> Option<Cow<'a, str>> {
    let id = x.n.id.as_ref()?.as_str();
    let fits = id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=-_ ".contains(&b));
    Some(if fits { id.into() } else { sign::sha256_hex([id]).into() })
}
