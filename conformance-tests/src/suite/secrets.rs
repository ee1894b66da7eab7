//! Secrets and targets are found in nothing that anybody prints.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use omnipush_core::{Client, Target};
use tracing_subscriber::fmt::MakeWriter;

use super::ground::{Ground, leaves, once, quick};
use super::{samples, tokens};
use crate::fake::{Purpose, TargetState, Trouble};

behaviours![
    nothing_that_is_printed_shows_a_secret,
    no_log_shows_a_secret,
    settings_that_are_wrong_are_refused_without_showing_them,
];

/// What must not be seen: credentials, line by line, and targets.
fn planted(ground: &Ground, targets: &[Target]) -> Vec<(String, String)> {
    let secret = |name: &str| {
        !name.ends_with("_id") && (name.contains("secret") || name.contains("private") || name.contains("key"))
    };
    let settings = leaves(&ground.host.config()).into_iter().filter(|(name, _)| secret(name));
    let lines = settings.flat_map(|(name, text)| {
        let lines = text.lines().map(str::to_owned).filter(|line| !line.starts_with("-----")).collect::<Vec<_>>();
        lines.into_iter().map(move |line| (name.clone(), line))
    });
    let targets = targets.iter().map(|target| ("a target".to_owned(), target.as_str().to_owned()));
    let prefix = ground.profile().token.map_or("", |rule| rule.carry.prefix);
    let tokens = tokens::carried(ground)
        .into_iter()
        .map(|token| ("an access token".to_owned(), token.strip_prefix(prefix).unwrap_or(&token).to_owned()));
    lines.chain(targets).chain(tokens).filter(|(_, text)| text.len() >= 6).collect()
}

fn search(text: &str, secrets: &[(String, String)], place: &str) -> Result<()> {
    for (name, secret) in secrets {
        if let Some(at) = text.find(secret.as_str()) {
            let before: String = text.get(..at).unwrap_or_default().chars().rev().take(160).collect();
            let before: String = before.chars().rev().collect();
            anyhow::bail!("`{name}` is in {place}, after {before:?}");
        }
    }
    Ok(())
}

/// Sends that succeed, that are refused, and that fail in every way that has words.
async fn adventures(ground: &Ground, client: &Client) -> Result<(Vec<Target>, String)> {
    let targets = ground.targets(4);
    let mut said = String::new();
    if let Some(dead) = targets.first() {
        ground.world().set_target(dead.as_str(), TargetState::Dead);
    }
    let troubles = [
        None,
        Some(Trouble::Garbage),
        Some(Trouble::Status(503, Vec::new(), "")),
        Some(Trouble::Status(401, Vec::new(), "")),
        Some(Trouble::Status(502, vec![("content-type", "text/html".into())], "<html></html>")),
    ];
    for trouble in troubles {
        ground.world().calm();
        if let Some(trouble) = trouble {
            ground.world().always(Purpose::Send, trouble);
        }
        for several in [&targets[..], targets.get(1..2).unwrap_or_default()] {
            let prepared = client.prepare(&samples::pairs()?)?;
            let plan = client.plan(&prepared, several).unwrap_or_default();
            let report = client.send_prepared(&prepared, several.to_vec()).await?;
            said.push_str(&format!("{report:?} {prepared:?} {:?} {plan:?}\n", prepared.encoded()));
            for (target, verdict) in &report.verdicts {
                said.push_str(&format!("{target:?} {verdict:?}\n"));
                if let Some(refusal) = verdict.refusal() {
                    said.push_str(&format!("{refusal} {refusal:?}\n"));
                }
            }
        }
    }
    ground.world().calm();
    ground.world().always(Purpose::Auth, Trouble::Status(401, Vec::new(), ""));
    let report = ground.client(once()).send(&samples::plain(), targets.clone()).await?;
    said.push_str(&format!("{report:?}\n"));
    ground.world().calm();
    let mut bad = samples::plain();
    bad.vendors.insert(ground.profile().id.to_owned(), serde_json::json!({"no_such_option": 1}));
    if let Err(error) = client.send(&bad, targets.clone()).await {
        said.push_str(&format!("{error} {error:?}\n"));
    }
    said.push_str(&format!("{client:?} {:?}\n", ground.store));
    Ok((targets, said))
}

async fn nothing_that_is_printed_shows_a_secret(ground: &Ground) -> Result<()> {
    let (targets, said) = adventures(ground, &ground.sharing(quick())).await?;
    let secrets = planted(ground, &targets);
    ensure!(!secrets.is_empty(), "there is nothing to look for");
    search(&said, &secrets, "what is printed")
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Also those of the libraries below, at their most talkative.
async fn no_log_shows_a_secret(ground: &Ground) -> Result<()> {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    // With one dispatcher only, tracing asks the thread that first meets a log line whether anybody
    // wants it; that may be another trial's thread, which wants none.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    // A trial has a thread to itself, and the fake has another.
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::trace!("the log hears");
    let (targets, _) = adventures(ground, &ground.sharing(quick())).await?;
    drop(guard);
    let text = log.text();
    ensure!(text.contains("the log hears") && text.contains("omnipush"), "the log hears nothing of the engine");
    search(&text, &planted(ground, &targets), "the log")
}

async fn settings_that_are_wrong_are_refused_without_showing_them(ground: &Ground) -> Result<()> {
    let settings = ground.host.config();
    let secrets = planted(ground, &[]);
    for name in settings.as_object().into_iter().flat_map(|map| map.keys()).filter(|name| *name != "vendor") {
        for wrong in [serde_json::json!(["wrong"]), serde_json::Value::Null] {
            let mut spoilt = settings.clone();
            if let Some(place) = spoilt.get_mut(name) {
                *place = wrong;
            }
            // Some settings may be left out.
            let Err(error) = ground.mount.vendor_with(spoilt) else { continue };
            let words = format!("{error} {error:?}");
            ensure!(words.contains(name.as_str()), "`{name}` is not named: {words}");
            search(&words, &secrets, "an error about settings")?;
        }
    }
    let mut more = settings.clone();
    if let Some(map) = more.as_object_mut() {
        map.insert("no_such_setting".into(), 1.into());
    }
    match ground.mount.vendor_with(more) {
        Ok(_) => anyhow::bail!("an unknown setting is taken"),
        Err(error) => ensure!(error.to_string().contains("no_such_setting"), "{error}"),
    }
    Ok(())
}
