//! Why a device got a push, or none: the recorded decision, as data and as text for people.

use std::fmt;

use crate::decide::Way;
use crate::described::answers;
use crate::dispatch::message_id;
use crate::rules::Rule;
use crate::serve::rfc3339;
use crate::store::{Delivery, DeliveryState, Explained, NoteRecord, Store, StoreError};

answers! {
    /// Everything that was recorded about a message. Never its body, never a whole token.
    Explanation {
        /// The message's id.
        id: String,
        /// `c2c`, `group` or `push`.
        kind: String,
        /// The sender's account.
        sender: String,
        /// The group.
        group: Option<String>,
        /// The caller's own text of a pure push.
        data_id: Option<String>,
        /// `MsgSeq`.
        seq: u64,
        /// `MsgRandom`.
        random: u32,
        /// When it was accepted.
        accepted: String,
        /// When it was revoked or recalled.
        revoked: Option<String>,
        /// Why nobody got a push; absent: each device was judged.
        silent: Option<Because>,
        /// The notifications that were made of it.
        notifications: Vec<Note>,
        /// What became of each device.
        devices: Vec<Device>,
    }

    /// A rule that decided, with more about it.
    Because {
        /// The rule's name.
        rule: String,
        /// What it says.
        text: &'static str,
        /// More about this case.
        detail: Option<String>,
    }

    /// A notification as it went to one or more devices.
    Note {
        /// Its number, from 0.
        number: u32,
        /// The certificate's number.
        certificate: u32,
        /// The vendor's id.
        vendor: String,
        /// Which binding it takes: `ordinary`, `voip` or `live_activity`.
        way: Way,
        /// Its title.
        title: Option<String>,
        /// The rules that shaped it.
        rules: Vec<Because>,
        /// What was lost or cut in mapping.
        lost: Vec<String>,
    }

    /// A notification that is to be taken back, or was.
    Withdrawal {
        /// When the vendor had done it, or would not.
        settled: Option<String>,
        /// What the vendor had against it.
        problem: Option<String>,
    }

    /// What became of one device's push.
    Device {
        /// The account.
        account: String,
        /// The device; empty: the user has none.
        device: String,
        /// `silent`, `queued`, `accepted`, `refused` or `unsure`.
        state: &'static str,
        /// The rule that decided.
        because: Because,
        /// -1 or -2 where a push was due and could not be sent.
        loss: Option<i32>,
        /// The number of its notification.
        notification: Option<u32>,
        /// The beginning of the token.
        token: Option<String>,
        /// What the vendor answered last.
        answer: Option<Answer>,
        /// Whether it went out again after it may have been sent: it may have come twice.
        resent: bool,
        /// When it was settled.
        settled: Option<String>,
        /// Each time that its parcel went to the vendor.
        attempts: Vec<Attempt>,
        /// What the vendor reported later.
        receipts: Vec<Receipt>,
        /// Of a recalled message: what became of taking it back from the phone, where the vendor can do that.
        withdrawal: Option<Withdrawal>,
    }

    /// What a vendor answered.
    Answer {
        /// Of a refusal: what it means.
        class: Option<String>,
        /// The HTTP status; absent: accepted, or nothing was answered.
        http_status: Option<u16>,
        /// The vendor's code.
        code: Option<String>,
        /// The vendor's words.
        words: Option<String>,
        /// The vendor's id of the message.
        message_id: Option<String>,
    }

    /// One try of a parcel, which may hold other devices too.
    Attempt {
        /// Which try, from 1.
        number: u32,
        /// When it began.
        began: String,
        /// When it was settled.
        ended: Option<String>,
        /// How many of the parcel were accepted, refused and unsure.
        accepted: u64,
        /// See `accepted`.
        refused: u64,
        /// See `accepted`.
        unsure: u64,
        /// Why it came to nothing as a whole.
        problem: Option<String>,
    }

    /// What a vendor reported.
    Receipt {
        /// What happened.
        event: String,
        /// The vendor's code.
        code: Option<String>,
        /// When it happened, where the vendor says.
        at: Option<String>,
        /// When it was told.
        told: String,
    }
}

