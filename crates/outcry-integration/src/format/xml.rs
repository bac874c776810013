//! A tree as XML 1.0. `"@name"` is an attribute, `"#text"` the text beside attributes, `"#cdata"` the same as CDATA;
//! a list repeats its element. There is never a DOCTYPE.

mod escape;
mod prefixes;

use escape::{attribute, is_name, text};
pub(crate) use prefixes::Prefixes;

use crate::body::{Item, Member, Missing, NameForm, Object, Tree};
use crate::call::RenderError;
use crate::template::{Scope, Val};
use outcry_core::view::View;

pub(super) const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// Elements, attributes and the two kinds of text.
pub(super) const NAMES: NameForm = NameForm {
    written: |plain| plain.as_bytes().into(),
    fits: is_name,
};

/// What is said of a value that holds a character which XML 1.0 does not know.
const REFUSED: &str = "a value holds a character that XML cannot carry";

/// Appends what stands before the root.
pub(super) fn head(declaration: bool, instruction: Option<&str>, out: &mut Vec<u8>) {
    if declaration {
        out.extend_from_slice(DECLARATION);
    }
    if let Some(instruction) = instruction {
        out.extend_from_slice(b"<?");
        out.extend_from_slice(instruction.as_bytes());
        out.extend_from_slice(b"?>");
    }
}

/// Appends the root, which is there even if everything in it is left out.
pub(super) fn write(tree: &Tree, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    let Tree::Object(root) = tree else { return Ok(()) };
    root.each_member(scope, &mut |key, item, scope| {
        let mut writer = Writer { out };
        if !writer.item(key.plain(), item, scope, Empty::Kept)? {
            writer.around(key.plain(), |_| Ok(()))?;
        }
        Ok(())
    })
}

/// Appends the elements of a table.
pub(super) fn children(tree: &Tree, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    match tree {
        Tree::Object(object) => object.each_member(scope, &mut |key, item, scope| {
            Writer { out }.item(key.plain(), item, scope, Empty::LeftOut).map(|_| ())
        }),
        Tree::Choice(choice) => choice.pick(scope)?.map_or(Ok(()), |tree| children(tree, scope, out)),
        _ => Ok(()),
    }
}

/// Is it a table of one element that is not repeated?
pub(super) fn has_one_root(tree: &Tree) -> bool {
    let Tree::Object(Object { members, .. }) = tree else { return false };
    match &**members {
        [Member::Named(name, tree)] => !name.plain.starts_with(['@', '#']) && is_one(tree),
        _ => false,
    }
}

fn is_one(tree: &Tree) -> bool {
    match tree {
        Tree::Array(_) | Tree::Each(_) => false,
        Tree::Choice(choice) => choice.branches().all(is_one),
        _ => true,
    }
}

/// What becomes of an element in which everything is left out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Empty {
    Kept,
    LeftOut,
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
}

