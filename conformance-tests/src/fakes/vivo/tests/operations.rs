//! Pushes to tags and to everyone, and what does not send.

use super::*;

fn get(lab: &Lab, query: &str) -> Answer {
    let mut call = lab.call(super::super::operations::STATISTICS, &json!({}));
    call.method = Method::GET;
    call.headers.remove("content-type");
    call.query = query.into();
    call.body = "".into();
    assert_eq!(lab.0.purpose(&call), Purpose::Operate);
    lab.0.answer(&call)
}

fn with_app(body: Value) -> Value {
    merged(json!({"appId": APP_ID}), &body)
}

#[test]
fn tags_choose_phones() {
    let lab = Lab::new();
    let member = |tag: &str, numbers: &[usize]| {
        let ids: Vec<_> = numbers.iter().map(|&n| lab.0.target(n)).collect();
        let body = with_app(json!({"name": tag, "type": 1, "ids": ids}));
        assert_eq!(code_of(&lab.post("/tag/addMembers", &body)), "0");
    };
    member("chess", &[0, 1, 2]);
    member("golf", &[2]);
    lab.0.world().set_target(lab.0.target(1), TargetState::Dead);
    let cases = [
        (json!({"orTags": ["sport", "golf"]}), vec![0, 2]),
        (json!({"andTags": ["chess", "golf"], "orTags": []}), vec![2]),
        (json!({"orTags": ["chess"], "notTags": ["sport"]}), vec![2]),
        (json!({"orTags": ["nobody's"]}), vec![]),
    ];
    for (number, (tags, reached)) in cases.into_iter().enumerate() {
        lab.0.world().forget();
        let body = merged(message(), &json!({"requestId": format!("tags-{number}"), "tagExpression": tags}));
        let first = lab.post(PATH_TAGS, &body);
        assert!(json_of(&first)["taskId"].is_string());
        assert_eq!(lab.post(PATH_TAGS, &body).body, first.body, "a repeat");
        let mut got: Vec<_> = lab.0.world().delivered().into_iter().map(|delivered| delivered.target).collect();
        got.sort();
        let mut reached: Vec<_> = reached.into_iter().map(|n| lab.0.target(n)).collect();
        reached.sort();
        assert_eq!(got, reached, "{tags}");
    }
}

#[test]
fn pushes_to_groups_are_checked() {
    let lab = Lab::new();
    let tags = json!({"tagExpression": {"orTags": ["sport"]}});
    let cases = [
        (PATH_TAGS, tags.clone(), json!({}), "0"),
        (PATH_TAGS, json!({}), json!({}), "HTTP 400"),
        (PATH_TAGS, json!({"tagExpression": {}}), json!({}), "HTTP 400"),
        (PATH_TAGS, json!({"tagExpression": {"notTags": ["a"]}}), json!({}), "HTTP 400"),
        (PATH_TAGS, json!({"tagExpression": {"orTags": "sport"}}), json!({}), "HTTP 400"),
        (PATH_TAGS, json!({"tagExpression": {"orTags": [" "]}}), json!({}), "HTTP 400"),
        (PATH_TAGS, json!({"tagExpression": {"orTags": [1]}}), json!({}), "HTTP 400"),
        (PATH_TAGS, json!({"tagExpression": {"or": ["a"]}}), json!({}), "HTTP 400"),
        (PATH_TAGS, tags.clone(), json!({"regId": lab.0.target(0)}), "HTTP 400"),
        (PATH_TAGS, tags.clone(), json!({"appId": null}), "10200"),
        (PATH_TAGS, tags.clone(), json!({"title": null}), "10055"),
        (PATH_TAGS, tags.clone(), json!({"extra": {"callback": "https://example.com/r"}}), "10304"),
        (PATH_ALL, tags, json!({}), "HTTP 400"),
        (PATH_ALL, json!({"tagExpression": {}}), json!({"profileId": "u1"}), "HTTP 400"),
        (PATH_ALL, json!({"tagExpression": {}}), json!({}), "0"),
    ];
    for (number, (path, tags, change, code)) in cases.into_iter().enumerate() {
        let body = merged(merged(message(), &json!({"requestId": number.to_string()})), &tags);
        let body = merged(body, &change);
        assert_eq!(code_of(&lab.post(path, &body)), code, "{path} {tags} {change}");
    }
}

