//! Plain text: one text with holes, or a table as lines `NAME=VALUE`. Plain text has no escapes, so a value cannot
//! carry what would end its line: control characters and the separator become blanks.

use super::flat::{self, Nesting};
use crate::body::{Leaf, Tree};
use crate::call::RenderError;
use crate::template::{Piece, Scope};

/// What stands between the pairs, and between a name and its value.
#[derive(Debug)]
pub(crate) struct Layout {
    nesting: Nesting,
    separator: Box<str>,
    pair: Box<str>,
    /// The letters of the separator that a value must not hold. Blanks are harmless there.
    unsafe_letters: Box<[char]>,
}

impl Layout {
    pub(super) fn new(nesting: Nesting, separator: &str, pair: &str) -> Self {
        let letters = separator.chars().filter(|letter| !letter.is_whitespace() && !letter.is_control());
        Self {
            nesting,
            separator: separator.into(),
            pair: pair.into(),
            unsafe_letters: letters.collect(),
        }
    }

    /// Appends the text, or the lines.
    pub(super) fn write(&self, tree: &Tree, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
        match tree {
            Tree::Leaf(leaf) => self.text(leaf, scope, out),
            Tree::Choice(choice) => choice.pick(scope)?.map_or(Ok(()), |tree| self.write(tree, scope, out)),
            tree if tree.is_single() => {
                out.extend_from_slice(tree.text(scope)?.unwrap_or_default().as_bytes());
                Ok(())
            }
            tree => self.lines(tree, scope, out),
        }
    }

    /// What the file writes stays; what comes from a hole is cleaned.
    fn text(&self, leaf: &Leaf, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
        for piece in &leaf.template.pieces {
            match piece {
                Piece::Literal(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Hole(hole) => {
                    let mut text = String::new();
                    leaf.template.push(&leaf.template.hole(hole, scope)?, hole, &mut text)?;
                    self.clean(&text, out);
                }
            }
        }
        Ok(())
    }

    fn lines(&self, tree: &Tree, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
        let start = out.len();
        flat::pairs(tree, scope, self.nesting, &mut |pair| {
            if out.len() > start {
                out.extend_from_slice(self.separator.as_bytes());
            }
            out.extend_from_slice(pair.path.name(self.nesting).as_bytes());
            out.extend_from_slice(self.pair.as_bytes());
            self.clean(pair.value, out);
        })
    }

    fn clean(&self, value: &str, out: &mut Vec<u8>) {
        let breaks =
            |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') || self.unsafe_letters.contains(&letter);
        let mut bytes = [0; 4];
        for letter in value.chars() {
            let letter = if breaks(letter) { ' ' } else { letter };
            out.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
        }
    }
}
