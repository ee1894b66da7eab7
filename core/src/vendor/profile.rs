//! What a vendor is and can do, as data.

use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::operation::{Offer, Operation};
use super::request::{Request, Signature};
use crate::receipt::Proof;

/// How targets are put into a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Shape {
    /// One target.
    One,
    /// One notification, many targets.
    List,
    /// Many notifications, one target each.
    Each,
    /// A topic; the topic's name is the target.
    Topic,
    /// An expression over topics; the expression is the target.
    Condition,
    /// One notification, many aliases.
    Aliases,
    /// One notification, many accounts.
    Accounts,
    /// Tags; the target is what [`Tags::to_target`](crate::Tags::to_target) makes of them.
    Tags,
    /// A set of devices that the vendor keeps; its name is the target.
    Segment,
    /// Every device; the target is empty.
    All,
}

impl Shape {
    /// The set of this shape alone.
    pub const fn only(self) -> Shapes {
        Shapes(1 << self as u8)
    }

    /// Every shape, in the order in which they are declared.
    pub const ALL: [Self; 10] = [
        Self::One,
        Self::List,
        Self::Each,
        Self::Topic,
        Self::Condition,
        Self::Aliases,
        Self::Accounts,
        Self::Tags,
        Self::Segment,
        Self::All,
    ];

    /// Whether the target is a device (and not a group that the vendor keeps).
    pub const fn is_device(self) -> bool {
        matches!(self, Self::One | Self::List | Self::Each)
    }

    /// Whether one notification goes to many targets in one request.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::List | Self::Aliases | Self::Accounts)
    }

    /// The name, as tables and errors show it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::List => "list",
            Self::Each => "each",
            Self::Topic => "topic",
            Self::Condition => "condition",
            Self::Aliases => "aliases",
            Self::Accounts => "accounts",
            Self::Tags => "tags",
            Self::Segment => "segment",
            Self::All => "all",
        }
    }
}

/// A set of shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shapes(u16);

impl Shapes {
    /// Every shape.
    pub const ALL: Self = Self(u16::MAX);

    /// These and those.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it holds a shape.
    pub const fn has(self, shape: Shape) -> bool {
        self.0 & shape.only().0 != 0
    }
}

/// A send call of a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// How it takes targets.
    pub shape: Shape,
    /// The fewest targets it takes.
    pub min: usize,
    /// The most targets it takes.
    pub max: usize,
    /// Whether the message is staged first, and the request only names its ticket.
    pub staged: bool,
}

impl Call {
    /// A call for one target.
    pub const fn one() -> Self {
        Self { shape: Shape::One, min: 1, max: 1, staged: false }
    }

    /// A call for a list of up to `max` targets.
    pub const fn list(max: usize) -> Self {
        Self { shape: Shape::List, min: 1, max, staged: false }
    }

    /// A call for up to `max` notifications with one target each.
    pub const fn each(max: usize) -> Self {
        Self { shape: Shape::Each, min: 1, max, staged: false }
    }

    /// A call for up to `max` aliases or accounts.
    pub const fn names(shape: Shape, max: usize) -> Self {
        Self { shape, min: 1, max, staged: false }
    }

    /// A call for one group that the vendor keeps.
    pub const fn group(shape: Shape) -> Self {
        Self { shape, min: 1, max: 1, staged: false }
    }

    /// The same with a minimum.
    pub const fn at_least(mut self, min: usize) -> Self {
        self.min = min;
        self
    }

    /// The same, staged.
    pub const fn staged(mut self) -> Self {
        self.staged = true;
        self
    }
}

/// The version of HTTP that a vendor speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Http {
    /// HTTP/1.1, or 2 where the server offers it.
    Any,
    /// HTTP/2 and nothing else; in clear text (fakes) by prior knowledge.
    Two,
}

/// Where the access token goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CarryToken {
    /// The header, in lower case.
    pub header: &'static str,
    /// What stands before the token, such as `Bearer `.
    pub prefix: &'static str,
    /// Whether a request whose body is a form carries it there instead, as a field of this name
    /// and without the prefix.
    pub in_form: bool,
}

/// The rules of a vendor's access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRule {
    /// Where it goes.
    pub carry: CarryToken,
    /// How long before its end a token is renewed, while it is still used by others.
    pub early: Duration,
    /// A token younger than this is not renewed because the vendor refuses it: the fault is
    /// then not the token's age, and a renewal for every refused send would never end.
    pub min_age: Duration,
    /// Whether the vendor ties tokens to connections, so that a renewal after a refusal needs a
    /// new connection.
    pub per_connection: bool,
}

impl TokenRule {
    /// A bearer token, renewed five minutes before its end and after a refusal if it is at
    /// least 30 seconds old.
    pub const fn bearer() -> Self {
        Self::header("authorization", "Bearer ")
    }

    /// A token in a header of the vendor's own.
    pub const fn header(header: &'static str, prefix: &'static str) -> Self {
        Self {
            carry: CarryToken { header, prefix, in_form: false },
            early: Duration::from_secs(300),
            min_age: Duration::from_secs(30),
            per_connection: false,
        }
    }

