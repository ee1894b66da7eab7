//! Gathers a stream into lots: full ones at once, others after a short wait, so that a slow
//! source is not held up and a fast one fills its lists.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::Stream;
use smallvec::SmallVec;
use tokio::time::{Sleep, sleep};

use super::client::{Inner, Work};

/// See the module.
pub(super) struct Linger<S: Stream> {
    source: Pin<Box<S>>,
    inner: Arc<Inner>,
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
    pub(super) fn new(source: S, size: usize, inner: Arc<Inner>) -> Self {
        Self { source: Box::pin(source), inner, lot: SmallVec::new(), work: None, size, timer: None, ended: false }
    }

    fn take(&mut self) -> Poll<Option<Gathered<S::Item>>> {
        self.timer = None;
        Poll::Ready(Some((std::mem::take(&mut self.lot), self.work.take())))
    }
}

// The source is pinned in its box; nothing else needs to stay where it is.
impl<S: Stream> Unpin for Linger<S> {}

impl<S: Stream> Stream for Linger<S> {
    type Item = Gathered<S::Item>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.ended {
            // Before the source, which then sees a stop that did not see this.
            if self.work.is_none() {
                self.work = Some(self.inner.work());
            }
            match self.source.as_mut().poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    self.lot.push(item);
                    if self.lot.len() >= self.size {
                        return self.take();
                    }
                }
                Poll::Ready(None) => self.ended = true,
                Poll::Pending if self.lot.is_empty() => {
                    self.work = None;
                    return Poll::Pending;
                }
                Poll::Pending => {
                    let wait = self.inner.settings.linger;
                    let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(wait)));
                    return match timer.as_mut().poll(cx) {
                        Poll::Ready(()) => self.take(),
                        Poll::Pending => Poll::Pending,
                    };
                }
            }
        }
        if self.lot.is_empty() {
            self.work = None;
            return Poll::Ready(None);
        }
        self.take()
    }
}
