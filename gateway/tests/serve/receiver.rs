//! A backend that takes events, as scripted.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::time::Instant;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// How long anything may take on a machine that is busy.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

const OK: &str = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;

#[derive(Clone, Default)]
struct Taken {
    /// Statuses and bodies to answer with before all is well.
    script: Arc<Mutex<VecDeque<(u16, String)>>>,
    /// Query and body of each call.
    calls: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Respond for Taken {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body = serde_json::from_slice(&request.body).unwrap();
        self.calls.lock().unwrap().push((request.url.query().unwrap_or_default().to_owned(), body));
        let (status, body) = self.script.lock().unwrap().pop_front().unwrap_or((200, OK.to_owned()));
        ResponseTemplate::new(status).set_body_raw(body, "application/json")
    }
}

pub(crate) struct Receiver {
    server: MockServer,
    taken: Taken,
}

impl Receiver {
    pub(crate) async fn start(script: &[u16]) -> Self {
        Self::saying(&script.iter().map(|status| (*status, OK)).collect::<Vec<_>>()).await
    }

    pub(crate) async fn saying(script: &[(u16, &str)]) -> Self {
        let (server, taken) = (MockServer::start().await, Taken::default());
        taken.script.lock().unwrap().extend(script.iter().map(|(status, body)| (*status, (*body).to_owned())));
        Mock::given(any()).respond_with(taken.clone()).mount(&server).await;
        Self { server, taken }
    }

    /// The table `[webhook]` for it.
    pub(crate) fn table(&self, more: &str) -> String {
        format!("[webhook]\n{}", self.members(more))
    }

    /// The members of that table.
    pub(crate) fn members(&self, more: &str) -> String {
        format!("url = \"{}/events\"\nsdk_app_id = 1400000001\n{more}\n", self.server.uri())
    }

    pub(crate) fn calls(&self) -> Vec<(String, Value)> {
        self.taken.calls.lock().unwrap().clone()
    }

    /// The events of every call.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.calls().iter().flat_map(|(_, body)| body["Events"].as_array().unwrap().clone()).collect()
    }

    /// Waits until so many calls came.
    pub(crate) async fn wait(&self, calls: usize) -> Vec<Value> {
        let began = Instant::now();
        while self.calls().len() < calls {
            assert!(began.elapsed() < PATIENCE, "{:?}", self.calls());
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        self.events()
    }
}
