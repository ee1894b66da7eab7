//! The durable outbox: what was accepted is written in one transaction, sent in parcels, and gone
//! when its verdicts are written.

use std::collections::BTreeMap;

use omnipush::{Notification, Verdict};
use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::messages::MessageRecord;
use super::{Store, StoreError, ms, small, unsigned};
use crate::decide::{Silence, Way};
use crate::rules::Rule;

/// A message with everything that was decided about it.
#[derive(Clone, Debug)]
pub struct Accepted<'a> {
    /// The message.
    pub message: &'a MessageRecord,
    /// What makes a repeat of it, and until when; `None`: nothing does.
    pub fingerprint: Option<(String, u64)>,
    /// The notifications; their place is their number.
    pub notes: &'a [NoteRecord],
    /// What was decided about each device.
    pub judged: &'a [Judged],
    /// What goes out.
    pub parcels: &'a [Parcel],
    /// The badges that devices have from now on: account, device, number.
    pub badges: &'a [(String, String, u32)],
    /// Webhook events that are due already.
    pub events: &'a [EventRecord],
}

/// A notification as it is kept.
#[derive(Clone, Debug)]
pub struct NoteRecord {
    /// The certificate's number.
    pub certificate: u32,
    /// The vendor's id.
    pub vendor: String,
    /// Which binding it takes.
    pub way: Way,
    /// What is sent.
    pub notification: Notification,
    /// The rules that shaped it.
    pub rules: Vec<Rule>,
    /// What was lost or cut in mapping, in words.
    pub losses: Vec<String>,
}

/// What was decided about one device.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The account.
    pub account: String,
    /// The device; empty: the user has none.
    pub device: String,
    /// What came out of it.
    pub outcome: Result<Queued, Silence>,
}

/// A push that was put into the outbox.
#[derive(Clone, Debug)]
pub struct Queued {
    /// The rule by which it is due.
    pub rule: Rule,
    /// The number of its notification.
    pub note: usize,
    /// The number of its parcel among that notification's.
    pub parcel: usize,
    /// The token.
    pub token: String,
}

/// Names a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParcelId {
    /// The message.
    pub message: String,
    /// The number of the notification.
    pub note: u32,
    /// The number among that notification's parcels.
    pub parcel: u32,
}

/// One target of a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetOf {
    /// The account.
    pub account: String,
    /// The device.
    pub device: String,
    /// The token.
    pub token: String,
}

/// Targets of one notification that go out together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Which it is.
    pub id: ParcelId,
    /// The certificate's number.
    pub certificate: u32,
    /// The targets.
    pub targets: Vec<TargetOf>,
    /// How often it went out before.
    pub tries: u32,
}

/// A webhook event that is to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// Its own id: the same event is kept once.
    pub id: String,
    /// The command, such as `Push.OfflinePush`.
    pub command: String,
    /// The event, as JSON.
    pub body: String,
    /// When it may be posted, in milliseconds since the Unix epoch.
    pub due_ms: u64,
    /// How often that was tried.
    pub tries: u32,
}

