//! A notification that has been checked and encoded for one vendor.

use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use super::client::Inner;
use super::lease::Lease;
use super::request_id::Seed;
use crate::error::EncodeError;
use crate::model::Notification;
use crate::table::Advice;
use crate::vendor::{Cut, Encoded, Loss, Shape};

/// A notification that has been checked and encoded for one vendor. All errors and losses are
/// known; nothing has been sent. It can be looked at, kept, and sent to any number of targets.
/// Cheap to clone.
#[derive(Clone)]
pub struct Prepared(pub(super) Arc<Parts>);

pub(super) struct Parts {
    pub(super) encoded: SmallVec<[Encoded; 1]>,
    /// What request ids are derived from; none where the notification has no id.
    pub(super) seed: Option<Seed>,
    /// The ticket of the staged message, for vendors that stage.
    pub(super) ticket: Option<Arc<Lease<Arc<str>>>>,
}

impl Prepared {
    /// The encoded forms, one for each shape.
    pub fn encoded(&self) -> &[Encoded] {
        &self.0.encoded
    }

    /// The encoded form of a shape.
    pub fn shape(&self, shape: Shape) -> Option<&Encoded> {
        self.0.encoded.iter().find(|encoded| encoded.shape == shape)
    }

    /// What the vendor cannot carry, in any of the shapes.
    pub fn losses(&self) -> Vec<Loss> {
        let mut losses: Vec<Loss> = Vec::new();
        for loss in self.0.encoded.iter().flat_map(|encoded| &encoded.losses) {
            if !losses.contains(loss) {
                losses.push(*loss);
            }
        }
        losses
    }

    /// What was shortened or moved into range, in any of the shapes.
    pub fn cuts(&self) -> Vec<Cut> {
        let mut cuts: Vec<Cut> = Vec::new();
        for cut in self.0.encoded.iter().flat_map(|encoded| &encoded.cuts) {
            if !cuts.contains(cut) {
                cuts.push(cut.clone());
            }
        }
        cuts
    }

    /// What is allowed but unwise.
    pub fn advice(&self) -> Vec<Advice> {
        let mut advice: Vec<Advice> = Vec::new();
        for rule in self.0.encoded.iter().flat_map(|encoded| &encoded.advice) {
            if !advice.contains(rule) {
                advice.push(*rule);
            }
        }
        advice
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shapes: SmallVec<[Shape; 4]> = self.0.encoded.iter().map(|encoded| encoded.shape).collect();
        f.debug_struct("Prepared").field("shapes", &shapes).finish_non_exhaustive()
    }
}

impl Inner {
    /// Encodes for some of the vendor's calls.
    pub(super) fn prepare(&self, n: &Notification, wanted: impl Fn(Shape) -> bool) -> Result<Prepared, EncodeError> {
        let mut encoded = SmallVec::new();
        let mut staged = false;
        for call in self.profile.calls.iter().filter(|call| wanted(call.shape)) {
            encoded.push(self.with_cx(|cx| self.vendor.encode(n, call.shape, cx))?);
            staged |= call.staged;
        }
        let ticket = staged.then(|| Lease::new(std::time::Duration::ZERO, self.settings.renewal_wait));
        Ok(Prepared(Arc::new(Parts { encoded, seed: n.id.as_ref().map(|id| Seed::of(id.as_str())), ticket })))
    }
}
