//! Callbacks as Huawei posts them, in both versions, and their signature ("msg-receipt-guide",
//! "https-send-receipt-api" of HMS; "push-msg-receipt", "push-api-msg-receipt" of HarmonyOS).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use omnipush_core::Event::{self, Delayed, Delivered, Dropped, Unknown};
use omnipush_core::Reason::{
    BadClick, Disabled, Expired, Inactive, InvalidToken, NotShown, Other, Quota, Rejected, Replaced, WrongUser,
};
use omnipush_core::{Callback, Receipt};
use ring::hmac;
use serde_json::{Value, json};

use super::CLIENT_ID;
use crate::fake::ReceiptTrial;

/// The user name that is set in the console.
pub(crate) const USER: &str = "receipt-user";
/// The key that is set in the console, made for tests; newer configurations have it in Base64.
pub(crate) const KEY: &str = "c2VjcmV0LWtleS1mb3ItdGVzdHM=";

const HEADER: &str = "x-huawei-callback-id";
const ANSWER: &str = r#"{"code":"0","message":"success"}"#;
const PACKAGE: &str = "com.example.app";
const NONCE: &str = "a07bfa17-6d82-4b53-a9a2-07cfef5ceef1";
/// When all this happened, in milliseconds: of the documentation's example.
const AT_MS: u64 = 1_607_832_761_768;

/// What is said of messages.
const COMMON: &[(u32, Event)] = &[
    (0, Delivered),
    (2, Dropped(InvalidToken)),
    (5, Dropped(InvalidToken)),
    (6, Dropped(Disabled)),
    (10, Dropped(Inactive)),
    (14, Dropped(Other)),
    (15, Dropped(Replaced)),
    (22, Dropped(WrongUser)),
    (27, Delayed),
    (31, Dropped(BadClick)),
    (51, Dropped(NotShown)),
    (102, Dropped(Quota)),
    (144, Dropped(WrongUser)),
    // Of HMS only. It asks to send no more to such a token.
    (201, Dropped(Disabled)),
    (256, Dropped(Quota)),
    // In no list.
    (999, Unknown),
];
/// What HarmonyOS says besides.
const OF_HARMONY: &[(u32, Event)] = &[
    (151, Dropped(NotShown)),
    (155, Dropped(Expired)),
    (156, Dropped(Replaced)),
    (158, Dropped(Other)),
    (188, Dropped(NotShown)),
    (191, Dropped(NotShown)),
    (259, Dropped(Rejected)),
    (264, Dropped(Disabled)),
    (265, Dropped(Quota)),
    (268, Dropped(NotShown)),
    (269, Dropped(Other)),
];
/// What HarmonyOS says of forms.
const OF_FORMS: &[(u32, Event)] =
    &[(0, Delivered), (151, Dropped(NotShown)), (261, Dropped(Inactive)), (262, Dropped(Quota))];

/// The callbacks of HMS, in the first version and in the second.
pub(crate) fn of_hms(target: &str) -> Vec<ReceiptTrial> {
    // Newer pages have the app's id under another name.
    let first = |app: &'static str| {
        move |(code, _): &(u32, Event)| {
            json!({
                "biTag": tag(*code), app: CLIENT_ID, "token": target, "status": code, "timestamp": AT_MS,
                "requestId": id(*code),
            })
        }
    };
    let mut all = of_harmony(target);
    all.push(trial("version 1", target, COMMON, first("appid"), "; "));
    all.push(trial("version 1 with clientId, and no blanks in the header", target, COMMON, first("clientId"), ";"));
    all
}

