//! What OPPO offers besides sending: pictures, aliases, dead registration ids and statistics, after
//! OPPO's Java SDK and copies of its pages on the device API. Each has a host of its own; here one
//! host serves them all.

use http::Method;
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::codes::{self, BAD_TARGET, INVALID, MISSING};
use super::fields::{Checked, Object, check, ensure, refuse, text};
use super::form::{Form, TOKEN};
use super::{Memory, Oppo, checks, fields};
use crate::fake::{Answer, Call, Purpose};
use crate::multipart::{self, Part};

const BIG_PICTURE: &str = "/server/v1/media/upload/big_picture";
const SMALL_PICTURE: &str = "/server/v1/media/upload/small_picture";
const SET_ALIAS: &str = "/server/v1/device/set_alias";
const DELETE_ALIAS: &str = "/server/v1/device/delete_alias";
const DEAD: &str = "/server/v1/feedback/fetch_invalid_regidList";
const STATISTICS: &str = "/server/v1/message/statistics";
const PATHS: [&str; 6] = [BIG_PICTURE, SMALL_PICTURE, SET_ALIAS, DELETE_ALIAS, DEAD, STATISTICS];

/// The most bytes of a big picture.
pub const BIG_PICTURE_BYTES: usize = 1_048_576;
/// The most bytes of a small picture.
pub const SMALL_PICTURE_BYTES: usize = 51_200;

/// The counters of a broadcast, by OPPO's names.
pub(super) const COUNTERS: [&str; 6] =
    ["targetCount", "validCount", "sendCount", "arriveCount", "showCount", "openCount"];

/// What a call is for; `None` when its path is that of no operation.
pub(super) fn purpose(call: &Call) -> Option<Purpose> {
    let known = PATHS.contains(&call.path.as_str());
    known.then(|| if call.method == method(&call.path) { Purpose::Operate } else { Purpose::Unknown })
}

fn method(path: &str) -> Method {
    if path == DEAD { Method::GET } else { Method::POST }
}

impl Memory {
    /// Counts the targets of a broadcast, all of them and those it reached.
    pub(super) fn count(&mut self, message_id: &str, task_id: &str, all: usize, reached: usize) {
        let counters = self.counters.entry((message_id.to_owned(), task_id.to_owned())).or_default();
        for (counter, count) in counters.iter_mut().zip([all, reached, reached, reached]) {
            *counter += count as u64;
        }
    }

    /// One alias is one device's, and a device has one alias; the last call wins.
    pub(super) fn set_alias(&mut self, alias: &str, target: &str) {
        self.aliases.retain(|_, other| other != target);
        self.aliases.insert(alias.to_owned(), target.to_owned());
    }
}

impl Oppo {
    pub(super) fn operate(&self, call: &Call) -> Checked<Answer> {
        let path = call.path.as_str();
        let method = method(path);
        ensure(call.method == method, "12", format!("{} is not {method}", call.method))?;
        match path {
            BIG_PICTURE | SMALL_PICTURE => self.upload(call),
            SET_ALIAS | DELETE_ALIAS => self.change_alias(call),
            DEAD => self.dead(call),
            _ => self.statistics(call),
        }
    }

