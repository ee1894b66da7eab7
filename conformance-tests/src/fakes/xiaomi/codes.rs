//! The failures that Xiaomi documents (developer documentation, pId=1560 "error codes" and
//! pId=1656 "limits"; the rest is in the enumeration of the official Java SDK), and their shape.
//!
//! The HTTP status is 200 for all but failures of the front end. `description` is a localised
//! text of the code, `reason` the precise English cause. Only a few of them have been recorded
//! from the real server (marked); the others say the same in words of ours, so that nobody can
//! rely on them.

use std::sync::LazyLock;

use omnipush_core::Class;
use serde_json::json;

use crate::fake::{Answer, At, DocumentedCode};

/// The one failure of a single target: it is listed in `data.bad_regids` of a success.
pub(super) const BAD_REGIDS: &str = "bad_regids";

struct Row(DocumentedCode, &'static str);

const fn send(code: &'static str, class: Class, text: &'static str) -> Row {
    Row(DocumentedCode { code, class, at: At::Send }, text)
}

use Class::{
    InvalidRequest as Wrong, InvalidToken as Gone, PayloadTooLarge as TooLarge, PermissionDenied as Denied,
    QuotaExceeded as UsedUp, RateLimited as TooFast, Unauthenticated as NoAuth, Unavailable as Down,
    Unknown as Unclear,
};

const ROWS: &[Row] = &[
    Row(DocumentedCode { code: BAD_REGIDS, class: Gone, at: At::Target }, ""),
    send("-1", Unclear, "未知错误"),
    send("1", Down, "内部错误"),
    send("100", Wrong, "参数不能为空"),
    send("10001", Down, "系统错误"),
    send("10002", Down, "系统繁忙"),
    send("10003", Down, "远程服务错误"),
    send("10004", Denied, "IP受限"),
    send("10005", Denied, "AppKey未授权"),
    send("10006", NoAuth, "缺少AppKey"),
    send("10007", Wrong, "不支持的MediaType"),
    send("10008", Wrong, "参数错误"),
    send("10009", Down, "任务过多，系统繁忙"),
    send("10010", Down, "任务超时"),
    send("10011", Down, "RPC错误"),
    send("10012", Wrong, "非法请求"),
    send("10013", Denied, "不合法的用户"),
    send("10014", Denied, "接口访问受限"),
    send("10016", Wrong, "缺少必选参数"),
    send("10017", Wrong, "参数值非法"),
    send("10018", TooLarge, "请求长度超过限制"),
    send("10020", Wrong, "接口不存在"),
    send("10021", Wrong, "不支持的HTTP方法"),
    send("10022", TooFast, "IP请求频次超过上限"),
    send("10023", TooFast, "用户请求频次超过上限"),
    send("10024", TooFast, "特殊接口频次超过上限"),
    send("10025", Wrong, "回调地址非法"),
    send("10026", Denied, "应用被加入黑名单"),
    send("10027", TooFast, "应用调用API太频繁"),
    send("10028", TooFast, "应用总调用太频繁"),
    send("10029", Gone, "非法的设备"),
    send("10030", TooFast, "获取无效regid太频繁"),
    send("10031", Denied, "应用被加入黑名单，禁止发送消息"),
    send("10032", TooFast, "获取无效alias太频繁"),
    send("10033", Denied, "应用被加入反馈黑名单"),
    send("10034", UsedUp, "当日消息过多"),
    send("10035", Unclear, "没有更多无效alias"),
    send("10036", Denied, "应用禁止此操作"),
    send("10037", Down, "请求过期"),
    send("10038", Denied, "应用无权查询统计"),
    send("10039", TooFast, "查询统计太频繁"),
    send("20209", Wrong, "非法的topic"),
    send("20215", Down, "topic订阅失败"),
    send("20216", Down, "topic取消订阅失败"),
    // One code, two meanings: with this reason (recorded) every target of the call is bad.
    send("20301 No valid targets!", Gone, "发送消息失败"),
    send("20301", Unclear, "发送消息失败"),
    send("20315", Unclear, "删除广播失败"),
    send("20607", Down, "数据库错误"),
    send("21301", NoAuth, "认证失败"), // recorded
    send("21302", NoAuth, "token认证失败"),
    send("21303", Denied, "请求受限"),
    send("21305", Wrong, "缺少需要的参数"),
    send("22000", Denied, "非法应用"),
    send("22001", Denied, "应用不存在"),
    send("22002", Denied, "应用已撤销"),
    send("22003", Wrong, "应用信息错误"),
    send("22004", Wrong, "应用信息错误"),
    send("22005", Wrong, "应用信息错误"),
    send("22006", NoAuth, "应用ID不合法"),
    send("22007", NoAuth, "应用Key不合法"),
    send("22008", NoAuth, "应用Secret不合法"),
    send("22020", Wrong, "应用信息错误"),
    send("22021", Denied, "用户未授权应用"),
    send("22022", Wrong, "包名不合法"),
    send("22100", Wrong, "通知数据格式非法"),
    send("22101", TooFast, "通知数量过多"),
    send("22102", Down, "发送通知失败"),
    send("22103", Wrong, "通知ID非法"),
    send("26003", Down, "内部推送调用失败"),
    send("26004", TooFast, "广播太频繁"),
    send("26005", TooFast, "设置账号太频繁"),
    send("26006", Denied, "消息需先审核"),
    send("27001", Wrong, "channel信息不匹配"),
    send("65003", Unclear, "找不到设备"),
    send("65006", TooFast, "设置alias太频繁"),
    send("65007", Denied, "alias在黑名单中"),
    send("65008", Wrong, "alias过长"),
    send("65009", TooLarge, "消息内容过长"),
    send("65010", Wrong, "topic过长"),
    send("65011", Wrong, "参数为空"),
    send("65012", Wrong, "alias为空"),
    send("65013", Wrong, "topic为空"),
    send("65014", Wrong, "键值对过多"),
    send("65015", TooLarge, "键值对总长度过长"),
    send("65016", Wrong, "账号为空"),
    send("65017", Wrong, "账号过长"),
    send("65028", Wrong, "消息不存在"),
    send("65029", Down, "远程服务失败"),
    send("65030", Down, "生成JSON失败"),
    send("65035", Wrong, "topic过多"),
    send("65036", Wrong, "回调参数过长"),
    send("65037", Wrong, "回调URL过长"),
    send("65038", Wrong, "回调URL非法"),
    send("65040", Unclear, "注销失败"),
    send("65041", Wrong, "ImeiMd5为空"),
    send("200001", UsedUp, "当日可发送数量已用完"),
    send("200002", TooFast, "QPS超限"),
    // The front end, which does not speak JSON.
    send("HTTP 500", Down, "Internal Server Error"),
    send("HTTP 502", Down, "Bad Gateway"),
    send("HTTP 503", Down, "Service Unavailable"),
    send("HTTP 504", Down, "Gateway Timeout"),
];

/// Reasons as recorded from the real server.
const RECORDED: &[(&str, &str)] = &[
    ("10031", "AppId(id=2882303761517000000) in the blacklist, forbid to send messages"),
    ("20301 No valid targets!", "No valid targets!"),
    ("21301", "Invalid application secret."),
    ("27001", "invalid channel info!"),
    ("200001", "exceed quota, quota: 20000, have acked: 20000"),
];

/// The rows, as a fake shows them.
pub(super) static CODES: LazyLock<Vec<DocumentedCode>> = LazyLock::new(|| ROWS.iter().map(|row| row.0).collect());

/// A documented failure, in Xiaomi's shape.
pub(super) fn documented(code: &DocumentedCode, trace_id: &str) -> Answer {
    let text = ROWS.iter().find(|row| row.0.code == code.code).map_or("", |row| row.1);
    if let Some(status) = code.code.strip_prefix("HTTP ").and_then(|status| status.parse().ok()) {
        let page = format!("<html><head><title>{status} {text}</title></head></html>");
        return Answer::text(status, "text/html", &page).because(code.code);
    }
    let number = code.code.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(-1);
    let recorded = RECORDED.iter().find(|(name, _)| *name == code.code).map(|(_, reason)| (*reason).to_owned());
    let reason = recorded.unwrap_or_else(|| format!("request refused with error {number}"));
    Refusal { number, reason }.answer(trace_id)
}

/// Why a call is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) number: i64,
    pub(super) reason: String,
}

impl Refusal {
    /// The answer that says so.
    pub(super) fn answer(self, trace_id: &str) -> Answer {
        let Self { number, reason } = self;
        let name = number.to_string();
        let text =
            ROWS.iter().find(|row| row.0.code.split(' ').next() == Some(&name)).map_or("未知错误", |row| row.1);
        let body = json!({
            "result": "error",
            "reason": reason,
            "trace_id": trace_id,
            "code": number,
            "description": text,
        });
        Answer::json(200, &body).because(format!("{number} {reason}"))
    }
}

/// Refuses with a code of the table.
pub(super) fn refuse<T>(number: i64, reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { number, reason: reason.into() })
}
