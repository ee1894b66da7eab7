//! What Huawei requires of senders to HarmonyOS today.

use omnipush_core::table;

use super::Harmony;
use super::options::PushType;
use super::payload::{is_text, named_category, push_type};

type Rule = table::Rule<Harmony>;

const LIMITS: &str = "Huawei's page push-msg-freq-control";
const FIELDS: &str = "Huawei's page push-scenariozed-api-request-struct";

pub(crate) const RULES: &[Rule] = &[
    Rule::warns(
        "no category: sent as MARKETING, of which a device takes 2 a day; name one if the app may classify",
        "",
        FIELDS,
        |x| is_text(x) && named_category(x).is_none(),
    ),
    Rule::warns(
        "a push of this type needs a right that Huawei grants (for a badge alone: that to the class IM)",
        "",
        "Huawei's page push-scenariozed-api-intro",
        |x| matches!(push_type(x), PushType::Badge | PushType::Extension | PushType::LiveView | PushType::Call),
    ),
    Rule::warns("`background_mode` 1 needs a right, and wakes the app about twice an hour", "", FIELDS, |x| {
        x.options.background_mode == Some(1)
    }),
    Rule::warns(
        "a picture must have been checked by Huawei (`Operation::CheckImage`), else the message is refused (80100022)",
        "",
        "Huawei's page push-image-control",
        |x| is_text(x) && x.n.image.is_some(),
    ),
    Rule::warns("`style` 1 (long text) is no longer advised", "", FIELDS, |x| x.options.style == Some(1)),
    Rule::tells(
        "every category but MARKETING is for apps that may classify their messages; all messages of others count as MARKETING",
        "",
        FIELDS,
    ),
    Rule::tells(
        "marketing messages of an app to one device a day: 2 or 5 by the kind of app, then dropped (receipt 256); all messages by rules of the device (receipt 102)",
        "",
        LIMITS,
    ),
    Rule::tells("test messages: 1,000 for a project a day, to at most 10 tokens a request (80300030)", "", LIMITS),
    Rule::tells("live views: 10 updates in 5 minutes and 60 an hour; of taxis and scores 30 and 180", "", LIMITS),
    Rule::tells("these calls reach HarmonyOS 5 and newer only, and never an older token", "", "Huawei's pages"),
];
