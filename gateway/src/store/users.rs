//! Users: what is known of them, and what they have muted.

use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::seats::Conversed;
use super::{Store, StoreError, unsigned};
use crate::model::{GlobalMute, ReceiveOption};

/// A user as the registry has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct User {
    /// The account.
    pub account: String,
    /// The nickname, for texts; empty: none.
    pub nickname: String,
    /// The language of devices that report none.
    pub language: Option<String>,
    /// The time zone, in minutes east of UTC, for daily mutes.
    pub utc_offset_minutes: i32,
    /// The mute of everything.
    pub mute: Option<GlobalMute>,
    /// Signatures made before this second are void.
    pub kicked_s: u64,
}

impl Store {
    /// A user; `None`: never seen and never imported.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user(&self, account: &str) -> Result<Option<User>, StoreError> {
        let sql = "SELECT nickname, language, utc_offset_minutes, mute, kicked_s FROM users WHERE account = $1";
        let Some(row) = sqlx::query(sql).bind(account).fetch_optional(&self.readers).await? else { return Ok(None) };
        let mute: Option<&str> = row.try_get(3)?;
        Ok(Some(User {
            account: account.to_owned(),
            nickname: row.try_get(0)?,
            language: row.try_get(1)?,
            utc_offset_minutes: i32::try_from(row.try_get::<i64, _>(2)?).unwrap_or(0),
            mute: mute.map(|m| serde_json::from_str(m).map_err(|_| StoreError::Unreadable("a mute"))).transpose()?,
            kicked_s: unsigned(row.try_get(4)?),
        }))
    }

    /// Which of these accounts are known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known(&self, accounts: &[String]) -> Result<Vec<String>, StoreError> {
        let mut known = Vec::with_capacity(accounts.len());
        for some in accounts.chunks(1000) {
            let mut query = QueryBuilder::<Sqlite>::new("SELECT account FROM users WHERE account IN (");
            let mut list = query.separated(", ");
            for account in some {
                list.push_bind(account);
            }
            query.push(")");
            known.extend(query.build_query_scalar::<String>().fetch_all(&self.readers).await?);
        }
        Ok(known)
    }

    /// Makes a user known, or changes what is known: nickname, language, time zone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_user(&self, user: &User) -> Result<(), StoreError> {
        let sql = "INSERT INTO users (account, nickname, language, utc_offset_minutes) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (account) DO UPDATE SET nickname = excluded.nickname, language = excluded.language, \
                   utc_offset_minutes = excluded.utc_offset_minutes";
        let query = sqlx::query(sql).bind(&user.account).bind(&user.nickname).bind(&user.language);
        query.bind(i64::from(user.utc_offset_minutes)).execute(&self.writer).await?;
        Ok(())
    }

    /// Sets the mute of everything (R31), with the user's time zone; `None`: ends it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_global_mute(
        &self,
        account: &str,
        mute: Option<GlobalMute>,
        utc_offset_minutes: i32,
    ) -> Result<(), StoreError> {
        let mute = mute.and_then(|mute| serde_json::to_string(&mute).ok());
        let sql = "INSERT INTO users (account, mute, utc_offset_minutes) VALUES ($1, $2, $3) ON CONFLICT (account) \
                   DO UPDATE SET mute = excluded.mute, utc_offset_minutes = excluded.utc_offset_minutes";
        let query = sqlx::query(sql).bind(account).bind(mute).bind(i64::from(utc_offset_minutes));
        query.execute(&self.writer).await?;
        Ok(())
    }

    /// Sets a user's option for a conversation (R29).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_option(
        &self,
        account: &str,
        conversed: Conversed<'_>,
        option: ReceiveOption,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO receive_options (account, conversation, opt) VALUES ($1, $2, $3) \
                   ON CONFLICT (account, conversation) DO UPDATE SET opt = excluded.opt";
        let query = sqlx::query(sql).bind(account).bind(conversed.key()).bind(i64::from(option.number()));
        query.execute(&self.writer).await?;
        Ok(())
    }

    /// A user's option for a conversation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn option(&self, account: &str, conversed: Conversed<'_>) -> Result<ReceiveOption, StoreError> {
        let sql = "SELECT opt FROM receive_options WHERE account = $1 AND conversation = $2";
        let query = sqlx::query_scalar::<_, i64>(sql).bind(account).bind(conversed.key());
        let number = query.fetch_optional(&self.readers).await?.unwrap_or(0);
        Ok(ReceiveOption::from_number(number).unwrap_or_default())
    }
}
