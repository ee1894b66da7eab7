//! [`PushVendor`]: what a contributor implements to add a vendor.
//!
//! An implementation is pure. It says how a notification looks on the wire, how a request is
//! signed and what a reply means. It never does I/O, never sleeps, never reads a clock and never
//! holds a lock; time and randomness come in through [`Cx`].

mod operation;
mod outcome;
mod profile;
mod request;

use std::cell::OnceCell;
use std::sync::Arc;

use bytes::Bytes;

pub use operation::{
    Answer, Counts, Found, Group, GroupKind, Image, ImageSize, Multipart, Offer, Operation, OperationKind, Plain, count,
};
pub use outcome::Outcome;
pub use profile::{Call, CarryToken, Http, Profile, Shape, Shapes, TokenRule, all_bytes};
pub use request::{HeaderList, Reply, Request, Signature, Url, form_body, header, path_part};

use crate::clock::{Clock, SystemClock};
use crate::error::EncodeError;
use crate::model::{Notification, Target};
use crate::receipt::{Callback, CallbackError, Receipts};
use crate::secret::Secret;
use crate::table::{Advice, Manual};
use crate::template::Template;
use crate::verdict::{Class, Refusal, Remedy};

/// What to do with a text that is longer than the vendor allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// Refuse the notification; nothing is sent.
    #[default]
    Refuse,
    /// Cut title and text at the vendor's limit, in the vendor's unit, and report the cut.
    /// Other fields are refused all the same: half a URL is no URL.
    Truncate,
}

/// The time of a call. A clock is read when it is first asked, as most sends need no time, and
/// then it stands still.
pub struct Now<'a> {
    clock: &'a dyn Clock,
    ms: OnceCell<u64>,
}

impl<'a> Now<'a> {
    /// The time of a clock.
    pub fn of(clock: &'a dyn Clock) -> Self {
        Self { clock, ms: OnceCell::new() }
    }

    /// A time, in milliseconds since the Unix epoch.
    pub fn at(ms: u64) -> Self {
        Self { clock: &SystemClock, ms: OnceCell::from(ms) }
    }
}

/// Time, randomness and policy, lent to a vendor for one call.
pub struct Cx<'a> {
    /// The time.
    pub now: Now<'a>,
    /// Fills a buffer with random bytes.
    pub rng: &'a mut dyn FnMut(&mut [u8]),
    /// What to do with over-long text.
    pub overflow: Overflow,
}

impl Cx<'_> {
    /// Milliseconds since the Unix epoch; the same for the whole call.
    pub fn now_ms(&self) -> u64 {
        *self.now.ms.get_or_init(|| self.now.clock.now_ms())
    }

    /// Seconds since the Unix epoch; the same for the whole call.
    pub fn now_secs(&self) -> u64 {
        self.now_ms() / 1000
    }
}

/// A field of the notification that the vendor cannot carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The field.
    pub field: crate::model::Field,
    /// Why it is lost.
    pub reason: &'static str,
}

/// A value that was shortened or moved into the vendor's range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The vendor's field.
    pub wire: String,
    /// The field of the notification, if it is one.
    pub field: Option<crate::model::Field>,
    /// The size or number before.
    pub from: i64,
    /// The size or number that is sent.
    pub to: i64,
}