impl Writer<'_> {
    /// Appends what stands under a name: an element, several, or none. False if none.
    fn item(&mut self, name: &str, item: Item<'_>, scope: &Scope<'_>, empty: Empty) -> Result<bool, RenderError> {
        match item {
            Item::Tree(tree) => self.tree(name, tree, scope, empty),
            Item::Val(value) => self.val(name, &value).map_err(|Unfit| fault(name)),
        }
    }

    fn tree(&mut self, name: &str, tree: &Tree, scope: &Scope<'_>, empty: Empty) -> Result<bool, RenderError> {
        match tree {
            Tree::Leaf(leaf) => self.val(name, &leaf.value(scope)?).map_err(|Unfit| leaf.template.fail(REFUSED)),
            Tree::Document(document) => self.val(name, &document.value(scope)?).map_err(|Unfit| fault(name)),
            Tree::Number(number) => self.val(name, &Val::owned(&**number)).map_err(|Unfit| fault(name)),
            Tree::Bool(yes) => self.val(name, &Val::Bool(*yes)).map_err(|Unfit| fault(name)),
            Tree::Object(object) => self.element(name, object, scope, empty),
            Tree::Choice(choice) => choice.pick(scope)?.map_or(Ok(false), |tree| self.tree(name, tree, scope, empty)),
            Tree::Array(items) => {
                let mut any = false;
                for item in items {
                    any |= self.tree(name, item, scope, Empty::LeftOut)?;
                }
                Ok(any)
            }
            Tree::Each(each) => match each.rows(scope)? {
                None if each.missing == Missing::LeaveOut => Ok(false),
                None => self.around(name, |_| Ok(())).map(|()| true),
                Some(rows) => {
                    let mut any = false;
                    for (at, row) in rows.enumerate() {
                        any |= self.tree(name, &each.item, &scope.in_row(row, at), Empty::LeftOut)?;
                    }
                    Ok(any)
                }
            },
        }
    }

    /// An element with attributes, text and children. It is left out if nothing of it is left, and also if its text is
    /// missing and it has no children: its text is what it says.
    fn element(&mut self, name: &str, object: &Object, scope: &Scope<'_>, empty: Empty) -> Result<bool, RenderError> {
        if empty == Empty::LeftOut && !object.is_wanted(scope)? {
            return Ok(false);
        }
        let start = self.out.len();
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        let (mut open, mut any, mut text_missing) = (true, object.members.is_empty(), false);
        object.each_member(scope, &mut |key, item, scope| {
            if let (Some(attribute), Item::Tree(tree)) = (key.plain().strip_prefix('@'), &item) {
                any |= self.attribute(attribute, tree, scope)? && !attribute.starts_with("xmlns");
                return Ok(());
            }
            let mark = self.out.len();
            if open {
                self.out.push(b'>');
            }
            let written = match (key.plain(), &item) {
                (part @ ("#text" | "#cdata"), Item::Tree(tree)) => {
                    let written = self.content(part, tree, scope)?;
                    text_missing |= !written;
                    written
                }
                (name, _) => self.item(name, item, scope, Empty::LeftOut)?,
            };
            if written {
                (open, any, text_missing) = (false, true, false);
            } else {
                self.out.truncate(mark);
            }
            Ok(())
        })?;
        if empty == Empty::LeftOut && (!any || text_missing) {
            self.out.truncate(start);
            return Ok(false);
        }
        if open {
            self.out.push(b'>');
        }
        self.close(name);
        Ok(true)
    }

    fn attribute(&mut self, name: &str, tree: &Tree, scope: &Scope<'_>) -> Result<bool, RenderError> {
        let Some(value) = tree.text(scope)? else { return Ok(false) };
        self.out.push(b' ');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"=\"");
        attribute(&value, self.out).map_err(|Unfit| fault(name))?;
        self.out.push(b'"');
        Ok(true)
    }

    fn content(&mut self, part: &str, tree: &Tree, scope: &Scope<'_>) -> Result<bool, RenderError> {
        let Some(value) = tree.text(scope)? else { return Ok(false) };
        let write = if part == "#cdata" { escape::cdata } else { text };
        write(&value, self.out).map_err(|Unfit| fault(part))?;
        Ok(true)
    }

    fn val(&mut self, name: &str, value: &Val<'_>) -> Result<bool, Unfit> {
        match value {
            Val::Missing => return Ok(false),
            Val::Text(plain) => self.around(name, |out| text(plain, out))?,
            Val::Texts(texts) => {
                for plain in texts {
                    self.around(name, |out| text(plain, out))?;
                }
                return Ok(!texts.is_empty());
            }
            Val::View(view) => self.whole(name, *view)?,
            Val::List(rows) => {
                for row in (0..rows.len()).filter_map(|at| rows.row(at)) {
                    self.whole(name, row)?;
                }
                return Ok(!rows.is_empty());
            }
            Val::Rows(rows) => {
                for row in rows {
                    self.whole(name, *row)?;
                }
                return Ok(!rows.is_empty());
            }
            other => {
                let mut plain = String::new();
                other.push_text(&mut plain);
                self.around(name, |out| text(&plain, out))?;
            }
        }
        Ok(true)
    }

    /// Every field of a view as an element.
    fn whole(&mut self, name: &str, view: &dyn View) -> Result<(), Unfit> {
        self.around(name, |out| {
            let mut done = Ok(());
            view.each(&mut |name, datum| {
                if done.is_ok() {
                    done = Writer { out }.val(name, &datum.into()).map(|_| ());
                }
            });
            done
        })
    }

    fn around<E>(&mut self, name: &str, inside: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
        inside(self.out)?;
        self.close(name);
        Ok(())
    }

    fn close(&mut self, name: &str) {
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
    }
}

/// A text that XML cannot carry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unfit;

/// Where the file has no place for the value, its name must do.
fn fault(name: &str) -> RenderError {
    RenderError {
        line: 0,
        what: name.to_owned(),
        message: REFUSED.to_owned(),
    }
}
