//! The fake of vivo, called by hand: what it takes, what it refuses, and in which words.

mod messages;
mod operations;

use std::collections::HashSet;

use super::codes::TABLE;
use super::*;

/// Noon in Beijing, 2023-11-15.
const NOW: u64 = 1_700_020_800_000;

/// A fake and a token of it.
struct Lab(Vivo, String);

impl Lab {
    fn new() -> Self {
        Self::of(Vivo::new())
    }

    fn of(fake: Vivo) -> Self {
        let token = fake.answer(&sign_in(json!({})));
        let token = json_of(&token)["authToken"].as_str().unwrap().to_owned();
        Self(fake, token)
    }

    fn call(&self, path: &str, body: &Value) -> Call {
        let mut call = call(path, body);
        call.headers.insert("authToken", self.1.parse().unwrap());
        call
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.0.answer(&self.call(path, body))
    }

    /// Saves a message and gives the body of a list push of it.
    fn saved(&self, change: Value) -> Value {
        let answer = self.post(PATH_SAVE, &merged(message(), &change));
        json!({
            "appId": APP_ID, "regIds": [self.0.target(0), self.0.target(1)],
            "taskId": json_of(&answer)["taskId"], "requestId": "list-1",
        })
    }
}

fn call(path: &str, body: &Value) -> Call {
    let headers = [("content-type", "application/json")];
    Call {
        method: Method::POST,
        path: path.into(),
        query: String::new(),
        headers: headers.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect(),
        body: body.to_string().into(),
        now_ms: NOW,
    }
}

fn sign_in(change: Value) -> Call {
    let body = json!({"appId": APP_ID, "appKey": APP_KEY, "timestamp": NOW, "sign": sign(NOW)});
    call(PATH_AUTH, &merged(body, &change))
}

/// What both kinds of message have.
fn message() -> Value {
    json!({
        "appId": APP_ID, "requestId": "request-1", "notifyType": 4, "title": "您的订单", "content": "已发货",
        "skipType": 1, "networkType": -1, "classification": 1, "category": "ORDER",
    })
}

fn single(fake: &Vivo) -> Value {
    merged(message(), &json!({"regId": fake.target(0)}))
}

