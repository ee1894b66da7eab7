//! Takes a message in: what was decided about every device, in one transaction.

use std::collections::BTreeMap;

use omnipush::Notification;
use sqlx::SqliteConnection;

use super::events::{EventRecord, insert_events};
use super::messages::MessageRecord;
use super::outbox::written;
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
    /// The badge that the devices of each notification have from now on; `None`: the one they have.
    pub badges: &'a [Option<u32>],
    /// What was decided about each device.
    pub judged: &'a [Judged],
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
        insert_due(&mut write, &message.id, accepted.judged).await?;
        insert_silent(&mut write, &message.id, accepted.judged, now_ms).await?;
        insert_parcels(&mut write, &message.id, accepted.judged, now_ms).await?;
        update_badges(&mut write, accepted.badges, accepted.judged).await?;
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

/// The deliveries that are due.
async fn insert_due(write: &mut SqliteConnection, message: &str, judged: &[Judged]) -> Result<(), StoreError> {
    let due: Vec<_> = judged.iter().filter_map(|judged| Some((judged, judged.outcome.as_ref().ok()?))).collect();
    for some in due.chunks(ROWS) {
        let sql = rows(
            "INSERT INTO deliveries (message_id, account, device, rule, note, parcel, token, state) VALUES ",
            "(?, ?, ?, ?, ?, ?, ?, 'queued')",
            some.len(),
        );
        let mut query = sqlx::query(&sql).persistent(is_usual(some.len()));
        for (judged, queued) in some {
            query = query.bind(message).bind(&judged.account).bind(&judged.device).bind(queued.rule.as_str());
            query = query.bind(number(queued.note)).bind(number(queued.parcel)).bind(&queued.token);
        }
        query.execute(&mut *write).await?;
    }
    Ok(())
}

/// The deliveries that are not.
async fn insert_silent(
    write: &mut SqliteConnection,
    message: &str,
    judged: &[Judged],
    now_ms: u64,
) -> Result<(), StoreError> {
    let silent: Vec<_> = judged.iter().filter_map(|judged| Some((judged, judged.outcome.as_ref().err()?))).collect();
    for some in silent.chunks(ROWS) {
        let sql = rows(
            "INSERT INTO deliveries (message_id, account, device, rule, detail, loss, done_ms, state) VALUES ",
            "(?, ?, ?, ?, ?, ?, ?, 'silent')",
            some.len(),
        );
        let mut query = sqlx::query(&sql).persistent(is_usual(some.len()));
        for (judged, silence) in some {
            query = query.bind(message).bind(&judged.account).bind(&judged.device).bind(silence.rule.as_str());
            query = query.bind(&silence.detail).bind(silence.loss.map(i64::from)).bind(ms(now_ms));
        }
        query.execute(&mut *write).await?;
    }
    Ok(())
}

async fn insert_parcels(
    write: &mut SqliteConnection,
    message: &str,
    judged: &[Judged],
    now_ms: u64,
) -> Result<(), StoreError> {
    let mut parcels = BTreeMap::<(usize, usize), Vec<(&str, &str, &str)>>::new();
    for Judged { account, device, outcome } in judged {
        if let Ok(queued) = outcome {
            parcels.entry((queued.note, queued.parcel)).or_default().push((account, device, &queued.token));
        }
    }
    let parcels: Vec<_> = parcels.into_iter().collect();
    for some in parcels.chunks(ROWS) {
        let head = "INSERT INTO parcels (message_id, note, parcel, targets, due_ms) VALUES ";
        let sql = rows(head, "(?, ?, ?, ?, ?)", some.len());
        let mut query = sqlx::query(&sql).persistent(is_usual(some.len()));
        for ((note, parcel), targets) in some {
            query = query.bind(message).bind(number(*note)).bind(number(*parcel));
            query = query.bind(written(targets)?).bind(ms(now_ms));
        }
        query.execute(&mut *write).await?;
    }
    Ok(())
}

async fn update_badges(
    write: &mut SqliteConnection,
    badges: &[Option<u32>],
    judged: &[Judged],
) -> Result<(), StoreError> {
    // Few numbers are shared by many devices.
    let mut by_number = BTreeMap::<u32, Vec<&Judged>>::new();
    for judged in judged {
        let note = judged.outcome.as_ref().ok().and_then(|queued| badges.get(queued.note));
        if let Some(Some(badge)) = note {
            by_number.entry(*badge).or_default().push(judged);
        }
    }
    for (badge, devices) in by_number {
        for some in devices.chunks(ROWS) {
            let sql =
                rows("UPDATE devices SET badge = ? WHERE (account, device) IN (VALUES ", "(?, ?)", some.len()) + ")";
            let mut query = sqlx::query(&sql).persistent(is_usual(some.len())).bind(i64::from(badge));
            for judged in some {
                query = query.bind(&judged.account).bind(&judged.device);
            }
            query.execute(&mut *write).await?;
        }
    }
    Ok(())
}

/// How many rows a statement has at most: 3,500 values, which every database takes.
const ROWS: usize = 500;

/// Whether a statement with so many rows comes often enough to be prepared once and kept: full ones, and those
/// of a message to one device.
fn is_usual(rows: usize) -> bool {
    rows == ROWS || rows == 1
}

/// A statement with so many rows.
fn rows(head: &str, row: &str, count: usize) -> String {
    format!("{head}{}", vec![row; count].join(", "))
}
