//! Expressions over topics: terms such as `'a' in topics`, joined by `&&` and `||`, negated by
//! `!`, grouped by parentheses.

/// A piece of an expression over topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is a sign of the grammar")]
pub enum Piece<'a> {
    /// `'a' in topics`.
    Topic(&'a str),
    And,
    Or,
    Not,
    Open,
    Close,
}

/// The pieces of an expression, in order.
///
/// # Errors
/// Says what is wrong with its grammar. Names of topics may be anything but empty.
pub fn condition_pieces(text: &str) -> Result<Vec<Piece<'_>>, &'static str> {
    let (mut rest, mut open, mut joined, mut all) = (text.trim_start(), 0_usize, true, Vec::new());
    while let Some(first) = rest.chars().next() {
        let (piece, after) = if joined {
            match first {
                '!' => (Piece::Not, rest.get(1..)),
                '(' => (Piece::Open, rest.get(1..)),
                _ => {
                    let (name, after) = term(rest)?;
                    (Piece::Topic(name), Some(after))
                }
            }
        } else if first == ')' {
            (Piece::Close, rest.get(1..))
        } else {
            let two = [("&&", Piece::And), ("||", Piece::Or)];
            let found = two.into_iter().find_map(|(sign, piece)| Some((piece, rest.strip_prefix(sign)?)));
            let (piece, after) = found.ok_or("condition: && or || is expected between terms")?;
            (piece, Some(after))
        };
        match piece {
            Piece::Open => open += 1,
            Piece::Close => {
                open = open.checked_sub(1).ok_or("condition: a parenthesis is closed that was not opened")?
            }
            Piece::Topic(_) => joined = false,
            Piece::And | Piece::Or => joined = true,
            Piece::Not => {}
        }
        all.push(piece);
        rest = after.unwrap_or_default().trim_start();
    }
    match () {
        () if joined => Err("condition: ends where a term such as 'news' in topics is expected"),
        () if open > 0 => Err("condition: a parenthesis is not closed"),
        () => Ok(all),
    }
}

/// The topics that an expression names, in order; one that stands twice comes twice.
///
/// # Errors
/// What is wrong with it.
///
/// ```
/// use omnipush_core::model::condition_topics;
///
/// assert_eq!(condition_topics("'a' in topics && !('b' in topics)"), Ok(vec!["a", "b"]));
/// assert!(condition_topics("'a' in topics &&").is_err());
/// ```
pub fn condition_topics(text: &str) -> Result<Vec<&str>, &'static str> {
    let topic = |piece| if let Piece::Topic(name) = piece { Some(name) } else { None };
    Ok(condition_pieces(text)?.into_iter().filter_map(topic).collect())
}

/// The topic of a term, and what follows it.
fn term(text: &str) -> Result<(&str, &str), &'static str> {
    let (name, rest) = text.strip_prefix('\'').and_then(|rest| rest.split_once('\'')).unwrap_or_default();
    if name.is_empty() {
        return Err("condition: a term such as 'news' in topics is expected");
    }
    let rest = rest.trim_start().strip_prefix("in ").map(str::trim_start);
    let rest = rest.and_then(|rest| rest.strip_prefix("topics"));
    Ok((name, rest.ok_or("condition: `in topics` is expected after a topic")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_an_expression() {
        use Piece::{And, Close, Not, Open, Or, Topic};
        let all = condition_pieces(" 'a' in topics&&( '新闻' in  topics ||!('c' in topics) ) ").unwrap();
        assert_eq!(all, [Topic("a"), And, Open, Topic("新闻"), Or, Not, Open, Topic("c"), Close, Close]);
        assert_eq!(condition_topics("'a' in topics && '新闻' in topics"), Ok(vec!["a", "新闻"]));
        for bad in [
            "",
            "a",
            "'' in topics",
            "'a' in",
            "'a' in topics)",
            "('a' in topics",
            "'a' in topics &&",
            "!",
            "'a' in topics é",
        ] {
            assert!(condition_pieces(bad).is_err(), "{bad}");
        }
    }
}
