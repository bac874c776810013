//! Decides a refusal once more from its own words: the part that said no against what it says the lead has.

use super::expr::{Expr, Is, Literal, Node, Op, Subject};
use super::parse::parse;
use crate::value::Decimal;
use std::cmp::Ordering;

/// Does it follow from `found` that `part` says no? `None` where the words do not say enough: of several values, of
/// lists that were shortened, of places.
pub fn proves(part: &str, found: &str) -> Option<bool> {
    let (expr, negated) = match parse(part).ok()? {
        Expr {
            node: Node::Not(inner), ..
        } => (*inner, true),
        other => (other, false),
    };
    let Node::Test(subject, is) = &expr.node else { return None };
    // Of these the value that is shown is the ZIP code, and not what was made of it.
    if matches!(subject, Subject::County(_) | Subject::Zip3(_)) {
        return None;
    }
    if found == "nothing" {
        return Some(matches!(is, Is::Absent) == negated);
    }
    meets(is, &value(found)?).map(|meets| meets == negated)
}

/// A value as a refusal writes it.
fn value(found: &str) -> Option<Literal> {
    match parse(&format!("a = {found}")).ok()?.node {
        Node::Test(_, Is::Compared(_, literal)) => Some(literal),
        _ => None,
    }
}

fn meets(is: &Is, value: &Literal) -> Option<bool> {
    let equal = |literal: &Literal| Some(compare(value, literal)? == Ordering::Equal);
    let any = |list: &[Literal]| list.iter().map(equal).try_fold(false, |any, one| Some(any || one?));
    match is {
        Is::Yes => Some(*value == Literal::Bool(true)),
        Is::Present => Some(true),
        Is::Absent => Some(false),
        Is::Compared(op, literal) => {
            let order = compare(value, literal)?;
            Some(match op {
                Op::Equal => order == Ordering::Equal,
                Op::Unequal => order != Ordering::Equal,
                Op::Less => order == Ordering::Less,
                Op::AtMost => order != Ordering::Greater,
                Op::More => order == Ordering::Greater,
                Op::AtLeast => order != Ordering::Less,
            })
        }
        Is::In(list) => any(list),
        Is::NotIn(list) => any(list).map(|any| !any),
        Is::Between(from, to) => Some(compare(value, from)? != Ordering::Less && compare(value, to)? != Ordering::Greater),
        Is::StartsWith(prefix) => match value {
            Literal::Text(text) if !text.ends_with('…') => Some(text.to_ascii_lowercase().starts_with(&prefix.to_ascii_lowercase())),
            _ => None,
        },
        Is::Within(..) => None,
    }
}

/// Texts without regard to case; moments, which may be written in several ways, are not compared.
fn compare(value: &Literal, literal: &Literal) -> Option<Ordering> {
    match (value, literal) {
        (Literal::Number(value), Literal::Number(literal)) => Some(Decimal::compare(*value, *literal)),
        (Literal::Bool(value), Literal::Bool(literal)) => Some(value.cmp(literal)),
        (Literal::Text(value), Literal::Text(literal)) if !value.ends_with('…') && !value.contains('T') => {
            Some(value.to_ascii_lowercase().cmp(&literal.to_ascii_lowercase()))
        }
        (Literal::Text(value), Literal::Text(literal)) if value.len() == 2 && literal.len() == 2 => Some(value.cmp(literal)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_decided_again_where_its_words_say_enough() {
        let table = [
            (r#"state in ["CA", "TX"]"#, r#""NY""#, Some(true)),
            (r#"state in ["CA", "TX"]"#, r#""TX""#, Some(false)),
            (r#"state != "CA""#, r#""CA""#, Some(true)),
            ("months_covered >= 12", "11", Some(true)),
            ("months_covered >= 12", "12", Some(false)),
            ("not currently_insured", "true", Some(true)),
            ("currently_insured", "nothing", Some(true)),
            ("absent(dob)", r#""1990-01-01""#, Some(true)),
            ("not absent(dob)", "nothing", Some(true)),
            (r#"policy_ends > "2026-12-31""#, r#""2026-12-01""#, Some(true)),
            (r#"carrier starts_with "geico""#, r#""Geico""#, Some(false)),
            (r#"zip in ["00000", "00002", … 39992 more]"#, r#""00001""#, None),
            (r#"zip within 5 mi of "90210""#, r#""10001""#, None),
            ("any(drivers, age(dob) > 60)", "age(dob) 34", None),
            (r#"zip3(zip) = "902""#, r#""10001""#, None),
            (r#"county(zip) != "Travis County, TX""#, r#""78701""#, None),
            (r#"state = "CA" or insured"#, r#"state "NY", insured false"#, None),
        ];
        for (part, found, expected) in table {
            assert_eq!(proves(part, found), expected, "{part} of {found}");
        }
    }
}
