//! Groups and their members, tags and attributes: who a message is for, where the caller does not
//! name everybody.

use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::{Store, StoreError, unsigned};
use crate::model::GroupKind;

/// A group as the registry has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its name, for texts; empty: none.
    pub name: String,
    /// What kind it is.
    pub kind: GroupKind,
}

impl Store {
    /// Makes a group known, or changes its name and kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_group(&self, group: &Group) -> Result<(), StoreError> {
        let sql = "INSERT INTO chat_groups (id, name, kind) VALUES ($1, $2, $3) \
                   ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind";
        let query = sqlx::query(sql).bind(&group.id).bind(&group.name).bind(group.kind.as_str());
        query.execute(&self.writer).await?;
        Ok(())
    }

    /// A group; `None`: unknown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn group(&self, id: &str) -> Result<Option<Group>, StoreError> {
        let sql = "SELECT name, kind FROM chat_groups WHERE id = $1";
        let Some(row) = sqlx::query(sql).bind(id).fetch_optional(&self.readers).await? else { return Ok(None) };
        let kind = GroupKind::from_name(row.try_get(1)?).ok_or(StoreError::Unreadable("a kind of group"))?;
        Ok(Some(Group { id: id.to_owned(), name: row.try_get(0)?, kind }))
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_group(&self, id: &str) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        sqlx::query("DELETE FROM members WHERE group_id = $1").bind(id).execute(&mut *write).await?;
        sqlx::query("DELETE FROM chat_groups WHERE id = $1").bind(id).execute(&mut *write).await?;
        write.commit().await?;
        Ok(())
    }

    /// The number of the next message of a group, from 1 on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_seq(&self, group: &str) -> Result<u64, StoreError> {
        let sql = "INSERT INTO chat_groups (id, kind, seq) VALUES ($1, $2, 1) \
                   ON CONFLICT (id) DO UPDATE SET seq = chat_groups.seq + 1 RETURNING seq";
        let query = sqlx::query_scalar::<_, i64>(sql).bind(group).bind(GroupKind::default().as_str());
        Ok(unsigned(query.fetch_one(&self.writer).await?))
    }

    /// Adds members to a group, and then takes members out of it.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn change_members(&self, group: &str, add: &[String], remove: &[String]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        insert_members(&mut write, group, add).await?;
        for some in remove.chunks(1000) {
            let mut query = QueryBuilder::<Sqlite>::new("DELETE FROM members WHERE group_id = ");
            query.push_bind(group).push(" AND account IN (");
            let mut list = query.separated(", ");
            for account in some {
                list.push_bind(account);
            }
            query.push(")");
            query.build().execute(&mut *write).await?;
        }
        write.commit().await?;
        Ok(())
    }

    /// Makes these the members of a group, and nobody else.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn set_members(&self, group: &str, accounts: &[String]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        sqlx::query("DELETE FROM members WHERE group_id = $1").bind(group).execute(&mut *write).await?;
        insert_members(&mut write, group, accounts).await?;
        write.commit().await?;
        Ok(())
    }

    /// So many members of a group at most, in the order of their accounts: those after this account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members_after(&self, group: &str, after: &str, at_most: usize) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT account FROM members WHERE group_id = $1 AND account > $2 ORDER BY account LIMIT $3";
        let query = sqlx::query_scalar(sql).bind(group).bind(after);
        Ok(query.bind(i64::try_from(at_most).unwrap_or(i64::MAX)).fetch_all(&self.readers).await?)
    }

    /// How many members a group has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_members(&self, group: &str) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM members WHERE group_id = $1";
        Ok(unsigned(sqlx::query_scalar(sql).bind(group).fetch_one(&self.readers).await?))
    }

    /// Whether an account is a member of a group.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_member(&self, group: &str, account: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM members WHERE group_id = $1 AND account = $2";
        let query = sqlx::query(sql).bind(group).bind(account);
        Ok(query.fetch_optional(&self.readers).await?.is_some())
    }
}

async fn insert_members(write: &mut SqliteConnection, group: &str, accounts: &[String]) -> Result<(), StoreError> {
    for some in accounts.chunks(1000) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO members (group_id, account) ");
        query.push_values(some, |mut row, account| {
            row.push_bind(group).push_bind(account);
        });
        query.push(" ON CONFLICT (group_id, account) DO NOTHING");
        query.build().execute(&mut *write).await?;
    }
    Ok(())
}
