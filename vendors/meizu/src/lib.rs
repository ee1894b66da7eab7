#![doc = include_str!("docs.md")]

mod auth;
mod config;
mod payload;
mod response;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use omnipush_core::table::{Adapter, Manual};
use omnipush_core::{
    Call, ConfigError, Cx, EncodeError, Encoded, Http, Notification, Outcome, Profile, PushVendor, Refusal, Reply,
    Request, Set, Shape, Template,
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
    save: Arc<str>,
    push_task: Arc<str>,
}

const BATCH: Call = Call::list(100);

static PROFILE: Profile = profile(&[BATCH]);
/// With the setting `task`.
static TASKS: Profile = profile(&[BATCH.staged()]);

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
        target_ok: |id| (1..=256).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic() && b != b','),
        target_form: "up to 256 printable ASCII characters without blanks and commas",
        operations: &[],
        receipts: None,
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
    }

    fn encode(&self, n: &Notification, shape: Shape, cx: &mut Cx<'_>) -> Result<Encoded, EncodeError> {
        let options = Self::options(n)?;
        payload::encode(self, n, &options, shape, cx)
    }

    fn request(&self, set: &Set<'_>, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let encoded = set.first()?.encoded;
        let request = if self.config.task {
            let sign = auth::signature(&self.config, &[], set.items, &["taskId=", set.ticket]);
            call(&self.urls.push_task, &encoded.push, set, &sign)
        } else {
            let (message, packages) = auth::signed(encoded);
            let sign = auth::signature(&self.config, &["messageJson=", message], set.items, &packages);
            call(&self.urls.push, &encoded.body, set, &sign)
        };
        Ok(request.quota(encoded.quota))
    }

    fn decode(&self, reply: &Reply, set: &Set<'_>) -> Outcome {
        response::decode(reply, set)
    }

    fn stage(&self, encoded: &Encoded, request_id: &str, _cx: &mut Cx<'_>) -> Result<Request, Refusal> {
        let (message, [name, packages]) = auth::signed(encoded);
        let after = ["pushType=0", name, packages];
        let sign = auth::signature(&self.config, &["messageJson=", message], &[], &after);
        let set = Set { shape: Shape::List, items: &[], ticket: "", request_id };
        Ok(call(&self.urls.save, &encoded.body, &set, &sign).quota(encoded.quota))
    }

    fn staged(&self, reply: &Reply) -> Result<Arc<str>, Refusal> {
        response::task_id(reply)
    }
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
            save: url("/pushTask/getTaskId"),
            push_task: url("/task/varnished/pushByPushId"),
        };
        Ok(Self { config, urls })
    }
}

/// A signed form.
fn call(url: &Arc<str>, form: &Template, set: &Set<'_>, sign: &str) -> Request {
    Request::post(url, form.fill_then(set, &["&sign=", sign])).form()
}