/// The callbacks of HarmonyOS, always in the second version. A project has one address, to which
/// those of its HMS apps come in the same form.
pub(crate) fn of_harmony(target: &str) -> Vec<ReceiptTrial> {
    let form = |(code, _): &(u32, Event)| {
        json!({
            "token": target, "pushType": 1, "appPackageName": PACKAGE, "biTag": tag(*code), "requestId": id(*code),
            "formStatus": { "formId": 423_434, "result": code, "timestamp": AT_MS },
        })
    };
    vec![
        trial("messages", target, COMMON, second(target, 0), "; "),
        trial("live views", target, OF_HARMONY, second(target, 7), ";"),
        trial("forms", target, OF_FORMS, form, "; "),
    ]
}

fn second(target: &str, push_type: u8) -> impl Fn(&(u32, Event)) -> Value {
    move |(code, _)| {
        json!({
            "token": target, "pushType": push_type, "appPackageName": PACKAGE, "biTag": tag(*code),
            "requestId": id(*code), "deliveryStatus": { "result": code, "timestamp": AT_MS },
        })
    }
}

/// The caller's own text. Messages without one have it empty.
fn tag(code: u32) -> String {
    if code == 6 { String::new() } else { format!("order-{code}") }
}

fn id(code: u32) -> String {
    format!("{AT_MS}00001{code:06}")
}

/// One callback with an entry for each code.
fn trial(
    name: &'static str,
    target: &str,
    codes: &[(u32, Event)],
    entry: impl Fn(&(u32, Event)) -> Value,
    between: &str,
) -> ReceiptTrial {
    let body = json!({ "statuses": codes.iter().map(entry).collect::<Vec<_>>() });
    let receipts = codes.iter().map(|(code, event)| {
        let receipt = Receipt::new(*event, target).code(code.to_string()).message_id(Some(id(*code)));
        receipt.tag(Some(tag(*code))).at_ms(Some(AT_MS))
    });
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json;charset=UTF-8"));
    let key = STANDARD.decode(KEY).unwrap_or_default();
    let proof = [
        format!("timestamp={AT_MS}"),
        format!("nonce={NONCE}"),
        format!("value={}", signature(&key, AT_MS, NONCE, USER)),
    ];
    if let Ok(proof) = HeaderValue::try_from(proof.join(between)) {
        headers.insert(HEADER, proof);
    }
    ReceiptTrial::new(name, Callback::new(headers, body.to_string()), receipts.collect())
        .proven(HEADER, AT_MS)
        .answered(ANSWER)
}

/// HMAC-SHA256 over time, nonce and user name, in Base64.
fn signature(key: &[u8], at_ms: u64, nonce: &str, user: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    STANDARD.encode(hmac::sign(&key, format!("{at_ms}{nonce}{user}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_examples() {
        let key = STANDARD.decode(KEY).unwrap();
        assert_eq!(signature(&key, AT_MS, NONCE, USER), "QE1i+wIW3sZSHIf+dkFLSQjJwJpE64s6mCdRKT/r5+g=");
        assert_eq!(signature(KEY.as_bytes(), AT_MS, NONCE, USER), "U11bbejGfoUVJvxIzjed2lhOqH/ueMvVneuqpZ11iyU=");
    }

    #[test]
    fn every_documented_code_is_in_a_callback_once() {
        let hms = [0, 2, 5, 6, 10, 14, 15, 22, 27, 31, 51, 102, 144, 201, 256];
        let harmony = [
            0, 2, 5, 6, 10, 14, 15, 22, 27, 31, 51, 102, 144, 151, 155, 156, 158, 188, 191, 256, 259, 261, 262, 264,
            265, 268, 269,
        ];
        for (trials, codes) in [(of_hms("t"), &hms[..]), (of_harmony("t"), &harmony[..])] {
            for trial in &trials {
                let body: Value = serde_json::from_slice(&trial.callback.body).unwrap();
                let count = body["statuses"].as_array().unwrap().len();
                assert!(count == trial.receipts.len() && (2..=100).contains(&count));
            }
            for code in codes {
                let said = |trial: &ReceiptTrial| trial.receipts.iter().any(|said| said.code == code.to_string());
                assert!(trials.iter().any(said), "{code}");
            }
        }
    }
}
