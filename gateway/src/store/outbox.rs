//! The durable outbox: parcels of targets that go out together, and are gone when their verdicts are
//! written.

use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::accept::NoteRecord;
use super::revoke::take_out_revoked;
use super::{Store, StoreError, ms, small, unsigned};

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

impl Store {
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
        } else {
            take_out_revoked(&mut write, &id.message, due_ms).await?;
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
}

fn read_parcel(row: &sqlx::sqlite::SqliteRow) -> Result<Parcel, StoreError> {
    Ok(Parcel {
        id: ParcelId { message: row.try_get(0)?, note: small(row.try_get(1)?), parcel: small(row.try_get(2)?) },
        certificate: small(row.try_get(3)?),
        targets: read_targets(row.try_get(4)?)?,
        tries: small(row.try_get(5)?),
    })
}

pub(super) fn read_targets(json: &str) -> Result<Vec<TargetOf>, StoreError> {
    let targets: Vec<(String, String, String)> =
        serde_json::from_str(json).map_err(|_| StoreError::Unreadable("a parcel"))?;
    Ok(targets.into_iter().map(|(account, device, token)| TargetOf { account, device, token }).collect())
}

impl TargetOf {
    /// As [`written`] takes it.
    pub(super) fn row(&self) -> (&str, &str, &str) {
        (&self.account, &self.device, &self.token)
    }
}

/// Targets as a parcel keeps them: account, device, token.
pub(super) fn written(targets: &[(&str, &str, &str)]) -> Result<String, StoreError> {
    serde_json::to_string(targets).map_err(|_| StoreError::Unreadable("a parcel"))
}
