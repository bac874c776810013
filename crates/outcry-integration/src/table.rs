//! `[tables.NAME]`: what one word is in the buyer's words. Read once, looked up for every lead.

use crate::file::{Entry, Kind, Node, Section};
use crate::problem::{Problems, did_you_mean};
use outcry_core::value::Decimal;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// The tables of a file by their names.
#[derive(Debug, Default)]
pub(crate) struct Tables(Vec<(Box<str>, Arc<Table>)>);

/// Words to cells. Capitals do not matter in the words.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Table {
    cells: HashMap<Box<str>, Cell>,
    /// For words that are not in it.
    otherwise: Option<Box<Cell>>,
}

/// What a word leads to.
#[derive(Debug, PartialEq)]
pub(crate) enum Cell {
    Text(Box<str>),
    Number(Decimal),
    Flag(bool),
    /// It depends on a further word.
    Table(Table),
}

/// The key for words that are not in the table.
const ELSE: &str = "else";

impl Tables {
    /// Reads `[tables]`.
    pub(crate) fn read(node: &Node, problems: &mut Problems) -> Self {
        let Some(section) = Section::open_any(node, "tables", problems) else {
            return Self::default();
        };
        let tables = section.entries().iter().filter_map(|entry| {
            let place = section.place(&entry.key);
            if let Kind::Table(cells) = &entry.value.kind {
                return Some((entry.key.as_str().into(), Arc::new(table(cells, &place, problems))));
            }
            let message = format!("{} where a table belongs", entry.value.word());
            let hint = "write it like [tables.credit] with good = \"Good\" below it";
            problems.add(entry.line, place, message, hint);
            None
        });
        Self(tables.collect())
    }

    /// The table of this name.
    ///
    /// # Errors
    /// What is wrong, and what to do.
    pub(crate) fn get(&self, name: &str) -> Result<&Arc<Table>, (String, String)> {
        let found = self.0.iter().find(|(known, _)| **known == *name);
        found.map(|(_, table)| table).ok_or_else(|| {
            let names: Vec<&str> = self.0.iter().map(|(name, _)| &**name).collect();
            let hint = format!(
                "write it as [tables.{name}] with one line for each word; {}",
                did_you_mean(name, &names)
            );
            (format!("there is no table \"{name}\""), hint)
        })
    }
}

impl Cell {
    /// The text of a single value.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Flag(yes) => Some(Cow::Borrowed(if *yes { "true" } else { "false" })),
            Self::Table(_) => None,
        }
    }
}

impl Table {
    /// What these words lead to, the first of them first. A table that ends earlier needs no more words; one that goes
    /// on and gets no word for it takes its `else`.
    pub(crate) fn find<'k>(&self, mut words: impl Iterator<Item = Option<Cow<'k, str>>>) -> Option<&Cell> {
        let mut table = self;
        loop {
            let word = words.next().flatten();
            match word.and_then(|word| table.cell(&word)).or(table.otherwise.as_deref())? {
                Cell::Table(deeper) => table = deeper,
                cell => return Some(cell),
            }
        }
    }

    fn cell(&self, word: &str) -> Option<&Cell> {
        let word = word.trim();
        match self.cells.get(word) {
            None => self.cells.get(&*word.to_lowercase()),
            found => found,
        }
    }

    /// Is there a cell for this word?
    pub(crate) fn has(&self, word: &str) -> bool {
        self.cells.contains_key(word)
    }

    /// How many words it takes at most.
    pub(crate) fn words_max(&self) -> usize {
        let below = self.cells.values().chain(self.otherwise.as_deref()).map(|cell| match cell {
            Cell::Table(table) => table.words_max(),
            _ => 0,
        });
        1 + below.max().unwrap_or(0)
    }
}

