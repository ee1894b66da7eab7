//! Every documented failure, read twice: by the fake from the vendor's documents, and by the
//! adapter's table. Where the readings differ, one of them is wrong.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail, ensure};
use omnipush_core::{Class, Refusal, Target, Verdict};
use serde_json::Value;

use super::ground::{Ground, leaves, once, verdict};
use super::{needs, samples};
use crate::fake::{Answer, At, DocumentedCode, Purpose, TargetState, Trouble};

behaviours![
    every_documented_failure_of_signing_in_has_its_class: |subject| needs::codes_at(subject, At::Auth),
    every_documented_failure_of_saving_has_its_class: |subject| {
        needs::codes_at(subject, At::Stage).and_then(|()| needs::staging(subject))
    },
    every_documented_failure_of_a_send_has_its_class: |subject| needs::codes_at(subject, At::Send),
    every_documented_failure_of_a_list_has_its_class: |subject| {
        needs::codes_at(subject, At::Send).and_then(|()| needs::list(subject))
    },
    every_documented_failure_of_a_target_has_its_class: |subject| needs::codes_at(subject, At::Target),
    a_failing_target_in_a_list_fails_alone: |subject| {
        needs::codes_at(subject, At::Target).and_then(|()| needs::list(subject))
    },
    an_undocumented_failure_never_costs_a_target_and_keeps_its_words,
    every_class_of_the_fake_is_in_the_table_of_codes,
];

/// What differed, all of it, or nothing.
struct Differences(String);

impl Differences {
    fn new() -> Self {
        Self(String::new())
    }

    fn note(&mut self, code: &DocumentedCode, problem: impl std::fmt::Display) {
        let _ = write!(self.0, "\n  {}: {problem}", code.code);
    }

    fn done(self) -> Result<()> {
        ensure!(self.0.is_empty(), "the adapter and the vendor's documents differ:{}", self.0);
        Ok(())
    }
}

/// Class and words of one verdict.
fn compare(differences: &mut Differences, code: &DocumentedCode, verdict: &Verdict, answer: &Answer, several: bool) {
    let Some(refusal) = verdict.refusal() else {
        return match verdict {
            Verdict::Accepted { .. } => differences.note(code, format!("expected {}, got accepted", code.class)),
            _ => differences.note(code, "unsure, and nothing is said"),
        };
    };
    // One bad target must not condemn the others of its list, where the answer does not name it.
    let careful = matches!(refusal.class, Class::InvalidRequest | Class::Unknown);
    let spared = several && code.class == Class::InvalidToken && careful;
    if refusal.class != code.class && !spared {
        differences.note(code, format!("expected {}, got {refusal}", code.class));
    }
    if let Err(problem) = verbatim(refusal, code, answer) {
        differences.note(code, problem);
    }
}

/// Whether the vendor's own words are kept: status, code and text, as they stand in the answer. A
/// list that tells failures by their place has no room for a code; then it is the documented one.
fn verbatim(refusal: &Refusal, documented: &DocumentedCode, answer: &Answer) -> Result<(), String> {
    let body = String::from_utf8_lossy(&answer.body);
    let parsed: Value = serde_json::from_str(&body).unwrap_or_default();
    let parts: Vec<String> = leaves(&parsed).into_iter().flat_map(|(key, leaf)| [key, leaf]).collect();
    let says = |text: &str| body.contains(text) || parts.iter().any(|part| part.contains(text));
    if refusal.status != answer.status {
        return Err(format!("the status {} became {}", answer.status, refusal.status));
    }
    // A table may tell the meanings of one code apart by more words around a blank or a stroke.
    let known = |part: &str| says(part) || documented.code.split(' ').any(|word| word == part);
    if !refusal.code.split(['/', ' ']).any(known) {
        return Err(format!("the code {:?} is not in {body:?}", refusal.code));
    }
    // Where the vendor says several things, the text has them all; where it says nothing, the text
    // may say where the target was named.
    let said = |part: &str| says(part) || part.split(' ').all(says) || part.ends_with(documented.code);
    if !refusal.text.split("; ").all(said) {
        return Err(format!("the text {:?} is not in {body:?}", refusal.text));
    }
    if !body.is_empty() && refusal.code.is_empty() && refusal.text.is_empty() {
        return Err(format!("nothing is left of {body:?}"));
    }
    Ok(())
}

/// Scripts every failure of a place for all calls of a purpose, and sends.
async fn whole(ground: &Ground, at: At, purpose: Purpose, targets: &[Target]) -> Result<()> {
    let mut differences = Differences::new();
    if at != At::Auth {
        ground.warm().await?;
    }
    for code in ground.tap.codes_at(at) {
        ground.forget();
        ground.world().always(purpose, Trouble::Code(code));
        let client = if at == At::Auth { ground.client(once()) } else { ground.sharing(once()) };
        let report = client.send(&samples::plain(), targets.to_vec()).await?;
        ground.world().calm();
        let answer = ground.tap.last_answer();
        ensure!(report.verdicts.len() == targets.len(), "{}: {} verdicts", code.code, report.verdicts.len());
        for (_, verdict) in report.verdicts.iter().take(1) {
            compare(&mut differences, &code, verdict, &answer, targets.len() > 1);
        }
        let same = report.verdicts.windows(2).all(|pair| matches!(pair, [a, b] if a.1 == b.1));
        if !same {
            differences.note(&code, "the targets of one request have different verdicts");
        }
        if !ground.world().delivered().is_empty() {
            differences.note(&code, "it was delivered all the same");
        }
    }
    differences.done()
}

