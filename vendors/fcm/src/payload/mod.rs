//! The message: FCM's options, the table of its fields, and what it cannot carry.
//!
//! Google's service description `fcm` v1 (revision 2026-10-23) and its pages on messages, read
//! in 2026-11. A block for each platform stands in a file of its own.

mod android;
mod apple;
mod web;

use std::borrow::Cow;

use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::{
    Bytes, Click, Cx, Data, EncodeError, Encoded, Fault, Field, Fields, Kind, Notification, Shape, Sound, Unit,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Fcm;
use crate::audience::is_name;
use crate::config::{Address, Platform};

pub use android::{Android, AndroidNotification, Color, LightSettings};
pub use apple::{Apns, AppleOptions};
pub use web::{WebOptions, Webpush};

/// FCM's own options of a notification (`vendors.fcm`), named as FCM names them. All are
/// optional, and each wins over the common field that would fill the same place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// What the targets of this notification are. Default: as in the settings.
    pub address: Option<Address>,
    /// The platforms that get a block; blocks of others are not written. Default: as in the
    /// settings.
    pub platforms: Option<Vec<Platform>>,
    /// For Android.
    pub android: Android,
    /// For Apple devices.
    pub apns: Apns,
    /// For browsers.
    pub webpush: Webpush,
    /// For all platforms.
    pub fcm_options: LabelOptions,
}

/// What reports sort messages by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LabelOptions {
    /// The label under which FCM's reports count the message: 1 to 50 letters, digits or
    /// `-_.~%`. Default: none, and no report of its own.
    pub analytics_label: Option<String>,
}

type Row = table::Row<Fcm>;

/// 28 days, the longest that FCM keeps a message.
const MAX_TTL: i64 = 2_419_200;

pub(crate) const FIELDS: &[Row] = &[
    Row::flag("validate_only", Field::DryRun.only(), |x| x.n.dry_run.then_some(true)),
    Row::object(
        "message",
        &[
            Row::target("token").only_one().when(|x| address(x) == Address::Token),
            Row::target("fid").only_one().when(|x| address(x) == Address::Fid),
            Row::target("topic").only(Shape::Topic.only()),
            Row::target("condition").only(Shape::Condition.only()),
            Row::map("data", Field::Data.only(), data).note("names must not begin with `google` or `gcm`"),
            Row::object(
                "notification",
                &[
                    Row::text("title", Field::Title.only(), |x| x.title()),
                    Row::text("body", Field::Body.only(), |x| x.body()),
                    Row::text("image", Field::Image.only(), image).note("Apple: needs an extension in the app"),
                ],
            )
            .when(shown),
            Row::object("android", android::FIELDS).when(|x| on(x, Platform::Android)),
            Row::object("apns", apple::FIELDS).when(|x| on(x, Platform::Apple)),
            Row::object("webpush", web::FIELDS).when(|x| on(x, Platform::Web)),
            Row::object("fcm_options", &[label(|x| text(&x.options.fcm_options.analytics_label))]),
        ],
    ),
];

/// The row of a label.
const fn label(get: for<'a> fn(&'a In<'a, Fcm>) -> Option<Cow<'a, str>>) -> Row {
    let row = Row::text("analytics_label", Fields::NONE, get);
    row.form(|label| is_name(label, 50), "1 to 50 letters, digits or -_.~%")
}

const HIDDEN: &str = "a background message shows nothing";

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Title, HIDDEN),
    Lost::new(Field::Body, HIDDEN),
    Lost::new(Field::Image, HIDDEN),
    Lost::new(Field::Subtitle, "only Apple devices show one, and only of alerts"),
    Lost::new(
        Field::Sound,
        "Android 8 and later plays its channel's sound, browsers their own, background messages none",
    ),
    Lost::new(Field::Badge, "FCM sets a number but adds to none, and Android cannot clear it"),
    Lost::new(Field::Channel, "only Android has channels, and only for alerts"),
    Lost::new(Field::Category, "only Apple devices have one, and only of alerts"),
    Lost::new(
        Field::Click,
        "FCM opens the app, an action or, in browsers, an https page; apps get URLs by the setting `click_key`",
    ),
    Lost::new(Field::Thread, "only Apple devices group by it, and only alerts"),
    Lost::new(Field::SendAt, "FCM has no schedule"),
    Lost::new(Field::Receipt, "FCM posts no receipts; `analytics_label` counts in its console"),
    Lost::new(Field::Id, "FCM does not de-duplicate; `id_key` in the settings lets apps do it"),
];

