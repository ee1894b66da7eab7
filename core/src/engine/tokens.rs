//! Access tokens: one lease per scope, and a store that several machines can share.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::{HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use super::Purpose;
use super::client::Inner;
use super::exchange::{Failed, Read};
use super::lease::{Fresh, Held, Lease, Stale};
use super::retry::Tries;
use crate::named::Named;
use crate::secret::Secret;
use crate::vendor::{Profile, TokenStep};
use crate::verdict::{Class, Refusal};

/// An access token in a [`TokenStore`].
#[derive(Clone, Debug)]
pub struct StoredToken {
    /// The token.
    pub value: Secret,
    /// When it was issued, in milliseconds since the Unix epoch.
    pub issued_at_ms: u64,
    /// When it ends, in milliseconds since the Unix epoch.
    pub expires_at_ms: u64,
}

/// Why a store could not be read or written.
type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// Keeps access tokens for several clients or machines, so that they ask a vendor for one
/// between them. A store that fails or hangs costs a token request, never a send.
#[async_trait]
pub trait TokenStore: Send + Sync + 'static {
    /// The token kept under a key.
    ///
    /// # Errors
    /// When the store cannot be read; logged, and the vendor is asked.
    async fn load(&self, key: &str) -> Result<Option<StoredToken>, StoreError>;

    /// Keeps a token under a key, in place of any other.
    ///
    /// # Errors
    /// When it cannot be kept; logged.
    async fn save(&self, key: &str, token: &StoredToken) -> Result<(), StoreError>;
}

/// A [`TokenStore`] for the clients of one process.
#[derive(Default)]
pub struct MemoryTokenStore(Mutex<HashMap<String, StoredToken>>);

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn load(&self, key: &str) -> Result<Option<StoredToken>, StoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    async fn save(&self, key: &str, token: &StoredToken) -> Result<(), StoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), token.clone());
        Ok(())
    }
}

impl fmt::Debug for MemoryTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryTokenStore")
    }
}

/// A token as the header that carries it.
pub(crate) struct Token {
    pub(crate) name: HeaderName,
    pub(crate) value: HeaderValue,
}

/// The leases of a client's access tokens, by scope.
pub(crate) struct Tokens {
    leases: Named<Lease<Token>>,
    pub(crate) store: Option<(Arc<dyn TokenStore>, String)>,
    renewal_wait: Duration,
}

impl Tokens {
    pub(crate) fn new(store: Option<(Arc<dyn TokenStore>, String)>, renewal_wait: Duration) -> Self {
        Self { leases: Named::default(), store, renewal_wait }
    }

    /// How many leases are kept.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.leases.len()
    }

    pub(crate) fn lease(&self, profile: &Profile, scope: &str) -> Arc<Lease<Token>> {
        let early = profile.token.map_or(Duration::ZERO, |rule| rule.early);
        self.leases.get(scope, |lease| lease.is_idle(), || Lease::new(early, self.renewal_wait))
    }
}

/// Tells tokens apart on all machines alike, and tells nothing about them.
fn fingerprint(value: &Secret) -> u64 {
    let hash = Sha256::digest(value.expose().as_bytes());
    hash.iter().take(8).fold(0, |all, byte| all << 8 | u64::from(*byte))
}

impl Inner {
    /// Leases the access token of a scope.
    pub(super) async fn token(
        self: &Arc<Self>,
        lease: &Arc<Lease<Token>>,
        scope: &str,
    ) -> Result<Arc<Held<Token>>, Arc<Refusal>> {
        if let Some(held) = lease.held() {
            return Ok(held);
        }
        let _waiting = self.wait();
        Box::pin(lease.get(|stale| Arc::clone(self).make_token(scope.into(), stale))).await
    }

    /// Loads, mints or asks for a token. Boxed, as asking is an exchange, which leases tokens.
    fn make_token(self: Arc<Self>, scope: Box<str>, stale: Stale) -> BoxFuture<'static, Result<Fresh<Token>, Refusal>> {
        async move {
            if let Some(stored) = self.stored_token(&scope, stale).await {
                return self.fresh(&stored);
            }
            let step = self.with_cx(|cx| self.vendor.token(&scope, cx))?;
            let grant = match step {
                TokenStep::Minted(grant) => grant,
                TokenStep::Exchange(request) => {
                    let read = |reply: &_| match self.vendor.token_reply(reply) {
                        Ok(grant) => Read::Done(grant),
                        Err(refusal) => Read::Refused(refusal),
                    };
                    self.exchange(Purpose::Auth, &request, &mut Tries::new(), read).await.map_err(no_token)?
                }
            };
            let now = self.clock.now_ms();
            let lifetime = u64::try_from(grant.lifetime.as_millis()).unwrap_or(u64::MAX);
            let token =
                StoredToken { value: grant.value, issued_at_ms: now, expires_at_ms: now.saturating_add(lifetime) };
            if let Some((store, key)) = &self.tokens.store {
                self.in_store(store.save(&format!("{key}/{scope}"), &token)).await;
            }
            self.fresh(&token)
        }
        .boxed()
    }

    /// A token from the store, unless it is stale or due for renewal.
    async fn stored_token(&self, scope: &str, stale: Stale) -> Option<StoredToken> {
        let (store, key) = self.tokens.store.as_ref()?;
        let token = self.in_store(store.load(&format!("{key}/{scope}"))).await??;
        // As the lease sees it: early, but not before half its life.
        let early = self.profile.token.map_or(0, |rule| rule.early.as_millis() as u64);
        let due = early.min(token.expires_at_ms.saturating_sub(token.issued_at_ms) / 2);
        let good = token.expires_at_ms > self.clock.now_ms().saturating_add(due);
        (good && !stale.contains(&Some(fingerprint(&token.value)))).then_some(token)
    }

    /// What the store says, unless it fails or hangs.
    async fn in_store<T>(&self, asked: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
        match timeout(self.settings.attempt_timeout, asked).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => tracing::warn!(vendor = self.profile.id, %error, "the token store fails"),
            Err(_) => tracing::warn!(vendor = self.profile.id, "the token store hangs"),
        }
        None
    }

    fn fresh(&self, token: &StoredToken) -> Result<Fresh<Token>, Refusal> {
        let unusable = || Refusal::new(Class::Unauthenticated).lane().text("the access token cannot stand in a header");
        let carry = self.profile.token.map(|rule| rule.carry).ok_or_else(unusable)?;
        let name = HeaderName::from_bytes(carry.header.as_bytes()).map_err(|_| unusable())?;
        let mut value =
            HeaderValue::try_from(format!("{}{}", carry.prefix, token.value.expose())).map_err(|_| unusable())?;
        value.set_sensitive(true);
        let now = self.clock.now_ms();
        Ok(Fresh {
            value: Token { name, value },
            generation: fingerprint(&token.value),
            age: Duration::from_millis(now.saturating_sub(token.issued_at_ms)),
            lifetime: Duration::from_millis(token.expires_at_ms.saturating_sub(now)),
        })
    }
}

fn no_token(failed: Failed) -> Refusal {
    match failed {
        Failed::Refused(refusal) | Failed::NewTicket(refusal) | Failed::Unsure(Some(refusal)) => {
            Refusal::clone(&refusal)
        }
        Failed::Unsure(None) => Refusal::new(Class::Unavailable).lane().text("the token request was not answered"),
    }
}