impl Because {
    fn new(rule: Rule, detail: &str) -> Self {
        Self { rule: rule.as_str().to_owned(), text: rule.text(), detail: some(detail) }
    }
}

/// Explains a message: of all devices, or of one account's. `None`: it is unknown, or forgotten by now.
///
/// A message is named by what the call that sent it answered: `MsgId`, `TaskId`, or a group's id and
/// `MsgSeq` with a `#` between.
///
/// # Errors
/// When the database fails.
pub async fn explain(store: &Store, named: &str, account: Option<&str>) -> Result<Option<Explanation>, StoreError> {
    let group = named.rsplit_once('#').map_or("", |(group, _)| group);
    for id in [named.to_owned(), message_id(named, "", group)] {
        if let Some(found) = store.explain(&id, account).await? {
            return Ok(Some(Explanation::of(&found)));
        }
    }
    Ok(None)
}

impl Explanation {
    fn of(found: &Explained) -> Self {
        let message = &found.message;
        Self {
            id: message.id.clone(),
            kind: message.kind.clone(),
            sender: message.sender.clone(),
            group: message.group.clone(),
            data_id: message.data_id.clone(),
            seq: message.seq,
            random: message.random,
            accepted: rfc3339(message.at_ms),
            revoked: message.revoked_ms.map(rfc3339),
            silent: message.rule.map(|rule| Because::new(rule, &message.detail)),
            notifications: (0..).zip(&found.notes).map(|(number, note)| Note::of(number, note)).collect(),
            devices: found.deliveries.iter().map(|delivery| Device::of(delivery, found)).collect(),
        }
    }
}

impl Note {
    fn of(number: u32, note: &NoteRecord) -> Self {
        Self {
            number,
            certificate: note.certificate,
            vendor: note.vendor.clone(),
            way: note.way,
            title: note.notification.title.clone(),
            rules: note.rules.iter().map(|rule| Because::new(*rule, "")).collect(),
            lost: note.losses.clone(),
        }
    }
}

impl Device {
    fn of(delivery: &Delivery, found: &Explained) -> Self {
        let parcel = delivery.note.zip(delivery.parcel);
        let attempts = found.attempts.iter().filter(|attempt| Some((attempt.note, attempt.parcel)) == parcel);
        let mine = found.receipts.iter();
        let mine = mine.filter(|receipt| (&receipt.account, &receipt.device) == (&delivery.account, &delivery.device));
        let answer = Answer {
            class: delivery.class.clone(),
            http_status: delivery.http_status.filter(|status| *status != 0),
            code: delivery.code.as_deref().and_then(some),
            words: delivery.words.as_deref().and_then(some),
            message_id: delivery.vendor_id.clone(),
        };
        let withdrawal = found
            .withdrawals
            .iter()
            .find(|of| Some(of.note) == delivery.note && (of.account.is_empty() || of.account == delivery.account));
        let shown = matches!(delivery.state, DeliveryState::Accepted | DeliveryState::Unsure);
        let withdrawal = withdrawal.filter(|_| shown).map(|withdrawal| Withdrawal {
            settled: withdrawal.done_ms.map(rfc3339),
            problem: withdrawal.problem.clone(),
        });
        let answered = answer.class.is_some() || answer.message_id.is_some();
        Self {
            account: delivery.account.clone(),
            device: delivery.device.clone(),
            state: delivery.state.as_str(),
            because: Because::new(delivery.rule, &delivery.detail),
            loss: delivery.loss,
            notification: delivery.note,
            token: delivery.token.as_deref().map(beginning),
            answer: answered.then_some(answer),
            resent: delivery.resent,
            settled: delivery.done_ms.map(rfc3339),
            withdrawal,
            attempts: attempts
                .map(|attempt| Attempt {
                    number: attempt.attempt,
                    began: rfc3339(attempt.started_ms),
                    ended: attempt.ended_ms.map(rfc3339),
                    accepted: attempt.counts.0,
                    refused: attempt.counts.1,
                    unsure: attempt.counts.2,
                    problem: attempt.problem.clone(),
                })
                .collect(),
            receipts: mine
                .map(|receipt| Receipt {
                    event: receipt.event.clone(),
                    code: some(&receipt.code),
                    at: receipt.at_ms.map(rfc3339),
                    told: rfc3339(receipt.received_ms),
                })
                .collect(),
        }
    }
}

