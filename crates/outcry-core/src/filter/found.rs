//! What a lead has where a filter said no, in a few words.

use super::around::Around;
use super::eval::{Check, Seen, Source, rows};
use super::expr::write_text;
use super::state_set::{STATES, code, position};
use crate::lead::Row;
use std::fmt::{self, Write};
use std::sync::{Arc, LazyLock};

/// A value that a part of a filter looks at, under the name it has there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Watch {
    Value(Arc<str>, Source),
    Rows(Arc<str>, usize, Vec<Watch>),
}

impl Watch {
    fn name(&self) -> &str {
        match self {
            Self::Value(name, _) | Self::Rows(name, ..) => name,
        }
    }

    /// Adds what is not watched yet; rows of one list are watched together.
    pub(super) fn merge(all: &mut Vec<Self>, more: Vec<Self>) {
        for watch in more {
            match (all.iter_mut().find(|known| known.name() == watch.name()), watch) {
                (Some(Self::Rows(_, _, known)), Self::Rows(_, _, more)) => Self::merge(known, more),
                (Some(Self::Value(..)), Self::Value(..)) => {}
                (_, watch) => all.push(watch),
            }
        }
    }
}

/// Most bytes of a description. It is kept with every lead, for every contract that refused it.
const FOUND_MAX: usize = 160;

/// What the lead has: the bare value for one, names and values for several.
///
/// A screen of ten thousand contracts ends in almost as many refusals, so the commonest findings exist once and
/// the others cost one allocation.
pub(super) fn found(watched: &[Watch], check: &Check, row: &Row, now: &Around<'_>) -> Arc<str> {
    let mut text = Brief {
        bytes: [0; FOUND_MAX],
        length: 0,
    };
    let written = match (watched, check) {
        ([Watch::Value(_, source)], _) => return source.seen(row, now, of_value).unwrap_or_else(|| COMMON.nothing.clone()),
        ([Watch::Rows(_, at, inner)], Check::AllRows(_, each)) => write_failing_row(&mut text, *at, inner, each, row, now),
        ([Watch::Rows(_, at, inner)], _) => write_rows(&mut text, *at, inner, row, now),
        (several, _) => write_named(&mut text, several, row, now),
    };
    text.finish(written)
}

struct Common {
    nothing: Arc<str>,
    yes: Arc<str>,
    no: Arc<str>,
    states: [Arc<str>; STATES],
    numbers: [Arc<str>; 128],
}

static COMMON: LazyLock<Common> = LazyLock::new(|| Common {
    nothing: "nothing".into(),
    yes: "true".into(),
    no: "false".into(),
    states: std::array::from_fn(|at| format!("\"{}\"", code(at)).into()),
    numbers: std::array::from_fn(|number| number.to_string().into()),
});

fn of_value(seen: Seen<'_>) -> Arc<str> {
    let common = match seen {
        Seen::Bool(true) => Some(&COMMON.yes),
        Seen::Bool(false) => Some(&COMMON.no),
        Seen::Text(text) => position(text).map(|at| &COMMON.states[at]),
        Seen::Int(number) => usize::try_from(number).ok().and_then(|at| COMMON.numbers.get(at)),
        Seen::Decimal(_) | Seen::Date(_) | Seen::Stamp(_) | Seen::Rows(_) => None,
    };
    common.cloned().unwrap_or_else(|| {
        let mut text = Brief {
            bytes: [0; FOUND_MAX],
            length: 0,
        };
        let written = write_value(&mut text, seen);
        text.finish(written)
    })
}

fn write_value(text: &mut Brief, seen: Seen<'_>) -> fmt::Result {
    match seen {
        Seen::Bool(yes) => write!(text, "{yes}"),
        Seen::Int(number) => write!(text, "{number}"),
        Seen::Decimal(number) => write!(text, "{number}"),
        Seen::Text(value) => write_text(text, value),
        Seen::Date(date) => write!(text, "\"{date}\""),
        Seen::Stamp(stamp) => write!(text, "\"{stamp}\""),
        Seen::Rows(1) => text.write_str("1 row"),
        Seen::Rows(count) => write!(text, "{count} rows"),
    }
}

fn write_named(text: &mut Brief, watched: &[Watch], row: &Row, now: &Around<'_>) -> fmt::Result {
    for (at, watch) in watched.iter().enumerate() {
        if at > 0 {
            text.write_str(", ")?;
        }
        text.write_str(watch.name())?;
        text.write_str(" ")?;
        match watch {
            Watch::Value(_, source) => {
                source
                    .seen(row, now, |seen| write_value(text, seen))
                    .unwrap_or_else(|| text.write_str(&COMMON.nothing))?;
            }
            Watch::Rows(_, list, inner) => {
                text.write_str("[")?;
                write_rows(text, *list, inner, row, now)?;
                text.write_str("]")?;
            }
        }
    }
    Ok(())
}

fn write_rows(text: &mut Brief, list: usize, inner: &[Watch], row: &Row, now: &Around<'_>) -> fmt::Result {
    match rows(row, list) {
        None => text.write_str(&COMMON.nothing),
        Some([]) => text.write_str("no rows"),
        Some(rows) => rows.iter().enumerate().try_for_each(|(at, row)| {
            text.write_str(if at > 0 { "; " } else { "" })?;
            write_named(text, inner, row, now)
        }),
    }
}

/// The row that an `all` failed on, counted from 1.
fn write_failing_row(text: &mut Brief, list: usize, inner: &[Watch], each: &Check, row: &Row, now: &Around<'_>) -> fmt::Result {
    let failing = rows(row, list).and_then(|rows| rows.iter().enumerate().find(|(_, row)| !each.holds(row, now)));
    match failing {
        Some((at, row)) => {
            write!(text, "row {}: ", at + 1)?;
            write_named(text, inner, row, now)
        }
        None => write_rows(text, list, inner, row, now),
    }
}

/// A text that stops when it is long enough.
struct Brief {
    bytes: [u8; FOUND_MAX],
    length: usize,
}

const MORE: &str = "…";

impl Brief {
    /// `written` is an error where the text was cut.
    fn finish(mut self, written: fmt::Result) -> Arc<str> {
        if written.is_err() {
            self.bytes[self.length..self.length + MORE.len()].copy_from_slice(MORE.as_bytes());
            self.length += MORE.len();
        }
        String::from_utf8_lossy(&self.bytes[..self.length]).into()
    }
}

impl Write for Brief {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let room = FOUND_MAX - MORE.len() - self.length;
        let kept = piece.floor_char_boundary(room.min(piece.len()));
        self.bytes[self.length..self.length + kept].copy_from_slice(&piece.as_bytes()[..kept]);
        self.length += kept;
        if kept == piece.len() { Ok(()) } else { Err(fmt::Error) }
    }
}
