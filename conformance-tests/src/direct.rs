//! A way to a fake without a network between: for tests that send much, or set the clock.

use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};
use omnipush_core::{Clock, Lost, Reply, Transport, Wire};

use crate::fake::{Call, Fake};
use crate::serve::serve;

/// Hands requests to a fake in the same process, under a clock of the test's choice.
pub struct Direct {
    fake: Arc<dyn Fake>,
    clock: Arc<dyn Clock>,
}

impl Direct {
    /// To this fake, which lives by this clock.
    pub fn new(fake: Arc<dyn Fake>, clock: impl Clock) -> Self {
        Self { fake, clock: Arc::new(clock) }
    }
}

#[async_trait]
impl Transport for Direct {
    async fn call(&self, wire: Wire<'_>) -> Result<Reply, Lost> {
        let (request, signature) = (wire.request, wire.signature);
        let rest = request.url.as_str().split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut headers = HeaderMap::new();
        for (name, value) in request.shared.iter().chain(&request.headers).chain(&signature.headers) {
            headers.append(name.clone(), value.clone());
        }
        let call = Call {
            method: request.method.clone(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: [request.body.as_ref(), signature.body_tail.as_ref()].concat().into(),
            now_ms: self.clock.now_ms(),
        };
        let (answer, delay) = serve(self.fake.as_ref(), &call);
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
        let mut reply = Reply::new(answer.status, answer.body);
        for (name, value) in answer.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                reply.headers.append(HeaderName::from_static(name), value);
            }
        }
        Ok(reply)
    }

    fn retire(&self, _origin: &str) {}
}
