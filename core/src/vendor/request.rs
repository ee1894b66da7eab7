//! Requests, signatures and replies.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::AsHeaderName;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use smallvec::SmallVec;

use crate::verdict::{Refusal, Verdict};

/// Headers shared by many requests.
pub type HeaderList = Arc<[(HeaderName, HeaderValue)]>;

/// Constant header values that many vendors send.
pub mod header {
    use http::HeaderValue;

    /// `application/json`
    pub const JSON: HeaderValue = HeaderValue::from_static("application/json");
    /// `application/x-www-form-urlencoded;charset=UTF-8`
    pub const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded;charset=UTF-8");
}

/// Pairs as the body of a form.
pub fn form_body<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Bytes {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    form.finish().into()
}

/// A text as one part of a path, percent-encoded; `None` where it would be no part or another
/// one: empty, `.` or `..`.
pub fn path_part(text: &str) -> Option<String> {
    if matches!(text, "" | "." | "..") {
        return None;
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:".contains(&b);
    let part = text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") });
    Some(part.collect())
}

/// The URL of a request: one that the vendor keeps, or one made for a target.
#[derive(Clone)]
pub enum Url {
    /// Shared by many requests.
    Shared(Arc<str>),
    /// Of this request alone.
    Owned(String),
}

impl Url {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Shared(url) => url,
            Self::Owned(url) => url,
        }
    }
}

impl From<&Arc<str>> for Url {
    fn from(url: &Arc<str>) -> Self {
        Self::Shared(Arc::clone(url))
    }
}

impl From<String> for Url {
    fn from(url: String) -> Self {
        Self::Owned(url)
    }
}

/// A request, unsigned.
pub struct Request {
    /// The method.
    pub method: Method,
    /// The URL. Never holds a secret.
    pub url: Url,
    /// Headers of the encoded notification, shared.
    pub shared: HeaderList,
    /// Headers of this request.
    pub headers: SmallVec<[(HeaderName, HeaderValue); 1]>,
    /// The body.
    pub body: Bytes,
    /// Which access token it needs; `None`: none.
    pub scope: Option<Cow<'static, str>>,
    /// What a rate limit stops: requests of one lane wait together.
    pub lane: Cow<'static, str>,
    /// What a used-up quota stops; empty: the lane.
    pub quota: &'static str,
}

impl Request {
    /// A POST.
    pub fn post(url: impl Into<Url>, body: Bytes) -> Self {
        Self {
            method: Method::POST,
            url: url.into(),
            shared: HeaderList::default(),
            headers: SmallVec::new(),
            body,
            scope: None,
            lane: Cow::Borrowed(""),
            quota: "",
        }
    }

    /// A GET with a query.
    pub fn get(url: &str, query: &[(&str, &str)]) -> Self {
        let mut url = url.to_owned();
        for (at, (name, value)) in query.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.extend(url::form_urlencoded::byte_serialize(name.as_bytes()));
            url.push('=');
            url.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
        }
        Self { method: Method::GET, ..Self::post(url, Bytes::new()) }
    }

    /// The same with another method.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The same with a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same with a JSON body.
    pub fn json(self) -> Self {
        self.header(http::header::CONTENT_TYPE, header::JSON)
    }

    /// The same with a form body.
    pub fn form(self) -> Self {
        self.header(http::header::CONTENT_TYPE, header::FORM)
    }

    /// The same with the shared headers of an encoded notification.
    pub fn shared(mut self, headers: &HeaderList) -> Self {
        self.shared = Arc::clone(headers);
        self
    }

    /// The same, in need of the access token of a scope.
    pub fn with_token(mut self, scope: impl Into<Cow<'static, str>>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// The same in a rate lane.
    pub fn lane(mut self, lane: impl Into<Cow<'static, str>>) -> Self {
        self.lane = lane.into();
        self
    }

    /// The same, counted against a quota.
    pub fn quota(mut self, quota: &'static str) -> Self {
        self.quota = quota;
        self
    }

    /// Whether its body is a form.
    pub fn is_form(&self) -> bool {
        let form = |value: &HeaderValue| value.as_bytes().starts_with(b"application/x-www-form-urlencoded");
        self.all_headers().any(|(name, value)| name == http::header::CONTENT_TYPE && form(value))
    }

    /// All headers: shared ones, then the request's own.
    pub fn all_headers(&self) -> impl Iterator<Item = &(HeaderName, HeaderValue)> {
        self.shared.iter().chain(&self.headers)
    }
}

