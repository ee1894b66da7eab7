//! Escaping for JSON and for forms: most bytes need none, and those are copied in runs.

/// Appends a text as the inside of a JSON string.
pub(crate) fn json_text(out: &mut Vec<u8>, text: &str) {
    json_bytes(out, text.as_bytes(), escape_in_json);
}

/// The same one level deeper: inside a JSON string that is inside a JSON string.
pub(crate) fn json_text_in_text(out: &mut Vec<u8>, text: &str) {
    json_bytes(out, text.as_bytes(), |byte, out| {
        match byte {
            b'"' => out.extend_from_slice(br#"\\\""#),
            b'\\' => out.extend_from_slice(br"\\\\"),
            other => {
                // All that JSON writes for the others begins with its one backslash.
                out.push(b'\\');
                escape_in_json(other, out);
            }
        }
    });
}

/// Copies the bytes that JSON takes as they are, and hands on the others.
#[inline]
fn json_bytes(out: &mut Vec<u8>, bytes: &[u8], escape: impl Fn(u8, &mut Vec<u8>)) {
    const BLOCK: usize = 32;
    // Whole blocks are tested without branches, which the compiler turns into vector code; most
    // have nothing to escape.
    let clean = |block: &&[u8; BLOCK]| !block.iter().fold(false, |any, b| any | is_odd_in_json(*b));
    let mut rest = bytes;
    while !rest.is_empty() {
        let run = BLOCK * rest.as_chunks::<BLOCK>().0.iter().take_while(clean).count();
        let (run, more) = rest.split_at(run);
        if !run.is_empty() {
            out.extend_from_slice(run);
        }
        let (block, more) = more.split_at(BLOCK.min(more.len()));
        let (words, tail) = block.as_chunks::<WORD>();
        for word in words {
            json_word(out, u64::from_le_bytes(*word), WORD, &escape);
        }
        if !tail.is_empty() {
            json_word(out, padded(tail), tail.len(), &escape);
        }
        rest = more;
    }
}

/// Copies the first bytes of a word, and hands on those that JSON escapes.
#[inline]
fn json_word(out: &mut Vec<u8>, word: u64, size: usize, escape: &impl Fn(u8, &mut Vec<u8>)) {
    let copy = |from: usize, to: usize, out: &mut Vec<u8>| {
        // A copy of constant size is cheaper than one of the right size.
        let end = out.len() + (to - from);
        out.extend_from_slice(&(word >> (8 * from)).to_le_bytes());
        out.truncate(end);
    };
    let (mut odd, mut done) = (odd_in_json(word), 0);
    while odd != 0 {
        let at = odd.trailing_zeros() as usize / 8;
        copy(done, at, out);
        escape((word >> (8 * at)) as u8, out);
        done = at + 1;
        odd &= odd - 1;
    }
    if done < size {
        copy(done, size, out);
    }
}

const WORD: usize = 8;
const ONES: u64 = u64::from_ne_bytes([1; WORD]);

/// Less than eight bytes as a word, with blanks behind.
#[inline]
fn padded(bytes: &[u8]) -> u64 {
    let blanks = (0x20 * ONES) << (8 * bytes.len());
    let half = |half: &[u8; 4]| u64::from(u32::from_le_bytes(*half));
    let word = match (bytes.first_chunk(), bytes.last_chunk()) {
        // The halves overlap where there are less than eight.
        (Some(first), Some(last)) => half(first) | (half(last) << (8 * (bytes.len() - 4))),
        _ => bytes.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte)),
    };
    word | blanks
}

/// The highest bit of each of eight bytes that JSON escapes.
#[inline]
fn odd_in_json(bytes: u64) -> u64 {
    const HIGH: u64 = 0x80 * ONES;
    // No byte carries over into the next: without its highest bit each is at most 0x7f.
    let low = !((bytes & !HIGH) + 0x60 * ONES) & !bytes;
    let equal = |byte: u8| {
        let other = bytes ^ (u64::from(byte) * ONES);
        !((other & !HIGH) + !HIGH) & !other
    };
    (low | equal(b'"') | equal(b'\\')) & HIGH
}

/// Whether JSON escapes a byte.
#[inline]
const fn is_odd_in_json(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

#[inline]
fn escape_in_json(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        control => escape_control(control, out),
    }
}

#[cold]
fn escape_control(byte: u8, out: &mut Vec<u8>) {
    let hex = |half: u8| if half < 10 { b'0' + half } else { b'a' + half - 10 };
    match byte {
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        8 => out.extend_from_slice(b"\\b"),
        12 => out.extend_from_slice(b"\\f"),
        other => out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(other >> 4), hex(other & 15)]),
    }
}

