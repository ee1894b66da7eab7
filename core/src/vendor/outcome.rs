//! What a reply means for the targets of its request.

use std::sync::Arc;

use super::Set;
use crate::model::Target;
use crate::verdict::{Refusal, Verdict};

/// What a reply means for the targets of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The same for all.
    Whole(Verdict),
    /// One for each item, in order.
    Each(Vec<Verdict>),
}

impl Outcome {
    /// All accepted, under one message id.
    pub fn accepted(id: Option<&str>) -> Self {
        Self::Whole(Verdict::Accepted { id: id.map(Into::into) })
    }

    /// All refused alike.
    pub fn refused(refusal: Refusal) -> Self {
        Self::Whole(Verdict::Refused(Arc::new(refusal)))
    }

    /// Accepted but for the targets that the reply names. `refusal` is asked for each target by
    /// value, so names in the reply that were never sent are without effect, and a target that
    /// stands twice in the set has one fate.
    pub fn partial(id: Option<&str>, set: &Set<'_>, refusal: impl Fn(&Target) -> Option<Arc<Refusal>>) -> Self {
        let id: Option<Arc<str>> = id.map(Into::into);
        Self::Each(
            set.items
                .iter()
                .map(|item| match refusal(item.target) {
                    Some(refusal) => Verdict::Refused(refusal),
                    None => Verdict::Accepted { id: id.clone() },
                })
                .collect(),
        )
    }
}
