//! The README's section on the service, typed in as it is printed.

use std::process::Command;

use crate::command::Files;
use crate::support::{PATIENCE, Service};
use tokio::time::Instant;

const README: &str = include_str!("../../../README.md");
const EXAMPLE: &str = include_str!("../../example.toml");
const START: &str = "cargo run -- serve --config gateway/example.toml --fakes";

/// What is typed in, and what is answered.
struct Typed {
    line: String,
    answer: String,
}

/// The lines of the section's console blocks.
fn typed() -> Vec<Typed> {
    let (_, section) = README.split_once("\n## The service\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```console\n").skip(1).map(|block| block.split("```").next().unwrap());
    let mut all: Vec<Typed> = Vec::new();
    for block in blocks {
        for line in block.lines() {
            match (line.strip_prefix("$ "), all.last_mut()) {
                (Some(line), _) => all.push(Typed { line: line.to_owned(), answer: String::new() }),
                // A text in quotes goes on.
                (None, Some(last)) if last.line.matches('\'').count() % 2 == 1 => last.line += &format!("\n{line}"),
                (None, Some(last)) => last.answer += &format!("{line}\n"),
                (None, None) => panic!("an answer to nothing: {line}"),
            }
        }
    }
    all
}

/// Whether a text is what is printed, where `…` stands for anything.
fn is(text: &str, printed: &str) -> bool {
    let parts: Vec<&str> = printed.trim_end().split('…').collect();
    let text = text.trim_end();
    let [first, middle @ .., last] = &parts[..] else { return text == printed.trim_end() };
    let rest = text.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
    middle.iter().try_fold(rest, |rest, part| rest?.split_once(part).map(|(_, rest)| Some(rest))).flatten().is_some()
}

#[test]
fn dots_stand_for_anything() {
    for (text, printed, same) in [
        ("abc", "abc", true),
        ("abcd", "abc", false),
        ("abcd", "abc…", true),
        ("abcd", "a…d", true),
        ("abcd", "…b…", true),
        ("abcd", "…e…", false),
        ("abcd", "a…c", false),
        ("", "…", true),
    ] {
        assert_eq!(is(text, printed), same, "{text} {printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_readme_prints_happens() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("skipped: there is no curl");
        return;
    }
    let typed = typed();
    assert_eq!(typed[0].line, START);
    let files = Files::new();
    std::fs::create_dir_all(files.path("gateway")).unwrap();
    // A port of its own, as many tests run at once.
    let example = files.write("gateway/example.toml", &EXAMPLE.replace("127.0.0.1:8080", "127.0.0.1:0"));
    // `cargo run` without building anything.
    let run = format!(
        "cargo() {{ while [ \"$1\" != -- ]; do shift; done; shift; {} \"$@\"; }}\n",
        env!("CARGO_BIN_EXE_omnipush")
    );
    let service = Service::start(&example, &["--fakes"]);
    // One shell for all: what stands before a line sets its variables.
    let (mut before, mut compared) = (run, 0);
    for Typed { line, answer } in &typed[1..] {
        let line = line.replace("http://127.0.0.1:8080", &service.url);
        if line.split_once('=').is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_uppercase())) {
            let value = shell(&files, &format!("{before}{line}\nprintf %s \"${}\"", line.split('=').next().unwrap()));
            assert!(answer.is_empty() && !value.is_empty(), "{line}");
            before += &format!("{}='{}'\n", line.split('=').next().unwrap(), value.replace('\'', "'\\''"));
            continue;
        }
        // What is explained may be under way still.
        let began = Instant::now();
        let mut text = shell(&files, &format!("{before}{line}"));
        while line.contains("explain") && !is(&text, answer) && began.elapsed() < PATIENCE {
            text = shell(&files, &format!("{before}{line}"));
        }
        assert!(is(&text, answer), "{line}\nis answered with\n{text}\nand not with\n{answer}");
        compared += 1;
    }
    assert!(compared >= 8, "only {compared} were compared");
}

fn shell(files: &Files, script: &str) -> String {
    let mut shell = Command::new("sh");
    let ran = shell.args(["-c", script]).current_dir(files.path("")).env("NO_PROXY", "*").output().unwrap();
    assert!(ran.status.success(), "{script}\n{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}
