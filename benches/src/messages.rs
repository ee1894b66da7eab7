//! The messages that all benches send: what differs are title and text.

use omnipush::Notification;

use crate::subject::Subject;

/// What opens when the message is tapped.
pub(crate) const INTENT: &str = "intent:#Intent;component=com.example.app/.Chat;S.id=42;end";
/// How long it is kept, in seconds.
pub(crate) const TTL: i64 = 86_400;
/// What it replaces.
pub(crate) const KEY: &str = "chat-42";
/// The app's own data, under `ext`.
pub(crate) const EXT: &str = r#"{"chat":"42"}"#;
/// The same with its name, as JSON.
pub(crate) const DATA: &str = r#"{"ext":"{\"chat\":\"42\"}"}"#;
/// A request id.
pub(crate) const REQUEST_ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// Title and text of a message.
pub struct Message {
    /// What it stands for.
    pub name: &'static str,
    /// The title.
    pub title: String,
    /// The text.
    pub body: String,
}

impl Message {
    /// A few letters of ASCII.
    pub fn short() -> Self {
        Self { name: "short ASCII", title: "Anna".into(), body: "Dinner at 7?".into() }
    }

    /// A chat message with Chinese, an emoji and quotes.
    pub fn chat() -> Self {
        Self {
            name: "chat", title: "王小明".into(), body: "今晚七点老地方见 🍜 bring the \"blue\" folder".into()
        }
    }

    /// A long message as a shop sends it: 40 characters of title, 200 Chinese characters of text.
    pub fn order() -> Self {
        Self { name: "order", title: "订单已发货 Your order #10293 is on its way".into(), body: chinese(200) }
    }

    /// The longest Chinese text that a vendor takes.
    pub(crate) fn near_limit(subject: &Subject) -> Self {
        let of = |length| Self { name: "near the limit", title: "订单已发货".into(), body: chinese(length) };
        let fits = |length| subject.try_encode(&of(length), subject.shape()).is_ok();
        let (mut good, mut bad) = (1, 4096);
        while good + 1 < bad {
            let middle = usize::midpoint(good, bad);
            if fits(middle) { good = middle } else { bad = middle }
        }
        of(good)
    }

    /// The message as a notification.
    pub fn notification(&self) -> Notification {
        let json = serde_json::json!({
            "title": self.title,
            "body": self.body,
            "click": {"intent": INTENT},
            "data": {"ext": EXT},
            "channel": "130001",
            "ttl_seconds": TTL,
            "collapse_key": KEY,
            "priority": "high",
            "id": "m-1",
        });
        serde_json::from_value(json).unwrap()
    }
}

fn chinese(length: usize) -> String {
    "您购买的商品已经由仓库发出，预计三天内送达，请保持电话畅通。如需修改收货地址，请在两小时内联系客服；"
        .chars()
        .cycle()
        .take(length)
        .collect()
}