    /// A token in a field of forms, and in a header of the same name elsewhere.
    pub const fn field(name: &'static str) -> Self {
        let rule = Self::header(name, "");
        Self { carry: CarryToken { in_form: true, ..rule.carry }, ..rule }
    }
}

impl CarryToken {
    /// Puts a token, in the form of this header's value, where it belongs.
    pub(crate) fn put(&self, value: HeaderValue, request: &Request, signature: &mut Signature) {
        if self.in_form && request.is_form() {
            let field = crate::vendor::form_body([(self.header, value.to_str().unwrap_or_default())]);
            let gap: &[u8] = if request.body.is_empty() { b"" } else { b"&" };
            signature.body_tail = [signature.body_tail.as_ref(), gap, &field].concat().into();
        } else if let Ok(name) = HeaderName::from_bytes(self.header.as_bytes()) {
            signature.headers.push((name, value));
        }
    }
}

/// Whether all bytes of a text are such, for [`Profile::target_ok`]. Good texts are the rule, so
/// it looks at many bytes at once rather than stopping at the first bad one.
pub fn all_bytes(text: &str, are: impl Fn(u8) -> bool) -> bool {
    const BLOCK: usize = 16;
    let bytes = text.as_bytes();
    let good = |bytes: &[u8]| bytes.iter().fold(true, |all, byte| all & are(*byte));
    match bytes.last_chunk::<BLOCK>() {
        // The last block overlaps the one before, so that no byte is looked at alone.
        Some(last) => bytes.as_chunks::<BLOCK>().0.iter().all(|block| good(block)) & good(last),
        None => good(bytes),
    }
}

/// What a vendor is and can do.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The id: lower case, as in `vendor = "vivo"`.
    pub id: &'static str,
    /// The name for people.
    pub name: &'static str,
    /// The vendor's documentation.
    pub docs: &'static str,
    /// The send calls. The engine picks the one that takes the most of what is open.
    pub calls: &'static [Call],
    /// The version of HTTP.
    pub http: Http,
    /// How many requests are under way at most, unless the client's settings say otherwise.
    pub in_flight: usize,
    /// Whether the vendor de-duplicates by the request id, so that a request whose answer was
    /// lost may go again.
    pub dedups: bool,
    /// The rules of access tokens; `None` where there are none.
    pub token: Option<TokenRule>,
    /// Whether a target has the vendor's form. Malformed ones are never sent: one of them could
    /// spoil a whole batch, or split into two.
    pub target_ok: fn(&str) -> bool,
    /// What `target_ok` demands, in words.
    pub target_form: &'static str,
    /// The operations it offers.
    pub operations: &'static [Offer],
    /// How its receipts prove where they come from; `None` where it sends none.
    pub receipts: Option<Proof>,
}

impl Profile {
    /// The call for so many open device targets: the one that takes the most of them.
    pub fn call_for(&self, open: usize) -> Option<Call> {
        self.calls
            .iter()
            .filter(|call| matches!(call.shape, Shape::One | Shape::List) && call.min <= open)
            .max_by_key(|call| call.max.min(open))
            .copied()
    }

    /// The call of a shape.
    pub fn call(&self, shape: Shape) -> Option<Call> {
        self.calls.iter().find(|call| call.shape == shape).copied()
    }

    /// The offer of an operation.
    pub fn offer(&self, operation: &Operation) -> Option<&'static Offer> {
        self.operations.iter().find(|offer| offer.is_for(operation))
    }

    /// The most device targets that one request takes.
    pub fn batch(&self) -> usize {
        self.calls.iter().filter(|c| matches!(c.shape, Shape::One | Shape::List)).map(|c| c.max).max().unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_byte_is_found_wherever_it_stands() {
        for size in 0..50 {
            let text = |at: usize| -> String { (0..size).map(|i| if i == at { 'b' } else { 'a' }).collect() };
            assert!(all_bytes(&text(size), |byte| byte == b'a'));
            for at in 0..size {
                assert!(!all_bytes(&text(at), |byte| byte == b'a'), "{}", text(at));
            }
        }
    }

    #[test]
    fn the_call_is_picked_by_how_many_targets_are_open() {
        const CALLS: &[Call] = &[Call::one(), Call::list(1000).at_least(2).staged()];
        let profile = Profile {
            id: "x",
            name: "X",
            docs: "",
            calls: CALLS,
            http: Http::Any,
            in_flight: 1,
            dedups: false,
            token: None,
            target_ok: |_| true,
            target_form: "",
            operations: &[],
            receipts: None,
        };
        assert_eq!(profile.call_for(1), Some(CALLS[0]));
        assert_eq!(profile.call_for(2), Some(CALLS[1]));
        assert_eq!(profile.call_for(5000), Some(CALLS[1]));
        assert_eq!(profile.call_for(0), None);
        assert_eq!(profile.batch(), 1000);
    }
}
