//! A body of the file into a tree.

use super::{Choice, Document, Each, Leaf, Member, Missing, Name, NameForm, Object, Tree};
use crate::file::{Entry, Kind, Node, Section};
use crate::format::{Format, xml};
use crate::template::{Compiler, Root};

/// What the place of a part decides about it.
#[derive(Clone, Copy)]
pub(crate) struct Style<'s> {
    pub(crate) names: NameForm,
    pub(crate) missing: Missing,
    /// In XML: the prefixes that are declared around the place.
    pub(crate) xml: Option<&'s xml::Prefixes<'s>>,
}

const MISSING: [(&str, Missing); 3] = [("leave_out", Missing::LeaveOut), ("empty", Missing::Empty), ("null", Missing::Null)];

/// What a request or a document says of missing values, or else what is said around it.
pub(crate) fn missing(section: &Section<'_>, around: Missing, compiler: &mut Compiler<'_>) -> Missing {
    section.word("missing", &MISSING, compiler.problems).unwrap_or(around)
}

/// Compiles a whole body and sees that it has the shape its format needs.
pub(crate) fn rooted(node: &Node, what: &str, format: &Format, missing: Missing, compiler: &mut Compiler<'_>) -> Option<Tree> {
    let prefixes = format.prefixes();
    let style = Style {
        names: format.name_form(),
        missing,
        xml: prefixes.as_ref(),
    };
    let tree = tree(node, what, style, compiler)?;
    if let Some((message, hint)) = format.refuse(&tree) {
        compiler.problems.add(node.line, what, message, hint);
        return None;
    }
    Some(tree)
}

/// Compiles a part of a body.
pub(super) fn tree(node: &Node, what: &str, style: Style<'_>, compiler: &mut Compiler<'_>) -> Option<Tree> {
    match &node.kind {
        Kind::Text(text) => compiler.template(text, node.line, what).map(|template| {
            Tree::Leaf(Leaf {
                template,
                missing: style.missing,
            })
        }),
        Kind::Int(number) => Some(Tree::Number(number.to_string().into())),
        Kind::Float(text) => number(text, node.line, what, compiler),
        Kind::Bool(yes) => Some(Tree::Bool(*yes)),
        Kind::Date(_) => {
            let hint = "put it in quotes, or take it from the lead: \"{dob | date %m/%d/%Y}\"";
            compiler.problems.add(node.line, what, "a bare date", hint);
            None
        }
        Kind::Array(items) => {
            let items = items.iter().enumerate();
            let items: Vec<_> = items
                .map(|(at, item)| tree(item, &format!("{what}[{at}]"), style, compiler))
                .collect();
            items.into_iter().collect::<Option<_>>().map(Tree::Array)
        }
        Kind::Table(entries) => table(node, entries, what, style, compiler),
    }
}

/// A table of members, or one of the tables that mean something.
fn table(node: &Node, entries: &[Entry], what: &str, style: Style<'_>, compiler: &mut Compiler<'_>) -> Option<Tree> {
    let section = Section::open_any(node, what, compiler.problems)?;
    if section.get("each").is_some() {
        let (each, naming) = Each::compile(node, what, style, compiler)?;
        if naming.is_some() {
            let hint = "rows with `names` must stand under a key of a table";
            compiler.problems.add(node.line, what, "`names` where one value belongs", hint);
            return None;
        }
        return Some(Tree::Each(each));
    }
    if Choice::is_meant(&section) {
        let choice = Choice::compile(node, what, style, compiler)?;
        return Some(Tree::Choice(Box::new(choice)));
    }
    if Document::is_meant(&section) {
        let document = Document::compile(node, what, style, compiler)?;
        return Some(Tree::Document(Box::new(document)));
    }
    object(entries, &section, style, compiler).map(Tree::Object)
}

/// TOML knows `inf` and `nan`; JSON does not.
fn number(text: &str, line: u32, what: &str, compiler: &mut Compiler<'_>) -> Option<Tree> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'e' | b'E'));
    if !plain {
        compiler
            .problems
            .add(line, what, format!("{text} is not a number that can be sent"), "");
    }
    plain.then(|| Tree::Number(text.into()))
}

