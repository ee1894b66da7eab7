//! What a vendor offers besides sending, and what it answers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::request::{Request, form_body};
use crate::model::{HttpUrl, Target};
use crate::secret::Secret;
use crate::verdict::{Refusal, Verdict};

/// Something other than sending that a vendor offers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Operation {
    /// Withdraw a sent notification by the vendor's message id.
    Revoke {
        /// The message id, as the verdict of the send gave it.
        message_id: String,
    },
    /// Withdraw a notification from devices by the number under which it is shown there.
    Withdraw {
        /// The number (the vendor's "notify id") that was sent with it.
        notify_id: i64,
        /// The devices.
        targets: Vec<Target>,
    },
    /// Stop a message that waits for its time or is on its way to many.
    Cancel {
        /// The vendor's id of the message, task or job.
        id: String,
    },
    /// Ask whether a scheduled message still waits for its time: accepted when it does.
    Scheduled {
        /// The vendor's id of the message, task or job.
        id: String,
    },
    /// Ask which of these targets are still good: accepted, or refused as `InvalidToken`.
    CheckTargets {
        /// The targets.
        targets: Vec<Target>,
    },
    /// Fetch the targets that the vendor found dead since the last time. Vendors drain the list.
    DeadTargets,
    /// Put targets into a group.
    Subscribe {
        /// The group.
        to: Group,
        /// The targets.
        targets: Vec<Target>,
    },
    /// Take targets out of a group.
    Unsubscribe {
        /// The group.
        from: Group,
        /// The targets.
        targets: Vec<Target>,
    },
    /// Ask in which groups of a kind a target is.
    Groups {
        /// The kind of groups.
        kind: GroupKind,
        /// The target.
        target: Target,
    },
    /// Delete a group with all its members.
    DeleteGroup {
        /// The group.
        group: Group,
    },
    /// Ask for the counters of messages.
    Statistics {
        /// The vendor's ids of the messages or tasks.
        ids: Vec<String>,
    },
    /// Ask for the counters of days.
    Report {
        /// The first day.
        from: NaiveDate,
        /// The last day, which counts.
        to: NaiveDate,
    },
    /// Ask how much of the quota is left.
    Quota,
    /// Give the vendor a picture to show in notifications; finds its id or address.
    UploadImage(Image),
    /// Let the vendor fetch and check a picture; finds the address to use.
    CheckImage {
        /// Where the picture is.
        url: HttpUrl,
    },
    /// Create a channel to broadcast on; finds its id.
    CreateChannel {
        /// Whether the vendor keeps the newest message for devices that are offline.
        keep_newest: bool,
    },
    /// Read the settings of a channel.
    ReadChannel {
        /// The channel's id.
        id: String,
    },
    /// Delete a channel.
    DeleteChannel {
        /// The channel's id.
        id: String,
    },
    /// List the ids of all channels.
    Channels,
    /// A call that only this vendor has, by the name in its documentation's table.
    Own {
        /// The name.
        name: String,
        /// The targets, where it takes some.
        targets: Vec<Target>,
        /// Its arguments by name.
        args: Map<String, Value>,
    },
}

/// A group of targets that a vendor keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// A topic.
    Topic(String),
    /// A tag.
    Tag(String),
    /// An alias.
    Alias(String),
    /// An account.
    Account(String),
}

impl Group {
    /// Its kind.
    pub const fn kind(&self) -> GroupKind {
        match self {
            Self::Topic(_) => GroupKind::Topic,
            Self::Tag(_) => GroupKind::Tag,
            Self::Alias(_) => GroupKind::Alias,
            Self::Account(_) => GroupKind::Account,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Topic(name) | Self::Tag(name) | Self::Alias(name) | Self::Account(name) => name,
        }
    }
}

/// A kind of [`Group`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is documented where it is declared, in Group")]
pub enum GroupKind {
    Topic,
    Tag,
    Alias,
    Account,
}

impl GroupKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Tag => "tag",
            Self::Alias => "alias",
            Self::Account => "account",
        }
    }
}

