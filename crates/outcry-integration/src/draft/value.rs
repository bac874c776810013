//! How a buyer wants one value written, guessed from one sample of it; and the field value it was made of.

use super::names::plain;
use jiff::civil::{Date, DateTime};
use outcry_core::field::{Field, Kind};
use outcry_core::value::Decimal;
use serde_json::Value;

/// A hole that writes the sample from a field, and what the lead must hold for that.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Guess {
    /// What stands behind the name: `| date %m/%d/%Y`. May be empty.
    pub(super) pipes: String,
    /// The field's value as TOML.
    pub(super) given: String,
    /// What somebody should look at, beyond the name.
    pub(super) doubt: Option<String>,
}

impl Guess {
    /// Of a value that the sample leaves blank: there is nothing to guess from, and blank it stays.
    pub(super) fn blank() -> Self {
        Self {
            pipes: " | default ''".to_owned(),
            given: toml_text(""),
            doubt: Some("blank in the sample".to_owned()),
        }
    }
}

const DATES: [&str; 10] = [
    "%m/%d/%Y",
    "%Y%m%d",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%-m/%-d/%Y",
    "%m/%d/%y",
    "%d.%m.%Y",
    "%m%d%Y",
    "%d-%b-%Y",
    "%B %-d, %Y",
];
const MOMENTS: [&str; 8] = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M",
    "%Y-%m-%d %H:%M",
    "%Y%m%d%H%M%S",
];
const YES_NO: [(&str, &str); 11] = [
    ("Yes", "No"),
    ("yes", "no"),
    ("YES", "NO"),
    ("Y", "N"),
    ("y", "n"),
    ("1", "0"),
    ("true", "false"),
    ("True", "False"),
    ("TRUE", "FALSE"),
    ("T", "F"),
    ("on", "off"),
];

/// Guesses by the kind of the field; of a field that nobody knows, by how the value looks.
pub(super) fn guess(name: &str, field: Option<&Field>, value: &Value) -> Guess {
    let text = text_of(value);
    let of_kind = match field.map(|field| &field.kind) {
        Some(Kind::Bool) => yes_no(value, &text),
        Some(Kind::Date) => date(&text),
        Some(Kind::DateTime) => moment(&text),
        Some(Kind::Phone) => phone(value, &text),
        Some(Kind::Enum(words)) => word(words, &text),
        Some(Kind::Int | Kind::Decimal) => number(value, &text),
        Some(Kind::State) => state(&text),
        Some(_) => None,
        None => by_looks(name, value, &text),
    };
    let known = field.is_none_or(|field| matches!(field.kind, Kind::String | Kind::Email | Kind::Zip | Kind::Ip | Kind::Url));
    of_kind.unwrap_or_else(|| {
        let mut guess = as_it_is(value, &text);
        if !known {
            guess.doubt = field.map(|field| format!("the field is {}, which {text:?} does not look like", describe(&field.kind)));
        }
        guess
    })
}

fn describe(kind: &Kind) -> String {
    match kind {
        Kind::Enum(words) => {
            let words: Vec<&str> = words.iter().map(|word| &**word).collect();
            format!(
                "one of {}; write a word for each: words {}=…",
                words.join(", "),
                words.first().unwrap_or(&"")
            )
        }
        kind => format!("of the kind {}", kind.word()),
    }
}

/// Without a lead type the value itself says what it is.
fn by_looks(name: &str, value: &Value, text: &str) -> Option<Guess> {
    let name = plain(name);
    if name.contains("phone") || name.ends_with("mobile") {
        return phone(value, text);
    }
    if value.is_boolean() {
        return yes_no(value, text);
    }
    if name.contains("date") || name.ends_with("dob") {
        return date(text).or_else(|| moment(text));
    }
    None
}

/// The value of a leaf as text.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A text as TOML writes it.
pub(super) fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn as_it_is(value: &Value, text: &str) -> Guess {
    let given = match value {
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) if Decimal::parse(&number.to_string()).is_some() => number.to_string(),
        _ => toml_text(text),
    };
    plain_guess("", given)
}

fn plain_guess(pipes: &str, given: String) -> Guess {
    Guess {
        pipes: pipes.to_owned(),
        given,
        doubt: None,
    }
}

fn yes_no(value: &Value, text: &str) -> Option<Guess> {
    if let Value::Bool(yes) = value {
        return Some(plain_guess("", yes.to_string()));
    }
    let (yes, no) = YES_NO.iter().find(|(yes, no)| text == *yes || text == *no)?;
    let number = if value.is_number() { " | number" } else { "" };
    Some(plain_guess(&format!(" | yes_no {yes} {no}{number}"), (text == *yes).to_string()))
}

fn date(text: &str) -> Option<Guess> {
    if text.len() == 10 && text.parse::<Date>().is_ok() {
        return Some(plain_guess("", text.to_owned()));
    }
    let (format, date) = DATES.iter().find_map(|format| {
        let date = Date::strptime(format, text).ok()?;
        (date.strftime(format).to_string() == text).then_some((format, date))
    })?;
    let mut guess = plain_guess(&format!(" | date {}", quoted(format)), date.to_string());
    // 03/04 is the third of April somewhere.
    if format.starts_with("%m") && date.day() <= 12 {
        guess.doubt = Some("the month may be the second number".to_owned());
    }
    Some(guess)
}

fn moment(text: &str) -> Option<Guess> {
    if outcry_core::moment::Stamp::parse(text).is_some_and(|stamp| stamp.to_string() == text) {
        return Some(plain_guess("", toml_text(text)));
    }
    let (format, moment) = MOMENTS
        .iter()
        .find_map(|format| Some((format, DateTime::strptime(format, text).ok()?)))?;
    let given = format!("{}Z", moment.strftime("%Y-%m-%dT%H:%M:%S"));
    let mut guess = plain_guess(&format!(" | date {}", quoted(format)), given);
    guess.doubt = Some("in which time zone?".to_owned());
    Some(guess)
}

