//! Names on the wire, as the compiler makes them ready.

/// What stands in JSON before a value, made once by the compiler: `"name":"`.
pub(super) struct Key {
    pub(super) bytes: [u8; 40],
    /// How many of them count before a text; before other values one less. 0 for a name that is
    /// too long.
    pub(super) len: usize,
    /// Whether it may be the name of a header.
    pub(super) is_header: bool,
}

impl Key {
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    pub(super) const fn new(name: &str) -> Self {
        let (name, mut bytes) = (name.as_bytes(), [0; 40]);
        let len = name.len() + 4;
        if len > bytes.len() {
            return Self { bytes, len: 0, is_header: false };
        }
        let (mut at, mut is_header) = (0, !name.is_empty());
        while at < name.len() {
            bytes[at + 1] = name[at];
            is_header &= name[at].is_ascii_lowercase() || name[at].is_ascii_digit() || name[at] == b'-';
            at += 1;
        }
        (bytes[0], bytes[at + 1], bytes[at + 2], bytes[at + 3]) = (b'"', b'"', b':', b'"');
        Self { bytes, len, is_header }
    }
}

/// The name of a row, as sinks take it.
#[derive(Clone, Copy)]
pub(super) struct Name {
    pub(super) text: &'static str,
    pub(super) key: &'static Key,
}
