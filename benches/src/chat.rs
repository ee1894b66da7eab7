//! The message that all benches encode: a chat message as an IM would push it.

use omnipush::Notification;

/// Its title.
pub const TITLE: &str = "王小明";
/// Its text.
pub const BODY: &str = "今晚七点老地方见 🍜 bring the \"blue\" folder";
/// A request id.
pub const REQUEST_ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// The message.
///
/// # Panics
/// When the model has changed and this has not.
#[allow(clippy::expect_used, reason = "a constant")]
pub fn message() -> Notification {
    let json = serde_json::json!({
        "title": TITLE,
        "body": BODY,
        "click": {"intent": "intent:#Intent;component=com.example.app/.Chat;S.id=42;end"},
        "data": {"ext": "{\"chat\":\"42\"}"},
        "channel": "130001",
        "ttl_seconds": 86_400,
        "collapse_key": "chat-42",
        "priority": "high",
        "id": "m-1",
        "vendors": {"fcm": {"platforms": ["android"]}},
    });
    serde_json::from_value(json).expect("the message fits the model")
}
