//! Broadcasts to aliases, tags and everyone, and what does not send.

use omnipush_core::{Image, ImageSize, Multipart};

use super::super::operations::picture_id;
use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn delivered(lab: &Lab) -> Vec<String> {
    let targets = lab.0.world().delivered().into_iter().map(|delivered| delivered.target).collect();
    lab.0.world().forget();
    targets
}

fn to(lab: &Lab, id: &str, kind: &str, target: &str) -> Answer {
    lab.post(PATH_BROADCAST, &[("message_id", id), ("target_type", kind), ("target_value", target)])
}

#[test]
fn aliases_name_devices() {
    let lab = Lab::new();
    let alias = |path: &str, alias: &str, number: usize| {
        let answer = json(&lab, path, &json!({"registration_id": lab.0.target(number), "alias": alias}));
        assert_eq!(json_of(&answer), json!({"code": 0, "message": "Success"}));
    };
    let id = lab.saved(&[]);
    let answer = json_of(&to(&lab, &id, "5", "ann;ben;nobody"));
    assert_eq!(answer["data"]["10002"], json!(["nobody"]));
    assert_eq!(delivered(&lab), [lab.0.target(0), lab.0.target(1)]);
    // The last one wins, and a device has one alias.
    alias("/server/v1/device/set_alias", "ann", 2);
    assert_eq!(lab.0.alias("ann"), Some(lab.0.target(2)));
    alias("/server/v1/device/set_alias", "cat", 2);
    assert_eq!((lab.0.alias("ann"), lab.0.alias("cat")), (None, Some(lab.0.target(2))));
    let mut message = lab.message(0);
    message["target_type"] = json!(5);
    message["target_value"] = json!("cat");
    assert_eq!(code_of(&lab.unicast(&message)), "0");
    assert_eq!(delivered(&lab), [lab.0.target(2)]);
    // Another's alias stays.
    alias("/server/v1/device/delete_alias", "cat", 3);
    assert_eq!(lab.0.alias("cat"), Some(lab.0.target(2)));
    alias("/server/v1/device/delete_alias", "cat", 2);
    assert_eq!((lab.0.alias("cat"), code_of(&lab.unicast(&message))), (None, "10002".into()));
}

#[test]
fn tags_are_intersected_and_everyone_is_everyone() {
    let lab = Lab::new();
    for (tag, number) in [("chess", 0), ("chess", 1), ("chess", 2), ("golf", 2)] {
        lab.0.memory().tags.add(tag, &lab.0.target(number));
    }
    lab.0.world().set_target(lab.0.target(1), TargetState::Dead);
    let id = lab.saved(&[]);
    let mut both = [lab.0.target(0), lab.0.target(2)];
    both.sort();
    for (choice, reached) in [
        (json!({"or": ["sport", "golf"]}), &both[..]),
        (json!({"or": ["chess"], "and": [], "not": ["golf"]}), &[lab.0.target(0)][..]),
        (json!({"and": ["chess", "golf"]}), &[lab.0.target(2)][..]),
        (json!({"not": ["chess"]}), &[][..]),
    ] {
        assert_eq!(code_of(&to(&lab, &id, "6", &choice.to_string())), "0");
        assert_eq!(delivered(&lab), reached, "{choice}");
    }
    for choice in ["sport", "{}", "{\"or\":[]}", "{\"or\":\"sport\"}", "{\"or\":[1]}", "{\"orTags\":[\"sport\"]}"] {
        assert_eq!(code_of(&to(&lab, &id, "6", choice)), "41", "{choice}");
    }
    assert_eq!(code_of(&lab.post(PATH_BROADCAST, &[("message_id", &id), ("target_type", "6")])), "40");

    let timed = lab.saved(&[("push_time_type", "1"), ("push_start_time", "1700003600000")]);
    for id in [&id, &timed] {
        assert_eq!(code_of(&lab.post(PATH_BROADCAST, &[("message_id", id), ("target_type", "1")])), "0");
        assert_eq!(delivered(&lab), [EVERYONE]);
    }
    assert_eq!(code_of(&to(&lab, &id, "1", &lab.0.target(0))), "41");
    let denied = Lab::of(Oppo::new().with(Habit::DeniesAll));
    let id = denied.saved(&[]);
    assert_eq!(code_of(&denied.post(PATH_BROADCAST, &[("message_id", &id), ("target_type", "1")])), "27");
}

