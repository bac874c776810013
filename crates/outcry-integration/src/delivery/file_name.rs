//! The name of a file: fixed words, and what tells one file from the next.

use crate::file::Section;
use crate::problem::Problems;
use jiff::Timestamp;
use outcry_core::moment::Moment;

/// A name with places for the day, the time and the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Date,
    Time,
    Batch,
}

const HOLES: [(&str, Piece); 3] = [("{date}", Piece::Date), ("{time}", Piece::Time), ("{batch}", Piece::Batch)];
/// Bytes of the fixed part of a name.
const TEXT_MAX: usize = 120;

impl FileName {
    /// Reads `name = "leads-{date}-{time}-{batch}.csv"`.
    pub(super) fn compile(section: &Section<'_>, problems: &mut Problems) -> Option<Self> {
        let hint = "write it like name = \"leads-{date}-{time}-{batch}.csv\"";
        let line = section.need("name", hint, problems)?.line;
        let parsed = Self::parse(section.text("name", problems)?);
        if let Err(wrong) = &parsed {
            problems.add(line, section.place("name"), *wrong, hint);
        }
        parsed.ok()
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while !rest.is_empty() {
            let hole = HOLES.iter().find_map(|(hole, piece)| Some((rest.strip_prefix(hole)?, piece)));
            if let Some((after, piece)) = hole {
                pieces.push(piece.clone());
                rest = after;
                continue;
            }
            // A letter may be longer than a byte; what is none of ASCII's is refused below.
            let end = rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| *c == '{')
                .map_or(rest.len(), |(at, _)| at);
            pieces.push(Piece::Text(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        let fixed: String = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Text(text) => Some(text.as_str()),
                Piece::Date | Piece::Time | Piece::Batch => None,
            })
            .collect();
        if !fixed.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
            return Err("holds something that is neither {date}, {time}, {batch} nor a letter, a digit, `.`, `_` or `-`");
        }
        if text.starts_with('.') || TEXT_MAX < fixed.len() {
            return Err("begins with a dot, or is too long");
        }
        if !pieces.contains(&Piece::Batch) {
            return Err("has no {batch}, so that one file could take the place of another");
        }
        Ok(Self(pieces))
    }

    /// The name of a batch that was made at this moment; the same for ever.
    pub fn of(&self, batch: &str, made: Moment) -> String {
        let made = Timestamp::from_millisecond(made.unix_ms()).unwrap_or_default();
        let mut name = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => name.push_str(text),
                Piece::Date => name.push_str(&made.strftime("%Y%m%d").to_string()),
                Piece::Time => name.push_str(&made.strftime("%H%M%S").to_string()),
                Piece::Batch => name.push_str(batch),
            }
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_day_time_and_batch_and_nothing_else() {
        let name = FileName::parse("acme_leads-{date}-{time}-{batch}.csv").unwrap();
        assert_eq!(
            name.of("b7", Moment::from_unix_ms(1_772_366_400_000)),
            "acme_leads-20260301-120000-b7.csv"
        );
        for wrong in [
            "leads.csv",
            "{batch}/x.csv",
            "../{batch}",
            ".{batch}",
            "{batch}-{zip}",
            "a b {batch}",
            "{batch",
            "é{batch}",
            "",
        ] {
            assert!(FileName::parse(wrong).is_err(), "{wrong}");
        }
    }
}
