//! A strict fake of Meizu's Flyme push: notifications to pushIds, directly or through a task.
//!
//! The rules are those of the vendor's HTTP interface document (`MEIZUPUSH/PushAPI` on GitHub);
//! what its Java SDK (`MEIZUPUSH/JavaSdk`) is known to send is tolerated. Every answer to a known
//! path has HTTP status 200: the verdict is the text field `code`, and targets that failed hang
//! in `value` under a code of their own, beside `code` 200.

mod checks;
mod codes;
mod form;
mod message;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::Method;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

use self::checks::{Checked, Refusal, wrong};
use self::form::Form;
use crate::fake::{Answer, At, Call, Delivered, DocumentedCode, Fake, Purpose, TargetState, World};

/// The one app that the fake knows. It is a VIP app, so that `vipInfo` and the big picture are
/// checked and not just refused.
pub const APP_ID: &str = "100999";
/// The secret of that app, made for tests.
pub const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// The packages of that app: what `restrictedPackageNames` may name.
pub const PACKAGES: [&str; 2] = ["com.example.app", "com.example.app.lite"];
/// The number of the first task that a fake hands out; later ones count up.
pub const FIRST_TASK: usize = 20457;
/// How many pushIds one request may name.
pub const MAX_TARGETS: usize = 100;
/// How many packages `restrictedPackageNames` may name.
pub const MAX_PACKAGES: usize = 50;

const PREFIX: &str = "/garcia/api/server/push/";
const DIRECT_FIELDS: &[&str] = &["appId", "sign", "pushIds", "messageJson", "restrictedPackageNames"];
const STAGE_FIELDS: &[&str] = &["appId", "sign", "pushType", "messageJson", "restrictedPackageNames"];
const TASK_FIELDS: &[&str] = &["appId", "sign", "taskId", "pushIds"];

/// The fake.
#[derive(Default)]
pub struct Meizu {
    world: World,
    /// Messages waiting under a taskId (in decimal, as it comes back), in the shape in which they
    /// will be delivered.
    tasks: Mutex<HashMap<String, Delivered>>,
}

#[derive(Clone, Copy)]
enum Route {
    Direct,
    Stage,
    Task,
    /// Data-only messages: the calls still exist, and refuse.
    Withdrawn,
}

impl Route {
    fn of(path: &str) -> Option<Self> {
        Some(match path.strip_prefix(PREFIX)? {
            "varnished/pushByPushId" => Self::Direct,
            "pushTask/getTaskId" => Self::Stage,
            "task/varnished/pushByPushId" => Self::Task,
            "unvarnished/pushByPushId"
            | "unvarnished/pushByAlias"
            | "task/unvarnished/pushByPushId"
            | "task/unvarnished/pushByAlias" => Self::Withdrawn,
            _ => return None,
        })
    }
}

/// A send request that passed every check: whom it names, and what they would see.
struct Batch {
    targets: Vec<String>,
    message: Delivered,
}

impl Meizu {
    /// A fake with an empty world.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets a call in by app and signature.
    fn admit(&self, call: &Call) -> Checked<Form> {
        let form = Form::read(call)?;
        let app = form.required("appId")?;
        if app != APP_ID {
            return Err(Refusal::new("110000", format!("appId {app:?} is not {APP_ID}")));
        }
        // The documented answer to a wrong secret (110033) cannot be told from a wrong signature:
        // the server sees only the digest.
        if self.world.refuses_tokens() || form.get("sign") != Some(form.signature(APP_SECRET).as_str()) {
            return Err(Refusal::new("1006", "sign does not fit the parameters and the secret"));
        }
        Ok(form)
    }

    fn serve(&self, call: &Call, route: Route) -> Checked<Answer> {
        match route {
            Route::Direct | Route::Task => Ok(self.push(self.batch(call, route)?, None)),
            Route::Stage => self.stage(&self.admit(call)?),
            Route::Withdrawn => Err(data_only(&self.admit(call)?)),
        }
    }

    fn batch(&self, call: &Call, route: Route) -> Checked<Batch> {
        let form = self.admit(call)?;
        let message = match route {
            Route::Direct => {
                form.only(DIRECT_FIELDS)?;
                read_message(&form)?
            }
            Route::Task => {
                form.only(TASK_FIELDS)?;
                self.staged(&form)?
            }
            Route::Stage | Route::Withdrawn => return Err(data_only(&form)),
        };
        Ok(Batch { targets: read_targets(&form)?, message })
    }

    fn stage(&self, form: &Form) -> Checked<Answer> {
        form.only(STAGE_FIELDS)?;
        match form.required("pushType")? {
            "0" => {}
            "1" => return Err(data_only(form)),
            other => return Err(wrong("pushType", format!("{other:?} is neither 0 nor 1"))),
        }
        let message = read_message(form)?;
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let id = FIRST_TASK + tasks.len();
        tasks.insert(id.to_string(), message);
        let app: Value = APP_ID.parse::<u64>().map_or(Value::Null, Value::from);
        let value = json!({"taskId": id, "pushType": 0, "appId": app});
        Ok(Answer::json(200, &json!({"code": "200", "message": "", "value": value, "redirect": ""})))
    }

    fn staged(&self, form: &Form) -> Checked<Delivered> {
        let id = form.required("taskId")?;
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(message) = tasks.get(id) else {
            return Err(Refusal::new("110032", format!("no task {id:?}")));
        };
        let mut message = message.clone();
        if let (Value::Object(all), Value::Object(own)) = (&mut message.raw, form.object()) {
            all.extend(own);
        }
        Ok(message)
    }

