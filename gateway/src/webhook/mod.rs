//! What is told to the backend, and what vendors tell.
//!
//! Each push makes events (`Push.OfflinePush`, or `Push.AllMemberPush` of a pure push): sent to the
//! vendor, reached the device, clicked. They are written together with what they tell of, and posted
//! from there until the receiver has taken them. Vendors' receipts make the second and the third.
//!
//! ```text
//! verdict ─▶ Teller ─┐ one transaction              ┌─▶ POST url, up to 100 events
//!                    ├──────────────▶ events ─▶ Poster
//! receipt ─▶ take ───┘                              └─▶ pause, and again
//! ```

mod event;
mod post;
mod receipts;
mod sign;

use omnipush::Verdict;

use crate::dispatch::{Outcome, Witness};
use crate::store::EventRecord;

pub use event::{Stage, Told};
pub use post::Poster;
pub(crate) use receipts::ADDRESS;
pub use receipts::{ReceiptsTo, routes, take};

/// Makes the events of the first stage.
#[derive(Clone, Copy, Debug, Default)]
pub struct Teller;

impl Witness for Teller {
    fn event(&self, outcome: &Outcome<'_>) -> Option<EventRecord> {
        let (code, words) = match &outcome.came_to {
            Ok(verdict) => of_verdict(verdict),
            Err((code, words)) => (i64::from(*code), (*words).to_owned()),
        };
        let told = Told {
            message: outcome.message.to_owned(),
            account: outcome.account.to_owned(),
            device: outcome.device.to_owned(),
            vendor: outcome.vendor.to_owned(),
            stage: Stage::Sent,
            code,
            words,
            at_ms: outcome.at_ms,
        };
        Some(told.record(outcome.at_ms))
    }
}

/// A refusal whose code is no number, and that came with no HTTP status.
const NO_NUMBER: i64 = -3;

/// The answer was lost: the vendor may have it or not.
const UNSURE: i64 = -4;

fn of_verdict(verdict: &Verdict) -> (i64, String) {
    match verdict {
        Verdict::Accepted { .. } => (0, String::new()),
        Verdict::Refused(refusal) => (number(&refusal.code, refusal.status), refusal.to_string()),
        Verdict::Unsure(heard) => {
            (UNSURE, heard.as_deref().map_or_else(|| "the answer was lost".into(), ToString::to_string))
        }
    }
}

/// The vendor's code where it is a number other than 0, or else the HTTP status.
fn number(code: &str, status: u16) -> i64 {
    match (code.parse(), status) {
        (Ok(number), _) if number != 0 => number,
        (_, 0) => NO_NUMBER,
        (_, status) => i64::from(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_vendors_number_or_the_status() {
        assert_eq!(number("10302", 200), 10302);
        assert_eq!(number("UNREGISTERED", 404), 404);
        assert_eq!(number("", 0), NO_NUMBER);
        // A refusal never looks like a success.
        assert_eq!(number("0", 200), 200);
        assert_eq!(of_verdict(&Verdict::ACCEPTED), (0, String::new()));
        assert_eq!(of_verdict(&Verdict::Unsure(None)).0, UNSURE);
    }
}
