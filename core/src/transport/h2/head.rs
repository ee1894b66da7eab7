//! The heads of requests. Those of one notification differ in a value or two, so the last head is
//! kept and cloned, rather than built anew from names and values.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::uri::{Parts, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use smallvec::SmallVec;

use crate::transport::Wire;
use crate::vendor::{HeaderList, Url};

/// Notifications whose heads are kept: those that are being sent at the same time.
const KEPT: usize = 8;

/// See the module.
pub(super) struct Heads {
    /// Whether heads say how long the body is. Frames say it as well (RFC 9113, section 8.1.1), and
    /// the header costs every request a literal; servers of HTTP/1.1 behind a gateway may need it.
    lengths: bool,
    heads: Mutex<Vec<Head>>,
    uris: Mutex<Vec<(Arc<str>, Uri)>>,
}

/// The head of a request that was sent.
struct Head {
    /// The headers of its notification; kept, so that no other list has this address.
    shared: HeaderList,
    /// Its own headers, in order.
    own: SmallVec<[(HeaderName, HeaderValue); 3]>,
    length: Option<usize>,
    map: HeaderMap,
}

impl Heads {
    pub(super) fn new(lengths: bool) -> Self {
        Self { lengths, heads: Mutex::default(), uris: Mutex::default() }
    }

    /// The head of a request to an origin, whose name has this length in the URL.
    ///
    /// # Errors
    /// In words, when the URL is none.
    pub(super) fn head(&self, wire: &Wire<'_>, base: &Uri, name: usize) -> Result<http::Request<()>, String> {
        let mut head = http::Request::new(());
        *head.method_mut() = wire.request.method.clone();
        *head.uri_mut() = self.uri(&wire.request.url, base, name)?;
        *head.headers_mut() = self.map(wire);
        Ok(head)
    }

