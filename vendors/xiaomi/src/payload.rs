//! The message: the table of Xiaomi's fields, and what it cannot carry.
//!
//! One table serves two forms: single and list sends take a flat form in which own and vendor
//! keys stand as `extra.<key>`; the multi-message call takes a JSON array in which `extra` is an
//! object. Xiaomi's developer pages 1559 (server API), 1656 (limits), 2314 (templates) and 2320
//! (subscriptions), and its Java SDK, read in 2026-11.

mod check;
mod options;

use std::borrow::Cow;

use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::template::array_in_form;
use omnipush_core::{
    Bytes, Click, CollapseKey, Cx, Data, EncodeError, Encoded, Field, Fields, Kind, Notification, Set, Shape, Shapes,
    Sound, Ttl, Unit, sign,
};

use crate::rules::RULES;
use crate::{MessageClass, Xiaomi};
pub use options::{Button, Options, Style};

const DAY_MS: i64 = 86_400_000;
/// The devices' own calls. Other audiences are named behind the message; see `audience`.
const DEVICES: Shapes = Shape::One.only().and(Shape::List.only());
const BROADCASTS: Shapes =
    Shape::Topic.only().and(Shape::Condition.only()).and(Shape::Segment.only()).and(Shape::All.only());
const FLAT: Shapes = DEVICES.and(BROADCASTS).and(Shape::Aliases.only()).and(Shape::Accounts.only());

type Row = table::Row<Xiaomi>;

// Rows that alerts and data-only messages share.
const TARGETS: Row = Row::target("registration_id").only(DEVICES);
const PACKAGE: Row = Row::text("restricted_package_name", Fields::NONE, package).needed();
const PAYLOAD: Row = Row::options(&[Row::text("payload", Fields::NONE, |x| borrowed(&x.options.payload))
    .max(4095, Unit::Utf16)
    .note("option `payload`, as it is")]);
const DATA: Row = Row::pairs_text("payload", Field::Data.only(), payload_pairs)
    .max(4095, Unit::Utf16)
    .note("the pairs as a JSON object");
const PASS_THROUGH: Row =
    Row::int("pass_through", Field::Kind.only(), pass_through).note("1 for data only, where the settings allow it");
const PUBLIC_TTL: Row = Row::int("time_to_live", Field::Ttl.only(), |x| ttl_ms(x).filter(|_| !private(x)))
    .clamped(1000, DAY_MS)
    .note("milliseconds; public messages");
const PRIVATE_TTL: Row = Row::int("time_to_live", Field::Ttl.only(), |x| ttl_ms(x).filter(|_| private(x)))
    .clamped(1000, 10 * DAY_MS)
    .note("milliseconds; private messages");
const SEND_AT: Row = Row::int("time_to_send", Field::SendAt.only(), send_at)
    .only(FLAT)
    .note("milliseconds since the epoch, within 7 days");

/// The message of a notification.
pub(crate) const FIELDS: &[Row] = &[
    TARGETS,
    PACKAGE,
    Row::text("title", Field::Title.only(), |x| x.title()).needed().max(49, Unit::Utf16).cut(),
    Row::text("description", Field::Body.only(), |x| x.body()).needed().max(127, Unit::Utf16).cut(),
    PAYLOAD,
    DATA,
    PASS_THROUGH,
    Row::options(&[Row::int("notify_type", Fields::NONE, |x| x.options.notify_type)
        .range(-1, 7)
        .note("old phones only")]),
    Row::int("notify_id", Field::CollapseKey.only(), |x| x.options.notify_id)
        .always()
        .range(0, 0x7fff_ffff)
        .note("a stable number made from the key; without a key one of its own, as Xiaomi's default replaces"),
    PUBLIC_TTL,
    PRIVATE_TTL,
    SEND_AT,
    Row::object("extra", EXTRA),
];

/// The message of a data-only notification.
const DATA_ONLY: &[Row] =
    &[TARGETS, PACKAGE, PAYLOAD, DATA, PASS_THROUGH, PUBLIC_TTL, PRIVATE_TTL, SEND_AT, Row::object("extra", EXTRA)];

/// An element of a multi-message request.
const ELEMENT: &[Row] = &[Row::target("target"), Row::object("message", FIELDS)];
const DATA_ONLY_ELEMENT: &[Row] = &[Row::target("target"), Row::object("message", DATA_ONLY)];