    fn upload(&self, call: &Call) -> Checked<Answer> {
        let parts = multipart::parts(call).or_else(|why| refuse("HTTP 415", why))?;
        let part = |name: &str| parts.iter().find(|part| part.name == name);
        let field = |name: &str| part(name).and_then(Part::text).filter(|text| !text.is_empty());
        self.authorise(call, field(TOKEN))?;
        for (at, Part { name, .. }) in parts.iter().enumerate() {
            let known = [TOKEN, "picture_ttl", "file"].contains(&name.as_str());
            let twice = parts.iter().take(at).any(|other| other.name == *name);
            ensure(known && !twice, INVALID, format!("{name}: no such part, or another one"))?;
        }
        let Some(ttl) = field("picture_ttl") else { return refuse(MISSING, "picture_ttl is missing") };
        ensure(ttl.parse::<u32>().is_ok(), INVALID, format!("picture_ttl cannot be {ttl}"))?;
        let Some(file) = part("file").filter(|file| file.file_name.is_some()) else {
            return refuse(MISSING, "file is missing");
        };
        let big = call.path == BIG_PICTURE;
        let most = if big { BIG_PICTURE_BYTES } else { SMALL_PICTURE_BYTES };
        ensure(file.bytes.len() <= most, "51", format!("{} bytes; {most} at most", file.bytes.len()))?;
        ensure(is_picture(&file.bytes), "51", "neither JPEG nor PNG")?;
        let id = picture_id(&file.bytes);
        let mut memory = self.memory();
        let (pictures, name) = match big {
            true => (&mut memory.big_pictures, "big_picture_id"),
            false => (&mut memory.small_pictures, "small_picture_id"),
        };
        pictures.insert(id.clone());
        Ok(codes::success(&json!({name: id})))
    }

    /// What OPPO says to taking away an alias that is not there is unknown; here it is nothing.
    fn change_alias(&self, call: &Call) -> Checked<Answer> {
        let mime = call.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let mut mime = mime.split(';').map(str::trim);
        ensure(mime.next() == Some("application/json"), "HTTP 415", "the body is not declared as JSON")?;
        ensure(mime.all(|part| part == "charset=utf-8"), "25", "another charset")?;
        let Ok(Value::Object(body)) = call.json() else { return refuse(INVALID, "the body is no JSON object") };
        self.authorise(call, Some(text(&body, TOKEN)).filter(|token| !token.is_empty()))?;
        check(&body, fields::ALIAS)?;
        let (target, alias) = (text(&body, "registration_id"), text(&body, "alias"));
        ensure(!alias.contains(';'), INVALID, "an alias with a semicolon")?;
        ensure(checks::is_registration_id(target), BAD_TARGET, format!("{target:?} is no registration id"))?;
        self.standing(target)?;
        let mut memory = self.memory();
        match call.path.as_str() {
            SET_ALIAS => memory.set_alias(alias, target),
            _ => memory.aliases.retain(|name, owner| !(name == alias && owner == target)),
        }
        Ok(Answer::json(200, &json!({"code": 0, "message": codes::SUCCESS})))
    }

    /// The registration ids that were found dead since the last call: presumably each is told once.
    fn dead(&self, call: &Call) -> Checked<Answer> {
        let pairs = call.query_pairs();
        let token = pairs.iter().find(|(name, _)| name == TOKEN).map(|(_, token)| token.as_str());
        self.authorise(call, token)?;
        ensure(pairs.iter().all(|(name, _)| name == TOKEN), INVALID, "there is no parameter but auth_token")?;
        let dead = std::mem::take(&mut self.memory().dead);
        Ok(codes::success(&json!({"registration_ids": dead, "totalCount": dead.len()})))
    }

    fn statistics(&self, call: &Call) -> Checked<Answer> {
        let form = Form::read(call)?;
        self.authorise(call, form.get(TOKEN))?;
        form.only(&["message_id", "task_id"])?;
        let (message_id, task_id) = (form.required("message_id")?, form.required("task_id")?);
        let memory = self.memory();
        let Some(counters) = memory.counters.get(&(message_id.to_owned(), task_id.to_owned())) else {
            return refuse("31", format!("no broadcast {task_id} of {message_id}"));
        };
        let counters: Object =
            COUNTERS.iter().zip(counters).map(|(name, count)| ((*name).to_owned(), json!(count))).collect();
        Ok(codes::success(&Value::Object(counters)))
    }
}

/// The id of a picture: 24 hex digits. That it comes from the picture's bytes is ours.
pub(super) fn picture_id(bytes: &[u8]) -> String {
    hex::encode(Md5::digest(bytes)).chars().take(24).collect()
}

/// By its first bytes.
fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(b"\xff\xd8\xff")
}
