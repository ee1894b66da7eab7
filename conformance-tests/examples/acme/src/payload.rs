//! A notification as Acme's `POST /v1/messages` takes it: the table of its fields.
//!
//! Acme's page "Messages".

use omnipush_core::table::{self, Encoding, Lost};
use omnipush_core::{Click, Cx, EncodeError, Encoded, Field, Fields, Notification, Priority, Shape, Unit};
use serde::{Deserialize, Serialize};

use crate::Acme;

/// What only Acme has, under `vendors.acme` in a notification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// The colour of the icon, as `#rrggbb`. Absent: the app's.
    pub color: Option<String>,
}

type Row = table::Row<Acme>;

/// Every field of a message, in the order of Acme's page.
pub(crate) const FIELDS: &[Row] = &[
    Row::target("tokens"),
    Row::request_id("request_id", Field::Id.only()),
    Row::text("title", Field::Title.only(), |x| x.title()).needed().max(50, Unit::Chars).cut(),
    Row::text("text", Field::Body.only(), |x| x.body()).needed().max(200, Unit::Chars).cut(),
    Row::int("ttl", Field::Ttl.only(), |x| x.ttl_secs()).clamped(60, 259_200).note("seconds"),
    Row::text("url", Field::Click.only(), |x| match &x.n.click {
        Some(Click::Url(url)) => Some(url.as_str().into()),
        _ => None,
    })
    .max(512, Unit::Bytes),
    Row::flag("urgent", Field::Priority.only(), |x| x.n.priority.map(|priority| priority == Priority::High)),
    Row::text("replaces", Field::CollapseKey.only(), |x| x.collapse()),
    Row::map("extra", Field::Data.only(), |x| x.data()).max(1024, Unit::Bytes),
    Row::text("color", Fields::NONE, |x| x.options.color.as_deref().map(Into::into)).form(is_color, "#rrggbb"),
    Row::object(
        "receipt",
        &[
            Row::text("url", Field::Receipt.only(), |x| x.receipt_url()),
            Row::text("tag", Field::Receipt.only(), |x| x.receipt_tag()).max(64, Unit::Bytes),
        ],
    ),
];

/// Why fields are lost.
pub(crate) const LOST: &[Lost] = &[
    Lost::new(Field::Subtitle, "Acme shows a title and a text only"),
    Lost::new(Field::Image, "Acme shows no pictures"),
    Lost::new(Field::Sound, "the app chooses the sound"),
    Lost::new(Field::Badge, "Acme has no badges"),
    Lost::new(Field::Channel, "Acme has no channels"),
    Lost::new(Field::Category, "Acme has no categories"),
    Lost::new(Field::Click, "Acme opens the app or a URL"),
    Lost::new(Field::Thread, "the phone groups by app"),
    Lost::new(Field::Kind, "Acme has no data-only messages"),
    Lost::new(Field::SendAt, "Acme has no schedule"),
    Lost::new(Field::DryRun, "Acme has no dry run"),
    Lost::new(Field::Receipt, "Acme reports where the message says so, or its console"),
];

pub(crate) fn encode(
    acme: &Acme,
    n: &Notification,
    options: &Options,
    shape: Shape,
    cx: &Cx<'_>,
) -> Result<Encoded, EncodeError> {
    let mut encoding = Encoding::new(acme, n, options, shape, cx);
    if n.click == Some(Click::App) {
        // What Acme does without a URL.
        encoding.carry(Field::Click.only());
    }
    let body = encoding.json(FIELDS);
    encoding.finish(body, LOST)
}

fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text.bytes().skip(1).all(|b| b.is_ascii_hexdigit())
}