pub(crate) fn encode(
    fcm: &Fcm,
    n: &Notification,
    options: &Options,
    shape: Shape,
    cx: &Cx<'_>,
) -> Result<Encoded, EncodeError> {
    let mut encoding = Encoding::new(fcm, n, options, shape, cx);
    carry(&mut encoding);
    check(&mut encoding);
    let (used, limit) = (size(&encoding.input), if shape.is_device() { 4096 } else { 2048 });
    if used > limit {
        encoding.problem("message", None, Fault::TooLong { size: used, limit, unit: Unit::Bytes });
    }
    let body = encoding.json(FIELDS);
    let encoded = encoding.finish(body, LOST)?;
    // A refusal by Apple is then about that token, which `decode` cannot see otherwise.
    let aux = if options.apns.live_activity_token.is_some() { Bytes::from_static(b"live") } else { Bytes::new() };
    Ok(Encoded { aux, size: Some((used, limit)), ..encoded })
}

/// What is carried by other means than a row.
fn carry(encoding: &mut Encoding<'_, Fcm>) {
    let x = &In { ..encoding.input };
    let (n, settings) = (x.n, &x.vendor.config);
    let apps = on(x, Platform::Android) || on(x, Platform::Apple);
    let handed_over = |key: &Option<String>, value: &str| {
        key.as_deref().is_some_and(|key| data(x).is_some_and(|data| data.get(key) == Some(value)))
    };
    let click = match &n.click {
        Some(Click::App) => true,
        Some(Click::Url(url)) => {
            let browsers = !on(x, Platform::Web) || web::link(x).is_some();
            browsers && (!apps || handed_over(&settings.click_key, url.as_str()))
        }
        _ => false,
    };
    let id = n.id.as_ref().is_some_and(|id| handed_over(&settings.id_key, id.as_str()));
    let sound = shown(x)
        && match n.sound {
            Some(Sound::Default) => true,
            // Silence is the absence of a sound: everywhere but on new Android, where it is the channel's.
            Some(Sound::Silent) => on(x, Platform::Apple) || on(x, Platform::Web),
            _ => false,
        };
    let channel_decides = matches!(n.sound, Some(Sound::Silent | Sound::Named(_))) && on(x, Platform::Android);
    for (carried, field) in
        [(click, Field::Click), (id, Field::Id), (sound, Field::Sound), (n.kind == Kind::Background, Field::Kind)]
    {
        if carried {
            encoding.carry(field.only());
        }
    }
    if channel_decides {
        encoding.advise("Android 8 and later plays the sound of the channel, whatever the notification says");
    }
}

