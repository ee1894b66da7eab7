//! Recalled messages: what was not sent is not sent, and what was is taken back where the vendor can.

use std::sync::PoisonError;
use std::time::Duration;

use futures::future::join_all;
use omnipush::{Answer, Class, Operation, Refusal, SendError, Target, Verdict};

use super::Gateway;
use super::worker::{PAUSE, again_at};
use crate::store::{ParcelId, Recalled, StoreError, Withdrawal, Withdrawn};

/// How many notifications are taken back at once.
const AT_ONCE: u32 = 16;

/// How long to wait for a push that is on its way, before it can be taken back.
const ARRIVING: Duration = Duration::from_millis(250);

impl Gateway {
    /// Revokes a message: what was not sent yet is not sent, and where the settings say so, what was is
    /// taken back from phones whose vendor can do that. Says how many parcels were not sent; `None`: the
    /// message is unknown, or was revoked before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(&self, message: &str) -> Result<Option<u64>, StoreError> {
        let dropped = self.0.store.revoke(message, self.settings().withdraw_recalled, self.now_ms()).await?;
        self.0.prepared.lock().unwrap_or_else(PoisonError::into_inner).retain(|(id, _), _| id != message);
        self.0.recalled.notify_one();
        Ok(dropped)
    }

    /// The same for one receiver of a message to many: its other receivers keep theirs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recall(&self, message: &str, account: &str) -> Result<Recalled, StoreError> {
        let withdraw = self.settings().withdraw_recalled;
        let recalled = self.0.store.recall(message, account, withdraw, self.now_ms()).await?;
        if let Recalled::Now(gone) = &recalled {
            gone.iter().for_each(|parcel| self.release(parcel));
        }
        self.0.recalled.notify_one();
        Ok(recalled)
    }

    /// Takes notifications of recalled messages back, until [`stop`](Self::stop).
    pub(super) async fn withdraw_all(&self) {
        let mut stopping = self.0.stopping.subscribe();
        while !*stopping.borrow() {
            let idle = match self.withdraw_due().await {
                Ok(idle) => idle,
                Err(error) => {
                    tracing::error!(%error, "recalled messages cannot be taken back");
                    PAUSE
                }
            };
            tokio::select! {
                () = self.0.recalled.notified() => {}
                () = tokio::time::sleep(idle) => {}
                _ = stopping.changed() => {}
            }
        }
    }

    /// Takes back what is due, and says how long to wait then.
    async fn withdraw_due(&self) -> Result<Duration, StoreError> {
        loop {
            let due = self.0.store.withdrawals_due(AT_ONCE, self.now_ms()).await?;
            if due.is_empty() {
                break;
            }
            let done = join_all(due.iter().map(|withdrawal| self.withdraw(withdrawal))).await;
            let stopped = done.into_iter().collect::<Result<Vec<bool>, _>>()?.contains(&false);
            if stopped {
                return Ok(PAUSE);
            }
        }
        let longest = Duration::from_secs(60);
        Ok(match self.0.store.next_withdrawal().await? {
            Some(due_ms) => Duration::from_millis(due_ms.saturating_sub(self.now_ms())).clamp(ARRIVING, longest),
            None => longest,
        })
    }

    /// Takes one notification back. `false`: the client has been stopped, and it waits.
    async fn withdraw(&self, of: &Withdrawal) -> Result<bool, StoreError> {
        let note = self.0.store.note(&ParcelId { message: of.message.clone(), note: of.note, parcel: 0 }).await?;
        let channel = self.0.certificates.all().get(&note.certificate).cloned();
        // The number that it is shown under, where it was sent with one.
        let options = note.notification.vendors.get(&note.vendor);
        let number = options.and_then(|options| options.get("notify_id")?.as_i64());
        let targets: Vec<Target> = self.0.store.shown_on(of).await?.into_iter().map(Target::from).collect();
        let how = match (channel, number) {
            (Some(channel), Some(notify_id)) if !targets.is_empty() => {
                let answer = channel.push.operate(&Operation::Withdraw { notify_id, targets }).await;
                let again_ms = again_at(of.tries + 1, &self.settings(), self.now_ms());
                match judged(answer) {
                    Judged::Nothing => Withdrawn::Nothing,
                    Judged::Stopped => return Ok(false),
                    Judged::Done => Withdrawn::Settled(None),
                    Judged::Later(words) => again_ms.map_or(Withdrawn::Settled(Some(words)), Withdrawn::Again),
                    Judged::Never(words) => Withdrawn::Settled(Some(words)),
                }
            }
            _ => Withdrawn::Nothing,
        };
        self.0.store.withdrawn(of, &how, self.now_ms()).await?;
        Ok(true)
    }
}

/// What a vendor's answer means.
enum Judged {
    Done,
    /// The vendor has no such operation.
    Nothing,
    /// Nothing was asked, as the client has been stopped.
    Stopped,
    /// It may go well another time.
    Later(String),
    Never(String),
}

fn judged(answer: Result<Answer, SendError>) -> Judged {
    let of = |refusal: &Refusal| match refusal.class {
        Class::Unavailable | Class::RateLimited => Judged::Later(refusal.to_string()),
        _ => Judged::Never(refusal.to_string()),
    };
    match answer {
        Ok(answer) => {
            let mut never = None;
            // One that may go well another time is asked for again, together with all others.
            for verdict in answer.verdicts {
                match verdict {
                    Verdict::Accepted { .. } => {}
                    Verdict::Unsure(_) => return Judged::Later("the vendor's answer was lost".into()),
                    Verdict::Refused(refusal) => match of(&refusal) {
                        Judged::Never(words) => never = Some(words),
                        later => return later,
                    },
                }
            }
            never.map_or(Judged::Done, Judged::Never)
        }
        Err(SendError::Stopped) => Judged::Stopped,
        Err(SendError::NoSuchOperation { .. }) => Judged::Nothing,
        Err(SendError::Refused(refusal)) => of(&refusal),
        Err(error) => Judged::Later(error.to_string()),
    }
}
