//! Names: what one looks like, and which one was meant.

/// Longest name.
const LENGTH_MAX: usize = 63;

/// Is it `[a-z][a-z0-9_]{0,62}`?
pub(crate) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let begins = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase());
    begins && text.len() <= LENGTH_MAX && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A name as near to a text as a name can be, for a hint.
pub(crate) fn as_name(text: &str) -> Option<String> {
    let lower = text.trim().to_lowercase();
    let plain: String = lower
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '_' })
        .collect();
    let name: String = plain
        .trim_start_matches(|c: char| !c.is_ascii_lowercase())
        .chars()
        .take(LENGTH_MAX)
        .collect();
    is_name(&name).then_some(name)
}

/// `did you mean …?`, or the list to choose from while it is short enough to read.
pub(crate) fn suggestion<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    let mut candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = nearest(name, &candidates) {
        return Some(format!("did you mean `{near}`?"));
    }
    candidates.sort_unstable();
    match candidates.len() {
        0 | 13.. => None,
        _ => Some(format!("there is `{}`", candidates.join("`, `"))),
    }
}

/// The candidate most like a name, if one is like it: at most one slip in three letters, or one inside the other.
pub(crate) fn nearest<'c>(name: &str, candidates: &[&'c str]) -> Option<&'c str> {
    let lower = name.to_lowercase();
    let (slips, near) = candidates.iter().map(|candidate| (slips(&lower, candidate), *candidate)).min()?;
    let contained = lower.len() >= 4 && near.len() >= 4 && (near.contains(&lower) || lower.contains(near));
    (slips <= lower.len() / 3 || contained).then_some(near)
}

/// Letters to add, drop, change or swap with their neighbour to get from one word to the other.
fn slips(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let changed = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
            let swap = if swapped { rows[i - 2][j - 2] + 1 } else { usize::MAX };
            row.push(changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1).min(swap));
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_plain_and_begins_with_a_letter() {
        for name in ["a", "acme_auto", "a1", &"a".repeat(63)] {
            assert!(is_name(name), "{name}");
        }
        for text in ["", "1a", "_a", "Acme", "acme-auto", "acme auto", "añb", &"a".repeat(64)] {
            assert!(!is_name(text), "{text}");
        }
        assert_eq!(as_name("Acme-Auto 2"), Some("acme_auto_2".to_owned()));
        assert_eq!(as_name("42"), None);
    }

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        assert_eq!(nearest("nortwind", &["northwind", "contoso"]), Some("northwind"));
        assert_eq!(nearest("timeout_ms", &["ping_timeout_ms", "floor"]), Some("ping_timeout_ms"));
        assert_eq!(nearest("lable", &["label", "floor"]), Some("label"));
        assert_eq!(nearest("zebra", &["northwind", "contoso"]), None);
        assert_eq!(suggestion("zebra", ["b", "a"]), Some("there is `a`, `b`".to_owned()));
    }
}
