//! What Mi Push offers besides sending: withdrawing, scheduled sends, traces, topics, channels.
//!
//! Methods, paths and fields are those of the official Java SDK; which withdrawals end when, of
//! the developer documentation (pId=2367). Pictures are in `upload`.

use http::Method;
use serde_json::{Value, json};

use super::audience::To;
use super::checks::{is_regid, whole};
use super::codes::{Refusal, refuse};
use super::memory::Memory;
use super::message::{self, Pairs, get};
use super::{MAX_TARGETS, OTHER_PACKAGE, PACKAGE, PRIVATE_CHANNEL, PUBLIC_CHANNEL, Xiaomi, accepted};
use crate::fake::{Answer, Call, TargetState};

/// When the older calls that withdraw are switched off: midnight of 2026-12-01 in Beijing.
const OLD_REVOKE_ENDS_MS: u64 = 1_796_054_400_000;
/// Channels of an app.
const MAX_CHANNELS: usize = 30;
/// Days between the first and the last of a report are fewer than this.
const MAX_DAYS: i64 = 30;

/// A call that is no send.
pub(super) struct Offer {
    pub(super) method: Method,
    pub(super) path: &'static str,
    params: &'static [Param],
    does: Does,
    until_ms: u64,
}

/// A field of such a call.
struct Param {
    name: &'static str,
    form: Form,
    /// Whether it must be there. Of those that need not, some calls want one.
    needed: bool,
}

enum Form {
    Filled,
    /// Up to a thousand names, comma separated.
    Names,
    Whole(i64, i64),
    Day,
    Package,
}

/// What a call comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// Nothing that could be seen from outside.
    Done,
    /// What regIds show under a number is taken back.
    Withdraw,
    /// Nothing either, for messages that were sent: by the first field.
    Stop,
    /// The same, by one of two fields.
    Revoke,
    Unschedule,
    IsScheduled,
    Trace,
    Traces,
    Quota,
    Report,
    DeadRegids,
    DeadAliases,
    Validate,
    Presence,
    Groups(&'static str),
    Subscribe(To),
    Unsubscribe(To),
    AddChannel,
    DropChannel,
    Channels,
}

const fn needs(name: &'static str, form: Form) -> Param {
    Param { name, form, needed: true }
}

const fn may(name: &'static str, form: Form) -> Param {
    Param { name, form, needed: false }
}

const fn post(path: &'static str, params: &'static [Param], does: Does) -> Offer {
    Offer { method: Method::POST, path, params, does, until_ms: u64::MAX }
}

const fn get_(path: &'static str, params: &'static [Param], does: Does) -> Offer {
    Offer { method: Method::GET, path, params, does, until_ms: u64::MAX }
}

const fn ending(path: &'static str, params: &'static [Param], does: Does) -> Offer {
    Offer { method: Method::POST, path, params, does, until_ms: OLD_REVOKE_ENDS_MS }
}

const APP: Param = needs("restricted_package_name", Form::Package);
const NOTIFY_ID: Param = needs("notify_id", Form::Whole(0, i32::MAX as i64));
// That the v3 calls have the fields of v1 is an assumption: theirs were not seen.
const BY_REGID: &[Param] = &[needs("registration_ids", Form::Names), APP, NOTIFY_ID];
const BY_ALIAS: &[Param] = &[needs("aliases", Form::Names), APP, NOTIFY_ID];
const BY_ACCOUNT: &[Param] = &[needs("user_accounts", Form::Names), APP, NOTIFY_ID];
const OF_REGID: &[Param] = &[APP, needs("registration_id", Form::Filled)];
const TOPIC: Param = needs("topic", Form::Filled);
const CATEGORY: Param = may("category", Form::Filled);
const REGIDS_TOPIC: &[Param] = &[needs("registration_id", Form::Names), TOPIC, CATEGORY, APP];
const ALIASES_TOPIC: &[Param] = &[needs("aliases", Form::Names), TOPIC, CATEGORY, APP];
const CHANNEL: Param = needs("channel_id", Form::Filled);

