//! Users and devices: bindings, presence, mutes, languages.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::{Store, StoreError, ms, small, unsigned};
use crate::model::{
    Absence, Device, EmptyToken, GlobalMute, LiveActivityBinding, Platform, Presence, PresenceEvent, PushConfig,
    ReceiveOption, Recipient, Settings, VoipBinding,
};

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

/// The conversation whose options decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversed<'a> {
    /// With this user.
    Peer(&'a str),
    /// In this group.
    Group(&'a str),
    /// None: a pure push.
    None,
}

impl Conversed<'_> {
    fn key(self) -> String {
        match self {
            Self::Peer(account) => format!("c:{account}"),
            Self::Group(group) => format!("g:{group}"),
            Self::None => String::new(),
        }
    }
}

/// A recipient and one of their devices; `None`: there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Seat {
    /// The recipient.
    pub recipient: Recipient,
    /// The device.
    pub device: Option<Device>,
}

/// The columns of a seat, in the order in which [`seat`] reads them.
const SEAT: &str = "u.account, r.opt, u.mute, u.utc_offset_minutes, u.language, d.device, d.platform, d.absent, \
                    d.connection, d.background, d.heard_ms, d.login_ms, d.badge, d.language, d.business_id, d.token, \
                    d.is_tpns, d.voip_certificate, d.voip_token, d.live_activities";

fn seat(row: &SqliteRow) -> Result<Seat, StoreError> {
    let account: String = row.try_get(0)?;
    let mute: Option<&str> = row.try_get(2)?;
    let recipient = Recipient {
        account: account.clone(),
        option: ReceiveOption::from_number(row.try_get::<Option<i64>, _>(1)?.unwrap_or(0)).unwrap_or_default(),
        mute: mute.map(|mute| serde_json::from_str(mute).map_err(|_| StoreError::Unreadable("a mute"))).transpose()?,
        utc_offset_minutes: i32::try_from(row.try_get::<i64, _>(3)?).unwrap_or(0),
        present_elsewhere: false,
    };
    let device: Option<String> = row.try_get(5)?;
    let device = device.map(|device| read_device(row, account, device)).transpose()?;
    Ok(Seat { recipient, device })
}

fn read_device(row: &SqliteRow, user: String, id: String) -> Result<Device, StoreError> {
    let absent: Option<&str> = row.try_get(7)?;
    let token: Option<String> = row.try_get(15)?;
    let voip: Option<String> = row.try_get(18)?;
    let activities: Option<&str> = row.try_get(19)?;
    let language: Option<String> = row.try_get(13)?;
    Ok(Device {
        user,
        id,
        platform: Platform::from_name(row.try_get(6)?).ok_or(StoreError::Unreadable("a platform"))?,
        presence: Presence {
            absent: absent.map(absence).transpose()?,
            connection: row.try_get::<Option<i64>, _>(8)?.map(unsigned),
            background: row.try_get::<i64, _>(9)? != 0,
            heard_ms: row.try_get::<Option<i64>, _>(10)?.map(unsigned),
            login_ms: unsigned(row.try_get(11)?),
        },
        badge: small(row.try_get(12)?),
        language: language.or(row.try_get(4)?),
        config: match token {
            Some(token) => Some(PushConfig {
                business_id: small(row.try_get(14)?),
                token,
                is_tpns: row.try_get::<i64, _>(16)? != 0,
            }),
            None => None,
        },
        voip: match voip {
            Some(token) => Some(VoipBinding { certificate: small(row.try_get(17)?), token }),
            None => None,
        },
        live_activities: match activities {
            Some(json) => serde_json::from_str(json).map_err(|_| StoreError::Unreadable("a Live Activity"))?,
            None => Vec::new(),
        },
    })
}

fn absence(name: &str) -> Result<Absence, StoreError> {
    let all = [Absence::LoggedOut, Absence::Kicked, Absence::SignatureExpired, Absence::Lapsed];
    all.into_iter().find(|absence| absence.as_str() == name).ok_or(StoreError::Unreadable("an absence"))
}

