//! What Meizu requires of senders today.

use omnipush_core::table;

use crate::Meizu;
use crate::payload::class;

type Rule = table::Rule<Meizu>;

const CAPS: &str = "an aggregator's page of 2026-05-14";

pub(crate) const RULES: &[Rule] = &[
    Rule::warns(
        "no message class: Meizu counts the message as public, of which a device takes 3 a day; see `notice_msg_type`",
        "2025-05-07",
        CAPS,
        |x| class(x).is_none(),
    ),
    Rule::tells(
        "public messages of an app to one device a day: 3, of news and reading apps 5; private ones without limit",
        "2025-05-07",
        CAPS,
    ),
    Rule::tells("a request has at most 100 targets; it was 1,000 before", "2023-08-21", "Meizu's PushAPI"),
    Rule::tells("more than 5 messages of an app to one device within a minute are folded (520)", "", "Meizu's PushAPI"),
    Rule::tells(
        "an address for receipts must be registered in the console first, or nothing is posted; 100 addresses for an app",
        "",
        "Meizu's PushAPI",
    ),
    Rule::tells("data-only messages are withdrawn (110053)", "2018-06-16", "Meizu's PushAPI"),
    Rule::tells("HTTPS only", "2025-04-22", "Meizu's Java SDK"),
    Rule::tells("a pushId changes after a month without use", "", "Meizu's client guide"),
];
