//! `omnipush demo`: a chat message to the embedded fake of every vendor, over real HTTP; and what the
//! gateway makes of such messages.

mod backend;
mod story;

use console::{Term, style};
use futures::future::{join, join_all};
use omnipush::{Audience, Client, Loss, Target, TransportOptions, Verdict};
use omnipush_conformance::{Host, Purpose, TargetState, fakes};
use serde_json::json;

use super::output::{Out, align_right, short, table, width};
use super::{Bad, runtime, samples};

/// Send chat messages to the embedded fakes of all vendors, and show the outcome
///
/// Nothing has to be set up, and nothing leaves this machine: a strict fake of every vendor is
/// started on a free port of 127.0.0.1.
///
/// First a message goes there through the public API, over real HTTP, to three devices of each
/// vendor. The token of one of them is dead.
///
/// Then the gateway of `omnipush serve` is started over the fakes. A user with a phone of each maker
/// is registered by its REST, and gets messages: with the app in the foreground, in the background,
/// killed, with nothing to show, muted, and logged out. The rules decide whether a push comes.
///
/// The status is 0 only if every vendor accepted two devices and named the dead one, and if each
/// phone got what it must by the rule that must decide.
#[derive(Debug, clap::Args)]
#[command(after_help = r#"Examples:
  omnipush demo
  omnipush demo --json | jq 'select(.part == null) | .losses'
  omnipush demo --json | jq 'select(.part == "gateway" and .pushed)'