    fn uri(&self, url: &Url, base: &Uri, name: usize) -> Result<Uri, String> {
        let Url::Shared(shared) = url else { return parse(url.as_str(), base, name) };
        let mut uris = self.uris.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, uri)) = uris.iter().find(|(known, _)| Arc::ptr_eq(known, shared)) {
            return Ok(uri.clone());
        }
        let uri = parse(shared, base, name)?;
        uris.truncate(KEPT - 1);
        uris.insert(0, (Arc::clone(shared), uri.clone()));
        Ok(uri)
    }

    fn map(&self, wire: &Wire<'_>) -> HeaderMap {
        let (request, signature) = (wire.request, wire.signature);
        let own = || request.headers.iter().chain(&signature.headers);
        let length = request.body.len() + signature.body_tail.len();
        let length = (self.lengths && length > 0).then_some(length);
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        let known = heads.iter().find(|head| {
            Arc::ptr_eq(&head.shared, &request.shared)
                && head.length.is_some() == length.is_some()
                && head.own.iter().map(|(name, _)| name).eq(own().map(|(name, _)| name))
        });
        if let Some(head) = known {
            let mut map = head.map.clone();
            let same_length = head.length == length;
            // An access token is the same for an hour: comparing is quicker than finding its place.
            for ((_, before), (name, value)) in head.own.iter().zip(own()) {
                if before != value
                    && let Some(place) = map.get_mut(name)
                {
                    *place = value.clone();
                    // What differs each time would push out of the connection's small header table what does not.
                    place.set_sensitive(true);
                }
            }
            drop(heads);
            if let Some(length) = length.filter(|_| !same_length) {
                map.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
            }
            return map;
        }
        let mut map = HeaderMap::with_capacity(request.shared.len() + own().count() + 1);
        for (name, value) in request.shared.iter().chain(own()) {
            map.append(name.clone(), value.clone());
        }
        if let Some(length) = length {
            map.insert(http::header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        // Where a name stands twice, a value would not find its place again.
        if map.keys_len() == map.len() {
            let own = own().cloned().collect();
            heads.truncate(KEPT - 1);
            heads.insert(0, Head { shared: Arc::clone(&request.shared), own, length, map: map.clone() });
        }
        map
    }
}

/// The URI of a URL: scheme and host are the origin's, which are there already.
fn parse(url: &str, base: &Uri, name: usize) -> Result<Uri, String> {
    let path = url.get(name..).unwrap_or_default();
    let path = if path.starts_with('/') { Bytes::copy_from_slice(path.as_bytes()) } else { format!("/{path}").into() };
    let path = PathAndQuery::from_maybe_shared(path).map_err(|_| "the URL is malformed".to_owned())?;
    let mut parts = Parts::default();
    parts.scheme = base.scheme().cloned();
    parts.authority = base.authority().cloned();
    parts.path_and_query = Some(path);
    Uri::from_parts(parts).map_err(|_| "the URL is malformed".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::vendor::{Request, Signature};

    fn head(heads: &Heads, request: &Request, signature: &Signature) -> http::Request<()> {
        let unsent = AtomicBool::new(true);
        let wire = Wire { request, signature, max_reply: 0, unsent: &unsent };
        heads.head(&wire, &Uri::from_static("https://a.example/"), "https://a.example".len()).unwrap()
    }

    #[test]
    fn a_head_that_is_reused_has_the_values_of_its_own_request() {
        let heads = Heads::new(true);
        let shared: HeaderList = [(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"))].into();
        let name = HeaderName::from_static("x-id");
        let request = |id: &'static str, body: &'static str| {
            let request = Request::post(format!("https://a.example/{id}?q=1"), Bytes::from_static(body.as_bytes()));
            request.shared(&shared).header(name.clone(), HeaderValue::from_static(id))
        };
        let mut signature = Signature::default();
        for (id, body, token) in [("one", "body", "t1"), ("two", "body", "t2"), ("three", "longer body", "t2")] {
            signature.headers.clear();
            signature.headers.push((http::header::AUTHORIZATION, HeaderValue::from_static(token)));
            let head = head(&heads, &request(id, body), &signature);
            assert_eq!(head.uri(), format!("https://a.example/{id}?q=1").as_str());
            assert_eq!(head.headers()["x-id"], id);
            assert_eq!(head.headers()["authorization"], token);
            assert_eq!(head.headers()["content-type"], "text/plain");
            assert_eq!(head.headers()["content-length"], body.len().to_string().as_str());
            assert_eq!(head.headers().len(), 4);
            // Kept out of the header table from the second on, when it is known to change.
            assert_eq!(head.headers()["x-id"].is_sensitive(), id != "one");
            assert!(!head.headers()["content-type"].is_sensitive());
        }
        // Without a token there is none left over from the request before.
        let bare = head(&heads, &request("four", "body"), &Signature::default());
        assert!(bare.headers().get("authorization").is_none());
        assert_eq!(heads.heads.lock().unwrap().len(), 2);
    }

    #[test]
    fn where_frames_say_the_length_no_header_does() {
        let request = Request::post("https://a.example/a".to_owned(), Bytes::from_static(b"body"));
        assert!(head(&Heads::new(false), &request, &Signature::default()).headers().is_empty());
    }

    #[test]
    fn a_get_has_no_length_and_a_bare_origin_has_a_path() {
        let heads = Heads::new(true);
        let head = head(&heads, &Request::get("https://a.example", &[("a", "b c")]), &Signature::default());
        assert_eq!(head.uri(), "https://a.example/?a=b+c");
        assert!(head.headers().is_empty());
    }

    #[test]
    fn what_is_no_url_is_not_sent() {
        let request = Request::get("https://a.example/a b", &[]);
        let (signature, unsent) = (Signature::default(), AtomicBool::new(true));
        let wire = Wire { request: &request, signature: &signature, max_reply: 0, unsent: &unsent };
        assert!(Heads::new(true).head(&wire, &Uri::from_static("https://a.example/"), 17).is_err());
    }
}
