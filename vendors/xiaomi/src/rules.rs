//! What Xiaomi requires of senders today.

use omnipush_core::Kind;
use omnipush_core::table::{self, In};

use crate::Xiaomi;
use crate::payload::{channel, private};

type Rule = table::Rule<Xiaomi>;

const LIMITS: &str = "page 1656, of 2026-02-04";

pub(crate) const RULES: &[Rule] = &[
    Rule::warns(
        "no channel: Xiaomi refuses the message (27001), or shows one such message a device a day",
        "",
        LIMITS,
        |x| channel(x).is_none(),
    ),
    Rule::warns(
        "a private message without `template_id`: new apps need one now, all others from 2027 on",
        "2026-07-01",
        "page 2314; the dates by one client",
        |x| private(x) && x.options.template_id.is_none(),
    ),
    Rule::warns(
        "a data-only message: Xiaomi withdraws them, and may drop it",
        "",
        "page 1529, an announcement in the index of 2025-06-11",
        |x| x.n.kind == Kind::Background,
    ),
    Rule::warns(
        "a text with the word test or 测试 may be held back as unimportant",
        "",
        "one client",
        looks_like_a_test,
    ),
    Rule::tells(
        "what is shown needs a click action (`notify_effect`); one is always sent, at least to open the app",
        "2024-09-30",
        "page 1856, of 2024-08-14",
    ),
    Rule::tells(
        "public messages a device and a day: 5 of an app, of licensed news apps 8; in all twice (news: three times) the devices that have the app and allow notifications",
        "2026-02-04",
        LIMITS,
    ),
    Rule::tells(
        "when over 0.05 % of devices switch the app's notifications off in a month, the daily amounts go down",
        "2026",
        "one client",
    ),
    Rule::tells(
        "41 private classes, public ones, and 8 that users subscribe to in the app, which have the rights of private ones and need a template",
        "2026-08-01",
        "page 2320, of 2026-07-03; the date by one client",
    ),
    Rule::tells("the channel \"personal subscription\" closes on 2026-12-31", "2026", "one client"),
    Rule::tells(
        "sent messages are taken back by the number they were sent with, from devices, aliases and accounts only: the calls by message id and of topics end on 2026-12-01",
        "2026-10-22",
        "page 2367, of 2026-10-22",
    ),
    Rule::tells("no service outside mainland China", "2024-04-02", "two integrators"),
];

fn looks_like_a_test(x: &In<'_, Xiaomi>) -> bool {
    let mut texts = [x.n.title.as_deref(), x.n.body.as_deref()].into_iter().flatten();
    x.n.kind == Kind::Alert && texts.any(|text| text.contains("test") || (!text.is_ascii() && text.contains("测试")))
}
