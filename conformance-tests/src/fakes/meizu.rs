//! A strict fake of Meizu's Flyme push: notifications to pushIds and aliases, directly or through
//! a task, to tags and to everybody (`audience`, `message`), everything else that the two hosts
//! offer (`operations`), and the callbacks (`receipts`).
//!
//! The rules are those of the vendor's HTTP interface document (`MEIZUPUSH/PushAPI` on GitHub);
//! what its Java SDK (`MEIZUPUSH/JavaSdk`) is known to send is tolerated. Every answer to a known
//! path has HTTP status 200: the verdict is the text field `code`, and targets that failed hang
//! in `value` under a code of their own, beside `code` 200.

mod audience;
mod checks;
mod codes;
mod form;
mod memory;
mod message;
mod operations;
mod receipts;
#[cfg(test)]
mod tests;
mod trials;

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

use self::audience::{By, Route};
use self::checks::{Checked, Refusal, wrong};
use self::form::Form;
use self::memory::{Memory, Task};
use crate::fake::{
    Answer, At, Call, Delivered, DocumentedCode, Fake, OperationTrial, Purpose, ReceiptTrial, TargetState, World,
};

/// The one app that the fake knows. It is a VIP app, so that `vipInfo` and the big picture are
/// checked and not just refused.
pub const APP_ID: &str = "100999";
/// The secret of that app, made for tests.
pub const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// The token of receipts, as it would be set in the push console. Made for tests.
pub const RECEIPT_TOKEN: &str = "receipt-token-made-for-tests";
/// The packages of that app: what `restrictedPackageNames` may name.
pub const PACKAGES: [&str; 2] = ["com.example.app", "com.example.app.lite"];
/// The number of the first task that a fake hands out; later ones count up.
pub const FIRST_TASK: usize = 20457;
/// How many pushIds one request may name.
pub const MAX_TARGETS: usize = 100;
/// How many packages `restrictedPackageNames` may name.
pub const MAX_PACKAGES: usize = 50;

const PREFIX: &str = "/garcia/api/server/push/";
/// What every call has.
const FRAME: &[&str] = &["appId", "sign"];
/// What every call has that brings a message.
const MESSAGE: &[&str] = &["messageJson", "restrictedPackageNames"];

/// The fake.
#[derive(Default)]
pub struct Meizu {
    world: World,
    memory: Mutex<Memory>,
}

