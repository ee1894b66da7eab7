//! Reads the members of a call's body. `null` is as good as absent, and unknown members do not matter.

use serde_json::{Map, Value};

use super::Request;
use super::frame::{Refused, internal};
use crate::decide::template_problem;
use crate::model::{Control, Element, InvalidElement, OfflinePushInfo, Sender};

/// How large a message's body may be, in bytes.
const MESSAGE: usize = 12 * 1024;

impl Request {
    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        member(&self.body, name)
    }

    pub(super) fn text(&self, name: &str, code: u32) -> Result<Option<&str>, Refused> {
        self.member(name).map(|value| text(value, name, code)).transpose()
    }

    pub(super) fn need_text(&self, name: &str, code: u32) -> Result<&str, Refused> {
        self.text(name, code)?.filter(|text| !text.is_empty()).ok_or_else(|| missing(name, code))
    }

    pub(super) fn number(&self, name: &str, code: u32) -> Result<Option<i64>, Refused> {
        let read =
            |value: &Value| value.as_i64().ok_or_else(|| Refused::new(code, format!("{name} is not an integer")));
        self.member(name).map(read).transpose()
    }

    /// A number of 32 bits without a sign.
    pub(super) fn small(&self, name: &str, code: u32) -> Result<Option<u32>, Refused> {
        let range = |number| {
            let over = |_| Refused::new(code, format!("{name} is {number}; 0 to 4294967295 are allowed"));
            u32::try_from(number).map_err(over)
        };
        self.number(name, code)?.map(range).transpose()
    }

    pub(super) fn need_small(&self, name: &str, code: u32) -> Result<u32, Refused> {
        self.small(name, code)?.ok_or_else(|| missing(name, code))
    }

    /// Whether a switch of 0 and 1 is on.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        Ok(self.number(name, self.row.codes.malformed)?.map(|number| number == 1))
    }

    pub(super) fn list(&self, name: &str, code: u32) -> Result<Option<&[Value]>, Refused> {
        self.member(name).map(|value| list(value, name, code)).transpose()
    }

    pub(super) fn need_list(&self, name: &str, code: u32) -> Result<&[Value], Refused> {
        self.list(name, code)?.ok_or_else(|| missing(name, code))
    }

    /// A list of accounts, each once: at least one and at most so many.
    pub(super) fn accounts(
        &self,
        name: &str,
        code: u32,
        (most, too_many): (usize, u32),
    ) -> Result<Vec<String>, Refused> {
        let accounts = texts(self.need_list(name, code)?, name, code)?;
        if accounts.is_empty() {
            return Err(Refused::new(code, format!("{name} is empty")));
        }
        if accounts.len() > most {
            let info = format!("{name} has {} accounts; at most {most} are allowed", accounts.len());
            return Err(Refused::new(too_many, info));
        }
        Ok(accounts)
    }

    /// The elements of `MsgBody`.
    pub(super) fn elements(&self) -> Result<Vec<Element>, Refused> {
        let codes = self.row.codes;
        let body = self.member("MsgBody").ok_or_else(|| missing("MsgBody", codes.body_malformed))?;
        let elements = list(body, "MsgBody", codes.body_not_array)?;
        if elements.is_empty() {
            return Err(Refused::new(codes.body_malformed, "MsgBody is empty"));
        }
        let custom = self.text("CloudCustomData", codes.malformed)?.unwrap_or_default();
        let size = body.to_string().len() + custom.len();
        if size > MESSAGE {
            return Err(Refused::new(80002, format!("MsgBody has {size} bytes; at most {MESSAGE} are allowed")));
        }
        Element::read_body(elements).map_err(|error| {
            let code = match error {
                InvalidElement::Malformed { .. } => codes.body_malformed,
                InvalidElement::UnknownType { .. } | InvalidElement::SecondCustom { .. } => codes.element,
            };
            Refused::new(code, error.to_string())
        })
    }

    /// `OfflinePushInfo`, checked.
    pub(super) fn push_info(&self, pure_push: bool) -> Result<Option<OfflinePushInfo>, Refused> {
        let code = self.row.codes.malformed;
        let Some(value) = self.member("OfflinePushInfo") else { return Ok(None) };
        let settings = self.im.gateway.settings();
        let info = OfflinePushInfo::read(value, settings.unknown_fields)
            .map_err(|error| Refused::new(code, error.to_string()))?;
        match template_problem(&info, pure_push, &settings) {
            Some(problem) => Err(Refused::new(code, format!("OfflinePushInfo: {problem}"))),
            None => Ok(Some(info)),
        }
    }

    /// `SendMsgControl`.
    pub(super) fn control(&self) -> Result<Control, Refused> {
        let code = self.row.codes.malformed;
        let words = texts(self.list("SendMsgControl", code)?.unwrap_or_default(), "SendMsgControl", code)?;
        Control::from_words(words.iter().map(String::as_str))
            .map_err(|word| Refused::new(code, format!("SendMsgControl has {word:?}, which is not known")))
    }

    /// Who sends: `From_Account`, or else the caller.
    pub(super) async fn sender(&self) -> Result<Sender, Refused> {
        let codes = self.row.codes;
        let name = self.text("From_Account", 60015)?.filter(|name| !name.is_empty()).unwrap_or(&self.caller.admin);
        let user = self.im.gateway.store().user(name).await.map_err(|error| internal(&error, codes))?;
        let admin = || self.im.settings.apps.iter().any(|app| app.admins.iter().any(|admin| admin == name));
        if self.im.settings.senders_must_exist && user.is_none() && !admin() {
            return Err(Refused::new(codes.sender, "From_Account is not known"));
        }
        Ok(Sender { account: name.to_owned(), nickname: user.map(|user| user.nickname).unwrap_or_default() })
    }
}

pub(super) fn member<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name).filter(|value| !value.is_null())
}

pub(super) fn missing(name: &str, code: u32) -> Refused {
    Refused::new(code, format!("{name} is missing"))
}

pub(super) fn text<'a>(value: &'a Value, name: &str, code: u32) -> Result<&'a str, Refused> {
    value.as_str().ok_or_else(|| Refused::new(code, format!("{name} is not a string")))
}

pub(super) fn list<'a>(value: &'a Value, name: &str, code: u32) -> Result<&'a [Value], Refused> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| Refused::new(code, format!("{name} is not an array")))
}

/// Texts, each once, in their order.
pub(super) fn texts(list: &[Value], name: &str, code: u32) -> Result<Vec<String>, Refused> {
    let (mut texts, mut seen) = (Vec::with_capacity(list.len()), std::collections::HashSet::new());
    for value in list {
        let text = text(value, name, code)?;
        if seen.insert(text) {
            texts.push(text.to_owned());
        }
    }
    Ok(texts)
}
