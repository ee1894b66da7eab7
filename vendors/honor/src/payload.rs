//! The message: the table of Honor's fields, and what it cannot carry.
//!
//! Honor's page "reference/downlink-message" (developer.honor.com, document set 11002), as clients
//! repeat it, read in 2026-11. Title, text and picture may also stand in an outer `notification`,
//! and data in `android.data`: both say the same again, and are not sent.

mod options;

use std::borrow::Cow;

use chrono::SecondsFormat;
use omnipush_core::table::{self, Encoding, In, Lost};
use omnipush_core::{
    ActivityName, Badge, Click, Cx, EncodeError, Encoded, Fault, Field, Fields, Kind, Notification, Shape, Unit,
};
use serde::de::IgnoredAny;
use serde_json::{Value, json};

pub use options::{Button, Importance, Options};

use crate::Honor;
use crate::config::Config;
use crate::rules::RULES;

type Row = table::Row<Honor>;

/// 15 days, the longest that Honor keeps a message.
const MAX_TTL: i64 = 1_296_000;

pub(crate) const FIELDS: &[Row] = &[
    Row::target("token"),
    Row::pairs_text("data", Field::Data.only(), |x| x.data())
        .when(|x| x.options.data.is_none())
        .note("a JSON object in a text"),
    Row::options(&[
        Row::text("data", Fields::NONE, |x| text(&x.options.data)).note("JSON, but for the `kind` `background`")
    ]),
    Row::object(
        "android",
        &[
            Row::int_text("ttl", Field::Ttl.only(), |x| x.ttl_secs(), "s")
                .clamped(1, MAX_TTL)
                .note("seconds with an `s`; whether Honor takes 0 is not known"),
            Row::text("biTag", Field::Id.only(), |x| Some(x.n.id.as_ref()?.as_str().into()))
                .when(|x| own_tag(x).is_none())
                .note("returned with receipts"),
            Row::text("biTag", Fields::NONE, own_tag).with(Field::Receipt.only()).note("the tag of `receipt`"),
            Row::options(&[Row::int("targetUserType", Fields::NONE, |x| x.options.target_user_type).range(0, 1)]),
            Row::object("notification", NOTIFICATION).when(shown),
        ],
    ),
];

const NOTIFICATION: &[Row] = &[
    title("title").needed(),
    body("body").needed(),
    Row::object(
        "clickAction",
        &[
            Row::int("type", Fields::NONE, |x| Some(aim(x).kind())).note("1 intent or action, 2 web page, 3 app"),
            Row::text("intent", Field::Click.only(), |x| match aim(x) {
                Aim::Intent(intent) => Some(intent),
                _ => None,
            }),
            Row::text("action", Field::Click.only(), |x| match aim(x) {
                Aim::Action(action) => Some(action.into()),
                _ => None,
            }),
            Row::text("url", Field::Click.only(), |x| match aim(x) {
                Aim::Page(url) => Some(url.into()),
                _ => None,
            })
            .note("https only"),
        ],
    ),
    Row::text("importance", Fields::NONE, |x| Some(importance(x).unwrap_or(Importance::Low).as_str().into()))
        .one_of(&["LOW", "NORMAL"])
        .note("carries the categories `LOW` and `NORMAL`"),
    Row::text("image", Field::Image.only(), image).note("https, and only with `importance` NORMAL"),
    Row::options(&[
        Row::int("style", Fields::NONE, |x| x.options.style).range(0, 1),
        Row::int("notifyId", Fields::NONE, |x| x.options.notify_id).range(-1, 2_147_483_647),
    ]),
    Row::options(&[
        title("bigTitle").when(is_big).note("with `style` 1"),
        body("bigBody").when(is_big).note("with `style` 1"),
        Row::text("when", Fields::NONE, |x| Some(x.options.when?.to_rfc3339_opts(SecondsFormat::AutoSi, true).into())),
        Row::json("buttons", Fields::NONE, buttons).note("at most 3"),
    ]),
    Row::object(
        "badge",
        &[
            Row::int("addNum", Field::Badge.only(), |x| match x.n.badge? {
                Badge::Add(number) => Some(i64::from(number)).filter(|number| *number > 0),
                Badge::Set(_) => None,
            })
            .clamped(1, 99),
            Row::int("setNum", Field::Badge.only(), |x| match x.n.badge? {
                Badge::Set(number) => Some(i64::from(number)),
                Badge::Add(_) => None,
            })
            .clamped(0, 99),
            Row::text("badgeClass", Fields::NONE, |x| Some(badge_class(x)?.class().into()))
                .with(Field::Badge.only())
                .when(|x| x.n.badge.is_some_and(|badge| badge != Badge::Add(0))),
        ],
    )
    .when(|x| badge_class(x).is_some()),
    Row::text("tag", Field::CollapseKey.only(), |x| x.collapse())
        .note("replaces what is shown; what waits for an offline device stays"),
    Row::text("group", Field::Thread.only(), |x| text(&x.n.thread)),
];

