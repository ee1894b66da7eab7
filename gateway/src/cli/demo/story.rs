//! The second part of the demo: what becomes of a friend's messages on a phone of each maker, from the
//! app in the foreground to the logout, and which rule decides.

use console::{Term, style};
use futures::future::try_join_all;
use omnipush::Badge;
use omnipush::http::Method;
use serde_json::{Value, json};

use super::super::output::{Out, table, width};
use super::super::{Bad, samples};
use super::backend::Backend;
use crate::rules::Rule;

/// The friend who writes: account, nickname, words.
const FRIEND: [&str; 3] = ["xiaoming", "王小明", "今晚七点老地方见 🍜"];

/// Where a vendor's message has the number for the app's icon, and whether it is the number itself or what
/// is added to it. The others have none.
const BADGES: &[(&str, &str, bool)] = &[
    ("apns", "/aps/badge", true),
    ("huawei", "/android/notification/badge/add_num", false),
    ("harmony", "/payload/notification/badge/addNum", false),
    ("honor", "/android/notification/badge/addNum", false),
];

/// A scene of the story, which every phone goes through.
struct Scene {
    /// Its name for programs.
    name: &'static str,
    /// Its name for people, and on a narrow terminal.
    title: (&'static str, &'static str),
    /// What the backend tells of each user first: method, what stands behind the user, body.
    tells: Option<(Method, &'static str, Value)>,
    message: Value,
    /// The rule that must decide; and when it is for a push, the number on the icon of an Apple device.
    due: (Rule, Option<u32>),
}

fn scenes(to: &[String]) -> [Scene; 6] {
    let [account, name, words] = FRIEND;
    let event = |body| Some((Method::POST, "devices/phone/events", body));
    let chat = |random: u32, control: &[&str]| {
        json!({
            "From_Account": account, "To_Account": to, "MsgRandom": random, "SendMsgControl": control,
            "MsgBody": [{ "MsgType": "TIMTextElem", "MsgContent": { "Text": words } }],
            "OfflinePushInfo": { "Title": name, "Desc": words },
        })
    };
    let custom = json!({
        "From_Account": account, "To_Account": to, "MsgRandom": 4,
        "MsgBody": [{ "MsgType": "TIMCustomElem", "MsgContent": { "Data": "typing" } }],
    });
    let background = event(json!({ "event": "background", "unread": 3 }));
    let killed = event(json!({ "event": "disconnect", "connection": 1 }));
    let mute = Some((Method::PUT, "options/users", json!({ "users": [account], "opt": 2 })));
    let logout = event(json!({ "event": "logout" }));
    let scene = |name, title, tells, message, due| Scene { name, title, tells, message, due };
    [
        scene("foreground", ("App in front", "In front"), None, chat(1, &[]), (Rule::R1, None)),
        scene("background", ("In background", "Background"), background, chat(2, &[]), (Rule::R12, Some(4))),
        scene("killed", ("Killed", "Killed"), killed, chat(3, &[]), (Rule::R2, Some(5))),
        scene("undescribed", ("Custom, no words", "No words"), None, custom, (Rule::R27, None)),
        scene("muted", ("Friend muted", "Muted"), mute, chat(5, &["WithMuteNotifications"]), (Rule::R29, None)),
        scene("logged_out", ("Logged out", "Logged out"), logout, chat(6, &[]), (Rule::R7, None)),
    ]
}

/// What came of one scene on one phone.
struct Came {
    /// Whether the vendor took a push.
    pushed: bool,
    badge: Option<Badge>,
    rule: Rule,
    /// What is not as it must be.
    wrong: Option<String>,
}

/// What came of the story on the phone of one vendor, scene by scene.
struct Phone {
    vendor: &'static str,
    name: &'static str,
    came: Vec<Came>,
}

/// The story as it went.
pub(super) struct Told {
    scenes: [Scene; 6],
    phones: Vec<Phone>,
}

/// Plays the story on a gateway over the embedded fakes.
pub(super) async fn play() -> Result<Told, Bad> {
    play_these(scenes).await
}

async fn play_these(scenes: impl Fn(&[String]) -> [Scene; 6]) -> Result<Told, Bad> {
    // Browsers get no push from an IM system (R5).
    let vendors: Vec<&'static str> = samples::ids().filter(|id| *id != "webpush").collect();
    let backend = Backend::start(&vendors).await?;
    let [account, name, _] = FRIEND;
    backend.tell(Method::PUT, &format!("users/{account}"), &json!({ "nickname": name })).await?;
    try_join_all((1..).zip(&vendors).map(|(number, vendor)| register(&backend, vendor, number))).await?;

    let phone = |vendor| Ok(Phone { vendor, name: samples::vendor(vendor)?.profile().name, came: Vec::new() });
    let mut phones = vendors.iter().copied().map(phone).collect::<Result<Vec<_>, Bad>>()?;
    let users: Vec<String> = vendors.iter().map(|vendor| user(vendor)).collect();
    let scenes = scenes(&users);
    for scene in &scenes {
        if let Some((method, path, body)) = &scene.tells {
            let paths = users.iter().map(|user| format!("users/{user}/{path}"));
            try_join_all(paths.map(async |path| backend.tell(method.clone(), &path, body).await)).await?;
        }
        let explained = backend.send(&scene.message).await?;
        for phone in &mut phones {
            phone.came.push(came(&backend, &explained, phone.vendor, scene)?);
        }
    }
    Ok(Told { scenes, phones })
}

/// The account of the one user who has a phone of this vendor.
fn user(vendor: &str) -> String {
    format!("{vendor}-user")
}

/// Logs a user in on their phone, and binds it to the certificate of that number.
async fn register(backend: &Backend, vendor: &str, certificate: u32) -> Result<(), Bad> {
    let phone = format!("users/{}/devices/phone", user(vendor));
    let platform = match vendor {
        "apns" => "iphone",
        "harmony" => "harmony",
        _ => "android",
    };
    let login = json!({ "event": "login", "platform": platform, "connection": 1 });
    backend.tell(Method::POST, &format!("{phone}/events"), &login).await?;
    let token = backend.host(vendor)?.fake().target(0);
    let config = json!({ "business_id": certificate, "token": token, "is_tpns": vendor == "tpns" });
    backend.tell(Method::PUT, &format!("{phone}/push-config"), &config).await?;
    Ok(())
}

/// What came of a message on the phone of a vendor: what the gateway says, and what the vendor got.
fn came(backend: &Backend, explained: &Value, vendor: &str, scene: &Scene) -> Result<Came, Bad> {
    let account = json!(user(vendor));
    let devices = explained.get("devices").and_then(Value::as_array);
    let device = devices.and_then(|all| all.iter().find(|device| device.get("account") == Some(&account)));
    // What keeps a message from everybody is said once for all.
    let because = device.map_or(explained.get("silent"), |device| device.get("because"));
    let text = |value: Option<&Value>, name| value?.get(name)?.as_str().map(str::to_owned);
    let state = device.map_or(Some("silent".to_owned()), |device| text(Some(device), "state"));
    let rule = text(because, "rule").and_then(|name| Rule::from_name(&name));
    let (Some(state), Some(rule)) = (state, rule) else {
        return Err(Bad::new(format!("{vendor}: nothing was decided: {explained}")));
    };

    let delivered = backend.delivered(vendor)?;
    let place = BADGES.iter().find(|(id, ..)| *id == vendor);
    let badge = place.zip(delivered.first()).and_then(|((_, pointer, is_number), push)| {
        let number = u32::try_from(push.raw.pointer(pointer)?.as_u64()?).ok()?;
        Some(if *is_number { Badge::Set(number) } else { Badge::Add(number) })
    });
    let (due_rule, due_badge) = scene.due;
    let due = place.zip(due_badge).map(|((.., is_number), n)| if *is_number { Badge::Set(n) } else { Badge::Add(1) });
    let [_, title, body] = FRIEND;
    let pushed = state == "accepted";
    let wrong = if rule != due_rule || pushed != due_badge.is_some() {
        let detail = text(because, "detail").map(|detail| format!(" ({detail})"));
        Some(format!("{state} by {rule}{}", detail.unwrap_or_default()))
    } else if delivered.len() != usize::from(pushed) {
        Some(format!("{state}, but {} came", delivered.len()))
    } else if delivered.iter().any(|push| push.title.as_deref() != Some(title) || push.body.as_deref() != Some(body)) {
        Some("other words came".to_owned())
    } else {
        (badge != due).then(|| format!("the badge is {}, not {}", json!(badge), json!(due)))
    };
    Ok(Came { pushed, badge, rule, wrong })
}

impl Came {
    fn words(&self, narrow: bool) -> String {
        let badge = if narrow { "" } else { ", badge" };
        match self.badge {
            _ if !self.pushed => "silent".to_owned(),
            None => "push".to_owned(),
            Some(Badge::Set(number)) => format!("push{badge} {number}"),
            Some(Badge::Add(number)) => format!("push{badge} +{number}"),
        }
    }
}

impl Told {
    /// Whether everything went as it must.
    pub(super) fn is_right(&self) -> bool {
        self.phones.iter().flat_map(|phone| &phone.came).all(|came| came.wrong.is_none())
    }

