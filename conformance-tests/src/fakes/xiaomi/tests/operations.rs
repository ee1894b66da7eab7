//! Calls that are no sends: what each takes, refuses and answers.

use super::super::operations::OFFERS;
use super::*;

fn get_call(path: &str, fields: &[(&str, &str)]) -> Call {
    let mut call = call(path, "");
    call.method = Method::GET;
    call.query = encode(fields.iter().copied());
    call.headers.remove("content-type");
    call
}

fn post_call(path: &str, fields: &[(&str, &str)]) -> Call {
    call(path, &encode(fields.iter().copied()))
}

/// The code that a fake answers to a call that it knows as an operation.
#[track_caller]
fn code_of(fake: &Xiaomi, call: &Call) -> i64 {
    assert_eq!(fake.purpose(call), Purpose::Operate);
    let answer = fake.answer(call);
    assert_eq!(answer.refused.is_some(), code(&answer) != 0);
    code(&answer)
}

const APP: (&str, &str) = ("restricted_package_name", PACKAGE);

#[test]
fn every_call_wants_its_method_its_secret_and_its_fields_only() {
    for offer in OFFERS {
        let fake = Xiaomi::new();
        let mut call = if offer.method == Method::GET { get_call(offer.path, &[]) } else { post_call(offer.path, &[]) };
        call.headers.insert("authorization", "key=wrong".parse().unwrap());
        assert_eq!(code_of(&fake, &call), 21301, "{}", offer.path);
        let stranger = [("stranger", "1")];
        let call = if offer.method == Method::GET {
            get_call(offer.path, &stranger)
        } else {
            post_call(offer.path, &stranger)
        };
        assert_eq!(code_of(&fake, &call), 10008, "{}", offer.path);
        let other = if offer.method == Method::GET { Method::POST } else { Method::GET };
        let call = Call { method: other, ..call };
        assert_eq!((code(&fake.answer(&call)), fake.purpose(&call)), (10021, Purpose::Unknown), "{}", offer.path);
    }
}

#[test]
fn withdrawing_names_targets_app_and_number() {
    let path = "/v3/message/regid/revoke";
    for (ids, id, expected) in [
        ("regA,regB", "42", 0),
        ("regA,", "42", 10017),
        ("", "42", 65011),
        ("regA", "-1", 10017),
        ("regA", "2147483648", 10017),
        ("regA", "x", 10017),
    ] {
        let call = post_call(path, &[("registration_ids", ids), APP, ("notify_id", id)]);
        assert_eq!(code_of(&Xiaomi::new(), &call), expected, "{ids} {id}");
    }
    let stranger = [("registration_ids", "regA"), ("restricted_package_name", "com.other"), ("notify_id", "1")];
    assert_eq!(code_of(&Xiaomi::new(), &post_call(path, &stranger)), 22022);
    assert_eq!(code_of(&Xiaomi::new(), &post_call(path, &[("registration_ids", "regA"), APP])), 10016);
    let aliases = [("aliases", "ann"), APP, ("notify_id", "1")];
    assert_eq!(code_of(&Xiaomi::new(), &post_call("/v3/message/alias/revoke", &aliases)), 0);
}

#[test]
fn the_older_calls_that_withdraw_end() {
    let fields = [("registration_ids", "regA"), APP, ("notify_id", "1")];
    let mut call = post_call("/v1/message/regid/revoke", &fields);
    call.now_ms = 1_796_054_399_999;
    assert_eq!(code_of(&Xiaomi::new(), &call), 0);
    call.now_ms += 1;
    assert_eq!(code_of(&Xiaomi::new(), &call), 10020);
    call.path = "/v3/message/regid/revoke".into();
    assert_eq!(code_of(&Xiaomi::new(), &call), 0);
}