/// A notification in a vendor's form, with holes where the targets go.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// The shape it is for.
    pub shape: Shape,
    /// The body.
    pub body: Template,
    /// For staged messages: the body that pushes a ticket to a list. Else empty.
    pub push: Template,
    /// Headers that all its requests carry.
    pub headers: HeaderList,
    /// What the vendor wants to remember between `encode` and `request`, such as a text that
    /// goes into a signature.
    pub aux: Bytes,
    /// For [`Shape::Each`]: only notifications of one group may share a request.
    pub group: u64,
    /// The quota that its sends count against; see [`Request::quota`].
    pub quota: &'static str,
    /// Whether the vendor drops repeats of this very notification, where that differs from what its
    /// profile says.
    pub dedups: Option<bool>,
    /// The most targets that a request of this very notification takes, where that is fewer than
    /// the call's; none: as many as the call.
    pub most: Option<usize>,
    /// What could not be carried.
    pub losses: Vec<Loss>,
    /// What was shortened.
    pub cuts: Vec<Cut>,
    /// What is allowed but unwise, in words for the caller.
    pub advice: Vec<Advice>,
    /// Bytes used of the vendor's limit, as the vendor counts; `None` where it has no limit.
    pub size: Option<(usize, usize)>,
    /// Whether its requests carry an id. Without, none is made, and [`Set::request_id`] is empty.
    pub has_request_id: bool,
}

impl Encoded {
    /// How many of so many targets go into one request of a call.
    pub(crate) fn share(&self, call: Call, targets: usize) -> usize {
        targets.min(call.max).min(self.most.unwrap_or(usize::MAX).max(1))
    }

    /// A body without losses.
    pub fn new(shape: Shape, body: Template) -> Self {
        Self {
            shape,
            body,
            push: Template::default(),
            headers: HeaderList::default(),
            aux: Bytes::new(),
            group: 0,
            quota: "",
            dedups: None,
            most: None,
            losses: Vec::new(),
            cuts: Vec::new(),
            advice: Vec::new(),
            size: None,
            has_request_id: true,
        }
    }
}

/// One target with what it is to get.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// The encoded notification. The same for all items but in [`Shape::Each`].
    pub encoded: &'a Encoded,
    /// The target.
    pub target: &'a Target,
}

/// The targets of one request.
#[derive(Clone, Copy, Debug)]
pub struct Set<'a> {
    /// How they are put into the request.
    pub shape: Shape,
    /// The targets; as many as the vendor's call for this shape allows, at least one.
    pub items: &'a [Item<'a>],
    /// The ticket of the staged message; empty where nothing is staged.
    pub ticket: &'a str,
    /// An id of this request, a lower-case UUID: the same for a repeat to the same targets,
    /// another one for other targets. Derived from the notification's id, random without one.
    /// Empty where the encoded notification says that it is not carried.
    pub request_id: &'a str,
}

impl<'a> Set<'a> {
    /// The first item.
    ///
    /// # Errors
    /// Never in the engine, which sends no empty set.
    pub fn first(&self) -> Result<&Item<'a>, Refusal> {
        self.items.first().ok_or_else(|| Refusal::new(Class::InvalidRequest).text("a request without a target"))
    }
}

/// How an access token is come by.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "made once an hour, and taken apart at once")]
pub enum TokenStep {
    /// It was made here.
    Minted(Grant),
    /// It is asked for with this request.
    Exchange(Request),
}

/// An access token.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The token.
    pub value: Secret,
    /// How long it is good for, from the moment of the answer.
    pub lifetime: std::time::Duration,
}

impl Grant {
    /// Reads the answer of OAuth 2.0 (RFC 6749, section 5.1): `access_token` and `expires_in`,
    /// in place of which `lifetime` stands where the vendor may leave it out.
    ///
    /// # Errors
    /// By the status, or when there is no token in a success. Never repeats the answer, which may
    /// hold a token.
    pub fn read(reply: &Reply, lifetime: Option<std::time::Duration>) -> Result<Self, Refusal> {
        #[derive(serde::Deserialize)]
        struct Answer {
            access_token: Secret,
            expires_in: Option<u64>,
        }
        if !reply.is_success() {
            return Err(reply.refusal());
        }
        let answer = reply.json::<Answer>().filter(|answer| !answer.access_token.is_empty());
        let grant = answer.and_then(|answer| {
            let lifetime = answer.expires_in.map(std::time::Duration::from_secs).or(lifetime)?;
            Some(Self { value: answer.access_token, lifetime })
        });
        let refusal = Refusal::new(Class::Unavailable).status(reply.status).remedy(Remedy::Again);
        grant.ok_or_else(|| refusal.text("the answer has no access_token with expires_in"))
    }
}