/// Xiaomi's own keys in `extra`, then the app's. All values are texts.
const EXTRA: &[Row] = &[
    Row::text("channel_id", Field::Channel.only(), channel).always().note("else the settings' `channel_id`"),
    Row::options(&[
        Row::text("channel_name", Fields::NONE, |x| borrowed(&x.options.channel_name)),
        Row::text("channel_description", Fields::NONE, |x| borrowed(&x.options.channel_description)),
        Row::text("template_id", Fields::NONE, |x| borrowed(&x.options.template_id)),
        Row::text("notify_foreground", Fields::NONE, |x| x.options.notify_foreground.map(flag)),
        Row::text("ticker", Fields::NONE, |x| borrowed(&x.options.ticker)),
        Row::text("badge", Fields::NONE, |x| x.options.badge.map(number)),
        Row::text("flow_control", Fields::NONE, |x| x.options.flow_control.map(number)).only(BROADCASTS),
        Row::text("locale", Fields::NONE, |x| joined(&x.options.locale)),
        Row::text("locale_not_in", Fields::NONE, |x| joined(&x.options.locale_not_in)),
        Row::text("model", Fields::NONE, |x| joined(&x.options.model)),
        Row::text("model_not_in", Fields::NONE, |x| joined(&x.options.model_not_in)),
        Row::text("app_version", Fields::NONE, |x| joined(&x.options.app_version)),
        Row::text("app_version_not_in", Fields::NONE, |x| joined(&x.options.app_version_not_in)),
        Row::text("connpt", Fields::NONE, |x| x.options.wifi_only.then_some("wifi".into())),
        Row::text("callback.type", Fields::NONE, |x| x.options.callback_type.map(number)),
        Row::text("notification_style_type", Fields::NONE, |x| x.options.style.kind.map(number)),
        Row::text("notification_bigPic_uri", Fields::NONE, |x| borrowed(&x.options.style.big_picture_uri)),
        Row::text("notification_large_icon_uri", Fields::NONE, |x| borrowed(&x.options.style.large_icon_uri)),
        Row::text("notification_small_icon_uri", Fields::NONE, |x| borrowed(&x.options.style.small_icon_uri)),
        Row::text("notification_small_icon_color", Fields::NONE, |x| borrowed(&x.options.style.small_icon_color)),
        Row::text("template_param", Fields::NONE, template_param).note("a JSON object"),
    ]),
    Row::text("notify_effect", Fields::NONE, |x| click(x).map(|(effect, _)| effect.into()))
        .note("1 app, 2 page of the app, 3 web page"),
    Row::text("intent_uri", Field::Click.only(), |x| click(x).filter(|(effect, _)| *effect == "2")?.1),
    Row::text("web_uri", Field::Click.only(), |x| click(x).filter(|(effect, _)| *effect == "3")?.1),
    Row::text("sound_uri", Fields::NONE, sound_uri)
        .with(Field::Sound.only())
        .note("a named `sound`, for phones before Android 8"),
    Row::text("jobkey", Field::Id.only(), jobkey).note("the phone shows the first of a key only"),
    Row::text("only_send_once", Field::Ttl.only(), only_once).note("1 for a TTL of 0"),
    Row::text("callback", Field::Receipt.only(), |x| x.receipt_url()).note("the address of `receipt`"),
    Row::text("callback.param", Fields::NONE, |x| x.receipt_tag().filter(|_| x.receipt_url().is_some()))
        .with(Field::Receipt.only())
        .max(256, Unit::Bytes)
        .note("the tag of `receipt`"),
    Row::options(&[Row::spread("notification_style_button_*", Fields::NONE, |x| x.options.style.buttons())]),
    Row::spread("*", Field::Data.only(), own_pairs)
        .note("the pairs one by one, with option `data_in_extra`; at most 10, and 1,024 characters in all"),
];

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Title, "a data-only message shows nothing"),
    Lost::new(Field::Body, "a data-only message shows nothing"),
    Lost::new(Field::Subtitle, "Xiaomi shows a title and a text only"),
    Lost::new(Field::Image, "pictures must be uploaded to Xiaomi first; name the uploaded one in option `style`"),
    Lost::new(Field::Sound, "the channel decides; the name of a sound reaches phones before Android 8 only"),
    Lost::new(Field::Badge, "Xiaomi sets no number on Android"),
    Lost::new(Field::Category, "Xiaomi's classes are its channels: name one as `channel`"),
    Lost::new(Field::Click, "a data-only message shows nothing to tap"),
    Lost::new(Field::Data, "the app gets nothing when a web page opens, or when option `payload` takes the place"),
    Lost::new(Field::CollapseKey, "a data-only message shows nothing to replace"),
    Lost::new(Field::Priority, "only the channel decides how prominent it is"),
    Lost::new(Field::Thread, "the phone groups by app"),
    Lost::new(Field::Kind, "Xiaomi withdraws data-only messages; the setting `pass_through` allows them"),
    Lost::new(Field::DryRun, "Xiaomi has no dry run"),
    Lost::new(Field::Receipt, "Xiaomi reports to an address only (`url`)"),
];

