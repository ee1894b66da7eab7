//! Recalls: what was not sent yet is not sent, and what was is to be taken back.

use sqlx::{Row as _, SqliteConnection};

use super::outbox::{ParcelId, TargetOf, read_targets, written};
use super::withdrawals::withdraw_of;
use super::{Store, StoreError, ms, small};

/// What came of taking back one receiver's copy of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// It is taken back. These parcels had no other receiver, and are gone.
    Now(Vec<ParcelId>),
    /// It was taken back before.
    Before,
    /// The receiver never had one.
    Never,
}

impl Store {
    /// Marks a message as revoked, and takes what was not sent yet out of the outbox. Says how many
    /// parcels that were; `None`: the message is unknown, or was revoked before. `withdraw`: what was
    /// sent is to be taken back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(&self, id: &str, withdraw: bool, now_ms: u64) -> Result<Option<u64>, StoreError> {
        let mut write = self.begin().await?;
        let sql = "UPDATE messages SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL";
        if sqlx::query(sql).bind(id).bind(ms(now_ms)).execute(&mut *write).await?.rows_affected() == 0 {
            return Ok(None);
        }
        let dropped = take_out(&mut write, id, now_ms).await?;
        if withdraw {
            withdraw_of(&mut write, id, "", now_ms).await?;
        }
        write.commit().await?;
        Ok(Some(dropped))
    }

    /// The same for one receiver of a message to many: its other receivers get it still.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recall(&self, id: &str, account: &str, withdraw: bool, now_ms: u64) -> Result<Recalled, StoreError> {
        let mut write = self.begin().await?;
        let sql = "UPDATE deliveries SET revoked_ms = $3 WHERE message_id = $1 AND account = $2 AND revoked_ms IS NULL";
        let query = sqlx::query(sql).bind(id).bind(account).bind(ms(now_ms));
        if query.execute(&mut *write).await?.rows_affected() == 0 {
            let sql = "SELECT 1 FROM deliveries WHERE message_id = $1 AND account = $2";
            let found = sqlx::query(sql).bind(id).bind(account).fetch_optional(&mut *write).await?;
            return Ok(if found.is_some() { Recalled::Before } else { Recalled::Never });
        }
        let gone = take_out_of(&mut write, id, account, now_ms).await?;
        if withdraw {
            withdraw_of(&mut write, id, account, now_ms).await?;
        }
        write.commit().await?;
        Ok(Recalled::Now(gone))
    }
}

/// Takes what waits of a message out of the outbox. Says how many parcels that were.
async fn take_out(write: &mut SqliteConnection, id: &str, now_ms: u64) -> Result<u64, StoreError> {
    let sql = "UPDATE deliveries SET state = 'silent', detail = 'revoked before it was sent', done_ms = $2 \
               WHERE message_id = $1 AND state = 'queued' AND EXISTS (SELECT 1 FROM parcels p WHERE \
               p.message_id = deliveries.message_id AND p.note = deliveries.note AND p.parcel = deliveries.parcel \
               AND p.sending = 0)";
    sqlx::query(sql).bind(id).bind(ms(now_ms)).execute(&mut *write).await?;
    let sql = "DELETE FROM parcels WHERE message_id = $1 AND sending = 0";
    Ok(sqlx::query(sql).bind(id).execute(&mut *write).await?.rows_affected())
}

/// The same for one receiver. Gives the parcels that had no other, and are gone.
async fn take_out_of(
    write: &mut SqliteConnection,
    id: &str,
    account: &str,
    now_ms: u64,
) -> Result<Vec<ParcelId>, StoreError> {
    let sql = "SELECT p.note, p.parcel, p.targets FROM parcels p JOIN deliveries d ON d.message_id = p.message_id \
               AND d.note = p.note AND d.parcel = p.parcel \
               WHERE d.message_id = $1 AND d.account = $2 AND d.state = 'queued' AND p.sending = 0";
    let mut gone = Vec::new();
    for row in sqlx::query(sql).bind(id).bind(account).fetch_all(&mut *write).await? {
        let (note, parcel) = (row.try_get::<i64, _>(0)?, row.try_get::<i64, _>(1)?);
        let mut targets = read_targets(row.try_get(2)?)?;
        targets.retain(|target| target.account != account);
        if targets.is_empty() {
            let sql = "DELETE FROM parcels WHERE message_id = $1 AND note = $2 AND parcel = $3";
            sqlx::query(sql).bind(id).bind(note).bind(parcel).execute(&mut *write).await?;
            gone.push(ParcelId { message: id.to_owned(), note: small(note), parcel: small(parcel) });
        } else {
            let left: Vec<_> = targets.iter().map(TargetOf::row).collect();
            let sql = "UPDATE parcels SET targets = $4 WHERE message_id = $1 AND note = $2 AND parcel = $3";
            let query = sqlx::query(sql).bind(id).bind(note).bind(parcel);
            query.bind(written(&left)?).execute(&mut *write).await?;
        }
        let sql = "UPDATE deliveries SET state = 'silent', detail = 'revoked before it was sent', done_ms = $5 \
                   WHERE message_id = $1 AND account = $2 AND note = $3 AND parcel = $4 AND state = 'queued'";
        let query = sqlx::query(sql).bind(id).bind(account).bind(note).bind(parcel);
        query.bind(ms(now_ms)).execute(&mut *write).await?;
    }
    Ok(gone)
}

/// Takes what came back into the outbox out of it again, as far as it was revoked meanwhile.
pub(super) async fn take_out_revoked(write: &mut SqliteConnection, id: &str, now_ms: u64) -> Result<(), StoreError> {
    let sql = "SELECT 1 FROM messages WHERE id = $1 AND revoked_ms IS NOT NULL";
    if sqlx::query(sql).bind(id).fetch_optional(&mut *write).await?.is_some() {
        take_out(write, id, now_ms).await?;
        return Ok(());
    }
    let sql = "SELECT DISTINCT account FROM deliveries \
               WHERE message_id = $1 AND state = 'queued' AND revoked_ms IS NOT NULL";
    for account in sqlx::query_scalar::<_, String>(sql).bind(id).fetch_all(&mut *write).await? {
        take_out_of(write, id, &account, now_ms).await?;
    }
    Ok(())
}
