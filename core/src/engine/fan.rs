//! A stream of deliveries, of which as many are under way as there are places on the wire, and one
//! more for each that waits without needing a place: so the next targets go on while others wait
//! for a retry, and no more is in memory than that.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use futures::Stream;
use futures::stream::StreamExt as _;
use futures_buffered::FuturesUnordered;

use super::client::Inner;

/// See the module. Yields what the deliveries come to, as they end.
pub(super) struct Fan<S, F> {
    inner: Arc<Inner>,
    source: S,
    ended: bool,
    under_way: FuturesUnordered<F>,
    /// At most, however many wait.
    most: usize,
}

impl<S, F> Fan<S, F>
where
    S: Stream<Item = F> + Unpin,
    F: Future,
{
    /// `size`: how many targets a delivery has at most.
    pub(super) fn new(inner: Arc<Inner>, source: S, size: usize) -> Self {
        let most = inner.deliveries(size);
        Self { inner, source, ended: false, under_way: FuturesUnordered::new(), most }
    }

    fn has_room(&self) -> bool {
        let waiting = self.inner.waiting.load(Ordering::Relaxed);
        !self.ended && self.under_way.len() < self.most.min(self.inner.places.saturating_add(waiting))
    }

    /// Takes deliveries while there is room; whether any was taken.
    fn fill(&mut self, cx: &mut Context<'_>) -> bool {
        let before = self.under_way.len();
        while self.has_room() {
            match self.source.poll_next_unpin(cx) {
                Poll::Ready(Some(delivery)) => self.under_way.push(delivery),
                Poll::Ready(None) => self.ended = true,
                Poll::Pending => break,
            }
        }
        self.under_way.len() > before
    }
}

impl<S, F> Unpin for Fan<S, F> {}

impl<S, F> Stream for Fan<S, F>
where
    S: Stream<Item = F> + Unpin,
    F: Future,
{
    type Item = F::Output;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        self.fill(cx);
        loop {
            match self.under_way.poll_next_unpin(cx) {
                Poll::Ready(None) if !self.ended => return Poll::Pending,
                // Some may have begun to wait just now.
                Poll::Pending if self.fill(cx) => {}
                other => return other,
            }
        }
    }
}

/// What the lots of a stream hold, one by one.
pub(super) struct OneByOne<S: Stream<Item: IntoIterator>> {
    lots: S,
    lot: Option<<S::Item as IntoIterator>::IntoIter>,
}

impl<S: Stream<Item: IntoIterator>> OneByOne<S> {
    pub(super) fn new(lots: S) -> Self {
        Self { lots, lot: None }
    }
}

impl<S: Stream<Item: IntoIterator>> Unpin for OneByOne<S> {}

impl<S: Stream<Item: IntoIterator> + Unpin> Stream for OneByOne<S> {
    type Item = <S::Item as IntoIterator>::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(one) = self.lot.as_mut().and_then(Iterator::next) {
                return Poll::Ready(Some(one));
            }
            // Its memory is freed before the wait for the next.
            self.lot = None;
            match ready!(self.lots.poll_next_unpin(cx)) {
                Some(lot) => self.lot = Some(lot.into_iter()),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// A delivery waits without needing a place on the wire, as long as this lives.
pub(super) struct Waiting<'a>(&'a Inner);

impl Inner {
    pub(super) fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(self)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
