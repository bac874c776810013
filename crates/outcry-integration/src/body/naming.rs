//! Names that are made for each row: `Driver{number}_{name}`.

/// A pattern for the names of rows laid out flat.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Naming(Box<[Piece]>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Literal(Box<str>),
    Name,
    /// The number of the row, counted from this.
    Row(usize),
}

/// How a format writes a fixed name, once, at load.
pub(crate) type NameForm = fn(&str) -> Box<[u8]>;

impl Naming {
    /// Reads a pattern; it must hold `{name}` and one of `{number}`, `{index}`, or names would collide.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (hole, after) = after.split_once('}')?;
            pieces.push(Piece::Literal(before.into()));
            pieces.push(match hole {
                "name" => Piece::Name,
                "number" => Piece::Row(1),
                "index" => Piece::Row(0),
                _ => return None,
            });
            rest = after;
        }
        pieces.push(Piece::Literal(rest.into()));
        let complete = pieces.contains(&Piece::Name) && pieces.iter().any(|piece| matches!(piece, Piece::Row(_)));
        complete.then(|| Self(pieces.into()))
    }

    /// The name of a member in a row.
    pub(crate) fn name(&self, name: &str, index: usize) -> String {
        let mut made = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => made.push_str(text),
                Piece::Name => made.push_str(name),
                Piece::Row(from) => made.push_str(&(index + from).to_string()),
            }
        }
        made
    }
}
