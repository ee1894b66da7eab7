//! What to send and to whom, in no vendor's terms.
//!
//! [`Notification`] is plain data that can be stored, queued and compared. Its [`values`] parse,
//! so that none of them can smuggle a line break into a header or a second target into a list.

mod condition;
mod field;
mod notification;
mod target;
pub mod values;

pub use condition::{Piece, condition_pieces, condition_topics};
pub use field::{Field, Fields};
pub use notification::{Badge, Click, Data, Kind, Notification, Priority, ReceiptRequest, Sound};
pub use target::{Audience, Tags, Target};
pub use values::{ActionName, ActivityName, CollapseKey, HttpUrl, IntentUri, InvalidValue, MessageId, Ttl};
