//! Takes a message in: judges every device, composes once for each kind of notification, and writes
//! it all before it says yes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use omnipush::{Class, Prepared};

use super::{Gateway, Kept, fingerprint};
use crate::certificates::{Channel, Channels};
use crate::decide::{Route, Silence, Terms, Variant, compose, judge, judge_message, judge_recipient, variant};
use crate::model::{Conversation, Message, Settings, State};
use crate::rules::Rule;
use crate::store::{
    Accepted, Conversed, EventRecord, Judged, MessageRecord, NoteRecord, Queued, Seal, Seat, StoreError, TargetOf,
};
use crate::webhook::ReceiptsTo;

/// How many encoded notifications are kept in memory.
const AT_MOST_KEPT: usize = 10_000;

/// Whom a message is for.
#[derive(Clone, Copy, Debug)]
pub enum To<'a> {
    /// These accounts: one, many, the targets of a targeted message, or those that wear a tag.
    Users(&'a [String]),
    /// The members of this group, as the registry has them.
    Members(&'a str),
    /// Everybody.
    All,
}

/// Why a message was not taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// The store failed; nothing was taken in.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The gateway is stopping.
    #[error("the gateway is stopping")]
    Stopping,
}

/// What was taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The message's id; that of the first one for a repeat.
    pub id: String,
    /// Whether it is a repeat, of which nothing is sent (R39).
    pub repeat: bool,
    /// How many devices get a push.
    pub queued: usize,
    /// How many do not.
    pub silent: usize,
    /// Accounts that are not known.
    pub unknown: Vec<String>,
}

/// What has been decided so far about a message.
struct Plan<'a> {
    message: &'a Message,
    channels: &'a Channels,
    settings: &'a Settings,
    receipts: Option<&'a ReceiptsTo>,
    /// Where each kind of notification stands; or why it cannot be.
    places: HashMap<(u32, Variant), Result<usize, Silence>>,
    notes: Vec<Note>,
    judged: Vec<Judged>,
}

struct Note {
    record: NoteRecord,
    channel: Arc<Channel>,
    prepared: Prepared,
    badge: Option<u32>,
    /// How many devices get it.
    targets: usize,
    /// How many of them go into one parcel.
    size: usize,
}

impl Gateway {
    /// Takes a message in. When this returns, everything is on disk, and will be sent.
    ///
    /// # Errors
    /// When nothing was taken in.
    pub async fn accept(&self, message: &Message, to: To<'_>) -> Result<Summary, AcceptError> {
        if *self.0.stopping.borrow() {
            return Err(AcceptError::Stopping);
        }
        let (settings, channels, now_ms) = (self.settings(), self.0.certificates.all(), self.now_ms());
        let mut record = MessageRecord::of(message);
        let _one = self.0.accepting.lock().await;
        let (mut plan, mut unknown) = (Plan::new(message, &channels, &settings), Vec::new());
        plan.receipts = self.0.receipts.as_ref();
        match judge_message(message, &settings) {
            Err(silence) => {
                record.rule = Some(silence.rule);
                record.detail = silence.detail;
            }
            Ok(()) => {
                let seats = self.seats(message, to).await?;
                if let To::Users(accounts) = to {
                    let known: std::collections::HashSet<&str> =
                        seats.iter().map(|seat| seat.recipient.account.as_str()).collect();
                    unknown = accounts.iter().filter(|account| !known.contains(account.as_str())).cloned().collect();
                }
                plan.judge_all(seats, now_ms);
            }
        }
        let events = self.losses(&plan, now_ms);
        let notes: Vec<NoteRecord> = plan.notes.iter().map(|note| note.record.clone()).collect();
        let badges: Vec<Option<u32>> = plan.notes.iter().map(|note| note.badge).collect();
        let accepted = Accepted {
            message: &record,
            fingerprint: fingerprint::fingerprint(message, &to, &settings),
            notes: &notes,
            badges: &badges,
            judged: &plan.judged,
            events: &events,
        };
        if let Seal::RepeatOf(id) = self.0.store.accept(&accepted, now_ms).await? {
            return Ok(Summary { id, repeat: true, unknown, ..Summary::default() });
        }
        self.keep(&message.id, &plan.notes);
        let queued = plan.judged.iter().filter(|judged| judged.outcome.is_ok()).count();
        if queued > 0 {
            self.0.wake.notify_one();
        }
        Ok(Summary { id: message.id.clone(), repeat: false, queued, silent: plan.judged.len() - queued, unknown })
    }

    async fn seats(&self, message: &Message, to: To<'_>) -> Result<Vec<Seat>, StoreError> {
        let store = &self.0.store;
        match (to, &message.conversation) {
            (To::Members(group), _) => store.member_seats(group).await,
            (To::All, _) => store.all_seats().await,
            (To::Users(accounts), Conversation::OneToOne) => {
                store.seats(accounts, Conversed::Peer(&message.from.account)).await
            }
            (To::Users(accounts), Conversation::Group { id, .. }) => store.seats(accounts, Conversed::Group(id)).await,
            (To::Users(accounts), Conversation::Push { .. }) => store.seats(accounts, Conversed::None).await,
        }
    }

