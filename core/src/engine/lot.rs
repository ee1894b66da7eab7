//! Targets that are delivered together, and how each of them stands.

use smallvec::SmallVec;

use super::prepared::Prepared;
use crate::model::Target;
use crate::vendor::{Item, Shape};
use crate::verdict::{Class, Refusal, Verdict};

/// Targets that are delivered together.
pub(super) struct Lot {
    pub(super) what: What,
    pub(super) targets: Targets,
    /// The shape, where it does not follow from the number of targets.
    pub(super) shape: Option<Shape>,
}

/// Targets, each with its verdict, or nothing while it is open: side by side, as the caller gets
/// them, so that they are put together and moved once.
pub(super) type Targets = SmallVec<[(Target, Option<Verdict>); 1]>;

/// What the targets of a lot get.
pub(super) enum What {
    /// All the same.
    Same(Prepared),
    /// Each its own.
    Each(Vec<Prepared>),
}

/// Places of targets in a lot, in order.
pub(super) type Indexes = SmallVec<[usize; 1]>;

impl Lot {
    #[inline]
    pub(super) fn prepared(&self, at: usize) -> Option<&Prepared> {
        match &self.what {
            What::Same(prepared) => Some(prepared),
            What::Each(all) => all.get(at),
        }
    }

    #[inline]
    pub(super) fn target(&self, at: usize) -> Option<&Target> {
        self.targets.get(at).map(|(target, _)| target)
    }

    /// Some of the targets with what they get in a shape; fewer where it was not prepared for one.
    pub(super) fn items(&self, shape: Shape, set: &Indexes) -> SmallVec<[Item<'_>; 1]> {
        let same = match &self.what {
            What::Same(prepared) => prepared.shape(shape),
            What::Each(_) => None,
        };
        let item = |at: &usize| {
            let encoded = same.or_else(|| self.prepared(*at)?.shape(shape))?;
            Some(Item { encoded, target: self.target(*at)? })
        };
        let mut items = SmallVec::with_capacity(set.len());
        items.extend(set.iter().filter_map(item));
        items
    }

    /// Those that are open.
    pub(super) fn open(&self) -> Indexes {
        // Mostly all of them, or none.
        let Some(first) = self.targets.iter().position(|(_, verdict)| verdict.is_none()) else { return Indexes::new() };
        let mut open = Indexes::with_capacity(self.targets.len() - first);
        let targets = self.targets.iter().enumerate().skip(first);
        open.extend(targets.filter(|(_, (_, verdict))| verdict.is_none()).map(|(at, _)| at));
        open
    }

    #[inline]
    pub(super) fn is_open(&self, at: usize) -> bool {
        matches!(self.targets.get(at), Some((_, None)))
    }

    /// Gives some of the targets the same verdict.
    pub(super) fn settle(&mut self, set: &Indexes, verdict: Verdict) {
        let Some((last, others)) = set.split_last() else { return };
        for at in others {
            self.put(*at, Some(verdict.clone()));
        }
        self.put(*last, Some(verdict));
    }

    /// Gives a target its verdict, or opens it again.
    #[inline]
    pub(super) fn put(&mut self, at: usize, verdict: Option<Verdict>) {
        if let Some((_, before)) = self.targets.get_mut(at) {
            *before = verdict;
        }
    }

    /// What became of the targets, in order.
    pub(super) fn verdicts(self) -> impl ExactSizeIterator<Item = (Target, Verdict)> {
        self.targets.into_iter().map(|(target, verdict)| (target, verdict.unwrap_or_else(no_call)))
    }
}

/// The verdict of a target that stays open.
pub(super) fn no_call() -> Verdict {
    Verdict::Refused(Refusal::new(Class::InvalidRequest).text("the vendor has no call for this").into())
}
