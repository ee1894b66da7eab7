//! What is kept of messages: enough to say why a device got a push or none, and what became of it.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::accept::NoteRecord;
use super::events::{EventRecord, insert_events};
use super::withdrawals::WithdrawalRecord;
use super::{Store, StoreError, ms, small, unsigned};
use crate::model::{Conversation, Message};
use crate::rules::Rule;

/// A message as it is kept: never its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its id.
    pub id: String,
    /// `c2c`, `group` or `push`.
    pub kind: String,
    /// The sender's account.
    pub sender: String,
    /// The group.
    pub group: Option<String>,
    /// The caller's own text of a pure push.
    pub data_id: Option<String>,
    /// `MsgSeq`.
    pub seq: u64,
    /// `MsgRandom` or `Random`.
    pub random: u32,
    /// When it was accepted, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// The rule that kept it from everybody; `None`: each device was judged.
    pub rule: Option<Rule>,
    /// More about that.
    pub detail: String,
    /// When it was revoked or recalled.
    pub revoked_ms: Option<u64>,
}

impl MessageRecord {
    /// What is kept of a message.
    pub fn of(message: &Message) -> Self {
        let (kind, group, data_id) = match &message.conversation {
            Conversation::OneToOne => ("c2c", None, None),
            Conversation::Group { id, .. } => ("group", Some(id.clone()), None),
            Conversation::Push { data_id } => ("push", None, data_id.clone()),
        };
        Self {
            id: message.id.clone(),
            kind: kind.to_owned(),
            sender: message.from.account.clone(),
            group,
            data_id,
            seq: message.seq,
            random: message.random,
            at_ms: message.at_ms,
            rule: None,
            detail: String::new(),
            revoked_ms: None,
        }
    }

    pub(super) async fn insert(&self, write: &mut SqliteConnection) -> Result<(), StoreError> {
        let sql = "INSERT INTO messages (id, kind, sender, group_id, data_id, seq, random, at_ms, rule, detail) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let query = sqlx::query(sql).bind(&self.id).bind(&self.kind).bind(&self.sender).bind(&self.group);
        let query = query.bind(&self.data_id).bind(ms(self.seq)).bind(i64::from(self.random)).bind(ms(self.at_ms));
        query.bind(self.rule.map(Rule::as_str)).bind(&self.detail).execute(write).await?;
        Ok(())
    }
}

/// Where one device's push stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// No push was due.
    Silent,
    /// It waits in the outbox, or is on its way.
    Queued,
    /// The vendor took it.
    Accepted,
    /// It was not taken.
    Refused,
    /// It may have been taken.
    Unsure,
}

impl DeliveryState {
    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Queued => "queued",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Unsure => "unsure",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Silent, Self::Queued, Self::Accepted, Self::Refused, Self::Unsure];
        all.into_iter().find(|state| state.as_str() == name)
    }
}

/// What was decided about one device, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The account.
    pub account: String,
    /// The device; empty: the user has none.
    pub device: String,
    /// The rule that decided.
    pub rule: Rule,
    /// More about it.
    pub detail: String,
    /// The code of a loss: -1 or -2 (R19).
    pub loss: Option<i32>,
    /// Where it stands.
    pub state: DeliveryState,
    /// The number of its notification.
    pub note: Option<u32>,
    /// The number of its parcel.
    pub parcel: Option<u32>,
    /// The token it went to.
    pub token: Option<String>,
    /// Of a refusal: its class.
    pub class: Option<String>,
    /// The HTTP status; 0: nothing was answered.
    pub http_status: Option<u16>,
    /// The vendor's code.
    pub code: Option<String>,
    /// The vendor's words.
    pub words: Option<String>,
    /// The vendor's id of the message.
    pub vendor_id: Option<String>,
    /// Whether it went out again after it may have been sent.
    pub resent: bool,
    /// When it was settled, in milliseconds since the Unix epoch.
    pub done_ms: Option<u64>,
}

/// What a vendor reported later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRecord {
    /// The message.
    pub message: String,
    /// The account.
    pub account: String,
    /// The device.
    pub device: String,
    /// What happened, as [`omnipush::Event::as_str`] has it.
    pub event: String,
    /// The vendor's code; empty: none.
    pub code: String,
    /// When it happened, in milliseconds since the Unix epoch; `None`: the vendor does not say.
    pub at_ms: Option<u64>,
    /// When it was told.
    pub received_ms: u64,
}

