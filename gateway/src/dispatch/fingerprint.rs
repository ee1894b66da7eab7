//! When two messages are the same (R39), and what a message is called.

use sha2::{Digest as _, Sha256};

use super::accept::To;
use crate::model::{Conversation, Message, Settings};

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length in front keeps ("a", "bc") from being ("ab", "c").
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// How long a key may be in an id, in bytes: with its tail the id is short enough to come back with
/// every vendor's receipts.
const KEY: usize = 55;

/// The id of a message: its key (`MsgKey`, `group#seq` or a task's id), and what tells it from
/// another sender's or receiver's with the same key, which callers with constant random numbers have.
/// At most 64 bytes: a hash stands for a longer key, which only groups of long names have.
pub fn message_id(key: &str, from: &str, to: &str) -> String {
    let tail = digest(&[from, to]);
    let hash = (key.len() > KEY).then(|| digest(&[key]));
    let key = hash.as_deref().unwrap_or(key);
    format!("{key}@{}", tail.get(..8).unwrap_or(&tail))
}

/// What a repeat has in common with the message, and until when it counts as one.
pub(super) fn fingerprint(message: &Message, to: &To<'_>, settings: &Settings) -> Option<(String, u64)> {
    let (from, seq, random) = (&message.from.account, message.seq.to_string(), message.random.to_string());
    let content = format!("{:?}", message.body);
    let whom = match to {
        To::Users(accounts) => accounts.join("\n"),
        To::Members(group) => format!("members of {group}"),
        To::All => String::new(),
    };
    let (print, seconds) = match &message.conversation {
        Conversation::OneToOne => {
            (digest(&["c2c", from, &whom, &seq, &random, &content]), settings.dedup_one_to_one_seconds)
        }
        Conversation::Group { id, .. } => {
            let content = if settings.dedup_group_by_content { content.as_str() } else { "" };
            (digest(&["group", id, &random, content]), settings.dedup_group_seconds)
        }
        Conversation::Push { .. } => (digest(&["push", from, &random]), settings.dedup_push_seconds),
    };
    (seconds > 0).then(|| (print, message.at_ms.saturating_add(u64::from(seconds) * 1000)))
}
