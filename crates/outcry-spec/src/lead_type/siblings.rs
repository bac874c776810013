//! Holds the fields of one list against each other: conditions, names, circles.

use super::field::Around;
use super::json::Node;
use super::object::{Object, Problems, Shape, one_of};
use outcry_core::field::{AppliesIf, Field};
use outcry_core::validate::check_value;

pub(super) fn applies_if(
    field: &Field,
    object: &Object<'_>,
    read: &[(Field, Object<'_>)],
    prefix: &str,
    around: &mut Around<'_>,
) -> Option<AppliesIf> {
    const SHAPE: Shape = Shape {
        required: &["field"],
        optional: &["equals", "in"],
        open: false,
    };
    let path = format!("{prefix}{}", field.name);
    let condition = Object::read(object.get("applies_if")?, &path, &SHAPE, &mut around.problems)?;
    let name = condition.text("field", &path, &mut around.problems)?;
    let Some((other, _)) = read.iter().find(|(other, _)| &*other.name == name) else {
        let hint = one_of(read.iter().map(|(other, _)| &*other.name), name);
        around.problems.add(
            condition.line_of("field"),
            &path,
            format!("`applies_if` asks for `{name}`, which is not a field of this list"),
            hint,
        );
        return None;
    };
    let wanted: Vec<&Node> = match (condition.get("equals"), condition.list("in", &path, &mut around.problems)) {
        (Some(one), None) => vec![one],
        (None, Some(several)) if !several.is_empty() => several.iter().collect(),
        _ => {
            around
                .problems
                .add(condition.line, &path, "`applies_if` needs either `equals` or a list `in`", "");
            return None;
        }
    };
    let mut any_of = Vec::with_capacity(wanted.len());
    for node in wanted {
        match check_value(other, &node.raw(), around.now) {
            Ok(value) => any_of.push(value),
            Err(errors) => {
                for error in errors {
                    around.problems.add(
                        node.line,
                        &path,
                        format!("`{name}` can never have this value"),
                        format!("expected {}", error.expected),
                    );
                }
            }
        }
    }
    Some(AppliesIf {
        field: name.into(),
        any_of,
    })
}

/// Field names differ, and no ping name is taken by another field.
pub(super) fn unique_names(read: &[(Field, Object<'_>)], prefix: &str, problems: &mut Problems) {
    for (at, (field, object)) in read.iter().enumerate() {
        let path = format!("{prefix}{}", field.name);
        if let Some((_, first)) = read[..at].iter().find(|(earlier, _)| earlier.name == field.name) {
            let hint = format!("the first stands in line {}", first.line_of("name"));
            problems.add(
                object.line_of("name"),
                &path,
                format!("two fields are called `{}`", field.name),
                hint,
            );
            continue;
        }
        // of a pair, the one whose output goes by another's name is told; of two such outputs, the later
        let output = field.ping_name();
        if *output == field.name {
            continue;
        }
        let taken = read.iter().enumerate().find(|(other_at, (other, _))| {
            let its_name = *other.name == **output;
            let its_output = *other_at < at && other.ping_name() == output;
            *other_at != at && (its_name || its_output)
        });
        if let Some((_, (other, _))) = taken {
            problems.add(
                object.line_of("ping"),
                &path,
                format!("its ping would go by `{output}`, which `{}` has taken", other.name),
                "choose another `as`",
            );
        }
    }
}

/// No field may depend on itself by way of others.
pub(super) fn no_circles(read: &[(Field, Object<'_>)], prefix: &str, problems: &mut Problems) {
    let next = |name: &str| {
        read.iter()
            .find(|(field, _)| &*field.name == name)
            .and_then(|(field, _)| field.applies_if.as_ref())
    };
    for (field, object) in read {
        let mut condition = field.applies_if.as_ref();
        for _ in 0..read.len() {
            match condition {
                Some(asked) if asked.field == field.name => {
                    let path = format!("{prefix}{}", field.name);
                    problems.add(
                        object.line_of("applies_if"),
                        &path,
                        "`applies_if` leads back to the field itself",
                        "",
                    );
                    break;
                }
                Some(asked) => condition = next(&asked.field),
                None => break,
            }
        }
    }
}
