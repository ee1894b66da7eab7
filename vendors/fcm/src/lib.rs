#![doc = include_str!("docs.md")]

mod audience;
mod auth;
mod config;
mod operations;
mod payload;
mod response;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use omnipush_core::table::{Adapter, Manual};
use omnipush_core::{
    Answer, Call, ConfigError, Cx, EncodeError, Encoded, Grant, Http, Notification, Operation, Outcome, Profile,
    PushVendor, Refusal, Reply, Request, Set, Shape, TokenRule, TokenStep, all_bytes,
};

pub use config::{Address, Config, KeyFile, Platform, ServiceAccount};
pub use payload::Options;

/// The FCM adapter.
#[derive(Debug)]
pub struct Fcm {
    config: Config,
    account: auth::Account,
    project: String,
    url: Arc<str>,
}

static PROFILE: Profile = Profile {
    id: Fcm::ID,
    name: "Google FCM",
    docs: "https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages",
    calls: &[Call::one(), Call::group(Shape::Topic), Call::group(Shape::Condition)],
    http: Http::Any,
    in_flight: 100,
    dedups: false,
    token: Some(TokenRule::bearer()),
    target_ok: |token| (1..=4096).contains(&token.len()) && all_bytes(token, |b| b.is_ascii_graphic()),
    target_form: "printable ASCII without blanks",
    operations: operations::OFFERS,
    receipts: None,
};

impl Adapter for Fcm {
    const ID: &'static str = "fcm";
    type Options = Options;
}

impl PushVendor for Fcm {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn manual(&self) -> Manual {
        Manual::new(&[payload::FIELDS], payload::LOST, response::CODES, include_str!("sureness.md"))
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        audience::check(set)?;
        let body = set.first()?.encoded.body.fill(set);
        // Fan-out has quotas of its own, which are not to stop sends to devices.
        let lane = if set.shape.is_device() { "" } else { "topics" };
        Ok(Request::post(&self.url, body).json().with_token(auth::MESSAGING).lane(lane))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
    }

    fn token(&self, scope: &str, cx: &mut Cx<'_>) -> Result<TokenStep, Refusal> {
        let form = self.account.form(scope, cx.now_secs())?;
        Ok(TokenStep::Exchange(Request::post(&self.account.token_uri, form).form().lane("auth")))
    }

    fn token_reply(&self, reply: &Reply) -> Result<Grant, Refusal> {
        if reply.is_success() { Grant::read(reply, None) } else { Err(response::token_refusal(reply)) }
    }

    fn operation(&self, operation: &Operation, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        operations::request(self, operation)
    }

    fn operation_reply(&self, operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
        operations::answer(operation, reply)
    }
}

impl Fcm {
    /// From settings.
    ///
    /// # Errors
    /// When the key file lacks something or its key cannot sign. Names the member, never its value.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let account = auth::Account::new(&config.service_account)?;
        let project = config.project_id.as_deref().or(account.project_id.as_deref()).unwrap_or_default();
        // It stands in the path of every request.
        if project.is_empty() || !all_bytes(project, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':')) {
            let problem = "must be the project's id or number, here or in the key file";
            return Err(ConfigError::new(Self::ID, "project_id", problem));
        }
        let project = format!("projects/{project}");
        let url = format!("{}/v1/{project}/messages:send", config.endpoint()).into();
        Ok(Self { config, account, project, url })
    }
}
