//! Callbacks as Meizu posts them: a form with `cb`, a JSON object by `<msgId>-<type>`, and
//! `access_token`, which is the only thing that proves them.

use http::{HeaderMap, HeaderValue, header};
use omnipush_core::{Callback, Event, Receipt};
use serde_json::{Value, json};

use super::{Meizu, RECEIPT_TOKEN};
use crate::fake::{Fake as _, ReceiptTrial};

const NOW_MS: u64 = 1_700_000_000_000;
const FIRST: &str = "c2ee5c3bd41d8cd98f00b204e9800998";
const SECOND: &str = "0cc175b9c0f1b6a831c399e269772661";

fn posted(name: &'static str, cb: &Value, receipts: Vec<Receipt>) -> ReceiptTrial {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("cb", &cb.to_string()).append_pair("access_token", RECEIPT_TOKEN);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    ReceiptTrial::new(name, Callback::new(headers, form.finish()), receipts).proven("access_token", NOW_MS)
}

fn said(event: Event, code: &str, message: &str, target: &str) -> Receipt {
    Receipt::new(event, target).code(code).message_id(Some(message))
}

/// The callbacks. There is none for a failure: failures come in the answer to the push only.
pub(super) fn trials() -> Vec<ReceiptTrial> {
    let fake = Meizu::new();
    let [a, b, c] = [0, 1, 2].map(|number| fake.target(number));
    let key = |message: &str, kind: u8| format!("{message}-{kind}");
    vec![
        posted(
            "delivered to two and clicked by one, of two messages in one body",
            &json!({
                key(FIRST, 1): {"param": "order=42&x", "type": 1, "targets": [a, b]},
                key(SECOND, 2): {"param": "p2", "type": 2, "targets": [c]},
            }),
            vec![
                said(Event::Delivered, "1", FIRST, &a).tag(Some("order=42&x")),
                said(Event::Delivered, "1", FIRST, &b).tag(Some("order=42&x")),
                said(Event::Clicked, "2", SECOND, &c).tag(Some("p2")),
            ],
        ),
        posted(
            "both of one message, to aliases, without a parameter",
            &json!({
                key(FIRST, 1): {"param": "", "type": 1, "targets": ["小明"]},
                key(FIRST, 2): {"param": "", "type": 2, "targets": ["小明"]},
            }),
            vec![said(Event::Delivered, "1", FIRST, "小明"), said(Event::Clicked, "2", FIRST, "小明")],
        ),
    ]
}
