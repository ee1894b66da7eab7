//! What is measured: every vendor with the test credentials of its fake, and some of its targets.

use std::sync::Arc;

use bytes::Bytes;
use omnipush::{Cx, EncodeError, Encoded, Item, Now, Overflow, PushVendor, Set, Shape, Target};
use omnipush_conformance::{Fake, fakes};

use crate::messages::{Message, REQUEST_ID};

/// The ids of all vendors.
pub const SUBJECTS: [&str; 11] =
    ["fcm", "apns", "huawei", "harmony", "honor", "xiaomi", "oppo", "vivo", "meizu", "tpns", "webpush"];

/// A server that is not there, for what never connects.
pub(crate) const NOWHERE: &str = "https://127.0.0.1:1";

/// A vendor and its targets.
pub struct Subject {
    /// The vendor's id.
    pub id: &'static str,
    /// The vendor.
    pub vendor: Arc<dyn PushVendor>,
    fake: Arc<dyn Fake>,
}

impl Subject {
    /// The vendor with its server at a URL.
    ///
    /// # Panics
    /// When there is no such vendor.
    pub fn new(id: &str, url: &str) -> Self {
        let fake = fakes::by_id(id).unwrap();
        let mut config = fake.config(url);
        if id == "fcm" {
            // As one has it whose app runs on Android only.
            config["platforms"] = serde_json::json!(["android"]);
        }
        let vendor = omnipush::build(&config).unwrap();
        Self { id: fake.vendor(), vendor, fake }
    }

    /// So many targets.
    pub fn targets(&self, count: usize) -> Vec<Target> {
        (0..count).map(|number| Target::from(self.fake.target(number))).collect()
    }

    /// The shape in which one device is addressed.
    pub(crate) fn shape(&self) -> Shape {
        self.vendor.profile().call_for(1).map_or(Shape::One, |call| call.shape)
    }

    /// The shape and size of the largest request.
    pub(crate) fn largest(&self) -> (Shape, usize) {
        self.vendor.profile().call_for(1000).map_or((Shape::One, 1), |call| (call.shape, call.max))
    }

    /// Encodes a message.
    pub(crate) fn encode(&self, message: &Message, shape: Shape) -> Encoded {
        self.try_encode(message, shape).unwrap()
    }

    /// Encodes a message if it fits.
    pub(crate) fn try_encode(&self, message: &Message, shape: Shape) -> Result<Encoded, EncodeError> {
        self.vendor.encode(&message.notification(), shape, &mut cx())
    }

    /// The body for some targets.
    pub(crate) fn splice(&self, encoded: &Encoded, items: &[Item<'_>]) -> Bytes {
        let template = if encoded.push.is_empty() { &encoded.body } else { &encoded.push };
        template.fill(&set(encoded, items))
    }

    /// The whole request for some targets, with what the vendor does to each: Web Push encrypts.
    pub(crate) fn request(&self, encoded: &Encoded, items: &[Item<'_>]) -> Bytes {
        self.vendor.request(&set(encoded, items), &mut cx()).unwrap().body
    }
}

/// The same time always; randomness is not what is measured. The closure has no state, so that its
/// box takes no memory.
pub(crate) fn cx() -> Cx<'static> {
    Cx {
        now: Now::at(1_700_000_000_000),
        rng: Box::leak(Box::new(|bytes: &mut [u8]| bytes.fill(7))),
        overflow: Overflow::Refuse,
    }
}

/// The targets of one request.
pub(crate) fn set<'a>(encoded: &Encoded, items: &'a [Item<'a>]) -> Set<'a> {
    Set { shape: encoded.shape, items, ticket: "121397329", request_id: REQUEST_ID }
}
