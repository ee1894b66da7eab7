//! What the benchmarks measure: one chat message, every vendor with the test credentials of its
//! fake, and a transport that answers at once.

use std::sync::Arc;

use async_trait::async_trait;
use omnipush::{Bytes, Lost, PushVendor, Reply, Transport, Wire, http};

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
pub fn vendor(fake: &dyn omnipush_conformance::Fake) -> Arc<dyn PushVendor> {
    omnipush::build(&fake.config("https://push.example")).expect("the fake's settings fit its vendor")
}
