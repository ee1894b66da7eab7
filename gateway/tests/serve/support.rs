//! A running service, and what it needs: a configuration, users, messages.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use omnipush_conformance::Host;
use omnipush_gateway::certificates::{Certificate, Certificates, Channel, connect};
use omnipush_gateway::dispatch::{Gateway, To};
use omnipush_gateway::model::{Conversation, Element, Message, Platform, PresenceEvent, PushConfig};
use omnipush_gateway::store::{Delivery, Store};
use serde_json::Value;
use tokio::time::Instant;

use crate::command::{Files, command, toml};
pub(crate) use crate::receiver::PATIENCE;

/// A process of `omnipush serve`.
pub(crate) struct Service {
    child: Child,
    lines: Receiver<String>,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    pub(crate) log: Vec<Value>,
}

impl Service {
    /// Starts it and waits until it is ready.
    pub(crate) fn start(config: &str, more: &[&str]) -> Self {
        let args = [&["serve", "--config", config], more].concat();
        let mut child = command(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let (told, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = told.send(line);
            }
        });
        let mut this = Self { child, lines, url: String::new(), log: Vec::new() };
        let ready = this.logged("ready");
        this.url = ready["address"].as_str().unwrap().to_owned();
        this
    }

    /// Waits for a line of the log with this message.
    pub(crate) fn logged(&mut self, message: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {message:?} in {:?}", self.log));
            let line: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
            self.log.push(line.clone());
            if line["message"] == message {
                return line;
            }
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Waits for its end and says how it ended.
    pub(crate) fn ended(mut self) -> Option<i32> {
        let status = self.child.wait().unwrap().code();
        self.log.extend(self.lines.iter().map(|line| serde_json::from_str(&line).unwrap_or_else(|_| line.into())));
        assert!(self.log.iter().all(Value::is_object), "{:?}", self.log);
        status
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        get(&format!("{}{path}", self.url)).await
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub(crate) async fn get(url: &str) -> (u16, String) {
    let answer = http().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// A configuration with a certificate for each fake, numbered from 1, and further tables.
pub(crate) fn config(files: &Files, hosts: &[&Host], more: &str) -> String {
    let mut text = format!("[serve]\nlisten = \"127.0.0.1:0\"\n{more}\n");
    for (id, host) in (1..).zip(hosts) {
        let mut app = host.config();
        let vendor = app.as_object_mut().unwrap().remove("vendor").unwrap();
        text += &format!("[[certificate]]\nid = {id}\nvendor = {vendor}\napp = {}\n", toml(&app));
    }
    files.write("gateway.toml", &text)
}

/// The service's database, with no service at work in it.
pub(crate) async fn store(files: &Files) -> Store {
    Store::open(&files.path("omnipush.db")).await.unwrap()
}

/// A gateway over that database which accepts, and sends nothing.
pub(crate) async fn idle(files: &Files, hosts: &[&Host]) -> Gateway {
    let channel = |(id, host): (u32, &&Host)| {
        let push = connect(omnipush::build(&host.config()).unwrap()).unwrap();
        Channel::new(Certificate::new(id, host.fake().vendor()), push)
    };
    let channels = Certificates::of((1..).zip(hosts).map(channel));
    Gateway::builder(store(files).await, channels).build()
}

/// A user whose app was killed, with a phone of a certificate.
pub(crate) async fn user(gateway: &Gateway, account: &str, business_id: u32, token: &str) {
    let happens = async |event| gateway.presence(account, "phone", Platform::Android, event).await.unwrap();
    happens(PresenceEvent::Login { connection: 1, heartbeats: false }).await;
    let config = PushConfig { business_id, token: token.to_owned(), is_tpns: false };
    gateway.set_config(account, "phone", Some(&config)).await.unwrap();
    happens(PresenceEvent::Disconnect { connection: 1 }).await;
}

/// "hello" from Ann to Bo, accepted.
pub(crate) async fn hello(gateway: &Gateway, id: &str) {
    let mut message = Message::new(id, "ann", Conversation::OneToOne, vec![Element::Text("hello".into())]);
    message.at_ms = gateway.now_ms();
    message.seq = 7;
    message.random = id.bytes().map(u32::from).sum();
    gateway.accept(&message, To::Users(&["bo".to_owned()])).await.unwrap();
}

/// Waits until a message's only delivery is what is asked for, and returns it.
pub(crate) async fn delivery(store: &Store, id: &str, is: impl Fn(&Delivery) -> bool) -> Delivery {
    let began = Instant::now();
    loop {
        let found = store.explain(id, None).await.unwrap().unwrap().deliveries.remove(0);
        if is(&found) {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{found:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
