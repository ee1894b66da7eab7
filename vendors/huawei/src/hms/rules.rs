//! What Huawei requires of senders to HMS today.

use omnipush_core::table;

use super::Huawei;
use super::payload::{GROUP, category, shown, urgency};

type Rule = table::Rule<Huawei>;

const PAGE: &str = "Huawei's page https-send-api";

pub(crate) const RULES: &[Rule] = &[
    Rule::warns(
        "no category: Huawei classes the message by its content, mostly as marketing, 2 a day on a device",
        "",
        "four aggregators' pages",
        |x| shown(x) && category(x).is_none(),
    ),
    Rule::warns(
        "urgency or importance HIGH needs a right that Huawei grants, else it refuses the message (80300011)",
        "",
        PAGE,
        |x| x.options.importance.as_deref() == Some("HIGH") || urgency(x).as_deref() == Some("HIGH"),
    ),
    Rule::warns("at most 100 sends to topics and conditions may be under way (80100017)", "", PAGE, |x| {
        GROUP.has(x.shape)
    }),
    Rule::warns(
        "messages to quick apps: Huawei has suspended them for an upgrade; how they stand today is not known",
        "2023-05-19",
        "Huawei's announcement",
        |x| x.options.fast_app_target.is_some(),
    ),
    Rule::warns(
        "between 00:00 and 06:00 in China nothing is shown on a device whose screen has been off for half an hour",
        "",
        "an aggregator's page",
        |x| shown(x) && x.hour(8) < 6,
    ),
    Rule::tells(
        "every category but MARKETING is for apps that may classify their messages; Huawei classes those of others by content",
        "",
        PAGE,
    ),
    Rule::tells(
        "marketing messages of an app to one device a day: 2, of licensed news apps 5, then dropped (receipt 256); all messages: 3,000 (receipt 102)",
        "",
        "Huawei's page on limits, and four aggregators' pages",
    ),
    Rule::tells("test messages (`target_user_type` 1): 500 for an app a day", "", PAGE),
    Rule::tells("TLS 1.2 or newer", "2022-11-30", "Huawei's announcement"),
    Rule::tells("these calls do not reach HarmonyOS 5 and newer", "", "Huawei's pages"),
];
