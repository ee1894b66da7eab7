//! `omnipush encode`.

use crate::common::{Files, NOTE, run, run_with, vendors};
use omnipush_conformance::fakes;
use serde_json::Value;

fn requests(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect(text)
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let files = Files::new();
    let note = files.write("note.json", NOTE);
    for vendor in vendors() {
        let fake = fakes::by_id(vendor).unwrap();
        // A target of Web Push says where it is to be sent.
        fake.config("https://updates.push.services.mozilla.com");
        let (one, two) = (fake.target(1), fake.target(2));
        let args = ["encode", &note, "--vendor", vendor, "--to", &one, &two, "--at", "2026-11-22T10:00:00+08:00"];
        let (first, second) = (run(&args), run(&args));
        assert_eq!((first.status, first.stderr.as_str()), (0, ""), "{vendor}");
        assert_eq!(first.stdout, second.stdout, "{vendor}");
        for request in requests(&first.stdout) {
            let url = request["url"].as_str().unwrap();
            assert!(url.starts_with("https://") && !url.contains("127.0.0.1"), "{url}");
            assert!(request["headers"].is_object() && request["body"].is_string(), "{request}");
        }
    }
}

#[test]
fn requests_come_in_the_order_of_sending() {
    let files = Files::new();
    let note = files.write("note.json", NOTE);
    let purposes = |to: &[&str]| {
        let ran = run(&[&["encode", &note, "--vendor", "vivo", "--to"], to].concat());
        requests(&ran.stdout).iter().map(|r| r["purpose"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(purposes(&["123"]), ["auth", "send"]);
    assert_eq!(purposes(&["123", "456"]), ["auth", "stage", "send"]);
}

#[test]
fn secrets_are_shown_only_when_asked_for() {
    let files = Files::new();
    let note = files.write("note.json", NOTE);
    for (vendor, to) in [("vivo", "123"), ("apns", "00fc13adff785122"), ("xiaomi", "abc")] {
        let args = ["encode", &note, "--vendor", vendor, "--to", to];
        let (hidden, shown) = (run(&args).stdout, run(&[&args[..], &["--reveal"]].concat()).stdout);
        assert!(hidden.contains("[secret]") && !shown.contains("[secret]"), "{vendor}: {hidden} {shown}");
        // No header or body that is a secret when revealed is there when hidden.
        for (hidden, shown) in requests(&hidden).iter().zip(requests(&shown)) {
            for (name, value) in shown["headers"].as_object().unwrap() {
                let secret = matches!(name.as_str(), "authorization" | "authtoken");
                assert_eq!(hidden["headers"][name] == "[secret]", secret, "{vendor}: {name}: {value}");
            }
            assert_eq!(hidden["body"] == "[secret]", shown["purpose"] == "auth", "{vendor}");
        }
    }
}

#[test]
fn a_notification_comes_by_standard_input_and_settings_from_a_file() {
    let files = Files::new();
    let config = files.write(
        "push.toml",
        "[[vendor]]\nvendor = 'vivo'\napp_id = 7\napp_key = 'k'\napp_secret = 's'\nendpoint = 'https://push.example'\n",
    );
    let ran = run_with(&["encode", "-", "--vendor", "vivo", "--to", "123", "--config", &config], NOTE);
    assert_eq!(ran.status, 0, "{ran:?}");
    let send = requests(&ran.stdout).pop().unwrap();
    assert_eq!(send["url"], "https://push.example/message/send");
    let body: Value = serde_json::from_str(send["body"].as_str().unwrap()).unwrap();
    assert_eq!((&body["appId"], &body["title"], &body["regId"]), (&7.into(), &"王小明".into(), &"123".into()));
}

#[test]
fn what_cannot_be_encoded_is_refused_in_one_line() {
    let files = Files::new();
    let note = files.write("note.json", NOTE);
    let long = files.write("long.json", &format!(r#"{{"title":"{}","body":"b"}}"#, "长".repeat(41)));
    run(&["encode", &long, "--vendor", "vivo", "--to", "1"])
        .refused(&["long.json: vivo: title: has 41 characters; at most 40 are allowed"]);
    assert_eq!(run(&["encode", &long, "--vendor", "vivo", "--to", "1", "--truncate"]).status, 0);
    run(&["encode", &note, "--vendor", "nokia", "--to", "1"]).refused(&["unknown vendor `nokia`", "must be one of"]);
    run(&["encode", &note, "--vendor", "vivo", "--to", "1", "a,b"])
        .refused(&["--to: token 2 is no token of vivo", "letters and digits"]);
    run(&["encode", &note, "--vendor", "vivo", "--to", "1", "--at", "noon"]).refused(&["--at", "RFC 3339"]);
    run(&["encode", &note, "--vendor", "vivo"]).refused(&["--to"]);
    let config = files.write("push.toml", "[[vendor]]\nvendor = 'vivo'\napp_id = 7\napp_key = 'k'\napp_secret = 's'\n");
    run(&["encode", &note, "--vendor", "meizu", "--to", "1", "--config", &config])
        .refused(&["push.toml: has no entry for `meizu`"]);
}
