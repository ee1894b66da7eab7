//! The message: FCM's options, the table of its fields, and what it cannot carry.
//!
//! Google's service description `fcm` v1 (revision 2026-10-23) and its pages on messages, read
//! in 2026-11. A block for each platform stands in a file of its own.

mod android;
mod apple;
mod web;

use std::borrow::Cow;
use std::fmt;

use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::{
    Bytes, Click, Cx, Data, EncodeError, Encoded, Fault, Field, Kind, Notification, Shape, Sound, Unit,
};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::Fcm;
use crate::audience::is_name;
use crate::config::{Address, Platform};

/// FCM's own options of a notification (`vendors.fcm`). All are optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Options {
    /// What the targets of this notification are. Default: as in the settings.
    pub address: Option<Address>,
    /// The platforms that get a block; blocks of others are not written. Default: as in the
    /// settings.
    pub platforms: Option<Vec<Platform>>,
    /// Members of FCM's message, as Google documents them and the table of fields lists them:
    /// `android`, `apns`, `webpush`, `fcm_options` and so forth. Each wins over what the
    /// notification would put in its place. In JSON they stand beside the other options.
    #[serde(flatten)]
    pub message: Map<String, Value>,
}

// Not derived: `flatten` would copy all members into a tree first, for every notification.
impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Options;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of options")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Options, A::Error> {
                let mut options = Options::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "address" => options.address = map.next_value()?,
                        "platforms" => options.platforms = map.next_value()?,
                        _ => {
                            options.message.insert(name, map.next_value()?);
                        }
                    }
                }
                Ok(options)
            }
        }
        deserializer.deserialize_map(Members)
    }
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
            Row::map("data", Field::Data.only(), data).always().form(is_data_key, KEYS),
            Row::object(
                "notification",
                &[
                    Row::text("title", Field::Title.only(), |x| x.title()),
                    Row::text("body", Field::Body.only(), |x| x.body()),
                    Row::text("image", Field::Image.only(), |x| x.image()).note("Apple: needs an extension in the app"),
                ],
            )
            .when(shown),
            Row::object("android", android::FIELDS).when(|x| on(x, Platform::Android)),
            Row::object("apns", apple::FIELDS).when(|x| on(x, Platform::Apple)),
            Row::object("webpush", web::FIELDS).when(|x| on(x, Platform::Web)),
            Row::object("fcm_options", &[LABEL]),
        ],
    )
    .given(|x| Some(&x.options.message)),
];

/// What reports sort messages by.
const LABEL: Row =
    Row::own_text("analytics_label").form(|label| is_name(label, 50), "1 to 50 letters, digits or -_.~%");

const KEYS: &str = "keys other than `from` and `message_type`, and not beginning with `google` or `gcm`";

/// Google's newer text reserves `google.` and `gcm.notification.` only; older servers more.
fn is_data_key(key: &str) -> bool {
    !matches!(key, "from" | "message_type") && !key.starts_with("google") && !key.starts_with("gcm")
}

const HEADER: &str = "printable ASCII";

fn is_header(text: &str) -> bool {
    text.bytes().all(|b| (0x20..0x7f).contains(&b))
}

const HIDDEN: &str = "a background message shows nothing";

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Title, HIDDEN),
    Lost::new(Field::Body, HIDDEN),
    Lost::new(Field::Image, HIDDEN),
    Lost::new(Field::Subtitle, "only Apple devices show one, and only of alerts"),
    Lost::new(Field::Sound, "new Androids play their channel's, browsers their own, background messages none"),
    Lost::new(Field::Badge, "FCM sets a number but adds to none, and Android cannot clear it"),
    Lost::new(Field::Channel, "only Android has channels, and only for alerts"),
    Lost::new(Field::Category, "only Apple devices have one, and only of alerts"),
    Lost::new(Field::Click, "FCM opens the app, an action, or https pages in browsers; `click_key` gives apps URLs"),
    Lost::new(Field::Thread, "only Apple devices group by it, and only alerts"),
    Lost::new(Field::SendAt, "FCM has no schedule"),
    Lost::new(Field::Receipt, "FCM posts no receipts; `analytics_label` counts in its console"),
    Lost::new(Field::Id, "FCM drops no repeats; an alert without a collapse key is replaced; see `id_key`"),
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
    let live = own(&encoding.input, &["apns", "live_activity_token"]).is_some();
    let body = encoding.json(FIELDS);
    let encoded = encoding.finish(body, LOST)?;
    // A refusal by Apple is then about that token, which `decode` cannot see otherwise.
    let aux = if live { Bytes::from_static(b"live") } else { Bytes::new() };
    Ok(Encoded { aux, size: Some((used, limit)), ..encoded })
}

