//! Taking messages back and checking images: each call right and wrong.

use super::*;
use crate::fakes::harmony::operations::{CALLS, CHECKS};

const REVOKE: &str = "/v1/104000001/messages:revoke";
const VERIFY: &str = "/v1/104000001/images:verify";

fn revocation() -> Value {
    json!({"notifyId": 5, "token": [Harmony::new().target(0)]})
}

#[track_caller]
fn answers(lab: &Lab, call: &Call, status: u16, code: &str) -> Value {
    let answer = lab.0.answer(call);
    assert_eq!((answer.status, code_of(&answer).as_str()), (status, code), "{:?}", answer.refused);
    json_of(&answer)
}

#[test]
fn messages_are_taken_back() {
    let lab = Lab::new();
    for push_type in ["0", "2"] {
        let call = lab.call(REVOKE, push_type, &revocation());
        answers(&lab, &call, 200, "80000000");
        assert_eq!(lab.0.purpose(&call), Purpose::Operate);
    }
    for push_type in ["", "1", "x"] {
        answers(&lab, &lab.call(REVOKE, push_type, &revocation()), 400, "80100003");
    }
    for (name, value, code) in [
        ("notifyId", json!(-1), "80100003"),
        ("notifyId", json!("5"), "80100003"),
        ("notifyId", json!(2_147_483_648_i64), "80100003"),
        ("token", json!([]), "80300010"),
        ("token", json!(vec!["x"; 1001]), "80300010"),
        ("token", json!("x"), "80100003"),
        ("topic", json!("x"), "80100003"),
    ] {
        let mut wrong = revocation();
        wrong[name] = value;
        answers(&lab, &lab.call(REVOKE, "0", &wrong), 400, code);
    }
    answers(&lab, &lab.call(REVOKE, "0", &json!({"notifyId": 5})), 400, "80300032");
    answers(&lab, &lab.call(REVOKE, "0", &json!({"token": ["x"]})), 400, "80300032");
}

#[test]
fn images_are_checked() {
    let lab = Lab::new();
    let body = json!({"imageUrl": "https://example.com/a.png"});
    for path in [VERIFY, "/v2/388421841221885551/images:verify"] {
        let answer = answers(&lab, &lab.call(path, "1", &body), 200, "83010000");
        assert!(answer["downloadUrl"].as_str().unwrap().starts_with("https://") && answer["expireTime"].is_string());
    }
    answers(&lab, &lab.call(VERIFY, "6", &body), 400, "80100003");
    for wrong in [json!({}), json!({"imageUrl": "http://example.com/a.png"}), json!({"image": "https://a.b/c"})] {
        answers(&lab, &lab.call(VERIFY, "0", &wrong), 400, "80100003");
    }
    lab.0.set_unverified("https://example.com/a.png");
    answers(&lab, &lab.call(VERIFY, "0", &body), 400, "83010005");
    let lab = Lab::new();
    let call = lab.call(VERIFY, "0", &body);
    (0..CHECKS).for_each(|_| drop(answers(&lab, &call, 200, "83010000")));
    answers(&lab, &call, 400, "83010002");
    answers(&lab, &Call { now_ms: call.now_ms + 60_000, ..call }, 200, "83010000");
}

#[test]
fn operations_are_authorized() {
    let lab = Lab::new();
    for (version, what) in CALLS {
        let mut call = lab.call(&format!("/{version}/1/{what}"), "0", &json!({}));
        answers(&lab, &call, 401, "80200001");
        call.headers.remove("authorization");
        answers(&lab, &call, 401, "80200001");
    }
    let call = lab.call("/v2/388421841221885551/messages:revoke", "0", &revocation());
    assert_eq!((lab.0.answer(&call).status, lab.0.purpose(&call)), (404, Purpose::Unknown));
    let call = Call { method: Method::GET, ..lab.call(REVOKE, "0", &revocation()) };
    assert_eq!(lab.0.answer(&call).status, 405);
}

#[test]
fn failures_of_the_trials_are_documented() {
    let fake = Harmony::new();
    let call = post(REVOKE, &[], &revocation().to_string());
    for code in fake.operations().iter().flat_map(|trial| &trial.codes) {
        let answer = fake.coded(&call, code);
        assert!(answer.status >= 400);
        assert!(code.code.starts_with("HTTP") || code_of(&answer) == code.code);
    }
}
