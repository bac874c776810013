//! What the words of an answer mean.

use crate::step::StepName;

/// A verdict, for pings and posts alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Duplicate,
    Refused,
    Error,
    Queued,
    Good,
}

/// Good news last: what is refused or broken must not be taken for a sale.
pub(super) const IN_ORDER: [Class; 5] = [Class::Duplicate, Class::Refused, Class::Error, Class::Queued, Class::Good];

impl Class {
    /// The word of the file.
    pub(super) const fn outcome(self, step: StepName) -> &'static str {
        match (self, step) {
            (Self::Duplicate, _) => "duplicate",
            (Self::Refused, StepName::Ping) => "no_bid",
            (Self::Refused, _) => "rejected",
            (Self::Error, _) | (Self::Queued, StepName::Ping) => "error",
            (Self::Queued, _) => "queued",
            (Self::Good, StepName::Ping) => "bid",
            (Self::Good, _) => "accepted",
        }
    }
}

const DUPLICATE: &[&str] = &["duplicate", "duplicated", "dup", "dupe"];
const REFUSED: &[&str] = &[
    "unmatched",
    "rejected",
    "reject",
    "declined",
    "decline",
    "denied",
    "failed",
    "failure",
    "fail",
    "no_bid",
    "nobid",
    "no bid",
    "no match",
    "unsold",
    "not sold",
    "not accepted",
    "false",
    "no",
    "0",
    "none",
    "filtered",
    "unqualified",
    "disqualified",
    "unavailable",
    "unassigned",
    "no coverage",
    "lost",
    "not matched",
    "no_match",
    "no buyers",
    "no_buyers",
    "refused",
];
const ERROR: &[&str] = &[
    "error",
    "invalid",
    "exception",
    "unauthorized",
    "forbidden",
    "bad request",
    "err",
    "malformed",
];
const QUEUED: &[&str] = &["queued", "pending", "processing", "marketplace", "audit", "in review", "received"];
const GOOD: &[&str] = &[
    "matched",
    "match",
    "accepted",
    "accept",
    "success",
    "successful",
    "approved",
    "ok",
    "sold",
    "bid",
    "true",
    "yes",
    "1",
    "won",
    "win",
    "assigned",
    "purchased",
    "available",
    "qualified",
    "valid",
    "match found",
    "interested",
    "buy",
];

/// Words that belong together: good, refused, error.
const FAMILIES: [[&str; 4]; 6] = [
    ["matched", "unmatched", "error", ""],
    ["accepted", "rejected", "error", "duplicate"],
    ["success", "failed", "error", "duplicate"],
    ["approved", "declined", "error", "duplicate"],
    ["sold", "unsold", "error", "duplicate"],
    ["true", "false", "", ""],
];

/// What a word means under its name. A bare 0 or 1 under `code` may be either, so it says nothing.
pub(super) fn class_at(name: &str, word: &str) -> Option<Class> {
    let is_code = name.to_ascii_lowercase().contains("code") || name.eq_ignore_ascii_case("result");
    class(word).filter(|_| !(is_code && word.bytes().all(|b| b.is_ascii_digit())))
}

/// What a word or a short phrase means, if anything.
pub(super) fn class(word: &str) -> Option<Class> {
    let word = word.trim().trim_end_matches(['.', '!']).to_lowercase();
    let exact = [
        (DUPLICATE, Class::Duplicate),
        (REFUSED, Class::Refused),
        (ERROR, Class::Error),
        (QUEUED, Class::Queued),
        (GOOD, Class::Good),
    ];
    let found = exact
        .into_iter()
        .find(|(words, _)| words.contains(&word.as_str()))
        .map(|(_, class)| class);
    found.or_else(|| if word.len() <= 60 { phrase(&word) } else { None })
}

/// Longer ones by their parts; a refusal must be looked for first, because `not accepted` holds `accepted`.
fn phrase(text: &str) -> Option<Class> {
    let parts = [
        ("duplicat", Class::Duplicate),
        ("reject", Class::Refused),
        ("unmatch", Class::Refused),
        ("not match", Class::Refused),
        ("no match", Class::Refused),
        ("not accept", Class::Refused),
        ("not sold", Class::Refused),
        ("unsold", Class::Refused),
        ("declin", Class::Refused),
        ("access denied", Class::Error),
        ("denied", Class::Refused),
        ("no bid", Class::Refused),
        ("error", Class::Error),
        ("invalid", Class::Error),
        ("missing", Class::Error),
        ("required", Class::Error),
        ("queued", Class::Queued),
        ("accept", Class::Good),
        ("match", Class::Good),
        ("success", Class::Good),
        ("approved", Class::Good),
    ];
    parts.into_iter().find(|(part, _)| text.contains(part)).map(|(_, class)| class)
}

/// What the name of a sample says of it: `ping-rejected.json`.
pub(super) fn hint(name: &str) -> Option<Class> {
    let name = name.to_ascii_lowercase();
    let parts = [
        ("dup", Class::Duplicate),
        ("reject", Class::Refused),
        ("unmatched", Class::Refused),
        ("nobid", Class::Refused),
        ("no-bid", Class::Refused),
        ("no_bid", Class::Refused),
        ("declin", Class::Refused),
        ("refus", Class::Refused),
        ("fail", Class::Refused),
        ("error", Class::Error),
        ("queued", Class::Queued),
        ("pending", Class::Queued),
        ("accept", Class::Good),
        ("matched", Class::Good),
        ("success", Class::Good),
        ("sold", Class::Good),
        ("bid", Class::Good),
    ];
    parts.into_iter().find(|(part, _)| name.contains(part)).map(|(_, class)| class)
}

/// Words of the same family that no sample held.
pub(super) fn family(seen: &[(String, Class)], class: Class) -> Vec<&'static str> {
    let is_seen = |word: &str| seen.iter().any(|(known, _)| known.eq_ignore_ascii_case(word));
    let at = match class {
        Class::Good => 0,
        Class::Refused => 1,
        Class::Error => 2,
        Class::Duplicate => 3,
        Class::Queued => return Vec::new(),
    };
    // A word that stands for something else in a sample stays what it is there.
    let families = FAMILIES.iter().filter(|family| family.iter().take(2).any(|word| is_seen(word)));
    let mut others: Vec<&str> = families
        .map(|family| family[at])
        .filter(|word| !word.is_empty() && !is_seen(word))
        .collect();
    others.dedup();
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_never_read_as_good_news() {
        for (word, expected) in [
            ("Matched", Some(Class::Good)),
            ("Unmatched", Some(Class::Refused)),
            ("Lead not accepted", Some(Class::Refused)),
            ("No match found", Some(Class::Refused)),
            ("Match found", Some(Class::Good)),
            ("DUPLICATED", Some(Class::Duplicate)),
            ("Duplicate lead rejected", Some(Class::Duplicate)),
            ("Required value First_Name is missing", Some(Class::Error)),
            ("874", None),
        ] {
            assert_eq!(class(word), expected, "{word}");
        }
    }
}
