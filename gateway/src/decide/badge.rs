//! The number on the app's icon (R58–R62, R64).

use omnipush::Badge;

use crate::model::{Message, OfflinePushInfo, ReceiveOption, Recipient};
use crate::rules::Rule;

/// Whether a message counts as unread for a recipient.
pub(super) fn counts(message: &Message, recipient: &Recipient) -> bool {
    !message.control.no_unread && recipient.option == ReceiveOption::Receive
}

/// Whether a vendor's badge is a number of ours, so that it differs from device to device.
pub(super) fn is_absolute(vendor: &str) -> bool {
    vendor == "apns"
}

/// The badge to send; `current` is the device's, `counts` whether the message does.
pub(super) fn badge(
    message: &Message,
    vendor: &str,
    current: u32,
    counts: bool,
    rules: &mut Vec<Rule>,
) -> Option<Badge> {
    let none = OfflinePushInfo::default();
    let info = message.push.as_ref().unwrap_or(&none);
    let number = |number: Option<i64>, max: u32| number.map(|n| u32::try_from(n).unwrap_or(0).min(max));
    match vendor {
        "apns" => {
            rules.push(Rule::R60);
            let default_mode = i64::from(message.is_pure_push());
            let mode = info.apns_info.badge_mode.unwrap_or(default_mode);
            let plus = |n: u32| Badge::Set(current.saturating_add(n));
            let set = number(info.badge_set_num, 999).map(Badge::Set);
            set.or_else(|| number(info.badge_add_num, 99).map(plus)).or_else(|| (mode == 0 && counts).then(|| plus(1)))
        }
        "huawei" | "honor" | "harmony" => {
            rules.push(Rule::R61);
            let set = number(info.badge_set_num, 99).map(Badge::Set);
            set.or_else(|| number(info.badge_add_num, 99).map(Badge::Add)).or_else(|| counts.then_some(Badge::Add(1)))
        }
        _ => None,
    }
}