/// What no single row can see.
fn check(encoding: &mut Encoding<'_, Fcm>) {
    let x = &In { ..encoding.input };
    let (n, options) = (x.n, x.options);
    let mut invalid = |wire: &str, field: Option<Field>, why: &str| {
        encoding.problem(format!("message{wire}"), field, Fault::Invalid(why.into()));
    };
    let (android, apns, webpush) = (&options.android, &options.apns, &options.webpush);
    for (wire, headers) in [(".apns.headers", &apns.headers), (".webpush.headers", &webpush.headers)] {
        if headers.iter().any(|(name, value)| !name.bytes().chain(value.bytes()).all(|b| (0x20..0x7f).contains(&b))) {
            invalid(wire, None, "only printable ASCII can stand in a header");
        }
    }
    android::check(&android.notification, &mut invalid);
    let blocks = android.notification != AndroidNotification::default() || webpush.notification.is_some();
    if n.kind == Kind::Background && blocks {
        invalid("", Some(Field::Kind), "has options of what is shown; a background message shows nothing");
    }
    let words = n.title.is_some() || n.body.is_some() || blocks || apns.payload.is_some();
    if n.kind == Kind::Alert && !words {
        invalid(".notification", Some(Field::Title), "has nothing to show: give a title or text, or kind `background`");
    }
    if platforms(x).is_empty() {
        encoding.problem("platforms", None, Fault::Invalid("names no platform".into()));
    }
    let common = data(x);
    let maps = [
        ("message.data", Some(Field::Data), common.as_deref()),
        ("message.android.data", None, Some(&android.data)),
        ("message.webpush.data", None, Some(&webpush.data)),
    ];
    for (wire, field, map) in maps {
        for (key, _) in map.into_iter().flat_map(Data::iter) {
            // Google's newer text reserves `google.` and `gcm.notification.` only; older servers more.
            let reserved =
                matches!(key, "from" | "message_type") || key.starts_with("google") || key.starts_with("gcm");
            if reserved || (key == "aps" && on(x, Platform::Apple)) {
                encoding.problem(wire, field, Fault::Invalid(format!("the key `{key}` is reserved")));
            } else if key == "collapse_key" {
                encoding.advise("FCM overwrites the key `collapse_key` in data");
            }
        }
    }
}

/// The bytes of keys and values, as Google describes its limit, on the platform that gets most.
/// What exactly its servers count is unknown; they count no less than this.
fn size(x: &In<'_, Fcm>) -> usize {
    let bytes = |data: &Data| data.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
    let json = |value: &Option<Value>| value.as_ref().map_or(0, |value| value.to_string().len());
    let common = data(x).map_or(0, |data| bytes(&data));
    let data = |own: &Data| if own.is_empty() { common } else { bytes(own) };
    let words: usize = [x.title(), x.body(), image(x)].iter().flatten().map(|text| text.len()).sum();
    let blocks = [
        (Platform::Android, data(&x.options.android.data)),
        (Platform::Apple, common + json(&x.options.apns.payload)),
        (Platform::Web, data(&x.options.webpush.data) + json(&x.options.webpush.notification)),
    ];
    let largest = blocks.into_iter().filter(|(platform, _)| on(x, *platform)).map(|(_, size)| size).max();
    largest.unwrap_or_default() + if shown(x) { words } else { 0 }
}

fn platforms<'a>(x: &In<'a, Fcm>) -> &'a [Platform] {
    x.options.platforms.as_ref().unwrap_or(&x.vendor.config.platforms)
}

fn on(x: &In<'_, Fcm>, platform: Platform) -> bool {
    platforms(x).contains(&platform)
}

fn address(x: &In<'_, Fcm>) -> Address {
    x.options.address.unwrap_or(x.vendor.config.address)
}

fn shown(x: &In<'_, Fcm>) -> bool {
    x.n.kind == Kind::Alert
}

fn image<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    x.n.image.as_ref().map(|url| Cow::Borrowed(url.as_str()))
}

fn text(option: &Option<String>) -> Option<Cow<'_, str>> {
    option.as_deref().map(Cow::Borrowed)
}

fn pairs(data: &Data) -> Option<Cow<'_, Data>> {
    (!data.is_empty()).then_some(Cow::Borrowed(data))
}

/// The app's pairs with those that the settings ask for. The app's own come first and win.
fn data<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, Data>> {
    let settings = &x.vendor.config;
    let url = match &x.n.click {
        Some(Click::Url(url)) => settings.click_key.as_ref().map(|key| (key, url.as_str())),
        _ => None,
    };
    let id = settings.id_key.as_ref().zip(x.n.id.as_ref().map(|id| id.as_str()));
    let mut data = Cow::Borrowed(&x.n.data);
    for (key, value) in url.into_iter().chain(id) {
        if data.get(key).is_none() {
            // The key was looked up, and an empty one stays out.
            let _ = data.to_mut().push(key, value);
        }
    }
    (!data.is_empty()).then_some(data)
}