    /// One object for each phone and scene.
    pub(super) fn lines(&self) -> impl Iterator<Item = Value> {
        self.phones.iter().flat_map(|phone| {
            self.scenes.iter().zip(&phone.came).map(|(scene, came)| {
                json!({
                    "part": "gateway",
                    "vendor": phone.vendor,
                    "scene": scene.name,
                    "pushed": came.pushed,
                    "badge": came.badge,
                    "rule": came.rule.as_str(),
                    "because": came.rule.text(),
                })
            })
        })
    }

    pub(super) fn show(&self, out: &mut Out) -> Result<(), Bad> {
        let term = Term::stdout();
        let [_, name, words] = FRIEND;
        out.line(
            "The same vendors behind the offline push of an IM system, which `omnipush serve` is. A friend writes",
        )?;
        out.line("to a user on each maker's phone again and again, and the gateway decides who gets a push:")?;
        out.line(format!("\n  {}  {words}\n", style(name).bold()))?;

        let narrow = width(&term) < 110;
        let titles = self.scenes.iter().map(|scene| if narrow { scene.title.1 } else { scene.title.0 });
        let mut table = table(&term, &["Phone"].into_iter().chain(titles).collect::<Vec<_>>());
        for phone in &self.phones {
            table.add_row([phone.name.to_owned()].into_iter().chain(phone.came.iter().map(|came| came.words(narrow))));
        }
        let rules = self.scenes.iter().map(|scene| scene.due.0);
        table.add_row(["By rule".to_owned()].into_iter().chain(rules.clone().map(|rule| rule.as_str().to_owned())));
        table.lines().try_for_each(|line| out.line(line.trim_end()))?;
        out.line("")?;
        for rule in rules {
            out.line(format!("  {:<4} {}", rule.as_str(), rule.text()))?;
        }
        out.line("")?;
        for phone in &self.phones {
            for (scene, came) in self.scenes.iter().zip(&phone.came) {
                if let Some(wrong) = &came.wrong {
                    out.line(format!("{} {}, {}: {wrong}", style("✗").red(), phone.name, scene.title.0))?;
                }
            }
        }
        if self.is_right() {
            let came = self.phones.iter().flat_map(|phone| &phone.came);
            let (pushes, silent): (Vec<_>, Vec<_>) = came.partition(|came| came.pushed);
            let (mark, pushes, silent) = (style("✓").green(), pushes.len(), silent.len());
            out.line(format!("{mark} All as it must be: {pushes} pushes came, and {silent} messages rang nowhere."))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A demo that cannot fail would prove nothing.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_differs_from_the_story_is_seen() {
        let told = play_these(|to| {
            let mut all = scenes(to);
            all[0].due = (Rule::R1, Some(1)); // silence where a push is due
            all[1].due = (Rule::R12, None); // a push where none is
            all[2].due = (Rule::R2, Some(6)); // another badge
            all[4].due = (Rule::R31, None); // another rule
            all
        });
        let told = told.await.unwrap();
        let wrong = |name: &str| -> Vec<bool> {
            let phone = told.phones.iter().find(|phone| phone.vendor == name).unwrap();
            phone.came.iter().map(|came| came.wrong.is_some()).collect()
        };
        assert_eq!(wrong("apns"), [true, true, true, false, true, false]);
        assert_eq!(wrong("vivo"), [true, true, false, false, true, false]);
        assert!(!told.is_right());
    }
}