pub(crate) fn encode(
    xiaomi: &Xiaomi,
    n: &Notification,
    mut options: Options,
    shape: Shape,
    cx: &mut Cx<'_>,
) -> Result<Encoded, EncodeError> {
    options.notify_id = options.notify_id.or_else(|| Some(slot(n, cx)));
    let mut encoding = Encoding::new(xiaomi, n, &options, shape, cx);
    check::check(&mut encoding);
    encoding.rules(RULES);
    let body = match (shape, n.kind == Kind::Background) {
        (Shape::Each, false) => encoding.json(ELEMENT).in_form(),
        (Shape::Each, true) => encoding.json(DATA_ONLY_ELEMENT).in_form(),
        (_, false) => encoding.form(FIELDS),
        (_, true) => encoding.form(DATA_ONLY),
    };
    let x = &encoding.input;
    let (time, private) = (send_at(x).and_then(|ms| u64::try_from(ms).ok()).unwrap_or(0), private(x));
    // Replies to multi-message requests speak of channels.
    let channel = channel(x).filter(|_| shape == Shape::Each).map(|id| Bytes::from(id.into_owned()));
    let encoded = encoding.finish(body, LOST)?;
    let quota = if private { "private" } else { "public" };
    // One request has one time to send, and is counted against one quota.
    Ok(Encoded { group: time << 1 | u64::from(private), aux: channel.unwrap_or_default(), quota, ..encoded })
}

/// The body of a multi-message request: the elements, each with its target, in one form field.
pub(crate) fn multi(set: &Set<'_>, group: u64) -> Bytes {
    // 0 means now.
    array_in_form("messages", set, &format!("&time_to_send={}", group >> 1))
}

fn borrowed(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(Cow::Borrowed)
}

fn joined(texts: &[String]) -> Option<Cow<'_, str>> {
    (!texts.is_empty()).then(|| texts.join(",").into())
}

fn number<'a>(value: i64) -> Cow<'a, str> {
    value.to_string().into()
}

fn flag<'a>(value: bool) -> Cow<'a, str> {
    Cow::Borrowed(if value { "1" } else { "0" })
}

/// Xiaomi shows all notifications without an id in one place, where each replaces the last. So
/// each gets a number of its own: from the collapse key, from the id, or by chance. It is made
/// once, so that a repeat replaces itself.
fn slot(n: &Notification, cx: &mut Cx<'_>) -> i64 {
    let by_id = || n.id.as_ref().and_then(|id| CollapseKey::new(id.as_str()).ok());
    n.collapse_key.clone().or_else(by_id).map_or_else(
        || {
            let mut random = [0; 4];
            (cx.rng)(&mut random);
            i64::from(u32::from_le_bytes(random) >> 1).max(1)
        },
        |key| key.number(),
    )
}

fn package<'a>(x: &'a In<'a, Xiaomi>) -> Option<Cow<'a, str>> {
    joined(&x.options.packages).or(Some(x.vendor.config.package_name.as_str().into()))
}

pub(crate) fn channel<'a>(x: &In<'a, Xiaomi>) -> Option<Cow<'a, str>> {
    let named = x.options.channel_id.as_deref().or(x.n.channel.as_deref());
    named.or(x.vendor.config.channel_id.as_deref()).map(Cow::Borrowed)
}

