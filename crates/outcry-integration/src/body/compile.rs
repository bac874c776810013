//! A body of the file into a tree.

use super::{Each, Member, Name, NameForm, Naming, Object, Tree};
use crate::file::{Entry, Kind, Node, Section};
use crate::template::{Compiler, Root};

/// Rows beyond this are not sent unless the file says more.
const ROWS_MAX: usize = 100;

/// Compiles a body, or a part of one.
pub(crate) fn tree(node: &Node, what: &str, names: NameForm, compiler: &mut Compiler<'_>) -> Option<Tree> {
    match &node.kind {
        Kind::Text(text) => compiler.template(text, node.line, what).map(Tree::Leaf),
        Kind::Int(number) => Some(Tree::Number(number.to_string().into())),
        Kind::Float(text) => number(text, node.line, what, compiler),
        Kind::Bool(yes) => Some(Tree::Bool(*yes)),
        Kind::Date(_) => {
            compiler.problems.add(
                node.line,
                what,
                "a bare date",
                "put it in quotes, or take it from the lead: \"{dob | date %m/%d/%Y}\"",
            );
            None
        }
        Kind::Array(items) => {
            let items = items
                .iter()
                .enumerate()
                .map(|(at, item)| tree(item, &format!("{what}[{at}]"), names, compiler));
            items.collect::<Vec<_>>().into_iter().collect::<Option<_>>().map(Tree::Array)
        }
        Kind::Table(entries) if entries.iter().any(|entry| entry.key == "each") => {
            let (each, naming) = each(node, what, names, compiler)?;
            if naming.is_some() {
                compiler.problems.add(
                    node.line,
                    what,
                    "`names` where one value belongs",
                    "rows with `names` must stand under a key of a table",
                );
                return None;
            }
            Some(Tree::Each(each))
        }
        Kind::Table(entries) => object(entries, what, names, compiler).map(Tree::Object),
    }
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

fn object(entries: &[Entry], what: &str, names: NameForm, compiler: &mut Compiler<'_>) -> Option<Object> {
    let members: Vec<_> = entries
        .iter()
        .map(|entry| member(entry, &format!("{what}.{}", entry.key), names, compiler))
        .collect();
    Some(Object {
        members: members.into_iter().collect::<Option<_>>()?,
    })
}

fn member(entry: &Entry, what: &str, names: NameForm, compiler: &mut Compiler<'_>) -> Option<Member> {
    if entry.key == "*" {
        return spread(entry, what, compiler);
    }
    if matches!(&entry.value.kind, Kind::Table(inner) if inner.iter().any(|one| one.key == "names") && inner.iter().any(|one| one.key == "each"))
    {
        let (each, naming) = each(&entry.value, what, names, compiler)?;
        return Some(Member::Flat(each, naming?));
    }
    let name = Name {
        plain: entry.key.as_str().into(),
        written: names(&entry.key),
    };
    Some(Member::Named(name, tree(&entry.value, what, names, compiler)?))
}

fn spread(entry: &Entry, what: &str, compiler: &mut Compiler<'_>) -> Option<Member> {
    match (entry.value.text(), compiler.rows.is_empty()) {
        (Some("{lead}"), _) => Some(Member::Spread(Root::Lead)),
        (Some("{row}"), false) => Some(Member::Spread(Root::Row)),
        _ => {
            compiler.problems.add(
                entry.line,
                what,
                "`*` stands for all fields",
                "write \"*\" = \"{lead}\", or \"{row}\" inside of `each`",
            );
            None
        }
    }
}

/// `{ each = "drivers", as = { … }, max = 4, names = "Driver{number}_{name}" }`
fn each(node: &Node, what: &str, names: NameForm, compiler: &mut Compiler<'_>) -> Option<(Each, Option<Naming>)> {
    let section = Section::open(node, what, &["each", "as", "max", "names"], compiler.problems)?;
    let list = section.text("each", compiler.problems)?;
    let known = compiler.used.fields.len();
    let template = compiler.template(&format!("{{{list}}}"), node.line, what)?;
    let [(row, _)] = &compiler.used.fields[known..] else {
        compiler.problems.add(
            node.line,
            section.place("each"),
            format!("\"{list}\" is not a list of the lead"),
            "write it like each = \"drivers\"",
        );
        return None;
    };
    compiler.rows.push(format!("{row}[]"));
    let item = section.need("as", "say what each row becomes: as = { … }", compiler.problems);
    let item = item.and_then(|item| tree(item, &section.place("as"), names, compiler));
    compiler.rows.pop();
    let rows_max = match section.get("max").map(|max| (max, &max.kind)) {
        None => ROWS_MAX,
        Some((_, Kind::Int(max))) if *max > 0 => usize::try_from(*max).unwrap_or(ROWS_MAX),
        Some((max, _)) => {
            compiler
                .problems
                .add(max.line, section.place("max"), "must be a whole number above zero", "");
            return None;
        }
    };
    let naming = match section.text("names", compiler.problems) {
        None => None,
        Some(text) => Some(naming(text, &section, item.as_ref(), compiler)?),
    };
    Some((
        Each {
            list: template,
            rows_max,
            item: Box::new(item?),
        },
        naming,
    ))
}

fn naming(text: &str, section: &Section<'_>, item: Option<&Tree>, compiler: &mut Compiler<'_>) -> Option<Naming> {
    let naming = Naming::parse(text);
    if naming.is_none() {
        let hint = "write it like names = \"Driver{number}_{name}\"; {number} counts from one, {index} from zero";
        compiler.problems.add(
            section.line,
            section.place("names"),
            format!("\"{text}\" is not a pattern of names"),
            hint,
        );
    }
    if !matches!(item, Some(Tree::Object(_)) | None) {
        compiler.problems.add(
            section.line,
            section.place("as"),
            "must be a table, because `names` names its members",
            "",
        );
        return None;
    }
    naming
}
