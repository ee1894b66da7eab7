//! Calls made by hand, and what OPPO says to them: signing in, batches, broadcasts, repeats and
//! the table of codes here; the fields of a notification in `messages`.

mod messages;
mod operations;

use std::collections::HashSet;

use serde_json::{Value, json};

use super::codes::TABLE;
use super::*;

const NOW: u64 = 1_700_000_000_000;

/// A fake with a token that was issued to us.
struct Lab(Oppo, String);

impl Lab {
    fn new() -> Self {
        Self::of(Oppo::new())
    }

    fn of(fake: Oppo) -> Self {
        let token = json_of(&fake.answer(&sign_in(&[])))["data"]["auth_token"].as_str().unwrap().to_owned();
        Self(fake, token)
    }

    fn call(&self, path: &str, fields: &[(&str, &str)]) -> Call {
        call(path, &[&[("auth_token", self.1.as_str())], fields].concat())
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.0.answer(&self.call(path, fields))
    }

    fn unicast(&self, message: &Value) -> Answer {
        self.post(PATH_UNICAST, &[("message", &message.to_string())])
    }

    fn batch(&self, messages: &Value) -> Answer {
        self.post(PATH_BATCH, &[("messages", &messages.to_string())])
    }

    /// Saves a message with more fields than it must have, and gives its id.
    fn saved(&self, more: &[(&str, &str)]) -> String {
        let fields = [&[("title", "您的订单"), ("content", "已发货")], more].concat();
        json_of(&self.post(PATH_SAVE, &fields))["data"]["message_id"].as_str().unwrap().to_owned()
    }

    fn broadcast(&self, id: &str, targets: &str) -> Answer {
        self.post(PATH_BROADCAST, &[("message_id", id), ("target_type", "2"), ("target_value", targets)])
    }

    /// A message to a target.
    fn message(&self, number: usize) -> Value {
        let notification = json!({"title": "您的订单", "content": "已发货"});
        json!({"target_type": 2, "target_value": self.0.target(number), "notification": notification})
    }
}

fn call(path: &str, fields: &[(&str, &str)]) -> Call {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    Call {
        method: Method::POST,
        path: path.into(),
        query: String::new(),
        headers: headers.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect(),
        body: form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into(),
        now_ms: NOW,
    }
}

