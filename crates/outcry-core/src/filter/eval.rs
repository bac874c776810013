//! A compiled filter at work: positions instead of names, sets instead of lists.
//!
//! Nothing is allocated while a lead is looked at, save where a ping output must be made from its field; a bracket
//! of ages or amounts is compared as the number it came from and costs nothing either.

use super::around::{Around, Dial, Direction, Mark, Unit, date, days_until};
use super::spans::Spans;
use super::state_set::StateSet;
use crate::field::Transform;
use crate::lead::Row;
use crate::moment::{Moment, Stamp};
use crate::ping_view::PingValue;
use crate::transform::age;
use crate::value::{Decimal, Value};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A condition, ready to be asked.
#[derive(Clone, Debug)]
pub(super) enum Check {
    Test(Test),
    All(Box<[Check]>),
    Any(Box<[Check]>),
    Not(Box<Check>),
    AnyRow(usize, Box<Check>),
    AllRows(usize, Box<Check>),
}

/// One value and the set it must be in.
#[derive(Clone, Debug)]
pub(super) struct Test {
    pub(super) of: Source,
    /// The answer where the lead lacks the value.
    pub(super) missing: bool,
    pub(super) among: Among,
}

/// Where a value comes from: the position of a field, and what is made of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    Field(usize),
    Age(usize),
    Count(usize),
    /// Whole units from a date or moment to now, or from now to it.
    Since(usize, Unit, Direction),
    /// What the clocks of a zone show.
    Clock(Dial, TimeZone),
    /// Who sent the lead.
    Sender(Mark),
    /// Boxed, since tests lie side by side in memory and few of them are of this kind.
    Output(Box<Output>),
}

/// A ping output: made from the field, or as the source gave it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Output {
    pub(super) at: usize,
    pub(super) transform: Transform,
    /// For a bracket, the numbers that fall into the brackets asked for: asking the number saves writing the bracket.
    pub(super) numbers: Option<Range>,
}

/// A few spans of whole numbers, most often one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Range {
    One((i64, i64)),
    Many(Box<[(i64, i64)]>),
}

/// A set of values.
#[derive(Clone, Debug)]
pub(super) enum Among {
    /// Any value at all, or none.
    Whatever(bool),
    Flags {
        no: bool,
        yes: bool,
    },
    States(StateSet),
    Zips(ZipSet),
    /// By the first three digits of a ZIP code.
    Zip3s(Range),
    Whole(Range),
    Decimals(Spans),
    Dates(Range),
    Stamps(Range),
    Texts(TextSet),
    Prefix(Box<str>),
}

/// A value in passing.
#[derive(Clone, Copy)]
pub(super) enum Seen<'v> {
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Text(&'v str),
    Date(Date),
    Stamp(Stamp),
    Rows(usize),
}

impl Check {
    pub(super) fn holds(&self, row: &Row, now: &Around<'_>) -> bool {
        match self {
            Self::Test(test) => test.holds(row, now),
            Self::All(parts) => parts.iter().all(|part| part.holds(row, now)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(row, now)),
            Self::Not(part) => !part.holds(row, now),
            Self::AnyRow(at, each) => rows(row, *at).is_some_and(|rows| rows.iter().any(|row| each.holds(row, now))),
            Self::AllRows(at, each) => rows(row, *at).is_some_and(|rows| rows.iter().all(|row| each.holds(row, now))),
        }
    }
}

/// The rows of a list, if the lead has it.
pub(super) fn rows(row: &Row, at: usize) -> Option<&[Row]> {
    match row.open(at)? {
        Value::List(rows) => Some(rows),
        _ => None,
    }
}

impl Test {
    fn holds(&self, row: &Row, now: &Around<'_>) -> bool {
        let answer = match &self.of {
            Source::Field(at) => row.open(*at).and_then(|value| self.among.has(Seen::of(value))),
            Source::Output(output) => output.answer(row, now, &self.among),
            made => made.seen(row, now, |seen| self.among.has(seen)).flatten(),
        };
        answer.unwrap_or(self.missing)
    }
}

impl Source {
    /// Shows the value, if there is one, to `look`.
    pub(super) fn seen<T>(&self, row: &Row, now: &Around<'_>, look: impl FnOnce(Seen<'_>) -> T) -> Option<T> {
        match self {
            Self::Field(at) => Some(look(Seen::of(row.open(*at)?))),
            Self::Age(at) => match row.open(*at)? {
                Value::Date(born) => Some(look(Seen::Int(age(*born, now.now)))),
                _ => None,
            },
            Self::Since(at, unit, direction) => Some(look(Seen::Int(direction.count(*unit, row.open(*at)?, now.now)?))),
            Self::Clock(dial, zone) => Some(look(dial.read(zone, now.now))),
            Self::Sender(mark) => Some(look(Seen::Text(now.origin.mark(*mark)?))),
            Self::Count(at) => Some(look(Seen::Int(i64::try_from(rows(row, *at)?.len()).ok()?))),
            Self::Output(output) => output.seen(row, now, look),
        }
    }
}

