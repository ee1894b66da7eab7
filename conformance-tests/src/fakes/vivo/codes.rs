//! The failures vivo documents, as one table, and how each looks on the wire.
//!
//! A failure is named by vivo's number, with more words where one number has several meanings,
//! or by `HTTP` and a status for what vivo does not number. The numbers come from page 362 of
//! vivo's documentation, its Java SDK, and the users of both. Of the Chinese texts only those of
//! 0, 10070, 10252, 10254 and 10302 were seen from vivo; the others are ours, in its manner.

use std::sync::LazyLock;

use omnipush_core::Class::{self, *};
use serde_json::{Map, Value, json};

use crate::fake::At::{self, Auth, Send, Stage, Target};
use crate::fake::{Answer, DocumentedCode};

/// The text of a success.
pub(super) const SUCCESS: &str = "请求成功";
/// For what vivo forbids without documenting a number for it (misspelt fields, wrong JSON types).
pub(super) const MALFORMED: &str = "HTTP 400";
/// The phone is not one this app ever knew.
pub(super) const UNKNOWN_USER: &str = "10302 status 1";
/// The app was uninstalled or unsubscribed, or its data cleared.
pub(super) const GONE_USER: &str = "10302 status 2";
/// A test push to a phone that is not registered for tests.
pub(super) const NOT_A_TEST_USER: &str = "10302 status 4";
/// A request id that was used before, for a server that refuses those. vivo's number is unknown.
pub(super) const REPEATED: &str = "10998 request id used before";

/// One documented failure.
pub(super) struct Row {
    /// Its name, unique in the table.
    pub(super) code: &'static str,
    /// What vivo writes in `desc`.
    pub(super) text: &'static str,
    class: Class,
    at: &'static [At],
}

const fn row(code: &'static str, text: &'static str, class: Class, at: &'static [At]) -> Row {
    Row { code, text, class, at }
}

const ANY: &[At] = &[Auth, Stage, Send];
/// Whatever takes a message: the single push and the saving of one for a list.
const MESSAGE: &[At] = &[Stage, Send];
const AUTH: &[At] = &[Auth];
const STAGE: &[At] = &[Stage];
const SEND: &[At] = &[Send];
const TARGET: &[At] = &[Target];