/// A client certificate with its private key, as PEM.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Certificate chain and private key.
    pub pem: Secret,
}

/// A push vendor, as core sees it.
///
/// Three methods are required besides the profile: [`encode`](Self::encode),
/// [`request`](Self::request) and [`decode`](Self::decode). The others have defaults that mean
/// "nothing to do". All are called by the engine in a fixed order, which
/// [`engine`](crate::engine) documents.
pub trait PushVendor: Send + Sync + 'static {
    /// What the vendor is and can do, as data.
    fn profile(&self) -> &'static Profile;

    /// The tables behind it: fields and codes. For documentation, `lint` and the suite.
    fn manual(&self) -> Manual;

    /// Writes a notification in the vendor's form, without targets.
    ///
    /// # Errors
    /// All problems of the notification for this vendor and shape, in one error.
    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError>;

    /// Builds the request that sends to a set of targets, unsigned.
    ///
    /// # Errors
    /// A refusal that all targets of the set get; nothing is sent.
    fn request(&self, set: &Set<'_>, cx: &mut Cx<'_>) -> Result<Request, Refusal>;

    /// Says what a reply to a send means for each target. Total: a reply that cannot be read is
    /// itself an answer ([`Reply::unreadable`]).
    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome;

    /// Mints an access token, or says how to ask for one. Called only for requests that name a
    /// token scope.
    ///
    /// # Errors
    /// When the credentials cannot make one.
    fn token(&self, _scope: &str, _cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        Err(Refusal::new(Class::InvalidRequest).text("this vendor has no access tokens"))
    }

    /// Reads the answer to a token request.
    ///
    /// # Errors
    /// The vendor's refusal.
    fn token_reply(&self, reply: &Reply) -> Result<Grant, Refusal> {
        Err(reply.refusal())
    }

    /// What signing adds to a request: headers, and bytes at the end of the body. The default
    /// adds nothing; the access token's header is added by the engine, as the profile's
    /// [`TokenRule`] says.
    ///
    /// # Errors
    /// When the credentials cannot sign.
    fn sign(&self, _request: &Request, _cx: &mut Cx<'_>) -> Result<Signature, Refusal> {
        Ok(Signature::default())
    }

    /// Builds the request that stages a message for later list pushes.
    ///
    /// # Errors
    /// A refusal that all targets get; nothing is sent.
    fn stage(&self, _encoded: &Encoded, _request_id: &str, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        Err(Refusal::new(Class::InvalidRequest).text("this vendor stages nothing"))
    }

    /// Reads the answer to a staging request: the ticket.
    ///
    /// # Errors
    /// The vendor's refusal.
    fn staged(&self, reply: &Reply) -> Result<Arc<str>, Refusal> {
        Err(reply.refusal())
    }

    /// Builds the request of an operation. Called only for kinds that the profile lists.
    ///
    /// # Errors
    /// When the operation cannot be built.
    fn operation(&self, _operation: &Operation, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        Err(Refusal::new(Class::InvalidRequest).text("this vendor has no such operation"))
    }

    /// Reads the answer to an operation.
    ///
    /// # Errors
    /// The vendor's refusal of the whole operation.
    fn operation_reply(&self, _operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
        Err(reply.refusal())
    }

    /// Checks and reads a callback with receipts. Called only where the profile says that there
    /// are some, and after the secret of the address was checked. Total: whatever comes from the
    /// internet is an answer or an error.
    ///
    /// # Errors
    /// A wrong signature, or a body that is not what the vendor documents.
    fn receipts(&self, _callback: &Callback, _cx: &mut Cx<'_>) -> Result<Receipts, CallbackError> {
        Err(CallbackError::NotOffered)
    }

    /// The client certificate to show, where that is how the sender says who it is.
    fn identity(&self) -> Option<Identity> {
        None
    }
}