fn object(entries: &[Entry], section: &Section<'_>, style: Style<'_>, compiler: &mut Compiler<'_>) -> Option<Object> {
    // A member of this name that is one of the three words is no member: no buyer asks for it.
    let policy = section
        .get("missing")
        .and_then(|node| MISSING.iter().find(|(word, _)| node.text() == Some(word)));
    let declared = style.xml.map(|around| around.with(entries));
    let style = Style {
        missing: policy.map_or(style.missing, |(_, missing)| *missing),
        xml: declared.as_ref(),
        ..style
    };
    let mut members = Vec::with_capacity(entries.len());
    for entry in entries.iter().filter(|entry| policy.is_none() || entry.key != "missing") {
        members.push(member(entry, &section.place(&entry.key), style, compiler));
    }
    let mut members: Vec<Member> = members.into_iter().collect::<Option<_>>()?;
    if style.xml.is_some() {
        // Attributes stand in the head of their element.
        members.sort_by_key(|member| !matches!(member, Member::Named(name, _) if name.plain.starts_with('@')));
    }
    let needs_values = members
        .iter()
        .any(|member| matches!(member, Member::Named(_, Tree::Leaf(leaf)) if leaf.template.may_lack_its_value()));
    Some(Object {
        members: members.into(),
        needs_values,
    })
}

fn member(entry: &Entry, what: &str, style: Style<'_>, compiler: &mut Compiler<'_>) -> Option<Member> {
    if entry.key.starts_with('*') {
        return starred(entry, what, style, compiler);
    }
    if matches!(&entry.value.kind, Kind::Table(inner) if inner.iter().any(|one| one.key == "names") && inner.iter().any(|one| one.key == "each"))
    {
        let (each, naming) = Each::compile(&entry.value, what, style, compiler)?;
        return Some(Member::Flat(each, naming?));
    }
    if !(style.names.fits)(&entry.key) {
        let message = format!("\"{}\" is not a name that the format can carry", entry.key);
        compiler.problems.add(entry.line, what, message, "");
        return None;
    }
    if let Some(undeclared) = style.xml.and_then(|prefixes| prefixes.undeclared(entry)) {
        let hint = format!("say what it stands for, there or above: \"@xmlns:{undeclared}\" = \"http://…\"");
        let message = format!("the prefix \"{undeclared}\" is not declared");
        compiler.problems.add(entry.line, what, message, hint);
        return None;
    }
    let tree = tree(&entry.value, what, style, compiler)?;
    if style.xml.is_some() && entry.key.starts_with(['@', '#']) && !tree.is_single() {
        let message = "an attribute, #text and #cdata take a single value";
        compiler.problems.add(entry.line, what, message, "");
        return None;
    }
    let name = Name {
        plain: entry.key.as_str().into(),
        written: (style.names.written)(&entry.key),
    };
    Some(Member::Named(name, tree))
}

/// `"*" = "{lead}"` for all fields, `"* why" = { when = …, then = { … } }` for the members of a table.
fn starred(entry: &Entry, what: &str, style: Style<'_>, compiler: &mut Compiler<'_>) -> Option<Member> {
    let hint =
        "write \"*\" = \"{lead}\" for all fields, or \"{row}\" inside of `each`; \"* …\" = { when = …, then = { … } } for several members";
    match (entry.value.text(), compiler.rows.is_empty()) {
        (Some("{lead}"), _) => return Some(Member::Spread(Root::Lead)),
        (Some("{row}"), false) => return Some(Member::Spread(Root::Row)),
        (None, _) if matches!(entry.value.kind, Kind::Table(_)) => {
            let tree = tree(&entry.value, what, style, compiler)?;
            if tree.is_table() && !(style.xml.is_some() && tree.has_marked(&['@'])) {
                return Some(Member::Splice(tree));
            }
        }
        _ => {}
    }
    let message = "`*` stands for members: all fields, or a table";
    compiler.problems.add(entry.line, what, message, hint);
    None
}

impl Tree {
    /// Are there members of this table whose names begin so: with `@` attributes, with `#` texts?
    pub(crate) fn has_marked(&self, marks: &[char]) -> bool {
        match self {
            Self::Object(object) => object.members.iter().any(|member| match member {
                Member::Named(name, _) => name.plain.starts_with(marks),
                Member::Splice(tree) => tree.has_marked(marks),
                Member::Spread(_) | Member::Flat(..) => false,
            }),
            Self::Choice(choice) => choice.branches().any(|tree| tree.has_marked(marks)),
            _ => false,
        }
    }
}
