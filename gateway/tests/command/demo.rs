//! `omnipush demo` and `omnipush vendors`.

use crate::common::{run, vendors};
use serde_json::{Value, json};

/// What a phone of a vendor has on its icon after a push, if the push says so: with an unread count of three,
/// the first push after it and the second.
fn badges(vendor: &str) -> [Value; 2] {
    match vendor {
        "apns" => [json!({"set": 4}), json!({"set": 5})],
        "huawei" | "harmony" | "honor" => [json!({"add": 1}), json!({"add": 1})],
        _ => [Value::Null, Value::Null],
    }
}

#[test]
fn the_demo_prints_one_object_for_each_vendor_and_one_for_each_scene_of_the_story() {
    let ran = run(&["demo", "--json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.stderr, "");
    let (told, sent): (Vec<_>, Vec<_>) = ran.json_lines().into_iter().partition(|line| line.get("part").is_some());
    assert_eq!(sent.iter().map(|line| line["vendor"].as_str().unwrap()).collect::<Vec<_>>(), vendors());
    for line in sent {
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["vendor", "targets", "accepted", "invalid_tokens", "auth_requests", "losses"]);
        assert_eq!((&line["targets"], &line["accepted"], &line["invalid_tokens"]), (&3.into(), &2.into(), &1.into()));
        assert!(line["auth_requests"].as_u64().unwrap() <= 1, "{line}");
        assert!(line["losses"].as_array().unwrap().iter().all(Value::is_string), "{line}");
    }

    // The gateway's: every maker's phone but the browser, and what the seed of all this says must happen.
    let phones: Vec<_> = vendors().into_iter().filter(|vendor| *vendor != "webpush").collect();
    assert_eq!(told.len(), phones.len() * 6);
    for (vendor, lines) in phones.iter().zip(told.chunks(6)) {
        let [first, second] = badges(vendor);
        let story = [
            ("foreground", false, Value::Null, "R1"),
            ("background", true, first, "R12"),
            ("killed", true, second, "R2"),
            ("undescribed", false, Value::Null, "R27"),
            ("muted", false, Value::Null, "R29"),
            ("logged_out", false, Value::Null, "R7"),
        ];
        for (line, (scene, pushed, badge, rule)) in lines.iter().zip(story) {
            let because = omnipush_gateway::rules::Rule::from_name(rule).unwrap().text();
            let due = json!({
                "part": "gateway", "vendor": vendor, "scene": scene, "pushed": pushed, "badge": badge, "rule": rule,
                "because": because,
            });
            assert_eq!(*line, due);
        }
    }
}

#[test]
fn the_demo_is_readable_and_has_no_colour_in_a_pipe() {
    let ran = run(&["demo"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(!ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
    for part in ["Vendor", "vivo", "Lost in mapping", "priority", "All as it must be", "omnipush lint"] {
        assert!(ran.stdout.contains(part), "no {part} in {}", ran.stdout);
    }
    // The gateway's part: a row for each phone, the rules below, and nothing that is wrong.
    let (_, told) = ran.stdout.split_once("offline push of an IM system").unwrap();
    let row = |name: &str| -> Vec<String> {
        let line = told
            .lines()
            .find(|line| line.trim_start().starts_with(name))
            .unwrap_or_else(|| panic!("no {name} in {told}"));
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    assert_eq!(
        row("Phone")[1..],
        ["App in front", "In background", "Killed", "Custom, no words", "Friend muted", "Logged out"]
    );
    assert_eq!(row("Apple")[1..], ["silent", "push, badge 4", "push, badge 5", "silent", "silent", "silent"]);
    assert_eq!(row("vivo")[1..], ["silent", "push", "push", "silent", "silent", "silent"]);
    assert_eq!(row("By rule")[1..], ["R1", "R12", "R2", "R27", "R29", "R7"]);
    assert!(told.contains("R27  a custom message without a description is not pushed"), "{told}");
    assert!(told.contains("20 pushes came") && !ran.stdout.contains('✗'), "{told}");
    assert!(ran.stdout.lines().all(|line| console::measure_text_width(line) <= 120), "{told}");
}

#[test]
fn vendors_are_shown_with_their_limits() {
    let ran = run(&["vendors"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    for part in ["vivo", "40 characters", "1 minute to 1", "2 to 1000", "HTTP", "4096 bytes"] {
        assert!(ran.stdout.contains(part), "no {part} in {}", ran.stdout);
    }

    let lines = run(&["vendors", "--json"]).json_lines();
    assert_eq!(lines.iter().map(|line| line["vendor"].as_str().unwrap()).collect::<Vec<_>>(), vendors());
    let vivo = lines.iter().find(|line| line["vendor"] == "vivo").unwrap();
    assert_eq!(vivo["targets_per_request"], 1000);
    assert_eq!(vivo["title"], serde_json::json!({"max": 40, "unit": "characters"}));
    assert_eq!(vivo["ttl_seconds"], serde_json::json!({"min": 60, "max": 86_400}));
    assert_eq!(vivo["access_token"]["header"], "authtoken");
    assert_eq!(vivo["refused"], serde_json::json!(["kind", "send_at", "dry_run"]));
    let meizu = lines.iter().find(|line| line["vendor"] == "meizu").unwrap();
    // Meizu counts hours; the table shows seconds.
    assert_eq!(meizu["ttl_seconds"]["max"], 72 * 3600);
}
