//! What an app is handed when its user taps the notification, read from the request that the vendor
//! received: by each vendor's documentation, and by nothing that sends.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::android::{Opened, open};

/// What a tap does.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tapped {
    /// The intent that is opened, where the request has one.
    pub(crate) intent: Option<Opened>,
    /// The texts that the app is handed beside it, by name.
    pub(crate) handed: BTreeMap<String, String>,
}

impl Tapped {
    /// What the app finds under a name, wherever it looks.
    pub(crate) fn finds(&self, name: &str) -> Option<&str> {
        let intent = self.intent.as_ref().and_then(|intent| intent.text(name));
        let beside = self.handed.get(name).map(String::as_str);
        if let (Some(one), Some(other)) = (intent, beside) {
            assert_eq!(one, other, "{name} says two things");
        }
        intent.or(beside)
    }
}

/// Reads a request. `raw` is what the vendor received: JSON, or a form's fields as an object.
pub(crate) fn tap(vendor: &str, raw: &Value) -> Tapped {
    match vendor {
        // Keys beside `aps`.
        "apns" => {
            let beside = raw.as_object().unwrap().iter().filter(|(key, _)| *key != "aps");
            handed(beside.map(|(key, value)| (key.clone(), text(value))))
        }
        // The launcher's activity gets the data as extras.
        "fcm" => handed(pairs(&raw["message"]["data"])),
        // An intent, or the app with `data`, which is JSON text.
        "huawei" => {
            let inner = &raw["android"]["data"];
            let data = if inner.is_null() { &raw["data"] } else { inner };
            let click = &raw["android"]["notification"]["click_action"];
            Tapped { intent: page(click, "type", 1, "intent"), ..handed(written(data)) }
        }
        "honor" => {
            let inner = &raw["android"]["data"];
            let data = if inner.is_null() { &raw["data"] } else { inner };
            let click = &raw["android"]["notification"]["clickAction"];
            Tapped { intent: page(click, "type", 1, "intent"), ..handed(written(data)) }
        }
        // `Want.parameters`.
        "harmony" => handed(pairs(&raw["payload"]["notification"]["clickAction"]["data"])),
        // The message's extra map is the app's own part of the fields `extra.…`.
        "xiaomi" => {
            let fields = raw.as_object().unwrap();
            let own = fields.iter().filter_map(|(key, value)| Some((key.strip_prefix("extra.")?, value)));
            let own = own.filter(|(key, _)| !XIAOMI.contains(key)).map(|(key, value)| (key.to_owned(), text(value)));
            let opens = fields.get("extra.notify_effect").and_then(Value::as_str) == Some("2");
            let intent = opens.then(|| open(fields["extra.intent_uri"].as_str().unwrap()));
            Tapped { intent, ..handed(own) }
        }
        // The members of `action_parameters`, which is JSON text, become extras.
        "oppo" => handed(written(&raw["notification"]["action_parameters"])),
        "vivo" => Tapped { intent: page(raw, "skipType", 4, "skipContent"), ..handed(pairs(&raw["clientCustomMap"])) },
        // Every pair becomes a text extra of the intent that starts the app or its activity.
        "meizu" => {
            let message: Value = serde_json::from_str(raw["messageJson"].as_str().unwrap()).unwrap();
            let click = &message["clickTypeInfo"];
            let kept = click["clickType"].as_i64().is_some_and(|kind| kind < 2);
            handed(if kept { pairs(&click["parameters"]) } else { BTreeMap::new() })
        }
        // Custom content is JSON text.
        "tpns" => handed(written(&raw["message"]["android"]["custom_content"])),
        _ => panic!("nobody has said what an app of {vendor} gets"),
    }
}

/// Keys of `extra` that are Xiaomi's own.
const XIAOMI: [&str; 6] = ["channel_id", "notify_effect", "intent_uri", "web_uri", "jobkey", "notify_foreground"];

fn handed(pairs: impl IntoIterator<Item = (String, String)>) -> Tapped {
    Tapped { intent: None, handed: pairs.into_iter().collect() }
}

/// The intent, where the click is of the kind that opens one.
fn page(click: &Value, kind: &str, opens: i64, name: &str) -> Option<Opened> {
    (click[kind].as_i64() == Some(opens)).then(|| open(click[name].as_str().unwrap()))
}

/// An object of texts.
fn pairs(object: &Value) -> BTreeMap<String, String> {
    let members = object.as_object().into_iter().flatten();
    members.map(|(key, value)| (key.clone(), text(value))).collect()
}

/// An object of texts that is JSON text itself.
fn written(json: &Value) -> BTreeMap<String, String> {
    json.as_str().map(|json| pairs(&serde_json::from_str(json).unwrap())).unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
