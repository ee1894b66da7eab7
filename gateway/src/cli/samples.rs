//! What needs no account: the sample message, and vendors with the test credentials of the fakes.

use std::sync::Arc;

use omnipush::{Click, Priority};
use omnipush::{
    Client, ClientBuilder, IntentUri, InvalidValue, Notification, Offline, Overflow, PushVendor, Settings, Ttl, VENDORS,
};
use omnipush_conformance::fakes;
use serde_json::Value;

use super::Bad;

/// A vendor with the credentials of its fake, speaking to the vendor's own hosts. To look at
/// only: nobody would let it in.
pub(super) fn vendor(id: &str) -> Result<Arc<dyn PushVendor>, Bad> {
    let fake = fakes::by_id(id).ok_or_else(|| Bad::new(format!("{id}: this vendor needs --config")))?;
    // Where a setting says that the fake is, the vendor's own host is left in place.
    const NOWHERE: &str = "http://fake.invalid";
    let mut entry = fake.config(NOWHERE);
    if let Some(entry) = entry.as_object_mut() {
        entry.retain(|_, value| !value.as_str().is_some_and(|text| text.starts_with(NOWHERE)));
    }
    // A key file of Google names the host that gives access tokens.
    if let Some(uri) = entry.pointer_mut("/service_account/token_uri") {
        *uri = Value::from("https://oauth2.googleapis.com/token");
    }
    omnipush::build(&entry).map_err(Bad::new)
}

/// A client that prepares and plans, but cannot send.
pub(super) fn preview(vendor: Arc<dyn PushVendor>, overflow: Overflow) -> ClientBuilder {
    let mut settings = Settings::default();
    settings.overflow = overflow;
    Client::builder(vendor, Arc::new(Offline)).settings(settings)
}

/// The ids of all vendors, in the order of tables.
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    VENDORS.iter().map(|(id, _)| *id)
}

/// A chat message as an instant messenger sends it to somebody who is offline, with what a
/// vendor wants said in its own terms.
pub(super) fn chat(vendor: &str) -> Result<Notification, InvalidValue> {
    let mut n = Notification::new("王小明", "今晚七点老地方见 🍜 See you at 7?");
    n.click = Some(Click::Intent(IntentUri::new(
        "intent:#Intent;component=com.example.im/.ChatActivity;S.conversation=c2c_10086;end",
    )?));
    n.data.push("ext", r#"{"conversation":"c2c_10086","from":"小明"}"#)?;
    n.ttl = Some(Ttl::from_secs(3600)?);
    n.priority = Some(Priority::High);
    match vendor {
        "fcm" => n.channel = Some("chat".into()),
        "apns" => {
            n.category = Some("CHAT".into());
            n.thread = Some("c2c_10086".into());
        }
        "xiaomi" => n.channel = Some("130001".into()),
        "vivo" => n.category = Some("IM".into()),
        "meizu" => n.category = Some("private".into()),
        _ => {}
    }
    Ok(n)
}