/// One try of a parcel, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    /// The number of the notification.
    pub note: u32,
    /// The number of the parcel.
    pub parcel: u32,
    /// Which try, from 1.
    pub attempt: u32,
    /// When it began.
    pub started_ms: u64,
    /// When it was settled; `None`: it is under way, or the process ended meanwhile.
    pub ended_ms: Option<u64>,
    /// How many targets were accepted, refused and unsure.
    pub counts: (u64, u64, u64),
    /// Why it came to nothing as a whole.
    pub problem: Option<String>,
}

/// Everything that is known about a message.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The message.
    pub message: MessageRecord,
    /// The notifications; their place is their number.
    pub notes: Vec<NoteRecord>,
    /// Each device.
    pub deliveries: Vec<Delivery>,
    /// Each time that something went to a vendor.
    pub attempts: Vec<AttemptRecord>,
    /// What vendors reported.
    pub receipts: Vec<ReceiptRecord>,
    /// What became of notifications that were to be taken back.
    pub withdrawals: Vec<WithdrawalRecord>,
}

const DELIVERY: &str = "account, device, rule, detail, loss, state, note, parcel, token, class, http_status, code, \
                        words, vendor_id, resent, done_ms";

fn delivery(row: &SqliteRow) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        account: row.try_get(0)?,
        device: row.try_get(1)?,
        rule: Rule::from_name(row.try_get(2)?).ok_or(StoreError::Unreadable("a rule"))?,
        detail: row.try_get(3)?,
        loss: row.try_get::<Option<i64>, _>(4)?.and_then(|loss| i32::try_from(loss).ok()),
        state: DeliveryState::from_name(row.try_get(5)?).ok_or(StoreError::Unreadable("a state"))?,
        note: row.try_get::<Option<i64>, _>(6)?.map(small),
        parcel: row.try_get::<Option<i64>, _>(7)?.map(small),
        token: row.try_get(8)?,
        class: row.try_get(9)?,
        http_status: row.try_get::<Option<i64>, _>(10)?.and_then(|status| u16::try_from(status).ok()),
        code: row.try_get(11)?,
        words: row.try_get(12)?,
        vendor_id: row.try_get(13)?,
        resent: row.try_get::<i64, _>(14)? != 0,
        done_ms: row.try_get::<Option<i64>, _>(15)?.map(unsigned),
    })
}

pub(super) fn read_note(row: &SqliteRow) -> Result<NoteRecord, StoreError> {
    let unreadable = |_| StoreError::Unreadable("a notification");
    Ok(NoteRecord {
        certificate: small(row.try_get(0)?),
        vendor: row.try_get(1)?,
        way: serde_json::from_str(row.try_get(2)?).map_err(unreadable)?,
        notification: serde_json::from_str(row.try_get(3)?).map_err(unreadable)?,
        rules: serde_json::from_str(row.try_get(4)?).map_err(unreadable)?,
        losses: serde_json::from_str(row.try_get(5)?).map_err(unreadable)?,
    })
}

