//! Puts a fake behind a real HTTP server: HTTP/1.1, and HTTP/2 by prior knowledge, in clear text.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::fake::{Call, Fake, World};
use crate::serve::{serve, wall_clock_ms};

/// A running fake.
pub struct Host {
    server: MockServer,
    fake: Arc<dyn Fake>,
}

impl Host {
    /// Starts a fake on a free port of 127.0.0.1. It stops when the host is dropped.
    pub async fn start(fake: impl Fake) -> Self {
        Self::start_shared(Arc::new(fake)).await
    }

    /// As [`Self::start`], for a fake that is shared.
    pub async fn start_shared(fake: Arc<dyn Fake>) -> Self {
        // The world keeps its own log; wiremock's would keep every body of a million sends.
        let server = MockServer::builder().disable_request_recording().start().await;
        Mock::given(any()).respond_with(Responder(Arc::clone(&fake))).mount(&server).await;
        Self { server, fake }
    }

    /// `http://127.0.0.1:PORT`, no slash at the end.
    pub fn url(&self) -> String {
        self.server.uri()
    }

    /// The configuration entry with which an adapter talks to this fake.
    pub fn config(&self) -> serde_json::Value {
        self.fake.config(&self.url())
    }

    /// The fake.
    pub fn fake(&self) -> &dyn Fake {
        self.fake.as_ref()
    }

    /// The world behind the fake.
    pub fn world(&self) -> &World {
        self.fake.world()
    }
}

struct Responder(Arc<dyn Fake>);

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let call = Call {
            method: request.method.clone(),
            path: request.url.path().to_owned(),
            query: request.url.query().unwrap_or_default().to_owned(),
            headers: request.headers.iter().fold(HeaderMap::new(), |mut all, (name, value)| {
                all.append(name.clone(), value.clone());
                all
            }),
            body: Bytes::copy_from_slice(&request.body),
            now_ms: wall_clock_ms(),
        };
        let (answer, delay) = serve(self.0.as_ref(), &call);
        let mut template = ResponseTemplate::new(answer.status);
        let mime = answer.headers.iter().find(|(name, _)| *name == "content-type").map(|(_, value)| value.as_str());
        if !answer.body.is_empty() || mime.is_some() {
            template = template.set_body_raw(answer.body.to_vec(), mime.unwrap_or("application/octet-stream"));
        }
        for (name, value) in answer.headers.iter().filter(|(name, _)| *name != "content-type") {
            template = template.append_header(*name, value.as_str());
        }
        match delay {
            Some(wait) => template.set_delay(wait),
            None => template,
        }
    }
}
