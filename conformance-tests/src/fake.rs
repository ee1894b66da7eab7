//! What a fake vendor is: a strict function from a call to the vendor's own answer, and a
//! [`World`] that a test bends (dead targets, expired tokens, scripted troubles) and reads.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use omnipush_core::{Audience, Callback, Class, Found, Operation, Receipt, Shape, Tags, Target};
use serde_json::Value;

/// An HTTP call as it arrived.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The path, percent-encoded as it came, without the query.
    pub path: String,
    /// The query without the question mark; empty when there was none.
    pub query: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The vendor's clock, in milliseconds since the Unix epoch.
    pub now_ms: u64,
}

impl Call {
    /// A header as text; `None` when absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// The body as form fields, decoded, in order.
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The query as fields, decoded, in order.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }
}

/// What the vendor answers.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
    /// Why the call was refused, for people (what was wrong with it); `None` when it was taken.
    pub refused: Option<String>,
}

impl Answer {
    /// A JSON answer.
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json;charset=UTF-8".into())],
            body: body.to_string().into(),
            refused: None,
        }
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// A text answer, such as the HTML page of a front end.
    pub fn text(status: u16, content_type: &str, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.into())],
            body: Bytes::copy_from_slice(body.as_bytes()),
            refused: None,
        }
    }

    /// The same with a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same, marked as a refusal for a reason that people read in the log.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.refused = Some(reason.into());
        self
    }
}

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// It asks for an access token.
    Auth,
    /// It saves a message for later list pushes.
    Stage,
    /// It sends.
    Send,
    /// Anything else the vendor offers.
    Operate,
    /// Nothing the vendor knows.
    Unknown,
}

/// Where a documented code appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// In the answer of the token endpoint.
    Auth,
    /// In the answer to saving a message.
    Stage,
    /// As the outcome of a whole send request.
    Send,
    /// As the outcome of one target, inside an answer that is otherwise a success (or of the
    /// only target of a one-target request).
    Target,
    /// In the answer to an operation.
    Operate,
}

/// A failure that the vendor documents, and what it means to the caller.
#[derive(Clone, Copy, Debug)]
pub struct DocumentedCode {
    /// A name for it, unique with `at`: the vendor's code, with more words where one code
    /// has several meanings (`20301 No valid targets!`).
    pub code: &'static str,
    /// What it means to the caller.
    pub class: Class,
    /// Where it appears.
    pub at: At,
}

/// A trouble that a test asks for.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// Answer with this documented failure, in the vendor's words.
    Code(DocumentedCode),
    /// Answer with this status, these headers and this body, whatever the call was.
    Status(u16, Vec<(&'static str, String)>, &'static str),
    /// Do not look at the call; answer with status 200 and bytes that are no answer.
    Garbage,
    /// Serve the call, but answer only after this time.
    Slow(Duration),
    /// Do not serve the call, and answer with status 200 after this time.
    Hang(Duration),
}

/// How a target stands.
#[derive(Clone, Copy, Debug)]
pub enum TargetState {
    /// Registered and reachable.
    Alive,
    /// Gone: answered in the vendor's usual words for an unregistered target.
    Dead,
    /// Refused with this documented failure (its `at` is [`At::Target`]).
    Refused(DocumentedCode),
}

/// How an access token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// Issued here and usable.
    Valid,
    /// Issued here, but no longer usable.
    Expired,
    /// Never issued here.
    Unknown,
}

/// A notification as the device would get it.
#[derive(Clone, Debug, Default)]
pub struct Delivered {
    /// The device.
    pub target: String,
    /// Title, as the user would read it.
    pub title: Option<String>,
    /// Text, as the user would read it.
    pub body: Option<String>,
    /// The app's own data, in the order of the wire.
    pub data: Vec<(String, String)>,
    /// What a click opens, as the vendor writes it (URL, intent, activity); `None`: the app.
    pub click: Option<String>,
    /// Time to live in seconds, converted from the vendor's unit.
    pub ttl_seconds: Option<u64>,
    /// What the vendor replaces or de-duplicates by, as sent.
    pub collapse: Option<String>,
    /// The caller's request id where the vendor has such a field.
    pub request_id: Option<String>,
    /// The message id that was answered.
    pub message_id: String,
    /// The whole message as it came, decoded (forms as an object of strings).
    pub raw: Value,
}

