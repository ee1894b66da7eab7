//! Reads bodies of `multipart/form-data`, strictly, for fakes that take uploads.

use bytes::Bytes;

use crate::fake::Call;

/// A part of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The name of the field.
    pub name: String,
    /// The name of the file; `None` for a field of text.
    pub file_name: Option<String>,
    /// Its media type; `None` when it is not said.
    pub media_type: Option<String>,
    /// What it holds.
    pub bytes: Bytes,
}

impl Part {
    /// What it holds, as text; `None` when it is a file, or not UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok().filter(|_| self.file_name.is_none())
    }
}

/// The parts of a call's body, in order.
///
/// # Errors
/// Says what is wrong with the body: another content type, no boundary, a part without a name, a
/// part that does not end.
pub fn parts(call: &Call) -> Result<Vec<Part>, String> {
    let kind = call.header("content-type").unwrap_or_default();
    let (mime, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    if !mime.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(format!("the body is not declared as multipart/form-data: {kind}"));
    }
    let boundary = parameter(parameters, "boundary").filter(|boundary| (1..=70).contains(&boundary.len()));
    let Some(boundary) = boundary else { return Err(format!("no boundary: {kind}")) };
    let (opening, between) = (format!("--{boundary}"), format!("\r\n--{boundary}"));
    let mut parts = Vec::new();
    let Some(mut at) = find(&call.body, opening.as_bytes(), 0).filter(|at| *at == 0).map(|_| opening.len()) else {
        return Err("the body does not begin with the boundary".into());
    };
    loop {
        let rest = call.body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        if !rest.starts_with(b"\r\n") {
            return Err("a boundary goes on".into());
        }
        let head_end = find(&call.body, b"\r\n\r\n", at).ok_or("a part has no head")?;
        let end = find(&call.body, between.as_bytes(), head_end).ok_or("a part does not end")?;
        let head = std::str::from_utf8(call.body.get(at + 2..head_end).unwrap_or_default());
        let bytes = call.body.slice((head_end + 4).min(end)..end);
        parts.push(part(head.map_err(|_| "the head of a part is not UTF-8")?, bytes)?);
        at = end + between.len();
    }
}

fn part(head: &str, bytes: Bytes) -> Result<Part, String> {
    let field = |wanted: &str| {
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        fields.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let disposition = field("content-disposition").unwrap_or_default();
    let Some(parameters) = disposition.strip_prefix("form-data;") else {
        return Err(format!("a part is no form data: {head:?}"));
    };
    let Some(name) = parameter(parameters, "name") else { return Err(format!("a part has no name: {head:?}")) };
    let file_name = parameter(parameters, "filename");
    Ok(Part { name, file_name, media_type: field("content-type").map(str::to_owned), bytes })
}

/// A parameter of a header, without its quotes.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let pairs = parameters.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?;
    Some(value.trim().trim_matches('"').to_owned())
}

fn find(body: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let at = body.get(from..)?.windows(wanted.len()).position(|window| window == wanted)?;
    Some(from + at)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use omnipush_core::{Image, ImageSize, Multipart};

    use super::*;

    fn call(kind: &str, body: &[u8]) -> Call {
        Call {
            method: Method::POST,
            path: "/upload".into(),
            query: String::new(),
            headers: HeaderMap::from_iter([("content-type".parse().unwrap(), kind.parse().unwrap())]),
            body: Bytes::copy_from_slice(body),
            now_ms: 0,
        }
    }

    #[test]
    fn parts_are_read() {
        let image = Image {
            file_name: "a.png".into(),
            media_type: "image/png".into(),
            bytes: Bytes::from_static(b"\r\n--x\r\n\0"),
            size: ImageSize::Icon,
        };
        let (kind, body) = Multipart::new(&mut |bytes| bytes.fill(7)).text("ttl", "0").file("file", &image).finish();
        let parts = parts(&call(&kind, &body)).unwrap();
        let [ttl, file] = &parts[..] else { panic!("{parts:?}") };
        assert_eq!((ttl.name.as_str(), ttl.text(), &ttl.file_name), ("ttl", Some("0"), &None));
        assert_eq!((file.name.as_str(), file.text(), file.file_name.as_deref()), ("file", None, Some("a.png")));
        assert_eq!((file.media_type.as_deref(), &file.bytes), (Some("image/png"), &image.bytes));
    }

    #[test]
    fn what_is_no_body_of_parts_is_refused() {
        let good = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n";
        let boundary = "multipart/form-data; boundary=b";
        assert_eq!(parts(&call(boundary, good.as_bytes())).unwrap().len(), 1);
        assert!(parts(&call("multipart/form-data; boundary=\"b\"", good.as_bytes())).is_ok());
        for (kind, body) in [
            ("multipart/form-data", good.to_owned()),
            ("multipart/mixed; boundary=b", good.to_owned()),
            ("application/x-www-form-urlencoded", good.to_owned()),
            ("multipart/form-data; boundary=c", good.to_owned()),
            (boundary, String::new()),
            (boundary, good.replace("--b--", "")),
            (boundary, good.replace("name=\"a\"", "")),
            (boundary, good.replace("form-data", "file")),
            (boundary, good.replace("\r\n\r\n", "\r\n")),
        ] {
            assert!(parts(&call(kind, body.as_bytes())).is_err(), "{kind} {body:?}");
        }
    }
}
