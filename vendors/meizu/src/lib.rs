#![doc = include_str!("docs.md")]

mod auth;
mod config;
mod operations;
mod payload;
mod receipts;
mod response;
mod rules;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use omnipush_core::table::{Adapter, Manual};
use omnipush_core::vendor::form_body;
use omnipush_core::{
    Answer, Call, Callback, CallbackError, ConfigError, Cx, EncodeError, Encoded, Http, Item, Notification, Operation,
    Outcome, Profile, Proof, PushVendor, Receipts, Refusal, Reply, Request, Set, Shape, Tags, Template, all_bytes,
};

pub use config::Config;
pub use payload::{FixDisplay, Options, Vip};

/// The Meizu adapter.
#[derive(Debug)]
pub struct Meizu {
    config: Config,
    urls: Urls,
}

#[derive(Debug)]
struct Urls {
    push: Arc<str>,
    push_aliases: Arc<str>,
    push_tags: Arc<str>,
    push_all: Arc<str>,
    save: Arc<str>,
    push_task: Arc<str>,
    push_task_aliases: Arc<str>,
}

const BATCH: Call = Call::list(100);
const ALIASES: Call = Call::names(Shape::Aliases, 100);
const TAGS: Call = Call::group(Shape::Tags);
const ALL: Call = Call::group(Shape::All);

static PROFILE: Profile = profile(&[BATCH, ALIASES, TAGS, ALL]);
/// With the setting `task`.
static TASKS: Profile = profile(&[BATCH.staged(), ALIASES.staged(), TAGS, ALL]);

const fn profile(calls: &'static [Call]) -> Profile {
    Profile {
        id: Meizu::ID,
        name: "Meizu",
        docs: "https://github.com/MEIZUPUSH/PushAPI",
        calls,
        http: Http::Any,
        // 200 requests a second are allowed by default.
        in_flight: 16,
        dedups: false,
        token: None,
        // A comma would split a pushId into two. Meizu names wrong ones one by one.
        target_ok: |id| (1..=256).contains(&id.len()) && all_bytes(id, |b| b.is_ascii_graphic() && b != b','),
        target_form: "up to 256 printable ASCII characters without blanks and commas",
        operations: operations::OFFERS,
        receipts: Some(Proof::Signed),
    }
}

impl Adapter for Meizu {
    const ID: &'static str = "meizu";
    type Options = Options;
}

impl PushVendor for Meizu {
    fn profile(&self) -> &'static Profile {
        if self.config.task { &TASKS } else { &PROFILE }
    }

    fn manual(&self) -> Manual {
        Manual::new(&[payload::FORM], payload::LOST, response::CODES, include_str!("sureness.md"))
            .receipts(receipts::CODES)
            .rules(rules::RULES)
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let Item { encoded, target } = set.first()?;
        let (config, urls, aliases) = (&self.config, &self.urls, set.shape == Shape::Aliases);
        if let Some(odd) = set.items.iter().find(|item| aliases && !is_name(item.target.as_str())) {
            let size = odd.target.as_str().chars().count();
            return Err(Refusal::not_sent(&format!(
                "alias: has {size} characters; 1 to 60 without commas are allowed"
            )));
        }
        let (message, [name, packages]) = auth::signed(encoded);
        let before = ["messageJson=", message];
        let request = match set.shape {
            Shape::All => {
                let sign = auth::signature(config, &before, &[], false, &["pushType=0", name, packages]);
                call(&urls.push_all, &encoded.body, set, &[], &sign)
            }
            Shape::Tags => {
                let (scope, tags) = operations::tags(&Tags::from_target(target))?;
                let after = ["pushType=0", name, packages, "scope=", scope, "tagNames=", &tags];
                let sign = auth::signature(config, &before, &[], false, &after);
                call(&urls.push_tags, &encoded.body, set, &[("scope", scope), ("tagNames", &tags)], &sign)
            }
            _ if config.task => {
                let sign = auth::signature(config, &[], set.items, aliases, &["taskId=", set.ticket]);
                let url = if aliases { &urls.push_task_aliases } else { &urls.push_task };
                call(url, &encoded.push, set, &[], &sign)
            }
            _ => {
                let sign = auth::signature(config, &before, set.items, aliases, &[name, packages]);
                let url = if aliases { &urls.push_aliases } else { &urls.push };
                call(url, &encoded.body, set, &[], &sign)
            }
        };
        Ok(request.quota(encoded.quota))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
    }

    fn stage(&self, encoded: &Encoded, request_id: &str, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let (message, [name, packages]) = auth::signed(encoded);
        let after = ["pushType=0", name, packages];
        let sign = auth::signature(&self.config, &["messageJson=", message], &[], false, &after);
        let set = Set { shape: encoded.shape, items: &[], ticket: "", request_id };
        Ok(call(&self.urls.save, &encoded.body, &set, &[], &sign).quota(encoded.quota))
    }

    fn staged(&self, reply: &Reply) -> Result<Arc<str>, Refusal> {
        response::task_id(reply)
    }

    fn operation(&self, operation: &Operation, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        operations::request(&self.config, operation)
    }

    fn operation_reply(&self, operation: &Operation, reply: &Reply) -> Result<Answer, Refusal> {
        operations::answer(operation, reply)
    }

    fn receipts(&self, callback: &Callback, _cx: &mut Cx<'_>) -> Result<Receipts, CallbackError> {
        receipts::read(&self.config, callback)
    }
}

fn is_name(alias: &str) -> bool {
    (1..=60).contains(&alias.chars().count()) && !alias.contains(',')
}

impl Meizu {
    /// From settings.
    ///
    /// # Errors
    /// Names a setting that cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check(Self::ID)?;
        let url = |path: &str| Arc::from(format!("{}/garcia/api/server/push{path}", config.endpoint()));
        let urls = Urls {
            push: url("/varnished/pushByPushId"),
            push_aliases: url("/varnished/pushByAlias"),
            push_tags: url("/pushTask/pushToTag"),
            push_all: url("/pushTask/pushToApp"),
            save: url("/pushTask/getTaskId"),
            push_task: url("/task/varnished/pushByPushId"),
            push_task_aliases: url("/task/varnished/pushByAlias"),
        };
        Ok(Self { config, urls })
    }
}

/// A signed form, with a few parameters more.
fn call(url: &Arc<str>, form: &Template, set: &Set<'_>, more: &[(&str, &str)], sign: &str) -> Request {
    let tail = form_body(more.iter().copied().chain([("sign", sign)]));
    Request::post(url, form.fill_then(set, &["&", &String::from_utf8_lossy(&tail)])).form()
}
