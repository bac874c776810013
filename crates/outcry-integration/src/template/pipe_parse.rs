//! Pipes by their names: `words own=Owner else=Other` into a [`Pipe`].

mod arguments;
mod names;

use super::digest::HASHES;
use super::lex::{Word, words};
use super::path::Source;
use super::pipe::date::{self, Day, Distance, Part, Side, is_form, weekday};
use super::pipe::number::{self, Fold, RangeEnd};
use super::pipe::phone::PhoneStyle;
use super::pipe::text::Change;
use super::pipe::{Pipe, Question};
use crate::problem::did_you_mean;
use crate::table::Table;
use arguments::{bands, day, joined, look_up, operand, plain, size, word_map, words_of};
use names::unfit;
use std::sync::Arc;

/// What a pipe turned out to be. `required` is a promise of the hole and not a step of it.
pub(crate) enum Parsed {
    Pipe(Pipe),
    Required,
}

/// What is wrong with it, and what to do.
pub(crate) type Wrong = (String, String);

/// What a pipe may name besides words.
pub(crate) trait Names {
    /// A field, a parameter, or whatever else a hole could name.
    fn source(&mut self, path: &str) -> Result<Source, Wrong>;

    /// The pipe that takes it where there is nothing else.
    fn or(&mut self, path: &str) -> Result<Pipe, Wrong>;

    /// A table of the file.
    fn table(&self, name: &str) -> Result<Arc<Table>, Wrong>;
}

/// Reads one pipe.
pub(crate) fn parse(text: &str, names: &mut dyn Names) -> Result<Parsed, Wrong> {
    let words = words(text).map_err(|wrong| (wrong.to_owned(), String::new()))?;
    let Some((Word { key: None, text: name }, args)) = words.split_first() else {
        return Err(("there is nothing between two bars".to_owned(), String::new()));
    };
    if name == "required" && args.is_empty() {
        return Ok(Parsed::Required);
    }
    let pipe = match args {
        [] => without_arguments(name),
        _ => None,
    };
    let pipe = match pipe {
        Some(pipe) => Some(pipe),
        None => on_text(name, args)?
            .or(on_words(name, args, names)?)
            .or(on_numbers(name, args, names)?)
            .or(on_dates(name, args, names)?),
    };
    pipe.map(Parsed::Pipe).ok_or_else(|| unfit(name))
}

fn without_arguments(name: &str) -> Option<Pipe> {
    if let Some((_, hash)) = HASHES.iter().find(|(word, _)| *word == name) {
        return Some(Pipe::Text(Change::Hash(*hash)));
    }
    let change = match name {
        "text" => Change::Plain,
        "upper" => Change::Upper,
        "lower" => Change::Lower,
        "title" => Change::Title,
        "capital" => Change::Capital,
        "trim" => Change::Trim,
        "digits" => Change::Digits,
        "letters" => Change::Letters,
        "alphanumeric" => Change::Alphanumeric,
        "ascii" => Change::Ascii,
        "one_line" => Change::OneLine,
        "email_domain" => Change::EmailDomain,
        "base64" => Change::Base64,
        "base64url" => Change::Base64Url,
        "uuid" => Change::Uuid,
        "url" => Change::Url,
        _ => return typed(name),
    };
    Some(Pipe::Text(change))
}

fn typed(name: &str) -> Option<Pipe> {
    Some(match name {
        "number" => Pipe::Number,
        "null" => Pipe::Null,
        "first" => Pipe::First,
        "last" => Pipe::Last,
        "count" => Pipe::Count,
        "unique" => Pipe::Unique,
        "sum" => Pipe::Fold(Fold::Sum),
        "max" => Pipe::Fold(Fold::Greatest),
        "min" => Pipe::Fold(Fold::Least),
        "range_low" => Pipe::RangeEnd(RangeEnd::Low),
        "range_high" => Pipe::RangeEnd(RangeEnd::High),
        "range_middle" => Pipe::RangeEnd(RangeEnd::Middle),
        "whole" => Pipe::Math(number::Work::Whole),
        "thousands" => Pipe::Math(number::Work::Thousands),
        "exists" => Pipe::Question(Question::Exists),
        "bool" => Pipe::Question(Question::Bool),
        "not" => Pipe::Question(Question::Not),
        "year" => Pipe::Date(date::Work::Part(Part::Year)),
        "month" => Pipe::Date(date::Work::Part(Part::Month)),
        "day" => Pipe::Date(date::Work::Part(Part::Day)),
        "unix" => Pipe::Date(date::Work::Unix { per_second: 1 }),
        "unix_ms" => Pipe::Date(date::Work::Unix { per_second: 1000 }),
        "yes_no" => Pipe::YesNo("Yes".into(), "No".into()),
        "join" => Pipe::Join(", ".into()),
        "default" => Pipe::Default("".into()),
        _ => return None,
    })
}