    /// The webhook events of pushes that were due and could not be sent.
    fn losses(&self, plan: &Plan<'_>, now_ms: u64) -> Vec<EventRecord> {
        let loss = |judged: &Judged| {
            let silence = judged.outcome.as_ref().err()?;
            let (account, device) = (judged.account.clone(), judged.device.clone());
            let target = TargetOf { account, device, token: String::new() };
            self.event_of(&plan.message.id, &target, "", Err((silence.loss?, &silence.detail)), now_ms)
        };
        plan.judged.iter().filter_map(loss).collect()
    }

    /// Keeps what was encoded for the worker.
    fn keep(&self, message: &str, notes: &[Note]) {
        let mut kept = self.0.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        // A long outage fills it; what is dropped is encoded again when its turn comes.
        if kept.len() > AT_MOST_KEPT {
            kept.clear();
        }
        for (number, note) in (0..).zip(notes) {
            let (channel, prepared) = (Arc::clone(&note.channel), note.prepared.clone());
            let parcels = note.targets.div_ceil(note.size);
            kept.insert((message.to_owned(), number), Kept { channel, prepared, parcels });
        }
    }
}

impl<'a> Plan<'a> {
    fn new(message: &'a Message, channels: &'a Channels, settings: &'a Settings) -> Self {
        let (places, notes, judged) = (HashMap::new(), Vec::new(), Vec::new());
        Self { message, channels, settings, receipts: None, places, notes, judged }
    }

    /// Judges every seat; those of a user stand together.
    fn judge_all(&mut self, mut seats: Vec<Seat>, now_ms: u64) {
        if self.settings.only_when_all_away {
            let here = |seat: &Seat| {
                let state = seat.device.as_ref().map(|device| device.presence.state(self.settings, now_ms));
                state == Some(State::Foreground)
            };
            for of_one in seats.chunk_by_mut(|a, b| a.recipient.account == b.recipient.account) {
                if of_one.iter().any(here) {
                    of_one.iter_mut().for_each(|seat| seat.recipient.present_elsewhere = true);
                }
            }
        }
        self.judged.reserve(seats.len());
        for seat in seats {
            let outcome = self.judge_seat(&seat, now_ms);
            let account = seat.recipient.account;
            let device = seat.device.map(|device| device.id).unwrap_or_default();
            self.judged.push(Judged { account, device, outcome });
        }
    }

    fn judge_seat(&mut self, seat: &Seat, now_ms: u64) -> Result<Queued, Silence> {
        let recipient = &seat.recipient;
        judge_recipient(self.message, recipient, self.settings, now_ms)?;
        let Some(device) = &seat.device else {
            return Err(Silence { rule: Rule::R19, loss: Some(-2), detail: "the user has no device".into() });
        };
        let terms = Terms { settings: self.settings, certificates: self.channels };
        let route = judge(self.message, recipient, device, terms, now_ms)?;
        let variant = variant(self.message, recipient, device, &route, self.settings);
        let key = (route.certificate.id, variant);
        let place = match self.places.get(&key) {
            Some(place) => place.clone(),
            None => {
                let place = self.compose(&route, &key.1);
                self.places.insert(key, place.clone());
                place
            }
        }?;
        // A place is only ever made together with its note.
        let Some(note) = self.notes.get_mut(place) else { return Err(no_channel(&route)) };
        let parcel = note.targets / note.size;
        note.targets += 1;
        Ok(Queued { rule: route.rule, note: place, parcel, token: route.token.to_owned() })
    }

    /// Composes and encodes a notification, once for all that get it.
    fn compose(&mut self, route: &Route<'_>, variant: &Variant) -> Result<usize, Silence> {
        let certificate = route.certificate;
        let mut composed = compose(self.message, certificate, variant, self.settings)?;
        let Some(channel) = self.channels.get(&certificate.id) else { return Err(no_channel(route)) };
        if channel.push.profile().receipts.is_some() {
            let receipts = self.receipts.and_then(|to| to.request(certificate.id, &self.message.id));
            composed.notification.receipt = receipts;
        }
        let prepared = channel.push.prepare(&composed.notification).map_err(|error| {
            let too_large = error.refusal().class == Class::PayloadTooLarge;
            let rule = if too_large { Rule::R76 } else { Rule::R42 };
            Silence { rule, loss: None, detail: error.to_string() }
        })?;
        let batch = channel.push.profile().batch();
        let lost = prepared.losses().into_iter().map(|loss| format!("{} is lost: {}", loss.field, loss.reason));
        let cut = prepared.cuts().into_iter().map(|cut| format!("{} is cut from {} to {}", cut.wire, cut.from, cut.to));
        let losses = lost.chain(cut).collect();
        self.notes.push(Note {
            record: NoteRecord {
                certificate: certificate.id,
                vendor: certificate.vendor.clone(),
                way: variant.way,
                notification: composed.notification,
                rules: composed.rules,
                losses,
            },
            channel: Arc::clone(channel),
            prepared,
            badge: composed.badge,
            targets: 0,
            size: if batch > 1 { batch } else { self.settings.parcel.max(1) },
        });
        Ok(self.notes.len() - 1)
    }
}

fn no_channel(route: &Route<'_>) -> Silence {
    let detail = format!("there is no certificate with number {}", route.certificate.id);
    Silence { rule: Rule::R19, loss: Some(-1), detail }
}