/// Whether a message was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// It was, and will be sent whatever happens.
    New,
    /// It is a repeat of this message (R39).
    RepeatOf(String),
}

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
    /// Takes a message in, with everything that was decided, in one transaction.
    ///
    /// # Errors
    /// When the database fails; nothing was taken in then.
    pub async fn accept(&self, accepted: &Accepted<'_>, now_ms: u64) -> Result<Seal, StoreError> {
        let mut write = self.begin().await?;
        let message = accepted.message;
        if let Some((fingerprint, until_ms)) = &accepted.fingerprint {
            let sql = "INSERT INTO repeats (fingerprint, message_id, until_ms) VALUES ($1, $2, $3) \
                       ON CONFLICT (fingerprint) DO UPDATE SET message_id = excluded.message_id, \
                       until_ms = excluded.until_ms WHERE repeats.until_ms <= $4";
            let query = sqlx::query(sql).bind(fingerprint).bind(&message.id).bind(ms(*until_ms)).bind(ms(now_ms));
            if query.execute(&mut *write).await?.rows_affected() == 0 {
                let sql = "SELECT message_id FROM repeats WHERE fingerprint = $1";
                let first = sqlx::query_scalar(sql).bind(fingerprint).fetch_one(&mut *write).await?;
                return Ok(Seal::RepeatOf(first));
            }
        }
        message.insert(&mut write).await?;
        insert_notes(&mut write, &message.id, accepted.notes).await?;
        insert_judged(&mut write, &message.id, accepted.judged, now_ms).await?;
        insert_parcels(&mut write, accepted.parcels, now_ms).await?;
        update_badges(&mut write, accepted.badges).await?;
        insert_events(&mut write, accepted.events).await?;
        write.commit().await?;
        Ok(Seal::New)
    }

    /// Takes parcels that are due out for sending, but for those of certificates that are busy. From
    /// then on they may have been sent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, at_most: usize, busy: &[u32], now_ms: u64) -> Result<Vec<Parcel>, StoreError> {
        let mut write = self.begin().await?;
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT p.message_id, p.note, p.parcel, n.certificate, p.targets, p.tries FROM parcels p \
             JOIN notes n ON n.message_id = p.message_id AND n.note = p.note WHERE p.sending = 0 AND p.due_ms <= ",
        );
        query.push_bind(ms(now_ms));
        if !busy.is_empty() {
            query.push(" AND n.certificate NOT IN (");
            let mut list = query.separated(", ");
            for certificate in busy {
                list.push_bind(i64::from(*certificate));
            }
            query.push(")");
        }
        query.push(" ORDER BY p.due_ms, p.message_id, p.note, p.parcel LIMIT ");
        query.push_bind(i64::try_from(at_most).unwrap_or(i64::MAX));
        let rows = query.build().fetch_all(&mut *write).await?;
        let mut parcels = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut parcel = read_parcel(row)?;
            parcel.tries += 1;
            let ParcelId { message, note, parcel: number } = &parcel.id;
            let sql = "UPDATE parcels SET sending = 1, tries = $4 WHERE message_id = $1 AND note = $2 AND parcel = $3";
            let query = sqlx::query(sql).bind(message).bind(i64::from(*note)).bind(i64::from(*number));
            query.bind(i64::from(parcel.tries)).execute(&mut *write).await?;
            let sql =
                "INSERT INTO attempts (message_id, note, parcel, attempt, started_ms) VALUES ($1, $2, $3, $4, $5)";
            let query = sqlx::query(sql).bind(message).bind(i64::from(*note)).bind(i64::from(*number));
            query.bind(i64::from(parcel.tries)).bind(ms(now_ms)).execute(&mut *write).await?;
            parcels.push(parcel);
        }
        write.commit().await?;
        Ok(parcels)
    }

    /// Parcels that were on their way when the process ended. Whether they were sent is not known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn interrupted(&self) -> Result<Vec<Parcel>, StoreError> {
        let sql = "SELECT p.message_id, p.note, p.parcel, n.certificate, p.targets, p.tries FROM parcels p \
                   JOIN notes n ON n.message_id = p.message_id AND n.note = p.note WHERE p.sending = 1";
        sqlx::query(sql).fetch_all(&self.readers).await?.iter().map(read_parcel).collect()
    }

    /// Puts a parcel back, to be sent again at a time. `resent`: it may have been sent, and its
    /// deliveries are marked so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_back(&self, id: &ParcelId, due_ms: u64, resent: bool) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "UPDATE parcels SET sending = 0, due_ms = $4 WHERE message_id = $1 AND note = $2 AND parcel = $3";
        let query = sqlx::query(sql).bind(&id.message).bind(i64::from(id.note)).bind(i64::from(id.parcel));
        query.bind(ms(due_ms)).execute(&mut *write).await?;
        if resent {
            let sql = "UPDATE deliveries SET resent = 1 WHERE message_id = $1 AND note = $2 AND parcel = $3";
            let query = sqlx::query(sql).bind(&id.message).bind(i64::from(id.note)).bind(i64::from(id.parcel));
            query.execute(&mut *write).await?;
        }
        write.commit().await?;
        Ok(())
    }

    /// The notification of a parcel.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note(&self, id: &ParcelId) -> Result<NoteRecord, StoreError> {
        let sql = "SELECT certificate, vendor, way, notification, rules, losses FROM notes \
                   WHERE message_id = $1 AND note = $2";
        let query = sqlx::query(sql).bind(&id.message).bind(i64::from(id.note));
        super::messages::read_note(&query.fetch_one(&self.readers).await?)
    }

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
            query = query.bind(written(outcome.again.iter().copied())?).bind(ms(outcome.again_ms));
        }
        query.execute(&mut *write).await?;
        insert_events(&mut write, &outcome.events).await?;
        write.commit().await?;
        Ok(())
    }

    /// When the next parcel is due, in milliseconds since the Unix epoch; `None`: none waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_due(&self) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT MIN(due_ms) FROM parcels WHERE sending = 0";
        Ok(sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(&self.readers).await?.map(unsigned))
    }

    /// How many parcels wait, and how many are on their way.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn outbox_depth(&self) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT COALESCE(SUM(1 - sending), 0), COALESCE(SUM(sending), 0) FROM parcels";
        let row = sqlx::query(sql).fetch_one(&self.readers).await?;
        Ok((unsigned(row.try_get(0)?), unsigned(row.try_get(1)?)))
    }

    /// Puts the token that a vendor gave in place of an old one, on whatever device has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replace_token(&self, old: &str, new: &str) -> Result<u64, StoreError> {
        let sql = "UPDATE devices SET token = $2 WHERE token = $1";
        Ok(sqlx::query(sql).bind(old).bind(new).execute(&self.writer).await?.rows_affected())
    }

    /// Drops a token that a vendor called dead, on whatever device has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_token(&self, token: &str) -> Result<u64, StoreError> {
        let sql = "UPDATE devices SET token = NULL, business_id = 0, is_tpns = 0 WHERE token = $1";
        Ok(sqlx::query(sql).bind(token).execute(&self.writer).await?.rows_affected())
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

