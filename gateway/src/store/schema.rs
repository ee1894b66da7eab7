//! The schema and its history. A change is a new file at the end of [`STEPS`], never an edit.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use sqlx::SqlitePool;
use sqlx::error::BoxDynError;
use sqlx::migrate::{MigrateError, Migration, MigrationSource, MigrationType, Migrator};

const STEPS: &[(&str, &str)] = &[
    ("first", include_str!("../../migrations/0001_first.sql")),
    ("attribute names", include_str!("../../migrations/0002_attribute_names.sql")),
    ("recalls", include_str!("../../migrations/0003_recalls.sql")),
    ("withdrawals", include_str!("../../migrations/0004_withdrawals.sql")),
];

#[derive(Debug)]
struct Steps;

impl MigrationSource<'static> for Steps {
    fn resolve(self) -> Pin<Box<dyn Future<Output = Result<Vec<Migration>, BoxDynError>> + Send>> {
        let step = |(number, (name, sql)): (i64, &(&'static str, &'static str))| {
            Migration::new(number, Cow::Borrowed(*name), MigrationType::Simple, Cow::Borrowed(*sql), false)
        };
        Box::pin(async move { Ok((1..).zip(STEPS).map(step).collect()) })
    }
}

/// Brings a database up to date.
pub(super) async fn migrate(pool: &SqlitePool) -> Result<(), MigrateError> {
    Migrator::new(Steps).await?.run(pool).await
}
