//! `omnipush fakes`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::common::{Files, command, run, vendors};
use serde_json::Value;

/// The command while it serves. Killed when it is dropped.
struct Serving {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Serving {
    /// Starts it, and reads its lines of vendors.
    fn start(args: &[&str], vendors: usize) -> (Self, Vec<Value>) {
        let args = [&["fakes"], args].concat();
        let mut child = command(&args).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut serving = Self { child, stdout };
        let lines = (0..vendors).map(|_| serving.line()).collect();
        (serving, lines)
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).expect(&line)
    }

    /// Ends it as Ctrl-C does; returns its last line.
    fn interrupt(mut self) -> Value {
        let kill = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let last = self.line();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        last
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn post(url: &Value, path: &str, mime: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(url.as_str().unwrap().split("//").nth(1).unwrap()).unwrap();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: {mime}\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn every_vendor_has_a_line_with_what_its_sdk_needs() {
    let (serving, lines) = Serving::start(&["--listen", "127.0.0.1:0"], vendors().len());
    assert_eq!(lines.iter().map(|line| line["vendor"].as_str().unwrap()).collect::<Vec<_>>(), vendors());
    for line in &lines {
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["vendor", "url", "credentials", "targets", "dead_target"]);
        assert!(line["url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{line}");
        let credentials = line["credentials"].as_object().unwrap();
        assert!(!credentials.contains_key("endpoint") && credentials.len() >= 2, "{line}");
    }
    let of = |id: &str| &lines.iter().find(|line| line["vendor"] == id).unwrap()["credentials"];
    let fcm_url = lines[0]["url"].as_str().unwrap();
    assert_eq!(of("fcm")["token_uri"], format!("{fcm_url}/token"));
    assert_eq!(of("fcm")["type"], "service_account");
    assert!(of("apns")["key"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----"));
    for (id, names) in [
        ("apns", &["key_id", "team_id", "topic"][..]),
        ("huawei", &["client_id", "client_secret", "project_id"]),
        ("harmony", &["project_id", "key_id", "private_key", "sub_account"]),
        ("xiaomi", &["app_secret", "package_name"]),
        ("webpush", &["public_key", "private_key", "subject"]),
    ] {
        assert!(names.iter().all(|name| of(id)[name].is_string()), "{id}: {}", of(id));
    }
    let counts = serving.interrupt();
    assert_eq!(counts, serde_json::json!({"requests": 0, "accepted": 0, "refused": 0}));
}

#[test]
fn requests_are_shown_as_accepted_or_refused_and_why() {
    // Named in another order than they are served in.
    let args = ["--listen", "127.0.0.1:0", "--vendor", "meizu", "huawei"];
    let (mut serving, lines) = Serving::start(&args, 2);
    assert_eq!([&lines[0]["vendor"], &lines[1]["vendor"]], ["huawei", "meizu"]);
    let huawei = &lines[0];
    let secret: String = huawei["credentials"]["client_secret"].as_str().unwrap().into();
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let id = huawei["credentials"]["client_id"].as_str().unwrap();
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={}", encode(&secret));
    let mime = "application/x-www-form-urlencoded";
    assert!(post(&huawei["url"], "/oauth2/v3/token", mime, &form).contains("access_token"));
    let line = serving.line();
    assert_eq!((&line["vendor"], &line["method"], &line["status"]), (&"huawei".into(), &"POST".into(), &200.into()));
    assert_eq!((&line["path"], &line["http"]), (&"/oauth2/v3/token".into(), &"HTTP/1.1".into()));
    assert_eq!((&line["verdict"], &line["reason"]), (&"accepted".into(), &Value::Null));

    assert!(post(&huawei["url"], "/oauth2/v3/token", mime, &form.replace("%61", "b")).contains("12304"));
    let line = serving.line();
    assert_eq!(line["verdict"], "refused");
    assert!(line["reason"].as_str().unwrap().contains("client_secret"), "{line}");

    post(&lines[1]["url"], "/nothing/here", mime, "");
    assert_eq!(serving.line()["reason"], "unknown path");
    assert_eq!(serving.interrupt(), serde_json::json!({"requests": 3, "accepted": 1, "refused": 2}));
}

#[test]
fn the_state_keeps_credentials_and_the_authority() {
    let files = Files::new();
    let state = files.path("fakes.json").display().to_string();
    let args = ["--listen", "127.0.0.1:0", "--vendor", "webpush", "apns", "--tls", "--state", &state];
    let start = || {
        let (serving, lines) = Serving::start(&args, 2);
        let ca = lines[0]["ca"].as_str().unwrap().to_owned();
        assert!(lines.iter().all(|line| line["url"].as_str().unwrap().starts_with("https://")), "{lines:?}");
        assert!(lines.iter().all(|line| line["ca"] == ca.as_str()));
        serving.interrupt();
        (lines.into_iter().map(|line| line["credentials"].clone()).collect::<Vec<_>>(), files.read(&ca))
    };
    let (first, second) = (start(), start());
    assert!(first.1.starts_with("-----BEGIN CERTIFICATE-----"), "{}", first.1);
    assert_eq!(first, second);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&state).unwrap().permissions().mode() & 0o77, 0, "it holds a private key");
    }

    let other = files.read("fakes.json").replace("DEF123GHIJ", "OTHERTEAM0");
    files.write("fakes.json", &other);
    run(&[&["fakes"], &args[..]].concat()).refused(&["fakes.json: the credentials of apns", "remove the file"]);
    files.write("fakes.json", "{}");
    run(&[&["fakes"], &args[..]].concat()).refused(&["fakes.json", "no state of `omnipush fakes`"]);
}

#[test]
fn the_file_of_the_authority_goes_away_without_a_state() {
    let (serving, lines) = Serving::start(&["--listen", "localhost:0", "--vendor", "vivo", "--tls"], 1);
    let ca = lines[0]["ca"].as_str().unwrap().to_owned();
    assert!(std::fs::read_to_string(&ca).unwrap().contains("BEGIN CERTIFICATE"));
    serving.interrupt();
    assert!(!std::path::Path::new(&ca).exists());
}

#[test]
fn what_cannot_be_served_is_refused_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    run(&["fakes", "--vendor", "vivo", "--listen", &listen]).refused(&["vivo cannot listen at", &listen, "in use"]);
    run(&["fakes", "--listen", "127.0.0.1:65530"]).refused(&["port 65530", "11 fakes"]);
    run(&["fakes", "--listen", "nowhere"]).refused(&["--listen", "127.0.0.1:8700"]);
    run(&["fakes", "--vendor", "nokia"]).refused(&["unknown vendor `nokia`", "must be one of"]);
    run(&["fakes", "--vendor", "vivo", "--listen", "127.0.0.1:0", "--state", "/no/such/folder/x"])
        .refused(&["/no/such/folder/x"]);
}
