//! What the benchmarks measure: one chat message, every vendor with the test credentials of its
//! fake, the same message by hand-written structs, and a transport that answers at once.

pub mod chat;
pub mod typed;

use std::sync::Arc;

use async_trait::async_trait;
use omnipush::{
    Bytes, Cx, Encoded, Item, Lost, Overflow, PushVendor, Reply, Set, Shape, Target, Transport, Wire, http,
};
use omnipush_conformance::{Fake, fakes};

/// A transport without a network: every request gets the same answer at once.
pub struct Instantly {
    /// The status of every answer.
    pub status: u16,
    /// The body of every answer.
    pub body: Bytes,
}

#[async_trait]
impl Transport for Instantly {
    async fn call(&self, _wire: Wire<'_>) -> Result<Reply, Lost> {
        Ok(Reply { status: self.status, headers: http::HeaderMap::new(), body: self.body.clone(), retry_after: None })
    }

    fn retire(&self, _origin: &str) {}
}

/// A vendor with the test credentials of its fake.
///
/// # Panics
/// When the fake's own settings do not fit its vendor, which the conformance suite would show.
#[allow(clippy::expect_used, reason = "a benchmark without its vendor is no benchmark")]
pub fn vendor(fake: &dyn Fake) -> Arc<dyn PushVendor> {
    omnipush::build(&fake.config("https://push.example")).expect("the fake's settings fit its vendor")
}

/// A hand-written encoder: the body for a target.
pub type Typed = fn(&str) -> Vec<u8>;

/// A vendor, its targets, and the hand-written encoder of the same message.
pub struct Subject {
    /// The vendor's id.
    pub id: &'static str,
    /// The vendor.
    pub vendor: Arc<dyn PushVendor>,
    /// Some of its targets.
    pub targets: Vec<Target>,
    /// The hand-written encoder.
    pub typed: Typed,
}

/// The ids of all subjects.
pub const SUBJECTS: [&str; 5] = ["fcm", "apns", "xiaomi", "vivo", "meizu"];

/// A subject by its id.
pub fn subject(id: &str) -> Subject {
    let (fake, typed): (Box<dyn Fake>, Typed) = match id {
        "fcm" => (Box::new(fakes::Fcm::new()), typed::fcm),
        "apns" => (Box::new(fakes::Apns::new()), typed::apns),
        "xiaomi" => (Box::new(fakes::Xiaomi::new()), typed::xiaomi),
        "meizu" => (Box::new(fakes::Meizu::new()), typed::meizu),
        _ => (Box::new(fakes::Vivo::new()), typed::vivo),
    };
    let targets = (0..1000).map(|number| Target::from(fake.target(number))).collect();
    Subject { id: fake.vendor(), vendor: vendor(fake.as_ref()), targets, typed }
}

impl Subject {
    /// The shape in which one device is addressed.
    pub fn shape(&self) -> Shape {
        self.vendor.profile().call_for(1).map_or(Shape::One, |call| call.shape)
    }

    /// The shape and size of the largest request.
    pub fn largest(&self) -> (Shape, usize) {
        self.vendor.profile().call_for(1000).map_or((Shape::One, 1), |call| (call.shape, call.max))
    }

    /// Encodes the chat message.
    ///
    /// # Panics
    /// When the vendor refuses it.
    #[allow(clippy::expect_used, reason = "a benchmark without its message is no benchmark")]
    pub fn encode(&self, n: &omnipush::Notification, shape: Shape) -> Encoded {
        let mut cx = Cx { now_ms: 1_700_000_000_000, rng: &mut |_| {}, overflow: Overflow::Refuse };
        self.vendor.encode(n, shape, &mut cx).expect("the chat message fits")
    }

    /// The body for some targets.
    pub fn splice(&self, encoded: &Encoded, items: &[Item<'_>]) -> Bytes {
        let template = if encoded.push.is_empty() { &encoded.body } else { &encoded.push };
        template.fill(&Set { shape: encoded.shape, items, ticket: "121397329", request_id: chat::REQUEST_ID })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Forms and JSON alike as a value.
    fn fields(body: &[u8]) -> Value {
        serde_json::from_slice(body).unwrap_or_else(|_| {
            let pairs = form_urlencoded::parse(body).map(|(name, value)| {
                let value = value.into_owned();
                (name.into_owned(), serde_json::from_str(&value).unwrap_or(Value::String(value)))
            });
            Value::Object(pairs.collect())
        })
    }

    #[test]
    fn the_hand_written_encoders_write_the_same_fields() {
        let n = chat::message();
        for id in SUBJECTS {
            let subject = subject(id);
            let encoded = subject.encode(&n, subject.shape());
            let target = &subject.targets[1];
            let ours = subject.splice(&encoded, &[Item { encoded: &encoded, target }]);
            assert_eq!(fields(&ours), fields(&(subject.typed)(target.as_str())), "{id}");
        }
    }
}