/// A picture to upload.
#[derive(Clone)]
pub struct Image {
    /// The name of the file, with its ending.
    pub file_name: String,
    /// Its media type, such as `image/png`.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// What it is for.
    pub size: ImageSize,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image").field("file_name", &self.file_name).field("bytes", &self.bytes.len()).finish()
    }
}

/// What a picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageSize {
    /// The small one beside the text.
    Icon,
    /// The large one below it.
    Large,
}

/// A kind of [`Operation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is documented where it is declared, in Operation")]
#[non_exhaustive]
pub enum OperationKind {
    Revoke,
    Withdraw,
    Cancel,
    Scheduled,
    CheckTargets,
    DeadTargets,
    Subscribe(GroupKind),
    Unsubscribe(GroupKind),
    Groups(GroupKind),
    DeleteGroup(GroupKind),
    Statistics,
    Report,
    Quota,
    UploadImage,
    CheckImage,
    CreateChannel,
    ReadChannel,
    DeleteChannel,
    Channels,
    /// A vendor's own call. [`Operation::kind`] gives it without its name.
    Own(&'static str),
}

impl std::fmt::Display for OperationKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self {
            Self::Revoke => "revoke",
            Self::Withdraw => "withdraw",
            Self::Cancel => "cancel",
            Self::Scheduled => "scheduled",
            Self::CheckTargets => "check_targets",
            Self::DeadTargets => "dead_targets",
            Self::Subscribe(kind) => return write!(f, "subscribe_{}", kind.as_str()),
            Self::Unsubscribe(kind) => return write!(f, "unsubscribe_{}", kind.as_str()),
            Self::Groups(kind) => return write!(f, "groups_{}", kind.as_str()),
            Self::DeleteGroup(kind) => return write!(f, "delete_{}", kind.as_str()),
            Self::Statistics => "statistics",
            Self::Report => "report",
            Self::Quota => "quota",
            Self::UploadImage => "upload_image",
            Self::CheckImage => "check_image",
            Self::CreateChannel => "create_channel",
            Self::ReadChannel => "read_channel",
            Self::DeleteChannel => "delete_channel",
            Self::Channels => "channels",
            Self::Own(name) => name,
        };
        f.write_str(name)
    }
}

impl Operation {
    /// Its kind, which a vendor's profile lists.
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::Revoke { .. } => OperationKind::Revoke,
            Self::Withdraw { .. } => OperationKind::Withdraw,
            Self::Cancel { .. } => OperationKind::Cancel,
            Self::Scheduled { .. } => OperationKind::Scheduled,
            Self::CheckTargets { .. } => OperationKind::CheckTargets,
            Self::DeadTargets => OperationKind::DeadTargets,
            Self::Subscribe { to, .. } => OperationKind::Subscribe(to.kind()),
            Self::Unsubscribe { from, .. } => OperationKind::Unsubscribe(from.kind()),
            Self::Groups { kind, .. } => OperationKind::Groups(*kind),
            Self::DeleteGroup { group } => OperationKind::DeleteGroup(group.kind()),
            Self::Statistics { .. } => OperationKind::Statistics,
            Self::Report { .. } => OperationKind::Report,
            Self::Quota => OperationKind::Quota,
            Self::UploadImage(_) => OperationKind::UploadImage,
            Self::CheckImage { .. } => OperationKind::CheckImage,
            Self::CreateChannel { .. } => OperationKind::CreateChannel,
            Self::ReadChannel { .. } => OperationKind::ReadChannel,
            Self::DeleteChannel { .. } => OperationKind::DeleteChannel,
            Self::Channels => OperationKind::Channels,
            Self::Own { .. } => OperationKind::Own(""),
        }
    }

    /// The targets it names.
    pub fn targets(&self) -> &[Target] {
        match self {
            Self::Withdraw { targets, .. }
            | Self::CheckTargets { targets }
            | Self::Subscribe { targets, .. }
            | Self::Unsubscribe { targets, .. }
            | Self::Own { targets, .. } => targets,
            Self::Groups { target, .. } => std::slice::from_ref(target),
            _ => &[],
        }
    }

    /// The arguments of a vendor's own call, as texts; none for other operations.
    pub fn texts(&self) -> Vec<(&str, Cow<'_, str>)> {
        let Self::Own { args, .. } = self else { return Vec::new() };
        let text = |value: &'_ Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        args.iter().map(|(name, value)| (name.as_str(), text(value).into())).collect()
    }

    /// The same for other targets, or for itself where it takes no list of them.
    pub(crate) fn with_targets(&self, some: Vec<Target>) -> Self {
        let mut other = self.clone();
        match &mut other {
            Self::Withdraw { targets, .. }
            | Self::CheckTargets { targets }
            | Self::Subscribe { targets, .. }
            | Self::Unsubscribe { targets, .. }
            | Self::Own { targets, .. } => *targets = some,
            _ => {}
        }
        other
    }
}

