//! Rounds over the targets that are still open, until each has exactly one verdict.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::Purpose;
use super::client::Inner;
use super::exchange::{Failed, Read};
use super::lease::{Fresh, Held, Lease};
use super::lot::{Indexes, Lot, What, no_call};
use super::prepared::Prepared;
use super::request_id::{random_id, request_id};
use super::retry::Tries;
use crate::error::EncodeError;
use crate::vendor::{Call, Outcome, Profile, Reply, Request, Set, Shape};
use crate::verdict::{Class, Pause, Refusal, Remedy, Scope, Verdict};

/// A saved message is used for as long as the vendor keeps it; it says so when it is gone.
const TICKET_LIFETIME: Duration = Duration::from_secs(365 * 86_400);

/// What a request came to.
enum Heard {
    /// The same for all of its targets.
    Whole(Verdict),
    /// One for each, in order, and how long the longest wait is that any of them asks for.
    Each(Vec<Verdict>, Option<Duration>),
    /// One of the targets spoils it; the refusal of all stands unless smaller sets go.
    Spoiled(Verdict),
    /// Nothing yet: it goes again, at once or after a while.
    Nothing(Option<Duration>),
}

/// What comes after a round.
enum Next {
    /// The next one, at once.
    Go,
    /// The next one, after a while.
    Wait(Duration),
    /// One of the targets spoils the request; the refusal of all stands unless smaller sets go.
    Spoiled,
}

impl From<Option<Duration>> for Next {
    fn from(wait: Option<Duration>) -> Self {
        wait.map_or(Self::Go, Self::Wait)
    }
}

/// How small the sets are while an unnamed target spoils them: half with every spoiled one,
/// double with every other. One bad target among n costs about 2·log2(n) requests; the number of
/// splits is limited, so that a list in which everything is bad does not become n requests.
struct Split {
    most: usize,
    left: u8,
}

impl Split {
    const MOST: u8 = 64;

    fn new() -> Self {
        Self { most: usize::MAX, left: Self::MOST }
    }

    fn narrow(&self, set: &Indexes) -> Indexes {
        Indexes::from_slice(set.get(..self.most).unwrap_or(set))
    }

    /// Whether the targets of a round go again.
    fn goes_on(&mut self, spoiled: bool, size: usize) -> bool {
        let again = spoiled && size > 1 && self.left > 0;
        if again {
            self.left -= 1;
            self.most = size / 2;
        } else {
            self.most = self.most.saturating_mul(2);
        }
        again
    }
}

impl Inner {
    /// Sends to the targets of a lot and gives each its verdict.
    pub(super) async fn deliver(self: &Arc<Self>, lot: &mut Lot) {
        self.check(lot);
        while let Some((call, mut set)) = self.pick(lot, lot.open()) {
            let (mut tries, mut split) = (Tries::new(), Split::new());
            let mut next = Some((call, set.clone()));
            while let Some((call, now)) = next {
                let spoiled = match self.round(lot, call, &now, &mut tries).await {
                    Next::Go => false,
                    Next::Wait(wait) => {
                        self.rest(wait).await;
                        false
                    }
                    Next::Spoiled => true,
                };
                if split.goes_on(spoiled, now.len()) {
                    now.iter().for_each(|at| lot.put(*at, None));
                    tries = Tries::new();
                }
                set.retain(|at| lot.is_open(*at));
                next = self.pick(lot, split.narrow(&set));
            }
        }
        self.meters.verdicts(lot.targets.iter_mut().map(|(_, verdict)| &*verdict.get_or_insert_with(no_call)));
    }

    /// Gives targets that cannot be the vendor's their verdict.
    fn check(&self, lot: &mut Lot) {
        if lot.shape.is_none_or(Shape::is_device) {
            let target_ok = self.profile.target_ok;
            for (_, verdict) in lot.targets.iter_mut().filter(|(target, _)| !target_ok(target.as_str())) {
                *verdict = Some(malformed(self.profile));
            }
        }
    }

    /// The call for what is open, and the targets that go into it.
    fn pick(&self, lot: &Lot, mut open: Indexes) -> Option<(Call, Indexes)> {
        let first = *open.first()?;
        let call = match lot.shape {
            Some(shape) => self.profile.call(shape),
            None => self.profile.call_for(open.len()),
        }?;
        if call.shape == Shape::Each {
            // One request carries one group, and no target twice: answers are told apart by target.
            let group = |at: usize| lot.prepared(at).and_then(|p| p.shape(Shape::Each)).map(|e| e.group);
            let mut seen = std::collections::HashSet::new();
            open.retain(|at| group(*at) == group(first) && lot.target(*at).is_some_and(|t| seen.insert(t)));
        }
        let encoded = lot.prepared(first).and_then(|prepared| prepared.shape(call.shape));
        open.truncate(encoded.map_or(call.max, |encoded| encoded.share(call, open.len())));
        Some((call, open))
    }

