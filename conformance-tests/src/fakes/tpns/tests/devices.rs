//! The calls around devices.

use super::super::devices::{ACCOUNTS, QUERY, TAGS, UPLOAD};
use super::*;

fn at(path: &str, body: &Value) -> Call {
    Call { path: path.into(), ..android(body) }
}

/// The answer of a call that the fake knows as an operation.
#[track_caller]
fn answered(fake: &Tpns, call: &Call) -> Value {
    assert_eq!(fake.purpose(call), Purpose::Operate);
    body(&fake.answer(call))
}

fn tags(fake: &Tpns, changes: Value) -> i64 {
    answered(fake, &at(TAGS, &changes))["ret_code"].as_i64().unwrap()
}

#[test]
fn tags_are_put_on_and_taken_off() {
    let fake = Tpns::new();
    let has = |token: &str| fake.memory().of(token, true).join(",");
    let (one, both) = (json!(["A1"]), json!(["A1", "B2"]));
    assert_eq!(tags(&fake, json!({"operator_type": 1, "token_list": one, "tag_list": ["a"]})), 0);
    assert_eq!(tags(&fake, json!({"operator_type": 3, "token_list": both, "tag_list": ["b", "c"]})), 0);
    assert_eq!((has("A1").as_str(), has("B2").as_str()), ("a,b,c", "")); // of one token
    assert_eq!(
        tags(&fake, json!({"operator_type": 7, "token_list": both, "tag_list": ["d"], "platform": "android"})),
        0
    );
    assert_eq!(tags(&fake, json!({"operator_type": 2, "token_list": one, "tag_list": ["a"]})), 0);
    assert_eq!((has("A1").as_str(), has("B2").as_str()), ("b,c,d", "d"));
    assert_eq!(tags(&fake, json!({"operator_type": 6, "token_list": one, "tag_list": ["e"]})), 0);
    assert_eq!(tags(&fake, json!({"operator_type": 8, "token_list": both, "tag_list": ["d"]})), 0);
    assert_eq!((has("A1").as_str(), has("B2").as_str()), ("e", ""));
    let pairs = json!([{"tag": "x", "token": "A1"}, {"tag": "y", "token": "B2"}]);
    assert_eq!(tags(&fake, json!({"operator_type": 9, "tag_token_list": pairs})), 0);
    assert_eq!((has("A1").as_str(), has("B2").as_str()), ("e,x", "y"));
    assert_eq!(tags(&fake, json!({"operator_type": 10, "tag_token_list": pairs})), 0);
    assert_eq!(tags(&fake, json!({"operator_type": 5, "token_list": one})), 0);
    assert_eq!((has("A1").as_str(), has("B2").as_str()), ("", ""));
}

#[test]
fn calls_for_tags_are_checked() {
    let fake = Tpns::new();
    fake.world().set_target("DEAD", TargetState::Dead);
    let many: Vec<Value> = (0..21).map(|at| json!({"tag": "a", "token": format!("T{at}")})).collect();
    for (call, code) in [
        (json!({"token_list": ["A1"], "tag_list": ["a"]}), 1_008_002),
        (json!({"operator_type": 11, "token_list": ["A1"], "tag_list": ["a"]}), 1_008_007),
        (json!({"operator_type": "1", "token_list": ["A1"], "tag_list": ["a"]}), 1_008_001),
        (json!({"operator_type": 1, "tag_list": ["a"]}), 1_008_002),
        (json!({"operator_type": 1, "token_list": ["A1"]}), 1_008_002),
        (json!({"operator_type": 1, "token_list": ["A1"], "tag_list": ["长".repeat(51)]}), 1_008_007),
        (json!({"operator_type": 7, "token_list": vec!["A1"; 500], "tag_list": ["a"]}), 0),
        (json!({"operator_type": 7, "token_list": vec!["A1"; 501], "tag_list": ["a"]}), 1_008_007),
        (json!({"operator_type": 9, "tag_token_list": many}), 1_008_007),
        (json!({"operator_type": 9, "tag_token_list": [["a", "A1"]]}), 1_008_001),
        (json!({"operator_type": 9, "tags": []}), 1_008_007),
        (json!({"operator_type": 1, "token_list": ["DEAD"], "tag_list": ["a"]}), 1_008_006),
        (json!({"operator_type": 9, "tag_token_list": [{"tag": "a", "token": "DEAD"}]}), 1_008_027),
        (json!({"operator_type": 7, "token_list": ["DEAD", "A1"], "tag_list": ["a"]}), 1_008_026),
    ] {
        assert_eq!(tags(&fake, call.clone()), code, "{call}");
    }
    assert_eq!(fake.memory().of("A1", true), ["a"]); // of the batch that failed in part
    let mut unsigned = at(TAGS, &json!({"operator_type": 5, "token_list": ["A1"]}));
    unsigned.headers.remove("sign");
    assert_eq!(answered(&fake, &unsigned)["ret_code"], 1_008_003);
}

