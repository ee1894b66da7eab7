//! Gathers a stream into lots: full ones at once, others after a short wait, so that a slow
//! source is not held up and a fast one fills its lists.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::Stream;
use smallvec::SmallVec;
use tokio::time::{Sleep, sleep};

use super::client::{Inner, Work};

/// See the module. Ends when its source does, or the client is stopped.
pub(super) struct Linger<S: Stream> {
    source: Pin<Box<S>>,
    inner: Arc<Inner>,
    /// Wakes it for a stop while the source has nothing.
    stop: Pin<Box<dyn Future<Output = ()> + Send>>,
    lot: SmallVec<[S::Item; 1]>,
    /// What was taken from the source is under way: stopping waits for it.
    work: Option<Work>,
    size: usize,
    timer: Option<Pin<Box<Sleep>>>,
    ended: bool,
}

/// What was gathered, and that it is under way.
type Gathered<T> = (SmallVec<[T; 1]>, Option<Work>);

impl<S: Stream> Linger<S> {
    pub(super) fn new(source: S, size: usize, inner: &Arc<Inner>) -> Self {
        let (source, lot) = (Box::pin(source), SmallVec::new());
        let inner = Arc::clone(inner);
        let stop = Box::pin({
            let inner = Arc::clone(&inner);
            async move { inner.stopped().await }
        });
        Self { source, inner, stop, lot, work: None, size, timer: None, ended: false }
    }

    fn take(&mut self) -> Poll<Option<Gathered<S::Item>>> {
        self.timer = None;
        // Most lots are as large as the one before.
        let next = SmallVec::with_capacity(self.lot.len());
        Poll::Ready(Some((std::mem::replace(&mut self.lot, next), self.work.take())))
    }
}

// The source is pinned in its box; nothing else needs to stay where it is.
impl<S: Stream> Unpin for Linger<S> {}

impl<S: Stream> Stream for Linger<S> {
    type Item = Gathered<S::Item>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while !this.ended {
            // Before the look at the stop, which then does not miss this.
            if this.work.is_none() {
                this.work = Some(this.inner.work());
            }
            if this.inner.is_stopped() {
                break;
            }
            match this.source.as_mut().poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    this.lot.push(item);
                    if this.lot.len() >= this.size {
                        return this.take();
                    }
                }
                Poll::Ready(None) => break,
                Poll::Pending if this.stop.as_mut().poll(cx).is_ready() => break,
                Poll::Pending if this.lot.is_empty() => {
                    this.work = None;
                    return Poll::Pending;
                }
                Poll::Pending => {
                    let wait = this.inner.settings.linger;
                    let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(wait)));
                    return match timer.as_mut().poll(cx) {
                        Poll::Ready(()) => this.take(),
                        Poll::Pending => Poll::Pending,
                    };
                }
            }
        }
        this.ended = true;
        if this.lot.is_empty() {
            this.work = None;
            return Poll::Ready(None);
        }
        this.take()
    }
}