    /// One request for one set of targets, and what it comes to for them.
    async fn round(self: &Arc<Self>, lot: &mut Lot, call: Call, set: &Indexes, tries: &mut Tries) -> Next {
        let (verdict, next) = match self.ask(lot, call, set, tries).await {
            Heard::Whole(verdict) => (verdict, Next::Go),
            Heard::Spoiled(verdict) => (verdict, Next::Spoiled),
            Heard::Nothing(wait) => return wait.into(),
            Heard::Each(verdicts, wait) => {
                let mut verdicts = verdicts.into_iter();
                for at in set {
                    lot.put(*at, Some(verdicts.next().unwrap_or(Verdict::Unsure(None))));
                }
                return wait.and_then(|wait| self.reopen(set, lot, tries, wait)).into();
            }
        };
        lot.settle(set, verdict);
        next
    }

    /// One request for one set of targets.
    async fn ask(self: &Arc<Self>, lot: &Lot, call: Call, set: &Indexes, tries: &mut Tries) -> Heard {
        let items = lot.items(call.shape, set);
        let prepared_at = |at: usize| lot.prepared(*set.get(at)?);
        let Some(prepared) = prepared_at(0).filter(|_| items.len() == set.len()) else {
            return Heard::Whole(refused(Refusal::new(Class::InvalidRequest).text("not prepared for this call")));
        };
        // Where all get the same, the first says it for all.
        let kinds = if matches!(lot.what, What::Same(_)) { 1 } else { items.len() };
        tries.dedups = items.iter().take(kinds).all(|item| item.encoded.dedups.unwrap_or(self.profile.dedups));
        let mut buffer = Uuid::encode_buffer();
        let request_id: &str = match items.iter().take(kinds).any(|item| item.encoded.has_request_id) {
            true => request_id(call.shape, &items, prepared_at).hyphenated().encode_lower(&mut buffer),
            false => "",
        };
        let ticket = match prepared.0.ticket.as_ref().filter(|_| call.staged) {
            None => Ok(None),
            Some(lease) => Box::pin(self.ticket(lease, call, prepared)).await.map(Some),
        };
        let ticket = match ticket {
            Ok(ticket) => ticket,
            Err(refusal) => {
                // Staging is tried by one for all; the others wait and come again.
                tries.attempt(&self.budget);
                let least = self.asked(&refusal);
                let wait = goes_again(&refusal).then(|| tries.again(&self.settings, &self.budget, least)).flatten();
                return if wait.is_some() { Heard::Nothing(wait) } else { Heard::Whole(Verdict::Refused(refusal)) };
            }
        };
        let ticket_text = ticket.as_ref().map_or("", |held| &held.value);
        let wire_set = Set { shape: call.shape, items: &items, ticket: ticket_text, request_id };
        let request = match self.with_cx(|cx| self.vendor.request(&wire_set, cx)) {
            Ok(request) => request,
            Err(refusal) => return Heard::Whole(refused(refusal)),
        };
        let read = |reply: &Reply| read(self.vendor.decode(reply, &wire_set));
        let outcome = self.exchange(Purpose::Send, &request, tries, read).await;
        let unsure = tries.unsure.is_some();
        match outcome {
            Ok(Outcome::Whole(verdict)) => Heard::Whole(certain(verdict, unsure)),
            Ok(Outcome::Each(mut verdicts)) => {
                verdicts.truncate(set.len());
                let wait = self.weigh(&mut verdicts, &request, unsure);
                Heard::Each(verdicts, wait)
            }
            Err(Failed::Unsure(heard)) => Heard::Whole(Verdict::Unsure(heard)),
            Err(Failed::Refused(refusal)) => {
                let spoiled = refusal.remedy == Remedy::Split && !unsure;
                let verdict = certain(Verdict::Refused(refusal), unsure);
                if spoiled { Heard::Spoiled(verdict) } else { Heard::Whole(verdict) }
            }
            Err(Failed::NewTicket(refusal)) => {
                if let (Some(held), Some(lease)) = (&ticket, &prepared.0.ticket) {
                    lease.blame(held.generation, Duration::ZERO);
                }
                // Others may have staged anew by then; this set still may ask only once.
                match std::mem::replace(&mut tries.renewed_ticket, true) || unsure {
                    true => Heard::Whole(certain(Verdict::Refused(refusal), unsure)),
                    false => Heard::Nothing(None),
                }
            }
        }
    }

    /// Looks at the refusals of single targets: the last word on each, the pause that any asks
    /// everybody for, and the longest wait of those that go again.
    fn weigh(&self, verdicts: &mut [Verdict], request: &Request, unsure: bool) -> Option<Duration> {
        let (mut wait, mut pause) = (None, None::<&Arc<Refusal>>);
        for verdict in verdicts {
            if !matches!(verdict, Verdict::Refused(_)) {
                continue;
            }
            let heard = std::mem::replace(verdict, Verdict::Unsure(None));
            *verdict = self.last_word(certain(heard, unsure));
            let Verdict::Refused(refusal) = &*verdict else { continue };
            let asked = self.asked(refusal);
            if goes_again(refusal) {
                wait = wait.max(Some(asked));
            }
            if refusal.scope == Scope::Lane && pause.is_none_or(|other| self.asked(other) < asked) {
                pause = Some(refusal);
            }
        }
        if let Some(refusal) = pause {
            self.heed(Purpose::Send, request, refusal, Duration::ZERO);
        }
        wait
    }