/// The moment of the call in the form of a sample.
pub(super) fn now(text: &str) -> String {
    let seconds = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit());
    match moment(text).or_else(|| date(text)) {
        _ if seconds => " | date %s".to_owned(),
        Some(guess) => guess.pipes,
        None => String::new(),
    }
}

fn quoted(format: &str) -> String {
    if format.contains(' ') {
        format!("'{format}'")
    } else {
        format.to_owned()
    }
}

/// Phones are kept as E.164, and the sample says how they are sent.
fn phone(value: &Value, text: &str) -> Option<Guess> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let national = match digits.len() {
        10 => digits.as_str(),
        11 => digits.strip_prefix('1')?,
        _ => return None,
    };
    let (area, exchange, line) = (&national[..3], &national[3..6], &national[6..]);
    let pipes = if text == national {
        " | phone us10"
    } else if text == format!("{area}-{exchange}-{line}") {
        " | phone dashes"
    } else if text == format!("({area}) {exchange}-{line}") {
        " | phone parens"
    } else if text == format!("+1{national}") {
        ""
    } else if text == format!("1{national}") {
        " | digits"
    } else {
        return None;
    };
    let number = if value.is_number() { " | number" } else { "" };
    Some(plain_guess(&format!("{pipes}{number}"), toml_text(&format!("+1{national}"))))
}

/// A word of a closed list, perhaps in other letters: then all of them in these letters.
fn word(words: &[std::sync::Arc<str>], text: &str) -> Option<Guess> {
    let own = words.iter().find(|word| plain(word) == plain(text));
    if let Some(own) = own.filter(|own| &***own == text) {
        return Some(plain_guess("", toml_text(own)));
    }
    let style: fn(&str) -> String = match text.chars().next()? {
        _ if own.is_none() && text.chars().count() == 1 => |word| word.chars().take(1).collect::<String>().to_uppercase(),
        _ if own.is_none() => return None,
        first if first.is_uppercase() && text.chars().skip(1).any(char::is_lowercase) => title,
        first if first.is_uppercase() => |word| word.replace('_', " ").to_uppercase(),
        _ => |word| word.replace('_', " "),
    };
    let own = own.or_else(|| words.iter().find(|word| style(word) == text))?;
    let map: Vec<String> = words.iter().map(|word| format!("{word}={}", quoted(&style(word)))).collect();
    let mut guess = plain_guess(&format!(" | words {}", map.join(" ")), toml_text(own));
    guess.doubt = Some("only one of these words was in the sample".to_owned());
    (style(own) == text).then_some(guess)
}

fn title(word: &str) -> String {
    let words = word.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        first + letters.as_str()
    });
    words.collect::<Vec<_>>().join(" ")
}

fn number(value: &Value, text: &str) -> Option<Guess> {
    Decimal::parse(text)?;
    let pipes = if value.is_number() { "" } else { " | text" };
    Some(plain_guess(pipes, text.to_owned()))
}

fn state(text: &str) -> Option<Guess> {
    let code = text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
    code.then(|| plain_guess("", toml_text(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of_kind(kind: Kind, value: &Value) -> (String, String) {
        let field = Field {
            name: "x".into(),
            label: "x".into(),
            kind,
            group: outcry_core::field::Group::Vertical,
            required: outcry_core::field::Required { ping: false, post: false },
            applies_if: None,
            privacy: outcry_core::field::Privacy::None,
            ping: outcry_core::field::PingRule::Deny { hard: false },
            bounds: outcry_core::field::Bounds::default(),
            example: None,
        };
        let guess = guess("x", Some(&field), value);
        (guess.pipes, guess.given)
    }

    #[test]
    fn one_sample_says_how_a_value_is_written() {
        let genders = || Kind::Enum(vec!["male".into(), "female".into()]);
        for (kind, sample, pipes, given) in [
            (Kind::Date, json!("09/16/1980"), " | date %m/%d/%Y", "1980-09-16"),
            (Kind::Date, json!("1980-09-16"), "", "1980-09-16"),
            (Kind::Date, json!("19800916"), " | date %Y%m%d", "1980-09-16"),
            (Kind::Date, json!("9/6/1980"), " | date %-m/%-d/%Y", "1980-09-06"),
            (Kind::Phone, json!("(312) 555-0188"), " | phone parens", "\"+13125550188\""),
            (Kind::Phone, json!("3125550188"), " | phone us10", "\"+13125550188\""),
            (Kind::Phone, json!(3_125_550_188_u64), " | phone us10 | number", "\"+13125550188\""),
            (Kind::Phone, json!("+13125550188"), "", "\"+13125550188\""),
            (Kind::Bool, json!("Y"), " | yes_no Y N", "true"),
            (Kind::Bool, json!(0), " | yes_no 1 0 | number", "false"),
            (Kind::Bool, json!(true), "", "true"),
            (genders(), json!("Male"), " | words male=Male female=Female", "\"male\""),
            (genders(), json!("F"), " | words male=M female=F", "\"female\""),
            (genders(), json!("female"), "", "\"female\""),
            (Kind::Int, json!("18"), " | text", "18"),
            (Kind::Int, json!(18), "", "18"),
            (Kind::String, json!("{x}"), "", "\"{x}\""),
        ] {
            assert_eq!(of_kind(kind, &sample), (pipes.to_owned(), given.to_owned()), "{sample}");
        }
    }
}
