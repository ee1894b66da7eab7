//! Subscriptions as browsers make them (Push API, `PushSubscription.toJSON`). Number and purpose,
//! hashed, give the keys and the token in the endpoint, so that nothing needs to be remembered.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::elliptic_curve::ops::Reduce;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use p256::{NonZeroScalar, SecretKey, U256};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Service;
use crate::fake::Call;

/// What a browser keeps of its subscription. `secret` never leaves it.
pub(super) struct Subscription {
    pub(super) secret: SecretKey,
    /// `p256dh`: the public key, an uncompressed point.
    pub(super) public: Vec<u8>,
    /// `auth`: 16 octets that only the sender and the browser know.
    pub(super) auth: Vec<u8>,
}

impl Subscription {
    pub(super) fn numbered(number: usize) -> Self {
        let scalar = <NonZeroScalar as Reduce<U256>>::reduce_bytes(&hash("key", number).into());
        let auth = hash("auth", number).into_iter().take(16).collect();
        Self::new(scalar.into(), auth)
    }

    pub(super) fn new(secret: SecretKey, auth: Vec<u8>) -> Self {
        let public = secret.public_key().to_encoded_point(false).as_bytes().to_vec();
        Self { secret, public, auth }
    }

    /// The JSON that a page sends to its server.
    pub(super) fn text(&self, endpoint: &str) -> String {
        let keys = json!({
            "p256dh": URL_SAFE_NO_PAD.encode(&self.public),
            "auth": URL_SAFE_NO_PAD.encode(&self.auth),
        });
        json!({"endpoint": endpoint, "expirationTime": null, "keys": keys}).to_string()
    }
}

/// What stands around the token in a service's endpoints, from the path on. Microsoft's escapes
/// are in lower case and stay so only if nobody parses and rebuilds the query.
const fn frame(service: Service) -> (&'static str, &'static str) {
    match service {
        Service::Mozilla => ("/wpush/v2/gAAAAAB", ""),
        Service::Google => ("/fcm/send/omnipush0:APA91b", ""),
        Service::Apple => ("/Q", ""),
        Service::Microsoft => ("/w/?token=BQYAAAC", "%3d"),
    }
}

/// Path and query of an endpoint.
pub(super) fn resource(service: Service, number: usize) -> String {
    let (before, after) = frame(service);
    let token = [&hash("endpoint", number)[..], &(number as u64).to_be_bytes()].concat();
    format!("{before}{}{after}", URL_SAFE_NO_PAD.encode(token))
}

/// Whether a call goes where the service's endpoints are, to a known one or not.
pub(super) fn is_endpoint(service: Service, call: &Call) -> bool {
    requested(call).starts_with(frame(service).0)
}

/// The number of the subscription that a call is for.
pub(super) fn find(service: Service, call: &Call) -> Option<usize> {
    let (before, after) = frame(service);
    let requested = requested(call);
    let token = URL_SAFE_NO_PAD.decode(requested.strip_prefix(before)?.strip_suffix(after)?).ok()?;
    let number = usize::try_from(u64::from_be_bytes(*token.last_chunk()?)).ok()?;
    (requested == resource(service, number)).then_some(number)
}

fn requested(call: &Call) -> String {
    if call.query.is_empty() { call.path.clone() } else { format!("{}?{}", call.path, call.query) }
}

fn hash(purpose: &str, number: usize) -> [u8; 32] {
    Sha256::digest(format!("omnipush web push {purpose} {number}")).into()
}