pub(super) const OFFERS: &[Offer] = &[
    post("/v3/message/regid/revoke", BY_REGID, Does::Withdraw),
    post("/v3/message/alias/revoke", BY_ALIAS, Does::Done),
    post("/v3/message/user_account/revoke", BY_ACCOUNT, Does::Done),
    ending("/v1/message/regid/revoke", BY_REGID, Does::Withdraw),
    ending("/v1/message/alias/revoke", BY_ALIAS, Does::Done),
    ending("/v1/message/user_account/revoke", BY_ACCOUNT, Does::Done),
    ending("/v1/message/topic/revoke", &[TOPIC, APP, NOTIFY_ID], Does::Done),
    ending(
        "/v1/message/multi_topic/revoke",
        &[needs("topics", Form::Filled), needs("topic_op", Form::Filled), APP, NOTIFY_ID],
        Does::Done,
    ),
    ending("/v2/message/revoke", &[may("msg_id", Form::Filled), may("job_key", Form::Filled), APP], Does::Revoke),
    post("/v1/message/switch/stop_by_id", &[needs("msg_ids", Form::Names), APP], Does::Stop),
    post("/v1/message/switch/stop_by_jobkey", &[needs("job_keys", Form::Names), APP], Does::Stop),
    post("/v2/schedule_job/delete", &[needs("job_id", Form::Filled)], Does::Unschedule),
    post("/v3/schedule_job/delete", &[needs("jobkey", Form::Filled)], Does::Unschedule),
    post("/v2/schedule_job/exist", &[needs("job_id", Form::Filled)], Does::IsScheduled),
    get_("/v1/trace/message/status", &[may("msg_id", Form::Filled), may("job_key", Form::Filled)], Does::Trace),
    get_(
        "/v1/trace/messages/status",
        &[needs("begin_time", Form::Whole(1, i64::MAX)), needs("end_time", Form::Whole(1, i64::MAX))],
        Does::Traces,
    ),
    get_("/v1/trace/quota/get", &[], Does::Quota),
    get_(
        "/v1/stats/message/counters",
        &[needs("start_date", Form::Day), needs("end_date", Form::Day), APP],
        Does::Report,
    ),
    get_("/v1/feedback/fetch_invalid_regids", &[], Does::DeadRegids),
    get_("/v1/feedback/fetch_invalid_aliases", &[], Does::DeadAliases),
    post("/v1/validation/regids", &[needs("registration_ids", Form::Names)], Does::Validate),
    get_("/v1/regid/presence", OF_REGID, Does::Presence),
    get_("/v2/regid/presence", &[APP, needs("registration_id", Form::Names)], Does::Presence),
    get_("/v1/alias/all", OF_REGID, Does::Groups("alias")),
    get_("/v1/topic/all", OF_REGID, Does::Groups("topic")),
    get_("/v1/account/all", OF_REGID, Does::Groups("account")),
    post("/v2/topic/subscribe", REGIDS_TOPIC, Does::Subscribe(To::Regids)),
    post("/v2/topic/unsubscribe", REGIDS_TOPIC, Does::Unsubscribe(To::Regids)),
    post("/v2/topic/subscribe/alias", ALIASES_TOPIC, Does::Subscribe(To::Aliases)),
    post("/v2/topic/unsubscribe/alias", ALIASES_TOPIC, Does::Unsubscribe(To::Aliases)),
    // Yes, by GET.
    get_(
        "/v1/channel/add",
        &[
            CHANNEL,
            needs("channel_name", Form::Filled),
            may("channel_description", Form::Filled),
            may("sound_url", Form::Filled),
            may("notify_type", Form::Whole(-1, 7)),
        ],
        Does::AddChannel,
    ),
    get_("/v1/channel/discard", &[CHANNEL], Does::DropChannel),
    get_("/v1/channel/list", &[], Does::Channels),
];