/// One served call.
#[derive(Clone, Debug)]
pub struct Logged {
    /// What it was for.
    pub purpose: Purpose,
    /// Its method and path.
    pub line: String,
    /// The status answered.
    pub status: u16,
    /// Why it was refused; `None` when it was taken.
    pub refused: Option<String>,
}

#[derive(Default)]
struct State {
    targets: HashMap<String, TargetState>,
    script: HashMap<Purpose, VecDeque<Trouble>>,
    always: HashMap<Purpose, Trouble>,
    tokens: HashMap<String, u64>,
    refuse_tokens: bool,
    request_ids: HashSet<String>,
    serial: u64,
    log: Vec<Logged>,
    delivered: Vec<Delivered>,
    withdrawn: Vec<(String, i64)>,
}

/// The vendor's memory, and the hand of the test in it. All methods take `&self`.
#[derive(Default)]
pub struct World(Mutex<State>);

impl World {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // What a test bends.

    /// Sets how a target stands. Targets not named are alive.
    pub fn set_target(&self, target: impl Into<String>, state: TargetState) {
        self.state().targets.insert(target.into(), state);
    }

    /// Makes the next call of a purpose meet a trouble; several are met in order.
    pub fn script(&self, purpose: Purpose, trouble: Trouble) {
        self.state().script.entry(purpose).or_default().push_back(trouble);
    }

    /// Makes every call of a purpose meet a trouble, until [`Self::calm`].
    pub fn always(&self, purpose: Purpose, trouble: Trouble) {
        self.state().always.insert(purpose, trouble);
    }

    /// Ends all troubles, scripted and lasting.
    pub fn calm(&self) {
        let mut state = self.state();
        state.script.clear();
        state.always.clear();
        state.refuse_tokens = false;
    }

    /// Makes every access token issued so far an expired one.
    pub fn expire_tokens(&self) {
        for until in self.state().tokens.values_mut() {
            *until = 0;
        }
    }

    /// Makes the vendor refuse every access token, old or new.
    pub fn refuse_tokens(&self, refuse: bool) {
        self.state().refuse_tokens = refuse;
    }

    // What a test reads.

    /// All served calls, in order.
    pub fn log(&self) -> Vec<Logged> {
        self.state().log.clone()
    }

    /// How many calls of a purpose were served.
    pub fn count(&self, purpose: Purpose) -> usize {
        self.state().log.iter().filter(|l| l.purpose == purpose).count()
    }

    /// What reached devices, in order.
    pub fn delivered(&self) -> Vec<Delivered> {
        self.state().delivered.clone()
    }

    /// What was taken back from devices, in order: the device, and the number that it was shown under.
    pub fn withdrawn(&self) -> Vec<(String, i64)> {
        self.state().withdrawn.clone()
    }

    /// Forgets the log, what was delivered and what was taken back; keeps targets, tokens and troubles.
    pub fn forget(&self) {
        let mut state = self.state();
        state.log.clear();
        state.delivered.clear();
        state.withdrawn.clear();
    }

    // What a fake and its host use.

    /// The trouble that a call of this purpose meets now, if any.
    pub fn trouble(&self, purpose: Purpose) -> Option<Trouble> {
        let mut state = self.state();
        let next = state.script.get_mut(&purpose).and_then(VecDeque::pop_front);
        next.or_else(|| state.always.get(&purpose).cloned())
    }

    /// Notes a served call.
    pub fn note(&self, purpose: Purpose, call: &Call, answer: &Answer) {
        self.state().log.push(Logged {
            purpose,
            line: format!("{} {}", call.method, call.path),
            status: answer.status,
            refused: answer.refused.clone(),
        });
    }

    /// How a target stands.
    pub fn target(&self, target: &str) -> TargetState {
        self.state().targets.get(target).copied().unwrap_or(TargetState::Alive)
    }

