//! The tree of a request body. What a value contains can never change its shape, because a body is written
//! from this tree and every leaf is escaped for its place.

mod compile;
mod naming;

pub(crate) use compile::tree;
pub(crate) use naming::{NameForm, Naming};

use crate::call::RenderError;
use crate::template::{Root, Scope, Template, Val};
use outcry_core::view::View;

/// A body, or a part of one.
#[derive(Debug)]
pub(crate) enum Tree {
    /// `"{zip}"`, `"Bearer {param.key}"`.
    Leaf(Template),
    /// A number as the file writes it.
    Number(Box<str>),
    Bool(bool),
    Array(Box<[Tree]>),
    Object(Object),
    Each(Each),
}

/// Members in the order of the file.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) members: Box<[Member]>,
}

/// One member, or a place where several members appear.
#[derive(Debug)]
pub(crate) enum Member {
    Named(Name, Tree),
    /// `"*" = "{lead}"`: every field as it is, except those that stand here by name.
    Spread(Root),
    /// Rows laid out flat: `Driver1_Age`, `Driver2_Age`.
    Flat(Each, Naming),
}

/// A fixed name: as in the file, and already written for the format.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) plain: Box<str>,
    pub(crate) written: Box<[u8]>,
}

/// A part that is repeated for every row of a list.
#[derive(Debug)]
pub(crate) struct Each {
    pub(crate) list: Template,
    pub(crate) rows_max: usize,
    pub(crate) item: Box<Tree>,
}

/// A name about to be written.
#[derive(Clone, Copy)]
pub(crate) enum Key<'b> {
    Ready(&'b Name),
    Made(&'b str),
}

/// A value about to be written under a name.
pub(crate) enum Item<'b> {
    Tree(&'b Tree),
    Val(Val<'b>),
}

/// What a format does with one member; it may decide to leave it out.
pub(crate) type WriteMember<'w> = dyn for<'b> FnMut(Key<'b>, Item<'b>, &Scope<'b>) -> Result<(), RenderError> + 'w;

impl Key<'_> {
    pub(crate) fn plain(&self) -> &str {
        match self {
            Self::Ready(name) => &name.plain,
            Self::Made(name) => name,
        }
    }
}

impl Object {
    /// Hands every member to `write`, with spreads opened and rows laid flat.
    pub(crate) fn each_member(&self, scope: &Scope<'_>, write: &mut WriteMember<'_>) -> Result<(), RenderError> {
        for member in &self.members {
            match member {
                Member::Named(name, tree) => write(Key::Ready(name), Item::Tree(tree), scope)?,
                Member::Spread(root) => self.spread(root.view(scope), scope, write)?,
                Member::Flat(each, naming) => flat(each, naming, scope, write)?,
            }
        }
        Ok(())
    }

    fn spread(&self, view: &dyn View, scope: &Scope<'_>, write: &mut WriteMember<'_>) -> Result<(), RenderError> {
        let mut done = Ok(());
        view.each(&mut |name, datum| {
            if done.is_ok() && !self.names(name) {
                done = write(Key::Made(name), Item::Val(datum.into()), scope);
            }
        });
        done
    }

    fn names(&self, name: &str) -> bool {
        self.members
            .iter()
            .any(|member| matches!(member, Member::Named(known, _) if *known.plain == *name))
    }
}

fn flat(each: &Each, naming: &Naming, scope: &Scope<'_>, write: &mut WriteMember<'_>) -> Result<(), RenderError> {
    let Some(rows) = each.rows(scope)? else { return Ok(()) };
    let Tree::Object(object) = &*each.item else { return Ok(()) };
    for (index, row) in rows.enumerate() {
        object.each_member(&scope.in_row(row, index), &mut |key, item, scope| {
            write(Key::Made(&naming.name(key.plain(), index)), item, scope)
        })?;
    }
    Ok(())
}

impl Each {
    /// The rows, up to the greatest number the buyer takes; `None` if the lead has no such list.
    pub(crate) fn rows<'a>(&'a self, scope: &Scope<'a>) -> Result<Option<impl Iterator<Item = &'a dyn View>>, RenderError> {
        match self.list.value(scope)? {
            Val::Missing => Ok(None),
            Val::List(rows) => Ok(Some((0..rows.len().min(self.rows_max)).filter_map(move |at| rows.row(at)))),
            _ => Err(self.list.fail("`each` needs a list")),
        }
    }
}