/// Drops a dead token from the binding that was used, unless a new one is there by now.
async fn forget(write: &mut SqliteConnection, target: &TargetOf, way: Way) -> Result<(), StoreError> {
    let sql = match way {
        Way::Ordinary => {
            "UPDATE devices SET token = NULL, business_id = 0, is_tpns = 0 \
             WHERE account = $1 AND device = $2 AND token = $3"
        }
        Way::Voip => "UPDATE devices SET voip_token = NULL WHERE account = $1 AND device = $2 AND voip_token = $3",
        Way::LiveActivity => return forget_activity(write, target).await,
    };
    sqlx::query(sql).bind(&target.account).bind(&target.device).bind(&target.token).execute(write).await?;
    Ok(())
}

async fn forget_activity(write: &mut SqliteConnection, target: &TargetOf) -> Result<(), StoreError> {
    let sql = "SELECT live_activities FROM devices WHERE account = $1 AND device = $2";
    let query = sqlx::query_scalar::<_, Option<String>>(sql).bind(&target.account).bind(&target.device);
    let Some(json) = query.fetch_optional(&mut *write).await?.flatten() else { return Ok(()) };
    let mut all: Vec<crate::model::LiveActivityBinding> =
        serde_json::from_str(&json).map_err(|_| StoreError::Unreadable("a Live Activity"))?;
    all.retain(|binding| binding.token != target.token);
    let json = if all.is_empty() { None } else { serde_json::to_string(&all).ok() };
    let sql = "UPDATE devices SET live_activities = $3 WHERE account = $1 AND device = $2";
    sqlx::query(sql).bind(&target.account).bind(&target.device).bind(json).execute(write).await?;
    Ok(())
}

fn read_parcel(row: &sqlx::sqlite::SqliteRow) -> Result<Parcel, StoreError> {
    let targets: Vec<(String, String, String)> =
        serde_json::from_str(row.try_get(4)?).map_err(|_| StoreError::Unreadable("a parcel"))?;
    let targets = targets.into_iter().map(|(account, device, token)| TargetOf { account, device, token });
    Ok(Parcel {
        id: ParcelId { message: row.try_get(0)?, note: small(row.try_get(1)?), parcel: small(row.try_get(2)?) },
        certificate: small(row.try_get(3)?),
        targets: targets.collect(),
        tries: small(row.try_get(5)?),
    })
}

fn written<'a>(targets: impl IntoIterator<Item = &'a TargetOf>) -> Result<String, StoreError> {
    let targets: Vec<(&str, &str, &str)> =
        targets.into_iter().map(|t| (t.account.as_str(), t.device.as_str(), t.token.as_str())).collect();
    serde_json::to_string(&targets).map_err(|_| StoreError::Unreadable("a parcel"))
}

