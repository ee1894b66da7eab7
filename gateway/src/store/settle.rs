//! What a parcel came to: verdicts, dead tokens and webhook events, in one transaction.

use omnipush::Verdict;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::bindings::forget;
use super::events::{EventRecord, insert_events};
use super::outbox::{ParcelId, TargetOf, written};
use super::revoke::take_out_revoked;
use super::{Store, StoreError, ms};
use crate::decide::Way;

/// One try of a parcel.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    /// Which, from 1.
    pub number: u32,
    /// When it began, in milliseconds since the Unix epoch.
    pub started_ms: u64,
}

/// What a parcel came to.
#[derive(Clone, Debug, Default)]
pub struct Verdicts<'a> {
    /// Each target with its verdict.
    pub verdicts: Vec<(&'a TargetOf, Verdict)>,
    /// Why nothing was sent at all, in words; `None`: something was.
    pub problem: Option<String>,
    /// Targets whose token the vendor called dead, to be dropped from this binding.
    pub dead: Vec<&'a TargetOf>,
    /// Targets that are to be tried again later, which have no verdict yet.
    pub again: Vec<&'a TargetOf>,
    /// When those are due, in milliseconds since the Unix epoch.
    pub again_ms: u64,
    /// Webhook events that come of it.
    pub events: Vec<EventRecord>,
}

impl Store {
    /// Writes what a parcel came to, in one transaction: verdicts, dead tokens, events. The parcel is
    /// gone then, or holds only what goes again.
    ///
    /// # Errors
    /// When the database fails; the parcel is there still.
    pub async fn settle(
        &self,
        id: &ParcelId,
        way: Way,
        attempt: Attempt,
        outcome: &Verdicts<'_>,
        now_ms: u64,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        // Nearly always all of a parcel came to the same: one statement for those, then the others.
        let lines: Vec<Line<'_>> = outcome.verdicts.iter().map(|(_, verdict)| Line::of(verdict)).collect();
        let usual = lines.first().copied();
        let whole = outcome.again.is_empty();
        if let Some(usual) = usual.filter(|_| whole) {
            usual.update(&mut write, id, None, now_ms).await?;
        }
        for ((target, _), line) in outcome.verdicts.iter().zip(&lines) {
            if !whole || Some(*line) != usual {
                line.update(&mut write, id, Some(target), now_ms).await?;
            }
        }
        for target in &outcome.dead {
            forget(&mut write, target, way).await?;
        }
        let count = |state: &str| i64::try_from(lines.iter().filter(|line| line.state == state).count()).unwrap_or(0);
        let sql = "UPDATE attempts SET ended_ms = $5, accepted = $6, refused = $7, unsure = $8, problem = $9 \
                   WHERE message_id = $1 AND note = $2 AND parcel = $3 AND attempt = $4";
        let query = sqlx::query(sql).bind(&id.message).bind(i64::from(id.note)).bind(i64::from(id.parcel));
        let query = query.bind(i64::from(attempt.number)).bind(ms(now_ms));
        let query = query.bind(count("accepted")).bind(count("refused")).bind(count("unsure"));
        query.bind(&outcome.problem).execute(&mut *write).await?;
        let sql = if whole {
            "DELETE FROM parcels WHERE message_id = $1 AND note = $2 AND parcel = $3"
        } else {
            "UPDATE parcels SET sending = 0, targets = $4, due_ms = $5 WHERE message_id = $1 AND note = $2 AND parcel = $3"
        };
        let mut query = sqlx::query(sql).bind(&id.message).bind(i64::from(id.note)).bind(i64::from(id.parcel));
        if !whole {
            let again: Vec<_> = outcome.again.iter().map(|target| target.row()).collect();
            query = query.bind(written(&again)?).bind(ms(outcome.again_ms));
        }
        query.execute(&mut *write).await?;
        if !whole {
            take_out_revoked(&mut write, &id.message, now_ms).await?;
        }
        insert_events(&mut write, &outcome.events).await?;
        write.commit().await?;
        Ok(())
    }
}

/// A verdict as it is kept.
#[derive(Clone, Copy, PartialEq)]
struct Line<'a> {
    state: &'static str,
    class: Option<&'static str>,
    status: Option<u16>,
    code: Option<&'a str>,
    words: Option<&'a str>,
    vendor_id: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn of(verdict: &'a Verdict) -> Self {
        let refusal = verdict.refusal();
        Self {
            state: match verdict {
                Verdict::Accepted { .. } => "accepted",
                Verdict::Refused(_) => "refused",
                Verdict::Unsure(_) => "unsure",
            },
            class: refusal.map(|refusal| refusal.class.as_str()),
            status: refusal.map(|refusal| refusal.status),
            code: refusal.map(|refusal| &*refusal.code),
            words: refusal.map(|refusal| &*refusal.text),
            vendor_id: verdict.message_id(),
        }
    }

    /// Of one target, or of all of the parcel.
    async fn update(
        &self,
        write: &mut SqliteConnection,
        id: &ParcelId,
        target: Option<&TargetOf>,
        now_ms: u64,
    ) -> Result<(), StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("UPDATE deliveries SET state = ");
        query.push_bind(self.state).push(", class = ").push_bind(self.class);
        query.push(", http_status = ").push_bind(self.status.map(i64::from));
        query.push(", code = ").push_bind(self.code).push(", words = ").push_bind(self.words);
        query.push(", vendor_id = ").push_bind(self.vendor_id).push(", done_ms = ").push_bind(ms(now_ms));
        query.push(" WHERE message_id = ").push_bind(&id.message);
        match target {
            Some(target) => {
                query.push(" AND account = ").push_bind(&target.account);
                query.push(" AND device = ").push_bind(&target.device);
            }
            None => {
                query.push(" AND note = ").push_bind(i64::from(id.note));
                // What an earlier try has settled stays as it is.
                query.push(" AND parcel = ").push_bind(i64::from(id.parcel)).push(" AND state = 'queued'");
            }
        }
        query.build().execute(write).await?;
        Ok(())
    }
}
