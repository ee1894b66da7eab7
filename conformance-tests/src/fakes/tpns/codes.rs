//! The failures TPNS documents, as one table, and how they look on the wire.
//!
//! Numbers and English texts are those of the page "Server-side error codes" (documents
//! 548/39080 and 1024/33763). Rows without a text have none there, and are sent with none. What
//! the number says is all there is: the HTTP status is 200 [unverified, as the older Java client
//! reads bodies of that status only].

use std::sync::LazyLock;

use omnipush_core::Class::{self, *};
use serde_json::{Map, Value, json};

use crate::fake::At::{self, Send, Target};
use crate::fake::{Answer, DocumentedCode};

/// No JSON, or a value of another JSON type than the documented one.
pub(super) const UNREADABLE: &str = "1008001";
/// A field that has to be there is not.
pub(super) const MISSING: &str = "1008002";
/// Neither a signature nor a Basic pair that fits.
pub(super) const UNAUTHENTICATED: &str = "1008003";
/// A value that the documentation does not allow. Also for fields that it does not have.
pub(super) const WRONG: &str = "1008007";
/// A token that cannot be one, or, where many are named, that is not registered.
pub(super) const BAD_TOKEN: &str = "1008029";
/// The only target named is not registered.
pub(super) const NOBODY: &str = "10010005";

/// The time to send is past.
pub(super) const TOO_LATE: &str = "10010012";
/// The same broadcast again, within an hour.
pub(super) const AGAIN: &str = "10010018";
/// A token that the calls for tags and accounts do not know.
pub(super) const STRANGER: &str = "1008006";
/// A batch of which some failed, and one of which all did.
pub(super) const PARTLY: &str = "1008026";
pub(super) const TOTALLY: &str = "1008027";
/// An account or a token that is bound to nothing.
pub(super) const UNBOUND: &str = "10110008";
/// A file that cannot be a package, and an empty one.
pub(super) const BAD_FILE: &str = "1008011";
pub(super) const EMPTY_FILE: &str = "1008012";

/// One documented failure.
pub(super) struct Row {
    /// Its name, unique in the table.
    code: &'static str,
    /// What TPNS writes in `err_msg`.
    text: &'static str,
    class: Class,
    at: At,
}

const fn row(code: &'static str, text: &'static str, class: Class, at: At) -> Row {
    Row { code, text, class, at }
}

const TABLE: &[Row] = &[
    row(UNREADABLE, "parameter parse error", InvalidRequest, Send),
    row(MISSING, "missing parameter", InvalidRequest, Send),
    row(UNAUTHENTICATED, "auth failure", Unauthenticated, Send),
    row("1008004", "invoke service error", Unavailable, Send),
    // Of the calls for tags and accounts; a push that says so can only mean its one token.
    row(STRANGER, "invalid token", InvalidToken, Target),
    row(WRONG, "invalid parameter", InvalidRequest, Send),
    row(BAD_FILE, "upload file error", InvalidRequest, Send),
    row(EMPTY_FILE, "upload empty file", InvalidRequest, Send),
    row("1008013", "parse certificate error", InvalidRequest, Send),
    row("1008015", "push id not exist", InvalidRequest, Send),
    row("1008016", "date param format error", InvalidRequest, Send),
    row("1008019", "content may be evil", InvalidRequest, Send),
    row("1008020", "cert bundleId check failed", InvalidRequest, Send),
    row("1008021", "not correct p12 file", InvalidRequest, Send),
    row("1008022", "p12 password is not correct", InvalidRequest, Send),
    row("1008023", "ios push cert was expired for the environment: product", PermissionDenied, Send),
    row("1008025", "create app , platform exist", InvalidRequest, Send),
    row(PARTLY, "batch op,partly error", Unknown, Send),
    row(TOTALLY, "batch op,total error", InvalidRequest, Send),
    row("1008028", "request too fast", RateLimited, Send),
    row(BAD_TOKEN, "token is not valid", InvalidToken, Target),
    row("1008030", "app not paid", PermissionDenied, Send),
    row("1008031", "app was expired", PermissionDenied, Send),
    row("1010001", "", PermissionDenied, Send),
    row(UNBOUND, "no token,no account", InvalidToken, Target),
    // The text misleads: it is "push target does not exist". It also answers broadcasts that
    // reach nobody, as an invalid request; those have no row, as here somebody always is.
    row(NOBODY, "internal error", InvalidToken, Target),
    row(TOO_LATE, "", InvalidRequest, Send),
    row(AGAIN, "", InvalidRequest, Send),
    row("10030002", "", Unauthenticated, Send),
    row("1009999 in no list", "", Unknown, Send),
    row("HTTP 500", "", Unavailable, Send),
    row("HTTP 502", "", Unavailable, Send),
    row("HTTP 503", "", Unavailable, Send),
];