#[test]
fn bindings_are_told_from_both_ends() {
    let fake = Tpns::new();
    let call = |body: Value| answered(&fake, &at(QUERY, &body));
    let pair = json!([{"token": "A1", "account_list": [{"account": "ann"}, {"account": "bo"}]}]);
    answered(&fake, &at(ACCOUNTS, &json!({"operator_type": 2, "token_accounts": pair})));
    let of_accounts = call(json!({"operator_type": 1, "account_list": [{"account": "ann"}, {"account": "cy"}]}));
    assert_eq!((&of_accounts["retCode"], &of_accounts["result"]), (&json!(0), &json!(["0", "10110008"])));
    assert_eq!(of_accounts["account_tokens"], json!([{"account": "ann", "token_list": ["A1"]}]));
    let of_tokens = call(json!({"operator_type": 2, "token_list": ["A1"]}));
    assert_eq!(of_tokens["token_accounts"], pair);
    for (body, code) in [
        (json!({"operator_type": 2, "token_list": ["B2"]}), 10_110_008),
        (json!({"operator_type": 2, "account_list": [{"account": "ann"}]}), 1_008_002),
        (json!({"operator_type": 3, "token_list": ["A1"]}), 1_008_007),
        (json!({"operator_type": 1, "account_list": ["ann"]}), 1_008_001),
    ] {
        assert_eq!(call(body.clone())["retCode"], code, "{body}");
    }
}

#[test]
fn accounts_are_bound_and_each_token_is_told() {
    let fake = Tpns::new();
    fake.world().set_target("DEAD", TargetState::Dead);
    let call = |body: Value| {
        let answer = answered(&fake, &at(ACCOUNTS, &body));
        (answer["ret_code"].as_i64().unwrap(), answer["result"].clone())
    };
    let has = |token: &str| fake.memory().of(token, false).join(",");
    let bind = |kind: i64, token: &str, names: &[&str]| {
        let names: Vec<Value> = names.iter().map(|name| json!({"account": name, "account_type": 0})).collect();
        json!({"operator_type": kind, "token_accounts": [{"token": token, "account_list": names}]})
    };
    assert_eq!(call(bind(2, "A1", &["x", "y"])), (0, json!(["0"])));
    assert_eq!(call(bind(3, "A1", &["x"])), (0, json!(["0"])));
    assert_eq!(has("A1"), "y");
    assert_eq!(call(bind(2, "A1", &["z"])), (0, json!(["0"]))); // instead
    assert_eq!(has("A1"), "z");
    assert_eq!(call(bind(2, "DEAD", &["z"])), (1_008_027, json!(["1008006"])));
    assert_eq!(call(json!({"operator_type": 4, "token_list": ["A1", "DEAD"]})), (1_008_026, json!(["0", "1008006"])));
    assert_eq!(has("A1"), "");
    call(bind(2, "A1", &["z"]));
    assert_eq!(call(json!({"operator_type": 5, "account_list": [{"account": "z"}]})), (0, json!(["0"])));
    assert_eq!(has("A1"), "");
    let many: Vec<Value> =
        (0..21).map(|at| json!({"token": format!("T{at}"), "account_list": [{"account": "a"}]})).collect();
    for (body, code) in [
        (json!({"operator_type": 6, "token_list": ["A1"]}), 1_008_007),
        (json!({"operator_type": 4}), 1_008_002),
        (json!({"operator_type": 5, "account_list": ["z"]}), 1_008_001),
        (json!({"operator_type": 2, "token_accounts": many}), 1_008_007),
        (json!({"operator_type": 2, "token_accounts": [{"token": "A1"}]}), 1_008_002),
    ] {
        assert_eq!(call(body.clone()).0, code, "{body}");
    }
}

#[test]
fn packages_are_files_with_a_known_ending() {
    let fake = Tpns::new();
    let upload = |name: &str, text: &str| {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n--b--\r\n"
        );
        let mut call = Call { path: UPLOAD.into(), ..signed_as(&APPS[0], &body) };
        call.headers.insert("content-type", "multipart/form-data; boundary=b".parse().unwrap());
        answered(&fake, &call)
    };
    let answer = upload("tokens.txt", TOKEN);
    assert_eq!(answer, json!({"retCode": 0, "errMsg": "", "uploadId": FIRST_PACKAGE + 1}));
    assert!(fake.memory().has_package(&(FIRST_PACKAGE + 1).to_string()));
    assert!(!fake.memory().has_package(&(FIRST_PACKAGE + 2).to_string()));
    let long = format!("{}.txt", "a".repeat(97));
    for (name, text, code) in [("a.exe", "x", 1_008_011), (&long, "x", 1_008_011), ("a.csv", "", 1_008_012)] {
        assert_eq!(upload(name, text)["retCode"], code, "{name}");
    }
    let json = at(UPLOAD, &json!({}));
    assert_eq!(answered(&fake, &json)["retCode"], 1_008_011);
}