/// What is carried by other means than a row.
fn carry(encoding: &mut Encoding<'_, Fcm>) {
    let x = &In { ..encoding.input };
    let (n, settings) = (x.n, &x.vendor.config);
    let apps = on(x, Platform::Android) || on(x, Platform::Apple);
    let hands_over = |key: &Option<String>, value: &str| {
        key.as_ref().is_some_and(|key| data(x).is_some_and(|data| data.get(key) == Some(value)))
    };
    let browsers = !on(x, Platform::Web) || web::link(x).is_some();
    let click = match &n.click {
        Some(Click::Url(url)) => browsers && (!apps || hands_over(&settings.click_key, url.as_str())),
        click => *click == Some(Click::App),
    };
    // What a repeat replaces has the id for a key.
    let replaced = shown(x) && n.collapse_key.is_none();
    let id = n.id.as_ref().is_some_and(|id| replaced || hands_over(&settings.id_key, id.as_str()));
    // Silence is the absence of a sound: everywhere but on new Android, where it is the channel's.
    let silenced = n.sound == Some(Sound::Silent) && (on(x, Platform::Apple) || on(x, Platform::Web));
    let sound = shown(x) && (silenced || n.sound == Some(Sound::Default));
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
    let n = x.n;
    let shows = [["android", "notification"].as_slice(), &["webpush", "notification"], &["notification"]];
    let blocks = x.has_options() && shows.into_iter().any(|path| own(x, path).is_some());
    let mut invalid = |wire: &str, field: Option<Field>, why: &str| {
        encoding.problem(format!("message{wire}"), field, Fault::Invalid(why.into()));
    };
    if x.has_options() {
        let android = |name: &str| own(x, &["android", "notification", name]).is_some();
        for (args, key) in [("body_loc_args", "body_loc_key"), ("title_loc_args", "title_loc_key")] {
            if android(args) && !android(key) {
                invalid(&format!(".android.notification.{args}"), None, "needs its loc_key");
            }
        }
        let ttl = own(x, &["android", "ttl"]).and_then(Value::as_str);
        if ttl.is_some_and(|ttl| !android::seconds(ttl).is_some_and(|secs| secs <= MAX_TTL as f64)) {
            invalid(".android.ttl", Some(Field::Ttl), "must be 0s to 2419200s");
        }
    }
    if n.kind == Kind::Background && blocks {
        invalid("", Some(Field::Kind), "has options of what is shown; a background message shows nothing");
    }
    let words = n.title.is_some() || n.body.is_some() || blocks || own(x, &["apns", "payload"]).is_some();
    if n.kind == Kind::Alert && !words {
        invalid(".notification", Some(Field::Title), "has nothing to show: give a title or text, or kind `background`");
    }
    let pairs = data(x);
    let key = |key| pairs.as_ref().is_some_and(|data| data.get(key).is_some());
    if on(x, Platform::Apple) && key("aps") {
        invalid(".data", Some(Field::Data), "the key `aps` is reserved");
    }
    if platforms(x).is_empty() {
        encoding.problem("platforms", None, Fault::Invalid("names no platform".into()));
    }
    if key("collapse_key") {
        encoding.advise("FCM overwrites the key `collapse_key` in data");
    }
}

/// The bytes of keys and values, as Google describes its limit, on the platform that gets most.
/// What exactly its servers count is unknown; they count no less than this.
fn size(x: &In<'_, Fcm>) -> usize {
    let common = data(x).map_or(0, |data| data.iter().map(|(key, value)| key.len() + value.len()).sum());
    let words: usize = [x.title(), x.body(), x.image()].iter().flatten().map(|text| text.len()).sum();
    let largest = if x.has_options() { largest_block(x, common) } else { common };
    largest + if shown(x) { words } else { 0 }
}

/// The same of the blocks alone, where the caller gives members of them.
fn largest_block(x: &In<'_, Fcm>, common: usize) -> usize {
    let data = |block| {
        let pairs = own(x, &[block, "data"]).and_then(Value::as_object);
        let bytes = |(key, value): (&String, &Value)| key.len() + value.as_str().map_or(0, str::len);
        pairs.map_or(common, |pairs| pairs.iter().map(bytes).sum())
    };
    let json = |path: &[&str]| own(x, path).map_or(0, |value| value.to_string().len());
    let blocks = [
        (Platform::Android, data("android")),
        (Platform::Apple, common + json(&["apns", "payload"])),
        (Platform::Web, data("webpush") + json(&["webpush", "notification"])),
    ];
    blocks.into_iter().filter(|(platform, _)| on(x, *platform)).map(|(_, size)| size).max().unwrap_or_default()
}

/// A given member of the message.
fn own<'a>(x: &In<'a, Fcm>, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first().filter(|_| !x.options.message.is_empty())?;
    let value = rest.iter().try_fold(x.options.message.get(*first)?, |value, name| value.get(name))?;
    Some(value).filter(|value| !value.is_null())
}

/// What a later message replaces: the collapse key, or an alert's id, by which a repeat replaces
/// the first.
fn replaces<'a>(x: &'a In<'a, Fcm>) -> Option<Cow<'a, str>> {
    x.collapse().or_else(|| x.id().filter(|_| shown(x)))
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
