//! A small vendor that can be made like any: which calls, staged or not, how it comes by tokens.
//! Its answers are words: `ok`, `code:NAME`, `partial:TARGET=NAME,…`, `short:COUNT`.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::Instant;

use super::secs;
use crate::codes::{self, Code, code};
use crate::error::{EncodeError, Fault};
use crate::model::{Field, Notification};
use crate::receipt::{Callback, CallbackError, Event, Proof, Receipt, Receipts};
use crate::secret::Secret;
use crate::table::Manual;
use crate::template::Template;
use crate::vendor::{
    Answer, Call, Cx, Encoded, Found, Grant, Http, Offer, Operation, Outcome, Profile, PushVendor, Reply, Request, Set,
    Shape, Signature, TokenRule, TokenStep,
};
use crate::verdict::{Class::*, Refusal, Remedy, Verdict};

pub(super) const CODES: &[Code] = &[
    code("spoilt", InvalidRequest, "one of the targets, unnamed").split(),
    code("dead", InvalidToken, "the target is gone"),
    code("bad", InvalidRequest, "wrong and will stay wrong"),
    code("again", Unavailable, "this target, later").target().again(),
    code("later", RateLimited, "too often to this target").target(),
    code("slow", RateLimited, "too fast").pause(5),
    code("busy", Unavailable, "down"),
    code("token", Unauthenticated, "the access token is refused").new_token(),
    code("clock", Unauthenticated, "the clock is off").remedy(Remedy::Resign),
    code("gone", InvalidRequest, "the saved message is gone").remedy(Remedy::NewTicket),
    code("connection", Unavailable, "the connection is old").remedy(Remedy::NewConnection),
    code("quota", QuotaExceeded, "no more today").until_midnight(8),
    code("denied", PermissionDenied, "may not"),
];

