//! The failures that Meizu documents: the return codes of its HTTP interface document, and the
//! `ErrorCode` and `PushResponseCode` tables of its Java SDK. The same number may mean one thing
//! for a request and another for a target: see 110010.

use std::sync::LazyLock;

use omnipush_core::Class::{self, *};

use crate::fake::{At, DocumentedCode};

const BOTH: &[At] = &[At::Send, At::Stage];
const SEND: &[At] = &[At::Send];

/// The outcomes of a whole request: code, class, where it may come, and the vendor's words.
const REQUEST: [(&str, Class, &[At], &str); 20] = [
    ("300", Unknown, BOTH, "重定向"),
    ("500", Unknown, BOTH, "其他异常"),
    // Made by the SDK for an answer that it does not understand.
    ("-1", Unknown, SEND, "未知错误"),
    ("1001", Unavailable, BOTH, "系统错误"),
    ("1003", Unavailable, BOTH, "服务器忙"),
    ("1005", InvalidRequest, BOTH, "参数错误，请参考API文档"),
    ("1006", Unauthenticated, BOTH, "签名认证失败"),
    ("110000", Unauthenticated, BOTH, "appId不合法"),
    ("110001", Unauthenticated, BOTH, "appKey不合法"),
    ("110002", InvalidToken, SEND, "pushId未注册"),
    ("110003", InvalidToken, SEND, "pushId非法"),
    ("110004", InvalidRequest, BOTH, "参数不能为空"),
    ("110009", PermissionDenied, BOTH, "应用被加入黑名单"),
    // The words of the document's example; its table says 应用推送速率过快.
    ("110010", RateLimited, BOTH, "应用请求频率超过限制"),
    ("110019", QuotaExceeded, BOTH, "超过该应用每天推送次数限制"),
    ("110031", InvalidRequest, BOTH, "packageName不合法"),
    ("110032", InvalidRequest, SEND, "非法的taskId"),
    ("110033", Unauthenticated, BOTH, "非法的appSecret"),
    ("110051", QuotaExceeded, BOTH, "超过该应用的次数限制"),
    ("110053", PermissionDenied, BOTH, "透传超过限制"),
];

/// The outcomes of single targets, which come as keys without words.
const TARGET: [(&str, Class); 11] = [
    ("201", PermissionDenied),
    ("501", Unavailable),
    ("513", Unavailable),
    // Known from the SDK only.
    ("518", RateLimited),
    ("519", Unavailable),
    // Several messages for one device within a minute are folded.
    ("520", RateLimited),
    ("110002", InvalidToken),
    ("110003", InvalidToken),
    // An alias that nobody subscribed to.
    ("110005", InvalidToken),
    // The user switched messages off, and may switch them on again.
    ("110010", PermissionDenied),
    ("110011", QuotaExceeded),
];

static ALL: LazyLock<Vec<DocumentedCode>> = LazyLock::new(|| {
    let request = REQUEST.iter().flat_map(|(code, class, places, _)| {
        places.iter().map(move |at| DocumentedCode { code, class: *class, at: *at })
    });
    let target = TARGET.iter().map(|(code, class)| DocumentedCode { code, class: *class, at: At::Target });
    request.chain(target).collect()
});

/// Every documented failure.
pub(super) fn all() -> &'static [DocumentedCode] {
    &ALL
}

/// The vendor's words for the outcome of a request.
pub(super) fn text(code: &str) -> &'static str {
    REQUEST.iter().find(|(known, ..)| *known == code).map_or("", |(.., text)| text)
}