static CODES: LazyLock<Vec<DocumentedCode>> =
    LazyLock::new(|| TABLE.iter().map(|row| DocumentedCode { code: row.code, class: row.class, at: row.at }).collect());

/// The table in the form of the suite.
pub(super) fn all() -> &'static [DocumentedCode] {
    &CODES
}

/// The answer that says that a whole push failed. `seq` is the caller's.
pub(super) fn failure(code: &str, seq: i64) -> Answer {
    if let Some(status) = code.strip_prefix("HTTP ").and_then(|status| status.parse().ok()) {
        let words = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        return Answer::text(status, "text/html", &format!("<h1>{status} {}</h1>", words.unwrap_or("Error")));
    }
    let number: Option<i64> = code.split(' ').next().and_then(|number| number.parse().ok());
    let text = TABLE.iter().find(|row| row.code == code).map_or("", |row| row.text);
    Answer::json(200, &Value::Object(body(seq, "", number.unwrap_or(-1), "", text)))
}

/// The answer to a push that was taken. Its `err_msg` is not empty: servers were seen to write
/// `NO_ERROR`. `left_out` is there when tokens may be left out, even if none was.
pub(super) fn accepted(seq: i64, push_id: &Value, environment: &str, left_out: Option<&[&str]>) -> Answer {
    let mut body = body(seq, "", 0, environment, "NO_ERROR");
    body.insert("push_id".into(), push_id.clone());
    if let Some(tokens) = left_out {
        // Spelt like this.
        body.insert("invalid_targe_list".into(), json!(tokens));
    }
    Answer::json(200, &Value::Object(body))
}

/// The answer to a call for tags or accounts: `results` has a number in a text for each target.
pub(super) fn operated(code: &str, results: &[&str]) -> Answer {
    let text = TABLE.iter().find(|row| row.code == code).map_or("NO_ERROR", |row| row.text);
    let number: i64 = code.parse().unwrap_or_default();
    Answer::json(200, &json!({"seq": 0, "ret_code": number, "err_msg": text, "result": results}))
}

/// The answer to an upload, whose names are in camel case.
pub(super) fn uploaded(code: &str, id: u64) -> Answer {
    camel(code, "", Map::from_iter([("uploadId".to_owned(), json!(id))]))
}

/// The answer to a query of accounts, in camel case as well.
pub(super) fn queried(code: &str, found: Map<String, Value>) -> Answer {
    camel(code, "NO_ERROR", found)
}

fn camel(code: &str, good: &str, more: Map<String, Value>) -> Answer {
    let text = TABLE.iter().find(|row| row.code == code).map_or(good, |row| row.text);
    let number: i64 = code.parse().unwrap_or_default();
    let head = [("retCode".to_owned(), json!(number)), ("errMsg".to_owned(), json!(text))];
    Answer::json(200, &head.into_iter().chain(more).collect())
}

/// All members, set or not. Which of them a failure has is not documented.
fn body(seq: i64, push_id: &str, ret_code: i64, environment: &str, err_msg: &str) -> Map<String, Value> {
    let members = [
        ("seq", json!(seq)),
        ("push_id", json!(push_id)),
        ("ret_code", json!(ret_code)),
        ("environment", json!(environment)),
        ("err_msg", json!(err_msg)),
        ("err_msg_zh", json!("")),
        ("result", json!("{}")),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