const HIDDEN: &str = "a data-only message shows nothing";

pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Title, HIDDEN),
    Lost::new(Field::Body, HIDDEN),
    Lost::new(Field::Subtitle, "Honor shows a title and a text only"),
    Lost::new(Field::Image, "Honor shows pictures by https, and only with service messages (`importance` NORMAL)"),
    Lost::new(Field::Sound, "Honor takes no sounds; the class of the message decides"),
    Lost::new(Field::Badge, "needs the activity that the launcher starts (`badge_class`), and a message that shows"),
    Lost::new(Field::Channel, "Honor has no channels of the app's own"),
    Lost::new(Field::Category, "Honor knows the categories LOW and NORMAL only, of messages that show"),
    Lost::new(
        Field::Click,
        "Honor opens the app, an intent, an activity, an action or an https page; a data-only message opens nothing",
    ),
    Lost::new(Field::Data, "option `data` takes the place"),
    Lost::new(Field::CollapseKey, HIDDEN),
    Lost::new(Field::Priority, "only the class of the message, which is a legal one, decides how prominent it is"),
    Lost::new(Field::Thread, HIDDEN),
    Lost::new(Field::SendAt, "Honor has no schedule"),
    Lost::new(Field::DryRun, "Honor has no dry run; `target_user_type` 1 is delivered"),
    Lost::new(Field::Id, "option `bi_tag` or the tag of `receipt` takes the place"),
    Lost::new(Field::Receipt, "the address of receipts is set in Honor's console; the tag is sent all the same"),
];

pub(crate) fn encode(
    honor: &Honor,
    n: &Notification,
    options: &Options,
    shape: Shape,
    cx: &Cx<'_>,
) -> Result<Encoded, EncodeError> {
    let mut encoding = Encoding::new(honor, n, options, shape, cx);
    check(&mut encoding);
    encoding.rules(RULES);
    let body = encoding.json(FIELDS);
    encoding.finish(body, LOST)
}

/// What no single row can see.
fn check(encoding: &mut Encoding<'_, Honor>) {
    let x = &encoding.input;
    let (n, options, config) = (x.n, x.options, &x.vendor.config);
    let shown = shown(x);
    let homeless = shown && is_homeless(n.click.as_ref(), config);
    let has_data = options.data.is_some() || !n.data.is_empty();
    let odd_data = shown && options.data.as_deref().is_some_and(|t| serde_json::from_str::<IgnoredAny>(t).is_err());
    let classified = shown && (options.importance.is_some() || class_of(n).is_some());

    encoding.carry(Field::Kind.only());
    for (carried, field) in [
        (shown && n.click == Some(Click::App), Field::Click),
        (classified, Field::Category),
        (n.receipt.as_ref().is_some_and(|receipt| receipt.url.is_none()), Field::Receipt),
        // Adds nothing, and nothing is what is sent.
        (shown && n.badge == Some(Badge::Add(0)), Field::Badge),
    ] {
        if carried {
            encoding.carry(field.only());
        }
    }
    if !shown && !has_data {
        encoding.problem("data", Some(Field::Data), Fault::Missing);
    }
    if odd_data {
        encoding.problem("data", None, Fault::Invalid("must be JSON beside a notification".into()));
    }
    if homeless {
        let fault = Fault::Invalid(HOMELESS.into());
        encoding.problem("android.notification.clickAction.intent", Some(Field::Click), fault);
    }
    if shown {
        check_buttons(encoding, &options.buttons, config);
    }
}

const HOMELESS: &str = "needs a package: `package/class`, or `package_name` in the settings";

fn check_buttons(encoding: &mut Encoding<'_, Honor>, buttons: &[Button], config: &Config) {
    const WIRE: &str = "android.notification.buttons";
    if buttons.len() > 3 {
        let fault = Fault::TooLong { size: buttons.len(), limit: 3, unit: Unit::Entries };
        encoding.problem(WIRE, None, fault);
    }
    for (at, button) in buttons.iter().enumerate() {
        let (name, data) = (button.name.chars().count(), pairs(button).map_or(0, |json| json.len()));
        let page = matches!(&button.click, Some(Click::Url(url)) if url.is_web());
        let plain = matches!(&button.click, Some(Click::Url(url)) if url.as_str().starts_with("http://"));
        for (wrong, part, fault) in [
            (button.name.trim().is_empty(), "name", Fault::Missing),
            (name > 40, "name", Fault::TooLong { size: name, limit: 40, unit: Unit::Chars }),
            (data > 1024, "data", Fault::TooLong { size: data, limit: 1024, unit: Unit::Bytes }),
            (page && data > 0, "data", Fault::Unsupported("a web page gets no data: write it into the address")),
            (plain, "intent", Fault::Invalid("must be https".into())),
            (is_homeless(button.click.as_ref(), config), "intent", Fault::Invalid(HOMELESS.into())),
        ] {
            if wrong {
                encoding.problem(format!("{WIRE}[{at}].{part}"), None, fault);
            }
        }
    }
}

