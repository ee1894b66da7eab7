//! The message: the table of OPPO's fields, and what it cannot carry.
//!
//! OPPO's pages 11236 (message), 11238 (single pushes) and 13189 (classes), and its Java SDK,
//! read in 2026-11.

mod options;

use std::borrow::Cow;

use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::template::array_in_form;
use omnipush_core::{
    Badge, Bytes, Click, Cx, Data, EncodeError, Encoded, Fault, Field, Fields, Notification, Priority, Set, Shape,
    Shapes, Ttl, Unit,
};

pub use options::Options;

use crate::Oppo;
use crate::rules::RULES;

type Row = table::Row<Oppo>;

/// Ten days, the longest that OPPO keeps a message.
const MAX_TTL: i64 = 864_000;
/// The text of the standard layout, and of the long one.
const SHORT: usize = 50;
const LONG: usize = 128;

const PRIVATE: &[&str] = &["IM", "ACCOUNT", "TODO", "DEVICE_REMINDER", "ORDER", "SUBSCRIPTION"];
const CATEGORIES: &[&str] =
    &["IM", "ACCOUNT", "TODO", "DEVICE_REMINDER", "ORDER", "SUBSCRIPTION", "NEWS", "CONTENT", "MARKETING", "SOCIAL"];

/// Messages of their own, for registration ids.
const SINGLE: Shapes = Shape::One.only().and(Shape::List.only()).and(Shape::Each.only());

/// One message of a single push or of a batch.
const MESSAGE: &[Row] = &[
    Row::int("target_type", Fields::NONE, |_| Some(2)),
    Row::target("target_value").only(SINGLE),
    Row::options(&[Row::flag("verify_registration_id", Fields::NONE, |x| x.options.verify_registration_id)]),
    Row::object("notification", NOTIFICATION),
];

/// A single push: the message is JSON in a form.
pub(crate) const UNICAST: &[Row] = &[Row::json_text("message", MESSAGE).needed()];

/// What is shown; in a saved message the fields of the form itself.
const NOTIFICATION: &[Row] = &[
    Row::text("app_message_id", Field::Id.only(), |x| Some(x.n.id.as_ref()?.as_str().into()))
        .when(is_single)
        .note("OPPO sends one id to one target once"),
    Row::request_id("app_message_id", Fields::NONE).when(|x| !is_single(x) || x.n.id.is_none()),
    Row::int("style", Fields::NONE, |x| style(x).filter(|style| *style != 1)).range(1, 3),
    Row::text("title", Field::Title.only(), |x| x.title()).needed().max(50, Unit::Chars).cut(),
    Row::text("sub_title", Field::Subtitle.only(), |x| borrowed(&x.n.subtitle)).max(10, Unit::Chars).cut(),
    Row::text("content", Field::Body.only(), |x| x.body())
        .needed()
        .max(LONG, Unit::Chars)
        .cut()
        .note("over 50 characters with `style` 2, which such a text gets by itself"),
    Row::options(&[
        Row::text("big_picture_id", Fields::NONE, |x| borrowed(&x.options.big_picture_id)),
        Row::text("small_picture_id", Fields::NONE, |x| borrowed(&x.options.small_picture_id)),
        Row::text("private_title_parameters", Fields::NONE, |x| json(&x.options.private_title_parameters)),
        Row::text("private_content_parameters", Fields::NONE, |x| json(&x.options.private_content_parameters)),
        Row::int("show_ttl", Fields::NONE, |x| x.options.show_ttl),
        Row::int("show_time_type", Fields::NONE, |x| x.options.show_time.map(|_| 1)),
        Row::text("time_zone", Fields::NONE, |x| borrowed(&x.options.time_zone)),
        Row::flag("fix_speed", Fields::NONE, |x| x.options.fix_speed_rate.map(|_| true)),
        Row::int("fix_speed_rate", Fields::NONE, |x| x.options.fix_speed_rate).range(1000, 10_000),
        Row::int("network_type", Fields::NONE, |x| x.options.network_type).range(0, 1),
        Row::json("auditResponse", Fields::NONE, |x| x.options.audit_response.as_ref().map(Cow::Borrowed)),
    ]),
    Row::int("click_action_type", Fields::NONE, |x| Some(click(x).0))
        .note("0 app, 1 action, 2 web page, 4 activity, 5 deep link or intent"),
    Row::text("click_action_activity", Field::Click.only(), |x| click(x).1.filter(|_| matches!(click(x).0, 1 | 4)))
        .max(500, Unit::Chars),
    Row::text("click_action_url", Field::Click.only(), |x| click(x).1.filter(|_| matches!(click(x).0, 2 | 5)))
        .max(2000, Unit::Chars),
    Row::pairs_text("action_parameters", Field::Data.only(), |x| x.data())
        .max(4000, Unit::Chars)
        .note("a JSON object in a text; in the query of an address"),
    Row::text("channel_id", Field::Channel.only(), |x| {
        borrowed(&x.n.channel).or(borrowed(&x.vendor.config.channel_id))
    })
    .always(),
    Row::text("category", Field::Category.only(), category).always().one_of(CATEGORIES),
    Row::int("notify_level", Field::Priority.only(), notify_level).note("1, 2 or 16; with a category"),
    Row::text("private_msg_template_id", Fields::NONE, template),
    Row::flag("off_line", Field::Ttl.only(), |x| x.n.ttl.map(|ttl| ttl != Ttl::NOW_OR_NEVER))
        .note("false for a TTL of 0"),
    Row::int("off_line_ttl", Field::Ttl.only(), |x| x.ttl_secs().filter(|ttl| *ttl > 0)).clamped(1, MAX_TTL),
    Row::int("notify_id", Field::CollapseKey.only(), |x| x.n.collapse_key.as_ref().map(|key| key.number()))
        .note("a stable number made from the key"),
    Row::options(&[
        Row::int("show_start_time", Fields::NONE, |x| Some(x.options.show_time?.0)),
        Row::int("show_end_time", Fields::NONE, |x| Some(x.options.show_time?.1)),
    ]),
    Row::int("push_time_type", Fields::NONE, |x| x.n.send_at.map(|_| 1))
        .with(Field::SendAt.only())
        .only(Shape::All.only()),
    Row::int("push_start_time", Field::SendAt.only(), |x| Some(x.n.send_at?.timestamp_millis()))
        .only(Shape::All.only())
        .note("everybody only"),
    Row::text("call_back_url", Field::Receipt.only(), |x| x.receipt_url())
        .max(200, Unit::Chars)
        .when(has_receipts)
        .note("the address of `receipt`"),
    Row::text("call_back_parameter", Fields::NONE, |x| x.receipt_tag())
        .with(Field::Receipt.only())
        .max(100, Unit::Chars)
        .when(has_receipts)
        .note("the tag of `receipt`"),
    Row::int("badge_operation_type", Fields::NONE, |x| Some(i64::from(matches!(x.n.badge?, Badge::Add(_)))))
        .with(Field::Badge.only())
        .note("0 set, 1 add"),
    Row::int("badge_message_count", Field::Badge.only(), |x| match x.n.badge? {
        Badge::Set(number) | Badge::Add(number) => Some(i64::from(number)),
    }),
];

