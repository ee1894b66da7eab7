//! The original's own calls, so that a backend that makes them need only be pointed here: one table of
//! calls, and a file for each kind.
//!
//! What public callers leave out or get wrong without harm is let pass: `random`, `contenttype`, the
//! order of parameters, unknown parameters and members, the `Content-Type`. Calls that have no part in
//! pushing (history, unread counters, scheduled tasks) are unknown here: 60009.

mod body;
mod figures;
mod frame;
mod group;
mod push;
mod send;
mod state;
mod tags;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::response::Response;
use axum::routing::any;
use futures::future::BoxFuture;
use omnipush::http::Method;
use omnipush::http::request::Parts;
use serde_json::{Map, Value};

use self::frame::{Answer, Caller, Codes, GROUP, LOGIN, OPENIM, Refused, TIMPUSH, codes_of, framed};
use super::limits::Limiter;
use super::lockout::LockOut;
use super::{HttpSettings, Peer};
use crate::dispatch::Gateway;

/// A call of the original.
struct Row {
    /// What stands behind `/v4/`.
    path: &'static str,
    codes: &'static Codes,
    limits: &'static [Limit],
    run: fn(Request) -> BoxFuture<'static, Answer>,
}

/// So many calls of an app in so many seconds; over it, this code.
struct Limit {
    many: u32,
    seconds: u64,
    code: u32,
}

const fn per_second(many: u32) -> Limit {
    Limit { many, seconds: 1, code: 60007 }
}

/// `path: codes, limits => what answers it`.
macro_rules! calls {
    ($($path:literal: $codes:expr, [$($limit:expr),*] => $run:path;)*) => {
        const CALLS: &[Row] = &[$(Row {
            path: $path,
            codes: &$codes,
            limits: &[$($limit),*],
            run: |request| Box::pin($run(request)),
        }),*];
    };
}

calls! {
    "openim/sendmsg": OPENIM, [per_second(200)] => send::sendmsg;
    // Each of its targets counts.
    "openim/batchsendmsg": OPENIM, [Limit { many: 12_000, seconds: 60, code: 60007 }] => send::batchsendmsg;
    "openim/admin_msgwithdraw": OPENIM, [per_second(200)] => send::withdraw;
    "openim/query_online_status": OPENIM, [per_second(200)] => state::online_status;
    "openim/querystate": OPENIM, [per_second(200)] => state::online_status;
    "im_open_login_svc/kick": LOGIN, [per_second(200)] => state::kick;
    "group_open_http_svc/send_group_msg": GROUP, [per_second(200)] => group::send_group_msg;
    "group_open_http_svc/group_msg_recall": GROUP, [] => group::recall;
    "group_open_http_svc/modify_group_member_info": GROUP, [per_second(200)] => group::modify_member;
    "group_open_http_svc/send_group_system_notification": GROUP, [] => group::system_notice;
    "timpush/push": TIMPUSH, [PUSH_PACE, PUSH_QUOTA] => push::push;
    "timpush/batch": TIMPUSH, [per_second(40)] => push::batch;
    "timpush/revoke": TIMPUSH, [Limit { many: 1, seconds: 1, code: 90051 }] => push::revoke;
    "timpush/add_tag": TIMPUSH, [per_second(100)] => tags::add_tag;
    "timpush/get_tag": TIMPUSH, [per_second(100)] => tags::get_tag;
    "timpush/remove_tag": TIMPUSH, [per_second(100)] => tags::remove_tag;
    "timpush/remove_all_tags": TIMPUSH, [per_second(100)] => tags::remove_all_tags;
    "timpush/set_attr_name": TIMPUSH, [per_second(100)] => tags::set_attr_name;
    "timpush/get_attr_name": TIMPUSH, [per_second(100)] => tags::get_attr_name;
    "timpush/set_attr": TIMPUSH, [per_second(100)] => tags::set_attr;
    "timpush/get_attr": TIMPUSH, [per_second(100)] => tags::get_attr;
    "timpush/remove_attr": TIMPUSH, [per_second(100)] => tags::remove_attr;
    "timpush/normal_push_statistics": TIMPUSH, [per_second(1)] => figures::of_messages;
    "timpush/normal_push_loss": TIMPUSH, [per_second(1)] => figures::losses_of_messages;
    "timpush/all_member_push_statistics": TIMPUSH, [per_second(1)] => figures::of_tasks;
    "timpush/all_member_push_loss": TIMPUSH, [per_second(1)] => figures::losses_of_tasks;
    // The same under older names.
    "all_member_push/im_push": TIMPUSH, [PUSH_PACE, PUSH_QUOTA] => push::old_push;
    "all_member_push/im_add_tag": TIMPUSH, [per_second(100)] => tags::add_tag;
    "all_member_push/im_get_tag": TIMPUSH, [per_second(100)] => tags::get_tag;
    "all_member_push/im_remove_tag": TIMPUSH, [per_second(100)] => tags::remove_tag;
    "all_member_push/im_remove_all_tags": TIMPUSH, [per_second(100)] => tags::remove_all_tags;
    "all_member_push/im_set_attr_name": TIMPUSH, [per_second(100)] => tags::set_attr_name;
    "all_member_push/im_get_attr_name": TIMPUSH, [per_second(100)] => tags::get_attr_name;
    "all_member_push/im_set_attr": TIMPUSH, [per_second(100)] => tags::set_attr;
    "all_member_push/im_get_attr": TIMPUSH, [per_second(100)] => tags::get_attr;
    "all_member_push/im_remove_attr": TIMPUSH, [per_second(100)] => tags::remove_attr;
}