    /// Opens the targets again that were refused for a while, if there are tries left.
    fn reopen(&self, set: &Indexes, lot: &mut Lot, tries: &mut Tries, least: Duration) -> Option<Duration> {
        let wait = tries.again(&self.settings, &self.budget, least)?;
        self.meters.retries.increment(1);
        for at in set {
            if let Some((_, verdict)) = lot.targets.get_mut(*at)
                && matches!(verdict, Some(Verdict::Refused(refusal)) if goes_again(refusal))
            {
                *verdict = None;
            }
        }
        Some(wait)
    }

    /// Lets the caller's classification see the refusal of one target.
    fn last_word(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Refused(refusal) if self.settings.classify.is_some() => {
                let mut refusal = Refusal::clone(&refusal);
                self.classify(&mut refusal);
                Verdict::Refused(Arc::new(refusal))
            }
            other => other,
        }
    }

    /// The ticket of a staged message.
    async fn ticket(
        self: &Arc<Self>,
        lease: &Arc<Lease<Arc<str>>>,
        call: Call,
        prepared: &Prepared,
    ) -> Result<Arc<Held<Arc<str>>>, Arc<Refusal>> {
        let _waiting = self.wait();
        let stage = |_| {
            let (inner, prepared) = (Arc::clone(self), prepared.clone());
            async move { inner.stage(&prepared, call.shape).await }
        };
        lease.get(stage).await
    }

    async fn stage(self: &Arc<Self>, prepared: &Prepared, shape: Shape) -> Result<Fresh<Arc<str>>, Refusal> {
        let encoded = prepared.shape(shape).ok_or_else(|| Refusal::new(Class::InvalidRequest).text("not prepared"))?;
        // Each staging has an id of its own: under an old one the vendor would answer with the
        // ticket that is gone.
        let mut buffer = Uuid::encode_buffer();
        let request_id: &str = random_id().hyphenated().encode_lower(&mut buffer);
        let request = self.with_cx(|cx| self.vendor.stage(encoded, request_id, cx))?;
        let read = |reply: &Reply| match self.vendor.staged(reply) {
            Ok(ticket) => Read::Done(ticket),
            Err(refusal) => Read::Refused(refusal),
        };
        match self.exchange(Purpose::Stage, &request, &mut Tries::new(), read).await {
            Ok(ticket) => Ok(Fresh {
                value: ticket,
                generation: fastrand::u64(..),
                age: Duration::ZERO,
                lifetime: TICKET_LIFETIME,
            }),
            Err(Failed::Refused(refusal) | Failed::NewTicket(refusal) | Failed::Unsure(Some(refusal))) => {
                Err(Refusal::clone(&refusal))
            }
            Err(Failed::Unsure(None)) => {
                Err(Refusal::new(Class::Unavailable).text("the staging request was not answered"))
            }
        }
    }
}

/// A verdict for every pair of a stream whose notification cannot be encoded.
pub(super) fn not_encoded(error: &EncodeError) -> Verdict {
    refused(error.refusal())
}

fn refused(refusal: Refusal) -> Verdict {
    Verdict::Refused(Arc::new(refusal))
}

fn read(outcome: Outcome) -> Read<Outcome> {
    match outcome {
        Outcome::Whole(Verdict::Refused(refusal)) => Read::Refused(Arc::unwrap_or_clone(refusal)),
        Outcome::Whole(Verdict::Unsure(heard)) => Read::Unsure(heard),
        other => Read::Done(other),
    }
}

/// After an answer was lost, a refusal does not say that the first attempt came to nothing;
/// only a dead target does.
fn certain(verdict: Verdict, unsure: bool) -> Verdict {
    match verdict {
        Verdict::Refused(refusal) if unsure && refusal.class != Class::InvalidToken => Verdict::Unsure(Some(refusal)),
        other => other,
    }
}

/// The verdict of a target that was not sent because it cannot be one of this vendor's.
pub(super) fn malformed(profile: &Profile) -> Verdict {
    let text = format!("malformed target, not sent: must be {}", profile.target_form);
    refused(Refusal::new(Class::InvalidRequest).code("malformed_target").text(&text))
}

fn goes_again(refusal: &Refusal) -> bool {
    let while_others_go = refusal.scope == Scope::Target;
    match refusal.remedy {
        Remedy::Again => true,
        Remedy::Pause(Pause::For(_)) => true,
        Remedy::Resign => while_others_go,
        _ => false,
    }
}
