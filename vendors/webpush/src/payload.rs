//! The message: headers of RFC 8030, and the JSON that the page's service worker reads.
//!
//! No standard says what stands in that JSON. Here it has the members of the Notification API
//! beside `data`, or the form of Declarative Web Push (WebKit, 2025), read in 2026-11.

use std::borrow::Cow;

use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::{
    Badge, Click, Cx, Data, EncodeError, Encoded, Fault, Field, Fields, HttpUrl, Notification, Priority, Shape, Unit,
    sign,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::WebPush;
use crate::encrypt::MAX_PLAINTEXT;

/// Web Push's own options of a notification (`vendors.webpush`). All are optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// How urgent it is: `very-low` (on power and Wi-Fi), `low` (on either), `normal`, `high`
    /// (with a low battery, too). Default: by the priority.
    pub urgency: Option<String>,
    /// A small picture beside the text.
    pub icon: Option<HttpUrl>,
    /// A one-coloured picture for the status bar.
    pub badge_icon: Option<HttpUrl>,
    /// What replaces a notification that is shown; the thread by default.
    pub tag: Option<String>,
    /// More members of the notification, such as `actions`, `lang`, `requireInteraction`.
    pub notification: Option<Value>,
}

type Row = table::Row<WebPush>;

/// 30 days, the longest that a push service is known to keep a message.
const MAX_TTL: i64 = 2_592_000;
/// Four weeks, as push libraries have it: the header is demanded.
const DEFAULT_TTL: i64 = 2_419_200;

pub(crate) const HEADERS: &[Row] = &[
    Row::int("ttl", Field::Ttl.only(), |x| Some(x.ttl_secs().unwrap_or(DEFAULT_TTL)))
        .always()
        .clamped(0, MAX_TTL)
        .note("4 weeks without a TTL"),
    Row::text("urgency", Field::Priority.only(), urgency).one_of(&["very-low", "low", "normal", "high"]),
    Row::text("topic", Field::CollapseKey.only(), topic)
        .note("32 characters made from the key; replaces what is not delivered yet"),
];

// What `showNotification` takes.
const TITLE: Row = Row::text("title", Field::Title.only(), |x| x.title()).needed();
const BODY: Row = Row::text("body", Field::Body.only(), |x| x.body());
const ICON: Row = Row::options(&[Row::text("icon", Fields::NONE, |x| url(&x.options.icon))]);
const IMAGE: Row = Row::text("image", Field::Image.only(), |x| url(&x.n.image));
const BADGE: Row = Row::options(&[Row::text("badge", Fields::NONE, |x| url(&x.options.badge_icon))]);
const TAG: Row =
    Row::text("tag", Field::Thread.only(), |x| x.options.tag.as_deref().or(x.n.thread.as_deref()).map(Cow::Borrowed));
const MORE: Row =
    Row::options(&[
        Row::spread_json("more", Fields::NONE, |x| x.options.notification.as_ref().map(Cow::Borrowed)).note("options")
    ]);
const APP_BADGE: Row = Row::int("app_badge", Field::Badge.only(), app_badge).note("a number; the worker sets it");

pub(crate) const JSON: &[Row] = &[
    TITLE,
    BODY,
    ICON,
    IMAGE,
    BADGE,
    TAG,
    APP_BADGE,
    Row::map("data", Field::Data.only(), |x| data(x, true)).always().note("with `url` for a `click` on a web page"),
    MORE,
];

const DECLARATIVE: &[Row] = &[
    Row::int("web_push", Fields::NONE, |_| Some(8030)),
    Row::object(
        "notification",
        &[
            TITLE,
            BODY,
            ICON,
            IMAGE,
            BADGE,
            TAG,
            Row::text("navigate", Fields::NONE, |x| page(x).map(Cow::Borrowed)).needed(),
            Row::map("data", Field::Data.only(), |x| data(x, false)),
            MORE,
        ],
    ),
    APP_BADGE,
];

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Subtitle, "browsers show a title and a text only"),
    Lost::new(Field::Sound, "browsers play no sounds of the page's own"),
    Lost::new(Field::Badge, "a page sets its badge to a number, and does not know the one before"),
    Lost::new(Field::Channel, "browsers have no channels"),
    Lost::new(Field::Category, "browsers have no message classes"),
    Lost::new(Field::Click, "a page opens web pages only"),
    Lost::new(Field::Kind, "browsers demand that each message shows something"),
    Lost::new(Field::SendAt, "push services have no schedule"),
    Lost::new(Field::DryRun, "push services have no dry run"),
    Lost::new(Field::Id, "push services take no id, and drop no repeats"),
    Lost::new(Field::Receipt, "no large push service offers receipts; let the worker call your own server"),
];

pub(crate) fn encode(
    webpush: &WebPush,
    n: &Notification,
    options: &Options,
    shape: Shape,
    cx: &Cx<'_>,
) -> Result<Encoded, EncodeError> {
    let mut encoding = Encoding::new(webpush, n, options, shape, cx);
    let opens_app = n.click == Some(Click::App);
    if opens_app || web_page(n).is_some() {
        encoding.carry(Field::Click.only());
    }
    if n.data.get("url").is_some() && page(&encoding.input).is_some() {
        encoding.problem("data.url", Some(Field::Data), Fault::Invalid("is the click's place".into()));
    }
    encoding.headers(HEADERS);
    let body = encoding.json(if webpush.config.declarative { DECLARATIVE } else { JSON });
    let size = body.len();
    if size > MAX_PLAINTEXT {
        encoding.problem("body", None, Fault::TooLong { size, limit: MAX_PLAINTEXT, unit: Unit::Bytes });
    }
    Ok(Encoded { size: Some((size, MAX_PLAINTEXT)), ..encoding.finish(body, LOST)? })
}

fn url(url: &Option<HttpUrl>) -> Option<Cow<'_, str>> {
    url.as_ref().map(|url| url.as_str().into())
}

fn web_page(n: &Notification) -> Option<&str> {
    match &n.click {
        Some(Click::Url(url)) if url.is_web() => Some(url.as_str()),
        _ => None,
    }
}

/// What a tap opens: the web page, or the site's start.
fn page<'a>(x: &In<'a, WebPush>) -> Option<&'a str> {
    web_page(x.n).or(x.vendor.config.start_url.as_ref().map(HttpUrl::as_str))
}

fn urgency<'a>(x: &'a In<'a, WebPush>) -> Option<Cow<'a, str>> {
    let by_priority = || match x.n.priority? {
        Priority::High => Some("high"),
        Priority::Normal => Some("normal"),
    };
    x.options.urgency.as_deref().or_else(by_priority).map(Cow::Borrowed)
}

/// A topic has a small alphabet, and Apple takes only lengths that base64url can have.
fn topic<'a>(x: &'a In<'a, WebPush>) -> Option<Cow<'a, str>> {
    let mut hash = sign::sha256_hex([x.n.collapse_key.as_ref()?.as_str()]);
    hash.truncate(32);
    Some(hash.into())
}

fn app_badge(x: &In<'_, WebPush>) -> Option<i64> {
    match x.n.badge? {
        Badge::Set(number) => Some(i64::from(number)),
        Badge::Add(_) => None,
    }
}

/// The app's pairs, with the page that a tap opens.
fn data<'a>(x: &'a In<'a, WebPush>, with_click: bool) -> Option<Cow<'a, Data>> {
    let mut data = Cow::Borrowed(&x.n.data);
    if let Some(page) = page(x).filter(|_| with_click) {
        // The clash was found before.
        let _ = data.to_mut().push("url", page);
    }
    (!data.is_empty()).then_some(data)
}
