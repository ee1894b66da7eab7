//! Audiences other than pushIds, and calls that are no pushes.

use super::super::operations::picture_at;
use super::*;

const PUSH: &str = "/garcia/api/server/push/";
const DEVICE: &str = "/garcia/api/server/message/";

fn push(path: &str, pairs: &[(&str, &str)]) -> Call {
    signed(&format!("{PUSH}{path}"), pairs)
}

/// A signed call of the subscription host.
fn device(path: &str, pairs: &[(&str, &str)]) -> Call {
    signed(&format!("{DEVICE}{path}"), pairs)
}

/// The same by GET.
fn by_get(call: Call) -> Call {
    let query = String::from_utf8(call.body.to_vec()).unwrap();
    Call { method: Method::GET, query, body: Default::default(), headers: HeaderMap::new(), ..call }
}

/// The value of a call that was taken.
#[track_caller]
fn value(fake: &Meizu, call: &Call) -> Value {
    let answer = fake.answer(call);
    let body = body(&answer);
    assert_eq!((&body["code"], &body["message"]), (&json!("200"), &json!("")), "{:?}", answer.refused);
    body["value"].clone()
}

#[test]
fn aliases_are_reached_directly_and_through_a_task() {
    let fake = Meizu::new();
    fake.world().set_target("ben", TargetState::Dead);
    let answer = fake.answer(&push("varnished/pushByAlias", &[("alias", "ann,ben,小明"), ("messageJson", FULL)]));
    assert_eq!(taken(&answer), json!({"110005": ["ben"]}));
    fake.answer(&signed(STAGE, &[("pushType", "0"), ("messageJson", SDK)]));
    let answer = fake.answer(&push("task/varnished/pushByAlias", &[("alias", "ann"), ("taskId", "20457")]));
    assert_eq!(taken(&answer), json!({}));
    let reached: Vec<String> = fake.world().delivered().into_iter().map(|delivered| delivered.target).collect();
    assert_eq!(reached, ["ann", "小明", "ann"]);
    let (long, many) = ("长".repeat(61), vec!["a"; 101].join(","));
    for alias in [long.as_str(), &many, "ann,", ",ann"] {
        denied(&fake, &push("varnished/pushByAlias", &[("alias", alias), ("messageJson", SDK)]), "1005");
    }
    denied(&fake, &push("varnished/pushByAlias", &[("pushIds", "A1"), ("messageJson", SDK)]), "1005");
    denied(&fake, &push("varnished/pushByAlias", &[("messageJson", SDK)]), "110004");
}

#[test]
fn everybody_and_tags_are_reached_by_tasks_that_can_be_cancelled() {
    let fake = Meizu::new();
    let message = ("messageJson", SDK);
    let kind = ("pushType", "0");
    let all = value(&fake, &push("pushTask/pushToApp", &[kind, message]));
    assert_eq!(all, json!({"taskId": 20457, "pushType": 0, "appId": 100999}));
    let tags = [kind, message, ("tagNames", "象棋,sport"), ("scope", "1")];
    assert_eq!(value(&fake, &push("pushTask/pushToTag", &tags))["taskId"], 20458);
    let seen: Vec<_> = fake.world().delivered().into_iter().map(|got| (got.target, got.message_id)).collect();
    assert_eq!(seen, [(String::new(), "20457".into()), ("象棋 and sport".into(), "20458".into())]);

    let cancel = |id: &str| push("pushTask/cancel", &[kind, ("taskId", id)]);
    assert_eq!(value(&fake, &cancel("20457")), json!({"result": true}));
    denied(&fake, &cancel("20457"), "500");
    denied(&fake, &cancel("20459"), "110032");
    fake.answer(&signed(STAGE, &[kind, message]));
    denied(&fake, &cancel("20459"), "110032"); // no broadcast
    denied(&fake, &push("pushTask/cancel", &[("taskId", "20458")]), "110004");
    // A broadcast is no message that waits for pushIds.
    denied(&fake, &signed(TASK, &[("taskId", "20458"), ("pushIds", "A1")]), "110032");
}

