//! Notifications of recalled messages that are to be taken back from phones, or were.

use sqlx::{Row as _, SqliteConnection};

use super::{Store, StoreError, ms, small, unsigned};

/// A notification that is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The message.
    pub message: String,
    /// The number of its notification.
    pub note: u32,
    /// Whose; empty: everybody's.
    pub account: String,
    /// How often that was tried.
    pub tries: u32,
}

/// What became of a notification that was to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawalRecord {
    /// The number of the notification.
    pub note: u32,
    /// Whose; empty: everybody's.
    pub account: String,
    /// When it was settled, in milliseconds since the Unix epoch; `None`: it waits.
    pub done_ms: Option<u64>,
    /// What the vendor had against it.
    pub problem: Option<String>,
}

/// How the attempt to take a notification back ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// It was taken back, or the vendor would not, in these words.
    Settled(Option<String>),
    /// It is tried again at this time, in milliseconds since the Unix epoch.
    Again(u64),
    /// There is nothing to take back.
    Nothing,
}

impl Store {
    /// Notifications that can be taken back now. One that is on its way still has to arrive first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn withdrawals_due(&self, at_most: u32, now_ms: u64) -> Result<Vec<Withdrawal>, StoreError> {
        let sql = "SELECT w.message_id, w.note, w.account, w.tries FROM withdrawals w WHERE w.due_ms <= $1 AND NOT EXISTS \
                   (SELECT 1 FROM parcels p WHERE p.message_id = w.message_id AND p.note = w.note) \
                   ORDER BY w.due_ms LIMIT $2";
        let rows = sqlx::query(sql).bind(ms(now_ms)).bind(i64::from(at_most)).fetch_all(&self.readers).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let (note, tries) = (small(row.try_get(1)?), small(row.try_get(3)?));
            Ok(Withdrawal { message: row.try_get(0)?, note, account: row.try_get(2)?, tries })
        };
        rows.iter().map(read).collect()
    }

    /// When the next notification is to be taken back; `None`: none waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_withdrawal(&self) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT MIN(due_ms) FROM withdrawals";
        Ok(sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(&self.readers).await?.map(unsigned))
    }

    /// The tokens of the devices that have, or may have, a notification.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shown_on(&self, withdrawal: &Withdrawal) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT token FROM deliveries WHERE message_id = $1 AND note = $2 \
                   AND ($3 = '' OR account = $3) \
                   AND state IN ('accepted', 'unsure') AND token IS NOT NULL";
        let query = sqlx::query_scalar(sql)
            .bind(&withdrawal.message)
            .bind(i64::from(withdrawal.note))
            .bind(&withdrawal.account);
        Ok(query.fetch_all(&self.readers).await?)
    }

    /// Writes how an attempt to take a notification back ended.
    ///
    /// # Errors
    /// When the database fails; it is tried again then.
    pub async fn withdrawn(&self, of: &Withdrawal, how: &Withdrawn, now_ms: u64) -> Result<(), StoreError> {
        let sql = match how {
            Withdrawn::Settled(_) => {
                "UPDATE withdrawals SET tries = tries + 1, due_ms = NULL, done_ms = $4, problem = $5 \
                 WHERE message_id = $1 AND note = $2 AND account = $3"
            }
            Withdrawn::Again(_) => {
                "UPDATE withdrawals SET tries = tries + 1, due_ms = $4 \
                 WHERE message_id = $1 AND note = $2 AND account = $3"
            }
            Withdrawn::Nothing => "DELETE FROM withdrawals WHERE message_id = $1 AND note = $2 AND account = $3",
        };
        let query = sqlx::query(sql).bind(&of.message).bind(i64::from(of.note)).bind(&of.account);
        let query = match how {
            Withdrawn::Settled(problem) => query.bind(ms(now_ms)).bind(problem),
            Withdrawn::Again(due_ms) => query.bind(ms(*due_ms)),
            Withdrawn::Nothing => query,
        };
        query.execute(&self.writer).await?;
        Ok(())
    }

    pub(super) async fn withdrawals_of(&self, message: &str) -> Result<Vec<WithdrawalRecord>, StoreError> {
        let sql = "SELECT note, account, done_ms, problem FROM withdrawals WHERE message_id = $1";
        let rows = sqlx::query(sql).bind(message).fetch_all(&self.readers).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let done_ms = row.try_get::<Option<i64>, _>(2)?.map(unsigned);
            let (note, account) = (small(row.try_get(0)?), row.try_get(1)?);
            Ok(WithdrawalRecord { note, account, done_ms, problem: row.try_get(3)? })
        };
        rows.iter().map(read).collect()
    }
}

/// Leaves what was sent of a message to be taken back: of one account's devices, or where that is empty of
/// all.
pub(super) async fn withdraw_of(
    write: &mut SqliteConnection,
    id: &str,
    account: &str,
    now_ms: u64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO withdrawals (message_id, note, account, due_ms) \
               SELECT DISTINCT message_id, note, $2, $3 FROM deliveries \
               WHERE message_id = $1 AND note IS NOT NULL AND ($2 = '' OR account = $2)";
    sqlx::query(sql).bind(id).bind(account).bind(ms(now_ms)).execute(write).await?;
    Ok(())
}