/// An operation that a vendor offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The kind.
    pub kind: OperationKind,
    /// The most targets (for statistics: ids) of one request. More targets go in several
    /// requests, unless they belong together; more ids are refused.
    pub max: usize,
    /// Whether the targets belong together, so that more than `max` of them are refused.
    pub whole: bool,
    /// Whether it may go again when its answer was lost. Not so where each call makes a new thing.
    pub repeats: bool,
    /// The arguments of a vendor's own call: name, and what it means. One whose meaning begins
    /// with `needed` must be given.
    pub args: &'static [(&'static str, &'static str)],
    /// What the vendor calls it, and what to know about it.
    pub note: &'static str,
    /// The call, where it is no more than fields by name; see [`request`](Self::request).
    pub call: Option<Plain>,
}

/// A call of fields by name: a POST with a form, or a GET with a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plain {
    /// Whether it is a GET.
    pub get: bool,
    /// The path.
    pub path: &'static str,
    /// The field that holds the targets, joined by commas; empty: none.
    pub targets: &'static str,
}

impl Offer {
    /// An operation for one target a request, or none.
    pub const fn new(kind: OperationKind, note: &'static str) -> Self {
        Self { kind, max: 1, whole: false, repeats: true, args: &[], note, call: None }
    }

    /// The same as a POST of fields; `targets` names the one with the targets.
    pub const fn post(mut self, path: &'static str, targets: &'static str) -> Self {
        self.call = Some(Plain { get: false, path, targets });
        self
    }

    /// The same as a GET with a query; `targets` names the field with the targets.
    pub const fn get(mut self, path: &'static str, targets: &'static str) -> Self {
        self.call = Some(Plain { get: true, path, targets });
        self
    }

    /// The request of an operation whose call is [`Plain`]: its targets, the arguments of a
    /// vendor's own call under their names, and `more`.
    ///
    /// # Errors
    /// When the call is not plain, or a target would be taken for two.
    pub fn request(&self, host: &str, operation: &Operation, more: &[(&str, &str)]) -> Result<Request, Refusal> {
        let wrong = Refusal::not_sent;
        let Plain { get, path, targets } = self.call.ok_or_else(|| wrong("the vendor has no such operation"))?;
        let named = operation.targets();
        if !targets.is_empty() && named.is_empty() {
            return Err(wrong("targets: at least one is needed"));
        }
        if named.iter().any(|target| target.as_str().is_empty() || target.as_str().contains(',')) {
            return Err(wrong("targets: must not be empty, nor hold commas"));
        }
        let names = named.iter().map(Target::as_str).collect::<Vec<_>>().join(",");
        let args = operation.texts();
        let mut fields: Vec<(&str, &str)> = Vec::with_capacity(1 + args.len() + more.len());
        fields.extend((!targets.is_empty()).then_some((targets, names.as_str())));
        fields.extend(args.iter().map(|(name, value)| (*name, value.as_ref())));
        fields.extend_from_slice(more);
        let url = format!("{host}{path}");
        Ok(if get { Request::get(&url, &fields) } else { Request::post(url, form_body(fields)).form() })
    }

