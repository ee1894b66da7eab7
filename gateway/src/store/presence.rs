//! What happens to devices: logins and their ends, connections, foreground and background, a change of
//! language.

use sqlx::Row as _;

use super::seats::absence;
use super::{Store, StoreError, ms, unsigned};
use crate::model::{Absence, Platform, Presence, PresenceEvent, Settings};

impl Store {
    /// Takes in what happened to a device. `platform` counts for a login, which makes user and
    /// device known; any other event of an unknown device is ignored. Says whether anything
    /// changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn presence(
        &self,
        account: &str,
        device: &str,
        platform: Platform,
        event: PresenceEvent,
        settings: &Settings,
        now_ms: u64,
    ) -> Result<bool, StoreError> {
        if event == PresenceEvent::SignatureExpired && !settings.signature_expiry_ends_pushes {
            return Ok(false);
        }
        let mut write = self.begin().await?;
        let sql = "SELECT absent, connection, background, heard_ms, login_ms FROM devices \
                   WHERE account = $1 AND device = $2";
        let row = sqlx::query(sql).bind(account).bind(device).fetch_optional(&mut *write).await?;
        let known = match &row {
            Some(row) => Some(Presence {
                absent: row.try_get::<Option<&str>, _>(0)?.map(absence).transpose()?,
                connection: row.try_get::<Option<i64>, _>(1)?.map(unsigned),
                background: row.try_get::<i64, _>(2)? != 0,
                heard_ms: row.try_get::<Option<i64>, _>(3)?.map(unsigned),
                login_ms: unsigned(row.try_get(4)?),
            }),
            None if matches!(event, PresenceEvent::Login { .. }) => None,
            None => return Ok(false),
        };
        let mut presence = known.unwrap_or(Presence::logged_in(now_ms));
        let was_absent = presence.absent.is_some();
        let changed = presence.apply(event, now_ms) || known.is_none();
        if let PresenceEvent::Login { .. } = event {
            let sql = "INSERT INTO users (account) VALUES ($1) ON CONFLICT (account) DO NOTHING";
            sqlx::query(sql).bind(account).execute(&mut *write).await?;
        }
        let sql = "INSERT INTO devices (account, device, platform, absent, connection, background, heard_ms, login_ms) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account, device) DO UPDATE SET \
                   absent = excluded.absent, connection = excluded.connection, background = excluded.background, \
                   heard_ms = excluded.heard_ms, login_ms = excluded.login_ms";
        let query = sqlx::query(sql).bind(account).bind(device).bind(platform.as_str());
        let query = query.bind(presence.absent.map(Absence::as_str)).bind(presence.connection.map(ms));
        let query = query.bind(i64::from(presence.background)).bind(presence.heard_ms.map(ms));
        query.bind(ms(presence.login_ms)).execute(&mut *write).await?;
        match event {
            PresenceEvent::Login { .. } => {
                let sql = "UPDATE devices SET platform = $3 WHERE account = $1 AND device = $2";
                let query = sqlx::query(sql).bind(account).bind(device).bind(platform.as_str());
                query.execute(&mut *write).await?;
            }
            PresenceEvent::Background { unread } if !was_absent => {
                let sql = "UPDATE devices SET badge = $3 WHERE account = $1 AND device = $2";
                let query = sqlx::query(sql).bind(account).bind(device).bind(i64::from(unread));
                query.execute(&mut *write).await?;
            }
            // The binding lapses with the login (R7, R8).
            PresenceEvent::Logout | PresenceEvent::Kick | PresenceEvent::SignatureExpired => {
                let sql = "UPDATE devices SET token = NULL, business_id = 0, is_tpns = 0, voip_token = NULL, \
                           live_activities = NULL WHERE account = $1 AND device = $2";
                sqlx::query(sql).bind(account).bind(device).execute(&mut *write).await?;
            }
            _ => {}
        }
        write.commit().await?;
        Ok(changed)
    }

    /// Kicks every device of a user, and voids signatures made before now (R9).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kick(&self, account: &str, now_ms: u64) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "UPDATE users SET kicked_s = $2 WHERE account = $1";
        sqlx::query(sql).bind(account).bind(ms(now_ms / 1000)).execute(&mut *write).await?;
        let sql = "UPDATE devices SET absent = $2, connection = NULL, background = 0, heard_ms = NULL, token = NULL, \
                   business_id = 0, is_tpns = 0, voip_token = NULL, live_activities = NULL \
                   WHERE account = $1 AND absent IS NULL";
        sqlx::query(sql).bind(account).bind(Absence::Kicked.as_str()).execute(&mut *write).await?;
        write.commit().await?;
        Ok(())
    }

    /// Sets the language that a device's system has; `None`: unknown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_language(&self, account: &str, device: &str, language: Option<&str>) -> Result<(), StoreError> {
        let sql = "UPDATE devices SET language = $3 WHERE account = $1 AND device = $2";
        sqlx::query(sql).bind(account).bind(device).bind(language).execute(&self.writer).await?;
        Ok(())
    }
}
