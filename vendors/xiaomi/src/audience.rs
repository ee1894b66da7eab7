//! Audiences other than regIds: where they are sent, and the fields that name them.
//!
//! Xiaomi's developer page 1559 (server API) and its Java SDK, read in 2026-11.

use omnipush_core::model::{Piece, condition_pieces, condition_topics};
use omnipush_core::vendor::form_body;
use omnipush_core::{Refusal, Set, Shape};

/// How many topics one request may name.
const MAX_TOPICS: usize = 5;

/// The path of a send to an audience, and the fields that go behind the message's own.
///
/// # Errors
/// When Xiaomi cannot be asked for it.
pub(crate) fn of(set: &Set<'_>) -> Result<(&'static str, String), Refusal> {
    let name = set.first()?.target.as_str();
    let (path, fields) = match set.shape {
        Shape::Aliases => ("/v3/message/alias", names("alias", set)?),
        Shape::Accounts => ("/v2/message/user_account", names("user_account", set)?),
        Shape::Topic => ("/v3/message/topic", vec![("topic", topic(name)?.to_owned())]),
        Shape::Segment => ("/v2/message/region", vec![("region", name.to_owned())]),
        Shape::Condition => match expression(name)? {
            (_, topics) if topics.len() == 1 => ("/v3/message/topic", vec![("topic", topics.concat())]),
            (op, topics) => {
                ("/v3/message/multi_topic", vec![("topics", topics.join(";$;")), ("topic_op", op.to_owned())])
            }
        },
        _ => return Ok(("/v3/message/all", String::new())),
    };
    let form = form_body(fields.iter().map(|(field, value)| (*field, value.as_str())));
    Ok((path, format!("&{}", String::from_utf8_lossy(&form))))
}

/// The field once for every name, as Xiaomi's SDK has it; its pages join them by commas.
fn names(field: &'static str, set: &Set<'_>) -> Result<Vec<(&'static str, String)>, Refusal> {
    let name = |name: &str| match name.is_empty() || name.contains(',') {
        true => Err(Refusal::not_sent(&format!("{field}: must be a text without commas"))),
        false => Ok((field, name.to_owned())),
    };
    set.items.iter().map(|item| name(item.target.as_str())).collect()
}

fn topic(name: &str) -> Result<&str, Refusal> {
    let odd = name.is_empty() || name.contains(";$;");
    if odd { Err(Refusal::not_sent("topic: must be a text without `;$;`")) } else { Ok(name) }
}

/// An expression over topics as Xiaomi's operator and its topics. There is one operator for all:
/// `'a' in topics || 'b' in topics` unites, `&&` intersects, and `'a' in topics && !('b' in
/// topics)` takes all others from the first.
fn expression(text: &str) -> Result<(&'static str, Vec<&str>), Refusal> {
    let pieces = condition_pieces(text).map_err(Refusal::not_sent)?;
    let topics = condition_topics(text).map_err(Refusal::not_sent)?;
    for name in &topics {
        topic(name)?;
    }
    if topics.len() > MAX_TOPICS {
        return Err(Refusal::not_sent(&format!(
            "condition: names {} topics; at most {MAX_TOPICS} are allowed",
            topics.len()
        )));
    }
    let has = |piece| pieces.contains(&piece);
    // Parentheses change nothing where there is one operator and `!` stands before single topics.
    let bare: Vec<Piece<'_>> = pieces.iter().copied().filter(|p| !matches!(p, Piece::Open | Piece::Close)).collect();
    let group_taken = pieces.windows(4).any(|four| {
        matches!(four, [Piece::Not, Piece::Open, inner, next]
            if !matches!(inner, Piece::Topic(_)) || *next != Piece::Close)
    });
    let others_taken =
        |at: usize| matches!(bare.get(3 * at - 2..3 * at + 1), Some([Piece::And, Piece::Not, Piece::Topic(_)]));
    match (has(Piece::Not), has(Piece::And), has(Piece::Or)) {
        (false, _, false) => Ok(("INTERSECTION", topics)),
        (false, false, true) => Ok(("UNION", topics)),
        (true, true, false)
            if !group_taken && bare.len() == 3 * topics.len() - 2 && (1..topics.len()).all(others_taken) =>
        {
            Ok(("EXCEPT", topics))
        }
        _ => Err(Refusal::not_sent(
            "condition: joined by || alone, by && alone, or by && with `!` before all topics but the first",
        )),
    }
}