/// The broadcast of a saved message.
const BROADCAST: &[Row] = &[
    Row::ticket("message_id"),
    Row::int("target_type", Fields::NONE, |x| {
        Some(match x.shape {
            Shape::All => 1,
            Shape::Aliases => 5,
            Shape::Tags => 6,
            _ => 2,
        })
    }),
    Row::target_by("target_value", ';').only(Shape::List.only().and(Shape::Aliases.only())),
];

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Image, "OPPO shows uploaded pictures only; see `big_picture_id` and `small_picture_id`"),
    Lost::new(Field::Sound, "the channel decides on sounds"),
    Lost::new(Field::Priority, "OPPO takes a reminder strength of messages with a category only"),
    Lost::new(Field::Thread, "the phone groups by app"),
    Lost::new(Field::Kind, "OPPO has no data-only messages"),
    Lost::new(Field::SendAt, "OPPO schedules messages to everybody only"),
    Lost::new(Field::DryRun, "OPPO has no dry run"),
    Lost::new(Field::Id, "OPPO drops repeats of messages to single targets only, not of broadcasts"),
    Lost::new(Field::Receipt, "OPPO reports on registration ids only, to an address (`url`)"),
];

pub(crate) fn encode(
    oppo: &Oppo,
    n: &Notification,
    options: &Options,
    shape: Shape,
    cx: &Cx<'_>,
) -> Result<Encoded, EncodeError> {
    // A batch of the same is a batch of messages all the same.
    let batched = shape == Shape::List && !oppo.config.broadcast;
    let mut encoding = Encoding::new(oppo, n, options, if batched { Shape::Each } else { shape }, cx);
    check(&mut encoding);
    encoding.rules(RULES);
    let single = is_single(&encoding.input);
    let quota = if is_private(&encoding.input) { "private" } else { "public" };
    let (body, push) = match shape {
        Shape::One => (encoding.form(UNICAST), None),
        _ if single => (encoding.json(MESSAGE).in_form(), None),
        _ => (encoding.form(NOTIFICATION), Some(encoding.form(BROADCAST))),
    };
    let encoded = encoding.finish(body, LOST)?;
    Ok(Encoded { shape, quota, push: push.unwrap_or_default(), ..encoded })
}

/// The form of a batch: its messages, each with its target.
pub(crate) fn batch(set: &Set<'_>) -> Bytes {
    array_in_form("messages", set, "")
}

