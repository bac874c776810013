//! Reads what may leave of a field in a ping.

use super::json::{Json, Node};
use super::object::{Object, Problems, Shape, is_snake_case, one_of, word};
use outcry_core::field::{Kind, PingRule, Transform};
use outcry_core::transform::{AGE_BOUNDS, DAYS_AGO_BOUNDS, DAYS_UNTIL_BOUNDS};
use outcry_core::validate::is_state;
use std::sync::Arc;

pub(super) fn ping_rule(object: &Object<'_>, kind: &Kind, path: &str, problems: &mut Problems) -> Option<PingRule> {
    const SHAPE: Shape = Shape {
        required: &["mode"],
        optional: &["hard", "deny_in_states", "transform", "as", "params"],
        open: false,
    };
    const MODES: [(&str, Mode); 3] = [("allow", Mode::Allow), ("transform", Mode::Transform), ("deny", Mode::Deny)];
    let rule = Object::read(object.get("ping")?, path, &SHAPE, problems)?;
    let mode = word(&rule, "mode", path, &MODES, problems)?;
    for (key, fits) in [
        ("hard", mode == Mode::Deny),
        ("deny_in_states", mode != Mode::Deny),
        ("transform", mode == Mode::Transform),
        ("as", mode == Mode::Transform),
        ("params", mode == Mode::Transform),
    ] {
        if let (Some(node), false) = (rule.get(key), fits) {
            problems.add(
                node.line,
                path,
                format!("`{key}` has no meaning with this `mode`"),
                "take it out, or change the mode",
            );
        }
    }
    let except_states: Vec<Arc<str>> = states(&rule, "deny_in_states", path, problems);
    Some(match mode {
        Mode::Allow => PingRule::Allow { except_states },
        Mode::Transform => {
            let transform = transform(&rule, kind, path, problems);
            let name = rule.text("as", path, problems);
            if rule.get("as").is_none() {
                problems.add(rule.line, path, "a transform needs `as`", "the name its output goes by in the ping");
            }
            if let Some(name) = name.filter(|name| !is_snake_case(name)) {
                problems.add(rule.line_of("as"), path, format!("the name `{name}` is not snake_case"), "");
            }
            PingRule::Transform {
                transform: transform?,
                name: name?.into(),
                except_states,
            }
        }
        Mode::Deny => PingRule::Deny {
            hard: rule.bool("hard", path, problems).unwrap_or(false),
        },
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Allow,
    Transform,
    Deny,
}

/// A list of state codes.
pub(super) fn states(object: &Object<'_>, key: &str, path: &str, problems: &mut Problems) -> Vec<Arc<str>> {
    let codes = object.texts(key, path, problems);
    for (line, code) in &codes {
        if !is_state(code) {
            problems.add(*line, path, format!("`{code}` is not a state"), "two capital letters");
        }
    }
    codes.into_iter().map(|(_, code)| code.into()).collect()
}

fn transform(rule: &Object<'_>, kind: &Kind, path: &str, problems: &mut Problems) -> Option<Transform> {
    let Some(name) = rule.text("transform", path, problems) else {
        if rule.get("transform").is_none() {
            problems.add(rule.line, path, "mode `transform` needs `transform`", "which one");
        }
        return None;
    };
    let Some((_, fits, key)) = TRANSFORMS.iter().find(|(known, _, _)| *known == name) else {
        let hint = one_of(TRANSFORMS.iter().map(|(known, _, _)| *known), name);
        problems.add(rule.line_of("transform"), path, format!("there is no transform `{name}`"), hint);
        return None;
    };
    if !fits.is_empty() && !fits.contains(&kind.word()) {
        let hint = format!("it reads {}", fits.join(" or "));
        problems.add(
            rule.line_of("transform"),
            path,
            format!("`{name}` cannot read a field of type {}", kind.word()),
            hint,
        );
        return None;
    }
    let params = Params::read(rule, *key, name, path, problems)?;
    Some(match name {
        "age_bracket" => Transform::AgeBracket(params.bounds.unwrap_or_else(|| AGE_BOUNDS.to_vec())),
        "age_at_least" => Transform::AgeAtLeast(params.number?),
        "year" => Transform::Year,
        "days_ago_bracket" => Transform::DaysAgoBracket(params.bounds.unwrap_or_else(|| DAYS_AGO_BOUNDS.to_vec())),
        "days_until_bracket" => Transform::DaysUntilBracket(params.bounds.unwrap_or_else(|| DAYS_UNTIL_BOUNDS.to_vec())),
        "elapsed_bracket" => Transform::ElapsedBracket,
        "zip3" => Transform::Zip3,
        "round_to" => Transform::RoundTo(params.number?),
        "amount_bracket" => Transform::AmountBracket(params.bounds?),
        "url_host" => Transform::UrlHost,
        "present" => Transform::Present,
        "text_id" => Transform::TextId,
        "device_class" => Transform::DeviceClass,
        "ip_prefix" => Transform::IpPrefix,
        _ => Transform::Count,
    })
}

/// Which parameter a transform takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Bounds,
    BoundsAlways,
    Number(&'static str),
}

/// Name, the types it reads (none named: any), what it takes.
const TRANSFORMS: [(&str, &[&str], Takes); 15] = [
    ("age_bracket", &["date"], Takes::Bounds),
    ("age_at_least", &["date"], Takes::Number("years")),
    ("year", &["date", "datetime"], Takes::Nothing),
    ("days_ago_bracket", &["date", "datetime"], Takes::Bounds),
    ("days_until_bracket", &["date", "datetime"], Takes::Bounds),
    ("elapsed_bracket", &["datetime"], Takes::Nothing),
    ("zip3", &["zip"], Takes::Nothing),
    ("round_to", &["int", "decimal"], Takes::Number("step")),
    ("amount_bracket", &["int", "decimal"], Takes::BoundsAlways),
    ("url_host", &["url"], Takes::Nothing),
    ("present", &[], Takes::Nothing),
    ("text_id", &["string", "url"], Takes::Nothing),
    ("device_class", &["string"], Takes::Nothing),
    ("ip_prefix", &["ip"], Takes::Nothing),
    ("count", &["list"], Takes::Nothing),
];

/// What stands under `params`.
#[derive(Default)]
struct Params {
    bounds: Option<Vec<i64>>,
    number: Option<i64>,
}

impl Params {
    fn read(rule: &Object<'_>, takes: Takes, transform: &str, path: &str, problems: &mut Problems) -> Option<Self> {
        const NONE: Shape = Shape {
            required: &[],
            optional: &[],
            open: false,
        };
        const BOUNDS: Shape = Shape {
            required: &[],
            optional: &["lower_bounds"],
            open: false,
        };
        const BOUNDS_ALWAYS: Shape = Shape {
            required: &["lower_bounds"],
            optional: &[],
            open: false,
        };
        const YEARS: Shape = Shape {
            required: &["years"],
            optional: &[],
            open: false,
        };
        const STEP: Shape = Shape {
            required: &["step"],
            optional: &[],
            open: false,
        };
        let Some(node) = rule.get("params") else {
            let needed = match takes {
                Takes::Number(key) => key,
                Takes::BoundsAlways => "lower_bounds",
                Takes::Nothing | Takes::Bounds => return Some(Self::default()),
            };
            let hint = format!(r#""params": {{"{needed}": …}}"#);
            problems.add(rule.line, path, format!("`{transform}` needs the parameter `{needed}`"), hint);
            return None;
        };
        let shape = match takes {
            Takes::Nothing => &NONE,
            Takes::Bounds => &BOUNDS,
            Takes::BoundsAlways => &BOUNDS_ALWAYS,
            Takes::Number("years") => &YEARS,
            Takes::Number(_) => &STEP,
        };
        let params = Object::read(node, path, shape, problems)?;
        let number = match takes {
            Takes::Number(key) => Some(params.int(key, 1, path, problems)?),
            _ => None,
        };
        let bounds = match params.get("lower_bounds") {
            Some(bounds) => Some(lower_bounds(bounds, path, problems)?),
            None => None,
        };
        Some(Self { bounds, number })
    }
}

/// Whole numbers that rise.
fn lower_bounds(node: &Node, path: &str, problems: &mut Problems) -> Option<Vec<i64>> {
    let numbers: Option<Vec<i64>> = match &node.json {
        Json::List(items) => items
            .iter()
            .map(|item| match &item.json {
                Json::Number(text) => text.parse().ok(),
                _ => None,
            })
            .collect(),
        _ => None,
    };
    let rising = numbers.filter(|numbers| !numbers.is_empty() && numbers.is_sorted_by(|a, b| a < b));
    if rising.is_none() {
        problems.add(
            node.line,
            path,
            "`lower_bounds` must be whole numbers that rise",
            "for example [0, 15000, 25000]",
        );
    }
    rising
}