impl Store {
    /// A message; `None`: unknown, or forgotten by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn message(&self, id: &str) -> Result<Option<MessageRecord>, StoreError> {
        let sql = "SELECT kind, sender, group_id, data_id, seq, random, at_ms, rule, detail, revoked_ms \
                   FROM messages WHERE id = $1";
        let Some(row) = sqlx::query(sql).bind(id).fetch_optional(&self.readers).await? else { return Ok(None) };
        Ok(Some(MessageRecord {
            id: id.to_owned(),
            kind: row.try_get(0)?,
            sender: row.try_get(1)?,
            group: row.try_get(2)?,
            data_id: row.try_get(3)?,
            seq: unsigned(row.try_get(4)?),
            random: small(row.try_get(5)?),
            at_ms: unsigned(row.try_get(6)?),
            rule: row.try_get::<Option<&str>, _>(7)?.and_then(Rule::from_name),
            detail: row.try_get(8)?,
            revoked_ms: row.try_get::<Option<i64>, _>(9)?.map(unsigned),
        }))
    }

    /// Everything that is known about a message; of one account's devices only, where one is given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn explain(&self, id: &str, account: Option<&str>) -> Result<Option<Explained>, StoreError> {
        let Some(message) = self.message(id).await? else { return Ok(None) };
        let sql = "SELECT certificate, vendor, way, notification, rules, losses FROM notes \
                   WHERE message_id = $1 ORDER BY note";
        let notes = sqlx::query(sql).bind(id).fetch_all(&self.readers).await?;
        let sql = format!(
            "SELECT {DELIVERY} FROM deliveries WHERE message_id = $1 AND ($2 IS NULL OR account = $2) \
             ORDER BY account, device"
        );
        let deliveries = sqlx::query(&sql).bind(id).bind(account).fetch_all(&self.readers).await?;
        let sql = "SELECT note, parcel, attempt, started_ms, ended_ms, accepted, refused, unsure, problem \
                   FROM attempts WHERE message_id = $1 ORDER BY note, parcel, attempt";
        let attempts = sqlx::query(sql).bind(id).fetch_all(&self.readers).await?;
        let sql = "SELECT account, device, event, code, at_ms, received_ms FROM receipts \
                   WHERE message_id = $1 AND ($2 IS NULL OR account = $2) ORDER BY received_ms";
        let receipts = sqlx::query(sql).bind(id).bind(account).fetch_all(&self.readers).await?;
        Ok(Some(Explained {
            message,
            notes: notes.iter().map(read_note).collect::<Result<_, _>>()?,
            deliveries: deliveries.iter().map(delivery).collect::<Result<_, _>>()?,
            attempts: attempts.iter().map(attempt).collect::<Result<_, _>>()?,
            receipts: receipts.iter().map(|row| receipt(id, row)).collect::<Result<_, _>>()?,
            withdrawals: self.withdrawals_of(id).await?,
        }))
    }

    /// The delivery of a message that went to a token, for receipts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delivery_to(&self, message: &str, token: &str) -> Result<Option<Delivery>, StoreError> {
        let sql = format!("SELECT {DELIVERY} FROM deliveries WHERE message_id = $1 AND token = $2");
        let row = sqlx::query(&sql).bind(message).bind(token).fetch_optional(&self.readers).await?;
        row.as_ref().map(delivery).transpose()
    }

    /// Keeps what a vendor reported, and the webhook event that comes of it. Says whether it is new; if
    /// it is not, there is no event either.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_receipt(&self, receipt: &ReceiptRecord, event: Option<&EventRecord>) -> Result<bool, StoreError> {
        let mut write = self.begin().await?;
        let sql = "INSERT INTO receipts (message_id, account, device, event, code, at_ms, received_ms) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (message_id, account, device, event) DO NOTHING";
        let query = sqlx::query(sql).bind(&receipt.message).bind(&receipt.account).bind(&receipt.device);
        let query = query.bind(&receipt.event).bind(&receipt.code).bind(receipt.at_ms.map(ms));
        let new = query.bind(ms(receipt.received_ms)).execute(&mut *write).await?.rows_affected() > 0;
        if let Some(event) = event.filter(|_| new) {
            insert_events(&mut write, std::slice::from_ref(event)).await?;
        }
        write.commit().await?;
        Ok(new)
    }

    /// Forgets messages that are older than a point in time and have nothing in the outbox, and
    /// repeats whose window has ended. Says how many messages that were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self, before_ms: u64, now_ms: u64) -> Result<u64, StoreError> {
        let mut write = self.begin().await?;
        for table in ["notes", "deliveries", "attempts", "receipts", "withdrawals"] {
            let sql = format!(
                "DELETE FROM {table} WHERE message_id IN (SELECT id FROM messages WHERE at_ms < $1 \
                 AND id NOT IN (SELECT message_id FROM parcels))"
            );
            sqlx::query(&sql).bind(ms(before_ms)).execute(&mut *write).await?;
        }
        let sql = "DELETE FROM messages WHERE at_ms < $1 AND id NOT IN (SELECT message_id FROM parcels)";
        let gone = sqlx::query(sql).bind(ms(before_ms)).execute(&mut *write).await?.rows_affected();
        sqlx::query("DELETE FROM repeats WHERE until_ms <= $1").bind(ms(now_ms)).execute(&mut *write).await?;
        write.commit().await?;
        Ok(gone)
    }
}

fn attempt(row: &SqliteRow) -> Result<AttemptRecord, StoreError> {
    Ok(AttemptRecord {
        note: small(row.try_get(0)?),
        parcel: small(row.try_get(1)?),
        attempt: small(row.try_get(2)?),
        started_ms: unsigned(row.try_get(3)?),
        ended_ms: row.try_get::<Option<i64>, _>(4)?.map(unsigned),
        counts: (unsigned(row.try_get(5)?), unsigned(row.try_get(6)?), unsigned(row.try_get(7)?)),
        problem: row.try_get(8)?,
    })
}

fn receipt(message: &str, row: &SqliteRow) -> Result<ReceiptRecord, StoreError> {
    Ok(ReceiptRecord {
        message: message.to_owned(),
        account: row.try_get(0)?,
        device: row.try_get(1)?,
        event: row.try_get(2)?,
        code: row.try_get(3)?,
        at_ms: row.try_get::<Option<i64>, _>(4)?.map(unsigned),
        received_ms: unsigned(row.try_get(5)?),
    })
}
