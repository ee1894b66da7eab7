//! A transport in the process: a function answers each request, and everything is written down.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use tokio::time::{Instant, sleep};

use super::toy::step;
use crate::transport::{Lost, Transport, Wire};
use crate::vendor::Reply;

/// A request as it went out.
#[derive(Clone)]
pub(super) struct Seen {
    /// How many went to the same path before it.
    pub(super) nth: usize,
    /// When, since the script was made.
    pub(super) at: Duration,
    pub(super) path: String,
    pub(super) body: Bytes,
    pub(super) signed: Vec<(HeaderName, HeaderValue)>,
}

impl Seen {
    pub(super) fn is(&self, path: &str) -> bool {
        self.path == path
    }

    fn line(&self, at: usize) -> &str {
        std::str::from_utf8(&self.body).unwrap().split('\n').nth(at).unwrap_or_default()
    }

    pub(super) fn shape(&self) -> &str {
        self.line(0)
    }

    pub(super) fn id(&self) -> &str {
        self.line(1)
    }

    pub(super) fn ticket(&self) -> &str {
        self.line(2)
    }

    pub(super) fn targets(&self) -> Vec<&str> {
        self.line(3).split(',').collect()
    }

    pub(super) fn titles(&self) -> Vec<&str> {
        self.line(4).split(',').collect()
    }

    pub(super) fn token(&self) -> Option<&str> {
        let (_, value) = self.signed.iter().find(|(name, _)| name == "authorization")?;
        value.to_str().unwrap().strip_prefix("Bearer ")
    }
}

/// What a request gets.
#[derive(Clone)]
pub(super) struct Answer {
    after: Duration,
    what: Option<Result<Reply, Lost>>,
}

impl Answer {
    fn of(what: Option<Result<Reply, Lost>>) -> Self {
        Self { after: Duration::ZERO, what }
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::of(Some(Ok(Reply::new(200, text.into()))))
    }

    pub(super) fn ok() -> Self {
        Self::text("ok")
    }

    pub(super) fn code(name: &str) -> Self {
        Self::text(format!("code:{name}"))
    }

    pub(super) fn partial(named: &str) -> Self {
        Self::text(format!("partial:{named}"))
    }

    pub(super) fn token(value: impl std::fmt::Display, lifetime: u64) -> Self {
        Self::text(format!("token:{value}:{lifetime}"))
    }

    pub(super) fn ticket(value: impl std::fmt::Display) -> Self {
        Self::text(format!("ticket:{value}"))
    }

    pub(super) fn status(status: u16) -> Self {
        Self::of(Some(Ok(Reply::new(status, ""))))
    }

    pub(super) fn not_sent() -> Self {
        Self::of(Some(Err(Lost::not_sent("cannot connect"))))
    }

    pub(super) fn maybe_sent() -> Self {
        Self::of(Some(Err(Lost::maybe_sent("cut"))))
    }

    /// Never answered.
    pub(super) fn hang() -> Self {
        Self::of(None)
    }

    /// The same after a time.
    pub(super) fn after(mut self, after: Duration) -> Self {
        self.after = after;
        self
    }

    /// The same with a `Retry-After`.
    pub(super) fn retry_after(mut self, text: &str) -> Self {
        if let Some(Ok(reply)) = &mut self.what {
            reply.headers.insert(http::header::RETRY_AFTER, HeaderValue::try_from(text).unwrap());
        }
        self
    }
}

type Answers = Box<dyn Fn(&Seen) -> Answer + Send + Sync>;

pub(super) struct Script {
    answer: Answers,
    began: Instant,
    seen: Mutex<HashMap<String, Vec<Arc<Seen>>>>,
    retired: Mutex<Vec<String>>,
    live: AtomicUsize,
    most_live: AtomicUsize,
}

impl Script {
    pub(super) fn new(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            answer: Box::new(answer),
            began: Instant::now(),
            seen: Mutex::default(),
            retired: Mutex::default(),
            live: AtomicUsize::new(0),
            most_live: AtomicUsize::new(0),
        })
    }

    /// The requests to a path, in the order in which they went out.
    pub(super) fn seen(&self, path: &str) -> Vec<Arc<Seen>> {
        self.seen.lock().unwrap().get(path).cloned().unwrap_or_default()
    }

    pub(super) fn count(&self, path: &str) -> usize {
        self.seen.lock().unwrap().get(path).map_or(0, Vec::len)
    }

    /// When the requests to a path went out, with how many at once.
    pub(super) fn waves(&self, path: &str) -> Vec<(Duration, usize)> {
        let mut waves: Vec<(Duration, usize)> = Vec::new();
        for seen in self.seen(path) {
            match waves.last_mut() {
                Some((at, count)) if *at == seen.at => *count += 1,
                _ => waves.push((seen.at, 1)),
            }
        }
        waves
    }

    pub(super) fn retired(&self) -> Vec<String> {
        self.retired.lock().unwrap().clone()
    }

    pub(super) fn most_live(&self) -> usize {
        self.most_live.load(Ordering::Relaxed)
    }

    pub(super) fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }
}

struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl Transport for Script {
    async fn call(&self, wire: Wire<'_>) -> Result<Reply, Lost> {
        let path = wire.request.url.as_str().rsplit('/').next().unwrap().to_owned();
        if path == "send" {
            step("call");
        }
        let signed = wire.signature.headers.to_vec();
        let mut seen = Seen { nth: 0, at: self.began.elapsed(), path, body: wire.request.body.clone(), signed };
        let seen = {
            let mut all = self.seen.lock().unwrap();
            let same = all.entry(seen.path.clone()).or_default();
            seen.nth = same.len();
            same.push(Arc::new(seen));
            Arc::clone(same.last().unwrap())
        };
        let live = self.live.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_live.fetch_max(live, Ordering::Relaxed);
        let _leave = Leave(&self.live);
        let Answer { after, what } = (self.answer)(&seen);
        if !after.is_zero() {
            sleep(after).await;
        }
        match what {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    fn retire(&self, origin: &str) {
        self.retired.lock().unwrap().push(origin.to_owned());
    }
}