/// Appends a text as a form value.
pub(crate) fn form_text(out: &mut Vec<u8>, text: &str) {
    form_bytes(out, text.as_bytes());
}

/// Whether a byte stands for itself in a form (the URL standard, section 5.2).
#[inline]
pub(crate) const fn is_plain_in_form(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'*') | (byte == b'-') | (byte == b'.') | (byte == b'_')
}

/// What each byte becomes in a form, and how many of the three bytes that is.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const IN_FORM: [[u8; 4]; 256] = {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut table = [[0; 4]; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = match byte {
            b' ' => [b'+', 0, 0, 1],
            plain if is_plain_in_form(plain) => [plain, 0, 0, 1],
            odd => [b'%', HEX[odd as usize >> 4], HEX[odd as usize & 15], 3],
        };
        at += 1;
    }
    table
};

/// Appends bytes as a form value.
pub(crate) fn form_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    const BLOCK: usize = 16;
    let plain = |block: &&[u8; BLOCK]| block.iter().fold(true, |all, b| all & is_plain_in_form(*b));
    let mut rest = bytes;
    while !rest.is_empty() {
        // Blocks of plain bytes are copied; of the others each byte is looked up, without a
        // branch for each.
        let run = BLOCK * rest.as_chunks::<BLOCK>().0.iter().take_while(plain).count();
        let (run, more) = rest.split_at(run);
        out.extend_from_slice(run);
        let (block, more) = more.split_at(BLOCK.min(more.len()));
        let (mut escaped, mut size) = ([0; 3 * BLOCK + 1], 0);
        for byte in block {
            let wide = in_form(*byte);
            if let Some(room) = escaped.get_mut(size..size + wide.len()) {
                room.copy_from_slice(&wide);
            }
            size += usize::from(wide[3]);
        }
        out.extend_from_slice(escaped.get(..size).unwrap_or_default());
        rest = more;
    }
}

/// Appends bytes as a form value, of which is known where the odd ones are.
pub(crate) fn form_known(out: &mut Vec<u8>, bytes: &[u8], mut odd: u64) {
    let mut done = 0;
    while odd != 0 {
        let at = odd.trailing_zeros() as usize;
        out.extend_from_slice(bytes.get(done..at).unwrap_or_default());
        let escaped = in_form(bytes.get(at).copied().unwrap_or_default());
        out.extend_from_slice(escaped.get(..usize::from(escaped[3])).unwrap_or_default());
        done = at + 1;
        odd &= odd - 1;
    }
    out.extend_from_slice(bytes.get(done..).unwrap_or_default());
}

#[inline]
fn in_form(byte: u8) -> [u8; 4] {
    IN_FORM.get(usize::from(byte)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_escaped_as_the_library_does() {
        let all: Vec<u8> = (0..=255).collect();
        for bytes in [all.as_slice(), "a b&c=d 王小明 🍜+~*-._/".as_bytes(), b"", b"plain", b"%%", b"  "] {
            let mut out = Vec::new();
            form_bytes(&mut out, bytes);
            let library: String = url::form_urlencoded::byte_serialize(bytes).collect();
            assert_eq!(String::from_utf8(out).unwrap(), library);
        }
    }

    #[test]
    fn text_of_any_length_with_an_odd_byte_anywhere_is_escaped() {
        for length in 0..80 {
            for (at, odd) in (0..length).flat_map(|at| ['"', '\\', '\u{1f}', '\0', 'é'].map(|odd| (at, odd))) {
                let mut text = "x".repeat(length);
                text.insert(at, odd);
                let mut out = vec![b'"'];
                json_text(&mut out, &text);
                out.push(b'"');
                assert_eq!(out, serde_json::to_vec(&text).unwrap());
                let (mut once, mut twice) = (Vec::new(), Vec::new());
                json_text(&mut once, &text);
                json_text(&mut twice, &String::from_utf8(once).unwrap());
                let mut in_text = Vec::new();
                json_text_in_text(&mut in_text, &text);
                assert_eq!(in_text, twice);
            }
        }
    }

    #[test]
    fn each_byte_is_escaped_as_the_library_does() {
        for byte in 0..128 {
            let text = format!("{}-------{}", char::from(byte), char::from(byte));
            let mut out = vec![b'"'];
            json_text(&mut out, &text);
            out.push(b'"');
            assert_eq!(out, serde_json::to_vec(&text).unwrap());
        }
    }
}