pub(super) const TABLE: &[Row] = &[
    row("10000", "权限认证失败", Unauthenticated, MESSAGE),
    row("10040", "资源已达上限，请稍后重试", Unavailable, MESSAGE),
    row("10043", "应用已关闭推送通道", PermissionDenied, MESSAGE),
    row("10045", "应用审核中，不能发送正式消息", PermissionDenied, MESSAGE),
    row("10050", "regId和alias不能都为空", InvalidRequest, SEND),
    row("10051", "classification不支持该消息类型", InvalidRequest, MESSAGE),
    row("10054", "notifyType不合法", InvalidRequest, MESSAGE),
    row("10055", "title不能为空", InvalidRequest, MESSAGE),
    row("10056", "title不能超过40个字符", PayloadTooLarge, MESSAGE),
    row("10057", "content不能为空", InvalidRequest, MESSAGE),
    row("10058", "content不能超过100个字符", PayloadTooLarge, MESSAGE),
    row("10059", "timeToLive不合法", InvalidRequest, MESSAGE),
    row("10060", "skipType不合法", InvalidRequest, MESSAGE),
    row("10061", "skipType为2时skipContent不能为空", InvalidRequest, MESSAGE),
    row("10062", "skipType为2时skipContent过长", PayloadTooLarge, MESSAGE),
    row("10063", "skipType为3时skipContent不能为空", InvalidRequest, MESSAGE),
    row("10064", "skipType为3时skipContent过长", PayloadTooLarge, MESSAGE),
    row("10065", "networkType不合法", InvalidRequest, MESSAGE),
    row("10066", "自定义键值对不能超过10个", PayloadTooLarge, MESSAGE),
    row("10067", "自定义键值对不合法或过长", PayloadTooLarge, MESSAGE),
    row("10068", "skipType为4时skipContent不能为空", InvalidRequest, MESSAGE),
    row("10069", "skipType为4时skipContent过长", PayloadTooLarge, MESSAGE),
    row("10070", "发送总量超出限制", QuotaExceeded, MESSAGE),
    row("10071", "超出允许的发送时间范围", QuotaExceeded, MESSAGE),
    row("10072", "推送速度过快，请稍后重试", RateLimited, MESSAGE),
    row("10073", "系统消息总量超出限制", QuotaExceeded, MESSAGE),
    row("10082", "系统消息开关未开启", PermissionDenied, MESSAGE),
    row("10085", "标题或内容不合规", InvalidRequest, MESSAGE),
    row("10094", "authToken与appId不匹配", PermissionDenied, MESSAGE),
    row("10095", "notifyId不合法", InvalidRequest, MESSAGE),
    row("10096", "category不合法", InvalidRequest, MESSAGE),
    row("10097", "category与classification不匹配", InvalidRequest, MESSAGE),
    row("10103", "推送内容包含敏感信息", InvalidRequest, MESSAGE),
    row("10104", "正式消息不能发送测试内容", InvalidRequest, MESSAGE),
    row("10150", "regIds和aliases不能都为空", InvalidRequest, SEND),
    row("10151", "taskId不能为空", InvalidRequest, SEND),
    row("10152", "taskId不合法", InvalidRequest, SEND),
    row("10153", "regIds个数应在2到1000之间", InvalidRequest, SEND),
    row("10154", "aliases个数应在2到1000之间", InvalidRequest, SEND),
    row("10155", "消息体不存在或已过期", InvalidRequest, SEND),
    // A message without `appId` is told the same as a sign-in without one [our choice].
    row("10200", "appId不能为空", InvalidRequest, ANY),
    row("10201", "appKey不能为空", InvalidRequest, AUTH),
    row("10202", "appKey不合法", PermissionDenied, AUTH),
    row("10203", "timestamp不能为空", InvalidRequest, AUTH),
    row("10204", "sign不能为空", InvalidRequest, AUTH),
    row("10205", "appId不存在", PermissionDenied, AUTH),
    row("10206", "sign不正确", PermissionDenied, AUTH),
    row("10207", "timestamp不合法", Unauthenticated, AUTH),
    row("10250", "鉴权接口调用频率超出限制", RateLimited, AUTH),
    row("10252", "批量发送消息体超出限制", QuotaExceeded, STAGE),
    row("10254", "全量发送超过次数限制", QuotaExceeded, SEND),
    row("10301", "alias过长", InvalidRequest, SEND),
    row(UNKNOWN_USER, "regId不合法", InvalidToken, TARGET),
    row(GONE_USER, "regId不合法", InvalidToken, TARGET),
    // Old texts call 3 "inactive for long"; no reading of it says that the target is gone.
    row("10302 status 3", "regId不合法", Unknown, TARGET),
    row(NOT_A_TEST_USER, "regId不合法", InvalidRequest, TARGET),
    row("10302 without status", "regId不合法", InvalidToken, TARGET),
    row("10304", "extra包含不支持的字段", InvalidRequest, MESSAGE),
    row("10305", "callback不能超过128个字符", InvalidRequest, MESSAGE),
    row("10306", "callback.param过长", InvalidRequest, MESSAGE),
    row("10311", "用户当前不可触达", Unknown, TARGET),
    row("10352", "requestId不能为空", InvalidRequest, MESSAGE),
    row("10353", "requestId不能超过64个字符", InvalidRequest, MESSAGE),
    row("10471", "taskId不能超过100个", InvalidRequest, SEND),
    row("10473", "taskIds不能为空", InvalidRequest, SEND),
    row("10601", "标签名不能为空", InvalidRequest, SEND),
    row("10609", "ids不能为空", InvalidRequest, SEND),
    row("10614", "ids不能超过1000个", InvalidRequest, SEND),
    row("10616", "type不合法", InvalidRequest, SEND),
    row("10800", "registration_tokens不能超过100个", InvalidRequest, SEND),
    row("10801", "notification不能为空", InvalidRequest, SEND),
    row("11000", "classification不合法", InvalidRequest, MESSAGE),
    row(REPEATED, "requestId重复", Unknown, &[]),
    row("10999 in no list", "未知错误", Unknown, ANY),
    row("HTTP 500", "", Unavailable, ANY),
    row("HTTP 503", "", Unavailable, ANY),
];

/// The table, one row for every place where a failure appears.
pub(super) static CODES: LazyLock<Vec<DocumentedCode>> = LazyLock::new(|| {
    let places = |row: &'static Row| row.at.iter().map(|&at| DocumentedCode { code: row.code, class: row.class, at });
    TABLE.iter().flat_map(places).collect()
});

/// The number vivo sends in `result`; `None` for what is only an HTTP status.
pub(super) fn number(code: &str) -> Option<u16> {
    code.split(' ').next()?.parse().ok()
}

/// The answer that says that a whole call failed.
pub(super) fn failure(code: &str) -> Answer {
    match number(code) {
        Some(_) => Answer::json(200, &Value::Object(result(code))),
        None => {
            let status = code.strip_prefix("HTTP ").and_then(|status| status.parse().ok()).unwrap_or(500);
            let text = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
            Answer::text(status, "text/plain;charset=UTF-8", text.unwrap_or("error"))
        }
    }
}

/// The answer that says that the only target of a call failed.
pub(super) fn target_failure(code: &str, reg_id: &str) -> Answer {
    let mut body = result(code);
    // Seen in the wild without any `invalidUser`, too.
    if status(code).is_some() {
        body.insert("invalidUser".into(), invalid_user(code, reg_id));
    }
    Answer::json(200, &Value::Object(body))
}

/// A refused target as vivo lists it, with the status that the code's name tells.
pub(super) fn invalid_user(code: &str, reg_id: &str) -> Value {
    match status(code) {
        Some(status) => json!({"status": status, "userid": reg_id}),
        None => json!({"userid": reg_id}),
    }
}

fn status(code: &str) -> Option<u8> {
    code.split_once("status ")?.1.parse().ok()
}

fn result(code: &str) -> Map<String, Value> {
    let text = TABLE.iter().find(|row| row.code == code).map_or("未知错误", |row| row.text);
    Map::from_iter([("result".to_owned(), json!(number(code))), ("desc".to_owned(), json!(text))])
}
