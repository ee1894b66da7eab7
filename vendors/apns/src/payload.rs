//! The message: the tables of its headers and fields by push type, and what cannot be carried.
//!
//! Apple's pages "Sending notification requests to APNs", "Generating a remote notification",
//! "Pushing background updates to your app", and ActivityKit's "Starting and updating Live
//! Activities with ActivityKit push notifications", read in 2026-11.

mod check;
mod options;
mod push_type;

use std::borrow::Cow;

use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::{
    Click, Cx, Data, EncodeError, Encoded, Fault, Field, Fields, Kind, Notification, Priority, Shape, Shapes, Sound,
    Unit, sign,
};
use serde::Serialize;
use serde_json::Value;

pub use options::{CriticalSound, Event, InterruptionLevel, LiveActivity, Options};
pub use push_type::PushType;

use crate::Apns;
use push_type::Spec;

type Row = table::Row<Apns>;

/// The longest that APNs keeps a notification, in seconds.
const MONTH: i64 = 30 * 86_400;

/// The longest that APNs keeps a broadcast, in seconds.
const EIGHT_HOURS: i64 = 8 * 3600;

/// Headers of all requests of a notification.
const HEADERS: &[Row] = &[
    Row::text("apns-push-type", Field::Kind.only(), |x| Some(spec(x).name.into())).always(),
    Row::text("apns-topic", Fields::NONE, topic)
        .only_one()
        .needed()
        .note("the bundle id with the push type's suffix; broadcasts have the bundle id in their path"),
    Row::int("apns-expiration", Field::Ttl.only(), expiration)
        .always()
        .note("a point in time, at most 30 days ahead (broadcasts: 8 hours); 0: try once; absent: up to 30 days"),
    Row::int("apns-priority", Field::Priority.only(), priority).note("without one APNs takes 10"),
    Row::int("apns-priority", Fields::NONE, only_priority).note("10 in broadcasts; where the push type takes one only"),
    Row::text("apns-collapse-id", Field::CollapseKey.only(), collapse_id)
        .always()
        .only_one()
        .note("an alert without a key has its id here, so that a repeat replaces the first; SHA-256 in hex of one over 64 bytes or with other than printable ASCII"),
];

/// What differs from request to request; written in `request`.
const EACH: &[Row] = &[
    Row::target("(path)").only_one(),
    Row::request_id("apns-id", Field::Id.only()).only_one().note("a UUID made from the id"),
    Row::target("apns-channel-id").only(BROADCAST),
    Row::request_id("apns-request-id", Field::Id.only()).only(BROADCAST).note("a UUID made from the id"),
];

const BROADCAST: Shapes = Shape::Topic.only();

const ALERT: &[Row] = &[
    Row::text("title", Field::Title.only(), |x| x.title().filter(|_| x.options.title_loc_key.is_none())),
    Row::text("title-loc-key", Field::Title.only(), |x| text(&x.options.title_loc_key)).note("instead of the title"),
    Row::options(&[
        Row::texts("title-loc-args", Fields::NONE, |x| x.options.title_loc_args.as_deref()),
        Row::texts("subtitle-loc-args", Fields::NONE, |x| x.options.subtitle_loc_args.as_deref()),
        Row::texts("loc-args", Fields::NONE, |x| x.options.loc_args.as_deref()),
        Row::text("launch-image", Fields::NONE, |x| text(&x.options.launch_image)),
        Row::text("action", Fields::NONE, |x| text(&x.options.action)),
        Row::text("action-loc-key", Fields::NONE, |x| text(&x.options.action_loc_key)),
    ]),
    Row::text("subtitle", Field::Subtitle.only(), |x| {
        text(&x.n.subtitle).filter(|_| x.options.subtitle_loc_key.is_none())
    }),
    Row::text("subtitle-loc-key", Field::Subtitle.only(), |x| text(&x.options.subtitle_loc_key))
        .note("instead of the subtitle"),
    Row::text("body", Field::Body.only(), |x| x.body().filter(|_| x.options.loc_key.is_none())),
    Row::text("loc-key", Field::Body.only(), |x| text(&x.options.loc_key)).note("instead of the text"),
];

const PAIRS: Row = Row::spread("(each key)", Field::Data.only(), |x| x.data()).note("beside `aps`");
const CUSTOM: Row =
    Row::options(&[Row::spread_json("(each key)", Fields::NONE, |x| x.options.custom.as_ref().map(Cow::Borrowed))
        .note("the option `custom`, beside `aps`")]);

