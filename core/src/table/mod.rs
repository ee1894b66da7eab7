//! Tables of fields: most of a vendor.
//!
//! A [`Row`] says: this wire name carries these fields of the notification, under this limit, and
//! this is how its value is had. From one table core makes the bytes ([`Encoding`]), the checks
//! (errors that name field, limit and size), the losses (a field that is set but that no row
//! carried), and the documentation ([`Manual`]).
//!
//! A row is asked for its value where the notification has one of the fields that it carries, or
//! options of the vendor's own. One that may have a value without them is [`always`](Row::always)
//! asked; debug builds panic at one that has and is not.
//!
//! Rows are constants and hold plain functions; there is no macro.
//!
//! ```
//! use omnipush_core::table::{Adapter, Encoding, Row};
//! use omnipush_core::{Cx, Now, EncodeError, Encoded, Field, Notification, Overflow, Shape, Unit};
//!
//! struct Acme;
//! impl Adapter for Acme {
//!     const ID: &'static str = "acme";
//!     type Options = ();
//! }
//!
//! const FIELDS: &[Row<Acme>] = &[
//!     Row::target("to"),
//!     Row::text("headline", Field::Title.only(), |x| x.title()).needed().max(40, Unit::Chars).cut(),
//!     Row::int("keep", Field::Ttl.only(), |x| x.ttl_secs()).clamped(60, 86_400),
//! ];
//!
//! fn encode(n: &Notification, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
//!     let mut encoding = Encoding::new(&Acme, n, &(), Shape::One, cx);
//!     let body = encoding.json(FIELDS);
//!     encoding.finish(body, &[])
//! }
//!
//! let mut cx = Cx { now: Now::at(0), rng: &mut |_| {}, overflow: Overflow::Refuse };
//! let encoded = encode(&Notification::new("hi", "there"), &mut cx).unwrap();
//! assert_eq!(encoded.body.literal(), r#"{"to":"","headline":"hi"}"#);
//! assert_eq!(encoded.losses[0].field, Field::Body);
//! ```

mod encode;
mod given;
mod manual;
mod name;
mod row;
mod rule;
mod sink;
#[cfg(test)]
mod tests;
mod walk;
mod wants;

pub use encode::{Encoding, In};
pub use manual::{
    FieldDoc, Lost, Manual, codes_table, fields_table, lost_table, operations_table, receipts_table, rules_table,
};
pub use row::{Adapter, Form, Get, Given, Limit, Row};
pub use rule::{Advice, Breaks, Rule, RuleDoc};
