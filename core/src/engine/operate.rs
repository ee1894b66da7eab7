//! Operations other than sending: the same exchange, in as many requests as their targets need.

use std::sync::Arc;

use futures::stream::{self, StreamExt as _};

use super::Purpose;
use super::client::Inner;
use super::exchange::{Failed, Read};
use super::report::SendError;
use super::retry::Tries;
use super::rounds::malformed;
use crate::model::Target;
use crate::vendor::{Answer, Found, Offer, Operation, OperationKind, Reply};
use crate::verdict::Verdict;

impl Inner {
    pub(super) async fn operate(self: &Arc<Self>, offer: &Offer, operation: &Operation) -> Result<Answer, SendError> {
        let targets = operation.targets();
        // The targets of a vendor's own call may be aliases or anything else.
        let devices = !matches!(offer.kind, OperationKind::Own(_));
        let good: Vec<Target> =
            targets.iter().filter(|t| !devices || (self.profile.target_ok)(t.as_str())).cloned().collect();
        if good.len() == targets.len() && targets.len() <= offer.max.max(1) {
            return self.operate_once(offer, operation).await;
        }
        let parts: Vec<Operation> =
            good.chunks(offer.max.max(1)).map(|some| operation.with_targets(some.to_vec())).collect();
        let parts: Vec<_> = parts.iter().map(|part| self.operate_part(offer, part)).collect();
        let mut answers = stream::iter(parts).buffered(self.places);
        let (mut verdicts, mut found) = (Vec::with_capacity(good.len()), Found::Nothing);
        while let Some((count, answer)) = answers.next().await {
            match answer {
                Ok(answer) => {
                    verdicts.extend(answer.verdicts);
                    found = found.and(answer.found);
                }
                Err(SendError::Refused(refusal)) => verdicts.resize(verdicts.len() + count, Verdict::Refused(refusal)),
                Err(_) => verdicts.resize(verdicts.len() + count, Verdict::Unsure(None)),
            }
        }
        let mut verdicts = verdicts.into_iter();
        let all = targets.iter().map(|target| {
            let sent = !devices || (self.profile.target_ok)(target.as_str());
            let verdict = if sent { verdicts.next() } else { Some(malformed(self.profile)) };
            verdict.unwrap_or(Verdict::Unsure(None))
        });
        Ok(Answer { verdicts: all.collect(), found })
    }

    async fn operate_part(self: &Arc<Self>, offer: &Offer, part: &Operation) -> (usize, Result<Answer, SendError>) {
        (part.targets().len(), self.operate_once(offer, part).await)
    }

    async fn operate_once(self: &Arc<Self>, offer: &Offer, operation: &Operation) -> Result<Answer, SendError> {
        let refused = |refusal| SendError::Refused(Arc::new(refusal));
        let request = self.with_cx(|cx| self.vendor.operation(operation, cx)).map_err(refused)?;
        let read = |reply: &Reply| match self.vendor.operation_reply(operation, reply) {
            Ok(answer) => Read::Done(answer),
            Err(refusal) => Read::Refused(refusal),
        };
        let mut tries = Tries::new();
        tries.final_when_unsure = !offer.repeats;
        match self.exchange(Purpose::Operate, &request, &mut tries, read).await {
            Ok(mut answer) => {
                answer.verdicts.resize(operation.targets().len().max(1), Verdict::Unsure(None));
                Ok(answer)
            }
            Err(Failed::Refused(refusal) | Failed::NewTicket(refusal)) if tries.unsure.is_none() => {
                Err(SendError::Refused(refusal))
            }
            Err(_) => Err(SendError::Unsure),
        }
    }
}