    /// Issues an access token: `prefix` and a serial number, good until `until_ms`.
    pub fn issue_token(&self, prefix: &str, until_ms: u64) -> String {
        let token = format!("{prefix}{}", self.serial());
        self.state().tokens.insert(token.clone(), until_ms);
        token
    }

    /// How an access token stands at a time.
    pub fn token(&self, token: &str, now_ms: u64) -> TokenState {
        let state = self.state();
        match state.tokens.get(token) {
            None => TokenState::Unknown,
            Some(_) if state.refuse_tokens => TokenState::Expired,
            Some(until) if *until <= now_ms => TokenState::Expired,
            Some(_) => TokenState::Valid,
        }
    }

    /// Whether every access token is refused at present (for vendors whose tokens are minted by
    /// the sender, so that [`Self::issue_token`] plays no part).
    pub fn refuses_tokens(&self) -> bool {
        self.state().refuse_tokens
    }

    /// Remembers a request id; `false` when it was there already.
    pub fn first_time(&self, request_id: &str) -> bool {
        self.state().request_ids.insert(request_id.to_owned())
    }

    /// A number that grows with every call, from 1.
    pub fn serial(&self) -> u64 {
        let mut state = self.state();
        state.serial += 1;
        state.serial
    }

    /// Notes a notification that reached a device.
    pub fn deliver(&self, delivered: Delivered) {
        self.state().delivered.push(delivered);
    }

    /// Notes that what a device shows under a number was taken back from it.
    pub fn withdraw(&self, target: impl Into<String>, number: i64) {
        self.state().withdrawn.push((target.into(), number));
    }
}

/// An operation, and what comes of it by the vendor's documents.
#[derive(Clone, Debug)]
pub struct OperationTrial {
    /// The operation.
    pub operation: Operation,
    /// The class of each target's verdict, in order; `None`: accepted.
    pub classes: Vec<Option<Class>>,
    /// What it finds.
    pub found: Found,
    /// The failures that are documented for it (their `at` is [`At::Operate`]).
    pub codes: Vec<DocumentedCode>,
}

impl OperationTrial {
    /// An operation that succeeds for all its targets and finds nothing.
    pub fn done(operation: Operation) -> Self {
        let classes = vec![None; operation.targets().len().max(1)];
        Self { operation, classes, found: Found::Nothing, codes: Vec::new() }
    }

    /// A vendor's own call that succeeds, by its name, with the members of an object as arguments.
    pub fn own(name: &str, args: &Value) -> Self {
        let args = args.as_object().cloned().unwrap_or_default();
        Self::done(Operation::Own { name: name.to_owned(), targets: Vec::new(), args })
    }

    /// The same, finding something.
    pub fn found(mut self, found: Found) -> Self {
        self.found = found;
        self
    }

    /// The same, with the verdicts' classes.
    pub fn classes(mut self, classes: impl Into<Vec<Option<Class>>>) -> Self {
        self.classes = classes.into();
        self
    }

    /// The same, with documented failures: code and class.
    pub fn codes(mut self, codes: &[(&'static str, Class)]) -> Self {
        self.codes = codes.iter().map(|&(code, class)| DocumentedCode { code, class, at: At::Operate }).collect();
        self
    }
}

/// A callback as the vendor posts it, and what it says.
#[derive(Clone, Debug)]
pub struct ReceiptTrial {
    /// What it shows.
    pub name: &'static str,
    /// The callback, without a secret in its address.
    pub callback: Callback,
    /// Whether the vendor proves it, so that it is read without a secret.
    pub proven: bool,
    /// The header or form field that proves it, for trials that change it; empty where nothing does.
    pub proof: &'static str,
    /// When it arrives, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// What it says. Their `meaning` is not compared.
    pub receipts: Vec<Receipt>,
    /// What the vendor wants to be answered; empty where it is not documented.
    pub answer: &'static str,
}

impl ReceiptTrial {
    /// A callback that nothing proves.
    pub fn new(name: &'static str, callback: Callback, receipts: Vec<Receipt>) -> Self {
        Self { name, callback, proven: false, proof: "", now_ms: 1_700_000_000_000, receipts, answer: "" }
    }

    /// A callback of JSON that nothing proves.
    pub fn json(name: &'static str, body: &Value, receipts: Vec<Receipt>) -> Self {
        let mime = HeaderValue::from_static("application/json;charset=UTF-8");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, mime)]);
        Self::new(name, Callback::new(headers, body.to_string()), receipts)
    }

    /// The same, proven by a header or form field, and arriving at a time.
    pub fn proven(mut self, proof: &'static str, now_ms: u64) -> Self {
        self.proven = true;
        self.proof = proof;
        self.now_ms = now_ms;
        self
    }

    /// The same, with the body that the vendor wants for an answer.
    pub fn answered(mut self, answer: &'static str) -> Self {
        self.answer = answer;
        self
    }
}

