//! Whatever is wrong with the input: one line, status 2, and nothing sent.

use crate::common::{Files, NOTE, command, host, ran, run, run_with};

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_one_line_and_nothing_is_sent() {
    let (files, vivo) = (Files::new(), host("vivo").await);
    let (config, note) = (files.config(&[&vivo]), files.write("note.json", NOTE));
    let to = format!("vivo:{}", vivo.fake().target(0));
    let send = |note: &str| run(&["send", "--config", &config, "--to", &to, note]);
    let with = |name: &str, text: &str| send(&files.write(name, text));

    // The notification.
    send("missing.json").refused(&["missing.json: No such file"]);
    with("broken.json", "{\n  \"title\": \"t\",,\n}").refused(&["broken.json:2:", "key must be a string"]);
    with("empty.json", "").refused(&["empty.json:1:0"]);
    with("unknown.json", r#"{"titel":"t"}"#).refused(&["unknown.json:1:8: unknown field `titel`", "`title`"]);
    with("type.json", r#"{"title":["t"]}"#).refused(&["type.json:1:", "title: invalid type", "expected a string"]);
    with("ttl.json", r#"{"ttl_seconds":99999999}"#).refused(&["ttl.json:1:", "ttl_seconds", "at most 31536000"]);
    with("data.json", r#"{"data":{"a":1}}"#).refused(&["data.json:1:", "data", "expected a string"]);
    with("vendor.json", r#"{"vendors":{"nokia":{}}}"#).refused(&["vendor.json: vendors: unknown vendor `nokia`"]);
    let long = format!(r#"{{"title":"{}","body":"b"}}"#, "长".repeat(57));
    with("long.json", &long).refused(&["long.json: vivo: title: has 57 characters; at most 40 are allowed"]);
    with("option.json", r#"{"title":"t","body":"b","vendors":{"vivo":{"x":1}}}"#)
        .refused(&["option.json: vivo: `vendors.vivo`: unknown field `x`"]);
    with("none.json", "{}").refused(&["none.json: vivo: title: is missing", "body (`content`): is missing"]);
    run(&["send", "--config", &config, "--to", &to]).refused(&["no notification", "--title"]);
    run(&["send", "--config", &config, &note, "--to", &to, "--title", "t"]).refused(&["cannot be used with"]);
    run(&["send", "--config", &config, "--to", &to, "--title", &"长".repeat(57), "--body", "b"])
        .refused(&["vivo: title: has 57 characters; at most 40 are allowed"]);
    run_with(&["send", "--config", &config, "--to", &to, "-"], "[]")
        .refused(&["stdin:1:1: a notification is a JSON object"]);

    // The targets.
    for (to, words) in [
        ("nokia:1", "--to: unknown vendor `nokia`: must be one of"),
        ("vivo", "--to: `vivo` is not VENDOR:TOKEN"),
        ("vivo:", "--to: `vivo:` is not VENDOR:TOKEN"),
        ("meizu:1", "push.toml: has no entry for `meizu`"),
    ] {
        run(&["send", "--config", &config, &note, "--to", to]).refused(&[words]);
    }
    run(&["send", "--config", &config, &note]).refused(&["--to"]);
    run(&["send", "--config", &config, &note, "--to-file", "missing.txt"]).refused(&["missing.txt: No such file"]);
    run(&["send", "--config", &config, "-", "--to-file", "-"]).refused(&["stdin"]);

    // The configuration.
    let configured = |name: &str, text: &str| run(&["send", "--config", &files.write(name, text), &note, "--to", &to]);
    run(&["send", "--config", "missing.toml", &note, "--to", &to]).refused(&["missing.toml: No such file"]);
    configured("empty.toml", "").refused(&["empty.toml: has no [[vendor]] entry"]);
    configured("line.toml", "[[vendor]]\nvendor = vivo\n").refused(&["line.toml: line 2"]);
    configured("nokia.toml", "\n[[vendor]]\nvendor = 'nokia'\n").refused(&["nokia.toml:2:", "must be one of"]);
    configured("key.toml", "[[vendor]]\nvendor = 'vivo'\nappid = 1\n").refused(&["key.toml:1: vivo: `appid`"]);
    let twice = files.read("push.toml").repeat(2);
    configured("twice.toml", &twice).refused(&["twice.toml: has two entries for `vivo`"]);

    // The output, and the command line itself.
    run(&["send", "--config", &config, &note, "--to", &to, "--json", "--dead-tokens", "-"])
        .refused(&["stdout is taken"]);
    run(&["send", "--config", &config, &note, "--to", &to, "--dead-tokens", "no/such/folder"])
        .refused(&["--dead-tokens: no/such/folder: No such file"]);
    run(&["send", "--config", &config, &note, "--to", &to, "--jsn"]).refused(&["'--jsn'", "'--json'", "--help"]);
    run(&["sent"]).refused(&["'sent'", "--help"]);
    run(&["lint"]).refused(&["NOTIFICATION"]);
    run(&["lint", "--vendor", "vivo"]).refused(&["no notification"]);
    run(&["lint", &note, "--vendor", "nokia"]).refused(&["unknown vendor `nokia`"]);

    let log: Vec<_> = vivo.world().log();
    assert!(log.is_empty(), "{log:?}");
}

#[test]
fn every_command_has_help_with_examples() {
    for name in [
        "demo",
        "send",
        "encode",
        "lint",
        "vendors",
        "fakes",
        "serve",
        "explain",
        "certificates",
        "manifest",
        "usersig",
    ] {
        let help = run(&[name, "--help"]);
        assert_eq!((help.status, help.stderr.as_str()), (0, ""), "{name}");
        for part in ["Usage: omnipush", "Examples:", &format!("omnipush {name}")] {
            assert!(help.stdout.contains(part), "{name}: no {part} in {}", help.stdout);
        }
        assert!(run(&["--help"]).stdout.contains(&format!("  {name} ")), "{name}");
    }
    let version = run(&["--version"]);
    assert_eq!((version.status, version.stdout), (0, format!("omnipush {}\n", env!("CARGO_PKG_VERSION"))));
    assert_eq!(run(&[]).status, 2);
}

#[test]
fn a_wrong_log_filter_hurts_nothing() {
    let mut vendors = command(&["vendors"]);
    let ended = ran(vendors.env("RUST_LOG", "a=b=c").output().unwrap());
    assert_eq!(ended.status, 0);
    assert!(ended.stderr.contains("RUST_LOG is not used"), "{ended:?}");
}
