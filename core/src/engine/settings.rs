//! The knobs of a client, each with what it bounds and what goes wrong when it is too large.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::secret::Secret;
use crate::vendor::Overflow;
use crate::verdict::Refusal;

/// A last word on refusals: it sees each one after the vendor's table and may change it.
#[derive(Clone)]
pub struct Classify(pub(crate) Arc<dyn Fn(&mut Refusal) + Send + Sync>);

impl Classify {
    /// From a function.
    pub fn new(classify: impl Fn(&mut Refusal) + Send + Sync + 'static) -> Self {
        Self(Arc::new(classify))
    }
}

impl fmt::Debug for Classify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Classify(..)")
    }
}

/// The knobs of a client. The defaults suit a service that sends thousands a minute.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// How often one request is tried in all, 1 or more; what is left of a list goes on with what
    /// is left of its tries. Default 4.
    pub attempts: u32,
    /// How long one attempt may take, from connecting to the last byte. Default 10 s. Too long,
    /// and a vendor that hangs holds the places on the wire.
    pub attempt_timeout: Duration,
    /// How long one request may take, from its first attempt on, with all its attempts and
    /// back-offs; waits that the vendor asked everybody for do not count. Default 60 s.
    pub total_timeout: Duration,
    /// The first back-off; each further one doubles, with jitter. Default 500 ms.
    pub backoff_min: Duration,
    /// The longest back-off, before jitter, which at most doubles it. Default 30 s.
    pub backoff_max: Duration,
    /// Retries allowed per 100 first attempts, 0 to 1000; below 100 it counts as the next of 50, 33,
    /// 25, 20… that is not less. Default 20. Without it an outage
    /// multiplies the load on a vendor that is down.
    pub retry_percent: u16,
    /// Retries per second that are allowed however little is sent. Default 10.
    pub retries_per_second: u32,
    /// The longest wait that a vendor can ask for; a longer hint counts as this. A lane that is
    /// closed for longer (a quota until midnight) refuses at once instead. Default 5 min.
    pub max_pause: Duration,
    /// Requests on the wire at once. Default: the vendor's profile.
    pub in_flight: Option<usize>,
    /// Targets that a stream holds at once, on the wire or waiting; bounds its memory, but is never
    /// less than what fills up to 64 places on the wire. Default 16,384. Too small, and targets that wait for a retry hold up the others.
    pub parked: usize,
    /// How long a stream waits for more targets before it sends a list that is not full.
    /// Default 50 ms.
    pub linger: Duration,
    /// How long a send waits for an early token renewal before it goes with the token it has.
    /// Default 1 s.
    pub renewal_wait: Duration,
    /// Requests per second and lane. Default: no limit of ours.
    pub requests_per_second: Option<NonZeroU32>,
    /// What to do with title and text that are too long. Default: refuse.
    pub overflow: Overflow,
    /// Whether a send whose answer was lost goes again where the vendor does not de-duplicate.
    /// Default: no. It may deliver twice.
    pub resend_unsure: bool,
    /// The most bytes of an answer that are read. Default 1 MiB.
    pub max_reply: usize,
    /// The secret that stands in the address which receipts are posted to. Where it is set, every
    /// callback must bring it; where it is not, the vendor must prove the callback itself.
    /// Default: none.
    pub receipt_secret: Option<Secret>,
    /// A last word on refusals. Default: none.
    pub classify: Option<Classify>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            attempts: 4,
            attempt_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(60),
            backoff_min: Duration::from_millis(500),
            backoff_max: Duration::from_secs(30),
            retry_percent: 20,
            retries_per_second: 10,
            max_pause: Duration::from_secs(300),
            in_flight: None,
            parked: 16_384,
            linger: Duration::from_millis(50),
            renewal_wait: Duration::from_secs(1),
            requests_per_second: None,
            overflow: Overflow::Refuse,
            resend_unsure: false,
            max_reply: 1 << 20,
            receipt_secret: None,
            classify: None,
        }
    }
}
