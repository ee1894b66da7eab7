//! What a notification is on the device.

use serde_json::Value;

use super::fields::{Object, is, number, text};
use crate::fake::Delivered;

/// The longest time that a message is kept for a device: ten days. More is cut to this.
const MAX_TTL_SECONDS: u64 = 864_000;

/// A notification, whose fields were checked, as a target gets it.
pub(super) fn delivered(n: &Object, target: &str, message_id: &str, raw: &Object) -> Delivered {
    let some = |name| Some(text(n, name).to_owned()).filter(|text| !text.is_empty());
    let pairs: Object = serde_json::from_str(text(n, "action_parameters")).unwrap_or_default();
    let plain = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    // Without `off_line` a message is tried once: it does not live at all.
    let ttl = number(n, "off_line_ttl").and_then(|ttl| u64::try_from(ttl).ok());
    let ttl = if is(n, "off_line", false) { Some(0) } else { ttl.map(|ttl| ttl.min(MAX_TTL_SECONDS)) };
    Delivered {
        target: target.to_owned(),
        title: some("title"),
        body: some("content"),
        data: pairs.into_iter().map(|(key, value)| (key, plain(value))).collect(),
        click: some("click_action_url").or_else(|| some("click_action_activity")),
        ttl_seconds: ttl,
        collapse: number(n, "notify_id").map(|id| id.to_string()),
        request_id: some("app_message_id"),
        message_id: message_id.to_owned(),
        raw: Value::Object(raw.clone()),
    }
}