fn json(lab: &Lab, path: &str, body: &Value) -> Answer {
    let mut call = lab.call(path, &[]);
    call.headers.insert("content-type", "application/json;charset=UTF-8".parse().unwrap());
    call.headers.insert("auth_token", lab.1.parse().unwrap());
    call.body = body.to_string().into();
    assert_eq!(lab.0.purpose(&call), Purpose::Operate);
    lab.0.answer(&call)
}

#[test]
fn aliases_are_checked() {
    let lab = Lab::new();
    let one = lab.0.target(0);
    lab.0.world().set_target(lab.0.target(1), TargetState::Dead);
    for (body, code) in [
        (json!({"registration_id": one, "alias": "a".repeat(64)}), "0"),
        (json!({"registration_id": one, "alias": "a", "auth_token": lab.1}), "0"),
        (json!({"registration_id": one, "alias": "a", "auth_token": "made-up"}), "11"),
        (json!({"registration_id": one, "alias": "a".repeat(65)}), "41"),
        (json!({"registration_id": one, "alias": "a;b"}), "41"),
        (json!({"registration_id": one, "alias": ["a"]}), "41"),
        (json!({"registration_id": one, "alias": "a", "tag": "b"}), "41"),
        (json!([]), "41"),
        (json!({"registration_id": one}), "40"),
        (json!({"alias": "a"}), "40"),
        (json!({"registration_id": "CN_1", "alias": "a"}), "10000"),
        (json!({"registration_id": lab.0.target(1), "alias": "a"}), "10000"),
    ] {
        for path in ["/server/v1/device/set_alias", "/server/v1/device/delete_alias"] {
            let answer = json_of(&json(&lab, path, &body));
            assert_eq!(answer["code"].to_string(), code, "{path} {body}");
        }
    }
    let fields = [("registration_id", one.as_str()), ("alias", "a")];
    assert_eq!(code_of(&lab.post("/server/v1/device/set_alias", &fields)), "HTTP 415");
}

fn upload(lab: &Lab, path: &str, parts: Multipart) -> Answer {
    let (kind, body) = parts.finish();
    let mut call = lab.call(path, &[]);
    call.headers.insert("content-type", kind.parse().unwrap());
    call.body = body;
    assert_eq!(lab.0.purpose(&call), Purpose::Operate);
    lab.0.answer(&call)
}

fn picture(bytes: &[u8]) -> Image {
    Image {
        file_name: "a.png".into(),
        media_type: "image/png".into(),
        bytes: bytes.to_vec().into(),
        size: ImageSize::Icon,
    }
}