    /// A vendor's own call.
    pub const fn own(name: &'static str, args: &'static [(&'static str, &'static str)], note: &'static str) -> Self {
        Self { args, ..Self::new(OperationKind::Own(name), note) }
    }

    /// For up to so many targets (or ids) a request.
    pub const fn max(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// For up to so many targets, which belong together; more are refused.
    pub const fn whole(mut self, max: usize) -> Self {
        self.whole = true;
        self.max(max)
    }

    /// Not repeated when its answer was lost.
    pub const fn once(mut self) -> Self {
        self.repeats = false;
        self
    }

    /// Whether it is for this operation.
    pub fn is_for(&self, operation: &Operation) -> bool {
        match (self.kind, operation) {
            (OperationKind::Own(own), Operation::Own { name, .. }) => own == name,
            (kind, operation) => kind == operation.kind(),
        }
    }

    /// Checks what no vendor needs to look at again: how many targets or ids there are, and the
    /// names of arguments.
    pub(crate) fn check(&self, operation: &Operation) -> Result<(), Refusal> {
        let wrong = |text: String| Err(Refusal::not_sent(&text));
        let count = operation.targets().len();
        if self.whole && count > self.max {
            return wrong(format!("targets: {count} are given; at most {} are allowed", self.max));
        }
        match operation {
            Operation::Statistics { ids } if ids.is_empty() || ids.len() > self.max => {
                wrong(format!("ids: {} are given; 1 to {} are allowed", ids.len(), self.max))
            }
            Operation::Report { from, to } if to < from => wrong(format!("to: {to} is before {from}")),
            Operation::Own { name, args, .. } => {
                let known = |key: &str| self.args.iter().any(|(name, _)| *name == key);
                let names = || self.args.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                if let Some(odd) = args.keys().find(|key| !known(key)) {
                    return wrong(format!("{name}: there is no argument `{odd}`; there are: {}", names()));
                }
                let missing =
                    self.args.iter().find(|(key, words)| words.starts_with("needed") && !args.contains_key(*key));
                match missing {
                    Some((key, words)) => wrong(format!("{name}: the argument `{key}` is missing ({words})")),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}

/// What an operation came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// One verdict for each target of the operation, in order; one for an operation without
    /// targets.
    pub verdicts: Vec<Verdict>,
    /// What it found.
    pub found: Found,
}

impl Answer {
    /// Done, for all targets.
    pub fn done(operation: &Operation) -> Self {
        Self::found(operation, Found::Nothing)
    }

    /// Done, for all targets, with something found.
    pub fn found(operation: &Operation, found: Found) -> Self {
        let accepted = Verdict::Accepted { id: None };
        Self { verdicts: vec![accepted; operation.targets().len().max(1)], found }
    }

    /// Done but for the targets that were refused, which `refusal` names by their place.
    pub fn partial(operation: &Operation, refusal: impl Fn(usize) -> Option<Refusal>) -> Self {
        let mut answer = Self::done(operation);
        for (at, verdict) in answer.verdicts.iter_mut().enumerate() {
            if let Some(refusal) = refusal(at) {
                *verdict = Verdict::Refused(refusal.into());
            }
        }
        answer
    }
}

/// What an operation found.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Found {
    /// Nothing: that it was done is all.
    #[default]
    Nothing,
    /// The id or address of what was made.
    Id(String),
    /// Names: of groups, channels, targets.
    Names(Vec<String>),
    /// Counters.
    Counts(Vec<Counts>),
    /// Something of the vendor's own form, verbatim.
    Other(Value),
}

impl Found {
    /// This and that, for an operation that took several requests.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, other) => other,
            (Self::Names(mut names), Self::Names(more)) => {
                names.extend(more);
                Self::Names(names)
            }
            (Self::Counts(mut counts), Self::Counts(more)) => {
                counts.extend(more);
                Self::Counts(counts)
            }
            (found, _) => found,
        }
    }
}

/// Counters of one message, one day or one quota.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The message's id, the day (`2026-11-23`) or the quota's name.
    pub of: String,
    /// The counters by name: those of [`count`] where the vendor's means the same, else the
    /// vendor's own.
    pub numbers: BTreeMap<String, i64>,
}

