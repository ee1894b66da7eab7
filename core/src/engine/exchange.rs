//! The one loop that gets an answer to a request: for tokens, staging, operations and sends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, sleep, timeout_at};

use super::Purpose;
use super::client::Inner;
use super::lane::{LONGEST_PAUSE, Lane, Pass, Ways};
use super::lease::Blame;
use super::retry::Tries;
use crate::transport::{Lost, Wire, origin};
use crate::vendor::{Reply, Request, Signature};
use crate::verdict::{Class, Pause, Refusal, Remedy, Scope};

/// What a reader makes of a reply.
pub(super) enum Read<T> {
    Done(T),
    Refused(Refusal),
    Unsure(Option<Arc<Refusal>>),
}

/// A request that came to nothing.
pub(super) enum Failed {
    Refused(Arc<Refusal>),
    Unsure(Option<Arc<Refusal>>),
    /// The ticket that the request named is gone.
    NewTicket(Arc<Refusal>),
}

/// What one attempt brought.
enum Heard<T> {
    Done(T),
    /// Refused, under which generation of which token.
    Refused(Refusal, Option<u64>),
    Unsure(Option<Arc<Refusal>>),
    /// It could not even go out, and the reason stands.
    Stopped(Arc<Refusal>),
}

enum Cure {
    Stand,
    Again(Duration),
    NewTicket,
}

impl Inner {
    pub(super) async fn exchange<T>(
        self: &Arc<Self>,
        purpose: Purpose,
        request: &Request,
        tries: &mut Tries,
        read: impl Fn(&Reply) -> Read<T>,
    ) -> Result<T, Failed> {
        loop {
            let wait = match self.attempt(purpose, request, tries, &read).await {
                Heard::Done(done) => return Ok(done),
                Heard::Stopped(refusal) => return Err(Failed::Refused(refusal)),
                Heard::Unsure(heard) => {
                    let least = heard.as_ref().map_or(Duration::ZERO, |refusal| self.asked(refusal));
                    tries.unsure = Some(heard);
                    let repeatable = match purpose {
                        Purpose::Send => tries.dedups || self.settings.resend_unsure,
                        _ => !tries.final_when_unsure,
                    };
                    let wait = repeatable.then(|| tries.again(&self.settings, &self.budget, least)).flatten();
                    match wait {
                        Some(wait) => wait,
                        None => return Err(Failed::Unsure(tries.unsure.take().flatten())),
                    }
                }
                Heard::Refused(mut refusal, generation) => {
                    self.classify(&mut refusal);
                    let refusal = Arc::new(refusal);
                    // Without the vendor's text, which may repeat what it was sent.
                    let (class, status, code) = (refusal.class, refusal.status, &*refusal.code);
                    tracing::debug!(vendor = self.profile.id, purpose = purpose.as_str(), %class, status, code, "refused");
                    match self.cure(purpose, request, &refusal, generation, tries) {
                        Cure::Again(wait) => wait,
                        Cure::NewTicket => return Err(Failed::NewTicket(refusal)),
                        Cure::Stand => return Err(Failed::Refused(refusal)),
                    }
                }
            };
            self.meters.retries.increment(1);
            self.rest(wait).await;
        }
    }

    /// Waits for a time, without a place on the wire.
    pub(super) async fn rest(&self, time: Duration) {
        if !time.is_zero() {
            let _waiting = self.wait();
            // Boxed, like all that is seldom waited for: a delivery is moved about and kept by the thousand.
            Box::pin(sleep(time)).await;
        }
    }

