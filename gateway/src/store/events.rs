//! Webhook events that are still to be posted, in the same database as what they tell of.

use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::outbox::EventRecord;
use super::{Store, StoreError, small, unsigned};

impl Store {
    /// The first events that wait, in their order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events(&self, at_most: usize) -> Result<Vec<EventRecord>, StoreError> {
        let sql = "SELECT id, command, body, due_ms, tries FROM events ORDER BY due_ms, id LIMIT $1";
        let query = sqlx::query(sql).bind(i64::try_from(at_most).unwrap_or(i64::MAX));
        let read = |row: &sqlx::sqlite::SqliteRow| -> Result<EventRecord, StoreError> {
            Ok(EventRecord {
                id: row.try_get(0)?,
                command: row.try_get(1)?,
                body: row.try_get(2)?,
                due_ms: unsigned(row.try_get(3)?),
                tries: small(row.try_get(4)?),
            })
        };
        query.fetch_all(&self.readers).await?.iter().map(read).collect()
    }

    /// Strikes events off: they were taken, or given up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn strike_events(&self, ids: &[String]) -> Result<(), StoreError> {
        self.of_events("DELETE FROM events", ids).await
    }

    /// Notes that events were posted once more in vain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events_failed(&self, ids: &[String]) -> Result<(), StoreError> {
        self.of_events("UPDATE events SET tries = tries + 1", ids).await
    }

    async fn of_events(&self, what: &str, ids: &[String]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::<Sqlite>::new(what);
        query.push(" WHERE id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id);
        }
        query.push(")");
        query.build().execute(&self.writer).await?;
        Ok(())
    }

    /// How many events wait.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events_waiting(&self) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM events";
        Ok(unsigned(sqlx::query_scalar(sql).fetch_one(&self.readers).await?))
    }
}
