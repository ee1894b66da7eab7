//! Topics and tokens: each call right and wrong.

use super::*;
use crate::fakes::huawei::operations::{CALLS, DELETIONS};

fn path(what: &str) -> String {
    format!("/v1/{CLIENT_ID}/{what}")
}

impl Lab {
    fn operate(&self, what: &str, body: &Value) -> Answer {
        let call = self.call(&path(what), body);
        assert_eq!(self.0.purpose(&call), Purpose::Operate);
        self.0.answer(&call)
    }

    /// Expects success, and gives the answer.
    #[track_caller]
    fn done(&self, what: &str, body: &Value) -> Value {
        let answer = self.operate(what, body);
        assert_eq!((answer.status, code_of(&answer).as_str()), (200, "80000000"), "{:?}", answer.refused);
        json_of(&answer)
    }

    #[track_caller]
    fn fails(&self, what: &str, body: &Value, code: &str) {
        let answer = self.operate(what, body);
        assert_eq!(code_of(&answer), code, "{what} {body} {:?}", answer.refused);
        assert!(answer.refused.is_some() && answer.status >= 400);
    }
}

#[test]
fn tokens_enter_and_leave_a_topic() {
    let lab = Lab::new();
    let (one, dead) = (lab.0.target(1), lab.0.target(2));
    lab.0.world().set_target(&dead, TargetState::Dead);
    let body = json!({"topic": "新闻-1", "tokenArray": [one, dead, "short"]});
    let answer = lab.done("topic:subscribe", &body);
    assert_eq!((&answer["successCount"], &answer["failureCount"]), (&json!(1), &json!(2)));
    assert_eq!(answer["errors"], json!([{"index": 1, "reason": "82000010"}, {"index": 2, "reason": "82000010"}]));
    let listed = lab.done("topic:list", &json!({"token": one}));
    assert_eq!(listed["topics"], json!([{"name": "新闻-1", "addDate": "2026-01-01"}]));
    let queried = lab.done("token:query", &json!({"token": one}));
    assert_eq!((&queried["topics"], queried["aaId"].is_string()), (&json!(["新闻-1"]), true));
    lab.done("topic:unsubscribe", &body);
    assert_eq!(lab.done("topic:list", &json!({"token": one}))["topics"], json!([]));

    lab.done("topic:subscribe", &body);
    lab.done("topic:truncate", &json!({"topic": "新闻-1"}));
    assert_eq!(lab.done("token:query", &json!({"token": one}))["topics"], json!([]));

    (0..2000).for_each(|n| assert!(lab.0.topics.add(&one, &n.to_string(), 0)));
    let full = lab.done("topic:subscribe", &json!({"topic": "a", "tokenArray": [one]}));
    assert_eq!(full["errors"], json!([{"index": 0, "reason": "82000009"}]));
}

#[test]
fn bodies_of_operations() {
    let lab = Lab::new();
    let token = lab.0.target(1);
    for what in ["topic:subscribe", "topic:unsubscribe"] {
        let good = json!({"topic": "a", "tokenArray": [token]});
        lab.done(what, &good);
        for (name, value, code) in [
            ("topic", json!("a b"), "82000007"),
            ("topic", json!("x".repeat(901)), "82000007"),
            ("topic", Value::Null, "82000007"),
            ("tokenArray", json!([]), "82000003"),
            ("tokenArray", json!(vec![token.as_str(); 1001]), "82000003"),
            ("tokenArray", json!(token), "80100003"),
            ("tokenArray", json!([1]), "82000003"),
        ] {
            let mut wrong = good.clone();
            wrong[name] = value;
            lab.fails(what, &wrong, code);
        }
        // A common mistake.
        lab.fails(what, &json!({"topic": "a", "token": [token]}), "80100003");
    }
    for what in ["topic:list", "token:query"] {
        lab.fails(what, &json!({"token": "x"}), "82000010");
        lab.fails(what, &json!({"token": ""}), "82000011");
        lab.fails(what, &json!({}), "82000011");
        lab.fails(what, &json!({"tokens": [token]}), "80100003");
    }
    lab.fails("topic:truncate", &json!({"topic": "a b"}), "82000007");
}

#[test]
fn operations_are_authorized_and_have_one_version() {
    let lab = Lab::new();
    for (version, what) in CALLS {
        let mut call = lab.call(&format!("/{version}/{OTHER_CLIENT_ID}/{what}"), &json!({}));
        assert_eq!(code_of(&lab.0.answer(&call)), "80200001");
        call = lab.call(&path(what), &json!({}));
        call.headers.remove("authorization");
        assert_eq!(code_of(&lab.0.answer(&call)), "80200001");
        call = lab.call(&format!("/v2/{PROJECT_ID}/{what}"), &json!({}));
        assert_eq!((lab.0.answer(&call).status, lab.0.purpose(&call)), (404, Purpose::Unknown));
        call = Call { method: Method::GET, ..lab.call(&path(what), &json!({})) };
        assert_eq!(lab.0.answer(&call).status, 405);
    }
    assert_eq!(lab.0.answer(&lab.call(&path("messages:revoke"), &json!({}))).status, 404);
}

#[test]
fn topics_are_deleted_a_hundred_times_a_day() {
    let lab = Lab::new();
    let body = json!({"topic": "a"});
    (0..DELETIONS).for_each(|_| drop(lab.done("topic:truncate", &body)));
    assert_eq!(lab.operate("topic:truncate", &body).status, 503);
}

#[test]
fn failures_of_the_trials_are_documented() {
    let fake = Huawei::new();
    let call = post(&path("token:query"), &[], "{}");
    let mut count = 0;
    for code in fake.operations().iter().flat_map(|trial| &trial.codes) {
        let answer = fake.coded(&call, code);
        assert!(answer.status >= 400);
        assert!(code.code.starts_with("HTTP") || code_of(&answer) == code.code);
        count += 1;
    }
    assert!(count > 100);
}
