//! Reads what bounds the value of a field.

use super::json::Json;
use super::object::{Object, Problems, Shape};
use outcry_core::field::{Bounds, Kind};
use outcry_core::value::Decimal;

pub(super) fn bounds(object: &Object<'_>, kind: &Kind, path: &str, problems: &mut Problems) -> Bounds {
    const SHAPE: Shape = Shape {
        required: &[],
        optional: &[
            "pattern",
            "min",
            "max",
            "min_length",
            "max_length",
            "min_items",
            "max_items",
            "min_age",
            "max_age",
            "default",
            "format",
        ],
        open: false,
    };
    let Some(limits) = object
        .get("constraints")
        .and_then(|node| Object::read(node, path, &SHAPE, problems))
    else {
        return Bounds::default();
    };
    for key in limits.names() {
        let fits: &[&str] = match key {
            "pattern" | "min_length" | "max_length" => &["string", "email", "zip", "url"],
            "min" | "max" => &["int", "decimal"],
            "min_items" | "max_items" => &["list"],
            "min_age" | "max_age" => &["date"],
            _ => continue,
        };
        if !fits.contains(&kind.word()) {
            let message = format!("`{key}` does not bound a field of type {}", kind.word());
            problems.add(limits.line_of(key), path, message, format!("it bounds {}", fits.join(", ")));
        }
    }
    limits.text("format", path, problems);
    let size = |key, problems: &mut Problems| limits.int(key, 0, path, problems).and_then(|n| usize::try_from(n).ok());
    let mut bounds = Bounds {
        pattern: None,
        min: number(&limits, "min", path, problems),
        max: number(&limits, "max", path, problems),
        min_length: size("min_length", problems),
        max_length: size("max_length", problems),
        min_items: size("min_items", problems),
        max_items: size("max_items", problems),
        min_age: limits.int("min_age", 0, path, problems),
        max_age: limits.int("max_age", 0, path, problems),
        default: None,
    };
    pattern(&mut bounds, &limits, path, problems);
    least_above_most(&bounds, &limits, path, problems);
    bounds
}

fn least_above_most(bounds: &Bounds, limits: &Object<'_>, path: &str, problems: &mut Problems) {
    let crossed = [
        ("min", bounds.min.zip(bounds.max).is_some_and(|(min, max)| min.compare(max).is_gt())),
        (
            "min_length",
            bounds.min_length.zip(bounds.max_length).is_some_and(|(min, max)| min > max),
        ),
        (
            "min_items",
            bounds.min_items.zip(bounds.max_items).is_some_and(|(min, max)| min > max),
        ),
        ("min_age", bounds.min_age.zip(bounds.max_age).is_some_and(|(min, max)| min > max)),
    ];
    for (key, _) in crossed.iter().filter(|(_, crossed)| *crossed) {
        problems.add(
            limits.line_of(key),
            path,
            format!("`{key}` is above its `max`: no value can fit"),
            "",
        );
    }
}

fn pattern(bounds: &mut Bounds, limits: &Object<'_>, path: &str, problems: &mut Problems) {
    let Some(text) = limits.text("pattern", path, problems) else {
        return;
    };
    match Bounds::compile(text) {
        Ok(pattern) => bounds.pattern = Some(pattern),
        Err(fault) => {
            let told = fault.to_string();
            let why = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
            let hint = "look-around and back-references are not supported";
            problems.add(limits.line_of("pattern"), path, format!("`pattern` does not compile: {why}"), hint);
        }
    }
}

fn number(limits: &Object<'_>, key: &str, path: &str, problems: &mut Problems) -> Option<Decimal> {
    let node = limits.get(key)?;
    let number = match &node.json {
        Json::Number(text) => Decimal::parse(text),
        _ => None,
    };
    if number.is_none() {
        problems.add(node.line, path, format!("`{key}` must be a number with at most 9 decimals"), "");
    }
    number
}