impl Source {
    /// The same value, without the short cut that one test takes to it.
    pub(super) fn unmeasured(&self) -> Self {
        match self {
            Self::Output(output) => Self::Output(Box::new(Output {
                numbers: None,
                ..(**output).clone()
            })),
            other => other.clone(),
        }
    }
}

impl Output {
    fn answer(&self, row: &Row, now: &Around<'_>, among: &Among) -> Option<bool> {
        match (&self.numbers, row.open(self.at)) {
            (Some(numbers), Some(value)) => Some(numbers.has(measure(&self.transform, value, now.now)?)),
            _ => self.seen(row, now, |seen| among.has(seen)).flatten(),
        }
    }

    fn seen<T>(&self, row: &Row, now: &Around<'_>, look: impl FnOnce(Seen<'_>) -> T) -> Option<T> {
        match (row.open(self.at), row.given(self.at)) {
            (None, Some(given)) => Some(look(Seen::of(given))),
            (value, _) => Some(look(Seen::of_output(&self.transform.apply(value, now.now)?))),
        }
    }
}

/// The number a bracket is made from.
fn measure(transform: &Transform, value: &Value, now: Moment) -> Option<i64> {
    match transform {
        Transform::AgeBracket(_) => Some(age(date(value)?, now)),
        Transform::DaysAgoBracket(_) => Some(-days_until(date(value)?, now)),
        Transform::DaysUntilBracket(_) => Some(days_until(date(value)?, now)),
        Transform::AmountBracket(_) => match value {
            Value::Int(amount) => Some(*amount),
            Value::Decimal(amount) => Some(amount.digits.div_euclid(10_i64.checked_pow(u32::from(amount.scale))?)),
            _ => None,
        },
        _ => None,
    }
}

impl Range {
    /// Whole numbers of a field have 64 bits, so an end beyond them is no end.
    #[expect(clippy::cast_possible_truncation, reason = "clamped")]
    pub(super) fn of(spans: &Spans) -> Self {
        let end = |key: i128| key.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        let mut ends: Vec<(i64, i64)> = spans.iter().map(|(low, high)| (end(low), end(high))).collect();
        match (ends.pop(), ends.is_empty()) {
            (Some(only), true) => Self::One(only),
            (last, _) => Self::Many(ends.into_iter().chain(last).collect()),
        }
    }

    /// The spans, in rising order.
    pub(super) fn ends(&self) -> &[(i64, i64)] {
        match self {
            Self::One(pair) => std::slice::from_ref(pair),
            Self::Many(pairs) => pairs,
        }
    }

    fn has(&self, number: i64) -> bool {
        match self {
            Self::One((low, high)) => (*low..=*high).contains(&number),
            Self::Many(ends) => {
                let at = ends.partition_point(|(_, high)| *high < number);
                ends.get(at).is_some_and(|(low, _)| *low <= number)
            }
        }
    }
}

impl<'v> Seen<'v> {
    pub(super) fn of(value: &'v Value) -> Self {
        match value {
            Value::Bool(yes) => Self::Bool(*yes),
            Value::Int(number) => Self::Int(*number),
            Value::Decimal(number) => Self::Decimal(*number),
            Value::Text(text) => Self::Text(text),
            Value::Date(date) => Self::Date(*date),
            Value::Stamp(stamp) => Self::Stamp(*stamp),
            Value::List(rows) => Self::Rows(rows.len()),
        }
    }

    fn of_output(value: &'v PingValue) -> Self {
        match value {
            PingValue::Bool(yes) => Self::Bool(*yes),
            PingValue::Int(number) => Self::Int(*number),
            PingValue::Decimal(number) => Self::Decimal(*number),
            PingValue::Text(text) => Self::Text(text),
            PingValue::Date(date) => Self::Date(*date),
            PingValue::Stamp(stamp) => Self::Stamp(*stamp),
            PingValue::List(rows) => Self::Rows(rows.len()),
        }
    }
}

impl Among {
    /// Is the value in the set? `None` for a value of another kind, which counts as missing; a checked lead has none.
    fn has(&self, seen: Seen<'_>) -> Option<bool> {
        match (self, seen) {
            (Self::Whatever(answer), _) => Some(*answer),
            (Self::Flags { no, yes }, Seen::Bool(value)) => Some(if value { *yes } else { *no }),
            (Self::States(set), Seen::Text(code)) => Some(set.contains(code)),
            (Self::Zips(set), Seen::Text(zip)) => Some(set.has(digits(zip, 5)?)),
            (Self::Zip3s(set), Seen::Text(zip)) => Some(set.has(digits(zip.get(..3)?, 3)?.into())),
            (Self::Whole(set), Seen::Int(number)) => Some(set.has(number)),
            (Self::Decimals(set), Seen::Decimal(number)) => Some(set.has(billionths(number))),
            (Self::Decimals(set), Seen::Int(number)) => Some(set.has(billionths(number.into()))),
            (Self::Dates(set), Seen::Date(date)) => Some(set.has(date_key(date))),
            (Self::Stamps(set), Seen::Stamp(stamp)) => Some(set.has(stamp.at.unix_ms())),
            (Self::Texts(set), Seen::Text(text)) => Some(set.has(text)),
            (Self::Prefix(prefix), Seen::Text(text)) => Some(
                text.as_bytes()
                    .get(..prefix.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes())),
            ),
            _ => None,
        }
    }
}

