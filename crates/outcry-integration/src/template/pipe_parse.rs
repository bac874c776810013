//! Pipes by their names: `words own=Own else=Other` into a [`Pipe`].

use super::lex::{Word, words};
use super::pipe::{DatePart, Otherwise, PhoneStyle, Pipe, is_date_format};
use crate::problem::did_you_mean;

const NAMES: [&str; 24] = [
    "upper", "lower", "trim", "digits", "text", "number", "date", "year", "month", "day", "age", "phone", "words", "yes_no", "default",
    "null", "required", "join", "split", "first", "last", "count", "take", "sha256",
];
const PHONE_STYLES: [(&str, PhoneStyle); 4] = [
    ("us10", PhoneStyle::Us10),
    ("dashes", PhoneStyle::Dashes),
    ("parens", PhoneStyle::Parens),
    ("e164", PhoneStyle::E164),
];

/// What a pipe turned out to be. `required` is a promise of the hole and not a step of it.
pub(crate) enum Parsed {
    Pipe(Pipe),
    Required,
}

/// What is wrong with it, and what to do.
pub(crate) type Wrong = (String, String);

/// Reads one pipe.
pub(crate) fn parse(text: &str) -> Result<Parsed, Wrong> {
    let words = words(text).map_err(|wrong| (wrong.to_owned(), String::new()))?;
    let Some((Word { key: None, text: name }, args)) = words.split_first() else {
        return Err(("there is nothing between two bars".to_owned(), did_you_mean("", &NAMES)));
    };
    let pipe = match (name.as_str(), args) {
        ("required", []) => return Ok(Parsed::Required),
        ("words", args) => word_map(args)?,
        ("date", args) => date(args)?,
        ("default", args) => Pipe::Default(joined(args).into()),
        ("yes_no", []) => Pipe::YesNo("Yes".into(), "No".into()),
        ("yes_no", [yes, no]) => Pipe::YesNo(plain(yes), plain(no)),
        ("phone", [style]) => phone(&style.text)?,
        ("join", []) => Pipe::Join(", ".into()),
        ("join", [by]) => Pipe::Join(plain(by)),
        ("split", [by]) if !by.text.is_empty() => Pipe::Split(plain(by)),
        ("take", [letters]) => Pipe::Take(letters.text.parse().map_err(|_| usage("take 3"))?),
        (name, []) => without_arguments(name)?,
        (name, _) if NAMES.contains(&name) => return Err(usage(example(name))),
        (name, _) => return Err((format!("there is no pipe \"{name}\""), did_you_mean(name, &NAMES))),
    };
    Ok(Parsed::Pipe(pipe))
}

fn without_arguments(name: &str) -> Result<Pipe, Wrong> {
    Ok(match name {
        "upper" => Pipe::Upper,
        "lower" => Pipe::Lower,
        "trim" => Pipe::Trim,
        "digits" => Pipe::Digits,
        "text" => Pipe::Text,
        "number" => Pipe::Number,
        "year" => Pipe::Part(DatePart::Year),
        "month" => Pipe::Part(DatePart::Month),
        "day" => Pipe::Part(DatePart::Day),
        "age" => Pipe::Age,
        "null" => Pipe::Null,
        "first" => Pipe::First,
        "last" => Pipe::Last,
        "count" => Pipe::Count,
        "sha256" => Pipe::Sha256,
        name if NAMES.contains(&name) => return Err(usage(example(name))),
        name => return Err((format!("there is no pipe \"{name}\""), did_you_mean(name, &NAMES))),
    })
}

/// How the pipes with arguments are written.
fn example(name: &str) -> &'static str {
    match name {
        "words" => "words own=Own rent=Rent else=Other",
        "date" => "date %m/%d/%Y",
        "yes_no" => "yes_no Y N",
        "phone" => "phone dashes",
        "join" => "join ', '",
        "split" => "split '@'",
        "take" => "take 3",
        _ => "this pipe without arguments",
    }
}

fn usage(example: &str) -> Wrong {
    (
        "the arguments of this pipe do not fit".to_owned(),
        format!("write it like: {example}"),
    )
}

fn joined(args: &[Word]) -> String {
    args.iter().map(written).collect::<Vec<_>>().join(" ")
}

/// A word that is not a pair, though it may hold an equals sign.
fn written(word: &Word) -> String {
    word.key
        .as_ref()
        .map_or_else(|| word.text.clone(), |key| format!("{key}={}", word.text))
}

fn plain(word: &Word) -> Box<str> {
    written(word).into()
}

fn date(args: &[Word]) -> Result<Pipe, Wrong> {
    let format = joined(args);
    if is_date_format(&format) {
        Ok(Pipe::Date(format.into()))
    } else {
        Err((
            format!("\"{format}\" is not a date form"),
            "write it like: date %m/%d/%Y".to_owned(),
        ))
    }
}

fn phone(style: &str) -> Result<Pipe, Wrong> {
    let known = PHONE_STYLES.iter().find(|(word, _)| *word == style);
    let words: Vec<&str> = PHONE_STYLES.iter().map(|(word, _)| *word).collect();
    known
        .map(|(_, style)| Pipe::Phone(*style))
        .ok_or_else(|| (format!("\"{style}\" is not a phone style"), did_you_mean(style, &words)))
}

fn word_map(args: &[Word]) -> Result<Pipe, Wrong> {
    let (mut map, mut otherwise) = (Vec::<(Box<str>, Box<str>)>::new(), Otherwise::Missing);
    for arg in args {
        match &arg.key {
            None if arg.text == "keep" => otherwise = Otherwise::Keep,
            None => return Err(usage(example("words"))),
            Some(key) if key == "else" => otherwise = Otherwise::Word(arg.text.as_str().into()),
            Some(key) if map.iter().any(|(known, _)| **known == **key) => {
                return Err((format!("\"{key}\" stands twice in this word map"), String::new()));
            }
            Some(key) => map.push((key.as_str().into(), arg.text.as_str().into())),
        }
    }
    if map.is_empty() {
        Err(usage(example("words")))
    } else {
        Ok(Pipe::Words(map.into(), otherwise))
    }
}