impl fmt::Debug for Request {
    // URLs hold device tokens and bodies hold people's words: neither belongs in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.as_str().split('/').nth(2).unwrap_or_default();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &host)
            .field("body_bytes", &self.body.len())
            .field("lane", &self.lane)
            .finish_non_exhaustive()
    }
}

/// What signing adds to a request.
#[derive(Clone, Default)]
pub struct Signature {
    /// Headers to add; marked sensitive by the engine.
    pub headers: SmallVec<[(HeaderName, HeaderValue); 1]>,
    /// Bytes to add at the end of the body.
    pub body_tail: Bytes,
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature([secret])")
    }
}

/// An answer of the vendor.
#[derive(Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most as long as the client's settings allow.
    pub body: Bytes,
    /// The wait that the vendor asks for (`Retry-After`, read by the engine in both its forms
    /// and clamped).
    pub retry_after: Option<Duration>,
}

impl Reply {
    /// An answer without headers, for tests.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, headers: HeaderMap::new(), body: body.into(), retry_after: None }
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header as text.
    pub fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON, whose texts may be borrowed; `None` when it is not what was expected.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Option<T> {
        // Checked as a whole, its texts need no check one by one. What is not UTF-8 may stand where
        // nobody looks.
        match std::str::from_utf8(&self.body) {
            Ok(text) => serde_json::from_str(text).ok(),
            Err(_) => serde_json::from_slice(&self.body).ok(),
        }
    }

    /// The body as text, for refusals.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.body.get(..self.body.len().min(2048)).unwrap_or_default())
    }

    /// What the HTTP status alone says, with the body as its text and the vendor's wait.
    pub fn refusal(&self) -> Refusal {
        Refusal::of_status(self.status).text(&self.text()).retry_after(self.retry_after)
    }

    /// The verdict where the body cannot be read: unsure after a success or after a status that
    /// may follow acceptance (500, 502, 504 and the like), else refused by the status.
    pub fn unreadable(&self) -> Verdict {
        let refusal = Arc::new(self.refusal());
        match self.status {
            200..=299 | 500 | 502 | 504..=599 => Verdict::Unsure(Some(refusal)),
            _ => Verdict::Refused(refusal),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_may_have_odd_bytes_where_nobody_looks() {
        #[derive(Deserialize)]
        struct Answer<'a> {
            code: &'a str,
        }
        let code = |body: &'static [u8]| Reply::new(200, body).json().map(|Answer { code }| code.to_owned());
        assert_eq!(code("{\"code\":\"1\",\"more\":\"中\"}".as_bytes()).as_deref(), Some("1"));
        assert_eq!(code(b"{\"code\":\"1\",\"more\":\"\xff\"}").as_deref(), Some("1"));
        assert_eq!(code(b"{\"code\":\"\xff\"}"), None);
    }

    #[test]
    fn a_part_of_a_path_stays_one_part() {
        assert_eq!(path_part("f:A-b_9").as_deref(), Some("f:A-b_9"));
        assert_eq!(path_part("a/../b?c#d%2F 中").as_deref(), Some("a%2F..%2Fb%3Fc%23d%252F%20%E4%B8%AD"));
        for none in ["", ".", ".."] {
            assert_eq!(path_part(none), None, "{none}");
        }
    }
}
