//! The worker: takes parcels out of the outbox, sends them, and writes what they came to.
//!
//! A parcel is marked before it goes out. When the process is killed, what was not marked is sent
//! after the restart; what was may have been sent, and the settings say whether it goes again.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use omnipush::{Class, Prepared, Refusal, SendError, Target, Verdict};
use tokio::task::JoinSet;

use super::{Gateway, Kept};
use crate::certificates::Channel;
use crate::decide::Way;
use crate::model::{ResendUnsure, Settings};
use crate::store::{Attempt, EventRecord, Parcel, ParcelId, StoreError, TargetOf, Verdicts};

/// How many parcels are on their way at once, in all and of one certificate: a vendor that hangs
/// leaves room for the others.
const AT_ONCE: usize = 64;
const OF_ONE: usize = 16;

/// How long to wait when the database fails.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

impl Gateway {
    /// Sends what was accepted, from now on until [`stop`](Self::stop), and then waits for what is
    /// on its way. Run it once, in a task of its own.
    ///
    /// # Errors
    /// When the database fails at the start; later failures are logged and tried again.
    pub async fn run(&self) -> Result<(), StoreError> {
        self.recover().await?;
        tokio::join!(self.send_all(), self.withdraw_all());
        Ok(())
    }

    /// Sends what was accepted, until [`stop`](Self::stop).
    async fn send_all(&self) {
        let mut stopping = self.0.stopping.subscribe();
        let mut tasks: JoinSet<u32> = JoinSet::new();
        let mut of_one: HashMap<u32, usize> = HashMap::new();
        let mut more = true;
        while !*stopping.borrow() {
            while let Some(done) = tasks.try_join_next() {
                settle_count(&mut of_one, done);
                more = true;
            }
            let room = AT_ONCE.saturating_sub(tasks.len());
            if more && room > 0 {
                let busy: Vec<u32> = of_one.iter().filter(|(_, n)| **n >= OF_ONE).map(|(id, _)| *id).collect();
                match self.0.store.claim(room.min(OF_ONE), &busy, self.now_ms()).await {
                    Ok(parcels) => {
                        more = !parcels.is_empty();
                        for parcel in parcels {
                            let this = self.clone();
                            *of_one.entry(parcel.certificate).or_default() += 1;
                            tasks.spawn(async move {
                                this.send(&parcel).await;
                                parcel.certificate
                            });
                        }
                        continue;
                    }
                    Err(error) => {
                        tracing::error!(%error, "parcels cannot be taken from the outbox");
                        tokio::time::sleep(PAUSE).await;
                        continue;
                    }
                }
            }
            let idle = self.until_due().await;
            tokio::select! {
                _ = self.0.wake.notified() => more = true,
                () = tokio::time::sleep(idle) => more = true,
                Some(done) = tasks.join_next(), if !tasks.is_empty() => {
                    settle_count(&mut of_one, done);
                    more = true;
                }
                _ = stopping.changed() => {}
            }
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Takes no more messages in and no more parcels out. [`run`](Self::run) returns when what is on
    /// its way has been settled; what waits is sent after a restart.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
        self.0.wake.notify_one();
    }

    /// Waits until nothing waits in the outbox, nothing is on its way, and nothing is to be taken back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drained(&self) -> Result<(), StoreError> {
        let store = &self.0.store;
        while store.outbox_depth().await? != (0, 0) || store.next_withdrawal().await?.is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    async fn until_due(&self) -> Duration {
        let longest = Duration::from_secs(60);
        match self.0.store.next_due().await {
            Ok(Some(due_ms)) => Duration::from_millis(due_ms.saturating_sub(self.now_ms()).max(20)).min(longest),
            Ok(None) => longest,
            Err(_) => PAUSE,
        }
    }

    /// Decides about what was on its way when the process ended.
    async fn recover(&self) -> Result<(), StoreError> {
        let settings = self.settings();
        for parcel in self.0.store.interrupted().await? {
            let channel = self.0.certificates.all().get(&parcel.certificate).cloned();
            let again = match settings.resend_unsure {
                ResendUnsure::Always => true,
                ResendUnsure::Never => false,
                ResendUnsure::WhereSafe => channel.is_some_and(|channel| channel.push.profile().dedups),
            };
            let revoked =
                self.0.store.message(&parcel.id.message).await?.is_none_or(|found| found.revoked_ms.is_some());
            if again && !revoked {
                self.0.store.put_back(&parcel.id, self.now_ms(), true).await?;
                continue;
            }
            let unsure = parcel.targets.iter().map(|target| (target, Verdict::Unsure(None))).collect();
            let problem = Some("the process ended while it was on its way".to_owned());
            let outcome = Verdicts { verdicts: unsure, problem, ..Verdicts::default() };
            self.settle(&parcel, self.now_ms(), outcome).await?;
        }
        Ok(())
    }

    /// Sends a parcel, and writes what it came to.
    async fn send(&self, parcel: &Parcel) {
        let started_ms = self.now_ms();
        let outcome = self.outcome(parcel).await;
        let Some(outcome) = outcome else {
            // Nothing was sent: it stays, for another time or another process.
            while let Err(error) = self.0.store.put_back(&parcel.id, self.now_ms(), false).await {
                tracing::error!(%error, message = parcel.id.message, "a parcel cannot be put back");
                tokio::time::sleep(PAUSE).await;
            }
            return;
        };
        // What was sent must be written, however long that takes: it would be sent again else.
        while let Err(error) = self.settle(parcel, started_ms, outcome.clone()).await {
            tracing::error!(%error, message = parcel.id.message, "verdicts cannot be written");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What a parcel comes to; `None`: nothing was sent, as the client has been stopped.
    async fn outcome<'a>(&self, parcel: &'a Parcel) -> Option<Verdicts<'a>> {
        let (channel, prepared) = match self.encoded(&parcel.id, parcel.certificate).await {
            Ok(Some(found)) => found,
            Ok(None) => return Some(refused(parcel, Class::PermissionDenied, "the certificate is gone")),
            Err(Unfit::Store(error)) => {
                tracing::error!(%error, message = parcel.id.message, "a notification cannot be read");
                return Some(refused(parcel, Class::Unknown, "the notification cannot be read"));
            }
            Err(Unfit::Encode(words)) => return Some(refused(parcel, Class::InvalidRequest, &words)),
        };
        let targets = parcel.targets.iter().map(|target| Target::from(target.token.as_str())).collect();
        let report = match channel.push.send_prepared(&prepared, targets).await {
            Ok(report) => report,
            Err(SendError::Stopped) => return None,
            Err(error) => return Some(refused(parcel, Class::InvalidRequest, &error.to_string())),
        };
        // One verdict for each target, in their order.
        let verdicts = parcel.targets.iter().zip(report.verdicts.into_iter().map(|(_, verdict)| verdict));
        Some(sorted(verdicts, parcel.tries, &self.settings(), self.now_ms()))
    }

    /// The channel and the encoded notification of a parcel; `None`: the certificate is gone.
    async fn encoded(&self, id: &ParcelId, certificate: u32) -> Result<Option<(Arc<Channel>, Prepared)>, Unfit> {
        let Some(channel) = self.0.certificates.all().get(&certificate).cloned() else { return Ok(None) };
        let key = (id.message.clone(), id.note);
        let kept = self.0.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        // Encoded for another client, it would bear the old one's settings.
        if let Some(kept) = kept.filter(|kept| Arc::ptr_eq(&kept.channel, &channel)) {
            return Ok(Some((channel, kept.prepared)));
        }
        let note = self.0.store.note(id).await.map_err(Unfit::Store)?;
        let prepared = channel.push.prepare(&note.notification).map_err(|error| Unfit::Encode(error.to_string()))?;
        let mut all = self.0.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let parcels = all.get(&key).map_or(1, |kept| kept.parcels);
        all.insert(key, Kept { channel: Arc::clone(&channel), prepared: prepared.clone(), parcels });
        Ok(Some((channel, prepared)))
    }

    async fn settle(&self, parcel: &Parcel, started_ms: u64, mut outcome: Verdicts<'_>) -> Result<(), StoreError> {
        let (settings, now_ms) = (self.settings(), self.now_ms());
        let note = self.0.store.note(&parcel.id).await?;
        if settings.drop_dead_tokens {
            let dead = outcome.verdicts.iter().filter(|(_, verdict)| verdict.is_dead_target());
            outcome.dead = dead.map(|(target, _)| *target).collect();
        }
        let event = |(target, verdict): &(&TargetOf, Verdict)| -> Option<EventRecord> {
            self.event_of(&parcel.id.message, target, &note.vendor, Ok(verdict), now_ms)
        };
        outcome.events = outcome.verdicts.iter().filter_map(event).collect();
        let attempt = Attempt { number: parcel.tries, started_ms };
        let way: Way = note.way;
        self.0.store.settle(&parcel.id, way, attempt, &outcome, now_ms).await?;
        if outcome.again.is_empty() {
            self.release(&parcel.id);
        } else {
            self.0.wake.notify_one();
        }
        Ok(())
    }

    /// Forgets an encoded notification with its last parcel.
    pub(super) fn release(&self, id: &ParcelId) {
        let mut all = self.0.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (id.message.clone(), id.note);
        if let Some(kept) = all.get_mut(&key) {
            kept.parcels = kept.parcels.saturating_sub(1);
            if kept.parcels == 0 {
                all.remove(&key);
            }
        }
    }
}

/// Why a parcel cannot be encoded.
enum Unfit {
    Store(StoreError),
    Encode(String),
}

fn settle_count(of_one: &mut HashMap<u32, usize>, done: Result<u32, tokio::task::JoinError>) {
    match done {
        Ok(certificate) => {
            if let Some(n) = of_one.get_mut(&certificate) {
                *n = n.saturating_sub(1);
            }
        }
        Err(error) => tracing::error!(%error, "a parcel's task failed; it is settled after a restart"),
    }
}

fn refused<'a>(parcel: &'a Parcel, class: Class, words: &str) -> Verdicts<'a> {
    let verdict = Verdict::Refused(Arc::new(Refusal::new(class).text(words)));
    let verdicts = parcel.targets.iter().map(|target| (target, verdict.clone())).collect();
    Verdicts { verdicts, problem: Some(words.to_owned()), ..Verdicts::default() }
}