/// A text, unless it is empty.
fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Enough of a token to recognise it, too little to push to it.
fn beginning(token: &str) -> String {
    token.chars().take(8).chain(['…']).collect()
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.text)?;
        self.detail.iter().try_for_each(|detail| write!(f, " ({detail})"))
    }
}

/// For people, one thought a line.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} from {}", self.id, self.kind, self.sender)?;
        if let Some(group) = &self.group {
            write!(f, " in {group}")?;
        }
        writeln!(f, ", accepted {}", self.accepted)?;
        if let Some(at) = &self.revoked {
            writeln!(f, "revoked {at}")?;
        }
        if let Some(because) = &self.silent {
            writeln!(f, "no push to anybody, by {because}")?;
        }
        self.devices.iter().try_for_each(|device| device.write(f, self))
    }
}

impl Device {
    fn write(&self, f: &mut fmt::Formatter<'_>, whole: &Explanation) -> fmt::Result {
        let which = if self.device.is_empty() { "no device" } else { &self.device };
        writeln!(f, "\n{} ({which}): {}, by {}", self.account, self.state, self.because)?;
        if let Some(loss) = self.loss {
            writeln!(f, "  a push was due and could not be sent: {loss}")?;
        }
        let note = self.notification.and_then(|number| whole.notifications.get(usize::try_from(number).ok()?));
        if let Some(note) = note {
            let token = self.token.as_deref().unwrap_or("-");
            writeln!(f, "  through certificate {} ({}), to {token}", note.certificate, note.vendor)?;
            note.rules.iter().try_for_each(|rule| writeln!(f, "  shaped by {rule}"))?;
            note.lost.iter().try_for_each(|lost| writeln!(f, "  {lost}"))?;
        }
        for attempt in &self.attempts {
            write!(f, "  attempt {} at {}: ", attempt.number, attempt.began)?;
            write!(f, "{} accepted, {} refused, {} unsure", attempt.accepted, attempt.refused, attempt.unsure)?;
            let end = attempt.problem.as_deref().or(attempt.ended.is_none().then_some("not settled"));
            writeln!(f, "{}", end.map(|words| format!("; {words}")).unwrap_or_default())?;
        }
        if let Some(answer) = &self.answer {
            let status = answer.http_status.map(|status| format!("HTTP {status}"));
            let id = answer.message_id.as_ref().map(|id| format!("message id {id}"));
            let parts = [answer.class.clone(), status, answer.code.clone(), answer.words.clone(), id];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            writeln!(f, "  the vendor's answer: {}", parts.join(", "))?;
        }
        if let Some(withdrawal) = &self.withdrawal {
            match (&withdrawal.settled, &withdrawal.problem) {
                (None, _) => writeln!(f, "  is to be taken back from the phone")?,
                (Some(at), None) => writeln!(f, "  taken back from the phone at {at}")?,
                (Some(_), Some(words)) => writeln!(f, "  not taken back from the phone: {words}")?,
            }
        }
        if self.resent {
            writeln!(f, "  sent again after it may have been sent: it may have come twice")?;
        }
        for receipt in &self.receipts {
            let at = receipt.at.as_deref().unwrap_or(&receipt.told);
            let code = receipt.code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
            writeln!(f, "  receipt: {}{code} at {at}", receipt.event)?;
        }
        Ok(())
    }
}