/// What the user sees or hears.
const NOTIFICATION: &[Row] = &[
    Row::object(
        "aps",
        &[
            Row::object("alert", ALERT),
            Row::int("badge", Field::Badge.only(), |x| x.badge()),
            Row::text("sound", Field::Sound.only(), |x| x.sound().filter(|_| x.options.critical_sound.is_none())),
            Row::object("sound", CRITICAL),
            Row::text("thread-id", Field::Thread.only(), |x| x.thread()),
            Row::text("category", Field::Category.only(), category).note("the app's action buttons"),
            Row::options(&[
                Row::int("content-available", Fields::NONE, |x| one(x.options.content_available)),
                Row::text("target-content-id", Fields::NONE, |x| text(&x.options.target_content_id)),
                Row::json("interruption-level", Fields::NONE, |x| name(x.options.interruption_level?)),
                Row::num("relevance-score", Fields::NONE, |x| x.options.relevance_score).note("0 to 1"),
                Row::text("filter-criteria", Fields::NONE, |x| text(&x.options.filter_criteria)),
                Row::texts("url-args", Fields::NONE, |x| x.options.url_args.as_deref()),
            ]),
            Row::int("mutable-content", Fields::NONE, |x| {
                one(x.options.mutable_content.or(x.n.image.as_ref().map(|_| true)))
            })
            .with(Field::Image.only()),
        ],
    )
    .needed(),
    PAIRS,
    CUSTOM,
    Row::spread("url", Field::Click.only(), |x| pair(url(x)?)).note("the setting `url_key` names it; the app opens it"),
    Row::spread("image", Field::Image.only(), |x| pair(image(x)?))
        .note("the setting `image_key` names it; the app's notification service extension loads it"),
];

const CRITICAL: &[Row] = &[
    Row::options(&[
        Row::int("critical", Fields::NONE, |x| x.options.critical_sound.as_ref().map(|_| 1)),
        Row::num("volume", Fields::NONE, |x| x.options.critical_sound.as_ref()?.volume).note("0 to 1"),
    ]),
    Row::text("name", Field::Sound.only(), |x| {
        let named = text(&x.options.critical_sound.as_ref()?.name);
        named.or_else(|| x.sound()).or(Some("default".into()))
    }),
];

/// A call: the app gets the texts and decides what the call screen shows.
const CALL: &[Row] = &[Row::object("aps", &[Row::object("alert", ALERT)]).needed(), PAIRS, CUSTOM];

/// What only the app or one of its extensions gets.
const DATA: &[Row] = &[
    Row::object(
        "aps",
        &[Row::int("content-available", Fields::NONE, |x| (push_type(x) == PushType::Background).then_some(1))],
    )
    .needed(),
    PAIRS,
    CUSTOM,
];

/// WidgetKit's "Updating widgets with WidgetKit push notifications", read in 2026-11.
const RELOAD: &[Row] = &[Row::object("aps", &[Row::flag("content-changed", Fields::NONE, |_| Some(true))])];

/// A Live Activity.
const ACTIVITY: &[Row] = &[Row::object(
    "aps",
    &[
        Row::int("timestamp", Fields::NONE, |x| Some(live(x)?.timestamp.unwrap_or(now(x)))).range(0, FAR),
        Row::json("event", Fields::NONE, |x| name(live(x)?.event)),
        Row::json("content-state", Fields::NONE, |x| Some(Cow::Borrowed(&live(x)?.content_state))),
        Row::int("stale-date", Fields::NONE, |x| live(x)?.stale_date).range(0, FAR),
        Row::int("dismissal-date", Fields::NONE, |x| live(x)?.dismissal_date).range(0, FAR),
        Row::num("relevance-score", Fields::NONE, |x| live(x)?.relevance_score),
        Row::text("attributes-type", Fields::NONE, |x| text(&live(x)?.attributes_type)),
        Row::json("attributes", Fields::NONE, |x| live(x)?.attributes.as_ref().map(Cow::Borrowed)),
        Row::int("input-push-token", Fields::NONE, |x| one(live(x)?.input_push_token)),
        Row::text("input-push-channel", Fields::NONE, |x| text(&live(x)?.input_push_channel)),
        Row::object(
            "alert",
            &[
                Row::text("title", Field::Title.only(), |x| x.title().filter(|_| x.options.title_loc_key.is_none())),
                Row::object(
                    "title",
                    &[
                        Row::text("loc-key", Field::Title.only(), |x| text(&x.options.title_loc_key)),
                        Row::texts("loc-args", Fields::NONE, |x| x.options.title_loc_args.as_deref()),
                    ],
                ),
                Row::text("body", Field::Body.only(), |x| x.body().filter(|_| x.options.loc_key.is_none())),
                Row::object(
                    "body",
                    &[
                        Row::text("loc-key", Field::Body.only(), |x| text(&x.options.loc_key)),
                        Row::texts("loc-args", Fields::NONE, |x| x.options.loc_args.as_deref()),
                    ],
                ),
                Row::text("sound", Field::Sound.only(), |x| x.sound().filter(|_| has_text(x))),
            ],
        ),
    ],
)];