impl Counts {
    /// From the numbers (or texts that hold one) of a JSON object, renamed by a table of the
    /// vendor's names and ours. What the table does not have keeps its name; what it renames to
    /// nothing is left out.
    pub fn of(of: impl Into<String>, object: &Value, names: &[(&str, &str)]) -> Self {
        let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
        let renamed = |wire: &str| {
            let wire = wire.trim();
            names.iter().find(|(from, _)| *from == wire).map_or(wire, |(_, to)| *to).to_owned()
        };
        let members = object.as_object().into_iter().flatten();
        Self {
            of: of.into(),
            numbers: members
                .filter_map(|(k, v)| Some((renamed(k), number(v)?)))
                .filter(|(name, _)| !name.is_empty())
                .collect(),
        }
    }
}

/// Names of counters that several vendors have.
pub mod count {
    /// Targets of the message.
    pub const TARGETED: &str = "targeted";
    /// Targets that were good.
    pub const VALID: &str = "valid";
    /// Targets it was sent to.
    pub const SENT: &str = "sent";
    /// Devices that received it.
    pub const DELIVERED: &str = "delivered";
    /// Devices that showed it.
    pub const SHOWN: &str = "shown";
    /// Users who tapped it.
    pub const CLICKED: &str = "clicked";
    /// Targets that were dead.
    pub const INVALID: &str = "invalid";
    /// The amount that a quota allows.
    pub const QUOTA: &str = "quota";
    /// The amount of a quota that is used up.
    pub const USED: &str = "used";
}

/// A request body of `multipart/form-data`, for uploads.
pub struct Multipart {
    boundary: String,
    body: Vec<u8>,
}

impl Multipart {
    /// Empty, with a boundary from random bytes.
    pub fn new(rng: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut random = [0; 16];
        rng(&mut random);
        Self { boundary: format!("omnipush{:032x}", u128::from_be_bytes(random)), body: Vec::new() }
    }

    /// With a text field.
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.part(name, "", value.as_bytes());
        self
    }

    /// With a text field that is a secret.
    pub fn secret(self, name: &str, value: &Secret) -> Self {
        self.text(name, value.expose())
    }

    /// With a file.
    pub fn file(mut self, name: &str, image: &Image) -> Self {
        let plain = |text: &str| text.replace(['"', '\r', '\n', '\\'], "_");
        let extra = format!("; filename=\"{}\"\r\nContent-Type: {}", plain(&image.file_name), plain(&image.media_type));
        self.part(name, &extra, &image.bytes);
        self
    }

    fn part(&mut self, name: &str, extra: &str, value: &[u8]) {
        let head = format!("--{}\r\nContent-Disposition: form-data; name=\"{name}\"{extra}\r\n\r\n", self.boundary);
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(value);
        self.body.extend_from_slice(b"\r\n");
    }

    /// The content type and the body.
    pub fn finish(mut self) -> (String, Bytes) {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        (format!("multipart/form-data; boundary={}", self.boundary), Bytes::from(self.body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_that_belong_together_are_refused_rather_than_split() {
        let of = |count: usize| Operation::Own {
            name: "group".into(),
            targets: (0..count).map(|number| Target::new(number.to_string())).collect(),
            args: Map::new(),
        };
        let offer = Offer::own("group", &[], "").whole(20);
        assert!(offer.check(&of(20)).is_ok());
        let refusal = offer.check(&of(21)).unwrap_err();
        assert_eq!(&*refusal.text, "targets: 21 are given; at most 20 are allowed");
        assert!(Offer::own("group", &[], "").max(20).check(&of(21)).is_ok(), "goes in two requests");
    }
}
