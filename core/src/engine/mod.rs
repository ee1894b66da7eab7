//! The engine: it owns I/O, time, tokens, limits and retries, for every vendor alike.
//!
//! Each attempt to exchange a request for an answer takes these steps, in this order. They are
//! the same for token requests, staging, operations and sends; a test asserts the order.
//!
//! | Step | Who | What |
//! |---|---|---|
//! | `encode` | vendor | the notification becomes bytes with holes, once per shape |
//! | `check` | core | malformed targets get their verdict and are not sent |
//! | `stage` | vendor | a message for a list is saved first, once per notification |
//! | `request` | vendor | the targets go into the holes, once per set of targets |
//! | `lane` | core | waits while the vendor asked everybody to wait |
//! | `token` | vendor | the access token is leased, if the request names a scope |
//! | `slot` | core | waits for one of the places on the wire |
//! | `sign` | vendor | signs the final bytes with a fresh clock |
//! | `call` | transport | the only I/O |
//! | `decode` | vendor | the answer becomes verdicts |
//! | `cure` | core | stands, goes again, renews token or ticket, or pauses |
//! | `merge` | core | exactly one verdict for each target |
//!
//! The unit of retry is the set of targets that are still open. A repeat for the same set is the
//! same request under the same request id, signed afresh; what is left of a set is another
//! request, with what is left of the set's tries. `lane` to `slot` begin anew when the lane was
//! paused or the token refused meanwhile.
//!
//! Once an attempt was unsure (its answer was lost), only *accepted* or *InvalidToken* replaces
//! that verdict: whoever falls back to another channel after a refusal would deliver twice.

mod client;
mod exchange;
mod fan;
mod lane;
mod lease;
mod linger;
mod lot;
mod meters;
mod operate;
mod plan;
mod prepared;
mod push;
mod report;
mod request_id;
mod retry;
mod rounds;
mod settings;
mod tokens;

#[cfg(test)]
mod tests;

pub use client::{Client, ClientBuilder};
pub use plan::Planned;
pub use prepared::Prepared;
pub use push::Push;
pub use report::{Report, SendError};
pub use settings::{Classify, Settings};
pub use tokens::{MemoryTokenStore, StoredToken, TokenStore};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// It asks for an access token.
    Auth,
    /// It saves a message for list pushes.
    Stage,
    /// It sends.
    Send,
    /// It is an operation other than sending.
    Operate,
}

impl Purpose {
    /// The name, as logs and metrics show it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Stage => "stage",
            Self::Send => "send",
            Self::Operate => "operate",
        }
    }
}