#[test]
fn broadcasts_are_checked() {
    let fake = Meizu::new();
    let message = ("messageJson", SDK);
    let to_tag = |changes: &[(&str, &str)]| {
        let good = [("pushType", "0"), ("tagNames", "a"), ("scope", "0"), message];
        let kept = good.into_iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let pairs: Vec<_> = kept.chain(changes.iter().copied().filter(|(_, value)| *value != "-")).collect();
        push("pushTask/pushToTag", &pairs)
    };
    value(&fake, &to_tag(&[("tagNames", &"长".repeat(20))]));
    fake.world().forget();
    let (long, many) = ("长".repeat(21), vec!["a"; 101].join(","));
    for (name, wrong, code) in [
        ("tagNames", "-", "110004"),
        ("tagNames", long.as_str(), "1005"),
        ("tagNames", &many, "1005"),
        ("tagNames", "a,,b", "1005"),
        ("scope", "-", "110004"),
        ("scope", "2", "1005"),
        ("pushType", "1", "110053"),
        ("pushType", "2", "1005"),
        ("pushIds", "A1", "1005"),
    ] {
        denied(&fake, &to_tag(&[(name, wrong)]), code);
    }
    denied(&fake, &push("pushTask/pushToApp", &[("pushType", "0"), message, ("scope", "0")]), "1005");
    // Scheduling is for these calls only.
    let later =
        SDK.replace(r#""pushTimeType":0,"startTime":"""#, r#""pushTimeType":1,"startTime":"2026-12-01 08:00:00""#);
    value(&fake, &push("pushTask/pushToApp", &[("pushType", "0"), ("messageJson", &later)]));
    denied(&fake, &direct("A1", &later), "1005");
    let never = later.replace("2026-12-01 08:00:00", "");
    denied(&fake, &push("pushTask/pushToApp", &[("pushType", "0"), ("messageJson", &never)]), "110004");
}

#[test]
fn statistics_are_asked_for_by_get() {
    let fake = Meizu::new();
    let example = [("appId", "100999"), ("taskId", "44760")];
    assert_eq!(signature(example.into_iter(), APP_SECRET), "6d366f3c58f2de9476c4e486f7fc8af3");
    let of_task = |id| by_get(push("statistics/getTaskStatistics", &[("taskId", id)]));
    denied(&fake, &of_task("20457"), "110032");
    fake.answer(&signed(STAGE, &[("pushType", "0"), ("messageJson", SDK)]));
    assert_eq!(value(&fake, &of_task("20457"))["acceptNo "], 6);
    let unsigned = Call { query: "appId=100999&taskId=20457".into(), ..of_task("20457") };
    denied(&fake, &unsigned, "1006");
    denied(&fake, &Call { body: "a=b".into(), ..of_task("20457") }, "1005");

    let daily = |from, to| by_get(push("statistics/dailyPushStatics", &[("startTime", from), ("endTime", to)]));
    let rows = value(&fake, &daily("20261101", "20261201"));
    assert_eq!((rows.as_array().unwrap().len(), &rows[30]["date"]), (31, &json!("2026-12-01")));
    denied(&fake, &daily("20261101", "20261202"), "500");
    denied(&fake, &daily("20261102", "20261101"), "1005");
    denied(&fake, &daily("2026-11-01", "20261101"), "1005");
    assert_eq!(fake.purpose(&of_task("1")), Purpose::Operate);
    // The vendor's Java SDK.
    assert_eq!(value(&fake, &push("statistics/getTaskStatistics", &[("taskId", "20457")]))["acceptNo "], 6);
    assert_eq!(fake.purpose(&Call { method: Method::PUT, ..of_task("1") }), Purpose::Unknown);
}

#[test]
fn a_device_keeps_its_switches_its_alias_and_its_tags() {
    let fake = Meizu::new();
    let id = ("pushId", "A1B2C3");
    let switches = |bar: u8, direct: u8| json!({"barTypeSwitch": bar, "directTypeSwitch": direct, "pushId": "A1B2C3"});
    assert_eq!(value(&fake, &by_get(device("getRegisterSwitch", &[id]))), switches(1, 1));
    let off = [id, ("msgType", "0"), ("subSwitch", "0")];
    assert_eq!(value(&fake, &device("changeRegisterSwitch", &off)), switches(0, 1));
    assert_eq!(value(&fake, &device("changeAllSwitch", &[id, ("subSwitch", "0")])), switches(0, 0));
    denied(&fake, &device("changeAllSwitch", &[id, ("subSwitch", "true")]), "1005");
    denied(&fake, &device("changeRegisterSwitch", &[id, ("msgType", "2"), ("subSwitch", "0")]), "1005");

    let alias = |alias: &str| json!({"pushId": "A1B2C3", "alias": alias});
    assert_eq!(value(&fake, &device("subscribeAlias", &[id, ("alias", "ann")])), alias("ann"));
    assert_eq!(value(&fake, &by_get(device("getSubAlias", &[id]))), alias("ann"));
    assert_eq!(value(&fake, &device("unSubscribeAlias", &[id])), alias(""));
    denied(&fake, &device("subscribeAlias", &[id, ("alias", &"a".repeat(61))]), "1005");

    let tags = |tags: Value| json!({"pushId": "A1B2C3", "tags": tags});
    let (a, b) = (json!({"tagId": 1, "tagName": "a"}), json!({"tagId": 2, "tagName": "b"}));
    assert_eq!(value(&fake, &device("subscribeTags", &[id, ("tags", "b,a")])), tags(json!([a, b])));
    assert_eq!(value(&fake, &device("unSubscribeTags", &[id, ("tags", "a")])), tags(json!([b])));
    assert_eq!(value(&fake, &by_get(device("getSubTags", &[id]))), tags(json!([b])));
    assert_eq!(value(&fake, &device("unSubAllTags", &[id])), json!(true));
    denied(&fake, &device("subscribeTags", &[id, ("tags", &"a".repeat(21))]), "1005");
    denied(&fake, &device("subscribeTags", &[id]), "110004");
}

#[test]
fn devices_must_be_registered() {
    let fake = Meizu::new();
    fake.world().set_target("DEAD", TargetState::Dead);
    for (id, code) in [("DEAD", "110002"), ("no pushId", "110003"), ("", "110004")] {
        denied(&fake, &by_get(device("getRegisterSwitch", &[("pushId", id)])), code);
        denied(&fake, &device("unSubAllTags", &[("pushId", id)]), code);
    }
    denied(&fake, &device("unSubAllTags", &[("pushId", "A1"), ("tags", "a")]), "1005");
    assert_eq!(fake.answer(&by_get(device("unSubAllTags", &[("pushId", "A1")]))).status, 405);
    assert_eq!(fake.answer(&push("getRegisterSwitch", &[("pushId", "A1")])).status, 404);
}

#[test]
fn pictures_are_fetched() {
    let fake = Meizu::new();
    let upload = |kind, source| push("uploadImg", &[("imgType", kind), ("imgUrl", source), ("pushIds", "")]);
    let there = json!({"imgType": 3, "imgUrl": picture_at("3")});
    assert_eq!(value(&fake, &upload("3", "https://a.b/c.png")), there);
    denied(&fake, &upload("2", "https://a.b/c.png"), "1005");
    denied(&fake, &upload("3", "c.png"), "1005");
    denied(&fake, &upload("3", ""), "110004");
}
