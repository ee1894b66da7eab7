//! Callbacks as Mi Push posts them: a form with the one field `data`, a JSON object by message id.

use http::{HeaderMap, HeaderValue, header};
use omnipush_core::{Callback, Event, Reason, Receipt, Target};
use serde_json::{Value, json};

use super::Xiaomi;
use crate::fake::{Fake as _, ReceiptTrial};

const AT: u64 = 1_700_000_000_123;

fn posted(data: &Value) -> Callback {
    let body = form_urlencoded::Serializer::new(String::new()).append_pair("data", &data.to_string()).finish();
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    Callback::new(headers, body)
}

/// An entry of the callback with the fields that all have.
fn entry(kind: u64, targets: &str, more: Value) -> Value {
    let mut entry = json!({
        "param": "order-42", "type": kind, "targets": targets, "jobkey": "order-42",
        "barStatus": "Enable", "timestamp": AT,
    });
    if let (Value::Object(entry), Value::Object(more)) = (&mut entry, more) {
        entry.extend(more);
    }
    entry
}

fn said(event: Event, code: &str, message: &str, target: &str) -> Receipt {
    Receipt::new(event, target).code(code).message_id(Some(message)).tag(Some("order-42")).at_ms(Some(AT))
}

/// The callbacks. What a stopped or silent device does is never told.
pub(super) fn trials() -> Vec<ReceiptTrial> {
    let fake = Xiaomi::new();
    // With `+`, `/` and `=` among them.
    let [a, b, c] = [0, 1, 2].map(|number| fake.target(number));
    let (gone, off) = (Event::Dropped(Reason::InvalidToken), Event::Dropped(Reason::Disabled));
    let (filtered, ended) = (Event::Dropped(Reason::Filtered), Event::Dropped(Reason::Expired));
    let quota = Event::Dropped(Reason::Quota);
    let replaced = said(gone, "16", "sdm1", &a).replaced_by(Some(Target::from(c.as_str())));
    vec![
        ReceiptTrial::new(
            "delivered to two and clicked by one, in one body",
            posted(&json!({
                "scm1": entry(1, &format!("{a},{b}"), json!({})),
                "scm2": entry(2, &c, json!({"barStatus": "Unknown"})),
            })),
            vec![
                said(Event::Delivered, "1", "scm1", &a),
                said(Event::Delivered, "1", "scm1", &b),
                said(Event::Clicked, "2", "scm2", &c),
            ],
        ),
        ReceiptTrial::new(
            "regids that are gone, one of them for a better one",
            posted(&json!({
                "sdm1": entry(16, &format!("{a},{b}"), json!({"errorCode": 1, "replaceTarget": {a.clone(): c}})),
            })),
            vec![replaced, said(gone, "16", "sdm1", &b)],
        ),
        ReceiptTrial::new(
            "an alias and an account that are gone",
            posted(&json!({
                "sam1": entry(16, "ann", json!({"errorCode": 2, "barStatus": "Unknown"})),
                "sam2": entry(16, "10001", json!({"errorCode": 3, "barStatus": "Unknown"})),
            })),
            vec![said(gone, "16", "sam1", "ann"), said(gone, "16", "sam2", "10001")],
        ),
        ReceiptTrial::new(
            "switched off, filtered out, too late",
            posted(&json!({
                "scm3": entry(32, &a, json!({"barStatus": "Disable"})),
                "scm4": entry(64, &b, json!({})),
                "scm5": entry(1024, &c, json!({})),
            })),
            vec![said(off, "32", "scm3", &a), said(filtered, "64", "scm4", &b), said(ended, "1024", "scm5", &c)],
        ),
        ReceiptTrial::new(
            "the quota of the app and that of the device",
            posted(&json!({
                "scm6": entry(128, &a, json!({"extra": {"ack": 20_000, "quota": 20_000}})),
                "scm7": entry(128, &b, json!({"extra": {"device_acked": 5, "device_quota": 5}})),
            })),
            vec![said(quota, "128", "scm6", &a), said(quota, "128", "scm7", &b)],
        ),
        ReceiptTrial::new(
            "without what was not sent along",
            posted(&json!({"scm8": {"type": 1, "targets": a, "barStatus": "Enable", "timestamp": AT}})),
            vec![Receipt::new(Event::Delivered, a.as_str()).code("1").message_id(Some("scm8")).at_ms(Some(AT))],
        ),
    ]
}
