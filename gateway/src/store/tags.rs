//! Tags and attributes of users, and who has which.

use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::{Store, StoreError};

/// How many tags a user may have.
const OF_USER: i64 = 100;
/// How many different tags there may be.
const DIFFERENT: i64 = 1000;

/// Tags that were not set, as there would be too many.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagLimit {
    /// Of one user.
    #[error("{account} would have {count} tags; at most 100 are allowed")]
    OfUser {
        /// The user.
        account: String,
        /// How many it would be.
        count: i64,
    },
    /// Of all.
    #[error("there would be {count} different tags; at most 1,000 are allowed")]
    Different {
        /// How many it would be.
        count: i64,
    },
}

/// An attribute that users can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeName {
    /// Its number, 0 to 9.
    pub number: u8,
    /// Its name.
    pub name: String,
    /// Whether it is one of installations (registration ids), not of users.
    pub of_installations: bool,
}

/// Whom a push is for. Every part that is not empty must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Users with any of these tags.
    pub tags_or: Vec<String>,
    /// Users with all of these tags.
    pub tags_and: Vec<String>,
    /// Users who do not have all of these tags.
    pub tags_not: Vec<String>,
    /// Users with any of these attributes, as name and value.
    pub attributes_or: Vec<(String, String)>,
    /// Users with all of these attributes.
    pub attributes_and: Vec<(String, String)>,
}

impl Store {
    /// Gives users tags, all or none; `replace` takes away those they had. Accounts must be known.
    ///
    /// # Errors
    /// When the database fails. Inside: when there would be too many tags.
    pub async fn add_tags(
        &self,
        tags: &[(String, Vec<String>)],
        replace: bool,
    ) -> Result<Result<(), TagLimit>, StoreError> {
        let mut write = self.begin().await?;
        for (account, tags) in tags {
            if replace {
                sqlx::query("DELETE FROM tags WHERE account = $1").bind(account).execute(&mut *write).await?;
            }
            for tag in tags {
                let sql = "INSERT INTO tags (account, tag) VALUES ($1, $2) ON CONFLICT (account, tag) DO NOTHING";
                sqlx::query(sql).bind(account).bind(tag).execute(&mut *write).await?;
            }
            let sql = "SELECT COUNT(*) FROM tags WHERE account = $1";
            let count: i64 = sqlx::query_scalar(sql).bind(account).fetch_one(&mut *write).await?;
            if count > OF_USER {
                return Ok(Err(TagLimit::OfUser { account: account.clone(), count }));
            }
        }
        let sql = "SELECT COUNT(DISTINCT tag) FROM tags";
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&mut *write).await?;
        if count > DIFFERENT {
            return Ok(Err(TagLimit::Different { count }));
        }
        write.commit().await?;
        Ok(Ok(()))
    }

    /// The tags of a user, in alphabetical order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tags(&self, account: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT tag FROM tags WHERE account = $1 ORDER BY tag";
        Ok(sqlx::query_scalar(sql).bind(account).fetch_all(&self.readers).await?)
    }

    /// Takes tags from users; those that they do not have do not matter.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_tags(&self, tags: &[(String, Vec<String>)]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        for (account, tags) in tags {
            remove(&mut write, "tags", "tag", account, tags).await?;
        }
        write.commit().await?;
        Ok(())
    }

    /// Takes all tags from users.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_all_tags(&self, accounts: &[String]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        for account in accounts {
            sqlx::query("DELETE FROM tags WHERE account = $1").bind(account).execute(&mut *write).await?;
        }
        write.commit().await?;
        Ok(())
    }

    /// The attributes that there are, by number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn attribute_names(&self) -> Result<Vec<AttributeName>, StoreError> {
        let rows = sqlx::query("SELECT number, name, type FROM attribute_names ORDER BY number");
        let rows = rows.fetch_all(&self.readers).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok(AttributeName {
                number: u8::try_from(row.try_get::<i64, _>(0)?)
                    .map_err(|_| StoreError::Unreadable("an attribute's number"))?,
                name: row.try_get(1)?,
                of_installations: row.try_get::<i64, _>(2)? == 1,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Names attributes. One that is there under its number changes its name, and never its type; values
    /// stay under the name that they were set with.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_attribute_names(&self, names: &[AttributeName]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        for AttributeName { number, name, of_installations } in names {
            let sql = "INSERT INTO attribute_names (number, name, type) VALUES ($1, $2, $3) \
                       ON CONFLICT (number) DO UPDATE SET name = excluded.name";
            let query = sqlx::query(sql).bind(i64::from(*number)).bind(name).bind(i64::from(*of_installations));
            query.execute(&mut *write).await?;
        }
        write.commit().await?;
        Ok(())
    }

    /// Sets attributes of users, as name and value. Accounts and names must be known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_attributes(&self, attributes: &[(String, Vec<(String, String)>)]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        for (account, attributes) in attributes {
            for (name, value) in attributes {
                let sql = "INSERT INTO attributes (account, name, value) VALUES ($1, $2, $3) \
                           ON CONFLICT (account, name) DO UPDATE SET value = excluded.value";
                sqlx::query(sql).bind(account).bind(name).bind(value).execute(&mut *write).await?;
            }
        }
        write.commit().await?;
        Ok(())
    }

    /// The attributes of a user, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn attributes(&self, account: &str) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT name, value FROM attributes WHERE account = $1 ORDER BY name";
        Ok(sqlx::query_as(sql).bind(account).fetch_all(&self.readers).await?)
    }

    /// Takes attributes from users, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_attributes(&self, names: &[(String, Vec<String>)]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        for (account, names) in names {
            remove(&mut write, "attributes", "name", account, names).await?;
        }
        write.commit().await?;
        Ok(())
    }

    /// The accounts for which a condition holds, in alphabetical order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts_where(&self, condition: &Condition) -> Result<Vec<String>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT account FROM users WHERE 1 = 1");
        for (tags, before, having) in [
            (&condition.tags_or, " AND account IN (", None),
            (&condition.tags_and, " AND account IN (", Some(condition.tags_and.len())),
            (&condition.tags_not, " AND account NOT IN (", Some(condition.tags_not.len())),
        ] {
            if tags.is_empty() {
                continue;
            }
            query.push(before).push("SELECT account FROM tags WHERE tag IN (");
            let mut list = query.separated(", ");
            for tag in tags {
                list.push_bind(tag);
            }
            query.push(")");
            if let Some(count) = having {
                query.push(" GROUP BY account HAVING COUNT(*) = ");
                query.push_bind(i64::try_from(count).unwrap_or(i64::MAX));
            }
            query.push(")");
        }
        let attribute = "account IN (SELECT account FROM attributes WHERE name = ";
        for (name, value) in &condition.attributes_and {
            query.push(" AND ").push(attribute).push_bind(name).push(" AND value = ").push_bind(value).push(")");
        }
        if !condition.attributes_or.is_empty() {
            query.push(" AND (1 = 0");
            for (name, value) in &condition.attributes_or {
                query.push(" OR ").push(attribute).push_bind(name).push(" AND value = ").push_bind(value).push(")");
            }
            query.push(")");
        }
        query.push(" ORDER BY account");
        Ok(query.build_query_scalar().fetch_all(&self.readers).await?)
    }
}

async fn remove(
    write: &mut SqliteConnection,
    table: &str,
    column: &str,
    account: &str,
    values: &[String],
) -> Result<(), StoreError> {
    for value in values {
        let sql = format!("DELETE FROM {table} WHERE account = $1 AND {column} = $2");
        sqlx::query(&sql).bind(account).bind(value).execute(&mut *write).await?;
    }
    Ok(())
}