#[test]
fn a_message_is_traced_and_withdrawn_by_id_or_job_key() {
    let fake = Xiaomi::new();
    let sent = body(&fake.answer(&changed(
        "/v3/message/regid",
        &[("registration_id", Some("regA,regB,=")), ("extra.jobkey", Some("j"))],
    )));
    let id = sent["data"]["id"].as_str().unwrap();
    for by in [("msg_id", id), ("job_key", "j")] {
        let answer = body(&fake.answer(&get_call("/v1/trace/message/status", &[by])));
        let data = &answer["data"]["data"];
        assert_eq!(
            (data["id"].as_str(), data["resolved"].as_i64(), data["invalid_target"].as_i64()),
            (Some(id), Some(2), Some(1))
        );
        assert_eq!(code_of(&fake, &post_call("/v2/message/revoke", &[by, APP])), 0);
    }
    assert_eq!(code_of(&fake, &get_call("/v1/trace/message/status", &[("msg_id", "scm0")])), 65028);
    assert_eq!(code_of(&fake, &get_call("/v1/trace/message/status", &[])), 10016);
    assert_eq!(code_of(&fake, &post_call("/v1/message/switch/stop_by_id", &[("msg_ids", id), APP])), 0);
    assert_eq!(code_of(&fake, &post_call("/v1/message/switch/stop_by_jobkey", &[("job_keys", "j,k"), APP])), 65028);
    let span = |from: u64, to: u64| {
        let (from, to) = (from.to_string(), to.to_string());
        let answer = fake.answer(&get_call("/v1/trace/messages/status", &[("begin_time", &from), ("end_time", &to)]));
        (code(&answer), body(&answer)["data"]["data"].as_array().map(Vec::len))
    };
    assert_eq!(span(NOW, NOW), (0, Some(1)));
    assert_eq!(span(NOW + 1, NOW + 2), (0, Some(0)));
    assert_eq!(span(NOW, NOW - 1), (10017, None));
}

#[test]
fn a_scheduled_message_waits_until_it_is_deleted() {
    let fake = Xiaomi::new();
    let later = (NOW + 1000).to_string();
    let send = [("time_to_send", Some(later.as_str())), ("extra.jobkey", Some("j"))];
    let id = body(&fake.answer(&changed("/v3/message/regid", &send)))["data"]["id"].as_str().unwrap().to_owned();
    let by_id = [("job_id", id.as_str())];
    assert_eq!(code_of(&fake, &post_call("/v2/schedule_job/exist", &by_id)), 0);
    assert_eq!(code_of(&fake, &post_call("/v2/schedule_job/delete", &by_id)), 0);
    assert_eq!(code_of(&fake, &post_call("/v2/schedule_job/exist", &by_id)), 65028);
    assert_eq!(code_of(&fake, &post_call("/v2/schedule_job/delete", &by_id)), 65028);
    assert_eq!(code_of(&fake, &post_call("/v3/schedule_job/delete", &[("jobkey", "j")])), 0);
    // What went at once never waited.
    let sent = body(&fake.answer(&changed("/v3/message/regid", &[])));
    let id = sent["data"]["id"].as_str().unwrap();
    assert_eq!(code_of(&fake, &post_call("/v2/schedule_job/exist", &[("job_id", id)])), 65028);
}

#[test]
fn topics_are_kept() {
    let fake = Xiaomi::new();
    let topics = |regid: &str| {
        let call = get_call("/v1/topic/all", &[APP, ("registration_id", regid)]);
        body(&fake.answer(&call))["data"]["list"].as_array().unwrap().len()
    };
    let change = |path: &str, ids: &str, topic: &str| {
        code_of(&fake, &post_call(path, &[("registration_id", ids), ("topic", topic), APP]))
    };
    assert_eq!(change("/v2/topic/subscribe", "reg+,regB", "news"), 0);
    assert_eq!((topics("reg+"), topics("regB"), topics("regC")), (1, 1, 0));
    assert_eq!(change("/v2/topic/unsubscribe", "reg+", "news"), 0);
    assert_eq!((topics("reg+"), topics("regB")), (0, 1));
    assert_eq!(change("/v2/topic/subscribe", "regA", ""), 65013);
    assert_eq!(change("/v2/topic/subscribe", "no regid", "news"), 10029);
    fake.world().set_target("regB", TargetState::Dead);
    assert_eq!(change("/v2/topic/subscribe", "regA,regB", "chess"), 10029);
    assert_eq!(topics("regA"), 0);
    let aliases = [("aliases", "ann"), ("topic", "news"), ("category", "c"), APP];
    assert_eq!(code_of(&fake, &post_call("/v2/topic/subscribe/alias", &aliases)), 0);
}

