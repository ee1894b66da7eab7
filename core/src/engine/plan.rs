//! The requests that a send would make, without sending: for previews and for comparing with
//! what other senders put on the wire.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use uuid::Uuid;

use super::Purpose;
use super::client::{Client, Inner};
use super::prepared::Prepared;
use super::request_id::request_id;
use crate::model::Target;
use crate::vendor::{Item, Request, Set, TokenStep};
use crate::verdict::{Class, Refusal};

/// What stands for the access token that the vendor would answer with.
const TOKEN: &str = "ACCESS-TOKEN";
/// What stands for the ticket that the vendor would answer with.
const TICKET: &str = "TICKET";

/// A request as it would go out.
#[derive(Clone)]
pub struct Planned {
    /// What it is for.
    pub purpose: Purpose,
    /// The method.
    pub method: Method,
    /// The URL.
    pub url: String,
    /// The headers; those with secrets are marked sensitive.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body. That of a token request is a secret.
    pub body: Bytes,
}

impl std::fmt::Debug for Planned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Planned").field("purpose", &self.purpose).field("method", &self.method).finish_non_exhaustive()
    }
}

impl Client {
    /// The requests that a send would make if everything went well: the token request, staging
    /// and sends, in order. An access token that would be asked for stands as `ACCESS-TOKEN`, a
    /// ticket as `TICKET`; tokens minted here are real.
    ///
    /// # Errors
    /// When a request cannot be built.
    pub fn plan(&self, prepared: &Prepared, targets: &[Target]) -> Result<Vec<Planned>, Refusal> {
        let inner = &self.0;
        let (mut planned, mut staged) = (Vec::new(), false);
        let mut rest = targets;
        while let Some(call) = inner.profile.call_for(rest.len()) {
            let encoded = prepared.shape(call.shape).ok_or_else(|| Refusal::new(Class::InvalidRequest))?;
            let (now, later) = rest.split_at(encoded.share(call, rest.len()));
            rest = later;
            let items: Vec<_> = now.iter().map(|target| Item { encoded, target }).collect();
            if call.staged && !std::mem::replace(&mut staged, true) {
                let mut id = [0; 16];
                (inner.random)(&mut id);
                let id = uuid::Builder::from_random_bytes(id).into_uuid().hyphenated().to_string();
                let request = inner.with_cx(|cx| inner.vendor.stage(encoded, &id, cx))?;
                inner.plan_request(Purpose::Stage, &request, &mut planned)?;
            }
            let id = match prepared.0.seed {
                Some(_) => request_id(call.shape, &items, |_| Some(prepared)),
                None => {
                    let mut id = [0; 16];
                    (inner.random)(&mut id);
                    Uuid::from_bytes(id)
                }
            };
            let id = if encoded.has_request_id { id.hyphenated().to_string() } else { String::new() };
            let ticket = if call.staged { TICKET } else { "" };
            let set = Set { shape: call.shape, items: &items, ticket, request_id: &id };
            let request = inner.with_cx(|cx| inner.vendor.request(&set, cx))?;
            inner.plan_request(Purpose::Send, &request, &mut planned)?;
        }
        Ok(planned)
    }
}

impl Inner {
    fn plan_request(&self, purpose: Purpose, request: &Request, planned: &mut Vec<Planned>) -> Result<(), Refusal> {
        let mut signature = self.with_cx(|cx| self.vendor.sign(request, cx))?;
        if let (Some(scope), Some(rule)) = (&request.scope, self.profile.token) {
            let token = match self.with_cx(|cx| self.vendor.token(scope, cx))? {
                TokenStep::Minted(grant) => grant.value.expose().to_owned(),
                TokenStep::Exchange(auth) => {
                    if !planned.iter().any(|planned| planned.purpose == Purpose::Auth) {
                        self.plan_request(Purpose::Auth, &auth, planned)?;
                    }
                    TOKEN.to_owned()
                }
            };
            if let Ok(value) = HeaderValue::try_from(format!("{}{token}", rule.carry.prefix)) {
                rule.carry.put(value, request, &mut signature);
            }
        }
        let mut headers: Vec<_> = request.all_headers().cloned().collect();
        headers.extend(signature.headers.into_iter().map(|(name, mut value)| {
            value.set_sensitive(true);
            (name, value)
        }));
        planned.push(Planned {
            purpose,
            method: request.method.clone(),
            url: request.url.as_str().to_owned(),
            headers,
            body: [request.body.as_ref(), signature.body_tail.as_ref()].concat().into(),
        });
        Ok(())
    }
}
