//! A tree as pairs of names and values, for the formats that know no nesting: forms, queries, lines, multipart.

use crate::body::{Document, Item, Key, Missing, NameForm, Tree};
use crate::call::RenderError;
use crate::template::{Scope, Val};
use outcry_core::view::View;
use std::borrow::Cow;

/// How nested names are made flat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nesting {
    /// `drivers[0][age]`
    Brackets,
    /// `drivers.0.age`
    Dots,
    /// `driver=…&driver=…`: the name again for each item; below an item as with brackets.
    Repeat,
    /// `driver[]=…&driver[]=…`
    EmptyBrackets,
}

/// The name so far. Names are built only when a pair is written; most are one fixed name.
pub(super) enum Path<'p> {
    Root,
    Member(&'p Path<'p>, Key<'p>),
    Item(&'p Path<'p>, usize),
}

/// A name with its value, about to be written.
pub(super) struct Pair<'p> {
    pub(super) path: &'p Path<'p>,
    pub(super) value: &'p str,
    /// If the value is a document of its own.
    pub(super) document: Option<&'p Document>,
}

/// What a format does with a pair.
pub(super) type WritePair<'w> = dyn FnMut(Pair<'_>) + 'w;

/// A name on a line or in the head of a part, where nothing can be escaped.
pub(super) const NAMES: NameForm = NameForm {
    written: |plain| plain.as_bytes().into(),
    fits: |plain| !plain.chars().any(char::is_control),
};

/// Hands every pair of a tree to `write`.
pub(super) fn pairs(tree: &Tree, scope: &Scope<'_>, nesting: Nesting, write: &mut WritePair<'_>) -> Result<(), RenderError> {
    Walk { nesting, write }.tree(tree, scope, &Path::Root)
}

/// Every pair of a tree, for whoever writes them some other way.
pub(crate) fn named(tree: &Tree, scope: &Scope<'_>, nesting: Nesting) -> Result<Vec<(String, String)>, RenderError> {
    let mut found = Vec::new();
    pairs(tree, scope, nesting, &mut |pair| {
        found.push((pair.path.name(nesting).into_owned(), pair.value.to_owned()));
    })?;
    Ok(found)
}

/// Can a tree be the whole of such a body?
pub(super) fn is_flat(tree: &Tree) -> bool {
    match tree {
        Tree::Object(_) | Tree::Each(_) | Tree::Leaf(_) => true,
        Tree::Choice(choice) => choice.branches().all(is_flat),
        Tree::Array(_) | Tree::Number(_) | Tree::Bool(_) | Tree::Document(_) => false,
    }
}

struct Walk<'a, 'w> {
    nesting: Nesting,
    write: &'a mut WritePair<'w>,
}

impl Walk<'_, '_> {
    fn tree(&mut self, tree: &Tree, scope: &Scope<'_>, path: &Path<'_>) -> Result<(), RenderError> {
        match tree {
            Tree::Leaf(leaf) => self.val(&leaf.value(scope)?, path),
            Tree::Number(number) => self.pair(path, number, None),
            Tree::Bool(yes) => self.val(&Val::Bool(*yes), path),
            Tree::Document(document) => {
                let text = document.value(scope)?.into_text().unwrap_or_default();
                self.pair(path, &text, Some(document));
            }
            Tree::Choice(choice) => {
                if let Some(tree) = choice.pick(scope)? {
                    self.tree(tree, scope, path)?;
                }
            }
            Tree::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.tree(item, scope, &Path::Item(path, at))?;
                }
            }
            Tree::Object(object) if !object.is_wanted(scope)? => {}
            Tree::Object(object) => object.each_member(scope, &mut |key, item, scope| {
                let path = Path::Member(path, key);
                match item {
                    Item::Tree(tree) => self.tree(tree, scope, &path),
                    Item::Val(value) => {
                        self.val(&value, &path);
                        Ok(())
                    }
                }
            })?,
            Tree::Each(each) => match each.rows(scope)? {
                None if each.missing == Missing::LeaveOut => {}
                None => self.pair(path, "", None),
                Some(rows) => {
                    for (at, row) in rows.enumerate() {
                        self.tree(&each.item, &scope.in_row(row, at), &Path::Item(path, at))?;
                    }
                }
            },
        }
        Ok(())
    }

    fn val(&mut self, value: &Val<'_>, path: &Path<'_>) {
        match value {
            Val::Missing => {}
            Val::Text(text) => self.pair(path, text, None),
            Val::View(view) => self.whole(*view, path),
            Val::List(rows) => {
                for (at, row) in (0..rows.len()).filter_map(|at| rows.row(at)).enumerate() {
                    self.whole(row, &Path::Item(path, at));
                }
            }
            Val::Rows(rows) => {
                for (at, row) in rows.iter().enumerate() {
                    self.whole(*row, &Path::Item(path, at));
                }
            }
            Val::Texts(texts) if matches!(self.nesting, Nesting::Repeat | Nesting::EmptyBrackets) => {
                for (at, text) in texts.iter().enumerate() {
                    self.pair(&Path::Item(path, at), text, None);
                }
            }
            other => {
                let mut text = String::new();
                other.push_text(&mut text);
                self.pair(path, &text, None);
            }
        }
    }

    fn whole(&mut self, view: &dyn View, path: &Path<'_>) {
        view.each(&mut |name, datum| self.val(&datum.into(), &Path::Member(path, Key::Made(name))));
    }

    fn pair(&mut self, path: &Path<'_>, value: &str, document: Option<&Document>) {
        (self.write)(Pair { path, value, document });
    }
}

impl Path<'_> {
    /// The name as the format has written it at load, if it is a fixed one.
    pub(super) fn ready(&self) -> Option<&[u8]> {
        match self {
            Path::Member(Path::Root, Key::Ready(name)) => Some(&name.written),
            _ => None,
        }
    }

    /// The whole name.
    pub(super) fn name(&self, nesting: Nesting) -> Cow<'_, str> {
        let (above, last) = match self {
            Self::Root => return Cow::Borrowed(""),
            Self::Member(Path::Root, key) => return Cow::Borrowed(key.plain()),
            Self::Member(above, key) => (above.name(nesting), Cow::Borrowed(key.plain())),
            Self::Item(above, at) => match nesting {
                Nesting::Repeat => return above.name(nesting),
                Nesting::EmptyBrackets => (above.name(nesting), Cow::Borrowed("")),
                Nesting::Brackets | Nesting::Dots => (above.name(nesting), Cow::Owned(at.to_string())),
            },
        };
        Cow::Owned(match nesting {
            Nesting::Dots => format!("{above}.{last}"),
            _ => format!("{above}[{last}]"),
        })
    }
}
