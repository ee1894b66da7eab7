//! The grammar of conditions over topics, as Google and Huawei have it.

/// The topics that a condition names, in order; one that stands twice comes twice.
///
/// Terms such as `'a' in topics`, joined by `&&` and `||`, negated by `!`, grouped by parentheses.
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
    let (mut rest, mut open, mut topics, mut joined) = (text.trim_start(), 0_usize, Vec::new(), true);
    while !rest.is_empty() {
        rest = if joined {
            if let Some(inner) = rest.strip_prefix('!') {
                inner
            } else if let Some(inner) = rest.strip_prefix('(') {
                open += 1;
                inner
            } else {
                let (topic, after) = term(rest)?;
                topics.push(topic);
                joined = false;
                after
            }
        } else if let Some(after) = rest.strip_prefix(')') {
            open = open.checked_sub(1).ok_or("condition: a parenthesis is closed that was not opened")?;
            after
        } else {
            joined = true;
            let after = rest.strip_prefix("&&").or_else(|| rest.strip_prefix("||"));
            after.ok_or("condition: && or || is expected between terms")?
        }
        .trim_start();
    }
    match () {
        () if joined => Err("condition: ends where a term such as 'news' in topics is expected"),
        () if open > 0 => Err("condition: a parenthesis is not closed"),
        () => Ok(topics),
    }
}

/// The topic of a term, and what follows the term.
fn term(text: &str) -> Result<(&str, &str), &'static str> {
    let (topic, rest) = text.strip_prefix('\'').and_then(|rest| rest.split_once('\'')).unwrap_or_default();
    if topic.is_empty() {
        return Err("condition: a term such as 'news' in topics is expected");
    }
    let rest = rest.trim_start().strip_prefix("in ").map(str::trim_start);
    let rest = rest.and_then(|rest| rest.strip_prefix("topics"));
    rest.map(|rest| (topic, rest)).ok_or("condition: `in topics` is expected after a topic")
}