/// Tells what is settled from what goes again: refusals that only say "not now", as long as the push
/// is not too old. What may have been sent never goes again from here.
fn sorted<'a>(
    verdicts: impl Iterator<Item = (&'a TargetOf, Verdict)>,
    tries: u32,
    settings: &Settings,
    now_ms: u64,
) -> Verdicts<'a> {
    let mut sorted = Verdicts::default();
    let again_ms = again_at(tries, settings, now_ms);
    let later = |verdict: &Verdict| match verdict {
        Verdict::Refused(refusal) => matches!(refusal.class, Class::Unavailable | Class::RateLimited),
        _ => false,
    };
    for (target, verdict) in verdicts {
        if again_ms.is_some() && later(&verdict) {
            sorted.again.push(target)
        } else {
            sorted.verdicts.push((target, verdict))
        }
    }
    sorted.again_ms = again_ms.unwrap_or(now_ms);
    sorted
}

/// When something that was tried so often is tried again; `None`: never.
pub(super) fn again_at(tries: u32, settings: &Settings, now_ms: u64) -> Option<u64> {
    // 2 s, 4 s, 8 s, ... a minute at most.
    let wait = |tries: u32| (1_u64 << tries.min(6)).min(60);
    let waited: u64 = (1..=tries).map(wait).sum();
    (waited <= u64::from(settings.retry_seconds)).then(|| now_ms.saturating_add(wait(tries) * 1000))
}
