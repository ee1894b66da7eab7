//! `omnipush lint`.

use crate::common::{Files, NOTE, run, run_with, vendors};
use serde_json::{Value, json};

#[test]
fn a_notification_that_fits_everywhere() {
    let files = Files::new();
    let note = files.write("note.json", NOTE);
    let ran = run(&["lint", &note]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
    for part in
        ["✓ vivo", "title 3/40 characters", "body 10/100 characters", "of 4096 bytes", "lost", "channel: vivo has"]
    {
        assert!(ran.stdout.contains(part), "no {part} in {}", ran.stdout);
    }
    assert!(!ran.stdout.contains('\u{1b}'));

    let ran = run(&["lint", &note, "--json"]);
    let lines = ran.json_lines();
    assert_eq!(lines.iter().map(|line| line["vendor"].as_str().unwrap()).collect::<Vec<_>>(), vendors());
    assert!(lines.iter().all(|line| line["fits"] == true));
    let vivo = lines.iter().find(|line| line["vendor"] == "vivo").unwrap();
    let title = json!({"field": "title", "wire": "title", "used": 3, "limit": 40, "unit": "characters"});
    assert_eq!(vivo["fields"][0], title);
    assert_eq!(vivo["losses"][0]["field"], "channel");
}

#[test]
fn what_is_too_long_is_refused_and_what_cutting_would_give_is_said() {
    let files = Files::new();
    // 45 characters fit Xiaomi's 49, but not vivo's 40.
    let text = json!({"title": "长".repeat(45), "body": "b", "channel": "c", "ttl_seconds": 864_000}).to_string();
    let note = files.write("note.json", &text);
    let ran = run(&["lint", &note, "--vendor", "vivo,xiaomi"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    for part in
        ["✗ vivo", "title: has 45 characters; at most 40 are allowed", "title 45 → 40", "✓ Xiaomi", "--truncate"]
    {
        assert!(ran.stdout.contains(part), "no {part} in {}", ran.stdout);
    }
    assert_eq!(run(&["lint", &note, "--vendor", "xiaomi"]).status, 0);

    let vivo = run(&["lint", &note, "--vendor", "vivo", "--json"]).json_lines().remove(0);
    assert_eq!((&vivo["fits"], &vivo["fits_truncated"]), (&json!(false), &json!(true)));
    assert_eq!(vivo["problems"][0]["field"], "title");
    assert_eq!(vivo["truncated"], json!([{"field": "title", "wire": "title", "from": 45, "to": 40}]));
    assert_eq!(vivo["moved"], json!([{"field": "ttl_seconds", "wire": "timeToLive", "from": 864_000, "to": 86_400}]));
}

#[test]
fn what_a_vendor_must_not_lose_is_refused_with_the_reason() {
    let ran = run_with(&["lint", "-", "--vendor", "vivo", "--json"], r#"{"title":"t","body":"b","dry_run":true}"#);
    assert_eq!(ran.status, 1, "{ran:?}");
    let vivo = ran.json_lines().remove(0);
    assert!(vivo["problems"][0]["problem"].as_str().unwrap().contains("vivo has no dry run"), "{vivo}");
    assert_eq!((&vivo["fits_truncated"], &vivo["truncated"]), (&json!(false), &Value::Array(Vec::new())));
}

#[test]
fn vendors_can_stand_before_the_file() {
    let files = Files::new();
    let note = files.write("note.json", NOTE);
    assert_eq!(run(&["lint", "--vendor", "vivo", &note, "--json"]).json_lines().len(), 1);
    assert_eq!(run(&["lint", "--vendor", "vivo", "meizu", &note, "--json"]).json_lines().len(), 2);
}

#[test]
fn settings_from_a_file_count() {
    let files = Files::new();
    let note = files.write("note.json", r#"{"title":"t","body":"b"}"#);
    let entry = "[[vendor]]\nvendor = 'vivo'\napp_id = 7\napp_key = 'k'\napp_secret = 's'\ncategory = 'IM'\n";
    let config = files.write("push.toml", entry);
    let advised = |args: &[&str]| run(args).json_lines()[0]["advice"].to_string().contains("no category");
    assert!(advised(&["lint", &note, "--vendor", "vivo", "--json"]));
    assert!(!advised(&["lint", &note, "--config", &config, "--json"]));
}
