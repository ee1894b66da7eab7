//! What TPNS offers besides sending: tags, accounts, and lists of targets to upload.
//!
//! Tencent's API index, its page 548/39071 (queries of accounts) and its Go SDK, read in 2026-11.
//! Statistics and recall are in the index too, but their addresses are not known.

use omnipush_core::http::HeaderValue;
use omnipush_core::http::header::CONTENT_TYPE;
use omnipush_core::{
    Answer, Class, Cx, Found, Group, GroupKind, Image, ImageSize, Multipart, Offer, Operation, OperationKind, Refusal,
    Reply, Request,
};
use serde_json::{Value, json};

use crate::config::Config;
use crate::response;

pub(crate) const OFFERS: &[Offer] = &[
    Offer::new(OperationKind::Subscribe(GroupKind::Tag), "`/v3/device/tag`, pairs (9)").max(20),
    Offer::new(OperationKind::Unsubscribe(GroupKind::Tag), "`/v3/device/tag`, pairs (10)").max(20),
    Offer::new(OperationKind::Subscribe(GroupKind::Account), "`/v3/device/account/batchoperate`: replaces (2)").max(20),
    Offer::new(OperationKind::Unsubscribe(GroupKind::Account), "`/v3/device/account/batchoperate`: some (3)").max(20),
    Offer::new(OperationKind::DeleteGroup(GroupKind::Account), "`/v3/device/account/batchoperate`: of all tokens (5)"),
    Offer::own(
        "account_query",
        &[
            ("operator_type", "needed, 1 for the tokens of accounts, 2 for the accounts of tokens"),
            ("account_list", "with 1: objects of `account` and `account_type`"),
            ("token_list", "with 2: a list of tokens"),
        ],
        "`/v3/device/account/query`, as it is; the answer comes back verbatim",
    ),
    Offer::own("unbind_all", &[], "`/v3/device/account/batchoperate`: all accounts of tokens (4)").max(20),
    Offer::own(
        "device_tag",
        &[
            ("operator_type", "needed, 1 to 10 as TPNS documents it"),
            ("token_list", "a list of tokens"),
            ("tag_list", "a list of tags"),
            ("tag_token_list", "pairs of `tag` and `token`, at most 20"),
        ],
        "`/v3/device/tag`, as it is",
    ),
    Offer::own(
        "package_upload",
        &[("file_name", "needed"), ("file", "needed, the text of the file")],
        "`/v3/push/package/upload`; its id makes the segments `token:ID` and `account:ID`",
    )
    .once(),
];

pub(crate) fn request(config: &Config, operation: &Operation, cx: &mut Cx<'_>) -> Result<Request, Refusal> {
    let targets: Vec<&str> = operation.targets().iter().map(|target| target.as_str()).collect();
    let tags = |kind: i64, tag: &str| {
        let pairs: Vec<Value> = targets.iter().map(|token| json!({"tag": tag, "token": token})).collect();
        ("/device/tag", json!({"operator_type": kind, "tag_token_list": pairs}))
    };
    let accounts = |kind: i64, account: &str| {
        let of = |token: &&str| json!({"token": token, "account_list": [{"account": account}]});
        let all: Vec<Value> = targets.iter().map(of).collect();
        ("/device/account/batchoperate", json!({"operator_type": kind, "token_accounts": all}))
    };
    let (path, body) = match operation {
        Operation::Subscribe { to: Group::Tag(tag), .. } => tags(9, tag),
        Operation::Unsubscribe { from: Group::Tag(tag), .. } => tags(10, tag),
        Operation::Subscribe { to: Group::Account(account), .. } => accounts(2, account),
        Operation::Unsubscribe { from: Group::Account(account), .. } => accounts(3, account),
        Operation::DeleteGroup { group: Group::Account(account) } => (
            "/device/account/batchoperate",
            json!({"operator_type": 5, "account_list": [{"account": account, "account_type": 0}]}),
        ),
        Operation::Own { name, args, .. } => match name.as_str() {
            "unbind_all" => ("/device/account/batchoperate", json!({"operator_type": 4, "token_list": targets})),
            "device_tag" => ("/device/tag", Value::Object(args.clone())),
            "account_query" => ("/device/account/query", Value::Object(args.clone())),
            "package_upload" => return upload(config, args, cx),
            _ => return Err(not_offered()),
        },
        _ => return Err(not_offered()),
    };
    Ok(Request::post(config.url(path), body.to_string().into()).json())
}

fn not_offered() -> Refusal {
    Refusal::new(Class::InvalidRequest).text("TPNS has no such operation")
}

fn upload(config: &Config, args: &serde_json::Map<String, Value>, cx: &mut Cx<'_>) -> Result<Request, Refusal> {
    let arg = |name: &str| args.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let file = Image {
        file_name: arg("file_name"),
        media_type: "text/plain".into(),
        bytes: arg("file").into(),
        size: ImageSize::Large,
    };
    let (mime, body) = Multipart::new(cx.rng).file("file", &file).finish();
    let mime = HeaderValue::try_from(mime).map_err(|_| not_offered())?;
    Ok(Request::post(config.url("/push/package/upload"), body).header(CONTENT_TYPE, mime))
}

pub(crate) fn answer(operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
    if let Some(each) = response::each(reply, operation.targets().len()) {
        return Ok(Answer::partial(operation, |at| each.get(at).cloned().flatten()));
    }
    let value = response::value(reply)?;
    let found = match operation {
        Operation::Own { name, .. } if name == "package_upload" => {
            // The page writes it in one way, pushes take it in the other.
            let id = value.get("uploadId").or_else(|| value.get("upload_id")).ok_or_else(|| reply.refusal())?;
            Found::Id(id.as_str().map_or_else(|| id.to_string(), str::to_owned))
        }
        Operation::Own { name, .. } if name == "account_query" => Found::Other(value),
        _ => Found::Nothing,
    };
    Ok(Answer::found(operation, found))
}