impl Param {
    fn check(&self, fields: &Pairs) -> Result<(), Refusal> {
        let name = self.name;
        let value = match get(fields, name) {
            None if self.needed => return refuse(10016, format!("required parameter {name} is missing")),
            None => return Ok(()),
            Some("") if name == "topic" => return refuse(65013, "topic is empty"),
            Some("") => return refuse(65011, format!("parameter {name} is empty")),
            Some(value) => value,
        };
        let names = || value.split(',');
        let good = match self.form {
            Form::Filled => true,
            Form::Names => names().count() <= MAX_TARGETS && names().all(|name| !name.is_empty()),
            Form::Whole(least, most) => whole(value).is_some_and(|number| (least..=most).contains(&number)),
            Form::Day => day(value).is_some(),
            Form::Package if [PACKAGE, OTHER_PACKAGE].contains(&value) => true,
            Form::Package => return refuse(22022, format!("illegal package name {value}")),
        };
        if good { Ok(()) } else { refuse(10017, format!("value of parameter {name} is illegal")) }
    }
}

fn day(text: &str) -> Option<chrono::NaiveDate> {
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| chrono::NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten()
}

fn not_found<T>(name: &str) -> Result<T, Refusal> {
    refuse(65028, format!("message {name} is not found"))
}

impl Xiaomi {
    /// Serves a call that is no send.
    pub(super) fn operate(&self, call: &Call, offer: &Offer) -> Result<Answer, Refusal> {
        if call.now_ms >= offer.until_ms {
            return refuse(10020, format!("interface {} was switched off on 2026-12-01", offer.path));
        }
        self.authorise(call)?;
        let fields = if offer.method == Method::GET { message::query(call)? } else { message::form(call)? };
        let stranger = fields.iter().find(|(key, _)| offer.params.iter().all(|param| param.name != key));
        if let Some((key, _)) = stranger {
            return refuse(10008, format!("unknown parameter {key}"));
        }
        offer.params.iter().try_for_each(|param| param.check(&fields))?;
        let data = self.does(offer.does, &fields)?;
        Ok(accepted(self.world.serial(), &data, ""))
    }