/// A text of exactly so many digits as a number.
pub(super) fn digits(text: &str, count: usize) -> Option<u32> {
    let digit = |number: u32, byte: &u8| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'));
    (text.len() == count).then(|| text.as_bytes().iter().try_fold(0, digit)).flatten()
}

/// A decimal as a whole number of billionths; it has at most nine decimals, so nothing is lost.
pub(super) fn billionths(number: Decimal) -> i128 {
    i128::from(number.digits) * 10_i128.pow(9_u32.saturating_sub(number.scale.into()))
}

/// Dates in their order.
pub(super) fn date_key(date: Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

/// A set of ZIP codes, in whichever of two shapes is the smaller.
#[derive(Clone, Debug)]
pub(super) enum ZipSet {
    /// Runs of neighbours, in rising order.
    Runs(Box<[(u32, u32)]>),
    /// One bit for each of the 100,000 codes: 12.5 kB.
    Bits(Box<[u64]>),
}

const ZIPS: u32 = 100_000;
const ZIP_WORDS: usize = (ZIPS as usize).div_ceil(64);

impl ZipSet {
    pub(super) fn of(spans: &Spans) -> Self {
        let spans = spans.within((0, i128::from(ZIPS) - 1));
        let runs = spans
            .iter()
            .filter_map(|(low, high)| Some((u32::try_from(low).ok()?, u32::try_from(high).ok()?)));
        if spans.len() <= ZIP_WORDS {
            return Self::Runs(runs.collect());
        }
        let mut bits = vec![0_u64; ZIP_WORDS];
        for zip in runs.flat_map(|(low, high)| low..=high) {
            bits[zip as usize / 64] |= 1 << (zip % 64);
        }
        Self::Bits(bits.into())
    }

    pub(super) fn has(&self, zip: u32) -> bool {
        match self {
            Self::Runs(runs) => {
                let at = runs.partition_point(|(_, high)| *high < zip);
                runs.get(at).is_some_and(|(low, _)| *low <= zip)
            }
            Self::Bits(bits) => bits.get(zip as usize / 64).is_some_and(|word| word >> (zip % 64) & 1 == 1),
        }
    }
}

/// The codes in a set of bits, in rising order.
pub(super) fn zips_of(words: &[u64]) -> impl Iterator<Item = i128> + '_ {
    let bits = |word: u64| (0..64).filter(move |bit| word >> bit & 1 == 1);
    (0..)
        .zip(words)
        .flat_map(move |(at, word): (i128, &u64)| bits(*word).map(move |bit| at * 64 + bit))
}

/// A set of texts, or of all texts but these.
#[derive(Clone, Debug)]
pub(super) struct TextSet {
    /// Does `A` equal `a`?
    case: Case,
    /// Are these the texts inside, or those outside?
    inside: bool,
    /// By digest, which has no regard to case.
    entries: Box<[(u64, Box<str>)]>,
}

/// How texts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// Words of a closed list.
    Exact,
    /// What people typed: ASCII letters compare without regard to case.
    Folded,
}

/// Up to here it costs less to compare each text than to digest one.
const FEW_TEXTS: usize = 8;

impl TextSet {
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t str>, case: Case, inside: bool) -> Self {
        let mut entries: Vec<_> = texts.map(|text| (digest(text), text.into())).collect();
        entries.sort_unstable();
        Self {
            case,
            inside,
            entries: entries.into(),
        }
    }

    pub(super) const fn case(&self) -> Case {
        self.case
    }

    /// Are these the texts inside, or those outside?
    pub(super) const fn inside(&self) -> bool {
        self.inside
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(_, text)| &**text)
    }

    fn has(&self, text: &str) -> bool {
        let candidates = if self.entries.len() <= FEW_TEXTS {
            &self.entries[..]
        } else {
            let digest = digest(text);
            let from = self.entries.partition_point(|(entry, _)| *entry < digest);
            let same = self.entries[from..].iter().take_while(|(entry, _)| *entry == digest).count();
            &self.entries[from..from + same]
        };
        let listed = match self.case {
            Case::Exact => candidates.iter().any(|(_, entry)| **entry == *text),
            Case::Folded => candidates.iter().any(|(_, entry)| entry.eq_ignore_ascii_case(text)),
        };
        listed == self.inside
    }
}

/// FNV-1a of the text in small letters. Collisions only cost time, and the operator chose the entries.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}