    /// Sends, and answers. With `first`, the first target fails with that code.
    fn push(&self, batch: Batch, first: Option<&str>) -> Answer {
        let id = self.message_id();
        let mut failed: Vec<(&str, &str)> = Vec::new();
        for (n, target) in batch.targets.iter().enumerate() {
            match (first, self.world.target(target)) {
                (Some(code), _) if n == 0 => failed.push((code, target)),
                _ if !is_push_id(target) => failed.push(("110003", target)),
                (_, TargetState::Dead) => failed.push(("110002", target)),
                (_, TargetState::Refused(code)) => failed.push((code.code, target)),
                (_, TargetState::Alive) => self.world.deliver(Delivered {
                    target: target.clone(),
                    message_id: id.clone(),
                    ..batch.message.clone()
                }),
            }
        }
        accepted(&id, &failed)
    }

    fn message_id(&self) -> String {
        hex::encode(Md5::digest(format!("flyme message {}", self.world.serial())))
    }
}

impl Fake for Meizu {
    fn vendor(&self) -> &'static str {
        "meizu"
    }

    fn config(&self, base: &str) -> Value {
        json!({"vendor": "meizu", "app_id": APP_ID, "app_secret": APP_SECRET, "endpoint": base})
    }

    fn target(&self, number: usize) -> String {
        // A short head and many hex digits, 45 characters in all, as the vendor's examples.
        let digits = hex::encode(Md5::digest(format!("flyme device {number}")));
        format!("RA50c63480363{digits}")
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match Route::of(&call.path) {
            _ if call.method != Method::POST => Purpose::Unknown,
            None => Purpose::Unknown,
            Some(Route::Stage) => Purpose::Stage,
            Some(Route::Direct | Route::Task | Route::Withdrawn) => Purpose::Send,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        // What the vendor says to unknown paths and methods is not documented: these are the
        // words of any web server. Its SDK takes them for an invalid request.
        let Some(route) = Route::of(&call.path) else {
            return Answer::text(404, "text/html;charset=UTF-8", "<h1>404 Not Found</h1>").because("unknown path");
        };
        if call.method != Method::POST {
            return Answer::text(405, "text/html;charset=UTF-8", "<h1>405 Method Not Allowed</h1>")
                .header("allow", "POST")
                .because("all sending is by POST");
        }
        self.serve(call, route).unwrap_or_else(|refusal| refused(&refusal))
    }

    fn codes(&self) -> &'static [DocumentedCode] {
        codes::all()
    }

    fn coded(&self, call: &Call, code: &DocumentedCode) -> Answer {
        if code.at != At::Target {
            return refused(&Refusal::new(code.code, "asked for by the test"));
        }
        let batch = Route::of(&call.path).map(|route| self.batch(call, route));
        if let Some(Ok(batch)) = batch {
            return self.push(batch, Some(code.code));
        }
        // The call would not have been taken, so nobody gets anything.
        let form = call.form();
        let targets = form.iter().find(|(name, _)| name == "pushIds").map_or("", |(_, value)| value);
        accepted(&self.message_id(), &[(code.code, targets.split(',').next().unwrap_or_default())])
    }

    fn world(&self) -> &World {
        &self.world
    }
}

/// The answer to a push that was accepted, with the targets that were not. Even when none was
/// accepted the code is 200.
fn accepted(id: &str, failed: &[(&str, &str)]) -> Answer {
    let mut value = Map::new();
    for (code, target) in failed {
        let list = value.entry(*code).or_insert_with(|| json!([]));
        if let Value::Array(targets) = list {
            targets.push(json!(target));
        }
    }
    Answer::json(200, &json!({"code": "200", "message": "", "msgId": id, "value": value}))
}

/// The answer to a request that was refused as a whole: `value` is an empty text.
fn refused(refusal: &Refusal) -> Answer {
    let code = refusal.code;
    // A redirect leads to a name that never resolves, so that no test reaches the real vendor.
    let redirect = if code == "300" { "https://push.meizu.invalid/garcia/api/server/push" } else { "" };
    let body = json!({"code": code, "message": codes::text(code), "value": "", "redirect": redirect});
    Answer::json(200, &body).because(refusal.why.as_str())
}

fn data_only(form: &Form) -> Refusal {
    Refusal::new("110053", format!("data-only messages are withdrawn (app {:?})", form.get("appId")))
}

fn read_message(form: &Form) -> Checked<Delivered> {
    let packages = form.get("restrictedPackageNames").filter(|list| !list.is_empty());
    let packages: Vec<&str> = packages.map_or_else(Vec::new, |list| list.split(',').collect());
    if packages.len() > MAX_PACKAGES {
        return Err(wrong("restrictedPackageNames", format!("{} packages", packages.len())));
    }
    if let Some(stranger) = packages.iter().find(|name| !PACKAGES.contains(name)) {
        return Err(Refusal::new("110031", format!("{stranger:?} is no package of the app")));
    }
    Ok(Delivered { raw: form.object(), ..message::read(form.required("messageJson")?)? })
}

/// The pushIds of a request. Which code answers too many of them, or a gap in the list, is not
/// documented: the general parameter error stands in.
fn read_targets(form: &Form) -> Checked<Vec<String>> {
    let targets: Vec<String> = form.required("pushIds")?.split(',').map(str::to_owned).collect();
    if targets.len() > MAX_TARGETS {
        return Err(wrong("pushIds", format!("{} targets", targets.len())));
    }
    if targets.iter().any(String::is_empty) {
        return Err(wrong("pushIds", "an empty entry"));
    }
    Ok(targets)
}

/// Whether a pushId is well formed. The form is not documented; all known ones are letters and
/// digits.
fn is_push_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