/// What no single row can see.
fn check(encoding: &mut Encoding<'_, Oppo>) {
    let x = &encoding.input;
    let (n, options) = (x.n, x.options);
    let (single, category) = (is_single(x), category(x));
    let longest = if is_private(x) { 24 * 3600 } else { 12 * 3600 };
    let bare_class = matches!(click(x), (4, Some(class)) if !class.contains('.'));
    let class_without_template = options.private_msg_template_id.is_some() && !is_private(x);
    let parameters = !options.private_title_parameters.is_empty() || !options.private_content_parameters.is_empty();
    let (no_category, no_template) = (category.is_none(), parameters && template(x).is_none());

    for (wrong, field, wire, fault) in [
        (bare_class, Some(Field::Click), "click_action_activity", "must be a full class name such as com.example.Main"),
        (options.style == Some(3) && single, None, "style", "3 (big picture) is for broadcasts only"),
        (
            options.style == Some(3) && options.big_picture_id.is_none(),
            None,
            "big_picture_id",
            "is missing, and `style` 3 demands it",
        ),
        (
            options.style == Some(3) && options.fix_speed_rate.is_some(),
            None,
            "fix_speed_rate",
            "excludes `style` 3 (big picture)",
        ),
        (options.fix_speed_rate.is_some() && single, None, "fix_speed_rate", "is for broadcasts only"),
        (
            options.notify_level.is_some_and(|level| ![1, 2, 16].contains(&level)),
            None,
            "notify_level",
            "must be 1, 2 or 16",
        ),
        (options.notify_level.is_some() && no_category, None, "notify_level", "needs a category"),
        (
            options.show_time.is_some_and(|(from, to)| from >= to),
            None,
            "show_start_time",
            "must be before `show_end_time`",
        ),
        (
            options.show_ttl.is_some_and(|ttl| !(0..=longest).contains(&ttl)),
            None,
            "show_ttl",
            "must be 0 to 43,200 seconds, of private messages to 86,400",
        ),
        (class_without_template, None, "private_msg_template_id", "is for private categories only"),
        (no_template, None, "private_msg_template_id", "is missing, and its parameters are given"),
    ] {
        if wrong {
            encoding.problem(wire, field, Fault::Invalid(fault.into()));
        }
    }
    let size = n.body.as_deref().map_or(0, |text| text.chars().count());
    if matches!(options.style, Some(1 | 3)) && size > SHORT {
        let fault = Fault::TooLong { size, limit: SHORT, unit: Unit::Chars };
        encoding.problem("content", Some(Field::Body), fault);
    }
    if n.click == Some(Click::App) {
        encoding.carry(Field::Click.only());
    }
}

fn borrowed(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(Cow::Borrowed)
}

fn json(pairs: &Data) -> Option<Cow<'_, str>> {
    // Pairs of texts always serialise.
    (!pairs.is_empty()).then(|| serde_json::to_string(pairs).ok().map(Cow::Owned)).flatten()
}

/// Whether each target gets a message of its own.
fn is_single(x: &In<'_, Oppo>) -> bool {
    match x.shape {
        Shape::One | Shape::Each => true,
        Shape::List => !x.vendor.config.broadcast,
        _ => false,
    }
}

/// OPPO reports on sends to registration ids only.
fn has_receipts(x: &In<'_, Oppo>) -> bool {
    SINGLE.has(x.shape) && x.receipt_url().is_some()
}

fn style(x: &In<'_, Oppo>) -> Option<i64> {
    let long = x.n.body.as_deref().is_some_and(|text| text.chars().nth(SHORT).is_some());
    x.options.style.or(long.then_some(2))
}

pub(crate) fn category<'a>(x: &'a In<'a, Oppo>) -> Option<Cow<'a, str>> {
    borrowed(&x.n.category).or(borrowed(&x.vendor.config.category))
}

fn is_private(x: &In<'_, Oppo>) -> bool {
    category(x).is_some_and(|category| PRIVATE.contains(&&*category))
}

pub(crate) fn template<'a>(x: &'a In<'a, Oppo>) -> Option<Cow<'a, str>> {
    let of_im = || borrowed(&x.vendor.config.private_msg_template_id).filter(|_| category(x).as_deref() == Some("IM"));
    borrowed(&x.options.private_msg_template_id).or_else(of_im)
}

pub(crate) fn notify_level(x: &In<'_, Oppo>) -> Option<i64> {
    category(x)?;
    let by_priority = || match x.n.priority? {
        Priority::High => Some(x.vendor.config.high_notify_level.unwrap_or(16)),
        Priority::Normal => Some(2),
    };
    x.options.notify_level.or_else(by_priority)
}

/// `click_action_type`, and what it opens.
fn click<'a>(x: &'a In<'a, Oppo>) -> (i64, Option<Cow<'a, str>>) {
    match &x.n.click {
        None | Some(Click::App) => (0, None),
        Some(Click::Action(action)) => (1, Some(action.as_str().into())),
        Some(Click::Url(url)) if url.is_web() => (2, Some(url.as_str().into())),
        Some(Click::Url(url)) => (5, Some(url.as_str().into())),
        Some(Click::Intent(uri)) => (5, Some(uri.as_str().into())),
        Some(Click::Activity(activity)) => (4, Some(activity.class().into())),
    }
}
