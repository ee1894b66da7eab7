//! [`Push`]: the object-safe face of a client, for services that hold any vendor or a mock.

use async_trait::async_trait;
use futures::stream::{BoxStream, StreamExt as _};

use super::client::Client;
use super::prepared::Prepared;
use super::report::{Report, SendError};
use crate::error::EncodeError;
use crate::model::{Audience, Notification, Target};
use crate::receipt::{Callback, CallbackError, Receipts};
use crate::vendor::{Answer, Operation, Profile};
use crate::verdict::Verdict;

/// Sends to one vendor's devices. [`Client`] is the real one; a test can bring its own.
#[async_trait]
pub trait Push: Send + Sync + 'static {
    /// What the vendor is and can do.
    fn profile(&self) -> &'static Profile;

    /// Checks and encodes a notification for devices. Nothing is sent.
    ///
    /// # Errors
    /// All problems of the notification for this vendor.
    fn prepare(&self, n: &Notification) -> Result<Prepared, EncodeError>;

    /// See [`Client::send`].
    ///
    /// # Errors
    /// When nothing was sent.
    async fn send(&self, n: &Notification, audience: Audience) -> Result<Report, SendError>;

    /// See [`Client::send_prepared`].
    ///
    /// # Errors
    /// When the client has been stopped.
    async fn send_prepared(&self, prepared: &Prepared, targets: Vec<Target>) -> Result<Report, SendError>;

    /// See [`Client::send_many`].
    ///
    /// # Errors
    /// When nothing will be sent.
    fn send_many(
        &self,
        n: &Notification,
        targets: BoxStream<'static, Target>,
    ) -> Result<BoxStream<'static, (Target, Verdict)>, SendError>;

    /// See [`Client::send_each`].
    fn send_each(&self, pairs: BoxStream<'static, (Notification, Target)>) -> BoxStream<'static, (Target, Verdict)>;

    /// See [`Client::operate`].
    ///
    /// # Errors
    /// When the vendor has no such operation, or refused it as a whole.
    async fn operate(&self, operation: &Operation) -> Result<Answer, SendError>;

    /// See [`Client::receipts`].
    ///
    /// # Errors
    /// When nothing proves the callback, or it cannot be read.
    fn receipts(&self, callback: &Callback) -> Result<Receipts, CallbackError>;

    /// See [`Client::stop`].
    async fn stop(&self);
}

#[async_trait]
impl Push for Client {
    fn profile(&self) -> &'static Profile {
        Self::profile(self)
    }

    fn prepare(&self, n: &Notification) -> Result<Prepared, EncodeError> {
        Self::prepare(self, n)
    }

    async fn send(&self, n: &Notification, audience: Audience) -> Result<Report, SendError> {
        Self::send(self, n, audience).await
    }

    async fn send_prepared(&self, prepared: &Prepared, targets: Vec<Target>) -> Result<Report, SendError> {
        Self::send_prepared(self, prepared, targets).await
    }

    fn send_many(
        &self,
        n: &Notification,
        targets: BoxStream<'static, Target>,
    ) -> Result<BoxStream<'static, (Target, Verdict)>, SendError> {
        Ok(Self::send_many(self, n, targets)?.boxed())
    }

    fn send_each(&self, pairs: BoxStream<'static, (Notification, Target)>) -> BoxStream<'static, (Target, Verdict)> {
        Self::send_each(self, pairs).boxed()
    }

    async fn operate(&self, operation: &Operation) -> Result<Answer, SendError> {
        Self::operate(self, operation).await
    }

    fn receipts(&self, callback: &Callback) -> Result<Receipts, CallbackError> {
        Self::receipts(self, callback)
    }

    async fn stop(&self) {
        Self::stop(self).await;
    }
}
