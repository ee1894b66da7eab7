//! Pushes to everybody, to tags and to packages.

use super::*;

/// A push to many with changes.
fn to(audience: &str, changes: Value) -> Call {
    let mut body = with(json!({"audience_type": audience, "token_list": null}));
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    android(&body)
}

fn rules(item: Value) -> Value {
    json!({"tag_rules": [{"tag_items": [item], "operator": "OR", "is_not": false}]})
}

#[test]
fn everybody_gets_it_once_an_hour() {
    let fake = Tpns::new();
    let call = to("all", json!({"push_speed": 1000, "collapse_id": 7, "force_collapse": true, "upload_id": 0}));
    assert_eq!(delivered(&fake, &call).target, "");
    denied(&fake, &call, codes::AGAIN);
    // Another text, or another audience, is another push.
    taken(&fake.answer(&to("all", json!({"expire_time": 0}))));
    taken(&fake.answer(&to("tag", rules(json!({"tags": ["a"], "tag_type": "xg_user_define"})))));
    let time = (NOW + 3600).to_string();
    let sign = signature(&time, APPS[0].access_id, &call.body, APPS[0].secret_key);
    let text = String::from_utf8(call.body.to_vec()).unwrap();
    let mut later = raw(&text, &[("accessid", APPS[0].access_id), ("timestamp", &time), ("sign", &sign)]);
    later.now_ms = (NOW + 3600) * 1000;
    taken(&fake.answer(&later));
}

#[test]
fn tags_are_given_as_rules_or_as_a_list() {
    let fake = Tpns::new();
    let item = json!({"tags": ["guangdong", "hunan"], "tags_operator": "OR", "items_operator": "OR", "is_not": false,
        "tag_type": "xg_auto_province"});
    assert!(delivered(&fake, &to("tag", rules(item))).target.contains("hunan"));
    taken(&fake.answer(&to("tag", json!({"tag_list": {"tags": vec!["a"; 500], "op": "AND"}}))));
    for (changes, code) in [
        (json!({}), "1008002"),
        (json!({"tag_rules": []}), "1008002"),
        (json!({"tag_list": {"tags": [], "op": "AND"}}), "1008002"),
        (json!({"tag_list": {"tags": ["a"]}}), "1008002"),
        (json!({"tag_list": {"tags": ["a"], "op": "NOT"}}), "1008007"),
        (json!({"tag_list": {"tags": vec!["a"; 501], "op": "OR"}}), "1008007"),
        (json!({"tag_list": ["a"]}), "1008001"),
        (rules(json!({"tags": ["a"]})), "1008002"),
        (rules(json!({"tags": ["a"], "tag_type": "xg_auto_verison"})), "1008007"),
        (rules(json!({"tags": "a", "tag_type": "xg_user_define"})), "1008001"),
        (rules(json!({"tags": ["a"], "tag_type": "xg_user_define", "tags_operator": "XOR"})), "1008007"),
    ] {
        denied(&fake, &to("tag", changes), code);
    }
}

#[test]
fn packages_are_uploaded_first() {
    let fake = Tpns::new();
    for kind in ["package_token_push", "package_account_push"] {
        assert_eq!(delivered(&fake, &to(kind, json!({"upload_id": FIRST_PACKAGE}))).target, "42");
        denied(&fake, &to(kind, json!({"upload_id": FIRST_PACKAGE + 1})), "1008007");
        denied(&fake, &to(kind, json!({})), "1008002");
        denied(&fake, &to(kind, json!({"upload_id": "42"})), "1008001");
    }
}

#[test]
fn pushes_to_many_are_scheduled_and_repeated() {
    let fake = Tpns::new();
    // NOW is 2023-11-15 06:13:20 in Beijing.
    for (at, code) in [
        ("2023-11-15 06:03:20", ""),
        ("2023-11-15 06:03:19", codes::TOO_LATE),
        ("2024-02-13 06:13:20", ""),
        ("2024-02-13 06:13:21", "1008007"),
        ("2023-11-15T06:13:20", "1008007"),
        ("2023-11-31 06:13:20", "1008007"),
    ] {
        let call = to("all", json!({"send_time": at}));
        if code.is_empty() {
            taken(&fake.answer(&call));
        } else {
            denied(&fake, &call, code);
        }
    }
    let repeated = |kind: i64, days: Value, end: &str| {
        let times = json!(["08:00:00", "20:00:00"]);
        to(
            "all",
            json!({"loop_param": {"startDate": "2023-11-20", "endDate": end, "loopType": kind,
            "loopDayIndexs": days, "dayTimes": times}}),
        )
    };
    let answer = body(&fake.answer(&repeated(1, json!([0]), "2023-12-20")));
    assert_eq!((&answer["ret_code"], answer["push_id"].as_array().map(Vec::len)), (&json!(0), Some(2)));
    for (kind, days, end, code) in [
        (1, json!([1]), "2023-12-20", "1008007"),
        (2, json!([7]), "2023-12-20", "1008007"),
        (3, json!([0]), "2023-12-20", "1008007"),
        (3, json!([31]), "2024-02-19", "1008007"),
        (2, json!([]), "2023-12-20", "1008002"),
        (2, json!(["1"]), "2023-12-20", "1008001"),
        (4, json!([1]), "2023-12-20", "1008007"),
    ] {
        denied(&fake, &repeated(kind, days, end), code);
    }
    assert_eq!(body(&fake.answer(&repeated(3, json!([1, 31]), "2024-02-18")))["ret_code"], 0);
    let single = with(json!({"loop_param": {"startDate": "2023-11-20"}}));
    denied(&fake, &android(&single), "1008007");
}