thread_local! {
    /// The steps that vendor and transport saw, where a test asked for them.
    static STEPS: RefCell<Option<Vec<(&'static str, Instant)>>> = const { RefCell::new(None) };
}

/// Notes a step; tests that look at steps run on one thread.
pub(super) fn step(name: &'static str) {
    STEPS.with_borrow_mut(|steps| {
        if let Some(steps) = steps {
            steps.push((name, Instant::now()));
        }
    });
}

pub(super) fn note_steps() {
    STEPS.set(Some(Vec::new()));
}

pub(super) fn steps() -> Vec<(&'static str, Instant)> {
    STEPS.take().unwrap_or_default()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tokens {
    None,
    Minted,
    Exchanged,
}

pub(super) struct Toy {
    profile: &'static Profile,
    tokens: Tokens,
    minted: AtomicUsize,
    lifetime: u64,
    scoped: bool,
    quota: fn(&Notification) -> &'static str,
}

fn target_ok(target: &str) -> bool {
    step("check");
    !target.is_empty() && target.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl Toy {
    pub(super) fn new(calls: impl Into<Vec<Call>>) -> Self {
        let profile = Profile {
            id: "toy",
            name: "Toy",
            docs: "",
            calls: calls.into().leak(),
            http: Http::Any,
            in_flight: 64,
            dedups: false,
            token: None,
            target_ok,
            target_form: "letters and digits",
            operations: &[],
            receipts: None,
        };
        let minted = AtomicUsize::new(0);
        let profile = Box::leak(Box::new(profile));
        Self { profile, tokens: Tokens::None, minted, lifetime: 3600, scoped: false, quota: |_| "" }
    }

    /// One target a request.
    pub(super) fn one() -> Self {
        Self::new([Call::one()])
    }

    /// One target, or lists of up to 1,000.
    pub(super) fn list() -> Self {
        Self::new([Call::one(), Call::list(1000)])
    }

    /// Like vivo: one target, or lists of 2 to 1,000 of a message that is saved first.
    pub(super) fn staged() -> Self {
        Self::new([Call::one(), Call::list(1000).at_least(2).staged()])
    }

    fn with(mut self, change: impl FnOnce(&mut Profile)) -> Self {
        let mut profile = self.profile.clone();
        change(&mut profile);
        self.profile = Box::leak(Box::new(profile));
        self
    }

    pub(super) fn dedups(self) -> Self {
        self.with(|profile| profile.dedups = true)
    }

    pub(super) fn in_flight(self, in_flight: usize) -> Self {
        self.with(|profile| profile.in_flight = in_flight)
    }

    pub(super) fn operations(self, operations: &'static [Offer]) -> Self {
        self.with(|profile| profile.operations = operations)
    }

    pub(super) fn receipts(self) -> Self {
        self.with(|profile| profile.receipts = Some(Proof::Signed))
    }

    pub(super) fn rule(self, rule: TokenRule) -> Self {
        self.with(|profile| profile.token = Some(rule))
    }

    /// Tokens are made here.
    pub(super) fn mints(mut self) -> Self {
        self.tokens = Tokens::Minted;
        self.rule(TokenRule::bearer())
    }

    /// Tokens that are made here live so many seconds.
    pub(super) fn lifetime(mut self, seconds: u64) -> Self {
        self.lifetime = seconds;
        self
    }

    /// Every lane has a token of its own.
    pub(super) fn scoped(mut self) -> Self {
        self.scoped = true;
        self
    }

    /// Tokens are asked for.
    pub(super) fn exchanges(mut self) -> Self {
        self.tokens = Tokens::Exchanged;
        self.rule(TokenRule::bearer())
    }

    pub(super) fn quota(mut self, quota: fn(&Notification) -> &'static str) -> Self {
        self.quota = quota;
        self
    }

    fn request(&self, path: &str, body: String) -> Request {
        let request = Request::post(format!("https://toy.example/{path}"), body.into());
        if self.tokens == Tokens::None { request } else { request.with_token("app") }
    }
}

fn word<'a>(reply: &'a Reply, before: &str) -> Option<&'a str> {
    std::str::from_utf8(&reply.body).ok()?.strip_prefix(before)
}

fn refusal(reply: &Reply, name: &str) -> Refusal {
    codes::refusal(CODES, name, reply, &reply.text())
}

fn refused(reply: &Reply) -> Refusal {
    word(reply, "code:").map_or_else(|| reply.refusal(), |name| refusal(reply, name))
}

impl PushVendor for Toy {
    fn profile(&self) -> &'static Profile {
        self.profile
    }

    fn manual(&self) -> Manual {
        Manual { fields: Vec::new(), lost: &[], codes: CODES, receipts: &[], rules: Vec::new(), sureness: "" }
    }

    fn encode(&self, n: &Notification, shape: Shape, _cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        step("encode");
        let title = n.title.clone().unwrap_or_default();
        if title == "bad" || title == format!("bad {shape:?}") {
            return Err(EncodeError::one("toy", "title", Some(Field::Title), Fault::Missing));
        }
        let mut encoded = Encoded::new(shape, Template::default());
        encoded.group = n.thread.as_deref().map_or(0, |thread| thread.parse().unwrap());
        encoded.most = n.category.as_deref().and_then(|most| most.parse().ok());
        encoded.quota = (self.quota)(n);
        encoded.aux = title.into();
        Ok(encoded)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        step("request");
        let first = set.first()?;
        let titles: Vec<_> = match set.shape {
            Shape::Each => set.items.iter().map(|item| String::from_utf8_lossy(&item.encoded.aux)).collect(),
            _ => vec![String::from_utf8_lossy(&first.encoded.aux)],
        };
        let targets: Vec<_> = set.items.iter().map(|item| item.target.as_str()).collect();
        let (shape, id, ticket) = (set.shape, set.request_id, set.ticket);
        let body = format!("{shape:?}\n{id}\n{ticket}\n{}\n{}", targets.join(","), titles.join(","));
        // A target of the form `a-…` goes in lane `a`.
        let lane = first.target.as_str().split_once('-').map_or(String::new(), |(lane, _)| lane.to_owned());
        let mut request = self.request("send", body).quota(first.encoded.quota);
        if self.scoped {
            request = request.with_token(lane.clone());
        }
        Ok(request.lane(lane))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        step("decode");
        if word(reply, "ok").is_some() && reply.is_success() {
            return Outcome::accepted(Some("m1"));
        }
        if let Some(name) = word(reply, "code:") {
            return Outcome::refused(refusal(reply, name));
        }
        if let Some(count) = word(reply, "short:") {
            return Outcome::Each(vec![Verdict::ACCEPTED; count.parse().unwrap()]);
        }
        let Some(named) = word(reply, "partial:") else { return Outcome::Whole(reply.unreadable()) };
        let named: std::collections::HashMap<_, _> = named.split(',').filter_map(|one| one.split_once('=')).collect();
        Outcome::partial(Some("m1"), set, |target| Some(Arc::new(refusal(reply, named.get(target.as_str())?))))
    }

    fn token(&self, _scope: &str, _cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        step("token");
        if self.tokens == Tokens::Exchanged {
            return Ok(TokenStep::Exchange(Request::post("https://toy.example/auth".to_owned(), "who".into())));
        }
        let value = format!("minted{}", self.minted.fetch_add(1, Ordering::Relaxed));
        Ok(TokenStep::Minted(Grant { value: Secret::new(value), lifetime: secs(self.lifetime) }))
    }

    fn token_reply(&self, reply: &Reply) -> Result<Grant, Refusal> {
        let (value, lifetime) =
            word(reply, "token:").and_then(|text| text.split_once(':')).ok_or_else(|| refused(reply))?;
        Ok(Grant { value: Secret::new(value), lifetime: secs(lifetime.parse().unwrap()) })
    }

    fn sign(&self, request: &Request, cx: &mut Cx<'_>) -> Result<Signature, Refusal> {
        if request.url.as_str().ends_with("/send") {
            step("sign");
        }
        let mut signature = Signature::default();
        signature.headers.push((http::HeaderName::from_static("x-signed-at"), cx.now_ms().into()));
        Ok(signature)
    }

    fn stage(&self, encoded: &Encoded, request_id: &str, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        step("stage");
        Ok(self.request("stage", format!("{:?}\n{request_id}", encoded.shape)))
    }

    fn staged(&self, reply: &Reply) -> Result<Arc<str>, Refusal> {
        word(reply, "ticket:").map(Arc::from).ok_or_else(|| refused(reply))
    }

    fn operation(&self, operation: &Operation, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        match operation {
            Operation::Revoke { message_id } if message_id.is_empty() => Err(Refusal::new(InvalidRequest)),
            _ => Ok(self.request("operate", format!("{:?}", operation.kind()))),
        }
    }

    fn operation_reply(&self, operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
        if let Some(count) = word(reply, "short:") {
            return Ok(Answer { verdicts: vec![Verdict::ACCEPTED; count.parse().unwrap()], found: Found::Nothing });
        }
        if let Some(names) = word(reply, "names:") {
            return Ok(Answer::found(operation, Found::Names(vec![names.to_owned()])));
        }
        word(reply, "ok").ok_or_else(|| refused(reply))?;
        Ok(Answer::done(operation))
    }

    fn receipts(&self, callback: &Callback, _cx: &mut Cx<'_>) -> Result<Receipts, CallbackError> {
        let target: String = callback.json()?;
        let receipts = Receipts::new(vec![Receipt::new(Event::Delivered, target.as_str())]);
        Ok(Receipts { proven: callback.header("x-proof") == Some("good"), ..receipts })
    }
}
