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
    let mut rest = bytes;
    while let Some(at) = odd_in_json(rest) {
        let (plain, odd) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((first, more)) = odd.split_first() else { return };
        escape(*first, out);
        rest = more;
    }
    out.extend_from_slice(rest);
}

/// Where the first byte stands that JSON escapes.
#[inline]
fn odd_in_json(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let odd = |b: u8| (b < 0x20) | (b == b'"') | (b == b'\\');
    // Whole blocks are tested without branches, which the compiler turns into vector code; most
    // have nothing to escape.
    let clean = |block: &&[u8; BLOCK]| !block.iter().fold(false, |any, b| any | odd(*b));
    let clean = BLOCK * bytes.as_chunks::<BLOCK>().0.iter().take_while(clean).count();
    let rest = bytes.get(clean..).unwrap_or_default();
    let at = rest.iter().position(|b| ODD_IN_JSON.get(usize::from(*b)).is_some_and(|odd| *odd))?;
    Some(clean + at)
}

/// The bytes that JSON escapes.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const ODD_IN_JSON: [bool; 256] = {
    let mut odd = [false; 256];
    let mut at = 0;
    while at < 256 {
        odd[at] = at < 0x20 || at == b'"' as usize || at == b'\\' as usize;
        at += 1;
    }
    odd
};

fn escape_in_json(byte: u8, out: &mut Vec<u8>) {
    let hex = |half: u8| if half < 10 { b'0' + half } else { b'a' + half - 10 };
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
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
    fn long_text_with_one_odd_byte_anywhere_is_escaped() {
        for at in 0..100 {
            let mut text = "x".repeat(100);
            text.insert(at, '"');
            let mut out = vec![b'"'];
            json_text(&mut out, &text);
            out.push(b'"');
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }
}
