//! `omnipush certificates check` and `omnipush manifest`.

use omnipush_conformance::{Purpose, TargetState, Trouble};

use crate::command::{Files, host, run};
use crate::support::config;

const NOBODY: [&str; 2] =
    ["0000000000000000000000000000000000000000000000000000000000000000", "00000000000000000000000000000000"];

#[tokio::test(flavor = "multi_thread")]
async fn every_certificate_is_tried_and_reaches_nobody() {
    let (files, mut hosts) = (Files::new(), Vec::new());
    for (id, _) in omnipush::VENDORS.iter().filter(|(id, _)| *id != "webpush") {
        let fake = host(id).await;
        NOBODY.iter().for_each(|token| fake.world().set_target(*token, TargetState::Dead));
        hosts.push(fake);
    }
    let shared: Vec<_> = hosts.iter().collect();
    let path = config(&files, &shared, "");
    let ran = run(&["certificates", "check", "--config", &path, "--json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let lines = ran.json_lines();
    assert_eq!(lines.len(), hosts.len());
    for (line, host) in lines.iter().zip(&hosts) {
        assert_eq!((&line["vendor"], &line["is"]), (&host.fake().vendor().into(), &"good".into()), "{line}");
        assert_eq!(host.world().delivered().len(), 0, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_is_bad_and_a_silent_vendor_unknown() {
    let (files, vivo, xiaomi) = (Files::new(), host("vivo").await, host("xiaomi").await);
    let path = config(&files, &[&vivo, &xiaomi], "");
    // Of the first, which is vivo's.
    let wrong = files.read("gateway.toml").replacen("app_secret = \"", "app_secret = \"wrong", 1);
    files.write("gateway.toml", &wrong);
    xiaomi.world().always(Purpose::Send, Trouble::Status(503, Vec::new(), "no"));
    let ran = run(&["certificates", "check", "--config", &path]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let row = |vendor: &str| ran.stdout.lines().find(|line| line.contains(vendor)).unwrap().to_owned();
    assert!(row("vivo").contains(" bad ") && !ran.stdout.contains("wrong"), "{}", ran.stdout);
    assert!(row("xiaomi").contains(" unknown "), "{}", ran.stdout);
}

#[test]
fn the_example_is_tried_at_the_fakes() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/example.toml");
    let ran = run(&["certificates", "check", "--config", example, "--fakes", "--json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 6);
    assert!(lines.iter().all(|line| line["is"] == "good"), "{lines:?}");
}

#[test]
fn the_manifest_matches_the_click_action() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/example.toml");
    let of = |number| run(&["manifest", "--config", example, "--certificate", number]);
    let ran = of("20001");
    assert_eq!(ran.status, 0, "{ran:?}");
    for part in ["com.example.chat.DetailActivity", "android:scheme=\"app\"", "android:path=\"/detail\""] {
        assert!(ran.stdout.contains(part), "no {part} in {}", ran.stdout);
    }
    assert!(of("20004").stdout.contains("android:exported=\"true\" />"));
    of("1").refused(&["no certificate 1; there are 20001, "]);
}
