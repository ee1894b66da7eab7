//! Everything that must outlive the process, in one SQL database.
//!
//! SQLite here; the SQL is kept portable. All writes go through one connection, so that none waits
//! for a lock; reads have their own. Nothing is answered as accepted before its rows are on disk.

mod accept;
mod bindings;
mod events;
mod figures;
mod groups;
mod messages;
mod outbox;
mod presence;
mod revoke;
mod schema;
mod seats;
mod settle;
mod tags;
mod users;
mod withdrawals;

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};

pub use accept::{Accepted, Judged, NoteRecord, Queued, Seal};
pub use events::EventRecord;
pub use figures::{Counts, Loss, LossStage, Scope};
pub use groups::Group;
pub use messages::{AttemptRecord, Delivery, DeliveryState, Explained, MessageRecord, ReceiptRecord};
pub use outbox::{Parcel, ParcelId, TargetOf};
pub use revoke::Recalled;
pub use seats::{Conversed, Seat};
pub use settle::{Attempt, Verdicts};
pub use tags::{AttributeName, Condition, TagLimit};
pub use users::User;
pub use withdrawals::{Withdrawal, WithdrawalRecord, Withdrawn};

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database's schema: {0}")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// A value in the database is not what it must be.
    #[error("{0} in the database cannot be read")]
    Unreadable(&'static str),
    /// The device is not logged in: a push config is legal only after a login (R14).
    #[error("the device is not logged in")]
    NotLoggedIn,
    /// An empty token, where the settings refuse it (R16).
    #[error("the token is empty; to switch push off set no config at all")]
    EmptyToken,
}

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Store {
    /// Opens a file, and makes it if it is not there.
    ///
    /// # Errors
    /// When it cannot be opened, or its schema is newer than this program.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was accepted survives the loss of power too.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            // A message to a group of ten thousand reads and writes several megabytes; the default is two.
            .pragma("cache_size", "-16000")
            // Rows cross from the database's thread to ours: the larger the buffer, the fewer the wake-ups.
            .row_buffer_size(1024);
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        schema::migrate(&writer).await?;
        let readers = SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers })
    }

    /// The pool for reads, for queries of one's own.
    pub fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Begins a write. It ends with `commit`, or as if it had never been.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        // At once, and not at the first statement that writes: what has read before is refused there,
        // without waiting, when another process wrote meanwhile.
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.writer).await?;
        Ok(())
    }

    /// Closes it; what is under way is waited for.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Milliseconds for the database, which has no unsigned numbers.
pub(crate) fn ms(at_ms: u64) -> i64 {
    i64::try_from(at_ms).unwrap_or(i64::MAX)
}

/// A number from the database, where a negative one is as good as none.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(crate) fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}
