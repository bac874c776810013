//! The arguments of pipes: words, numbers, fields, maps.

use super::{Names, Wrong, unfit};
use crate::template::lex::Word;
use crate::template::pipe::date::Day;
use crate::template::pipe::number::parse;
use crate::template::pipe::{Operand, Otherwise, Pipe};

/// All arguments as one text.
pub(super) fn joined(args: &[Word]) -> String {
    args.iter().map(written).collect::<Vec<_>>().join(" ")
}

/// A word that is not a pair, though it may hold an equals sign.
fn written(word: &Word) -> String {
    word.key
        .as_ref()
        .map_or_else(|| word.text.clone(), |key| format!("{key}={}", word.text))
}

pub(super) fn plain(word: &Word) -> Box<str> {
    written(word).into()
}

pub(super) fn words_of(args: &[Word]) -> Box<[Box<str>]> {
    args.iter().map(plain).collect()
}

/// How many; a thousand is more than anybody means.
pub(super) fn size(word: &Word, pipe: &str) -> Result<usize, Wrong> {
    word.text.parse().ok().filter(|size| *size <= 1000).ok_or_else(|| unfit(pipe))
}

/// A number as the file writes it, or something that a hole could name.
pub(super) fn operand(word: &Word, names: &mut dyn Names) -> Result<Operand, Wrong> {
    let text = written(word);
    match parse(&text) {
        Some(number) => Ok(Operand::Fixed(number)),
        None => names.source(&text).map(Operand::Of),
    }
}

/// The day of the call, a fixed day, or the day of a field.
pub(super) fn day(word: Option<&Word>, names: &mut dyn Names) -> Result<Day, Wrong> {
    match word {
        None => Ok(Day::Now),
        Some(word) => match word.text.parse() {
            Ok(date) => Ok(Day::Fixed(date)),
            Err(_) => names.source(&word.text).map(|source| Day::Of(Operand::Of(source))),
        },
    }
}

/// `table plan state`: the table, and the values that lead further into it.
pub(super) fn look_up(name: &str, further: &[Word], names: &mut dyn Names) -> Result<Pipe, Wrong> {
    let table = names.table(name)?;
    if further.len() + 1 > table.words_max() {
        let deep = table.words_max() - 1;
        let message = format!("the table \"{name}\" takes {deep} further values, not {}", further.len());
        return Err((
            message,
            format!("nest it: [tables.{name}.WORD] holds what the second value leads to"),
        ));
    }
    let further: Result<Vec<Operand>, Wrong> = further.iter().map(|word| names.source(&word.text).map(Operand::Of)).collect();
    Ok(Pipe::Table(table, further?.into()))
}

pub(super) fn word_map(args: &[Word]) -> Result<Pipe, Wrong> {
    let (mut map, mut otherwise) = (Vec::<(Box<str>, Box<str>)>::new(), Otherwise::Missing);
    for arg in args {
        match &arg.key {
            None if arg.text == "keep" => otherwise = Otherwise::Keep,
            None => return Err(unfit("words")),
            Some(key) if key == "else" => otherwise = Otherwise::Word(arg.text.as_str().into()),
            Some(key) if map.iter().any(|(known, _)| **known == **key) => {
                return Err((format!("\"{key}\" stands twice in this word map"), String::new()));
            }
            Some(key) => map.push((key.as_str().into(), arg.text.as_str().into())),
        }
    }
    if map.is_empty() {
        Err(unfit("words"))
    } else {
        Ok(Pipe::Words(map.into(), otherwise))
    }
}

/// `bands 580=Fair 670=Good else=Poor`, in any order.
pub(super) fn bands(args: &[Word]) -> Result<Pipe, Wrong> {
    let (mut bands, mut otherwise) = (Vec::new(), None);
    for arg in args {
        match arg.key.as_deref() {
            Some("else") => otherwise = Some(arg.text.as_str().into()),
            Some(bound) => bands.push((parse(bound).ok_or_else(|| unfit("bands"))?, Box::from(arg.text.as_str()))),
            None => return Err(unfit("bands")),
        }
    }
    bands.sort_by_key(|(bound, _)| *bound);
    let twice = bands.windows(2).any(|pair| pair[0].0 == pair[1].0);
    if bands.is_empty() || twice {
        return Err(unfit("bands"));
    }
    Ok(Pipe::Bands(bands.into(), otherwise))
}
