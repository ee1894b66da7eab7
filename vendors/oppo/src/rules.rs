//! What OPPO requires of senders today.

use omnipush_core::table;

use crate::Oppo;
use crate::payload::{category, notify_level, template};

type Rule = table::Rule<Oppo>;

const CLASSES: &str = "page 13189, as one client has it of 2025-11";

pub(crate) const RULES: &[Rule] = &[
    Rule::warns(
        "no category: OPPO classes the message by its old rules, mostly as public; name one",
        "",
        CLASSES,
        |x| category(x).is_none(),
    ),
    Rule::warns(
        "category IM without a template (`private_msg_template_id`): OPPO refuses it (54)",
        "2024",
        "a support note of 2026-03, and two clients",
        |x| category(x).as_deref() == Some("IM") && template(x).is_none(),
    ),
    Rule::warns(
        "no channel: OPPO shows the message on its own default channel; one that the app and the console know is needed in practice",
        "",
        "page 11236",
        |x| x.n.channel.is_none() && x.vendor.config.channel_id.is_none(),
    ),
    Rule::warns(
        "reminder strength 16 needs a right that OPPO grants, else it refuses the message (67); see `high_notify_level`",
        "",
        "page 11236",
        |x| notify_level(x) == Some(16),
    ),
    Rule::tells(
        "public messages a day: 100,000 for apps of fewer than 50,000 users, else twice the users; private ones without limit",
        "",
        "two pages that quote OPPO",
    ),
    Rule::tells(
        "a device takes a number of an app's public messages a day (receipt `user_daily_limit`)",
        "",
        "page 11239",
    ),
    Rule::tells("a registration id is gone after 30 days offline", "", "OPPO's pages"),
    Rule::tells("data-only messages are not offered", "", "OPPO's questions and answers"),
];
