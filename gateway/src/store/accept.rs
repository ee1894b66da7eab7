//! Takes a message in: what was decided about every device, in one transaction.

use std::collections::BTreeMap;

use omnipush::Notification;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::events::{EventRecord, insert_events};
use super::messages::MessageRecord;
use super::outbox::{Parcel, ParcelId, written};
use super::{Store, StoreError, ms};
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

/// Whether a message was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// It was, and will be sent whatever happens.
    New,
    /// It is a repeat of this message (R39).
    RepeatOf(String),
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
