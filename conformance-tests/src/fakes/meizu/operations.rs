//! Calls that are no pushes: tasks, statistics and pictures on the push host, and on the
//! subscription host what a device takes. The same signature goes over both.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::audience::{MAX_ALIAS, one_of, tags};
use super::checks::{Checked, Refusal, web, wrong};
use super::form::Form;
use super::memory::{Device, Memory};
use super::{FRAME, Meizu, PREFIX, done, is_push_id};
use crate::fake::{Answer, TargetState};

/// The path of the subscription host.
const SUBSCRIPTIONS: &str = "/garcia/api/server/message/";
/// Days that the first and the last of a report may be apart.
const MAX_DAYS: i64 = 30;

/// A call that is no push.
pub(super) struct Offer {
    prefix: &'static str,
    path: &'static str,
    /// By GET, and not by POST.
    pub(super) get: bool,
    parameters: &'static [&'static str],
    does: Does,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    Cancel,
    TaskStatistics,
    DailyStatistics,
    Picture,
    Switches,
    ChangeSwitch,
    ChangeSwitches,
    Alias,
    SetAlias,
    DropAlias,
    Tags,
    AddTags,
    DropTags,
    DropAllTags,
}

const fn push_host(path: &'static str, get: bool, parameters: &'static [&'static str], does: Does) -> Offer {
    Offer { prefix: PREFIX, path, get, parameters, does }
}

const fn device(path: &'static str, get: bool, parameters: &'static [&'static str], does: Does) -> Offer {
    Offer { prefix: SUBSCRIPTIONS, path, get, parameters, does }
}

pub(super) const OFFERS: &[Offer] = &[
    push_host("pushTask/cancel", false, &["pushType", "taskId"], Does::Cancel),
    push_host("statistics/getTaskStatistics", true, &["taskId"], Does::TaskStatistics),
    push_host("statistics/dailyPushStatics", true, &["startTime", "endTime"], Does::DailyStatistics),
    // The Java SDK signs and sends a stray `pushIds` with it.
    push_host("uploadImg", false, &["imgType", "imgUrl", "pushIds"], Does::Picture),
    device("getRegisterSwitch", true, &["pushId"], Does::Switches),
    device("changeRegisterSwitch", false, &["pushId", "msgType", "subSwitch"], Does::ChangeSwitch),
    device("changeAllSwitch", false, &["pushId", "subSwitch"], Does::ChangeSwitches),
    device("subscribeAlias", false, &["pushId", "alias"], Does::SetAlias),
    device("unSubscribeAlias", false, &["pushId"], Does::DropAlias),
    device("getSubAlias", true, &["pushId"], Does::Alias),
    device("subscribeTags", false, &["pushId", "tags"], Does::AddTags),
    device("unSubscribeTags", false, &["pushId", "tags"], Does::DropTags),
    device("getSubTags", true, &["pushId"], Does::Tags),
    device("unSubAllTags", false, &["pushId"], Does::DropAllTags),
];

impl Offer {
    /// Whether it has this path.
    pub(super) fn is_at(&self, path: &str) -> bool {
        path.strip_prefix(self.prefix) == Some(self.path)
    }
}

impl Meizu {
    /// Serves a call that is no push.
    pub(super) fn operate(&self, form: &Form, offer: &Offer) -> Checked<Answer> {
        form.only(&[FRAME, offer.parameters].concat())?;
        let mut memory = self.memory();
        let value = match offer.does {
            Does::Cancel => cancel(&mut memory, form)?,
            Does::TaskStatistics => {
                let id = form.required("taskId")?;
                if memory.task(id).is_none() {
                    return Err(no_task(id));
                }
                counters()
            }
            Does::DailyStatistics => daily(form)?,
            Does::Picture => picture(form)?,
            does => {
                let id = form.required("pushId")?;
                self.registered(id)?;
                subscription(&mut memory, form, id, does)?
            }
        };
        Ok(done(&value))
    }

    fn registered(&self, id: &str) -> Checked<()> {
        match self.world.target(id) {
            _ if !is_push_id(id) => Err(Refusal::new("110003", format!("{id:?} is no pushId"))),
            TargetState::Alive => Ok(()),
            TargetState::Dead => Err(Refusal::new("110002", format!("{id:?} is not registered"))),
            TargetState::Refused(code) => Err(Refusal::new(code.code, "asked for by the test")),
        }
    }
}

fn no_task(id: &str) -> Refusal {
    Refusal::new("110032", format!("no task {id:?}"))
}

/// Stops a broadcast that waits or runs, once.
fn cancel(memory: &mut Memory, form: &Form) -> Checked<Value> {
    let id = form.required("taskId")?;
    one_of(form, "pushType", &["0", "1"])?;
    match memory.task_mut(id).filter(|task| task.message.is_none()) {
        None => Err(no_task(id)),
        Some(task) if task.cancelled => Err(Refusal::new("500", "the task is already cancelled")),
        Some(task) => {
            task.cancelled = true;
            Ok(json!({"result": true}))
        }
    }
}

/// The same for every task and day. One name has a space at its end, as the document prints it.
fn counters() -> Value {
    json!({"targetNo": 9, "validNo": 8, "pushedNo": 7, "acceptNo ": 6, "displayNo": 5, "clickNo": 4})
}

fn daily(form: &Form) -> Checked<Value> {
    let day = |name| {
        let text = form.required(name)?;
        let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
        let day = NaiveDate::parse_from_str(text, "%Y%m%d").ok().filter(|_| digits);
        day.ok_or_else(|| wrong(name, format!("{text:?} is not yyyyMMdd")))
    };
    let (start, end) = (day("startTime")?, day("endTime")?);
    if end < start {
        return Err(wrong("endTime", "before startTime"));
    }
    if (end - start).num_days() > MAX_DAYS {
        return Err(Refusal::new("500", format!("the dates are more than {MAX_DAYS} days apart")));
    }
    let rows = start.iter_days().take_while(|day| *day <= end).map(|day| {
        let mut row = counters();
        if let Value::Object(row) = &mut row {
            row.insert("date".into(), day.format("%Y-%m-%d").to_string().into());
        }
        row
    });
    Ok(rows.collect())
}

/// Takes a picture from where it is, to where it lives for three days.
fn picture(form: &Form) -> Checked<Value> {
    let kind = one_of(form, "imgType", &["0", "1", "3", "4", "5", "6"])?;
    let source = form.required("imgUrl")?;
    if !web(source) {
        return Err(wrong("imgUrl", format!("{source:?} is no web address")));
    }
    Ok(json!({"imgType": kind.parse::<u8>().unwrap_or_default(), "imgUrl": picture_at(kind)}))
}

/// Where a picture of a kind is found. The name never resolves.
pub(super) fn picture_at(kind: &str) -> String {
    format!("https://image.res.meizu.invalid/image/flyme-push/{kind}")
}

fn subscription(memory: &mut Memory, form: &Form, id: &str, does: Does) -> Checked<Value> {
    let mut device = memory.devices.get(id).cloned().unwrap_or_default();
    change(&mut device, form, does)?;
    let value = match does {
        Does::Switches | Does::ChangeSwitch | Does::ChangeSwitches => {
            let [bar, direct] = device.switches.map(u8::from);
            json!({"barTypeSwitch": bar, "directTypeSwitch": direct, "pushId": id})
        }
        Does::Alias | Does::SetAlias | Does::DropAlias => json!({"pushId": id, "alias": device.alias}),
        Does::DropAllTags => Value::Bool(true),
        _ => {
            let tags = device.tags.iter().map(|tag| json!({"tagId": memory.tag_number(tag), "tagName": tag}));
            json!({"pushId": id, "tags": tags.collect::<Vec<_>>()})
        }
    };
    memory.devices.insert(id.to_owned(), device);
    Ok(value)
}

fn change(device: &mut Device, form: &Form, does: Does) -> Checked<()> {
    let on = || Ok(one_of(form, "subSwitch", &["0", "1"])? == "1");
    let [bar, direct] = &mut device.switches;
    match does {
        Does::ChangeSwitch if one_of(form, "msgType", &["0", "1"])? == "0" => *bar = on()?,
        Does::ChangeSwitch => *direct = on()?,
        Does::ChangeSwitches => device.switches = [on()?; 2],
        Does::SetAlias => {
            let alias = form.required("alias")?;
            if alias.chars().count() > MAX_ALIAS {
                return Err(wrong("alias", format!("{} characters", alias.chars().count())));
            }
            device.alias = alias.to_owned();
        }
        Does::DropAlias => device.alias.clear(),
        Does::AddTags => device.tags.extend(tags("tags", form.required("tags")?)?),
        Does::DropTags => {
            let gone = tags("tags", form.required("tags")?)?;
            device.tags.retain(|tag| !gone.contains(tag));
        }
        Does::DropAllTags => device.tags.clear(),
        _ => {}
    }
    Ok(())
}
