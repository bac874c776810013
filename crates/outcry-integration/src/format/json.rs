//! A tree as JSON (RFC 8259), written straight into the body.

use crate::body::{Each, Item, Key, Missing, NameForm, Object, Tree};
use crate::call::RenderError;
use crate::template::{Scope, Val};
use outcry_core::view::{Rows, View};
use std::io::Write;

/// Appends a whole body. A root of which nothing is left is `{}`, and `[]` if it is a list.
pub(crate) fn write(tree: &Tree, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<(), RenderError> {
    if !value(tree, scope, out)? {
        let is_list = matches!(tree, Tree::Array(_) | Tree::Each(_));
        out.extend_from_slice(if is_list { b"[]" } else { b"{}" });
    }
    Ok(())
}

/// Every name can be written.
pub(super) const NAMES: NameForm = NameForm {
    written: name,
    fits: |_| true,
};

/// `"name":`
fn name(plain: &str) -> Box<[u8]> {
    let mut out = Vec::with_capacity(plain.len() + 3);
    text(plain, &mut out);
    out.push(b':');
    out.into()
}

/// Appends a value; false, and nothing appended, if it is to be left out.
fn value(tree: &Tree, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<bool, RenderError> {
    match tree {
        Tree::Leaf(leaf) => Ok(val(&leaf.value(scope)?, out)),
        Tree::Number(number) => Ok(put(number.as_bytes(), out)),
        Tree::Bool(yes) => Ok(put(if *yes { b"true" } else { b"false" }, out)),
        Tree::Array(items) => array(items.iter().map(|item| (item, *scope)), items.is_empty(), out),
        Tree::Object(members) => object(members, scope, out),
        Tree::Each(each) => rows(each, scope, out),
        Tree::Choice(choice) => choice.pick(scope)?.map_or(Ok(false), |tree| value(tree, scope, out)),
        Tree::Document(document) => Ok(val(&document.value(scope)?, out)),
    }
}

fn put(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(bytes);
    true
}

/// An object whose members are all left out is left out itself, unless the file writes it empty.
fn object(object: &Object, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<bool, RenderError> {
    if !object.is_wanted(scope)? {
        return Ok(false);
    }
    let start = out.len();
    out.push(b'{');
    object.each_member(scope, &mut |key, item, scope| {
        let mark = out.len();
        if mark > start + 1 {
            out.push(b',');
        }
        match key {
            Key::Ready(name) => out.extend_from_slice(&name.written),
            Key::Made(name) => {
                text(name, out);
                out.push(b':');
            }
        }
        let written = match item {
            Item::Tree(tree) => value(tree, scope, out)?,
            Item::Val(value) => val(&value, out),
        };
        if !written {
            out.truncate(mark);
        }
        Ok(())
    })?;
    if out.len() == start + 1 && !object.members.is_empty() {
        out.truncate(start);
        return Ok(false);
    }
    Ok(put(b"}", out))
}

/// Items in a row; an array of the file whose items are all left out is left out itself.
fn array<'t>(items: impl Iterator<Item = (&'t Tree, Scope<'t>)>, keep_empty: bool, out: &mut Vec<u8>) -> Result<bool, RenderError> {
    let start = out.len();
    out.push(b'[');
    for (item, scope) in items {
        let mark = out.len();
        if mark > start + 1 {
            out.push(b',');
        }
        if !value(item, &scope, out)? {
            out.truncate(mark);
        }
    }
    if out.len() == start + 1 && !keep_empty {
        out.truncate(start);
        return Ok(false);
    }
    Ok(put(b"]", out))
}

/// A list the lead has, even an empty one, is sent; a list it does not have is left out.
fn rows(each: &Each, scope: &Scope<'_>, out: &mut Vec<u8>) -> Result<bool, RenderError> {
    match each.rows(scope)? {
        None => Ok(match each.missing {
            Missing::LeaveOut => false,
            Missing::Empty => put(b"[]", out),
            Missing::Null => put(b"null", out),
        }),
        Some(rows) => array(rows.enumerate().map(|(at, row)| (&*each.item, scope.in_row(row, at))), true, out),
    }
}

fn val(value: &Val<'_>, out: &mut Vec<u8>) -> bool {
    // Writing into a `Vec` cannot fail.
    let _ = match value {
        Val::Missing => return false,
        Val::Null => out.write_all(b"null"),
        Val::Bool(yes) => out.write_all(if *yes { b"true" } else { b"false" }),
        Val::Int(number) => write!(out, "{number}"),
        Val::Decimal(number) => write!(out, "{number}"),
        Val::Money(amount) => write!(out, "{amount}"),
        Val::Date(date) => write!(out, "\"{date}\""),
        Val::Stamp(stamp) => write!(out, "\"{stamp}\""),
        Val::Text(plain) => {
            text(plain, out);
            Ok(())
        }
        Val::Texts(texts) => {
            list(texts.iter(), out, |plain, out| text(plain, out));
            Ok(())
        }
        Val::List(rows) => {
            view_rows(*rows, out);
            Ok(())
        }
        Val::Rows(rows) => {
            list(rows.iter(), out, |row, out| whole(*row, out));
            Ok(())
        }
        Val::View(view) => {
            whole(*view, out);
            Ok(())
        }
    };
    true
}

fn list<T>(items: impl Iterator<Item = T>, out: &mut Vec<u8>, write: impl Fn(T, &mut Vec<u8>)) {
    out.push(b'[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

fn view_rows(rows: &dyn Rows, out: &mut Vec<u8>) {
    list((0..rows.len()).filter_map(|at| rows.row(at)), out, whole);
}

/// Every field of a view as it is.
fn whole(view: &dyn View, out: &mut Vec<u8>) {
    out.push(b'{');
    let start = out.len();
    view.each(&mut |name, datum| {
        if out.len() > start {
            out.push(b',');
        }
        text(name, out);
        out.push(b':');
        val(&datum.into(), out);
    });
    out.push(b'}');
}

/// A JSON string, quotes included.
pub(crate) fn text(plain: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let bytes = plain.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        from = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(&[b'\\', b'u', b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
        }
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}