/// Whether it has the rights of a private message. A template is for private and subscribed
/// messages only; what does not say is taken for public, whose limits are narrower.
pub(crate) fn private(x: &In<'_, Xiaomi>) -> bool {
    match x.options.message_class.or(x.vendor.config.message_class) {
        Some(class) => class == MessageClass::Private,
        None => x.options.template_id.is_some(),
    }
}

fn pass_through(x: &In<'_, Xiaomi>) -> Option<i64> {
    (x.n.kind == Kind::Background && x.vendor.config.pass_through).then_some(1)
}

fn ttl_ms(x: &In<'_, Xiaomi>) -> Option<i64> {
    x.ttl_secs().filter(|seconds| *seconds > 0).map(|seconds| seconds * 1000)
}

fn only_once<'a>(x: &'a In<'a, Xiaomi>) -> Option<Cow<'a, str>> {
    (x.options.only_send_once || x.n.ttl == Some(Ttl::NOW_OR_NEVER)).then_some("1".into())
}

/// When to send it; a time that has passed is now.
fn send_at(x: &In<'_, Xiaomi>) -> Option<i64> {
    x.n.send_at.map(|time| time.timestamp_millis()).filter(|ms| *ms > check::now(x))
}

/// The pairs, where the app gets them: not when a web page opens, nor beside a payload that the
/// caller wrote.
fn data<'a>(x: &In<'a, Xiaomi>) -> Option<&'a Data> {
    let web = matches!(click(x), Some(("3", _)));
    (!x.n.data.is_empty() && !web && x.options.payload.is_none()).then_some(&x.n.data)
}

fn payload_pairs<'a>(x: &'a In<'a, Xiaomi>) -> Option<Cow<'a, Data>> {
    data(x).filter(|_| !x.options.data_in_extra).map(Cow::Borrowed)
}

fn own_pairs<'a>(x: &'a In<'a, Xiaomi>) -> Option<Cow<'a, Data>> {
    data(x).filter(|_| x.options.data_in_extra).map(Cow::Borrowed)
}

fn template_param<'a>(x: &'a In<'a, Xiaomi>) -> Option<Cow<'a, str>> {
    let values = &x.options.template_param;
    (!values.is_empty()).then(|| serde_json::to_string(values).ok().map(Cow::Owned)).flatten()
}

/// `notify_effect` and what it opens. Xiaomi demands it of everything that is shown.
fn click<'a>(x: &In<'a, Xiaomi>) -> Option<(&'static str, Option<Cow<'a, str>>)> {
    let package = x.vendor.config.package_name.as_str();
    Some(match &x.n.click {
        _ if x.n.kind == Kind::Background => return None,
        None | Some(Click::App) => ("1", None),
        Some(Click::Url(url)) if url.is_web() => ("3", Some(url.as_str().into())),
        Some(Click::Url(url)) => ("2", Some(url.as_str().into())),
        Some(Click::Intent(uri)) => ("2", Some(uri.as_str().into())),
        Some(Click::Activity(activity)) => {
            ("2", Some(format!("intent:#Intent;component={};end", activity.component(package)).into()))
        }
        Some(Click::Action(action)) => {
            ("2", Some(format!("intent:#Intent;action={action};package={package};end").into()))
        }
    })
}

/// A file in the app's `raw` folder, which Android names without its ending.
fn sound_uri<'a>(x: &'a In<'a, Xiaomi>) -> Option<Cow<'a, str>> {
    let named = || match &x.n.sound {
        Some(Sound::Named(file)) => {
            let name = file.rsplit_once('.').map_or(file.as_str(), |(name, _)| name);
            Some(format!("android.resource://{}/raw/{name}", x.vendor.config.package_name).into())
        }
        _ => None,
    };
    borrowed(&x.options.sound_uri).or_else(named)
}

/// The caller's id as a job key; one that has not its form is hashed.
fn jobkey<'a>(x: &'a In<'a, Xiaomi>) -> Option<Cow<'a, str>> {
    let by_id = || {
        let id = x.n.id.as_ref()?.as_str();
        let hash = || sign::sha256_hex([id]).chars().take(20).collect::<String>();
        Some(if check::is_jobkey(id) { id.into() } else { hash().into() })
    };
    borrowed(&x.options.jobkey).or_else(by_id)
}