/// A headline; the big one must be the same as the small one.
const fn title(name: &'static str) -> Row {
    Row::text(name, Field::Title.only(), |x| x.title()).max(40, Unit::Chars).cut()
}

/// A text; the big one must be the same as the small one.
const fn body(name: &'static str) -> Row {
    Row::text(name, Field::Body.only(), |x| x.body()).max(256, Unit::Chars).cut()
}

fn own_tag<'a>(x: &'a In<'a, Honor>) -> Option<Cow<'a, str>> {
    let asked = || x.n.receipt.as_ref()?.tag.as_deref();
    x.options.bi_tag.as_deref().or_else(asked).map(Cow::Borrowed)
}

fn text(text: &Option<String>) -> Option<Cow<'_, str>> {
    text.as_deref().map(Cow::Borrowed)
}

/// Honor takes a message for a data-only one when nothing in it is to be shown.
pub(crate) fn shown(x: &In<'_, Honor>) -> bool {
    x.n.kind == Kind::Alert
}

fn is_big(x: &In<'_, Honor>) -> bool {
    x.options.style == Some(1)
}

fn class_of(n: &Notification) -> Option<Importance> {
    match n.category.as_deref() {
        Some("LOW") => Some(Importance::Low),
        Some("NORMAL") => Some(Importance::Normal),
        _ => None,
    }
}

pub(crate) fn importance(x: &In<'_, Honor>) -> Option<Importance> {
    x.options.importance.or(class_of(x.n)).or(x.vendor.config.importance)
}

fn image<'a>(x: &'a In<'a, Honor>) -> Option<Cow<'a, str>> {
    let url = x.n.image.as_ref().filter(|url| url.as_str().starts_with("https://"))?;
    (importance(x) == Some(Importance::Normal)).then_some(url.as_str().into())
}

fn badge_class<'a>(x: &In<'a, Honor>) -> Option<&'a ActivityName> {
    x.options.badge_class.as_ref().or(x.vendor.config.badge_class.as_ref())
}

/// What a tap opens, in Honor's terms.
enum Aim<'a> {
    Intent(Cow<'a, str>),
    Action(&'a str),
    Page(&'a str),
    App,
}

impl Aim<'_> {
    fn kind(&self) -> i64 {
        match self {
            Self::Intent(_) | Self::Action(_) => 1,
            Self::Page(_) => 2,
            Self::App => 3,
        }
    }
}

fn aim<'a>(x: &In<'a, Honor>) -> Aim<'a> {
    aim_of(x.n.click.as_ref(), &x.vendor.config)
}

/// Honor demands an aim always; what it cannot open opens the app.
fn aim_of<'a>(click: Option<&'a Click>, config: &Config) -> Aim<'a> {
    match click {
        Some(Click::Url(url)) if url.as_str().starts_with("https://") => Aim::Page(url.as_str()),
        // Android reads a bare address of the app's own scheme as an intent to view it.
        Some(Click::Url(url)) if !url.is_web() => Aim::Intent(url.as_str().into()),
        Some(Click::Intent(uri)) => Aim::Intent(uri.as_str().into()),
        Some(Click::Activity(activity)) => {
            let component = activity.component(config.package_name.as_deref().unwrap_or_default());
            Aim::Intent(format!("intent:#Intent;component={component};end").into())
        }
        Some(Click::Action(action)) => Aim::Action(action.as_str()),
        None | Some(Click::App | Click::Url(_)) => Aim::App,
    }
}

/// Whether it is an activity of which nobody says in which package it is.
fn is_homeless(click: Option<&Click>, config: &Config) -> bool {
    matches!(click, Some(Click::Activity(a)) if !a.as_str().contains('/')) && config.package_name.is_none()
}

fn buttons<'a>(x: &'a In<'a, Honor>) -> Option<Cow<'a, Value>> {
    let buttons: Vec<Value> = x.options.buttons.iter().map(|button| wire(button, &x.vendor.config)).collect();
    (!buttons.is_empty()).then_some(Cow::Owned(buttons.into()))
}

/// A button: 0 opens the app, 1 an intent (0) or an action (1), 2 a web page.
fn wire(button: &Button, config: &Config) -> Value {
    let mut wire = match aim_of(button.click.as_ref(), config) {
        Aim::App => json!({"name": button.name, "actionType": 0}),
        Aim::Intent(intent) => json!({"name": button.name, "actionType": 1, "intentType": 0, "intent": intent}),
        Aim::Action(action) => json!({"name": button.name, "actionType": 1, "intentType": 1, "intent": action}),
        Aim::Page(url) => json!({"name": button.name, "actionType": 2, "intent": url}),
    };
    if let (Some(data), Some(members)) = (pairs(button), wire.as_object_mut()) {
        members.insert("data".into(), data.into());
    }
    wire
}

fn pairs(button: &Button) -> Option<String> {
    // Pairs of texts always serialise.
    (!button.data.is_empty()).then(|| serde_json::to_string(&button.data).ok()).flatten()
}
