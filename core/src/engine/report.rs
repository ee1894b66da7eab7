//! What a send came to, and why a call did nothing.

use std::sync::Arc;

use super::prepared::Prepared;
use crate::error::EncodeError;
use crate::model::Target;
use crate::vendor::{OperationKind, Shape};
use crate::verdict::{Refusal, Verdict};

/// Why a call to a client did nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The notification cannot go to this vendor as it is.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The vendor has no such audience.
    #[error("{vendor} cannot address this audience: {}", audience.as_str())]
    NoSuchAudience {
        /// The vendor's id.
        vendor: &'static str,
        /// The shape that it would take.
        audience: Shape,
    },
    /// The vendor has no such operation.
    #[error("{vendor} has no operation {operation}")]
    NoSuchOperation {
        /// The vendor's id.
        vendor: &'static str,
        /// The operation.
        operation: OperationKind,
    },
    /// The vendor refused the operation as a whole.
    #[error("refused: {0}")]
    Refused(Arc<Refusal>),
    /// The answer was lost; the operation may have taken place.
    #[error("the answer was lost; it may have taken place")]
    Unsure,
    /// The client has been stopped.
    #[error("the client has been stopped")]
    Stopped,
}

/// What became of a send.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// Each target with its verdict, in the order given.
    pub verdicts: Vec<(Target, Verdict)>,
    /// What was sent, with its losses and cuts.
    pub prepared: Prepared,
}

impl Report {
    /// How many targets were accepted.
    pub fn accepted(&self) -> usize {
        self.verdicts.iter().filter(|(_, verdict)| verdict.is_accepted()).count()
    }

    /// The targets that the vendor says are gone: delete them.
    pub fn dead_targets(&self) -> impl Iterator<Item = &Target> {
        self.verdicts.iter().filter(|(_, verdict)| verdict.is_dead_target()).map(|(target, _)| target)
    }
}