fn on_text(name: &str, args: &[Word]) -> Result<Option<Pipe>, Wrong> {
    let change = match (name, args) {
        ("take", [letters]) => Change::Take(size(letters, name)?),
        ("take_last", [letters]) => Change::TakeLast(size(letters, name)?),
        ("skip", [letters]) => Change::Skip(size(letters, name)?),
        ("pad", [letters]) => Change::Pad(size(letters, name)?, '0'),
        ("pad", [letters, with]) => match with.text.chars().collect::<Vec<_>>().as_slice() {
            [one] => Change::Pad(size(letters, name)?, *one),
            _ => return Ok(None),
        },
        ("before", [mark]) if !mark.text.is_empty() => Change::Before(plain(mark)),
        ("after", [mark]) if !mark.text.is_empty() => Change::After(plain(mark)),
        ("replace", [from, to]) if !from.text.is_empty() => Change::Replace(plain(from), plain(to)),
        ("phone", [style]) => {
            let known = PhoneStyle::parse(&style.text);
            let wrong = || {
                let hint = did_you_mean(&style.text, &PhoneStyle::words());
                (
                    format!("\"{}\" is not a phone style", style.text),
                    format!("{hint}; or a pattern like '(NNN)NNN-NNNN'"),
                )
            };
            return known.map(|style| Some(Pipe::Phone(style))).ok_or_else(wrong);
        }
        ("join", [by]) => return Ok(Some(Pipe::Join(plain(by)))),
        ("split", [by]) if !by.text.is_empty() => return Ok(Some(Pipe::Split(plain(by)))),
        ("item", [at]) => return Ok(Some(Pipe::Item(size(at, name)?))),
        _ => return Ok(None),
    };
    Ok(Some(Pipe::Text(change)))
}

fn on_words(name: &str, args: &[Word], names: &mut dyn Names) -> Result<Option<Pipe>, Wrong> {
    Ok(Some(match (name, args) {
        ("words", args) => word_map(args)?,
        ("table", [table, further @ ..]) => look_up(&table.text, further, names)?,
        ("default", args) => Pipe::Default(joined(args).into()),
        ("or", [other]) => names.or(&other.text)?,
        ("yes_no", [yes, no]) => Pipe::YesNo(plain(yes), plain(no)),
        ("is", [_, ..]) => Pipe::Question(Question::Is(words_of(args))),
        ("drop", [_, ..]) => Pipe::Drop(words_of(args)),
        ("hmac", [hash, key]) => match HASHES.iter().find(|(word, _)| *word == hash.text) {
            Some((_, hash)) => Pipe::Keyed(*hash, super::pipe::Operand::Of(names.source(&key.text)?)),
            None => return Ok(None),
        },
        _ => return Ok(None),
    }))
}

fn on_numbers(name: &str, args: &[Word], names: &mut dyn Names) -> Result<Option<Pipe>, Wrong> {
    use number::Work;
    let one = match args {
        [one] => one,
        [] if name == "round" => &Word {
            key: None,
            text: "1".to_owned(),
        },
        _ if name == "bands" => return bands(args).map(Some),
        _ => return Ok(None),
    };
    let make: fn(super::pipe::Operand) -> Pipe = match name {
        "plus" => |by| Pipe::Math(Work::Plus(by)),
        "minus" => |by| Pipe::Math(Work::Minus(by)),
        "times" => |by| Pipe::Math(Work::Times(by)),
        "divide" => |by| Pipe::Math(Work::Divide(by)),
        "modulo" => |by| Pipe::Math(Work::Modulo(by)),
        "at_least" => |by| Pipe::Math(Work::AtLeast(by)),
        "at_most" => |by| Pipe::Math(Work::AtMost(by)),
        "round" => |by| Pipe::Math(Work::Round(by)),
        "over" => |by| Pipe::Question(Question::Over(by)),
        "under" => |by| Pipe::Question(Question::Under(by)),
        "bands" => return bands(args).map(Some),
        "decimals" => {
            return Ok(one
                .text
                .parse()
                .ok()
                .filter(|places| *places < 10)
                .map(|places| Pipe::Math(Work::Decimals(places))));
        }
        _ => return Ok(None),
    };
    Ok(Some(make(operand(one, names)?)))
}

fn on_dates(name: &str, args: &[Word], names: &mut dyn Names) -> Result<Option<Pipe>, Wrong> {
    use date::Work;
    let distance = |unit, other: Day| {
        if name.ends_with("until") {
            Work::Until(unit, other)
        } else {
            Work::Since(unit, other)
        }
    };
    let unit = match name {
        "age" => Some(Distance::Years),
        "months_since" => Some(Distance::Months),
        "days_since" | "days_until" => Some(Distance::Days),
        _ => None,
    };
    let work = match (name, args) {
        ("date" | "read_date", args) => {
            let form = joined(args);
            if !is_form(&form) {
                return Err((format!("\"{form}\" is not a date form"), "write it like: date %m/%d/%Y".to_owned()));
            }
            if name == "date" {
                Work::Form(form.into())
            } else {
                Work::Read(form.into())
            }
        }
        ("plus_days", [days]) => Work::PlusDays(operand(days, names)?),
        ("minus_days", [days]) => match size(days, name).ok().and_then(|days| i128::try_from(days).ok()) {
            Some(days) => Work::PlusDays(super::pipe::Operand::Fixed(-days * 1_000_000_000)),
            None => return Ok(None),
        },
        ("plus_months", [months]) => Work::PlusMonths(operand(months, names)?),
        ("next", [name]) => match weekday(&name.text) {
            Some(weekday) => Work::Next(weekday),
            None => return Ok(None),
        },
        ("workday", []) => Work::Workday(Side::After),
        ("workday", [side]) if side.text == "before" => Work::Workday(Side::Before),
        ("next_pay", [often]) => Work::NextPay(super::pipe::Operand::Of(names.source(&often.text)?)),
        ("zone", [zone]) => match jiff::tz::TimeZone::get(&zone.text) {
            Ok(zone) => Work::Zone(zone),
            Err(_) => {
                return Err((
                    format!("\"{}\" is not a time zone", zone.text),
                    "write it like: zone America/Chicago".to_owned(),
                ));
            }
        },
        (_, args) => match unit {
            Some(unit) if args.len() < 2 => distance(unit, day(args.first(), names)?),
            _ => return Ok(None),
        },
    };
    Ok(Some(Pipe::Date(work)))
}
