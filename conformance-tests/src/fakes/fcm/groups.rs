//! Device groups: `/fcm/notification`, a call older than the rest ("Manage device groups"). A
//! group's key is a target like a token.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::iid::{refused, texts};
use super::{Fcm, PROJECT_NUMBER, codes};
use crate::fake::{Answer, At, Call};

pub(super) const PATH: &str = "/fcm/notification";
/// The most members of a group.
const MOST: usize = 20;

/// The groups of the project, by name.
#[derive(Default)]
pub(super) struct Groups(Mutex<BTreeMap<String, BTreeSet<String>>>);

impl Groups {
    /// The members of all groups.
    pub(super) fn all(&self) -> MutexGuard<'_, BTreeMap<String, BTreeSet<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of a group, always the same.
pub(super) fn key(name: &str) -> String {
    format!("APA91b{}", URL_SAFE_NO_PAD.encode(Sha256::digest(format!("group {name}"))))
}

impl Fcm {
    /// Serves a call about a group.
    pub(super) fn group(&self, call: &Call) -> Result<Answer, Answer> {
        self.check_old(call)?;
        if call.header("project_id") != Some(PROJECT_NUMBER) {
            let why = format!("project_id is {:?}, not the project's number", call.header("project_id"));
            return Err(codes::answer(At::Operate, "iid 403").because(why));
        }
        let name = match call.method {
            Method::GET => self.look_up(call)?,
            Method::POST => self.change(call)?,
            _ => return Err(codes::answer(At::Operate, "iid 404").because(format!("{} is not for it", call.method))),
        };
        Ok(Answer::json(200, &json!({ "notification_key": key(&name) })))
    }

    fn look_up(&self, call: &Call) -> Result<String, Answer> {
        match call.query_pairs().as_slice() {
            [(parameter, name)] if parameter == "notification_key_name" && call.body.is_empty() => {
                let known = self.groups.all().contains_key(name);
                if known { Ok(name.clone()) } else { Err(refused("notification_key not found")) }
            }
            _ => Err(refused("one notification_key_name is needed, and no body")),
        }
    }

    fn change(&self, call: &Call) -> Result<String, Answer> {
        let names = ["operation", "notification_key_name", "notification_key", "registration_ids"];
        let body = self.body(call, &names)?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let name = text("notification_key_name").ok_or_else(|| refused("no notification_key_name"))?;
        let members = texts(&body, "registration_ids", MOST)?;
        if members.iter().any(|member| self.item_error(member).is_some()) {
            return Err(refused("no valid registration ids"));
        }
        let mut groups = self.groups.all();
        let operation = text("operation").unwrap_or_default();
        match (operation, groups.contains_key(name)) {
            ("create", true) => return Err(refused("notification_key already exists")),
            ("create", false) if body.contains_key("notification_key") => {
                return Err(refused("a new group has no notification_key"));
            }
            ("create", false) => {}
            ("add" | "remove", true) if text("notification_key") == Some(key(name).as_str()) => {}
            ("add" | "remove", _) => return Err(refused("notification_key not found")),
            _ => return Err(refused("operation is neither create nor add nor remove")),
        }
        let mut left = groups.get(name).cloned().unwrap_or_default();
        for member in members {
            if operation == "remove" {
                left.remove(member);
            } else {
                left.insert(member.to_owned());
            }
        }
        if left.len() > MOST {
            return Err(refused("too many members"));
        }
        // Without members there is no group.
        if left.is_empty() {
            groups.remove(name);
        } else {
            groups.insert(name.to_owned(), left);
        }
        Ok(name.to_owned())
    }
}
