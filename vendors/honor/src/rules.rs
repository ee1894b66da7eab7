//! What Honor requires of senders today.

use omnipush_core::table;

use crate::Honor;
use crate::payload::{importance, shown};

type Rule = table::Rule<Honor>;

pub(crate) const RULES: &[Rule] = &[
    Rule::warns(
        "no importance: Honor takes the message for LOW (information and marketing), of which a device takes 2 a day",
        "2023-02-01",
        "four aggregators' pages",
        |x| shown(x) && importance(x).is_none(),
    ),
    Rule::warns("between 00:00 and 06:00 in China Honor shows no notifications", "", "an aggregator's page", |x| {
        shown(x) && x.hour(8) < 6
    }),
    Rule::tells(
        "NORMAL (service and communication) is heeded for apps that may classify their messages; all messages of others count as marketing",
        "2024-12-31",
        "an aggregator's page",
    ),
    Rule::tells(
        "marketing messages of an app to one device a day: 2, of licensed news apps 5; others without limit",
        "2023-02-01",
        "four aggregators' pages",
    ),
    Rule::tells("test messages (`target_user_type` 1): 1,000 for an app a day", "", "three clients' comments"),
];
