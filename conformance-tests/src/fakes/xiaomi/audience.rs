//! To whom a send goes: the endpoints, and the fields that name an audience in each.

use super::MAX_TARGETS;
use super::codes::{Refusal, refuse};
use super::message::{Pairs, get};

/// How a send endpoint differs from the others.
pub(super) struct Endpoint {
    pub(super) path: &'static str,
    /// Whether exactly one package must be named; otherwise a list, or none for all of the app's.
    pub(super) one_package: bool,
    pub(super) to: To,
    /// Whether every target brings its own message.
    pub(super) own_messages: bool,
}

/// What the targets of an endpoint are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    Regids,
    Aliases,
    Accounts,
    Topic,
    Topics,
    Region,
    All,
}

const fn one_package(path: &'static str, to: To) -> Endpoint {
    Endpoint { path, one_package: true, to, own_messages: false }
}

const fn packages(path: &'static str, to: To) -> Endpoint {
    Endpoint { path, one_package: false, to, own_messages: false }
}

const fn each(path: &'static str, to: To) -> Endpoint {
    Endpoint { path, one_package: true, to, own_messages: true }
}

pub(super) const ENDPOINTS: &[Endpoint] = &[
    one_package("/v2/message/regid", To::Regids),
    packages("/v3/message/regid", To::Regids),
    // How v4 ("union send") differs is documented nowhere; servers send it what v3 takes.
    packages("/v4/message/regid", To::Regids),
    one_package("/v2/message/alias", To::Aliases),
    packages("/v3/message/alias", To::Aliases),
    one_package("/v2/message/user_account", To::Accounts),
    one_package("/v2/message/topic", To::Topic),
    packages("/v3/message/topic", To::Topic),
    one_package("/v2/message/multi_topic", To::Topics),
    packages("/v3/message/multi_topic", To::Topics),
    one_package("/v2/message/all", To::All),
    packages("/v3/message/all", To::All),
    one_package("/v2/message/region", To::Region),
    each("/v2/multi_messages/regids", To::Regids),
    each("/v2/multi_messages/aliases", To::Aliases),
    each("/v2/multi_messages/user_accounts", To::Accounts),
];

/// Topics in one request.
const MAX_TOPICS: usize = 5;
/// What stands between two topics.
const BETWEEN_TOPICS: &str = ";$;";

/// Fields that the official SDK repeats for every target, where others write a list.
pub(super) const REPEATED: &[&str] = &["alias", "user_account"];

impl To {
    /// The fields that name the audience.
    pub(super) const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Regids => &["registration_id"],
            Self::Aliases => &["alias"],
            Self::Accounts => &["user_account"],
            Self::Topic => &["topic"],
            Self::Topics => &["topics", "topic_op"],
            Self::Region => &["region"],
            Self::All => &[],
        }
    }

    /// The word for the targets in the answer's `info`. Only that of regids has been recorded.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Regids => "REGID",
            Self::Aliases => "ALIAS",
            Self::Accounts => "USER_ACCOUNT",
            Self::Topic | Self::Topics => "TOPIC",
            Self::Region => "REGION",
            Self::All => "ALL",
        }
    }

    /// What an empty name of this kind is answered with.
    const fn empty(self) -> i64 {
        match self {
            Self::Aliases => 65012,
            Self::Accounts => 65016,
            Self::Topic => 65013,
            _ => 10016,
        }
    }

    /// Whom the fields name. Broadcasts have one target: the topics with their operator, the
    /// regions, or nothing.
    pub(super) fn targets(self, named: &Pairs) -> Result<Vec<String>, Refusal> {
        for field in self.fields() {
            match get(named, field) {
                None => return refuse(10016, format!("required parameter {field} is missing")),
                Some("") => return refuse(self.empty(), format!("parameter {field} is empty")),
                Some(_) => {}
            }
        }
        match self {
            Self::All => Ok(vec![String::new()]),
            Self::Topic => Ok(vec![get(named, "topic").unwrap_or_default().to_owned()]),
            Self::Topics => topics(named),
            Self::Regids | Self::Aliases | Self::Accounts | Self::Region => {
                let values = named.iter().map(|(_, value)| value.as_str());
                let names: Vec<String> = values.flat_map(|value| value.split(',')).map(str::to_owned).collect();
                if names.len() > MAX_TARGETS || names.iter().any(String::is_empty) {
                    return refuse(10017, format!("value of parameter {} is illegal", self.fields().concat()));
                }
                Ok(if self == Self::Region { vec![names.join(",")] } else { names })
            }
        }
    }
}

fn topics(named: &Pairs) -> Result<Vec<String>, Refusal> {
    let (topics, op) = (get(named, "topics").unwrap_or_default(), get(named, "topic_op").unwrap_or_default());
    let names: Vec<&str> = topics.split(BETWEEN_TOPICS).collect();
    if names.contains(&"") {
        return refuse(65013, "a topic is empty");
    }
    if names.len() > MAX_TOPICS {
        return refuse(65035, format!("{} topics", names.len()));
    }
    // A single topic has an endpoint of its own.
    if names.len() < 2 || !["UNION", "INTERSECTION", "EXCEPT"].contains(&op) {
        return refuse(10017, "value of parameter topics or topic_op is illegal");
    }
    Ok(vec![format!("{topics} {op}")])
}
