//! Who is online, and who is to be no more.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Request;
use super::frame::{Answer, Refused, internal, object};
use super::send::errors;
use crate::model::{Platform, State};
use crate::store::Conversed;

/// `query_online_status`, and `querystate`, which has the state in a member `State` too.
pub(super) async fn online_status(request: Request) -> Answer {
    let gateway = &request.im.gateway;
    let accounts = request.accounts("To_Account", 90003, (500, 90011))?;
    let detail = request.flag("IsNeedDetail")?.unwrap_or(false);
    let older = request.row.path.ends_with("querystate");
    let seats = gateway.store().seats(&accounts, Conversed::None).await;
    let seats = seats.map_err(|error| internal(&error, request.row.codes))?;
    let (settings, now_ms) = (gateway.settings(), gateway.now_ms());
    // The best state of each platform of each account.
    let mut known: BTreeMap<String, BTreeMap<&str, Status>> = BTreeMap::new();
    for seat in seats {
        let platforms = known.entry(seat.recipient.account).or_default();
        if let Some(device) = seat.device {
            let status = match device.presence.state(&settings, now_ms) {
                State::Foreground | State::Background => Status::Online,
                State::PushOnline => Status::PushOnline,
                State::Offline(_) => Status::Offline,
            };
            let best = platforms.entry(platform_word(device.platform)).or_insert(status);
            *best = status.max(*best);
        }
    }
    let (mut results, mut unknown) = (Vec::new(), Vec::new());
    for account in accounts {
        let Some(platforms) = known.get(&account) else {
            unknown.push(account);
            continue;
        };
        let status = platforms.values().max().copied().unwrap_or(Status::Offline).word();
        let mut result = object(json!({ "To_Account": account, "Status": status }));
        if older {
            result.insert("State".into(), status.into());
        }
        if detail {
            let item = |(platform, status): (&&str, &Status)| json!({ "Platform": platform, "Status": status.word() });
            result.insert("Detail".into(), platforms.iter().map(item).collect());
        }
        results.push(Value::Object(result));
    }
    let mut answer = object(json!({ "QueryResult": results }));
    if !unknown.is_empty() {
        answer.insert("ErrorList".into(), errors(&unknown));
    }
    Ok(answer)
}

/// `kick`: every device is logged out, and signatures made before are void.
pub(super) async fn kick(request: Request) -> Answer {
    let (gateway, codes) = (&request.im.gateway, request.row.codes);
    // Older clients have another name for it.
    let account = match request.text("UserID", codes.malformed)? {
        Some(account) => account,
        None => {
            request.need_text("Identifier", codes.malformed).map_err(|_| Refused::new(70402, "UserID is missing"))?
        }
    };
    let user = gateway.store().user(account).await.map_err(|error| internal(&error, codes))?;
    if user.is_none() {
        return Err(Refused::new(70107, "UserID is not known"));
    }
    gateway.kick(account).await.map_err(|error| internal(&error, codes))?;
    Ok(object(json!({})))
}

/// From worst to best.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Offline,
    PushOnline,
    Online,
}

impl Status {
    const fn word(self) -> &'static str {
        match self {
            Self::Offline => "Offline",
            Self::PushOnline => "PushOnline",
            Self::Online => "Online",
        }
    }
}

/// The original's words, and one for a platform that its list does not have.
const fn platform_word(platform: Platform) -> &'static str {
    match platform {
        Platform::Android => "Android",
        Platform::IPhone => "iPhone",
        Platform::IPad => "iPad",
        Platform::Mac => "Mac",
        Platform::Windows | Platform::Linux => "PC",
        Platform::Web | Platform::MiniProgram => "Web",
        Platform::Harmony => "Harmony",
    }
}