With --json there is a line for each vendor of the first part: vendor, targets, accepted,
invalid_tokens, auth_requests, losses. Those of the second have "part": "gateway", one for each
vendor and scene: vendor, scene (foreground, background, killed, undescribed, muted, logged_out),
pushed, badge ({"set": N} or {"add": N} as the vendor got it, or null), rule, because."#)]
pub(super) struct Args {
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

const TARGETS: usize = 3;

/// What became of the message at one vendor.
struct Outcome {
    id: &'static str,
    name: &'static str,
    accepted: usize,
    dead: usize,
    auth_requests: usize,
    message_id: Option<String>,
    losses: Vec<Loss>,
    /// What is not as it must be.
    wrong: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<bool, Bad> {
    let (outcomes, told) = runtime()?.block_on(join(join_all(samples::ids().map(send)), story::play()));
    let told = told?;
    let outcomes = outcomes.into_iter().collect::<Result<Vec<_>, _>>()?;
    let mut out = Out::new();
    if args.json {
        outcomes.iter().map(line).chain(told.lines()).try_for_each(|line| out.line(line))?;
    } else {
        show(&outcomes, &mut out)?;
        out.line("")?;
        told.show(&mut out)?;
        out.line("\nNext: `omnipush vendors` shows what each vendor can do, `omnipush lint note.json`")?;
        out.line("checks a notification of yours, and `omnipush send --help` says how to send it.")?;
        out.line("`omnipush serve --help` says how to run the gateway.")?;
    }
    out.flush()?;
    Ok(outcomes.iter().all(|outcome| outcome.wrong.is_none()) && told.is_right())
}

async fn send(id: &'static str) -> Result<Outcome, Bad> {
    let failed = |words: &dyn std::fmt::Display| Bad::new(format!("{id}: {words}"));
    let fake = fakes::by_id(id).ok_or_else(|| failed(&"has no fake"))?;
    let host = Host::start_shared(fake).await;
    let vendor = omnipush::build(&host.config()).map_err(Bad::new)?;
    let mut options = TransportOptions::default();
    options.direct = true;
    let transport = omnipush::transport::standard(vendor.as_ref(), options).map_err(Bad::new)?;
    let client = Client::builder(vendor, transport).build();

    let targets: Vec<Target> = (0..TARGETS).map(|at| Target::from(host.fake().target(at))).collect();
    if let Some(gone) = targets.last() {
        host.world().set_target(gone.as_str(), TargetState::Dead);
    }
    let chat = samples::chat(id).map_err(|error| failed(&error))?;
    let report = client.send(&chat, Audience::Targets(targets.clone())).await.map_err(|error| failed(&error))?;

    let accepted = report.accepted();
    let dead: Vec<&Target> = report.dead_targets().collect();
    let right = accepted == TARGETS - 1 && dead == targets.last().into_iter().collect::<Vec<_>>();
    let delivered = host.world().delivered().len();
    let wrong = match report.verdicts.iter().map(|(_, verdict)| verdict).find_map(surprise) {
        Some(words) => Some(words),
        None if !right => Some("the wrong devices were accepted".to_owned()),
        None => (delivered != accepted).then(|| format!("{accepted} accepted, but {delivered} delivered")),
    };
    Ok(Outcome {
        id,
        name: client.profile().name,
        accepted,
        dead: dead.len(),
        auth_requests: host.world().count(Purpose::Auth),
        message_id: report.verdicts.iter().find_map(|(_, verdict)| verdict.message_id()).map(str::to_owned),
        losses: report.prepared.losses(),
        wrong,
    })
}

/// What no device of the demo should meet.
fn surprise(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Accepted { .. } => None,
        Verdict::Refused(_) if verdict.is_dead_target() => None,
        Verdict::Refused(refusal) => Some(refusal.to_string()),
        Verdict::Unsure(heard) => {
            Some(format!("unsure: {}", heard.as_deref().map(ToString::to_string).unwrap_or_default()))
        }
    }
}

fn line(outcome: &Outcome) -> serde_json::Value {
    json!({
        "vendor": outcome.id,
        "targets": TARGETS,
        "accepted": outcome.accepted,
        "invalid_tokens": outcome.dead,
        "auth_requests": outcome.auth_requests,
        "losses": outcome.losses.iter().map(|loss| loss.field.as_str()).collect::<Vec<_>>(),
    })
}

fn show(outcomes: &[Outcome], out: &mut Out) -> Result<(), Bad> {
    let term = Term::stdout();
    let chat = samples::chat("").map_err(Bad::new)?;
    let (title, body) = (chat.title.unwrap_or_default(), chat.body.unwrap_or_default());
    out.line(format!("A chat message to {TARGETS} devices of every vendor, one of them with a dead token:"))?;
    out.line(format!("\n  {}  {body}\n", style(title).bold()))?;

    let header = match width(&term) {
        ..100 => ["Vendor", "Targets", "Accepted", "Dead", "Auth", "Message id", "Lost"],
        100.. => ["Vendor", "Targets", "Accepted", "Dead tokens", "Auth requests", "Message id", "Lost in mapping"],
    };
    let mut table = table(&term, &header);
    align_right(&mut table, 1..5);
    for outcome in outcomes {
        let losses: Vec<&str> = outcome.losses.iter().map(|loss| loss.field.as_str()).collect();
        table.add_row(vec![
            outcome.name.to_owned(),
            TARGETS.to_string(),
            outcome.accepted.to_string(),
            outcome.dead.to_string(),
            outcome.auth_requests.to_string(),
            short(outcome.message_id.as_deref().unwrap_or("-"), 16),
            if losses.is_empty() { "nothing".to_owned() } else { losses.join(", ") },
        ]);
    }
    table.lines().try_for_each(|line| out.line(line.trim_end()))?;

    let mut why = super::output::table(&term, &["", "", ""]);
    for outcome in outcomes {
        for (at, loss) in outcome.losses.iter().enumerate() {
            why.add_row([if at == 0 { outcome.name } else { "" }, loss.field.as_str(), loss.reason]);
        }
    }
    if !why.is_empty() {
        out.line("\nWhy it was lost:")?;
        why.lines().skip(2).try_for_each(|line| out.line(line.trim_end()))?;
    }
    out.line("")?;
    let wrong: Vec<_> = outcomes.iter().filter_map(|o| Some((o.name, o.wrong.as_deref()?))).collect();
    for (name, words) in &wrong {
        out.line(format!("{} {name}: {words}", style("✗").red()))?;
    }
    if wrong.is_empty() {
        let accepted: usize = outcomes.iter().map(|o| o.accepted).sum();
        let dead: usize = outcomes.iter().map(|o| o.dead).sum();
        out.line(format!(
            "{} All as it must be: {accepted} accepted, {dead} dead tokens found, nothing sent twice.",
            style("✓").green()
        ))?;
    }
    Ok(())
}