const PUSH_PACE: Limit = Limit { many: 1, seconds: 1, code: 90024 };
/// How many is a setting.
const PUSH_QUOTA: Limit = Limit { many: 0, seconds: 86_400, code: 90047 };

/// What all calls share.
struct Im {
    gateway: Gateway,
    settings: Arc<HttpSettings>,
    /// By path.
    limiters: HashMap<&'static str, Vec<(Limiter, u32)>>,
    lock_out: LockOut,
}

/// A call that was let in.
struct Request {
    im: Arc<Im>,
    row: &'static Row,
    caller: Caller,
    body: Map<String, Value>,
    /// The body's size, in bytes.
    size: usize,
}

/// The calls, under `/v4/`.
pub(super) fn router(gateway: Gateway, settings: Arc<HttpSettings>) -> axum::Router {
    let limiter = |limit: &Limit| {
        let many = if limit.code == PUSH_QUOTA.code { settings.pushes_per_day } else { limit.many };
        Some((Limiter::new(many, Duration::from_secs(limit.seconds))?, limit.code))
    };
    let limited = CALLS.iter().filter(|_| settings.original_rates);
    let limiters = limited.map(|row| (row.path, row.limits.iter().filter_map(limiter).collect())).collect();
    let lock_out = LockOut::new(settings.lock_out_after);
    let im = Arc::new(Im { gateway, settings, limiters, lock_out });
    axum::Router::new().route("/v4/{*call}", any(answer)).with_state(im)
}

async fn answer(State(im): State<Arc<Im>>, request: axum::extract::Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path().strip_prefix("/v4/").unwrap_or_default();
    let answer = im.serve(&head, path, body).await;
    // Never the query: the signature is in it.
    match &answer {
        Ok(_) => tracing::debug!(path, "answered"),
        Err(refused) => tracing::info!(path, code = refused.code, info = refused.info, "refused"),
    }
    framed(answer)
}

impl Im {
    async fn serve(self: Arc<Self>, head: &Parts, path: &str, body: Body) -> Answer {
        let Some(row) = CALLS.iter().find(|row| row.path == path) else {
            let service = path.split('/').next().unwrap_or_default();
            return Err(Refused::new(codes_of(service).unknown_command, "there is no such command"));
        };
        if head.method != Method::POST {
            return Err(Refused::new(60008, "only POST is served"));
        }
        let from = head.extensions.get::<ConnectInfo<Peer>>().map(|ConnectInfo(Peer(peer))| peer.ip());
        let caller = self.caller(head.uri.query().unwrap_or_default(), from, row.codes).await?;
        self.spend(row, caller.sdkappid, 1)?;
        let bytes = axum::body::to_bytes(body, self.settings.body_bytes).await.map_err(|_| {
            let info = format!("the body cannot be read, or has more than {} bytes", self.settings.body_bytes);
            Refused::new(row.codes.too_large, info)
        })?;
        let body = serde_json::from_slice(&bytes)
            .map_err(|_| Refused::new(row.codes.not_json, "Fail to Parse json data of body, Please check it"))?;
        (row.run)(Request { im: self, row, caller, body, size: bytes.len() }).await
    }
}