fn number(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

async fn insert_notes(write: &mut SqliteConnection, message: &str, notes: &[NoteRecord]) -> Result<(), StoreError> {
    for (place, note) in notes.iter().enumerate() {
        let sql = "INSERT INTO notes (message_id, note, certificate, vendor, way, notification, rules, losses) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let json = |value: serde_json::Result<String>| value.map_err(|_| StoreError::Unreadable("a notification"));
        let query = sqlx::query(sql).bind(message).bind(number(place)).bind(i64::from(note.certificate));
        let query = query.bind(&note.vendor).bind(json(serde_json::to_string(&note.way))?);
        let query = query.bind(json(serde_json::to_string(&note.notification))?);
        let query = query.bind(json(serde_json::to_string(&note.rules))?);
        query.bind(json(serde_json::to_string(&note.losses))?).execute(&mut *write).await?;
    }
    Ok(())
}

async fn insert_judged(
    write: &mut SqliteConnection,
    message: &str,
    judged: &[Judged],
    now_ms: u64,
) -> Result<(), StoreError> {
    // Twelve columns a row, below the number of parameters that every database takes.
    for some in judged.chunks(2000) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO deliveries (message_id, account, device, rule, detail, loss, state, note, parcel, token, done_ms) ",
        );
        query.push_values(some, |mut row, judged| {
            row.push_bind(message).push_bind(&judged.account).push_bind(&judged.device);
            match &judged.outcome {
                Ok(queued) => {
                    row.push_bind(queued.rule.as_str()).push("''").push("NULL").push("'queued'");
                    row.push_bind(number(queued.note)).push_bind(number(queued.parcel));
                    row.push_bind(&queued.token).push("NULL");
                }
                Err(silence) => {
                    row.push_bind(silence.rule.as_str()).push_bind(&silence.detail);
                    row.push_bind(silence.loss.map(i64::from)).push("'silent'").push("NULL").push("NULL").push("NULL");
                    row.push_bind(ms(now_ms));
                }
            }
        });
        query.build().persistent(false).execute(&mut *write).await?;
    }
    Ok(())
}

async fn update_badges(write: &mut SqliteConnection, badges: &[(String, String, u32)]) -> Result<(), StoreError> {
    // Few numbers are shared by many devices.
    let mut by_number = BTreeMap::<u32, Vec<(&str, &str)>>::new();
    for (account, device, badge) in badges {
        by_number.entry(*badge).or_default().push((account, device));
    }
    for (badge, devices) in by_number {
        for some in devices.chunks(1000) {
            let mut query = QueryBuilder::<Sqlite>::new("UPDATE devices SET badge = ");
            query.push_bind(i64::from(badge)).push(" WHERE (account, device) IN (");
            query.push_values(some, |mut row, (account, device)| {
                row.push_bind(account).push_bind(device);
            });
            query.push(")");
            query.build().persistent(false).execute(&mut *write).await?;
        }
    }
    Ok(())
}

async fn insert_parcels(write: &mut SqliteConnection, parcels: &[Parcel], now_ms: u64) -> Result<(), StoreError> {
    for parcel in parcels {
        let targets = written(&parcel.targets)?;
        let sql = "INSERT INTO parcels (message_id, note, parcel, targets, due_ms) VALUES ($1, $2, $3, $4, $5)";
        let ParcelId { message, note, parcel } = &parcel.id;
        let query = sqlx::query(sql).bind(message).bind(i64::from(*note)).bind(i64::from(*parcel));
        query.bind(targets).bind(ms(now_ms)).execute(&mut *write).await?;
    }
    Ok(())
}

pub(super) async fn insert_events(write: &mut SqliteConnection, events: &[EventRecord]) -> Result<(), StoreError> {
    for some in events.chunks(1000) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO events (id, command, body, tries, due_ms) ");
        query.push_values(some, |mut row, event| {
            row.push_bind(&event.id).push_bind(&event.command).push_bind(&event.body);
            row.push_bind(i64::from(event.tries)).push_bind(ms(event.due_ms));
        });
        query.push(" ON CONFLICT (id) DO NOTHING");
        query.build().persistent(false).execute(&mut *write).await?;
    }
    Ok(())
}

impl Store {
    /// Keeps webhook events until they are posted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_events(&self, events: &[EventRecord]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        insert_events(&mut write, events).await?;
        write.commit().await?;
        Ok(())
    }
}
