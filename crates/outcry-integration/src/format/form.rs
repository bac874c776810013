//! A tree as `name=value&name=value`, for a form body or a query. Names stay exactly as the file writes them.

use super::Nesting;
use super::percent::{Blank, encode, encoded};
use crate::body::{Item, Key, Tree};
use crate::call::RenderError;
use crate::template::{Scope, Val};
use outcry_core::view::View;

/// How nested names and blanks are written.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) nesting: Nesting,
    pub(crate) blank: Blank,
}

/// Appends all pairs. `out` may already hold something that the first pair must be joined to.
pub(crate) fn write(tree: &Tree, scope: &Scope<'_>, style: Style, out: &mut Vec<u8>) -> Result<(), RenderError> {
    let start = out.len();
    Writer { style, start, out }.tree(tree, scope, &Path::Root)
}

/// `name=` in a form body.
pub(crate) fn name(plain: &str) -> Box<[u8]> {
    format!("{}=", encoded(plain, Blank::Plus)).into_bytes().into()
}

/// `name=` in a query.
pub(crate) fn query_name(plain: &str) -> Box<[u8]> {
    format!("{}=", encoded(plain, Blank::Percent20)).into_bytes().into()
}

/// The name so far. Names are built only when a pair is written; most are one fixed name.
enum Path<'p> {
    Root,
    Member(&'p Path<'p>, Key<'p>),
    Item(&'p Path<'p>, usize),
}

struct Writer<'o> {
    style: Style,
    start: usize,
    out: &'o mut Vec<u8>,
}

impl Writer<'_> {
    fn tree(&mut self, tree: &Tree, scope: &Scope<'_>, path: &Path<'_>) -> Result<(), RenderError> {
        match tree {
            Tree::Leaf(template) => self.val(&template.value(scope)?, path),
            Tree::Number(number) => self.pair(path, number),
            Tree::Bool(yes) => self.val(&Val::Bool(*yes), path),
            Tree::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.tree(item, scope, &Path::Item(path, at))?;
                }
            }
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
            Tree::Each(each) => {
                for (at, row) in each.rows(scope)?.into_iter().flatten().enumerate() {
                    self.tree(&each.item, &scope.in_row(row, at), &Path::Item(path, at))?;
                }
            }
        }
        Ok(())
    }

    fn val(&mut self, value: &Val<'_>, path: &Path<'_>) {
        match value {
            Val::Missing => {}
            Val::Text(text) => self.pair(path, text),
            Val::View(view) => self.whole(*view, path),
            Val::List(rows) => {
                for (at, row) in (0..rows.len()).filter_map(|at| rows.row(at)).enumerate() {
                    self.whole(row, &Path::Item(path, at));
                }
            }
            other => {
                let mut text = String::new();
                other.push_text(&mut text);
                self.pair(path, &text);
            }
        }
    }

    fn whole(&mut self, view: &dyn View, path: &Path<'_>) {
        view.each(&mut |name, datum| self.val(&datum.into(), &Path::Member(path, Key::Made(name))));
    }

    fn pair(&mut self, path: &Path<'_>, value: &str) {
        if self.out.len() > self.start {
            self.out.push(b'&');
        }
        if let Path::Member(Path::Root, Key::Ready(name)) = path {
            self.out.extend_from_slice(&name.written);
        } else {
            encode(&path.name(self.style.nesting), self.style.blank, self.out);
            self.out.push(b'=');
        }
        encode(value, self.style.blank, self.out);
    }
}

impl Path<'_> {
    fn name(&self, nesting: Nesting) -> String {
        let (above, last) = match self {
            Self::Root => return String::new(),
            Self::Member(Path::Root, key) => return key.plain().to_owned(),
            Self::Member(above, key) => (above.name(nesting), key.plain().to_owned()),
            Self::Item(above, at) => (above.name(nesting), at.to_string()),
        };
        match nesting {
            Nesting::Brackets => format!("{above}[{last}]"),
            Nesting::Dots => format!("{above}.{last}"),
        }
    }
}