    /// Waits until a lane lets a request in.
    async fn enter<'l>(&self, lane: &'l Lane, tries: &mut Tries) -> Result<Pass<'l>, Arc<Refusal>> {
        if let Some(pass) = lane.try_enter() {
            return Ok(pass);
        }
        let _waiting = self.wait();
        let (pass, waited) = Box::pin(lane.enter()).await?;
        tries.excuse(waited);
        Ok(pass)
    }

    /// Waits for a place on the wire. Token requests need none: those who have all the places may
    /// be waiting for one.
    async fn place(&self, purpose: Purpose) -> Option<SemaphorePermit<'_>> {
        if purpose == Purpose::Auth {
            return None;
        }
        match self.slots.try_acquire() {
            Ok(place) => Some(place),
            Err(_) => Box::pin(self.slots.acquire()).await.ok(),
        }
    }

    async fn attempt<T>(
        self: &Arc<Self>,
        purpose: Purpose,
        request: &Request,
        tries: &mut Tries,
        read: &impl Fn(&Reply) -> Read<T>,
    ) -> Heard<T> {
        let Ways { rates, quotas } = self.ways(purpose);
        let lane = rates.lane(&request.lane);
        let quota = (!request.quota.is_empty()).then(|| quotas.lane(request.quota));
        let lease = request.scope.as_ref().map(|scope| (self.tokens.lease(self.profile, scope), scope));
        let (quota_pass, pass, token, slot) = loop {
            let quota_pass = match &quota {
                None => None,
                Some(quota) => match self.enter(quota, tries).await {
                    Ok(pass) => Some(pass),
                    Err(refusal) => return Heard::Stopped(refusal),
                },
            };
            let pass = match self.enter(&lane, tries).await {
                Ok(pass) => pass,
                Err(refusal) => return Heard::Stopped(refusal),
            };
            let token = match &lease {
                None => None,
                Some((lease, scope)) => match self.token(lease, scope).await {
                    Ok(held) => Some(held),
                    // Counted as an attempt, or a dead token endpoint would be asked for ever.
                    Err(refusal) => {
                        tries.attempt(&self.budget);
                        return Heard::Refused(token_refused(&refusal), None);
                    }
                },
            };
            let slot = self.place(purpose).await;
            // Others may have been refused while this one waited for its place.
            let dropped = match (&lease, &token) {
                (Some((lease, _)), Some(held)) => lease.has_dropped(held.generation),
                _ => false,
            };
            if pass.stands() && quota_pass.as_ref().is_none_or(Pass::stands) && !dropped {
                break (quota_pass, pass, token, slot);
            }
        };
        let began = tries.attempt(&self.budget);
        let mut signature = match self.with_cx(|cx| self.vendor.sign(request, cx)) {
            Ok(signature) => signature,
            Err(refusal) => return Heard::Stopped(Arc::new(refusal)),
        };
        if let (Some(token), Some(rule)) = (&token, &self.profile.token) {
            match rule.carry.in_form {
                true => rule.carry.put(token.value.value.clone(), request, &mut signature),
                false => signature.headers.push((token.value.name.clone(), token.value.value.clone())),
            }
        }
        signature.headers.iter_mut().for_each(|(_, value)| value.set_sensitive(true));
        let answer = self.call(purpose, request, &signature, began).await;
        drop(slot);
        let succeed = || {
            pass.succeed();
            quota_pass.iter().for_each(Pass::succeed);
        };
        match answer {
            Ok(reply) => match read(&reply) {
                Read::Done(done) => {
                    succeed();
                    Heard::Done(done)
                }
                Read::Refused(refusal) => {
                    // Any word but "later, all of you" shows that the lane works.
                    let later = matches!(refusal.remedy, Remedy::Again | Remedy::Pause(_));
                    if !later || refusal.scope == Scope::Target {
                        succeed();
                    }
                    Heard::Refused(refusal, token.map(|held| held.generation))
                }
                Read::Unsure(heard) => Heard::Unsure(heard),
            },
            Err(lost) => {
                self.meters.lost.increment(1);
                tracing::debug!(vendor = self.profile.id, purpose = purpose.as_str(), %lost, "no answer");
                let refusal = Refusal::new(Class::Unavailable).text(&lost.reason).remedy(Remedy::Again);
                match lost.maybe_sent {
                    true => Heard::Unsure(Some(Arc::new(refusal))),
                    false => Heard::Refused(refusal, None),
                }
            }
        }
    }

    async fn call(
        &self,
        purpose: Purpose,
        request: &Request,
        signature: &Signature,
        began: Instant,
    ) -> Result<Reply, Lost> {
        self.meters.in_flight.increment(1.0);
        let guard = Decrement(&self.meters.in_flight);
        let unsent = AtomicBool::new(false);
        let wire = Wire { request, signature, max_reply: self.settings.max_reply, unsent: &unsent };
        let until = began.checked_add(self.settings.attempt_timeout).unwrap_or(began + LONGEST_PAUSE);
        let answer = match timeout_at(until, self.transport.call(wire)).await {
            Ok(answer) => answer,
            Err(_) if unsent.load(Ordering::Relaxed) => Err(Lost::not_sent("timed out before it was sent")),
            Err(_) => Err(Lost::maybe_sent("timed out")),
        };
        drop(guard);
        self.meters.answered(purpose, began.elapsed());
        answer.map(|mut reply| {
            reply.retry_after = self.retry_after(&reply);
            reply
        })
    }

    /// `Retry-After` in both its forms (RFC 9110, section 10.2.3), clamped: a vendor may ask for
    /// a while, but not switch a sender off.
    fn retry_after(&self, reply: &Reply) -> Option<Duration> {
        let text = reply.headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
        let asked = match text.parse::<u64>() {
            Ok(seconds) => Duration::from_secs(seconds),
            Err(_) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => Duration::MAX,
            Err(_) => {
                let at = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
                at.saturating_sub(Duration::from_millis(self.clock.now_ms()))
            }
        };
        Some(asked.min(self.settings.max_pause))
    }

    fn cure(
        &self,
        purpose: Purpose,
        request: &Request,
        refusal: &Arc<Refusal>,
        generation: Option<u64>,
        tries: &mut Tries,
    ) -> Cure {
        let once =
            |done: &mut bool| if std::mem::replace(done, true) { Cure::Stand } else { Cure::Again(Duration::ZERO) };
        match refusal.remedy {
            // What is smaller is another request, which the rounds make.
            Remedy::Stand | Remedy::Split => Cure::Stand,
            Remedy::NewTicket => Cure::NewTicket,
            Remedy::Resign => once(&mut tries.resigned),
            Remedy::NewConnection => {
                self.transport.retire(origin(request.url.as_str()));
                once(&mut tries.renewed_connection)
            }
            Remedy::NewToken => {
                let (Some(generation), Some(scope), Some(rule)) = (generation, &request.scope, self.profile.token)
                else {
                    return Cure::Stand;
                };
                match self.tokens.lease(self.profile, scope).blame(generation, rule.min_age) {
                    Blame::TooYoung => Cure::Stand,
                    Blame::Replaced => once(&mut tries.renewed_token),
                    Blame::Dropped => {
                        if rule.per_connection {
                            self.transport.retire(origin(request.url.as_str()));
                        }
                        once(&mut tries.renewed_token)
                    }
                }
            }
            Remedy::Again | Remedy::Pause(_) if refusal.scope == Scope::Lane => {
                let again = tries.again(&self.settings, &self.budget, Duration::ZERO);
                let paused = self.heed(purpose, request, refusal, again.unwrap_or_default());
                match again {
                    None => Cure::Stand,
                    // The lane is where it waits, with everybody else.
                    Some(_) if paused => Cure::Again(Duration::ZERO),
                    Some(wait) => Cure::Again(wait),
                }
            }
            Remedy::Pause(Pause::UntilMidnight { .. }) => Cure::Stand,
            Remedy::Again | Remedy::Pause(Pause::For(_)) => {
                match tries.again(&self.settings, &self.budget, self.asked(refusal)) {
                    Some(wait) => Cure::Again(wait),
                    None => Cure::Stand,
                }
            }
        }
    }

    /// How long a refusal asks to wait.
    pub(super) fn asked(&self, refusal: &Refusal) -> Duration {
        let hint = refusal.retry_after.unwrap_or_default();
        match refusal.remedy {
            Remedy::Pause(Pause::For(wait)) => wait.max(hint),
            Remedy::Pause(Pause::UntilMidnight { utc_offset }) => until_midnight(self.clock.now_ms(), utc_offset),
            _ => hint,
        }
    }

    /// Closes the lane (or the quota) that a refusal is about, if it asks for a wait; `least` is
    /// the back-off that has grown over the attempts. Says whether it did.
    pub(super) fn heed(&self, purpose: Purpose, request: &Request, refusal: &Arc<Refusal>, least: Duration) -> bool {
        let asked = self.asked(refusal);
        if refusal.scope != Scope::Lane || asked.is_zero() {
            return false;
        }
        let until_midnight = matches!(refusal.remedy, Remedy::Pause(Pause::UntilMidnight { .. }));
        let Ways { rates, quotas } = self.ways(purpose);
        let lane = match request.quota {
            quota if until_midnight && !quota.is_empty() => quotas.lane(quota),
            _ => rates.lane(&request.lane),
        };
        lane.close(asked.max(least), refusal);
        self.meters.pauses.increment(1);
        true
    }

    /// A send waits in its lanes for its token, so a token request has lanes of its own.
    fn ways(&self, purpose: Purpose) -> &Ways {
        if purpose == Purpose::Auth { &self.auth_lanes } else { &self.lanes }
    }

    pub(super) fn classify(&self, refusal: &mut Refusal) {
        if let Some(classify) = &self.settings.classify {
            (classify.0)(refusal);
        }
    }
}

