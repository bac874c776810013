//! The tree of a request body. What a value contains can never change its shape, because a body is written
//! from this tree and every leaf is escaped for its place.

mod choice;
mod compile;
mod document;
mod each;
mod naming;

pub(crate) use choice::Choice;
pub(crate) use compile::{Style, missing, rooted};
pub(crate) use document::Document;
pub(crate) use each::Each;
pub(crate) use naming::{NameForm, Naming};

use crate::call::RenderError;
use crate::template::{Root, Scope, Template, Val};
use outcry_core::view::View;
use std::borrow::Cow;

/// A body, or a part of one.
#[derive(Debug)]
pub(crate) enum Tree {
    /// `"{zip}"`, `"Bearer {param.key}"`.
    Leaf(Leaf),
    /// A number as the file writes it.
    Number(Box<str>),
    Bool(bool),
    Array(Box<[Tree]>),
    Object(Object),
    Each(Each),
    /// One of two, by a condition.
    Choice(Box<Choice>),
    /// A document of its own, written as one text.
    Document(Box<Document>),
}

/// A text with holes, and what is sent when it has no value.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) template: Template,
    pub(crate) missing: Missing,
}

/// What is sent in the place of a value that the lead does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Nothing: neither name nor value.
    LeaveOut,
    /// The name with an empty text; an empty list for a list.
    Empty,
    /// The name with null, or with an empty text where the format has no null.
    Null,
}

/// Members in the order of the file.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) members: Box<[Member]>,
    /// Is there a `{value?}` among them, without which there is no table?
    needs_values: bool,
}

/// One member, or a place where several members appear.
#[derive(Debug)]
pub(crate) enum Member {
    Named(Name, Tree),
    /// `"*" = "{lead}"`: every field as it is, except those that stand here by name.
    Spread(Root),
    /// Rows laid out flat: `Driver1_Age`, `Driver2_Age`.
    Flat(Each, Naming),
    /// `"* refinance" = { when = …, then = { … } }`: the members of a table, as if they stood here.
    Splice(Tree),
}

/// A fixed name: as in the file, and already written for the format.
#[derive(Debug)]
pub(crate) struct Name {
    pub(crate) plain: Box<str>,
    pub(crate) written: Box<[u8]>,
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

impl Leaf {
    /// The value, or what stands for it.
    pub(crate) fn value<'a>(&'a self, scope: &Scope<'a>) -> Result<Val<'a>, RenderError> {
        if self.missing == Missing::LeaveOut {
            return self.template.value(scope);
        }
        Ok(match (self.template.value(scope)?, self.missing) {
            (Val::Missing, Missing::Empty) => Val::Text(Cow::Borrowed("")),
            (Val::Missing, _) => Val::Null,
            (value, _) => value,
        })
    }
}

impl Tree {
    /// The text of a part that is a single value; `None` if it is missing. Parts with parts have none: they are refused
    /// at load wherever text belongs.
    pub(crate) fn text<'a>(&'a self, scope: &Scope<'a>) -> Result<Option<Cow<'a, str>>, RenderError> {
        match self {
            Self::Leaf(leaf) => match (leaf.template.text(scope)?, leaf.missing) {
                (None, Missing::Empty | Missing::Null) => Ok(Some(Cow::Borrowed(""))),
                (text, _) => Ok(text),
            },
            Self::Number(number) => Ok(Some(Cow::Borrowed(number))),
            Self::Bool(yes) => Ok(Some(Cow::Borrowed(if *yes { "true" } else { "false" }))),
            Self::Document(document) => document.value(scope).map(Val::into_text),
            Self::Choice(choice) => choice.pick(scope)?.map_or(Ok(None), |tree| tree.text(scope)),
            Self::Array(_) | Self::Object(_) | Self::Each(_) => Ok(None),
        }
    }

    /// Can it be a single value?
    pub(crate) fn is_single(&self) -> bool {
        match self {
            Self::Leaf(_) | Self::Number(_) | Self::Bool(_) | Self::Document(_) => true,
            Self::Choice(choice) => choice.branches().all(Self::is_single),
            Self::Array(_) | Self::Object(_) | Self::Each(_) => false,
        }
    }

    /// Is it a table, whatever its conditions come to?
    pub(crate) fn is_table(&self) -> bool {
        match self {
            Self::Object(_) => true,
            Self::Choice(choice) => choice.branches().all(Self::is_table),
            _ => false,
        }
    }

    /// The table it comes to.
    fn table(&self, scope: &Scope<'_>) -> Result<Option<&Object>, RenderError> {
        match self {
            Self::Object(object) => Ok(object.is_wanted(scope)?.then_some(object)),
            Self::Choice(choice) => choice.pick(scope)?.map_or(Ok(None), |tree| tree.table(scope)),
            _ => Ok(None),
        }
    }

    /// Does it name this member, in one of its branches at least?
    fn names(&self, name: &str) -> bool {
        match self {
            Self::Object(object) => object.names(name),
            Self::Choice(choice) => choice.branches().any(|tree| tree.names(name)),
            _ => false,
        }
    }
}

impl Object {
    /// Has every `{value?}` of it a value? Without one the table is left out.
    pub(crate) fn is_wanted(&self, scope: &Scope<'_>) -> Result<bool, RenderError> {
        if self.needs_values {
            for member in &self.members {
                if let Member::Named(_, Tree::Leaf(leaf)) = member
                    && leaf.template.lacks_its_value(scope)?
                {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Hands every member to `write`, with spreads opened and rows laid flat.
    pub(crate) fn each_member(&self, scope: &Scope<'_>, write: &mut WriteMember<'_>) -> Result<(), RenderError> {
        for member in &self.members {
            match member {
                Member::Named(name, tree) => write(Key::Ready(name), Item::Tree(tree), scope)?,
                Member::Spread(root) => self.spread(root.view(scope), scope, write)?,
                Member::Flat(each, naming) => flat(each, naming, scope, write)?,
                Member::Splice(tree) => {
                    if let Some(object) = tree.table(scope)? {
                        object.each_member(scope, write)?;
                    }
                }
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
        self.members.iter().any(|member| match member {
            Member::Named(known, _) => *known.plain == *name,
            Member::Splice(tree) => tree.names(name),
            Member::Spread(_) | Member::Flat(..) => false,
        })
    }
}

fn flat(each: &Each, naming: &Naming, scope: &Scope<'_>, write: &mut WriteMember<'_>) -> Result<(), RenderError> {
    let Some(rows) = each.rows(scope)? else { return Ok(()) };
    for (index, row) in rows.enumerate() {
        let scope = scope.in_row(row, index);
        if let Some(object) = each.item.table(&scope)? {
            object.each_member(&scope, &mut |key, item, scope| {
                write(Key::Made(&naming.name(key.plain(), index)), item, scope)
            })?;
        }
    }
    Ok(())
}
