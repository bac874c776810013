//! Telephone numbers as buyers want them.

/// How a buyer wants its phone numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PhoneStyle {
    /// `3125550188`
    Us10,
    /// `13125550188`
    Us11,
    /// `+13125550188`
    E164,
    /// As people of its country dial it: `3125550188`, `07911123456`.
    National,
    /// The digits of the country: `1`, `44`.
    Country,
    /// `312`
    Area,
    /// `555`
    Exchange,
    /// `0188`
    Line,
    /// `(NNN) NNN-NNNN`: the national digits, each in the place of an N.
    Pattern(Box<str>),
}

/// The styles by their words. Some are patterns.
const STYLES: [(&str, PhoneStyle); 8] = [
    ("us10", PhoneStyle::Us10),
    ("us11", PhoneStyle::Us11),
    ("e164", PhoneStyle::E164),
    ("national", PhoneStyle::National),
    ("country", PhoneStyle::Country),
    ("area", PhoneStyle::Area),
    ("exchange", PhoneStyle::Exchange),
    ("line", PhoneStyle::Line),
];
const PATTERNS: [(&str, &str); 3] = [("dashes", "NNN-NNN-NNNN"), ("parens", "(NNN) NNN-NNNN"), ("dots", "NNN.NNN.NNNN")];

/// Countries in which people dial a zero before the number, and those in which they dial it as it is, by their digits.
const WITH_ZERO: [&str; 16] = [
    "44", "61", "64", "353", "27", "49", "33", "31", "32", "41", "43", "46", "358", "81", "91", "972",
];
const WITHOUT_ZERO: [&str; 9] = ["34", "39", "45", "47", "351", "48", "52", "65", "852"];

impl PhoneStyle {
    /// A style by its word, or a pattern with the digits as `N`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let pattern = PATTERNS.iter().find(|(word, _)| *word == text).map_or(text, |(_, pattern)| pattern);
        if pattern.bytes().filter(|byte| *byte == b'N').count() >= 7 {
            return Some(Self::Pattern(pattern.into()));
        }
        STYLES.iter().find(|(word, _)| *word == text).map(|(_, style)| style.clone())
    }

    /// The words there are.
    pub(crate) fn words() -> Vec<&'static str> {
        let named = STYLES.iter().map(|(word, _)| *word);
        named.chain(PATTERNS.iter().map(|(word, _)| *word)).collect()
    }

    /// A number in this style; `None` if it is no such number.
    pub(crate) fn of(&self, text: &str) -> Option<String> {
        let all: String = text.chars().filter(char::is_ascii_digit).collect();
        let abroad = text.trim_start().starts_with('+') && !all.starts_with('1');
        let ten = || match all.len() {
            10 if !abroad => Some(&*all),
            11 if !abroad => all.strip_prefix('1'),
            _ => None,
        };
        match self {
            Self::Us11 => ten().map(|ten| format!("1{ten}")),
            Self::Area => ten().map(|ten| ten[..3].to_owned()),
            Self::Exchange => ten().map(|ten| ten[3..6].to_owned()),
            Self::Line => ten().map(|ten| ten[6..].to_owned()),
            Self::E164 if text.trim_start().starts_with('+') => (!all.is_empty()).then(|| format!("+{all}")),
            Self::E164 => ten().map(|ten| format!("+1{ten}")),
            Self::National if abroad => dialled(&all).map(|(_, number)| number),
            Self::Us10 | Self::National => ten().map(str::to_owned),
            Self::Country if abroad => dialled(&all).map(|(country, _)| country.to_owned()),
            Self::Country => ten().map(|_| "1".to_owned()),
            Self::Pattern(pattern) if abroad => dialled(&all).and_then(|(_, number)| filled(pattern, &number)),
            Self::Pattern(pattern) => ten().and_then(|ten| filled(pattern, ten)),
        }
    }
}

/// The digits of the country, and the number as it is dialled there.
fn dialled(all: &str) -> Option<(&'static str, String)> {
    let with_zero = WITH_ZERO
        .iter()
        .find_map(|country| Some((*country, format!("0{}", all.strip_prefix(country)?))));
    with_zero.or_else(|| {
        WITHOUT_ZERO
            .iter()
            .find_map(|country| Some((*country, all.strip_prefix(country)?.to_owned())))
    })
}

fn filled(pattern: &str, digits: &str) -> Option<String> {
    let mut digits = digits.chars();
    let filled: Option<String> = pattern
        .chars()
        .map(|letter| if letter == 'N' { digits.next() } else { Some(letter) })
        .collect();
    filled.filter(|_| digits.next().is_none())
}