/// Seconds since the Unix epoch in the year 2286; more are milliseconds by mistake.
const FAR: i64 = 9_999_999_999;

/// Mobile device management.
const MDM: &[Row] = &[Row::text("mdm", Fields::NONE, |x| text(&x.options.mdm)).needed().note("push type `mdm` only")];

pub(crate) const TABLES: &[&[Row]] = &[HEADERS, EACH, NOTIFICATION, CALL, DATA, RELOAD, ACTIVITY, MDM];

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Receipt, "Apple posts no receipts; its console has counts"),
    Lost::new(Field::Title, "only alerts, calls and Live Activities have texts"),
    Lost::new(Field::Body, "only alerts, calls and Live Activities have texts"),
    Lost::new(Field::Subtitle, "only alerts and calls have a subtitle"),
    Lost::new(Field::Image, "only alerts pass through the extension that loads pictures"),
    Lost::new(Field::Sound, "only alerts and Live Activities that alert have a sound"),
    Lost::new(Field::Badge, "an alert sets a number; no device adds to the one it shows"),
    Lost::new(Field::Channel, "Apple has no channels; see the option `interruption_level`"),
    Lost::new(Field::Category, "only alerts have action buttons"),
    Lost::new(Field::Click, "a tap on an alert opens the app, and by it a URL, but nothing of Android's"),
    Lost::new(Field::Data, "Live Activities, widgets, controls and MDM carry no pairs of the app's own"),
    Lost::new(Field::Priority, "this push type has one priority only"),
    Lost::new(Field::Thread, "only alerts are grouped"),
    Lost::new(Field::CollapseKey, "broadcasts are not collapsed; a device shows the newest state"),
    Lost::new(Field::SendAt, "APNs has no schedule"),
    Lost::new(Field::DryRun, "APNs has no dry run"),
];

pub(crate) fn encode(
    apns: &Apns,
    n: &Notification,
    options: &Options,
    shape: Shape,
    cx: &Cx<'_>,
) -> Result<Encoded, EncodeError> {
    let mut encoding = Encoding::new(apns, n, options, shape, cx);
    let spec = spec(&encoding.input);
    check::check(&mut encoding, &spec);
    // `request` writes apns-id. Silence is the absence of a sound, opening the app that of a URL, the
    // high priority that of another.
    encoding.carry(Field::Id.only());
    if n.sound == Some(Sound::Silent) {
        encoding.carry(Field::Sound.only());
    }
    if n.click == Some(Click::App) {
        encoding.carry(Field::Click.only());
    }
    if chosen_priority(&encoding.input).is_some() {
        encoding.carry(Field::Priority.only());
    }
    encoding.headers(HEADERS);
    let body = encoding.json(spec.rows);
    let (size, limit) = (body.len(), if shape.is_device() { spec.limit } else { 5120 });
    if size > limit {
        encoding.problem("payload", None, Fault::TooLong { size, limit, unit: Unit::Bytes });
    }
    // The id is in a header that is written for each request.
    Ok(Encoded { size: Some((size, limit)), has_request_id: true, ..encoding.finish(body, LOST)? })
}

/// Whether an option is a localised text or an argument of one.
fn is_text(option: &str) -> bool {
    option.ends_with("loc_key") || option.ends_with("loc_args")
}

fn text(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(Cow::Borrowed)
}

/// A choice as its name, which is the one in the options.
fn name<'a>(choice: impl Serialize) -> Option<Cow<'a, Value>> {
    serde_json::to_value(choice).ok().map(Cow::Owned)
}

/// A flag as APNs writes it: 1 or absent.
fn one(flag: Option<bool>) -> Option<i64> {
    flag.unwrap_or_default().then_some(1)
}