#[test]
fn pictures_are_uploaded_and_used() {
    let lab = Lab::new();
    let parts = || Multipart::new(&mut |bytes| bytes.fill(1));
    let good = || parts().text("auth_token", &lab.1).text("picture_ttl", "0");
    let png = |length: usize| [PNG, &vec![0; length - PNG.len()][..]].concat();
    let (big, small) = ("/server/v1/media/upload/big_picture", "/server/v1/media/upload/small_picture");
    for (path, most, name) in
        [(big, BIG_PICTURE_BYTES, "big_picture_id"), (small, SMALL_PICTURE_BYTES, "small_picture_id")]
    {
        let answer = json_of(&upload(&lab, path, good().file("file", &picture(&png(most)))));
        assert_eq!(answer["data"], json!({name: picture_id(&png(most))}));
        assert_eq!(code_of(&upload(&lab, path, good().file("file", &picture(&png(most + 1))))), "51");
    }
    let file = picture(b"\xff\xd8\xff");
    for (parts, code) in [
        (parts().text("picture_ttl", "0").file("file", &file), "29"),
        (parts().text("auth_token", "made-up").text("picture_ttl", "0").file("file", &file), "11"),
        (parts().text("auth_token", &lab.1).file("file", &file), "40"),
        (parts().text("auth_token", &lab.1).text("picture_ttl", "-1").file("file", &file), "41"),
        (good(), "40"),
        (good().text("file", "a.png"), "40"),
        (good().file("picture", &file), "41"),
        (good().file("file", &file).file("file", &file), "41"),
        (good().file("file", &picture(b"GIF89a")), "51"),
        (good().file("file", &picture(b"")), "51"),
        (good().file("file", &file), "0"),
    ] {
        assert_eq!(code_of(&upload(&lab, small, parts)), code);
    }
    assert_eq!(code_of(&lab.post(small, &[("picture_ttl", "0")])), "HTTP 415");
    // A small picture is no big one.
    let mut message = lab.message(0);
    message["notification"]["small_picture_id"] = json!(picture_id(b"\xff\xd8\xff"));
    assert_eq!(code_of(&lab.unicast(&message)), "0");
    let style = ("style", "3");
    let id = picture_id(&png(BIG_PICTURE_BYTES));
    assert_eq!(lab.saved(&[style, ("big_picture_id", &id)]).len(), 24);
    let id = picture_id(b"\xff\xd8\xff");
    let refused = lab.post(PATH_SAVE, &[("title", "t"), ("content", "c"), style, ("big_picture_id", &id)]);
    assert_eq!(code_of(&refused), "51");
}

#[test]
fn dead_registration_ids_are_told_once() {
    let lab = Lab::new();
    let ask = |query: &str, header: bool| {
        let mut call = call("/server/v1/feedback/fetch_invalid_regidList", &[]);
        call.method = Method::GET;
        call.query = query.into();
        call.headers.clear();
        if header {
            call.headers.insert("auth_token", lab.1.parse().unwrap());
        }
        lab.0.answer(&call)
    };
    lab.0.world().set_target(lab.0.target(1), TargetState::Dead);
    assert_eq!(code_of(&lab.unicast(&lab.message(1))), "10000");
    let told = json!({"registration_ids": [lab.0.target(1)], "totalCount": 1});
    assert_eq!(json_of(&ask(&format!("auth_token={}", lab.1), false))["data"], told);
    assert_eq!(json_of(&ask("", true))["data"]["totalCount"], 0);
    assert_eq!((code_of(&ask("", false)), code_of(&ask("auth_token=x", false))), ("29".into(), "11".into()));
    assert_eq!(code_of(&ask("page=1", true)), "41");
    assert_eq!(code_of(&lab.post("/server/v1/feedback/fetch_invalid_regidList", &[])), "12");
}

#[test]
fn broadcasts_are_counted() {
    let lab = Lab::new();
    lab.0.world().set_target(lab.0.target(1), TargetState::Dead);
    let id = lab.saved(&[]);
    let answer = json_of(&lab.broadcast(&id, &format!("{};{}", lab.0.target(0), lab.0.target(1))));
    let task = answer["data"]["task_id"].as_str().unwrap();
    let path = "/server/v1/message/statistics";
    let counters = json_of(&lab.post(path, &[("message_id", &id), ("task_id", task)]));
    let counted = json!({
        "targetCount": 2, "validCount": 1, "sendCount": 1, "arriveCount": 1, "showCount": 0, "openCount": 0,
    });
    assert_eq!(counters["data"], counted);
    for (fields, code) in [
        (&[("message_id", id.as_str()), ("task_id", "x")][..], "31"),
        (&[("message_id", "x"), ("task_id", task)], "31"),
        (&[("message_id", &id)], "40"),
        (&[("task_id", task)], "40"),
        (&[("message_id", &id), ("task_id", task), ("day", "1")], "41"),
    ] {
        assert_eq!(code_of(&lab.post(path, fields)), code, "{fields:?}");
    }
    assert_eq!(code_of(&lab.0.answer(&call(path, &[("message_id", &id), ("task_id", task)]))), "29");
}