#[test]
fn one_push_to_everyone_a_day() {
    let lab = Lab::new();
    let all = |id: &str, later_ms: u64| {
        let mut call = lab.call(PATH_ALL, &merged(message(), &json!({"requestId": id})));
        call.now_ms += later_ms;
        code_of(&lab.0.answer(&call))
    };
    assert_eq!((all("a", 0), all("a", 0), all("b", 0)), ("0".into(), "0".into(), "10254".into()));
    // It is noon in Beijing.
    assert_eq!((all("b", 12 * 3_600_000 - 1), all("b", 12 * 3_600_000)), ("10254".into(), "0".into()));
    let delivered: Vec<_> = lab.0.world().delivered().into_iter().map(|delivered| delivered.target).collect();
    assert_eq!(delivered, [EVERYONE, EVERYONE]);
}

#[test]
fn operations_are_checked() {
    let lab = Lab::new();
    let ids = |count: usize| json!((0..count).map(|n| lab.0.target(n)).collect::<Vec<_>>());
    let expression = json!({"orTags": ["a"]});
    let cases = [
        ("/invalidUser/check", json!({"userType": 1, "userIds": ids(1)}), "0"),
        ("/invalidUser/check", json!({"userType": 1, "userIds": []}), "HTTP 400"),
        ("/invalidUser/check", json!({"userType": 1, "userIds": lab.0.target(0)}), "HTTP 400"),
        ("/invalidUser/check", json!({"userType": "1", "userIds": ids(1)}), "HTTP 400"),
        ("/invalidUser/check", json!({"userIds": ids(1)}), "HTTP 400"),
        ("/tag/add", json!({"name": "a"}), "0"),
        ("/tag/add", json!({"name": "a", "desc": "d", "group": "g"}), "0"),
        ("/tag/add", json!({"name": " "}), "10601"),
        ("/tag/add", json!({"name": "a", "type": 1}), "HTTP 400"),
        ("/tag/update", json!({"oldName": "a", "newName": "b", "desc": "d"}), "0"),
        ("/tag/update", json!({"oldName": "a"}), "10601"),
        ("/tag/addMembers", json!({"name": "a", "type": 1, "ids": ids(1000)}), "0"),
        ("/tag/addMembers", json!({"name": "a", "type": 2, "ids": ["alias"]}), "0"),
        ("/tag/addMembers", json!({"type": 1, "ids": ids(1)}), "10601"),
        ("/tag/addMembers", json!({"name": "a", "type": 1}), "10609"),
        ("/tag/addMembers", json!({"name": "a", "type": 1, "ids": []}), "10609"),
        ("/tag/addMembers", json!({"name": "a", "type": 1, "ids": ids(1001)}), "10614"),
        ("/tag/addMembers", json!({"name": "a", "type": 3, "ids": ids(1)}), "10616"),
        ("/tag/addMembers", json!({"name": "a", "ids": ids(1)}), "10616"),
        ("/tag/addMembers", json!({"name": "a", "type": 1, "ids": [7]}), "HTTP 400"),
        ("/tag/removeMembers", json!({"name": "a", "type": 1, "ids": ids(1001)}), "10614"),
        ("/tagGroup/add", json!({"name": "g", "type": 2, "desc": "d"}), "0"),
        ("/tagGroup/add", json!({"name": "g", "type": 0}), "10616"),
        ("/tagGroup/add", json!({"type": 1}), "HTTP 400"),
        ("/tagGroup/update", json!({"oldName": "g", "newName": "h"}), "0"),
        ("/tagGroup/update", json!({"oldName": "g"}), "HTTP 400"),
        ("/tagGroup/addToGroup", json!({"name": "g", "tagList": ["a"]}), "0"),
        ("/tagGroup/addToGroup", json!({"name": "g", "tagList": "a"}), "HTTP 400"),
        ("/tagGroup/addToGroup", json!({"name": "g", "tagList": [""]}), "HTTP 400"),
        ("/tagSegment/add", json!({"name": "s", "expression": expression}), "0"),
        ("/tagSegment/add", json!({"name": "s", "expression": {"notTags": ["a"]}}), "HTTP 400"),
        ("/tagSegment/add", json!({"name": "s"}), "HTTP 400"),
        ("/tagSegment/update", json!({"oldName": "s", "newName": "t", "expression": expression}), "0"),
        ("/tagSegment/update", json!({"name": "s", "expression": expression}), "HTTP 400"),
    ];
    for (path, body, code) in cases {
        let call = lab.call(path, &with_app(body.clone()));
        assert_eq!(
            (code_of(&lab.0.answer(&call)).as_str(), lab.0.purpose(&call)),
            (code, Purpose::Operate),
            "{path} {body}"
        );
        let without_app = lab.post(path, &body);
        assert_eq!(code_of(&without_app), "10200", "{path}");
        let mut get = call;
        get.method = Method::GET;
        assert_eq!(code_of(&lab.0.answer(&get)), "HTTP 405", "{path}");
    }
    let mut unsigned = call("/tag/add", &with_app(json!({"name": "a"})));
    assert_eq!(code_of(&lab.0.answer(&unsigned)), "10000");
    unsigned.path = "/tag/delete".into();
    assert_eq!(code_of(&lab.0.answer(&unsigned)), "HTTP 404");
}

