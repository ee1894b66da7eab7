//! Gathers a stream into lots: full ones at once, others after a short wait, so that a slow
//! source is not held up and a fast one fills its lists.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use smallvec::SmallVec;
use tokio::time::{Sleep, sleep};

/// See the module.
pub(super) struct Linger<S: Stream> {
    source: Pin<Box<S>>,
    lot: SmallVec<[S::Item; 1]>,
    size: usize,
    wait: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    ended: bool,
}

impl<S: Stream> Linger<S> {
    pub(super) fn new(source: S, size: usize, wait: Duration) -> Self {
        Self { source: Box::pin(source), lot: SmallVec::new(), size, wait, timer: None, ended: false }
    }

    fn take(&mut self) -> Poll<Option<SmallVec<[S::Item; 1]>>> {
        self.timer = None;
        Poll::Ready(Some(std::mem::take(&mut self.lot)))
    }
}

// The source is pinned in its box; nothing else needs to stay where it is.
impl<S: Stream> Unpin for Linger<S> {}

impl<S: Stream> Stream for Linger<S> {
    type Item = SmallVec<[S::Item; 1]>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.ended {
            match self.source.as_mut().poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    self.lot.push(item);
                    if self.lot.len() >= self.size {
                        return self.take();
                    }
                }
                Poll::Ready(None) => self.ended = true,
                Poll::Pending if self.lot.is_empty() => return Poll::Pending,
                Poll::Pending => {
                    let wait = self.wait;
                    let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(wait)));
                    return match timer.as_mut().poll(cx) {
                        Poll::Ready(()) => self.take(),
                        Poll::Pending => Poll::Pending,
                    };
                }
            }
        }
        if self.lot.is_empty() { Poll::Ready(None) } else { self.take() }
    }
}
