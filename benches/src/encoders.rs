//! Encoding a notification, and putting a target into what was encoded, beside the plain
//! alternatives.

use bytes::Bytes;
use omnipush::Item;

use crate::by_hand::{by_hand, headers};
use crate::measure::{Effort, Way, compare};
use crate::messages::Message;
use crate::subject::{NOWHERE, SUBJECTS, Subject, cx};
use crate::table::{Row, Table};

/// What a service would write by hand.
pub(crate) const TYPED: &str = "serde_json";
/// The same where the message stands in headers too.
pub(crate) const WITH_HEADERS: &str = "serde_json, and headers";

/// Measures every vendor and message.
pub fn run(effort: Effort) -> Table {
    Table {
        title: "Encoders",
        about: "One message to one target. The limit is a copy of the finished body into a fresh buffer. `splice` puts a \
                target into what was encoded (paid for every target), `splice, a full list` into the largest request \
                that the vendor takes (by target), and `template` encodes the notification (paid once for all its \
                targets), with all its checks, its headers and its losses. The others write the same body by hand, and \
                nothing else; forms by `form_urlencoded` unless said otherwise. Where a vendor takes part of the message \
                in headers, `serde_json, and headers` writes the same ones too.",
        limit: "× copy",
        columns: &["× serde_json", "body, bytes"],
        rows: SUBJECTS.iter().flat_map(|id| vendor(id, effort)).collect(),
    }
}

fn vendor(id: &str, effort: Effort) -> Vec<Row> {
    let subject = Subject::new(id, NOWHERE);
    [Message::short(), Message::chat(), Message::near_limit(&subject)]
        .iter()
        .flat_map(|message| rows(&subject, message, effort))
        .collect()
}

fn rows(subject: &Subject, message: &Message, effort: Effort) -> Vec<Row> {
    let (hand, shape) = (by_hand(subject.id), subject.shape());
    let (list_shape, size) = subject.largest();
    let targets = subject.targets(size);
    let n = message.notification();
    let encoded = subject.encode(message, shape);
    let list = subject.encode(message, list_shape);
    let one = [Item { encoded: &encoded, target: &targets[0] }];
    let all: Vec<_> = targets.iter().map(|target| Item { encoded: &list, target }).collect();
    let finished = subject.splice(&encoded, &one);
    let (hand, target) = (&hand, targets[0].as_str());

    let mut ways = vec![
        Way::new("copy (the limit)", || Bytes::copy_from_slice(std::hint::black_box(&finished))),
        Way::new("splice", || subject.splice(&encoded, &one)),
        Way::new("template", || subject.vendor.encode(&n, shape, &mut cx())),
        Way::new(TYPED, || hand.body(hand.json.typed, message, target)),
        Way::new("`json!()`", || hand.body(hand.json.tree, message, target)),
    ];
    if headers(subject.id).is_some() {
        ways.push(Way::new(WITH_HEADERS, || (hand.body(hand.json.typed, message, target), headers(subject.id))));
    }
    #[cfg(feature = "peers")]
    {
        ways.push(Way::new("sonic-rs", || hand.body(hand.json.sonic, message, target)));
        ways.push(Way::new("simd-json", || hand.body(hand.json.simd, message, target)));
        if hand.form.is_some() {
            ways.push(Way::new("serde_json, serde_urlencoded", || hand.body_by_serde(message, target)));
        }
    }
    if size > 1 {
        ways.push(Way::new("splice, a full list", || subject.request(&list, &all)));
    }
    let costs = compare(effort, &mut ways);
    let limit = costs[0].ns.max(f64::MIN_POSITIVE);
    let typed = ways.iter().position(|way| way.name == TYPED).map_or(limit, |at| costs[at].ns);
    let row = |way: &Way<'_>, mut cost: crate::measure::Cost| {
        let per_target = way.name.ends_with("list");
        if per_target {
            let size = size as f64;
            [&mut cost.ns, &mut cost.low, &mut cost.high, &mut cost.allocations, &mut cost.bytes]
                .into_iter()
                .for_each(|value| *value /= size);
        }
        let encodes = !way.name.starts_with("splice") && !way.name.starts_with("copy");
        Row {
            what: format!("{}, {}", subject.id, message.name),
            way: way.name.into(),
            ratio: (!per_target).then(|| cost.ns / limit),
            more: vec![
                if encodes { format!("{:.2}", cost.ns / typed) } else { String::new() },
                finished.len().to_string(),
            ],
            cost,
        }
    };
    ways.iter().zip(costs).map(|(way, cost)| row(way, cost)).collect()
}
