//! `omnipush demo` and `omnipush vendors`.

use crate::common::{run, vendors};
use serde_json::Value;

#[test]
fn the_demo_prints_one_object_for_each_vendor() {
    let ran = run(&["demo", "--json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.stderr, "");
    let lines = ran.json_lines();
    assert_eq!(lines.iter().map(|line| line["vendor"].as_str().unwrap()).collect::<Vec<_>>(), vendors());
    for line in lines {
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["vendor", "targets", "accepted", "invalid_tokens", "auth_requests", "losses"]);
        assert_eq!((&line["targets"], &line["accepted"], &line["invalid_tokens"]), (&3.into(), &2.into(), &1.into()));
        assert!(line["auth_requests"].as_u64().unwrap() <= 1, "{line}");
        assert!(line["losses"].as_array().unwrap().iter().all(Value::is_string), "{line}");
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