fn table(entries: &[Entry], place: &str, problems: &mut Problems) -> Table {
    let mut table = Table::default();
    for entry in entries {
        let place = format!("{place}.{}", entry.key);
        let Some(cell) = cell(&entry.value, &place, problems) else {
            continue;
        };
        if entry.key == ELSE {
            table.otherwise = Some(Box::new(cell));
        } else if table.cells.insert(entry.key.trim().to_lowercase().into(), cell).is_some() {
            problems.add(entry.line, place, "stands twice in this table", "capitals do not matter here");
        }
    }
    if entries.is_empty() {
        problems.add(0, place, "is empty", "write one line for each word: good = \"Good\"");
    }
    table
}

fn cell(node: &Node, place: &str, problems: &mut Problems) -> Option<Cell> {
    let cell = match &node.kind {
        Kind::Text(text) => Some(Cell::Text(text.as_str().into())),
        Kind::Int(number) => Some(Cell::Number(Decimal::from(*number))),
        Kind::Float(text) => Decimal::parse(text).map(Cell::Number),
        Kind::Bool(yes) => Some(Cell::Flag(*yes)),
        Kind::Table(entries) => Some(Cell::Table(table(entries, place, problems))),
        Kind::Date(_) | Kind::Array(_) => None,
    };
    if cell.is_none() {
        let message = format!("{} cannot stand in a table", node.word());
        problems.add(
            node.line,
            place,
            message,
            "use text, a number, true or false, or a table for a further word",
        );
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Tables, Vec<String>) {
        let mut problems = Problems::default();
        let root = crate::file::parse(text, &mut problems).unwrap();
        let tables = Tables::read(&root, &mut problems);
        let wrong = problems.into_result::<()>(None).unwrap_err();
        (tables, wrong.iter().map(ToString::to_string).collect())
    }

    fn look(tables: &Tables, name: &str, words: &[&str]) -> String {
        let words = words.iter().map(|word| Some(Cow::Borrowed(*word)));
        match tables.get(name).unwrap().find(words) {
            None => "-".to_owned(),
            Some(Cell::Text(text)) => text.to_string(),
            Some(Cell::Number(number)) => format!("#{number}"),
            Some(cell) => format!("{cell:?}"),
        }
    }

    #[test]
    fn words_lead_to_cells_and_further_words_to_deeper_ones() {
        let (tables, wrong) = read(
            r#"
            [credit]
            Good = "GOOD"
            "so so" = "FAIR"
            [price]
            "06106" = 12.50
            else = 1
            [plan.CA]
            gold = "G1"
            else = "X1"
            [plan]
            AK = "none"
            [plan.else]
            gold = "G9"
            "#,
        );
        assert_eq!(wrong, Vec::<String>::new());
        for (name, words, expected) in [
            ("credit", &["good"] as &[&str], "GOOD"),
            ("credit", &[" So So "], "FAIR"),
            ("credit", &["bad"], "-"),
            ("credit", &[], "-"),
            ("price", &["06106"], "#12.5"),
            ("price", &["06107"], "#1"),
            ("plan", &["CA", "gold"], "G1"),
            ("plan", &["ca", "silver"], "X1"),
            ("plan", &["CA"], "X1"),
            ("plan", &["AK", "gold"], "none"),
            ("plan", &["TX", "gold"], "G9"),
            ("plan", &["TX", "silver"], "-"),
        ] {
            assert_eq!(look(&tables, name, words), expected, "{name} {words:?}");
        }
        assert_eq!(tables.get("plan").unwrap().words_max(), 2);
        assert!(tables.get("credits").unwrap_err().1.contains("did you mean \"credit\"?"));
    }

    #[test]
    fn what_cannot_stand_in_a_table_is_named() {
        let (_, wrong) = read("flat = 1\n[one]\na = [1]\nB = 1\nb = 2\n[two]");
        let expected = [
            "two: is empty",
            "line 1: tables.flat: a whole number",
            "line 3: tables.one.a: a list",
            "line 5: tables.one.b: stands twice",
        ];
        for (line, expected) in wrong.iter().zip(expected) {
            assert!(line.contains(expected), "{line}");
        }
        assert_eq!(wrong.len(), expected.len(), "{wrong:?}");
    }
}
