//! Which known name did they mean?

/// The known name closest to a wrong one, if one is close: other spelling (`firstName`), a slip or two
/// (`zipp`), or a longer or shorter form (`zip_code`).
pub fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > 64 {
        return None;
    }
    let wrong = plain(name);
    if wrong.is_empty() {
        return None;
    }
    let scored = known
        .into_iter()
        .filter_map(|candidate| Some((score(&wrong, &plain(candidate))?, candidate)));
    scored.min_by_key(|(score, _)| *score).map(|(_, candidate)| candidate)
}

/// Letters and digits only, in lower case.
fn plain(name: &str) -> Vec<u8> {
    name.bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|b| b.to_ascii_lowercase())
        .collect()
}

/// Less is closer; `None` is not close.
fn score(wrong: &[u8], known: &[u8]) -> Option<usize> {
    let slips = distance(wrong, known);
    let most = match known.len().min(wrong.len()) {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    };
    if slips <= most {
        return Some(slips);
    }
    // `zipcode` for zip, `income` for household_income: after every slip, the more they share the better
    let (short, long) = if wrong.len() < known.len() {
        (wrong, known)
    } else {
        (known, wrong)
    };
    let contained = short.len() >= 3 && (long.starts_with(short) || long.ends_with(short));
    contained.then(|| 3 + long.len() - short.len())
}

/// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