/// A body with some fields set, or, by null, taken away.
fn merged(mut body: Value, change: &Value) -> Value {
    let fields = body.as_object_mut().unwrap();
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => fields.shift_remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
    body
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// `result`, or `HTTP` and the status of an answer in plain text; and checks the shape.
fn code_of(answer: &Answer) -> String {
    if answer.status != 200 {
        assert!(answer.headers.contains(&("content-type", "text/plain;charset=UTF-8".into())), "{answer:?}");
        assert!(!answer.body.is_empty() && serde_json::from_slice::<Value>(&answer.body).is_err(), "{answer:?}");
        return format!("HTTP {}", answer.status);
    }
    let body = json_of(answer);
    assert!(!body["desc"].as_str().unwrap().is_empty(), "{body}");
    assert!(body["result"] == 0 || (body.get("authToken").is_none() && body.get("taskId").is_none()), "{body}");
    body["result"].as_u64().unwrap().to_string()
}

#[test]
fn the_signature_is_the_worked_one() {
    assert_eq!(sign(1_700_000_000_000), "7bdab343cd60e773575329b8b1dfd3f9");
    let vector = |sign: &str| {
        let mut call = sign_in(json!({"timestamp": 1_700_000_000_000_u64, "sign": sign}));
        call.now_ms = 1_700_000_000_000;
        code_of(&Vivo::new().answer(&call))
    };
    assert_eq!(vector("7bdab343cd60e773575329b8b1dfd3f9"), "0");
    assert_eq!(vector("7BDAB343CD60E773575329B8B1DFD3F9"), "10206", "upper case");
    assert_eq!(vector("10cd85d3a1751d636c1fa16d71ce4c8b"), "10206", "with a blank after the secret");
}

#[test]
fn sign_ins_are_checked() {
    let cases = [
        (json!({}), "0"),
        (json!({"timestamp": NOW - 600_000, "sign": sign(NOW - 600_000)}), "0"),
        (json!({"appId": null}), "10200"),
        (json!({"appKey": null}), "10201"),
        (json!({"appKey": " "}), "10201"),
        (json!({"appKey": format!("{APP_KEY} ")}), "10202"),
        (json!({"timestamp": null}), "10203"),
        (json!({"sign": ""}), "10204"),
        (json!({"appId": APP_ID + 1}), "10205"),
        (json!({"appId": "100004"}), "0"),
        (json!({"appId": "0100004"}), "10205"),
        (json!({"sign": sign(NOW + 1)}), "10206"),
        (json!({"timestamp": NOW.to_string()}), "10207"),
        (json!({"timestamp": NOW / 1000, "sign": sign(NOW / 1000)}), "10207"),
        (json!({"timestamp": NOW + 600_001, "sign": sign(NOW + 600_001)}), "10207"),
        (json!({"appSecret": APP_SECRET}), "HTTP 400"),
    ];
    for (change, code) in cases {
        assert_eq!(code_of(&Vivo::new().answer(&sign_in(change.clone()))), code, "{change}");
    }
}

#[test]
fn ten_sign_ins_a_second() {
    let fake = Vivo::new();
    let mut call = sign_in(json!({}));
    let codes: Vec<_> = (0..11).map(|_| code_of(&fake.answer(&call))).collect();
    assert!(codes[..10].iter().all(|code| code == "0"));
    assert_eq!(codes[10], "10250");
    call.now_ms += 1000;
    assert_eq!(code_of(&fake.answer(&call)), "0");
}

#[test]
fn tokens_live_a_day_and_beside_each_other() {
    let lab = Lab::new();
    lab.0.answer(&sign_in(json!({})));
    let mut call = lab.call(PATH_SEND, &single(&lab.0));
    assert_eq!(code_of(&lab.0.answer(&call)), "0");
    call.now_ms += TOKEN_LIFE_MS;
    assert_eq!(code_of(&lab.0.answer(&call)), "10000", "expired");
    call.now_ms = NOW;
    call.headers.insert("authToken", "made-up".parse().unwrap());
    assert_eq!(code_of(&lab.0.answer(&call)), "10000", "garbled");
    call.headers.remove("authToken");
    assert_eq!(code_of(&lab.0.answer(&call)), "10000", "missing");
    lab.0.world().expire_tokens();
    assert_eq!(code_of(&lab.post(PATH_SAVE, &message())), "10000");
}

#[test]
fn a_call_that_is_none_gets_plain_text() {
    let lab = Lab::new();
    let good = || lab.call(PATH_SEND, &single(&lab.0));
    let bent = |bend: &dyn Fn(&mut Call)| {
        let mut call = good();
        bend(&mut call);
        code_of(&lab.0.answer(&call))
    };
    assert_eq!(bent(&|call| call.method = Method::GET), "HTTP 405");
    assert_eq!(bent(&|call| call.path = "/message/sendAll".into()), "HTTP 404");
    for kind in ["text/json", "application/x-www-form-urlencoded", "application/json;charset=GBK"] {
        assert_eq!(
            bent(&|call| drop(call.headers.insert("content-type", kind.parse().unwrap()))),
            "HTTP 415",
            "{kind}"
        );
    }
    assert_eq!(bent(&|call| drop(call.headers.remove("content-type"))), "HTTP 415");
    assert_eq!(bent(&|call| drop(call.headers.insert("content-encoding", "gzip".parse().unwrap()))), "HTTP 415");
    for body in ["", "[]", "{\"a\":", "a=b"] {
        assert_eq!(bent(&|call| call.body = body.to_owned().into()), "HTTP 400", "{body}");
    }
    assert_eq!(bent(&|_| ()), "0");
    assert!(lab.0.purpose(&good()) == Purpose::Send && lab.0.world().delivered().len() == 1);
}

#[test]
fn targets_fail_one_by_one() {
    let lab = Lab::new();
    let code = |name| *lab.0.codes().iter().find(|row| row.code == name && row.at == At::Target).unwrap();
    lab.0.world().set_target(lab.0.target(1), TargetState::Dead);
    lab.0.world().set_target(lab.0.target(2), TargetState::Refused(code("10302 without status")));
    lab.0.world().set_target(lab.0.target(3), TargetState::Refused(code("10311")));
    let expected = [
        (lab.0.target(0), 0, None),
        (lab.0.target(1), 10302, Some(json!(2))),
        (lab.0.target(2), 10302, None),
        (lab.0.target(3), 10311, None),
        ("not a regId".into(), 10302, Some(json!(1))),
    ];
    for (reg_id, result, status) in &expected {
        let body = merged(single(&lab.0), &json!({"requestId": reg_id, "regId": reg_id}));
        let answer = json_of(&lab.post(PATH_SEND, &body));
        assert_eq!(answer["result"], *result, "{answer}");
        let user = status.as_ref().map(|status| json!({"status": status, "userid": reg_id}));
        assert_eq!(answer.get("invalidUser"), user.as_ref());
    }
    lab.0.world().forget();
    let reg_ids: Vec<_> = expected.iter().map(|(reg_id, ..)| reg_id).collect();
    let body = merged(lab.saved(json!({})), &json!({"regIds": reg_ids}));
    let answer = json_of(&lab.post(PATH_LIST, &body));
    let invalid = json!([
        {"status": 2, "userid": reg_ids[1]}, {"userid": reg_ids[2]}, {"status": 1, "userid": reg_ids[4]},
    ]);
    assert_eq!(answer, json!({"result": 0, "desc": SUCCESS, "requestId": "list-1", "invalidUsers": invalid}));
    let delivered = lab.0.world().delivered();
    assert!(delivered.len() == 1 && delivered[0].target == *reg_ids[0] && delivered[0].message_id == body["taskId"]);
}

#[test]
fn a_test_push_reaches_test_phones_only() {
    let lab = Lab::new();
    for (number, result) in [(TEST_PHONES - 1, 0), (TEST_PHONES, 10302)] {
        let change = json!({"regId": lab.0.target(number), "pushMode": 1, "requestId": number.to_string()});
        let answer = json_of(&lab.post(PATH_SEND, &merged(single(&lab.0), &change)));
        assert_eq!(answer["result"], result);
        assert!(result == 0 || answer["invalidUser"]["status"] == 4);
    }
    let body = lab.saved(json!({"pushMode": 1}));
    assert_eq!(code_of(&lab.post(PATH_LIST, &body)), "HTTP 400", "pushMode forgotten in the list push");
    assert_eq!(code_of(&lab.post(PATH_LIST, &merged(body, &json!({"pushMode": 1})))), "0");
}

#[test]
fn list_pushes_are_checked() {
    let lab = Lab::new();
    let body = lab.saved(json!({}));
    let many = |count: usize| json!({"regIds": (0..count).map(|n| lab.0.target(n)).collect::<Vec<_>>()});
    let cases = [
        (many(0), "10150"),
        (json!({"regIds": null, "aliases": ["a", "b"]}), "10150"),
        (json!({"regIds": lab.0.target(0)}), "10150"),
        (json!({"regIds": [1, 2]}), "HTTP 400"),
        (many(1), "10153"),
        (many(1001), "10153"),
        (json!({"aliases": ["a"]}), "10154"),
        (json!({"taskId": null}), "10151"),
        (json!({"taskId": 121_397_329}), "10152"),
        (json!({"taskId": "1"}), "10152"),
        (json!({"requestId": null}), "10352"),
        (json!({"appId": 7}), "10094"),
        (json!({"regId": lab.0.target(0)}), "HTTP 400"),
        (json!({"requestId": "request-1"}), "10998"),
        (json!({"appId": null}), "0"),
        (merged(many(1000), &json!({"requestId": "list-2"})), "0"),
    ];
    for (change, code) in cases {
        let answer = lab.post(PATH_LIST, &merged(body.clone(), &change));
        assert_eq!(code_of(&answer), code, "{change}: {:?}", answer.refused);
    }
    assert_eq!(lab.0.world().delivered().len(), 1002);
    lab.0.expire_saved();
    let late = merged(body, &json!({"requestId": "list-3"}));
    assert_eq!(code_of(&lab.post(PATH_LIST, &late)), "10155");
    // The same message saved again, under the same id, is a new one.
    let again = merged(lab.saved(json!({})), &json!({"requestId": "list-4"}));
    assert_ne!(again["taskId"], late["taskId"]);
    assert_eq!(code_of(&lab.post(PATH_LIST, &again)), "0");
}

#[test]
fn a_repeated_request_is_answered_again_but_not_delivered() {
    let lab = Lab::new();
    let list = lab.saved(json!({"requestId": "save-1"}));
    assert_eq!(lab.saved(json!({"requestId": "save-1"}))["taskId"], list["taskId"]);
    for (path, body) in [(PATH_SEND, single(&lab.0)), (PATH_LIST, list)] {
        let before = lab.0.world().delivered().len();
        let first = lab.post(path, &body);
        let delivered = lab.0.world().delivered().len();
        assert!(delivered > before);
        assert_eq!(lab.post(path, &body).body, first.body);
        assert_eq!(lab.0.world().delivered().len(), delivered);
    }
    let strict = Lab::of(Vivo::new().with(Habit::RefusesRepeats));
    let codes: Vec<_> = (0..2).map(|_| code_of(&strict.post(PATH_SEND, &single(&strict.0)))).collect();
    assert_eq!(codes, ["0", "10998"]);
    // What was refused did not use its id up.
    let lab = Lab::new();
    let bad = merged(single(&lab.0), &json!({"regId": "no/id"}));
    assert_eq!(code_of(&lab.post(PATH_SEND, &bad)), "10302");
    assert_eq!(code_of(&lab.post(PATH_SEND, &single(&lab.0))), "0");
}

/// Every number of vivo's lists.
const NUMBERS: &str = "10000 10040 10043 10045 10050 10051 10054 10055 10056 10057 10058 10059 10060 10061 10062 10063 \
    10064 10065 10066 10067 10068 10069 10070 10071 10072 10073 10082 10085 10094 10095 10096 10097 10103 10104 10150 \
    10151 10152 10153 10154 10155 10200 10201 10202 10203 10204 10205 10206 10207 10250 10252 10254 10301 10302 10304 \
    10305 10306 10311 10352 10353 10471 10473 10601 10609 10614 10616 10800 10801 11000";

#[test]
fn every_documented_code_can_be_answered() {
    let lab = Lab::new();
    let list = lab.saved(json!({}));
    let one = lab.call(PATH_SEND, &single(&lab.0));
    for row in lab.0.codes() {
        let calls = match row.at {
            At::Auth => vec![sign_in(json!({}))],
            At::Stage => vec![lab.call(PATH_SAVE, &message())],
            At::Send => vec![one.clone(), lab.call(PATH_LIST, &list)],
            At::Target => vec![one.clone()],
            At::Operate => continue,
        };
        for call in calls {
            let code = code_of(&lab.0.coded(&call, row));
            assert!(row.code.starts_with(&code), "{row:?} became {code}");
        }
    }
    for number in NUMBERS.split_whitespace() {
        assert!(lab.0.codes().iter().any(|row| row.code.starts_with(number)), "{number} is not in the table");
    }
    let names: HashSet<_> = lab.0.codes().iter().map(|row| (row.code, row.at)).collect();
    assert_eq!(names.len(), lab.0.codes().len());
    let rows: HashSet<_> = TABLE.iter().map(|row| row.code).collect();
    assert_eq!(rows.len(), TABLE.len());
}

#[test]
fn a_target_code_in_a_list_spares_the_others() {
    let lab = Lab::new();
    let call = lab.call(PATH_LIST, &lab.saved(json!({})));
    for row in lab.0.codes().iter().filter(|row| row.at == At::Target) {
        lab.0.world().forget();
        let answer = lab.0.coded(&call, row);
        let delivered = lab.0.world().delivered();
        if row.code == "10311" {
            // The list has no words for it: all of it fails.
            assert!(code_of(&answer) == "10311" && delivered.is_empty());
            continue;
        }
        let invalid = &json_of(&answer)["invalidUsers"];
        assert!(invalid.as_array().unwrap().len() == 1 && invalid[0]["userid"] == lab.0.target(0), "{invalid}");
        assert!(delivered.len() == 1 && delivered[0].target == lab.0.target(1));
    }
}

#[test]
fn targets_and_configuration_are_well_formed() {
    let fake = Vivo::new();
    let targets: HashSet<_> = (0..5000).map(|number| fake.target(number)).collect();
    assert_eq!(targets.len(), 5000);
    assert!(targets.iter().all(|target| target.len() == 23 && target.bytes().all(|b| b.is_ascii_digit())));
    let config = fake.config("http://127.0.0.1:1");
    assert_eq!((config["app_id"].as_i64(), config["endpoint"].as_str()), (Some(100_004), Some("http://127.0.0.1:1")));
}
