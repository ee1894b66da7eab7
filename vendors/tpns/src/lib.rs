#![doc = include_str!("docs.md")]

mod auth;
mod config;
mod operations;
mod payload;
mod response;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use omnipush_core::table::{Adapter, Manual};
use omnipush_core::template::with_member;
use omnipush_core::{
    Answer, Bytes, Call, ConfigError, Cx, EncodeError, Encoded, Http, Item, Notification, Operation, Outcome, Profile,
    PushVendor, Refusal, Reply, Request, Set, Shape, Signature, Tags, all_bytes,
};

pub use config::{Config, Environment, Platform};
pub use payload::{Android, Ios, Options};

/// The TPNS adapter.
#[derive(Debug)]
pub struct Tpns {
    config: Config,
    push: Arc<str>,
}

static PROFILE: Profile = Profile {
    id: Tpns::ID,
    name: "TPNS",
    docs: "https://cloud.tencent.com/document/product/548/39064",
    calls: &[
        Call::list(1000),
        Call::names(Shape::Accounts, 1000),
        Call::group(Shape::Tags),
        Call::group(Shape::Segment),
        Call::group(Shape::All),
    ],
    http: Http::Any,
    in_flight: 16,
    dedups: false,
    token: None,
    target_ok: |token| (1..=36).contains(&token.len()) && all_bytes(token, |b| b.is_ascii_graphic()),
    target_form: "up to 36 printable ASCII characters without blanks",
    operations: operations::OFFERS,
    receipts: None,
};

impl Adapter for Tpns {
    const ID: &'static str = "tpns";
    type Options = Options;
}

impl PushVendor for Tpns {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn manual(&self) -> Manual {
        Manual::new(&[payload::FIELDS], payload::LOST, response::CODES, include_str!("sureness.md")).rules(rules::RULES)
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let Item { encoded, target } = set.first()?;
        let body = encoded.body.fill(set);
        let body = match set.shape {
            Shape::Tags => {
                let tags =
                    Tags::from_target(target).ok_or_else(|| Refusal::not_sent("tags: name one in `any` or `all`"))?;
                with_member(&body, "tag_rules", &payload::tag_rules(&tags, &String::from_utf8_lossy(&encoded.aux)))
            }
            Shape::Segment => package(&body, target.as_str())?,
            _ => body,
        };
        // Pushes to many are limited together.
        let lane = if matches!(set.shape, Shape::List | Shape::Accounts) { "" } else { "mass" };
        Ok(Request::post(&self.push, body).json().lane(lane))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
    }

    fn sign(&self, request: &Request, cx: &mut Cx<'_>) -> Result<Signature, Refusal> {
        auth::signature(&self.config, &request.body, cx.now_secs())
    }

    fn operation(&self, operation: &Operation, cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        operations::request(&self.config, operation, cx)
    }

    fn operation_reply(&self, operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
        operations::answer(operation, reply)
    }
}

impl Tpns {
    /// From settings.
    ///
    /// # Errors
    /// Names a setting that cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check(Self::ID)?;
        let push = config.url("/push/app").into();
        Ok(Self { config, push })
    }
}

/// The name of an uploaded list says of what it is, and by which id TPNS knows it.
fn package(body: &[u8], name: &str) -> Result<Bytes, Refusal> {
    let (kind, id) = name.split_once(':').unwrap_or_default();
    let kind = match kind {
        "token" => "package_token_push",
        "account" => "package_account_push",
        _ => return Err(Refusal::not_sent("segment: must be `token:ID` or `account:ID` of an uploaded list")),
    };
    let id: u64 = id.parse().map_err(|_| Refusal::not_sent("segment: its id must be a number"))?;
    Ok(with_member(&with_member(body, "audience_type", &kind), "upload_id", &id))
}