impl Store {
    /// The seats of these accounts, for a message of this conversation. Unknown accounts have none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seats(&self, accounts: &[String], conversed: Conversed<'_>) -> Result<Vec<Seat>, StoreError> {
        let mut seats = Vec::with_capacity(accounts.len());
        // Below the number of parameters that every database takes.
        for some in accounts.chunks(1000) {
            let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
            query.push(SEAT).push(FROM).push_bind(conversed.key()).push(" WHERE u.account IN (");
            let mut list = query.separated(", ");
            for account in some {
                list.push_bind(account);
            }
            query.push(") ORDER BY u.account");
            let rows = query.build().fetch_all(&self.readers).await?;
            for row in &rows {
                seats.push(seat(row)?);
            }
        }
        Ok(seats)
    }

    /// The seats of a group's members, for a message in it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member_seats(&self, group: &str) -> Result<Vec<Seat>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(SEAT).push(FROM).push_bind(Conversed::Group(group).key());
        query.push(" WHERE u.account IN (SELECT account FROM members WHERE group_id = ").push_bind(group);
        query.push(") ORDER BY u.account");
        query.build().fetch_all(&self.readers).await?.iter().map(seat).collect()
    }

    /// The seats of every user, for a push to all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_seats(&self) -> Result<Vec<Seat>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
        query.push(SEAT).push(FROM).push_bind("").push(" ORDER BY u.account");
        query.build().fetch_all(&self.readers).await?.iter().map(seat).collect()
    }

    /// A device; `None`: it never logged in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn device(&self, account: &str, device: &str) -> Result<Option<Device>, StoreError> {
        let seats = self.seats(&[account.to_owned()], Conversed::None).await?;
        Ok(seats.into_iter().filter_map(|seat| seat.device).find(|found| found.id == device))
    }

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
        let mut write = self.begin().await?;
        if event == PresenceEvent::SignatureExpired && !settings.signature_expiry_ends_pushes {
            return Ok(false);
        }
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

    /// Binds a device to a certificate and a token (R14–R17); `None`: push is off. A binding of the
    /// same token to another device ends, if the settings say so.
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
        if let Some(config) = config.filter(|_| settings.token_is_exclusive) {
            let sql = "UPDATE devices SET token = NULL, business_id = 0, is_tpns = 0 \
                       WHERE token = $1 AND NOT (account = $2 AND device = $3)";
            sqlx::query(sql).bind(&config.token).bind(account).bind(device).execute(&mut *write).await?;
        }
        let sql = "UPDATE devices SET business_id = $3, token = $4, is_tpns = $5 \
                   WHERE account = $1 AND device = $2 AND absent IS NULL";
        let query = sqlx::query(sql).bind(account).bind(device);
        let query = query.bind(config.map_or(0, |config| i64::from(config.business_id)));
        let query = query.bind(config.map(|config| config.token.as_str()));
        let query = query.bind(config.map_or(0, |config| i64::from(config.is_tpns)));
        let bound = query.execute(&mut *write).await?.rows_affected();
        // To switch off what is off already is no error.
        if bound == 0 && config.is_some() {
            return Err(StoreError::NotLoggedIn);
        }
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
        let bound = query.bind(voip.map(|voip| voip.token.as_str())).execute(&self.writer).await?.rows_affected();
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
                all.push(binding.clone());
            }
        }
        let json = if all.is_empty() { None } else { serde_json::to_string(&all).ok() };
        let sql = "UPDATE devices SET live_activities = $3 WHERE account = $1 AND device = $2";
        sqlx::query(sql).bind(account).bind(device).bind(json).execute(&mut *write).await?;
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

/// Users with their devices, if any, and their option for the conversation that is bound next.
const FROM: &str = " FROM users u LEFT JOIN devices d ON d.account = u.account \
                    LEFT JOIN receive_options r ON r.account = u.account AND r.conversation = ";
