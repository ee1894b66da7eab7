//! Takes a malformed `:scheme` of HTTP/2 for what it means.
//!
//! Google's own SDK for Node sends `https:` with the colon, which Google's servers take and our
//! HTTP library ends the stream for. The colon becomes a letter before the library reads it: both
//! have seven bits in Huffman's code for headers (RFC 7541), so that nothing moves and the tables
//! of both sides stay the same. No fake looks at the scheme.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_HEAD: usize = 9;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;

/// `https:` as a header's value: its length, and the text in Huffman's code.
const WITH_COLON: [u8; 6] = [0x85, 0x9d, 0x29, 0xad, 0x17, 0x3f];
/// The last byte when a `B` stands in the place of the colon.
const WITH_LETTER: u8 = 0x7f;

/// Where in the stream the next byte stands.
enum Place {
    /// In the preface, after so many bytes that fit.
    Preface(usize),
    /// In the head of a frame.
    Head { at: usize, length: usize, kind: u8 },
    /// In a frame, with so many bytes to come, after so many that fit the pattern.
    Body { left: usize, kind: u8, fits: usize },
    /// This is not HTTP/2.
    Elsewhere,
}

const NEXT_FRAME: Place = Place::Head { at: 0, length: 0, kind: 0 };

impl Place {
    fn step(&mut self, byte: &mut u8) {
        *self = match *self {
            Self::Elsewhere => Self::Elsewhere,
            Self::Preface(at) if PREFACE.get(at) != Some(byte) => Self::Elsewhere,
            Self::Preface(at) if at + 1 < PREFACE.len() => Self::Preface(at + 1),
            Self::Preface(_) => NEXT_FRAME,
            Self::Head { at, length, kind } => {
                let length = if at < 3 { length << 8 | usize::from(*byte) } else { length };
                let kind = if at == 3 { *byte } else { kind };
                match (at + 1 == FRAME_HEAD, length) {
                    (false, _) => Self::Head { at: at + 1, length, kind },
                    (true, 0) => NEXT_FRAME,
                    (true, left) => Self::Body { left, kind, fits: 0 },
                }
            }
            Self::Body { left, kind, fits } => {
                let mut fits = match WITH_COLON.get(fits) == Some(byte) {
                    true => fits + 1,
                    false => usize::from(WITH_COLON.first() == Some(byte)),
                };
                if fits == WITH_COLON.len() {
                    fits = 0;
                    if matches!(kind, HEADERS | CONTINUATION) {
                        *byte = WITH_LETTER;
                    }
                }
                if left == 1 { NEXT_FRAME } else { Self::Body { left: left - 1, kind, fits } }
            }
        };
    }
}

/// A stream whose reader never meets `https:` as a scheme.
pub(super) struct Lenient<S> {
    stream: S,
    place: Place,
}

impl<S> Lenient<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, place: Place::Preface(0) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lenient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let new = buf.filled_mut().get_mut(before..).unwrap_or_default();
        new.iter_mut().for_each(|byte| self.place.step(byte));
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Lenient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<u8> {
        let mut place = Place::Preface(0);
        let mut bytes = bytes.to_vec();
        bytes.iter_mut().for_each(|byte| place.step(byte));
        bytes
    }

    fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
        [&[0, 0, body.len() as u8, kind, 4, 0, 0, 0, 1], body].concat()
    }

    #[test]
    fn a_colon_becomes_a_letter_in_headers_only() {
        let body = [&[0x83, 0x47], &WITH_COLON[..], &[0x84]].concat();
        let headers = frame(HEADERS, &body);
        let data = frame(0, &body);
        let stream = [PREFACE, &frame(4, &[]), &headers, &data, &headers].concat();
        let mut mended = headers.clone();
        mended[9 + 2 + 5] = WITH_LETTER;
        assert_eq!(read(&stream), [PREFACE, &frame(4, &[]), &mended, &data, &mended].concat());
        let other = [b"POST / HTTP/1.1\r\n\r\n", &stream[..]].concat();
        assert_eq!(read(&other), other);
    }
}
