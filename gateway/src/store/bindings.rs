//! The tokens that reach a device: set by its client, replaced or called dead by a vendor.

use sqlx::{Row as _, SqliteConnection};

use super::outbox::TargetOf;
use super::{Store, StoreError};
use crate::decide::Way;
use crate::model::{EmptyToken, LiveActivityBinding, Platform, PushConfig, Settings, VoipBinding};

impl Store {
    /// Binds a device to a certificate and a token (R14–R17); `None`: push is off. A binding of the
    /// same token to another device ends, if the settings say so. Apple's tokens are hex, and kept in lower
    /// case: one token is one text.
    ///
    /// # Errors
    /// When the device is not logged in, the token is empty and the settings refuse that, or the
    /// database fails.
    pub async fn set_config(
        &self,
        account: &str,
        device: &str,
        config: Option<&PushConfig>,
        settings: &Settings,
    ) -> Result<(), StoreError> {
        let config = match config {
            Some(config) if config.token.is_empty() && settings.empty_token == EmptyToken::Clear => None,
            Some(config) if config.token.is_empty() => return Err(StoreError::EmptyToken),
            config => config,
        };
        let mut write = self.begin().await?;
        let sql = "SELECT platform FROM devices WHERE account = $1 AND device = $2 AND absent IS NULL";
        let query = sqlx::query_scalar::<_, String>(sql).bind(account).bind(device);
        let Some(platform) = query.fetch_optional(&mut *write).await? else {
            // To switch off what is off already is no error.
            return if config.is_some() { Err(StoreError::NotLoggedIn) } else { Ok(()) };
        };
        let is_apple = Platform::from_name(&platform).is_some_and(|platform| platform.is_apple());
        let token = config.map(|config| match config.is_tpns {
            false if is_apple => config.token.to_ascii_lowercase(),
            _ => config.token.clone(),
        });
        if let Some(token) = token.as_ref().filter(|_| settings.token_is_exclusive) {
            let sql = "UPDATE devices SET token = NULL, business_id = 0, is_tpns = 0 \
                       WHERE token = $1 AND NOT (account = $2 AND device = $3)";
            sqlx::query(sql).bind(token).bind(account).bind(device).execute(&mut *write).await?;
        }
        let sql = "UPDATE devices SET business_id = $3, token = $4, is_tpns = $5 WHERE account = $1 AND device = $2";
        let query = sqlx::query(sql).bind(account).bind(device);
        let query = query.bind(config.map_or(0, |config| i64::from(config.business_id))).bind(token);
        query.bind(config.map_or(0, |config| i64::from(config.is_tpns))).execute(&mut *write).await?;
        write.commit().await?;
        Ok(())
    }

    /// Binds a device for calls, beside its ordinary binding (R18); `None`: ends it.
    ///
    /// # Errors
    /// When the device is not logged in, or the database fails.
    pub async fn set_voip(&self, account: &str, device: &str, voip: Option<&VoipBinding>) -> Result<(), StoreError> {
        let sql = "UPDATE devices SET voip_certificate = $3, voip_token = $4 \
                   WHERE account = $1 AND device = $2 AND absent IS NULL";
        let query = sqlx::query(sql).bind(account).bind(device);
        let query = query.bind(voip.map_or(0, |voip| i64::from(voip.certificate)));
        let bound =
            query.bind(voip.map(|voip| voip.token.to_ascii_lowercase())).execute(&self.writer).await?.rows_affected();
        if bound == 0 && voip.is_some() { Err(StoreError::NotLoggedIn) } else { Ok(()) }
    }

    /// Binds a device for one Live Activity, beside what it has (R18); `None`: ends all of them.
    ///
    /// # Errors
    /// When the device is not logged in, or the database fails.
    pub async fn set_live_activity(
        &self,
        account: &str,
        device: &str,
        binding: Option<&LiveActivityBinding>,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let sql = "SELECT live_activities FROM devices WHERE account = $1 AND device = $2 AND absent IS NULL";
        let found = sqlx::query(sql).bind(account).bind(device).fetch_optional(&mut *write).await?;
        let Some(row) = found else {
            return if binding.is_some() { Err(StoreError::NotLoggedIn) } else { Ok(()) };
        };
        let json: Option<&str> = row.try_get(0)?;
        let mut all: Vec<LiveActivityBinding> =
            json.map_or(Ok(Vec::new()), serde_json::from_str).map_err(|_| StoreError::Unreadable("a Live Activity"))?;
        match binding {
            None => all.clear(),
            Some(binding) => {
                all.retain(|other| other.activity != binding.activity);
                all.push(LiveActivityBinding { token: binding.token.to_ascii_lowercase(), ..binding.clone() });
            }
        }
        let json = if all.is_empty() { None } else { serde_json::to_string(&all).ok() };
        let sql = "UPDATE devices SET live_activities = $3 WHERE account = $1 AND device = $2";
        sqlx::query(sql).bind(account).bind(device).bind(json).execute(&mut *write).await?;
        write.commit().await?;
        Ok(())
    }

    /// Puts the token that a vendor gave in place of an old one, on whatever device has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replace_token(&self, old: &str, new: &str) -> Result<u64, StoreError> {
        let sql = "UPDATE devices SET token = $2 WHERE token = $1";
        Ok(sqlx::query(sql).bind(old).bind(new).execute(&self.writer).await?.rows_affected())
    }

    /// Drops a token that a vendor called dead, on whatever device has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_token(&self, token: &str) -> Result<u64, StoreError> {
        let sql = "UPDATE devices SET token = NULL, business_id = 0, is_tpns = 0 WHERE token = $1";
        Ok(sqlx::query(sql).bind(token).execute(&self.writer).await?.rows_affected())
    }
}

/// Drops a dead token from the binding that was used, unless a new one is there by now.
pub(super) async fn forget(write: &mut SqliteConnection, target: &TargetOf, way: Way) -> Result<(), StoreError> {
    let sql = match way {
        Way::Ordinary => {
            "UPDATE devices SET token = NULL, business_id = 0, is_tpns = 0 \
             WHERE account = $1 AND device = $2 AND token = $3"
        }
        Way::Voip => "UPDATE devices SET voip_token = NULL WHERE account = $1 AND device = $2 AND voip_token = $3",
        Way::LiveActivity => return forget_activity(write, target).await,
    };
    sqlx::query(sql).bind(&target.account).bind(&target.device).bind(&target.token).execute(write).await?;
    Ok(())
}

async fn forget_activity(write: &mut SqliteConnection, target: &TargetOf) -> Result<(), StoreError> {
    let sql = "SELECT live_activities FROM devices WHERE account = $1 AND device = $2";
    let query = sqlx::query_scalar::<_, Option<String>>(sql).bind(&target.account).bind(&target.device);
    let Some(json) = query.fetch_optional(&mut *write).await?.flatten() else { return Ok(()) };
    let mut all: Vec<LiveActivityBinding> =
        serde_json::from_str(&json).map_err(|_| StoreError::Unreadable("a Live Activity"))?;
    all.retain(|binding| binding.token != target.token);
    let json = if all.is_empty() { None } else { serde_json::to_string(&all).ok() };
    let sql = "UPDATE devices SET live_activities = $3 WHERE account = $1 AND device = $2";
    sqlx::query(sql).bind(&target.account).bind(&target.device).bind(json).execute(write).await?;
    Ok(())
}
