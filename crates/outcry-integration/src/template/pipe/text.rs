//! Text: letters, parts, digests.

use crate::template::digest::{Hash, base64, uuid};
use std::borrow::Cow;

/// What is done to a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing: it becomes text, even if it was a number.
    Plain,
    Upper,
    Lower,
    /// Every word with a capital.
    Title,
    /// The first letter as a capital.
    Capital,
    Trim,
    /// Only the digits 0 to 9.
    Digits,
    /// Only letters.
    Letters,
    /// Only letters and digits.
    Alphanumeric,
    /// Letters without their accents, and nothing else beyond ASCII.
    Ascii,
    /// Line breaks and other control characters as blanks.
    OneLine,
    /// The first so many letters.
    Take(usize),
    /// The last so many letters.
    TakeLast(usize),
    /// All but the first so many letters.
    Skip(usize),
    /// So many letters at least, filled from the left.
    Pad(usize, char),
    /// What stands before the first of these; all of it if there is none.
    Before(Box<str>),
    /// What stands behind the first of these; missing if there is none.
    After(Box<str>),
    Replace(Box<str>, Box<str>),
    /// What stands behind the last `@`, in lower case.
    EmailDomain,
    Hash(Hash),
    Base64,
    Base64Url,
    Uuid,
    /// Percent-encoded.
    Url,
}

impl Change {
    /// The text after it; `None` if nothing is left to speak of.
    pub(crate) fn of<'a>(&self, text: Cow<'a, str>) -> Option<Cow<'a, str>> {
        let kept = |keep: fn(&char) -> bool| text.chars().filter(keep).collect::<String>();
        Some(Cow::Owned(match self {
            Self::Plain => return Some(text),
            Self::Upper => text.to_uppercase(),
            Self::Lower => text.to_lowercase(),
            Self::Title => title(&text),
            Self::Capital => capital(&text),
            Self::Trim => text.trim().to_owned(),
            Self::Digits => kept(char::is_ascii_digit),
            Self::Letters => kept(|letter| letter.is_alphabetic()),
            Self::Alphanumeric => kept(|letter| letter.is_alphanumeric()),
            Self::Ascii => ascii(&text),
            Self::OneLine => text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect(),
            Self::Take(letters) => text.chars().take(*letters).collect(),
            Self::TakeLast(letters) => text.chars().skip(text.chars().count().saturating_sub(*letters)).collect(),
            Self::Skip(letters) => text.chars().skip(*letters).collect(),
            Self::Pad(letters, with) => {
                let missing = letters.saturating_sub(text.chars().count());
                std::iter::repeat_n(*with, missing).chain(text.chars()).collect()
            }
            Self::Before(mark) => text.split_once(&**mark).map_or(&*text, |(before, _)| before).to_owned(),
            Self::After(mark) => text.split_once(&**mark)?.1.to_owned(),
            Self::Replace(from, to) => text.replace(&**from, to),
            Self::EmailDomain => text.trim().rsplit_once('@')?.1.to_lowercase(),
            Self::Hash(hash) => hash.of(&text),
            Self::Base64 => base64(&text, false),
            Self::Base64Url => base64(&text, true),
            Self::Uuid => uuid(&text),
            Self::Url => crate::format::percent::encoded(&text, crate::format::percent::Blank::Percent20),
        }))
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// A capital after each blank, dash, dot or apostrophe: `mary-ann o'neil` is `Mary-Ann O'Neil`.
fn title(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut begins = true;
    for letter in text.chars() {
        if begins {
            made.extend(letter.to_uppercase());
        } else {
            made.extend(letter.to_lowercase());
        }
        begins = matches!(letter, '-' | '.' | '\'' | '’' | '/') || letter.is_whitespace();
    }
    made
}

/// The letters of western Europe without their accents.
fn ascii(text: &str) -> String {
    const PLAIN: [(&str, &str); 18] = [
        ("ÀÁÂÃÅĀĂĄ", "A"),
        ("àáâãåāăą", "a"),
        ("ÇĆČ", "C"),
        ("çćč", "c"),
        ("ÈÉÊËĒĘĚ", "E"),
        ("èéêëēęě", "e"),
        ("ÌÍÎÏĪ", "I"),
        ("ìíîïī", "i"),
        ("ÑŃŇ", "N"),
        ("ñńň", "n"),
        ("ÒÓÔÕØŌŐ", "O"),
        ("òóôõøōő", "o"),
        ("ÙÚÛŪŮŰ", "U"),
        ("ùúûūůű", "u"),
        ("ŠŚȘ", "S"),
        ("šśș", "s"),
        ("ÝŸ", "Y"),
        ("ýÿ", "y"),
    ];
    const PAIRS: [(char, &str); 20] = [
        ('ä', "ae"),
        ('ö', "oe"),
        ('ü', "ue"),
        ('Ä', "Ae"),
        ('Ö', "Oe"),
        ('Ü', "Ue"),
        ('ß', "ss"),
        ('æ', "ae"),
        ('Æ', "Ae"),
        ('œ', "oe"),
        ('Œ', "Oe"),
        ('ł', "l"),
        ('Ł', "L"),
        ('ž', "z"),
        ('Ž', "Z"),
        ('ź', "z"),
        ('ż', "z"),
        ('’', "'"),
        ('–', "-"),
        ('—', "-"),
    ];
    let mut made = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() {
            made.push(letter);
        } else if let Some((_, plain)) = PLAIN.iter().find(|(letters, _)| letters.contains(letter)) {
            made.push_str(plain);
        } else if let Some((_, plain)) = PAIRS.iter().find(|(known, _)| *known == letter) {
            made.push_str(plain);
        }
    }
    made
}