async fn every_documented_failure_of_signing_in_has_its_class(ground: &Ground) -> Result<()> {
    whole(ground, At::Auth, Purpose::Auth, &ground.targets(1)).await
}

async fn every_documented_failure_of_saving_has_its_class(ground: &Ground) -> Result<()> {
    whole(ground, At::Stage, Purpose::Stage, &ground.targets(ground.least_list().unwrap_or(2).max(2))).await
}

async fn every_documented_failure_of_a_send_has_its_class(ground: &Ground) -> Result<()> {
    whole(ground, At::Send, Purpose::Send, &ground.targets(1)).await
}

async fn every_documented_failure_of_a_list_has_its_class(ground: &Ground) -> Result<()> {
    whole(ground, At::Send, Purpose::Send, &ground.targets(3)).await
}

async fn every_documented_failure_of_a_target_has_its_class(ground: &Ground) -> Result<()> {
    let mut differences = Differences::new();
    ground.warm().await?;
    let target = ground.target(0);
    for code in ground.tap.codes_at(At::Target) {
        ground.forget();
        ground.world().set_target(target.as_str(), TargetState::Refused(code));
        let report = ground.sharing(once()).send(&samples::plain(), target.clone()).await?;
        compare(&mut differences, &code, verdict(&report)?, &ground.tap.last_answer(), false);
        if !ground.world().delivered().is_empty() {
            differences.note(&code, "it was delivered all the same");
        }
    }
    differences.done()
}

async fn a_failing_target_in_a_list_fails_alone(ground: &Ground) -> Result<()> {
    let mut differences = Differences::new();
    ground.warm().await?;
    let targets = ground.targets(4);
    let failing = targets.get(1).context("too few targets")?;
    for code in ground.tap.codes_at(At::Target) {
        ground.forget();
        ground.world().set_target(failing.as_str(), TargetState::Refused(code));
        let report = ground.sharing(once()).send(&samples::plain(), targets.clone()).await?;
        let answer = ground.tap.last_answer();
        for (target, verdict) in &report.verdicts {
            // A list's answer has no room for some failures; what it does not name is accepted.
            let named = String::from_utf8_lossy(&answer.body).contains(failing.as_str());
            match (target == failing && named, verdict) {
                (true, verdict) => compare(&mut differences, &code, verdict, &answer, false),
                (false, Verdict::Accepted { .. }) => {}
                (false, other) => differences.note(&code, format!("{target:?} got {other:?}")),
            }
        }
    }
    differences.done()
}

/// One word of a failure's name, replaced by one that no document knows.
fn of_tomorrow(word: &str) -> String {
    if word.bytes().all(|byte| byte.is_ascii_digit()) { "987654".to_owned() } else { format!("{word}_OF_TOMORROW") }
}

async fn an_undocumented_failure_never_costs_a_target_and_keeps_its_words(ground: &Ground) -> Result<()> {
    ground.warm().await?;
    let target = ground.target(0);
    let send = async |code: DocumentedCode| -> Result<Verdict> {
        match code.at {
            At::Target => ground.world().set_target(target.as_str(), TargetState::Refused(code)),
            _ => ground.world().always(Purpose::Send, Trouble::Code(code)),
        }
        let report = ground.sharing(once()).send(&samples::plain(), target.clone()).await?;
        ground.world().calm();
        ground.world().set_target(target.as_str(), TargetState::Alive);
        Ok(verdict(&report)?.clone())
    };
    let mut tried = 0;
    let codes = ground.tap.codes_at(At::Send).chain(ground.tap.codes_at(At::Target));
    for code in codes.filter(|code| !code.code.contains(' ')) {
        let known = send(code).await?;
        let Some(word) = known.refusal().map(|refusal| refusal.code.to_string()) else { continue };
        // A dead end by its HTTP status stays one, whatever the words.
        let answer = ground.tap.last_answer();
        if answer.status == 410 || word != code.code || !String::from_utf8_lossy(&answer.body).contains(&word) {
            continue;
        }
        tried += 1;
        let other = of_tomorrow(&word);
        let (from, to) = (word.clone(), other.clone());
        ground.tap.rewrite(move |answer| {
            let body = String::from_utf8_lossy(&answer.body).replace(&from, &to);
            Answer { body: body.into_bytes().into(), ..answer }
        });
        let verdict = send(code).await?;
        ground.tap.leave();
        let Some(refusal) = verdict.refusal() else { bail!("{other}: {verdict:?}") };
        ensure!(refusal.class != Class::InvalidToken, "{other} is taken for a dead target: {refusal}");
        let kept = refusal.code.contains(&other) || refusal.text.contains(&other);
        ensure!(kept, "{other} is not in what the caller hears: {refusal}");
        if tried == 12 {
            break;
        }
    }
    ensure!(tried > 0, "no failure of this vendor has a name of its own");
    Ok(())
}

/// The table of codes is what people read: it has every failure that has a code.
async fn every_class_of_the_fake_is_in_the_table_of_codes(ground: &Ground) -> Result<()> {
    let mut classes: Vec<Class> = ground.manual().codes.iter().map(|code| code.class).collect();
    classes.sort_unstable();
    classes.dedup();
    for code in ground.tap.codes_at(At::Send).chain(ground.tap.codes_at(At::Target)) {
        let by_status = matches!(code.class, Class::Unknown | Class::Unavailable | Class::InvalidRequest);
        ensure!(by_status || classes.contains(&code.class), "no code in the table is {}", code.class);
    }
    let empty = ground.manual().codes.iter().find(|code| code.meaning.is_empty() || code.code.is_empty());
    ensure!(empty.is_none(), "a row of the table says nothing: {empty:?}");
    Ok(())
}