    fn does(&self, does: Does, fields: &Pairs) -> Result<Value, Refusal> {
        let mut memory = self.memory();
        let field = |name: &str| get(fields, name).unwrap_or_default();
        let first = fields.first().map_or("", |(_, value)| value);
        let list = |names: &[&str]| json!({"list": names});
        match does {
            Does::Done => {}
            Does::Withdraw => {
                let number = whole(field("notify_id")).unwrap_or_default();
                field("registration_ids").split(',').for_each(|id| self.world.withdraw(id, number));
            }
            Does::Revoke | Does::Trace => {
                let given: Vec<&str> = ["msg_id", "job_key"].into_iter().filter_map(|name| get(fields, name)).collect();
                let [name] = given.as_slice() else { return refuse(10016, "one of msg_id and job_key is needed") };
                let Some(sent) = memory.message(name) else { return not_found(name) };
                if does == Does::Trace {
                    return Ok(json!({"data": sent.counters()}));
                }
            }
            Does::Stop => {
                let names = field("msg_ids").split(',').chain(field("job_keys").split(','));
                let mut names = names.filter(|name| !name.is_empty());
                if let Some(stranger) = names.find(|name| memory.message(name).is_none()) {
                    return not_found(stranger);
                }
            }
            Does::Unschedule if !memory.scheduled.remove(first) => return not_found(first),
            Does::IsScheduled if !memory.scheduled.contains(first) => return not_found(first),
            Does::Unschedule | Does::IsScheduled => {}
            Does::Traces => {
                let time = |name| whole(field(name)).and_then(|ms| u64::try_from(ms).ok()).unwrap_or_default();
                let span = time("begin_time")..=time("end_time");
                if span.is_empty() {
                    return refuse(10017, "end_time is before begin_time");
                }
                let sent = memory.sent.iter().filter(|sent| span.contains(&sent.at_ms));
                return Ok(json!({"data": sent.map(super::memory::Sent::counters).collect::<Vec<_>>()}));
            }
            Does::Quota => return Ok(super::quota().into()),
            Does::Report => return report(field("start_date"), field("end_date")),
            Does::DeadRegids => return Ok(json!({"list": std::mem::take(&mut memory.dead_regids)})),
            Does::DeadAliases if memory.dead_aliases.is_empty() => return refuse(10035, "no more invalid aliases"),
            Does::DeadAliases => return Ok(json!({"list": std::mem::take(&mut memory.dead_aliases)})),
            // What these two answer is documented nowhere; nobody should read a meaning into it.
            Does::Validate => {
                let bad: Vec<&str> = field("registration_ids").split(',').filter(|id| !self.lives(id)).collect();
                return Ok(json!({"bad_regids": bad.join(",")}));
            }
            Does::Presence => {
                let ids = field("registration_id").split(',');
                let states = ids.map(|id| (id.to_owned(), if self.lives(id) { "online" } else { "offline" }.into()));
                return Ok(Value::Object(states.collect()));
            }
            Does::Groups(kind) => return Ok(list(&memory.groups_of(kind, field("registration_id")))),
            Does::Subscribe(to) | Does::Unsubscribe(to) => {
                let enters = does == Does::Subscribe(to);
                let names = if to == To::Regids { field("registration_id") } else { field("aliases") };
                if let Some(bad) = names.split(',').find(|id| to == To::Regids && !self.lives(id)) {
                    return refuse(10029, format!("illegal device {bad}"));
                }
                set_topic(&mut memory, names, field("topic"), enters);
            }
            Does::AddChannel => {
                memory.channels.insert(field("channel_id").to_owned());
                if memory.channels.len() + 2 > MAX_CHANNELS {
                    memory.channels.remove(field("channel_id"));
                    return refuse(10017, format!("more than {MAX_CHANNELS} channels"));
                }
            }
            Does::DropChannel if !memory.channels.remove(first) => return refuse(27001, "invalid channel info!"),
            Does::DropChannel => {}
            Does::Channels => {
                let own = memory.channels.iter().map(String::as_str);
                return Ok(list(&[PUBLIC_CHANNEL, PRIVATE_CHANNEL].into_iter().chain(own).collect::<Vec<_>>()));
            }
        }
        Ok(json!({}))
    }

    fn lives(&self, regid: &str) -> bool {
        is_regid(regid) && matches!(self.world.target(regid), TargetState::Alive)
    }
}

fn set_topic(memory: &mut Memory, members: &str, topic: &str, enters: bool) {
    for member in members.split(',') {
        let row = ("topic", member.to_owned(), topic.to_owned());
        if enters {
            memory.groups.insert(row);
        } else {
            memory.groups.remove(&row);
        }
    }
}

/// A row for each day, with the same counters for all.
fn report(start: &str, end: &str) -> Result<Value, Refusal> {
    let Some((start, end)) = day(start).zip(day(end)) else { return refuse(10017, "no dates") };
    if !(0..MAX_DAYS).contains(&(end - start).num_days()) {
        return refuse(10017, format!("start_date and end_date are not less than {MAX_DAYS} days apart"));
    }
    let rows = start.iter_days().take_while(|day| *day <= end).map(|day| {
        json!({
            "date": day.format("%Y%m%d").to_string(),
            "single_recipients": 6,
            "broadcast_recipients": 4,
            "regid_recipients": 3,
            "alias_recipients": 2,
            "useraccount_recipients": 1,
            "received": 9,
            "click": 5,
        })
    });
    Ok(json!({"data": rows.collect::<Vec<_>>()}))
}
