//! Whom a message is judged for: users with their devices, and what they want of the conversation.

use futures::TryStreamExt as _;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::{Store, StoreError, small, unsigned};
use crate::model::{Absence, Device, Platform, Presence, PushConfig, ReceiveOption, Recipient, VoipBinding};

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
    pub(super) fn key(self) -> String {
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
const SEAT: &str = "SELECT u.account, r.opt, u.mute, u.utc_offset_minutes, COALESCE(d.language, u.language), d.device, \
                    d.platform, d.absent, d.connection, d.background, d.heard_ms, d.login_ms, d.badge, d.business_id, \
                    d.token, d.is_tpns, d.voip_certificate, d.voip_token, d.live_activities FROM ";

/// Users with their devices, if any, and their option for the conversation that is bound next.
const DEVICES: &str = " LEFT JOIN devices d ON d.account = u.account \
                       LEFT JOIN receive_options r ON r.account = u.account AND r.conversation = ";

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
    let token: Option<String> = row.try_get(14)?;
    let voip: Option<String> = row.try_get(17)?;
    let activities: Option<&str> = row.try_get(18)?;
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
        language: row.try_get(4)?,
        config: match token {
            Some(token) => Some(PushConfig {
                business_id: small(row.try_get(13)?),
                token,
                is_tpns: row.try_get::<i64, _>(15)? != 0,
            }),
            None => None,
        },
        voip: match voip {
            Some(token) => Some(VoipBinding { certificate: small(row.try_get(16)?), token }),
            None => None,
        },
        live_activities: match activities {
            Some(json) => serde_json::from_str(json).map_err(|_| StoreError::Unreadable("a Live Activity"))?,
            None => Vec::new(),
        },
    })
}

pub(super) fn absence(name: &str) -> Result<Absence, StoreError> {
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
            let mut query = QueryBuilder::<Sqlite>::new(SEAT);
            query.push("users u").push(DEVICES).push_bind(conversed.key()).push(" WHERE u.account IN (");
            let mut list = query.separated(", ");
            for account in some {
                list.push_bind(account);
            }
            query.push(") ORDER BY u.account");
            self.read_seats(query, &mut seats).await?;
        }
        Ok(seats)
    }

    /// The seats of a group's members, for a message in it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member_seats(&self, group: &str) -> Result<Vec<Seat>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(SEAT);
        query.push("members m JOIN users u ON u.account = m.account").push(DEVICES);
        query.push_bind(Conversed::Group(group).key()).push(" WHERE m.group_id = ").push_bind(group);
        query.push(" ORDER BY m.account");
        let mut seats = Vec::new();
        self.read_seats(query, &mut seats).await?;
        Ok(seats)
    }

    /// The seats of every user, for a push to all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_seats(&self) -> Result<Vec<Seat>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(SEAT);
        query.push("users u").push(DEVICES).push_bind("").push(" ORDER BY u.account");
        let mut seats = Vec::new();
        self.read_seats(query, &mut seats).await?;
        Ok(seats)
    }

    /// Row by row: thousands of them at once would cost more than they do.
    async fn read_seats(&self, mut query: QueryBuilder<'_, Sqlite>, seats: &mut Vec<Seat>) -> Result<(), StoreError> {
        let mut rows = query.build().fetch(&self.readers);
        while let Some(row) = rows.try_next().await? {
            seats.push(seat(&row)?);
        }
        Ok(())
    }

    /// A device; `None`: it never logged in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn device(&self, account: &str, device: &str) -> Result<Option<Device>, StoreError> {
        let seats = self.seats(&[account.to_owned()], Conversed::None).await?;
        Ok(seats.into_iter().filter_map(|seat| seat.device).find(|found| found.id == device))
    }
}