fn pair<'a>((key, value): (&str, &str)) -> Option<Cow<'a, Data>> {
    let mut pair = Data::default();
    pair.push(key, value).ok()?;
    Some(Cow::Owned(pair))
}

fn now(x: &In<'_, Apns>) -> i64 {
    i64::try_from(x.now_ms / 1000).unwrap_or(FAR)
}

fn push_type(x: &In<'_, Apns>) -> PushType {
    match (x.options.push_type, &x.options.live_activity, &x.options.mdm, x.n.kind) {
        (Some(named), ..) => named,
        (None, Some(_), ..) => PushType::LiveActivity,
        (None, None, Some(_), _) => PushType::Mdm,
        (None, None, None, Kind::Background) => PushType::Background,
        (None, None, None, _) => PushType::Alert,
    }
}

fn spec(x: &In<'_, Apns>) -> Spec {
    push_type(x).spec()
}

fn live<'a>(x: &'a In<'a, Apns>) -> Option<&'a LiveActivity> {
    x.options.live_activity.as_ref()
}

fn topic<'a>(x: &'a In<'a, Apns>) -> Option<Cow<'a, str>> {
    let bundle = &x.vendor.config.topic;
    text(&x.options.topic).or_else(|| match spec(x).suffix {
        "" => Some(bundle.into()),
        suffix => Some(format!("{bundle}{suffix}").into()),
    })
}

fn expiration(x: &In<'_, Apns>) -> Option<i64> {
    match x.ttl_secs() {
        Some(0) => Some(0),
        Some(ttl) => Some(now(x) + ttl.min(longest(x))),
        // A transmission that comes late is none, and a channel without storage takes nothing else.
        None => (!x.shape.is_device() || push_type(x) == PushType::PushToTalk).then_some(0),
    }
}

/// The longest that APNs keeps it, in seconds.
fn longest(x: &In<'_, Apns>) -> i64 {
    if x.shape.is_device() { MONTH } else { EIGHT_HOURS }
}

/// The priority that it has, where the push type leaves a choice and something was chosen.
fn chosen_priority(x: &In<'_, Apns>) -> Option<i64> {
    x.options.priority.or_else(|| {
        let wish = match x.n.priority? {
            Priority::High => 10,
            Priority::Normal => 5,
        };
        spec(x).priorities.contains(&wish).then_some(wish)
    })
}

fn priority(x: &In<'_, Apns>) -> Option<i64> {
    let default = x.shape.is_device() && x.options.priority.is_none();
    chosen_priority(x).filter(|chosen| !default || *chosen != 10)
}

fn only_priority(x: &In<'_, Apns>) -> Option<i64> {
    match spec(x).priorities {
        _ if chosen_priority(x).is_some() => None,
        [only] => Some(*only),
        _ => (!x.shape.is_device()).then_some(10),
    }
}

/// Keys that APNs does not take as they are get a stable stand-in, which has exactly 64 bytes.
fn collapse_id<'a>(x: &'a In<'a, Apns>) -> Option<Cow<'a, str>> {
    let id = || x.id().filter(|_| push_type(x) == PushType::Alert);
    let key = x.collapse().or_else(id)?;
    let fits = key.len() <= 64 && key.bytes().all(|b| b.is_ascii_graphic());
    Some(if fits { key } else { sign::sha256_hex([&*key]).into() })
}

fn category<'a>(x: &'a In<'a, Apns>) -> Option<Cow<'a, str>> {
    text(&x.options.category).or_else(|| x.category())
}

/// Whether there is a title or a text, plain or localised.
fn has_text(x: &In<'_, Apns>) -> bool {
    let (n, options) = (x.n, x.options);
    n.title.is_some() || n.body.is_some() || options.title_loc_key.is_some() || options.loc_key.is_some()
}

/// The custom key for the URL that a tap opens, with the URL.
fn url<'a>(x: &'a In<'a, Apns>) -> Option<(&'a str, &'a str)> {
    match &x.n.click {
        Some(Click::Url(url)) => Some((x.vendor.config.url_key(), url.as_str())),
        _ => None,
    }
}

/// The custom key for the picture, with its URL.
fn image<'a>(x: &'a In<'a, Apns>) -> Option<(&'a str, &'a str)> {
    x.n.image.as_ref().map(|url| (x.vendor.config.image_key(), url.as_str()))
}
