//! `omnipush send`, to hosted fakes.

use std::process::Stdio;

use crate::common::{Files, NOTE, command, host, ran, run, run_with};
use omnipush_conformance::{Purpose, TargetState, Trouble};

#[tokio::test(flavor = "multi_thread")]
async fn dead_tokens_go_to_stdout_and_the_summary_to_stderr() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let (config, note) = (files.config(&[&vivo]), files.write("note.json", NOTE));
    let targets: Vec<String> = (0..3).map(|at| format!("vivo:{}", vivo.fake().target(at))).collect();
    vivo.world().set_target(vivo.fake().target(1), TargetState::Dead);

    let send = ["send", "--config", &config, "--to", &targets[0], "--to", &targets[1], "--to", &targets[2], &note];
    let sent = run(&send);
    assert_eq!(sent.status, 1, "{sent:?}");
    assert_eq!(sent.stdout, format!("{}\n", targets[1]));
    for part in ["Vendor", "vivo", "invalid_token 1", "delete the target"] {
        assert!(sent.stderr.contains(part), "no {part} in {}", sent.stderr);
    }
    assert_eq!(vivo.world().delivered().len(), 2);

    let good = run(&["send", "--config", &config, "--to", &targets[0], &targets[2], &note]);
    assert_eq!((good.status, good.stdout.as_str()), (0, ""), "{good:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn verdicts_are_json_lines() {
    let (files, vivo, apns) = (Files::new(), host("vivo").await, host("apns").await);
    let config = files.config(&[&vivo, &apns]);
    let note = files.write("note.json", NOTE);
    apns.world().set_target(apns.fake().target(2), TargetState::Dead);
    let list = format!(
        "# the devices of a test\n\nvivo:{}\n  apns:{}  \napns:{}\nvivo:no/token\n",
        vivo.fake().target(0),
        apns.fake().target(1),
        apns.fake().target(2)
    );
    let (list, dead) = (files.write("tokens.txt", &list), files.path("dead.txt"));
    let dead = dead.to_str().unwrap();
    let sent = run(&["send", "--config", &config, "--to-file", &list, &note, "--json", "--dead-tokens", dead]);
    assert_eq!(sent.status, 1, "{sent:?}");
    let lines = sent.json_lines();
    assert_eq!(lines.len(), 4);
    for line in &lines {
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["vendor", "token", "verdict", "class", "code", "text", "message_id"]);
    }
    let of = |token: String| lines.iter().find(|line| line["token"] == token.as_str()).unwrap();
    let accepted = of(vivo.fake().target(0));
    assert_eq!((accepted["verdict"].as_str(), accepted["class"].as_str()), (Some("accepted"), None));
    assert!(accepted["message_id"].is_string());
    let gone = of(apns.fake().target(2));
    assert_eq!((gone["verdict"].as_str(), gone["class"].as_str()), (Some("refused"), Some("invalid_token")));
    assert_eq!(gone["vendor"], "apns");
    // A malformed token is not what a vendor said is gone.
    assert_eq!(of("no/token".into())["class"], "invalid_request");
    assert_eq!(files.read("dead.txt"), format!("apns:{}\n", apns.fake().target(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_go_out_in_batches() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let (config, note) = (files.config(&[&vivo]), files.write("note.json", NOTE));
    let list: String = (0..2500).map(|at| format!("vivo:{}\n", vivo.fake().target(at))).collect();
    let file = files.write("tokens.txt", &list);
    let sent = run(&["send", "--config", &config, "--to-file", &file, &note]);
    assert_eq!((sent.status, sent.stdout.as_str()), (0, ""), "{sent:?}");
    assert_eq!(vivo.world().delivered().len(), 2500);

    vivo.world().forget();
    let sent = run_with(&["send", "--config", &config, "--to-file", "-", "--title", "t", "--body", "b"], &list);
    assert_eq!(sent.status, 0, "{sent:?}");
    assert_eq!(vivo.world().delivered().len(), 2500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_line_of_a_file_stops_everything_and_of_a_pipe_what_comes_after() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let (config, note) = (files.config(&[&vivo]), files.write("note.json", NOTE));
    let list = format!("vivo:{}\n\nnokia:1\nvivo:{}\n", vivo.fake().target(0), vivo.fake().target(1));
    let file = files.write("tokens.txt", &list);
    run(&["send", "--config", &config, "--to-file", &file, &note])
        .refused(&["tokens.txt:3: unknown vendor `nokia`: must be one of"]);
    assert!(vivo.world().log().is_empty());

    let sent = run_with(&["send", "--config", &config, "--to-file", "-", &note], &list);
    assert_eq!(sent.status, 2, "{sent:?}");
    assert!(sent.stderr.contains("stdin:3: unknown vendor `nokia`") && sent.stderr.contains("1 target before it"));
    assert_eq!(vivo.world().delivered().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_pipe_is_no_failure() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let (config, note) = (files.config(&[&vivo]), files.write("note.json", NOTE));
    let list: String = (0..500).map(|at| format!("vivo:{}\n", vivo.fake().target(at))).collect();
    let file = files.write("tokens.txt", &list);
    let send = ["send", "--config", &config, "--to-file", &file, &note, "--json"];
    for args in [&send[..], &["vendors"], &["lint", &note], &["demo", "--json"]] {
        let mut child = command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = ran(child.wait_with_output().unwrap());
        assert_eq!(ended.status, 0, "{args:?}: {ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    }
    // All were sent to, though nobody read the verdicts.
    assert_eq!(vivo.world().delivered().len(), 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_there_when_asked_for_and_tells_no_secret() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let (config, note) = (files.config(&[&vivo]), files.write("note.json", NOTE));
    let target = format!("vivo:{}", vivo.fake().target(0));
    vivo.world().script(Purpose::Send, Trouble::Status(503, Vec::new(), "busy"));
    let mut logged = command(&["send", "--config", &config, "--to", &target, &note]);
    let logged = ran(logged.env("RUST_LOG", "omnipush_core=debug").output().unwrap());
    assert_eq!(logged.status, 0, "{logged:?}");
    let quiet = run(&["send", "--config", &config, "--to", &target, &note]);
    assert!(logged.stderr.contains("status=503") && !quiet.stderr.contains("status="), "{logged:?}");
    assert!(!logged.stderr.contains(vivo.config()["app_secret"].as_str().unwrap()));
}