/// A sign-in with some fields changed or added, or, by an empty text, blank.
fn sign_in(change: &[(&str, &str)]) -> Call {
    let (time, signature) = (NOW.to_string(), sign(&NOW.to_string()));
    let good = [("app_key", APP_KEY), ("timestamp", &time), ("sign", &signature)];
    let kept = good.into_iter().filter(|(name, _)| change.iter().all(|(other, _)| other != name));
    call(PATH_AUTH, &kept.chain(change.iter().copied()).collect::<Vec<_>>())
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// `code`, or `HTTP` and the status of an answer in plain text; and checks the shape.
fn code_of(answer: &Answer) -> String {
    if answer.status != 200 {
        assert!(answer.headers.contains(&("content-type", "text/plain;charset=UTF-8".into())), "{answer:?}");
        assert!(!answer.body.is_empty() && serde_json::from_slice::<Value>(&answer.body).is_err(), "{answer:?}");
        return format!("HTTP {}", answer.status);
    }
    let body = json_of(answer);
    assert!(!body["message"].as_str().unwrap().is_empty(), "{body}");
    let empty = body.get("data").is_none_or(|data| data.is_null() || *data == json!({}));
    assert!((body["code"] == 0) != empty, "{body}");
    body["code"].as_i64().unwrap().to_string()
}

#[test]
fn the_signature_is_the_worked_one() {
    let right = "ae57bfaa20428906b192bfe49c96cb9ea5d2918bc730922b45b39e629953d981";
    assert_eq!(sign("1700000000000"), right);
    let spaced = hex::encode(Sha256::digest(format!("{APP_KEY} 1700000000000 {MASTER_SECRET}")));
    let md5 = hex::encode(Md5::digest(format!("{APP_KEY}1700000000000{MASTER_SECRET}")));
    let app_secret = hex::encode(Sha256::digest(format!("{APP_KEY}1700000000000the AppSecret")));
    let answered = |sign: &str| code_of(&Oppo::new().answer(&sign_in(&[("sign", sign)])));
    assert_eq!(answered(right), "0");
    for wrong in [right.to_uppercase(), spaced, md5, app_secret] {
        assert_eq!(answered(&wrong), "16", "{wrong}");
    }
}

#[test]
fn sign_ins_are_checked() {
    let at = |time: u64| [("timestamp", time.to_string()), ("sign", sign(&time.to_string()))];
    for (time, code) in [
        (NOW - 600_000, "0"),
        (NOW + 600_000, "0"),
        (NOW - 600_001, "19"),
        (NOW + 600_001, "19"),
        (NOW / 1000, "19"),
        (NOW * 1000, "19"),
    ] {
        let fields = at(time);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(code_of(&Oppo::new().answer(&sign_in(&fields))), code, "{time}");
    }
    for (change, code) in [
        (("app_key", ""), "15"),
        (("app_key", "another"), "14"),
        (("sign", ""), "17"),
        (("timestamp", ""), "18"),
        (("timestamp", "yesterday"), "19"),
        (("master_secret", MASTER_SECRET), "41"),
        (("sdk_version", "JAVA_SDK_V1.1.0"), "0"),
    ] {
        assert_eq!(code_of(&Oppo::new().answer(&sign_in(&[change]))), code, "{change:?}");
    }
    assert_eq!(json_of(&Oppo::new().answer(&sign_in(&[])))["data"]["create_time"], NOW);
    let text = json_of(&Oppo::new().with(Habit::WritesTimeAsText).answer(&sign_in(&[])));
    assert_eq!(text["data"]["create_time"], NOW.to_string());
}

#[test]
fn tokens_live_a_day_in_the_form_or_in_a_header() {
    let lab = Lab::new();
    let message = lab.message(0).to_string();
    let mut in_form = lab.call(PATH_UNICAST, &[("message", &message)]);
    assert_eq!(code_of(&lab.0.answer(&in_form)), "0");
    in_form.now_ms += TOKEN_LIFE_MS;
    assert_eq!(code_of(&lab.0.answer(&in_form)), "11", "expired");
    let mut in_header = call(PATH_UNICAST, &[("message", &message)]);
    assert_eq!(code_of(&lab.0.answer(&in_header)), "29", "missing");
    in_header.headers.insert("auth_token", lab.1.parse().unwrap());
    assert_eq!(code_of(&lab.0.answer(&in_header)), "0");
    in_header.headers.insert("auth_token", "made-up".parse().unwrap());
    assert_eq!(code_of(&lab.0.answer(&in_header)), "11", "garbled");
    let second = Lab::of(lab.0);
    assert_ne!(second.1, lab.1);
    let first = Lab(second.0, lab.1);
    assert_eq!(code_of(&first.unicast(&first.message(0))), "0", "a new token leaves the old one alone");
    first.0.world().expire_tokens();
    assert_eq!(code_of(&first.unicast(&first.message(0))), "11");
}

#[test]
fn calls_are_posted_forms_in_utf_8() {
    let lab = Lab::new();
    let bent = |bend: &dyn Fn(&mut Call)| {
        let mut call = lab.call(PATH_UNICAST, &[("message", &lab.message(0).to_string())]);
        bend(&mut call);
        code_of(&lab.0.answer(&call))
    };
    let kind = |kind: &str| bent(&|call| drop(call.headers.insert("content-type", kind.parse().unwrap())));
    let more = |more: &str| bent(&|call| call.body = [&call.body[..], more.as_bytes()].concat().into());
    assert_eq!(bent(&|call| call.method = Method::GET), "12");
    assert_eq!(bent(&|call| call.path = format!("{PATH_UNICAST}s")), "20");
    assert_eq!(bent(&|call| call.path = "/message/send".into()), "HTTP 404");
    assert_eq!(kind("application/json"), "HTTP 415");
    assert_eq!(bent(&|call| drop(call.headers.remove("content-type"))), "HTTP 415");
    assert_eq!(bent(&|call| drop(call.headers.insert("content-encoding", "gzip".parse().unwrap()))), "HTTP 415");
    assert_eq!(kind("application/x-www-form-urlencoded;charset=GBK"), "25");
    assert_eq!(kind("Application/x-www-form-urlencoded; charset=UTF-8"), "0");
    assert_eq!(more("&sdk_version=%FF"), "25");
    assert_eq!(more("&sdk_version=%4"), "25");
    assert_eq!(more("&sdk_version=1%20+%E4%BD%A0"), "0");
    assert_eq!(more("&msg=1"), "41");
    assert_eq!(more("&message=%7B%7D"), "41");
    assert_eq!(bent(&|call| call.query = "a=b".into()), "41");
}

#[test]
fn messages_of_a_batch_fail_one_by_one() {
    let lab = Lab::new();
    lab.0.world().set_target(lab.0.target(1), TargetState::Dead);
    let row = *lab.0.codes().iter().find(|row| row.code == "10999 in no list").unwrap();
    lab.0.world().set_target(lab.0.target(2), TargetState::Refused(row));
    let mut messages: Vec<_> = (0..7).map(|number| lab.message(number)).collect();
    messages[3]["target_value"] = json!("CN_not-an-id");
    messages[4]["notification"]["title"] = json!("x".repeat(51));
    messages[5]["notification"]["notify_level"] = json!(2);
    let answer = json_of(&lab.batch(&json!(messages)));
    assert_eq!(answer["code"], 0);
    let answers = answer["data"].as_array().unwrap();
    for (number, code) in [json!(null), json!(10000), json!(10999), json!(10000), json!(41), json!(67), json!(null)]
        .into_iter()
        .enumerate()
    {
        let answer = answers.iter().find(|a| a["registrationId"] == messages[number]["target_value"]).unwrap();
        assert_eq!(answer["errorCode"], code, "{number}: {answer}");
        assert_eq!(answer["errorMessage"].is_string(), !code.is_null());
        assert_eq!(answer["messageId"].is_string(), code.is_null());
    }
    assert_eq!(answers[0]["registrationId"], lab.0.target(6), "the order is not that of the request");
    let delivered: Vec<_> = lab.0.world().delivered().into_iter().map(|delivered| delivered.target).collect();
    assert_eq!(delivered, [lab.0.target(0), lab.0.target(6)]);
}

#[test]
fn batches_are_checked() {
    let lab = Lab::new();
    let many = |count| json!((0..count).map(|number| lab.message(number)).collect::<Vec<_>>());
    for (messages, code) in [
        (many(0), "41"),
        (many(1), "0"),
        (many(1000), "0"),
        (many(1001), "41"),
        (lab.message(0), "41"),
        (json!(["CN_00112233445566778899aabbccddeeff"]), "41"),
        (json!([{"target_type": 2}]), "40"),
    ] {
        assert_eq!(code_of(&lab.batch(&messages)), code);
    }
    assert_eq!(code_of(&lab.post(PATH_BATCH, &[])), "40");
    assert_eq!(code_of(&lab.post(PATH_BATCH, &[("message", "[]")])), "41");
}

#[test]
fn a_saved_message_is_broadcast() {
    let lab = Lab::new();
    let id = lab.saved(&[("off_line", "true"), ("off_line_ttl", "7200"), ("push_time_type", "0")]);
    assert!(id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    lab.0.world().set_target(lab.0.target(1), TargetState::Dead);
    let targets = format!("{};{};CN_123,CN_456", lab.0.target(0), lab.0.target(1));
    let answer = json_of(&lab.broadcast(&id, &targets));
    assert!(answer["code"] == 0 && answer["data"]["message_id"] == id && answer["data"]["task_id"].is_string());
    assert_eq!(answer["data"]["10000"], json!([lab.0.target(1), "CN_123,CN_456"]));
    let delivered = lab.0.world().delivered();
    assert!(delivered.len() == 1 && delivered[0].target == lab.0.target(0) && delivered[0].message_id == id);
    assert_eq!((delivered[0].title.as_deref(), delivered[0].ttl_seconds), (Some("您的订单"), Some(7200)));
    assert!(delivered[0].raw["content"] == "已发货" && delivered[0].raw["target_value"] == targets);
    // It may be broadcast again, until OPPO has forgotten it.
    assert_eq!(code_of(&lab.broadcast(&id, &lab.0.target(2))), "0");
    lab.0.forget_saved();
    assert_eq!(code_of(&lab.broadcast(&id, &lab.0.target(3))), "31");
    assert_eq!(lab.0.world().delivered().len(), 2);
}

#[test]
fn broadcasts_are_checked() {
    let lab = Lab::new();
    let (id, one) = (lab.saved(&[]), lab.0.target(0));
    let many = |count| (0..count).map(|number| lab.0.target(number)).collect::<Vec<_>>().join(";");
    for (targets, code) in [
        (many(1000), "0"),
        (many(1001), "41"),
        (String::new(), "40"),
        (format!("{one};"), "41"),
        (format!("{one};;{one}"), "41"),
    ] {
        assert_eq!(code_of(&lab.broadcast(&id, &targets)), code);
    }
    let (id, kind, target) = (("message_id", id.as_str()), ("target_type", "2"), ("target_value", one.as_str()));
    for (fields, code) in [
        (&[id, kind, target][..], "0"),
        (&[kind, target], "40"),
        (&[id, target], "40"),
        (&[id, kind], "40"),
        (&[("message_id", "5e8d7b1a0c9f4e2d3b6a7c99"), kind, target], "31"),
        (&[id, ("target_type", "two"), target], "41"),
        (&[id, ("target_type", "3"), target], "41"),
        (&[id, kind, target, ("title", "t")], "41"),
        (&[id, kind, target, ("registration_id", "t")], "41"),
    ] {
        assert_eq!(code_of(&lab.post(PATH_BROADCAST, fields)), code, "{fields:?}");
    }
    let alias = json_of(&lab.post(PATH_BROADCAST, &[id, ("target_type", "5"), ("target_value", "a;b")]));
    assert_eq!(alias["data"]["10002"], json!(["a", "b"]));
    let timed = lab.saved(&[("push_time_type", "1"), ("push_start_time", "1700003600000")]);
    assert_eq!(code_of(&lab.broadcast(&timed, &one)), "41");
}

#[test]
fn each_target_gets_an_app_message_id_once() {
    let with_id = |lab: &Lab, number| {
        let mut message = lab.message(number);
        message["notification"]["app_message_id"] = json!("order-42");
        message
    };
    let lab = Lab::new();
    let first = lab.unicast(&with_id(&lab, 0));
    assert_eq!(lab.unicast(&with_id(&lab, 0)).body, first.body);
    assert_eq!(code_of(&lab.batch(&json!([with_id(&lab, 0), with_id(&lab, 1)]))), "0");
    let id = lab.saved(&[("app_message_id", "order-42")]);
    assert_eq!(lab.saved(&[("app_message_id", "order-42"), ("sub_title", "another")]), id);
    assert_ne!(lab.saved(&[]), lab.saved(&[]));
    let three: Vec<_> = (0..3).map(|number| lab.0.target(number)).collect();
    assert_eq!(code_of(&lab.broadcast(&id, &three.join(";"))), "0");
    let delivered: Vec<_> = lab.0.world().delivered().into_iter().map(|delivered| delivered.target).collect();
    assert_eq!(delivered, three);

    let strict = Lab::of(Oppo::new().with(Habit::RefusesRepeats));
    let codes: Vec<_> = (0..2).map(|_| code_of(&strict.unicast(&with_id(&strict, 0)))).collect();
    assert_eq!(codes, ["0", "32"]);
    assert_eq!(json_of(&strict.batch(&json!([with_id(&strict, 0)])))["data"][0]["errorCode"], 32);
    let save = || strict.post(PATH_SAVE, &[("title", "t"), ("content", "c"), ("app_message_id", "a")]);
    assert_eq!([code_of(&save()), code_of(&save())], ["0", "32"]);
    // What was refused did not use its id up.
    strict.0.world().set_target(strict.0.target(1), TargetState::Dead);
    assert_eq!(code_of(&strict.unicast(&with_id(&strict, 1))), "10000");
    strict.0.world().set_target(strict.0.target(1), TargetState::Alive);
    assert_eq!(code_of(&strict.unicast(&with_id(&strict, 1))), "0");
}

#[test]
fn habits_are_habits() {
    let silent = Lab::of(Oppo::new().with(Habit::TakesTheDead));
    silent.0.world().set_target(silent.0.target(0), TargetState::Dead);
    assert_eq!(code_of(&silent.unicast(&silent.message(0))), "0");
    assert!(silent.0.world().delivered().is_empty());
    for (lab, refused) in [(Lab::new(), false), (Lab::of(Oppo::new().with(Habit::RefusesTwins)), true)] {
        let one = lab.0.target(0);
        let answer = json_of(&lab.batch(&json!([lab.message(0), lab.message(0)])));
        assert_eq!(answer["data"][0]["errorCode"] == 10004, refused, "{answer}");
        let answer = json_of(&lab.broadcast(&lab.saved(&[]), &format!("{one};{one}")));
        assert_eq!(answer["data"].get("10004"), refused.then(|| json!([one])).as_ref());
    }
}

/// Every number of OPPO's lists.
const NUMBERS: &str = "-2 -1 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 40 41 42 51 54 \
    55 59 67 69 10000 10001 10002 10003 10004 10005";

#[test]
fn every_documented_code_can_be_answered() {
    let lab = Lab::new();
    let (id, message) = (lab.saved(&[]), lab.message(0));
    let unicast = lab.call(PATH_UNICAST, &[("message", &message.to_string())]);
    let batch = lab.call(PATH_BATCH, &[("messages", &json!([message, lab.message(1)]).to_string())]);
    let targets = format!("{};{}", lab.0.target(0), lab.0.target(1));
    let list = lab.call(PATH_BROADCAST, &[("message_id", &id), ("target_type", "2"), ("target_value", &targets)]);
    for row in lab.0.codes() {
        let calls = match row.at {
            At::Auth => vec![sign_in(&[])],
            At::Stage => vec![lab.call(PATH_SAVE, &[])],
            At::Send => vec![unicast.clone(), batch.clone(), list.clone()],
            At::Target => vec![unicast.clone()],
            At::Operate => continue,
        };
        for call in calls {
            let code = code_of(&lab.0.coded(&call, row));
            assert!(row.code == code || row.code.starts_with(&format!("{code} ")), "{row:?} became {code}");
        }
        assert!(lab.0.world().delivered().is_empty(), "{row:?}");
        if row.at == At::Target {
            let number = codes::number(row.code).unwrap();
            let data = json_of(&lab.0.coded(&batch, row))["data"].clone();
            assert!(data[1]["errorCode"] == number && data[0]["messageId"].is_string(), "{data}");
            let data = json_of(&lab.0.coded(&list, row))["data"].clone();
            assert_eq!(data[number.to_string()], json!([lab.0.target(0)]), "{data}");
            let delivered = lab.0.world().delivered();
            assert!(delivered.len() == 2 && delivered.iter().all(|d| d.target == lab.0.target(1)));
            lab.0.world().forget();
        }
    }
    for number in NUMBERS.split_whitespace() {
        let known = lab.0.codes().iter().any(|row| row.code.split(' ').next() == Some(number));
        assert!(known, "{number} is not in the table");
    }
    let names: HashSet<_> = lab.0.codes().iter().map(|row| (row.code, row.at)).collect();
    assert_eq!(names.len(), lab.0.codes().len());
    let rows: HashSet<_> = TABLE.iter().map(|row| row.code).collect();
    assert_eq!(rows.len(), TABLE.len());
}

#[test]
fn targets_and_configuration_are_well_formed() {
    let fake = Oppo::new();
    let targets: HashSet<_> = (0..5000).map(|number| fake.target(number)).collect();
    assert!(targets.len() == 5000 && targets.iter().all(|target| checks::is_registration_id(target)));
    let config = fake.config("http://127.0.0.1:1");
    assert_eq!((config["app_key"].as_str(), config["endpoint"].as_str()), (Some(APP_KEY), Some("http://127.0.0.1:1")));
    let purposes = [PATH_AUTH, PATH_SAVE, PATH_UNICAST, PATH_BROADCAST, API].map(|path| fake.purpose(&call(path, &[])));
    assert_eq!(purposes, [Purpose::Auth, Purpose::Stage, Purpose::Send, Purpose::Send, Purpose::Unknown]);
}
