//! To whom a push goes: the calls, and the parameters that name an audience in each.

use super::checks::{Checked, Refusal, wrong};
use super::form::Form;
use super::operations::{self, Offer};
use super::{MAX_TARGETS, PREFIX};

/// Characters of an alias, characters of a tag, and tags.
pub(super) const MAX_ALIAS: usize = 60;
pub(super) const MAX_TAG: usize = 20;
pub(super) const MAX_TAGS: usize = 100;

/// What a call is, by its path.
#[derive(Clone, Copy)]
pub(super) enum Route {
    Direct(By),
    Stage,
    Task(By),
    ToApp,
    ToTag,
    /// Data-only messages: the calls still exist, and refuse.
    Withdrawn,
    Operate(&'static Offer),
}

/// What targets are named by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    PushId,
    Alias,
}

impl Route {
    pub(super) fn of(path: &str) -> Option<Self> {
        let send = path.strip_prefix(PREFIX).and_then(|call| {
            Some(match call {
                "varnished/pushByPushId" => Self::Direct(By::PushId),
                "varnished/pushByAlias" => Self::Direct(By::Alias),
                "pushTask/getTaskId" => Self::Stage,
                "task/varnished/pushByPushId" => Self::Task(By::PushId),
                "task/varnished/pushByAlias" => Self::Task(By::Alias),
                "pushTask/pushToApp" => Self::ToApp,
                "pushTask/pushToTag" => Self::ToTag,
                "unvarnished/pushByPushId"
                | "unvarnished/pushByAlias"
                | "task/unvarnished/pushByPushId"
                | "task/unvarnished/pushByAlias" => Self::Withdrawn,
                _ => return None,
            })
        });
        send.or_else(|| operations::OFFERS.iter().find(|offer| offer.is_at(path)).map(Self::Operate))
    }

    /// Whether it is asked for by GET, and not by POST.
    pub(super) fn is_get(self) -> bool {
        matches!(self, Self::Operate(offer) if offer.get)
    }
}

impl By {
    /// The parameter with the targets.
    pub(super) const fn parameter(self) -> &'static str {
        match self {
            Self::PushId => "pushIds",
            Self::Alias => "alias",
        }
    }

    /// What a target that is gone is told under.
    pub(super) const fn gone(self) -> &'static str {
        match self {
            Self::PushId => "110002",
            Self::Alias => "110005",
        }
    }

    /// The targets of a request. Which code answers too many of them, or a gap in the list, is not
    /// documented: the general parameter error stands in.
    pub(super) fn targets(self, form: &Form) -> Checked<Vec<String>> {
        let name = self.parameter();
        let targets: Vec<String> = form.required(name)?.split(',').map(str::to_owned).collect();
        if targets.len() > MAX_TARGETS {
            return Err(wrong(name, format!("{} targets", targets.len())));
        }
        if targets.iter().any(String::is_empty) {
            return Err(wrong(name, "an empty entry"));
        }
        let long = |alias: &&String| self == Self::Alias && alias.chars().count() > MAX_ALIAS;
        match targets.iter().find(long) {
            Some(alias) => Err(wrong(name, format!("{} characters in an alias", alias.chars().count()))),
            None => Ok(targets),
        }
    }
}

/// Names of tags, from a list with commas.
pub(super) fn tags(name: &str, list: &str) -> Checked<Vec<String>> {
    let tags: Vec<String> = list.split(',').map(str::to_owned).collect();
    let odd = tags.iter().find(|tag| !(1..=MAX_TAG).contains(&tag.chars().count()));
    match odd {
        _ if tags.len() > MAX_TAGS => Err(wrong(name, format!("{} tags", tags.len()))),
        Some(tag) => Err(wrong(name, format!("{tag:?} has not 1 to {MAX_TAG} characters"))),
        None => Ok(tags),
    }
}

/// A parameter that is one of these numbers.
pub(super) fn one_of<'a>(form: &'a Form, name: &str, choice: &[&str]) -> Checked<&'a str> {
    let value = form.required(name)?;
    if choice.contains(&value) { Ok(value) } else { Err(wrong(name, format!("{value:?} is not one of {choice:?}"))) }
}

/// `pushType`: 0, a notification. Data-only messages are withdrawn.
pub(super) fn push_type(form: &Form) -> Checked<()> {
    match one_of(form, "pushType", &["0", "1"])? {
        "0" => Ok(()),
        _ => Err(data_only(form)),
    }
}

pub(super) fn data_only(form: &Form) -> Refusal {
    Refusal::new("110053", format!("data-only messages are withdrawn (app {:?})", form.get("appId")))
}