#[test]
fn dead_regids_are_fetched_once() {
    let fake = Xiaomi::new();
    fake.world().set_target("dead", TargetState::Dead);
    fake.answer(&changed("/v3/message/regid", &[("registration_id", Some("regA,dead"))]));
    let list = || body(&fake.answer(&get_call("/v1/feedback/fetch_invalid_regids", &[])))["data"]["list"].clone();
    assert_eq!(list(), json!(["dead"]));
    assert_eq!(list(), json!([]));
    assert_eq!(code_of(&fake, &get_call("/v1/feedback/fetch_invalid_aliases", &[])), 10035);
}

#[test]
fn reports_are_of_less_than_thirty_days() {
    let report = |from, to| {
        let answer = Xiaomi::new()
            .answer(&get_call("/v1/stats/message/counters", &[("start_date", from), ("end_date", to), APP]));
        (code(&answer), body(&answer)["data"]["data"].as_array().map(Vec::len))
    };
    assert_eq!(report("20261101", "20261130"), (0, Some(30)));
    assert_eq!(report("20261101", "20261201"), (10017, None));
    assert_eq!(report("20261102", "20261101"), (10017, None));
    for odd in ["2026-11-01", "20261131", "261101"] {
        assert_eq!(report(odd, "20261101"), (10017, None), "{odd}");
    }
}

#[test]
fn channels_come_and_go() {
    let fake = Xiaomi::new();
    let add = |id: &str| code_of(&fake, &get_call("/v1/channel/add", &[("channel_id", id), ("channel_name", "订单")]));
    assert_eq!(add("130010"), 0);
    let list = body(&fake.answer(&get_call("/v1/channel/list", &[])))["data"]["list"].clone();
    assert_eq!(list, json!([PUBLIC_CHANNEL, PRIVATE_CHANNEL, "130010"]));
    let discard = || code_of(&fake, &get_call("/v1/channel/discard", &[("channel_id", "130010")]));
    assert_eq!((discard(), discard()), (0, 27001));
    assert_eq!(code_of(&fake, &get_call("/v1/channel/add", &[("channel_id", "1")])), 10016);
    let many = (0..29).map(|number| add(&format!("c{number}"))).collect::<Vec<_>>();
    assert_eq!((many[27], many[28]), (0, 10017));
}

#[test]
fn pictures_have_an_address() {
    let fake = Xiaomi::new();
    let upload = |parts: &[(&str, &str)]| {
        let part = |(name, value): &(&str, &str)| {
            let file = if *name == "file" { "; filename=\"a.png\"\r\nContent-Type: image/png" } else { "" };
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
        };
        let mut call = call(upload::PATH, &format!("{}--b--\r\n", parts.iter().map(part).collect::<String>()));
        call.headers.insert("content-type", "multipart/form-data; boundary=b".parse().unwrap());
        assert_eq!(fake.purpose(&call), Purpose::Operate);
        body(&fake.answer(&call))
    };
    let answer = upload(&[("is_global", "false"), ("is_icon", "true"), ("file", "png")]);
    assert_eq!(answer["data"], json!({"icon_url": upload::address("icon", 3, "a.png")}));
    assert_eq!(upload(&[("file", "png")])["data"], json!({"pic_url": upload::address("pic", 3, "a.png")}));
    for (parts, expected) in [
        ([("is_icon", "true")].as_slice(), 10016),
        (&[("file", "")], 65011),
        (&[("file", "p"), ("is_icon", "1")], 10017),
        (&[("file", "p"), ("size", "1")], 10017),
        (&[("file", "p"), ("file", "p")], 10017),
    ] {
        assert_eq!(upload(parts)["code"], expected, "{parts:?}");
    }
    assert_eq!(code_of(&fake, &post_call(upload::PATH, &[("file", "png")])), 10007);
}

#[test]
fn queries_are_clean() {
    let fake = Xiaomi::new();
    let good = get_call("/v1/topic/all", &[APP, ("registration_id", "reg+A=")]);
    assert_eq!(code_of(&fake, &good), 0);
    assert_eq!(code_of(&fake, &Call { query: format!("{}&registration_id=regB", good.query), ..good.clone() }), 10008);
    assert_eq!(code_of(&fake, &Call { query: format!("{}%", good.query), ..good.clone() }), 10008);
    assert_eq!(code_of(&fake, &Call { body: Bytes::from_static(b"a=b"), ..good }), 10008);
}
