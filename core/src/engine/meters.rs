//! What the engine counts, through the `metrics` facade. Handles are taken when a client is
//! built, so a recorder must be installed before that; without one they cost nothing.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use super::Purpose;
use crate::verdict::{Class, Verdict};

/// The meters of one client; every one carries the label `vendor`.
pub(crate) struct Meters {
    /// `omnipush_verdicts_total{outcome}`
    accepted: Counter,
    unsure: Counter,
    refused: [Counter; Class::ALL.len()],
    /// `omnipush_request_seconds{purpose}`
    seconds: [Histogram; 4],
    /// `omnipush_retries_total`
    pub(crate) retries: Counter,
    /// `omnipush_lost_answers_total`
    pub(crate) lost: Counter,
    /// `omnipush_lane_pauses_total`
    pub(crate) pauses: Counter,
    /// `omnipush_in_flight`
    pub(crate) in_flight: Gauge,
}

impl Meters {
    pub(crate) fn new(vendor: &'static str) -> Self {
        let verdict = |outcome| counter!("omnipush_verdicts_total", "vendor" => vendor, "outcome" => outcome);
        let purposes = [Purpose::Auth, Purpose::Stage, Purpose::Send, Purpose::Operate];
        Self {
            accepted: verdict("accepted"),
            unsure: verdict("unsure"),
            refused: Class::ALL.map(|class| verdict(class.as_str())),
            seconds: purposes
                .map(|p| histogram!("omnipush_request_seconds", "vendor" => vendor, "purpose" => p.as_str())),
            retries: counter!("omnipush_retries_total", "vendor" => vendor),
            lost: counter!("omnipush_lost_answers_total", "vendor" => vendor),
            pauses: counter!("omnipush_lane_pauses_total", "vendor" => vendor),
            in_flight: gauge!("omnipush_in_flight", "vendor" => vendor),
        }
    }

    pub(crate) fn verdicts<'v>(&self, verdicts: impl IntoIterator<Item = &'v Verdict>) {
        let mut accepted = 0;
        for verdict in verdicts {
            match verdict {
                Verdict::Accepted { .. } => accepted += 1,
                Verdict::Unsure(_) => self.unsure.increment(1),
                Verdict::Refused(refusal) => {
                    let at = Class::ALL.iter().position(|class| *class == refusal.class);
                    if let Some(meter) = at.and_then(|at| self.refused.get(at)) {
                        meter.increment(1);
                    }
                }
            }
        }
        self.accepted.increment(accepted);
    }

    pub(crate) fn answered(&self, purpose: Purpose, took: Duration) {
        if let Some(meter) = self.seconds.get(purpose as usize) {
            meter.record(took);
        }
    }
}