#[test]
fn bad_reg_ids_are_named() {
    let lab = Lab::new();
    let ids = [lab.0.target(0), lab.0.target(1), "no id".to_owned()];
    lab.0.world().set_target(&*ids[1], TargetState::Dead);
    let answer = lab.post("/invalidUser/check", &with_app(json!({"userType": 1, "userIds": ids})));
    let named = json!([{"status": 2, "userid": ids[1]}, {"status": 1, "userid": ids[2]}]);
    assert_eq!(json_of(&answer)["data"], named);
}

#[test]
fn members_come_and_go() {
    let lab = Lab::new();
    let members = |path, name| with_members(&lab, path, name, lab.0.target(5));
    members("/tag/addMembers", "golf");
    assert_eq!(lab.0.members("golf"), [lab.0.target(5)]);
    lab.post("/tag/update", &with_app(json!({"oldName": "golf", "newName": "minigolf"})));
    assert_eq!((lab.0.members("golf"), lab.0.members("minigolf")), (vec![], vec![lab.0.target(5)]));
    members("/tag/removeMembers", "minigolf");
    assert!(lab.0.members("minigolf").is_empty());
}

fn with_members(lab: &Lab, path: &str, name: &str, id: String) {
    assert_eq!(code_of(&lab.post(path, &with_app(json!({"name": name, "type": 1, "ids": [id]})))), "0");
}

#[test]
fn what_was_sent_is_counted() {
    let lab = Lab::new();
    let one = json_of(&lab.post(PATH_SEND, &single(&lab.0)))["taskId"].as_str().unwrap().to_owned();
    lab.0.world().set_target(lab.0.target(1), TargetState::Dead);
    let list = lab.saved(json!({"requestId": "saved"}));
    lab.post(PATH_LIST, &list);
    let two = list["taskId"].as_str().unwrap().to_owned();
    let answer = json_of(&get(&lab, &format!("taskIds={one},{two},7")));
    let counters = answer["statistics"].as_array().unwrap();
    let some =
        |at: usize| ["taskId", "target", "receive", "targetInvalid", "click"].map(|name| counters[at][name].clone());
    assert_eq!(some(0), [json!(one), json!(1), json!(1), json!(0), json!(0)]);
    assert_eq!(some(1), [json!(two), json!(2), json!(1), json!(1), json!(0)]);
    assert_eq!(counters.len(), 2, "an unknown message is left out");
    let many = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    for (query, code) in [
        (format!("taskIds={}", many(100)), "0"),
        (format!("taskIds={}", many(101)), "10471"),
        ("taskIds=".into(), "10473"),
        (String::new(), "10473"),
        ("taskId=1".into(), "HTTP 400"),
        ("taskIds=1&appId=100004".into(), "HTTP 400"),
    ] {
        assert_eq!(code_of(&get(&lab, &query)), code, "{query}");
    }
    assert_eq!(code_of(&lab.post(super::super::operations::STATISTICS, &json!({}))), "HTTP 405");
}
