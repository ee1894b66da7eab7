use serde_json::{Value, json};

use crate::server::Server;

fn of(account: &str, tags: &[String]) -> Value {
    json!({ "UserTags": [{ "To_Account": account, "Tags": tags }] })
}

fn some(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("tag-{number:03}")).collect()
}

#[tokio::test]
async fn tags_come_and_go() {
    let server = Server::new().await;
    let get = async || server.good("timpush/get_tag", json!({ "To_Account": ["bo"] })).await["UserTags"][0].clone();
    let add =
        json!({ "UserTags": [{ "To_Account": "bo", "Tags": ["b", "a"] }, { "To_Account": "ghost", "Tags": ["a"] }] });
    let answer = server.good("timpush/add_tag", add).await;
    assert_eq!(answer["ErrorList"], json!([{ "To_Account": "ghost", "ErrorCode": 70107 }]));
    assert_eq!(get().await, json!({ "To_Account": "bo", "Tags": ["a", "b"] }));
    server.good("all_member_push/im_add_tag", of("bo", &["c".into()])).await;
    server.good("timpush/remove_tag", of("bo", &["a".into(), "z".into()])).await;
    assert_eq!(get().await["Tags"], json!(["b", "c"]));
    let mut replace = of("bo", &["d".into()]);
    replace["Replace"] = json!(1);
    server.good("timpush/add_tag", replace).await;
    assert_eq!(get().await["Tags"], json!(["d"]));
    server.good("timpush/remove_all_tags", json!({ "To_Account": ["bo"] })).await;
    assert_eq!(get().await["Tags"], json!([]));
}

#[tokio::test]
async fn tags_have_limits_and_a_call_that_breaks_one_changes_nothing() {
    let server = Server::new().await;
    let users: Vec<Value> =
        (0..101).map(|number| json!({ "To_Account": format!("u{number}"), "Tags": ["a"] })).collect();
    for (body, code) in [
        (json!({}), 90001),
        (json!({ "UserTags": [] }), 90001),
        (json!({ "UserTags": ["bo"] }), 90001),
        (json!({ "UserTags": [{ "Tags": ["a"] }] }), 90001),
        (json!({ "UserTags": [{ "To_Account": 7, "Tags": ["a"] }] }), 60015),
        (json!({ "UserTags": users }), 90018),
        (of("bo", &some(11)), 90032),
        (of("bo", &[String::new()]), 90040),
        (of("bo", &["x".repeat(51)]), 90020),
    ] {
        assert_eq!(server.code("timpush/add_tag", body.clone()).await, code, "{body}");
    }
    let mut replace = of("bo", &some(100));
    replace["Replace"] = json!(1);
    server.good("timpush/add_tag", replace).await;
    assert_eq!(server.code("timpush/add_tag", of("bo", &["one more".into()])).await, 90032);
    assert_eq!(server.world.store().tags("bo").await.unwrap(), some(100));
    let accounts: Vec<String> = (0..101).map(|number| format!("u{number}")).collect();
    for path in ["timpush/get_tag", "timpush/remove_all_tags", "timpush/get_attr"] {
        assert_eq!(server.code(path, json!({ "To_Account": accounts })).await, 90018, "{path}");
        assert_eq!(server.code(path, json!({ "To_Account": "bo" })).await, 90001, "{path}");
    }
}

#[tokio::test]
async fn attributes_have_names_that_must_exist() {
    let server = Server::new().await;
    let set = |attributes: Value| json!({ "UserAttrs": [{ "To_Account": "bo", "Attrs": attributes }] });
    assert_eq!(server.code("timpush/set_attr", set(json!({ "sex": "m" }))).await, 90033);
    server.good("timpush/set_attr_name", json!({ "AttrNames": { "0": "sex", "9": "city" } })).await;
    let names = server.good("timpush/get_attr_name", json!({})).await;
    assert_eq!(names["AttrNames"], json!({ "0": "sex", "9": "city" }));
    let answer = server.good("timpush/set_attr", set(json!({ "sex": "m", "city": "oslo" }))).await;
    assert_eq!(answer["ErrorList"], json!([]));
    let remove = json!({ "UserAttrs": [{ "To_Account": "bo", "Attrs": ["sex"] }] });
    server.good("timpush/remove_attr", remove).await;
    let answer = server.good("timpush/get_attr", json!({ "To_Account": ["bo", "ghost"] })).await;
    assert_eq!(answer["UserAttrs"], json!([{ "To_Account": "bo", "Attrs": { "city": "oslo" } }]));
    assert_eq!(answer["ErrorList"], json!([{ "To_Account": "ghost", "ErrorCode": 70107 }]));
    for bad in [json!({ "city": "x".repeat(51) }), json!({ "city": 7 }), json!(["city"]), json!({ "city": "" })] {
        assert_eq!(server.code("timpush/set_attr", set(bad.clone())).await, 90033, "{bad}");
    }
    for bad in [json!({ "10": "x" }), json!({ "a": "x" }), json!({ "1": "x".repeat(51) }), json!({ "1": 7 })] {
        assert_eq!(server.code("timpush/set_attr_name", json!({ "AttrNames": bad })).await, 90033, "{bad}");
    }
    assert_eq!(server.code("timpush/set_attr_name", json!({})).await, 90001);
}
