//! What is wrong with a file, or with the values a contract supplies: all of it at once, with a place and a way out.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line of the integration file, counted from one; of a parameter, the line that declares it.
    pub line: u32,
    /// The dotted place in the file: `ping.request.body.zip`.
    pub what: String,
    /// What was found and what belongs there.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.what, self.message)?;
        if self.hint.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.hint)
        }
    }
}

/// Problems met while a file is read, and where the reader stands.
#[derive(Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// Notes one; an empty hint is fine.
    pub(crate) fn add(&mut self, line: u32, what: impl Into<String>, message: impl Into<String>, hint: impl Into<String>) {
        self.found.push(Problem {
            line,
            what: what.into(),
            message: message.into(),
            hint: hint.into(),
        });
    }

    /// `Ok` if there was none; otherwise all of them, in the order of the file.
    pub(crate) fn into_result<T>(mut self, value: Option<T>) -> Result<T, Vec<Problem>> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => {
                self.found.sort_by_key(|problem| problem.line);
                Err(self.found)
            }
        }
    }

    /// Has anything been noted?
    pub(crate) const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

/// `did you mean "headers"?` for a word that is close to a known one, and the list of known ones otherwise.
pub(crate) fn did_you_mean(word: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|one| (distance(word, one), *one))
        .min()
        .filter(|(far, _)| *far <= 1.max(word.len() / 3));
    match near {
        Some((_, one)) => format!("did you mean \"{one}\"?"),
        None if known.is_empty() => String::new(),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// How many letters to insert, remove or change to turn one word into the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x.to_lowercase().ne(y.to_lowercase()));
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        assert_eq!(did_you_mean("header", &["headers", "body"]), "did you mean \"headers\"?");
        assert_eq!(did_you_mean("zzz", &["headers", "body"]), "known here: headers, body");
    }
}
