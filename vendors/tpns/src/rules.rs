//! What TPNS, and the phone makers behind it, require of senders today.

use omnipush_core::Shape;
use omnipush_core::table::{self, In};

use crate::Tpns;
use crate::payload::{is_android, silent};

type Rule = table::Rule<Tpns>;

const PUSH: &str = "TPNS's push API";
const LIMITS: &str = "TPNS's restrictions, of 2024-01-16";

pub(crate) const RULES: &[Rule] = &[
    Rule::warns(
        "no `xm_ch_id`: Xiaomi refuses messages without a channel, or shows one a device a day",
        "",
        "Xiaomi's page 1656, of 2026-02-04",
        |x| shown(x) && x.options.android.xm_ch_id.is_none(),
    ),
    Rule::warns(
        "no `oppo_ch_id`: OPPO shows messages without a channel on its own default one",
        "",
        "OPPO's page 11236",
        |x| shown(x) && x.options.android.oppo_ch_id.is_none(),
    ),
    Rule::warns(
        "no category: Huawei classes messages without one by their content, mostly as marketing, 2 a day on a device",
        "",
        "four aggregators' pages",
        |x| shown(x) && x.n.category.is_none(),
    ),
    Rule::warns(
        "no `vivo_ch_id`: vivo counts the message as operational, with low limits, and takes none at night",
        "",
        PUSH,
        |x| shown(x) && x.options.android.vivo_ch_id.is_none(),
    ),
    Rule::warns("Huawei's channel does not deliver the pairs: write them into a deep link too", "", PUSH, |x| {
        shown(x) && !x.n.data.is_empty()
    }),
    Rule::warns(
        "title or text is longer than some phone makers take (32 characters at Meizu, 80 at Huawei): it fails there, and goes by TPNS's own connection alone",
        "",
        LIMITS,
        is_long,
    ),
    Rule::warns(
        "a data message of Android goes by TPNS's own connection alone: an app that does not run does not get it",
        "",
        PUSH,
        |x| is_android(x) && silent(x),
    ),
    Rule::warns(
        "to everybody: once an hour with the same content (10010018), and once a second with tags and packages together (1008028)",
        "",
        LIMITS,
        |x| x.shape == Shape::All,
    ),
    Rule::tells("TPNS is no longer sold; apps that have it may go on", "", "TPNS's notice on sales"),
];

fn shown(x: &In<'_, Tpns>) -> bool {
    is_android(x) && !silent(x)
}

fn is_long(x: &In<'_, Tpns>) -> bool {
    let over = |text: &Option<String>, most| {
        text.as_deref().is_some_and(|text| text.len() > most && text.chars().count() > most)
    };
    shown(x) && (over(&x.n.title, 32) || over(&x.n.body, 80))
}
