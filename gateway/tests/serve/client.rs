//! What `docs/client.md` tells app developers, tried: its requests on a running gateway, its manifest
//! blocks against the command's.

use omnipush_gateway::model::{OfflinePushInfo, UnknownFields};
use serde_json::Value;

use crate::command::{Files, run, vendors};
use crate::support::{Service, http};

const DOC: &str = include_str!("../../../docs/client.md");
const EXAMPLE: &str = include_str!("../../example.toml");

/// The blocks of the page, in order: language and text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let mut parts = DOC.split("```").skip(1);
    let mut blocks = Vec::new();
    while let Some(block) = parts.next() {
        blocks.push(block.split_once('\n').unwrap());
        parts.next();
    }
    blocks
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_requests_are_taken_in_their_order() {
    let files = Files::new();
    let example = files.write("example.toml", &EXAMPLE.replace("127.0.0.1:8080", "127.0.0.1:0"));
    let service = Service::start(&example, &["--fakes"]);
    let (mut blocks, mut posted, mut compared) = (blocks().into_iter().peekable(), 0, 0);
    while let Some((language, block)) = blocks.next() {
        if language != "http" {
            continue;
        }
        let (line, body) = block.split_once('\n').unwrap();
        let (method, path) = line.split_once(' ').unwrap();
        let request = http().request(method.parse().unwrap(), format!("{}{path}", service.url));
        let request = request.header("authorization", "Bearer api-key-for-tests-only").body(body);
        let answer = request.header("content-type", "application/json").send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{line}: {status} {text}");
        if path.ends_with("/events") {
            assert_eq!(text, r#"{"changed":true}"#, "{line} {body} says nothing new");
        }
        if let Some((_, expected)) = blocks.next_if(|(next, _)| method == "GET" && *next == "json") {
            let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            assert_eq!(parsed(&text), parsed(expected), "{line}");
            compared += 1;
        }
        posted += 1;
    }
    assert!(posted >= 20 && compared >= 1, "{posted} posted, {compared} compared");
}

#[test]
fn the_pages_manifest_blocks_are_the_commands() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/example.toml");
    let shown: Vec<&str> =
        blocks().into_iter().filter(|(language, _)| *language == "xml").map(|(_, xml)| xml).collect();
    let mut printed = Vec::new();
    for certificate in 20_001..=20_006 {
        let ran = run(&["manifest", "--config", example, "--certificate", &certificate.to_string()]);
        assert_eq!(ran.status, 0, "{ran:?}");
        assert!(shown.contains(&ran.stdout.as_str()), "the page does not have {}", ran.stdout);
        printed.push(ran.stdout);
    }
    // Nothing else is shown, and the certificate beside them is one of the example's.
    assert!(shown.iter().all(|xml| printed.iter().any(|printed| printed == xml)));
    let (_, click) = blocks().into_iter().find(|(language, _)| *language == "toml").unwrap();
    assert!(EXAMPLE.contains(click), "{click}");
}

#[test]
fn the_page_has_every_vendor_and_what_it_sends_is_read() {
    for vendor in vendors() {
        let heading = format!("(`{vendor}`)\n");
        assert!(DOC.lines().any(|line| line.starts_with('#') && format!("{line}\n").ends_with(&heading)), "{vendor}");
    }
    let infos = blocks().into_iter().filter(|(language, text)| *language == "json" && text.contains("\"Ext\""));
    for (_, text) in infos {
        let info = OfflinePushInfo::read(&serde_json::from_str(text).unwrap(), UnknownFields::Refuse).unwrap();
        let ext: Value = serde_json::from_str(&info.ext).unwrap();
        // What the page says of OPPO's extra.
        assert!(DOC.contains(&format!("`{}`", ext["entity"])), "{ext}");
    }
    assert!(include_str!("../../../README.md").contains("(docs/client.md)"));
}
