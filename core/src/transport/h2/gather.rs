//! Gathers small writes. The protocol's encoder flushes after every frame; here a flush only
//! wakes the connection's task again, and what has come together by then is one write, one TLS
//! record (16 KiB at most) and one system call. Never a timer: nothing waits while there is
//! nothing else to do.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// No more than this waits; a longer write goes out at once.
const MOST: usize = 128 * 1024;

/// See the module.
pub(super) struct Gather<T> {
    line: T,
    held: Vec<u8>,
    /// How much of it has been written.
    written: usize,
    /// A flush was asked for, and has not been done.
    due: bool,
    /// Counts what was heard, for those who watch over the connection.
    heard: Arc<AtomicU64>,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Gather<T> {
    pub(super) fn new(line: T, heard: Arc<AtomicU64>) -> Self {
        Self { line, held: Vec::new(), written: 0, due: false, heard }
    }

    /// Writes all that is held.
    fn empty(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest @ [_, ..]) = self.held.get(self.written..) {
            match Pin::new(&mut self.line).poll_write(cx, rest) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => self.written += count,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        self.held.clear();
        self.written = 0;
        let flushed = Pin::new(&mut self.line).poll_flush(cx);
        self.due = flushed.is_pending();
        flushed
    }

    fn has_room(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.held.len() < MOST { Poll::Ready(Ok(())) } else { self.empty(cx) }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Gather<T> {
    // Every turn of a connection's task begins with a read.
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.due
            && let Poll::Ready(Err(error)) = self.empty(cx)
        {
            return Poll::Ready(Err(error));
        }
        let read = Pin::new(&mut self.line).poll_read(cx, buffer);
        if read.is_ready() {
            self.heard.fetch_add(1, Ordering::Relaxed);
        }
        read
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Gather<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        std::task::ready!(self.has_room(cx))?;
        self.held.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.has_room(cx))?;
        for slice in slices {
            self.held.extend_from_slice(slice);
        }
        Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.held.is_empty() && !self.due {
            self.due = true;
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        std::task::ready!(self.empty(cx))?;
        Pin::new(&mut self.line).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    /// A line that counts its writes.
    struct Counted<T>(T, usize);

    impl<T: AsyncRead + Unpin> AsyncRead for Counted<T> {
        fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(cx, buffer)
        }
    }

    impl<T: AsyncWrite + Unpin> AsyncWrite for Counted<T> {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.1 += 1;
            Pin::new(&mut self.0).poll_write(cx, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(cx)
        }
    }

    /// One turn of a connection's task: it reads, and there is nothing to read.
    async fn turn(gather: &mut Gather<Counted<tokio::io::DuplexStream>>) {
        let mut space = [0; 8];
        poll_fn(|cx| {
            let mut buffer = ReadBuf::new(&mut space);
            assert!(Pin::new(&mut *gather).poll_read(cx, &mut buffer).is_pending());
            Poll::Ready(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_hundred_frames_that_are_flushed_one_by_one_are_one_write() {
        let (ours, mut theirs) = duplex(1 << 20);
        let mut gather = Gather::new(Counted(ours, 0), Arc::default());
        for _ in 0..100 {
            gather.write_all(b"frame").await.unwrap();
            gather.flush().await.unwrap();
        }
        assert_eq!(gather.line.1, 0);
        turn(&mut gather).await;
        assert_eq!(gather.line.1, 1);
        let mut got = [0; 500];
        theirs.read_exact(&mut got).await.unwrap();
        assert!(got.chunks(5).all(|frame| frame == b"frame"));
        turn(&mut gather).await;
        assert_eq!(gather.line.1, 1, "nothing was left to write");
    }

    #[tokio::test]
    async fn what_a_full_line_could_not_take_goes_out_when_it_can() {
        let (ours, mut theirs) = duplex(1000);
        let mut gather = Gather::new(Counted(ours, 0), Arc::default());
        gather.write_all(&[7; 2500]).await.unwrap();
        gather.flush().await.unwrap();
        let mut got = vec![0; 2500];
        for part in got.chunks_mut(1000) {
            // Nobody flushes again: the turn alone must go on with it.
            turn(&mut gather).await;
            theirs.read_exact(part).await.unwrap();
        }
        assert_eq!(got, [7; 2500]);
    }

    #[tokio::test]
    async fn more_than_it_holds_waits_for_the_line() {
        let (ours, theirs) = duplex(1000);
        let mut gather = Gather::new(Counted(ours, 0), Arc::default());
        gather.write_all(&vec![7; MOST]).await.unwrap();
        let blocked = poll_fn(|cx| Poll::Ready(Pin::new(&mut gather).poll_write(cx, b"more").is_pending())).await;
        assert!(blocked);
        drop(theirs);
        assert!(gather.write_all(b"more").await.is_err());
    }

    #[tokio::test]
    async fn shutting_down_loses_nothing() {
        let (ours, mut theirs) = duplex(1000);
        let mut gather = Gather::new(Counted(ours, 0), Arc::default());
        gather.write_all(b"goodbye").await.unwrap();
        gather.shutdown().await.unwrap();
        let mut got = Vec::new();
        theirs.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, b"goodbye");
    }
}