/// A send request that passed every check: whom it names, and what they would see.
struct Batch {
    by: By,
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
        let form = if call.method == Method::GET { Form::read_query(call)? } else { Form::read(call)? };
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

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, call: &Call, route: Route) -> Checked<Answer> {
        match route {
            Route::Direct(_) | Route::Task(_) => Ok(self.push(self.batch(call, route)?, None)),
            Route::Stage => self.stage(&self.admit(call)?),
            Route::ToApp | Route::ToTag => self.broadcast(&self.admit(call)?, route),
            Route::Withdrawn => Err(audience::data_only(&self.admit(call)?)),
            Route::Operate(offer) => self.operate(&self.admit(call)?, offer),
        }
    }

    fn batch(&self, call: &Call, route: Route) -> Checked<Batch> {
        let form = self.admit(call)?;
        let (by, message) = match route {
            Route::Direct(by) => {
                form.only(&[FRAME, MESSAGE, &[by.parameter()]].concat())?;
                (by, read_message(&form, false)?)
            }
            Route::Task(by) => {
                form.only(&[FRAME, &["taskId", by.parameter()]].concat())?;
                (by, self.staged(&form)?)
            }
            _ => return Err(audience::data_only(&form)),
        };
        Ok(Batch { by, targets: by.targets(&form)?, message })
    }

    fn stage(&self, form: &Form) -> Checked<Answer> {
        form.only(&[FRAME, MESSAGE, &["pushType"]].concat())?;
        audience::push_type(form)?;
        let message = read_message(form, false)?;
        Ok(self.task(Task::saved(message)).1)
    }

    /// Sends to everybody or to tags, as a task of its own.
    fn broadcast(&self, form: &Form, route: Route) -> Checked<Answer> {
        let mut target = String::new();
        if matches!(route, Route::ToTag) {
            form.only(&[FRAME, MESSAGE, &["pushType", "tagNames", "scope"]].concat())?;
            let tags = audience::tags("tagNames", form.required("tagNames")?)?;
            let scope = audience::one_of(form, "scope", &["0", "1"])?;
            target = tags.join(if scope == "0" { " or " } else { " and " });
        } else {
            form.only(&[FRAME, MESSAGE, &["pushType"]].concat())?;
        }
        audience::push_type(form)?;
        let message = Delivered { target, ..read_message(form, true)? };
        let (task, answer) = self.task(Task::broadcast());
        self.world.deliver(Delivered { message_id: task, ..message });
        Ok(answer)
    }

    /// Keeps a task: its number, and the answer with it.
    fn task(&self, task: Task) -> (String, Answer) {
        let mut memory = self.memory();
        let id = memory.next_task();
        memory.tasks.push(task);
        let app: Value = APP_ID.parse::<u64>().map_or(Value::Null, Value::from);
        (id.to_string(), done(&json!({"taskId": id, "pushType": 0, "appId": app})))
    }

    fn staged(&self, form: &Form) -> Checked<Delivered> {
        let id = form.required("taskId")?;
        let message = self.memory().task(id).and_then(|task| task.message.clone());
        let Some(mut message) = message else {
            return Err(Refusal::new("110032", format!("no task {id:?}")));
        };
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
                _ if batch.by == By::PushId && !is_push_id(target) => failed.push(("110003", target)),
                (_, TargetState::Dead) => failed.push((batch.by.gone(), target)),
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

    fn hosts(&self) -> &'static [&'static str] {
        &["server-api-push.meizu.com", "api-push.meizu.com", "server-api-push.in.meizu.com", "api-push.in.meizu.com"]
    }

    fn config(&self, base: &str) -> Value {
        json!({
            "vendor": "meizu",
            "app_id": APP_ID,
            "app_secret": APP_SECRET,
            "receipt_token": RECEIPT_TOKEN,
            "endpoint": base,
        })
    }

    fn target(&self, number: usize) -> String {
        // A short head and many hex digits, 45 characters in all, as the vendor's examples.
        let digits = hex::encode(Md5::digest(format!("flyme device {number}")));
        format!("RA50c63480363{digits}")
    }

    fn purpose(&self, call: &Call) -> Purpose {
        match Route::of(&call.path).filter(|route| takes(*route, &call.method)) {
            None => Purpose::Unknown,
            Some(Route::Stage) => Purpose::Stage,
            Some(Route::Operate(_)) => Purpose::Operate,
            Some(_) => Purpose::Send,
        }
    }

    fn answer(&self, call: &Call) -> Answer {
        // What the vendor says to unknown paths and methods is not documented: these are the
        // words of any web server. Its SDK takes them for an invalid request.
        let Some(route) = Route::of(&call.path) else {
            return Answer::text(404, "text/html;charset=UTF-8", "<h1>404 Not Found</h1>").because("unknown path");
        };
        if !takes(route, &call.method) {
            let allowed = if route.is_get() { "GET, POST" } else { "POST" };
            return Answer::text(405, "text/html;charset=UTF-8", "<h1>405 Method Not Allowed</h1>")
                .header("allow", allowed)
                .because(format!("this is by {allowed}"));
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
        let by = [By::PushId, By::Alias].map(By::parameter);
        let targets = form.iter().find(|(name, _)| by.contains(&name.as_str())).map_or("", |(_, value)| value);
        accepted(&self.message_id(), &[(code.code, targets.split(',').next().unwrap_or_default())])
    }

    fn world(&self) -> &World {
        &self.world
    }

    fn operations(&self) -> Vec<OperationTrial> {
        self.operation_trials()
    }

    fn receipts(&self) -> Vec<ReceiptTrial> {
        receipts::trials()
    }
}

/// What the documents ask for by GET, the vendor's Java SDK asks for by POST.
fn takes(route: Route, method: &Method) -> bool {
    *method == Method::POST || (route.is_get() && *method == Method::GET)
}

/// The answer to a call that was taken and sends nothing to named targets.
fn done(value: &Value) -> Answer {
    Answer::json(200, &json!({"code": "200", "message": "", "value": value, "redirect": ""}))
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

fn read_message(form: &Form, to_many: bool) -> Checked<Delivered> {
    let packages = form.get("restrictedPackageNames").filter(|list| !list.is_empty());
    let packages: Vec<&str> = packages.map_or_else(Vec::new, |list| list.split(',').collect());
    if packages.len() > MAX_PACKAGES {
        return Err(wrong("restrictedPackageNames", format!("{} packages", packages.len())));
    }
    if let Some(stranger) = packages.iter().find(|name| !PACKAGES.contains(name)) {
        return Err(Refusal::new("110031", format!("{stranger:?} is no package of the app")));
    }
    Ok(Delivered { raw: form.object(), ..message::read(form.required("messageJson")?, to_many)? })
}

/// Whether a pushId is well formed. The form is not documented; all known ones are letters and
/// digits.
fn is_push_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
