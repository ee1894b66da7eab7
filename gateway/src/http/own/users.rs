//! Users: what is known of them, and what they have muted.

use super::devices::{Seen, language};
use super::problem::Problem;
use super::{Call, Part};
use crate::described::objects;
use crate::model::{GlobalMute, ReceiveOption};
use crate::store::{Conversed, User};

/// How many users one call may set an option for.
const PEERS: usize = 30;

objects! {
    /// What is known of a user.
    Profile {
        /// The nickname, for texts; absent: none.
        nickname: Option<String>,
        /// The language of devices that report none.
        language: Option<String>,
        /// The time zone, in minutes east of UTC; absent: 0.
        utc_offset_minutes: Option<i32>,
    }

    /// A user with their devices.
    Known {
        /// The account.
        account: String,
        /// The nickname; empty: none.
        nickname: String,
        /// The language.
        language: Option<String>,
        /// The time zone, in minutes east of UTC.
        utc_offset_minutes: i32,
        /// Whether a mute of everything is open now.
        muted: bool,
        /// The devices.
        devices: Vec<Seen>,
    }

    /// What a user wants of a conversation.
    Wish {
        /// 0: received and pushed. 1: neither. 2: received, not pushed. 3: received, pushed only with a mention.
        /// 4: received and pushed only with a mention.
        opt: u8,
    }

    /// What a user wants of conversations with others.
    Wishes {
        /// The others, 1 to 30.
        users: Vec<String>,
        /// As for one conversation.
        opt: u8,
    }

    /// A mute of everything: daily from a time of day on, or once from a point in time on.
    Mute {
        /// 2: received, not pushed. 0: the mute ends.
        opt: u8,
        /// The hour of the daily start, 0 to 23; absent: 0.
        start_hour: Option<u32>,
        /// The minute, 0 to 59; absent: 0.
        start_minute: Option<u32>,
        /// The second, 0 to 59; absent: 0.
        start_second: Option<u32>,
        /// The start in seconds since the Unix epoch; it wins over the time of day.
        start_timestamp: Option<u64>,
        /// How long, in seconds. From a time of day on, 86,400 and more is for good.
        duration: u32,
        /// The user's time zone, in minutes east of UTC; absent: as it is known.
        utc_offset_minutes: Option<i32>,
    }
}

pub(super) async fn put(call: Call, body: Profile) -> Result<(), Problem> {
    let user = User {
        account: call.path(Part::Account)?.to_owned(),
        nickname: body.nickname.unwrap_or_default(),
        language: body.language.map(language).transpose()?,
        utc_offset_minutes: offset(body.utc_offset_minutes.unwrap_or(0))?,
        ..User::default()
    };
    Ok(call.gateway().store().put_user(&user).await?)
}

pub(super) async fn get(call: Call, (): ()) -> Result<Known, Problem> {
    let account = call.path(Part::Account)?;
    let (store, settings, now_ms) = (call.gateway().store(), call.gateway().settings(), call.gateway().now_ms());
    let user = store.user(account).await?.ok_or_else(|| Problem::not_found("user"))?;
    let seats = store.seats(&[account.to_owned()], Conversed::None).await?;
    let devices = seats.into_iter().filter_map(|seat| seat.device).map(|device| Seen::of(device, &call)).collect();
    Ok(Known {
        muted: user.mute.is_some_and(|mute| mute.is_open(user.utc_offset_minutes, &settings, now_ms)),
        account: user.account,
        nickname: user.nickname,
        language: user.language,
        utc_offset_minutes: user.utc_offset_minutes,
        devices,
    })
}

pub(super) async fn kick(call: Call, (): ()) -> Result<(), Problem> {
    let account = call.path(Part::Account)?;
    if call.gateway().store().user(account).await?.is_none() {
        return Err(Problem::not_found("user"));
    }
    Ok(call.gateway().kick(account).await?)
}

pub(super) async fn put_wishes(call: Call, body: Wishes) -> Result<(), Problem> {
    let account = call.path(Part::Account)?;
    if body.users.is_empty() || body.users.len() > PEERS {
        return Err(Problem::invalid(format!("users has {} accounts; 1 to {PEERS} are allowed", body.users.len())));
    }
    let option = ReceiveOption::from_number(body.opt.into())?;
    for user in &body.users {
        call.gateway().store().set_option(account, Conversed::Peer(user), option).await?;
    }
    Ok(())
}

pub(super) async fn get_wish(call: Call, (): ()) -> Result<Wish, Problem> {
    let (account, peer) = (call.path(Part::Account)?, call.path(Part::Peer)?);
    Ok(Wish { opt: call.gateway().store().option(account, Conversed::Peer(peer)).await?.number() })
}

pub(super) async fn put_group_wish(call: Call, body: Wish) -> Result<(), Problem> {
    let (account, group) = (call.path(Part::Account)?, call.path(Part::Group)?);
    let option = ReceiveOption::from_number(body.opt.into())?;
    Ok(call.gateway().store().set_option(account, Conversed::Group(group), option).await?)
}

pub(super) async fn get_group_wish(call: Call, (): ()) -> Result<Wish, Problem> {
    let (account, group) = (call.path(Part::Account)?, call.path(Part::Group)?);
    Ok(Wish { opt: call.gateway().store().option(account, Conversed::Group(group)).await?.number() })
}

pub(super) async fn put_mute(call: Call, body: Mute) -> Result<(), Problem> {
    let account = call.path(Part::Account)?;
    let known = call.gateway().store().user(account).await?.map_or(0, |user| user.utc_offset_minutes);
    let offset = offset(body.utc_offset_minutes.unwrap_or(known))?;
    let mute = match body.start_timestamp.filter(|start| *start > 0) {
        Some(start) => GlobalMute::once(body.opt.into(), start, body.duration.into())?,
        None => {
            let part = |part: Option<u32>| part.unwrap_or(0);
            let start = (part(body.start_hour), part(body.start_minute), part(body.start_second));
            GlobalMute::daily(body.opt.into(), start, body.duration, offset, call.gateway().now_ms())?
        }
    };
    Ok(call.gateway().store().set_global_mute(account, mute, offset).await?)
}

/// No place is further from UTC than this, in minutes.
fn offset(minutes: i32) -> Result<i32, Problem> {
    if (-840..=840).contains(&minutes) {
        Ok(minutes)
    } else {
        Err(Problem::invalid(format!("utc_offset_minutes is {minutes}; -840 to 840 are allowed")))
    }
}
