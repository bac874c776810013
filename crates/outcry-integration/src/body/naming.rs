//! Names that are made for each row: `Driver{number}_{name}`.

use std::fmt::Write;

/// A pattern for the names of rows laid out flat.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Naming(Box<[Piece]>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Literal(Box<str>),
    Name,
    /// The number of the row, counted from `first`, with at least so many digits.
    Row {
        first: usize,
        digits: usize,
    },
}

/// How a format writes a fixed name, once, at load, and which names it can carry.
#[derive(Clone, Copy)]
pub(crate) struct NameForm {
    pub(crate) written: fn(&str) -> Box<[u8]>,
    pub(crate) fits: fn(&str) -> bool,
}

impl Naming {
    /// Reads a pattern; it must hold `{name}` and one of `{number}`, `{index}`, or names would collide. `{number | pad 2}`
    /// has two digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (hole, after) = after.split_once('}')?;
            pieces.push(Piece::Literal(before.into()));
            pieces.push(piece(hole)?);
            rest = after;
        }
        pieces.push(Piece::Literal(rest.into()));
        let complete = pieces.contains(&Piece::Name) && pieces.iter().any(|piece| matches!(piece, Piece::Row { .. }));
        complete.then(|| Self(pieces.into()))
    }

    /// The name of a member in a row.
    pub(crate) fn name(&self, name: &str, index: usize) -> String {
        let mut made = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => made.push_str(text),
                Piece::Name => made.push_str(name),
                Piece::Row { first, digits } => {
                    // Writing into a `String` cannot fail.
                    let _ = write!(made, "{:0digits$}", index + first);
                }
            }
        }
        made
    }
}

fn piece(hole: &str) -> Option<Piece> {
    let (name, pipe) = hole.split_once('|').map_or((hole, None), |(name, pipe)| (name, Some(pipe.trim())));
    let digits = match pipe {
        None => 1,
        Some(pipe) => pipe.strip_prefix("pad ")?.trim().parse().ok().filter(|digits| *digits < 10)?,
    };
    match name.trim() {
        "name" if pipe.is_none() => Some(Piece::Name),
        "number" => Some(Piece::Row { first: 1, digits }),
        "index" => Some(Piece::Row { first: 0, digits }),
        _ => None,
    }
}