/// A send that got no token was not sent. What stood for the token request stands for it;
/// anything else may pass.
fn token_refused(refusal: &Refusal) -> Refusal {
    let again = matches!(refusal.remedy, Remedy::Again | Remedy::Pause(Pause::For(_)));
    let remedy = if again { Remedy::Again } else { Remedy::Stand };
    Refusal { scope: Scope::Target, remedy, ..refusal.clone() }
}

fn until_midnight(now_ms: u64, utc_offset: i8) -> Duration {
    const DAY: i64 = 86_400_000;
    let local = i64::try_from(now_ms).unwrap_or(0) + i64::from(utc_offset) * 3_600_000;
    Duration::from_millis(u64::try_from(DAY - local.rem_euclid(DAY)).unwrap_or(0))
}

/// Counts down also when the call is dropped half-way.
struct Decrement<'a>(&'a metrics::Gauge);

impl Drop for Decrement<'_> {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_is_the_next_one_at_the_offset() {
        // 2023-11-14 22:13:20 UTC is 06:13:20 in China.
        assert_eq!(until_midnight(1_700_000_000_000, 8), Duration::from_secs(17 * 3600 + 46 * 60 + 40));
        assert_eq!(until_midnight(1_700_000_000_000, 0), Duration::from_secs(3600 + 46 * 60 + 40));
    }
}
