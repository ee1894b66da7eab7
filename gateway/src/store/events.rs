//! Webhook events that are still to be posted, in the same database as what they tell of.

use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::{Store, StoreError, ms, small, unsigned};

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