/// A strict fake of one vendor, written from its documentation.
///
/// It refuses what the documentation forbids, in the vendor's own words, shapes and status
/// codes; it tolerates what the vendor's real SDKs are known to send.
pub trait Fake: Send + Sync + 'static {
    /// The vendor's id, such as `vivo`.
    fn vendor(&self) -> &'static str;

    /// The vendor's own hosts for which it stands in; a leading `*.` stands for one name.
    fn hosts(&self) -> &'static [&'static str] {
        &[]
    }

    /// The configuration entry with which an adapter talks to this fake at `base`
    /// (`http://127.0.0.1:1234`, no slash at the end). Its credentials are made for tests.
    fn config(&self, base: &str) -> Value;

    /// The same credentials in the form in which the vendor hands them out, for its own SDK. By
    /// default the configuration without the vendor's id and the endpoint.
    fn credentials(&self, base: &str) -> Value {
        let mut config = self.config(base);
        if let Some(config) = config.as_object_mut() {
            config.retain(|name, _| name != "vendor" && name != "endpoint");
        }
        config
    }

    /// A well-formed, living target; another one for every number.
    fn target(&self, number: usize) -> String;

    /// What a call is for, by its method and path.
    fn purpose(&self, call: &Call) -> Purpose;

    /// Serves a call.
    fn answer(&self, call: &Call) -> Answer;

    /// Every failure that the vendor documents for tokens, staging and sending.
    fn codes(&self) -> &'static [DocumentedCode];

    /// Serves a call with a documented failure, without looking at more of the call than the
    /// answer's shape needs.
    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer;

    /// The world behind this fake.
    fn world(&self) -> &World;

    /// An audience of a shape for which the vendor has a call, alive and well-formed.
    fn audience(&self, shape: Shape) -> Audience {
        usual_audience(shape, self.target(0).into())
    }

    /// The vendor's own options without which a notification to an audience of a shape is none,
    /// in the form of [`Notification::vendors`](omnipush_core::Notification::vendors).
    fn options(&self, _shape: Shape) -> Option<Value> {
        None
    }

    /// An operation of each kind that the vendor offers, with what comes of it. May arrange the
    /// world for them: it is called on the fake that will serve them.
    fn operations(&self) -> Vec<OperationTrial> {
        Vec::new()
    }

    /// Callbacks as the vendor posts them, with what they say. Together they hold every code that
    /// the vendor documents.
    fn receipts(&self) -> Vec<ReceiptTrial> {
        Vec::new()
    }
}

/// What [`Fake::audience`] gives for vendors that have no wishes of their own.
pub fn usual_audience(shape: Shape, target: Target) -> Audience {
    let names = |some: &[&str]| some.iter().map(|name| Target::from(*name)).collect::<Vec<_>>();
    match shape {
        Shape::One | Shape::List | Shape::Each => Audience::Targets(vec![target]),
        Shape::Topic => Audience::Topic("news".into()),
        Shape::Condition => Audience::Condition("'news' in topics && 'sport' in topics".into()),
        Shape::Aliases => Audience::Aliases(names(&["ann", "ben"])),
        Shape::Accounts => Audience::Accounts(names(&["10001", "10002"])),
        Shape::Tags => Audience::Tags(Tags::any(["sport", "chess"])),
        Shape::Segment => Audience::Segment("42".into()),
        Shape::All => Audience::All,
    }
}
