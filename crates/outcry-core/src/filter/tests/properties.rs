//! What must be true of every filter and every lead, tried on made-up ones.

use super::*;
use crate::id::SourceName;
use crate::places::{Places, ZipPlace};
use jiff::civil::Date;
use proptest::prelude::*;

/// Ages, months, years and incomes, at and beside the bounds.
const NUMBERS: [i64; 14] = [
    0, 16, 24, 36, 720, 721, 1_960, 2_015, 2_028, 24_999, 25_000, 50_000, 99_999, 100_000,
];

fn number_in(bounds: &Bounds) -> impl Strategy<Value = i64> + use<> {
    let (min, max) = (bounds.min, bounds.max);
    let fits = move |number: &i64| {
        let number = Decimal::from(*number);
        min.is_none_or(|min| min.compare(number).is_le()) && max.is_none_or(|max| max.compare(number).is_ge())
    };
    proptest::sample::select(NUMBERS.into_iter().filter(fits).collect::<Vec<_>>())
}

fn literal_of(kind: &Kind, bounds: &Bounds) -> BoxedStrategy<Literal> {
    let texts =
        |texts: &[&str]| proptest::sample::select(texts.iter().map(|text| Literal::Text((*text).into())).collect::<Vec<_>>()).boxed();
    match kind {
        Kind::Bool => any::<bool>().prop_map(Literal::Bool).boxed(),
        Kind::Int => number_in(bounds).prop_map(|number| Literal::Number(number.into())).boxed(),
        Kind::Decimal => (0_i64..8)
            .prop_map(|n| Literal::Number(Decimal::parse(&format!("6.{n}")).unwrap()))
            .boxed(),
        Kind::Date => texts(&["1990-02-28", "2002-11-23", "2002-11-24", "2026-12-31"]),
        Kind::DateTime => texts(&["2026-11-23T14:59:30Z", "2026-11-23T09:00:00-05:00", "2026-11-01T00:00:00Z"]),
        Kind::State => texts(&["CA", "TX", "NY", "WY"]),
        Kind::Zip => texts(&["00501", "10001", "90210", "90211"]),
        Kind::Enum(words) => texts(&words.iter().map(|word| &**word).collect::<Vec<_>>()),
        _ => texts(&["Geico", "geico", "Gei", "State Farm"]),
    }
}

fn is_of(kind: &Kind, bounds: &Bounds) -> BoxedStrategy<Is> {
    let literal = literal_of(kind, bounds);
    let op = proptest::sample::select(vec![Op::Equal, Op::Unequal, Op::Less, Op::AtMost, Op::More, Op::AtLeast]);
    let equality = proptest::sample::select(vec![Op::Equal, Op::Unequal]);
    let is_list = matches!(kind, Kind::List(_));
    let is_ordered = matches!(kind, Kind::Int | Kind::Decimal | Kind::Date | Kind::DateTime | Kind::Zip);
    let there = prop_oneof![Just(Is::Present), Just(Is::Absent)].boxed();
    if is_list {
        return there;
    }
    let compared = if is_ordered { op.boxed() } else { equality.boxed() };
    let compared = (compared, literal.clone()).prop_map(|(op, literal)| Is::Compared(op, literal));
    let list = proptest::collection::vec(literal.clone(), 1..4).prop_map(each_once);
    let mut all = vec![there, compared.boxed()];
    if matches!(kind, Kind::Bool) {
        all.push(Just(Is::Yes).boxed());
    } else {
        all.push(list.clone().prop_map(Is::In).boxed());
        all.push(list.prop_map(Is::NotIn).boxed());
    }
    if is_ordered {
        all.push(
            (literal.clone(), literal)
                .prop_map(|(from, to)| {
                    if is_after(&from, &to) {
                        Is::Between(to, from)
                    } else {
                        Is::Between(from, to)
                    }
                })
                .boxed(),
        );
    }
    match kind {
        Kind::Zip => all.push(
            proptest::sample::select(vec!["9", "902", "00501"])
                .prop_map(|p| Is::StartsWith(p.into()))
                .boxed(),
        ),
        Kind::String => all.push(
            proptest::sample::select(vec!["g", "STATE", "geico"])
                .prop_map(|p| Is::StartsWith(p.into()))
                .boxed(),
        ),
        _ => {}
    }
    proptest::strategy::Union::new(all).boxed()
}

/// Repeats are a problem, and told elsewhere.
fn each_once(list: Vec<Literal>) -> Vec<Literal> {
    let mut said = std::collections::HashSet::new();
    list.into_iter()
        .filter(|literal| said.insert(literal.to_string().to_lowercase()))
        .collect()
}

fn is_after(from: &Literal, to: &Literal) -> bool {
    match (from, to) {
        (Literal::Number(from), Literal::Number(to)) => from.compare(*to).is_gt(),
        (Literal::Text(from), Literal::Text(to)) => from > to,
        _ => false,
    }
}

fn made(node: Node) -> Expr {
    Expr { node, at: 0 }
}

/// Places of the ZIP codes that leads of this test have, but for one.
pub(super) fn known() -> Known {
    let place = |zip, north, east, county| ZipPlace { zip, north, east, county };
    let zips = vec![
        place(501, 408_154, -730_451, Some(0)),
        place(10_001, 407_506, -739_972, Some(1)),
        place(90_210, 341_010, -1_184_148, Some(2)),
        place(90_211, 340_652, -1_183_830, None),
    ];
    let counties = ["Suffolk County, NY", "New York County, NY", "Los Angeles County, CA"];
    Known {
        places: Arc::new(Places::new(zips, counties.map(Arc::from).to_vec())),
        ..Known::default()
    }
}

/// Tests on what is no field: who sent the lead, clocks, time since a moment, places.
fn beyond_fields() -> BoxedStrategy<Expr> {
    let made_of = |subject: Subject, is: BoxedStrategy<Is>| is.prop_map(move |is| made(Node::Test(subject.clone(), is))).boxed();
    let int = |min: i64, max: i64| {
        let op = proptest::sample::select(vec![Op::Equal, Op::Unequal, Op::Less, Op::AtMost, Op::More, Op::AtLeast]);
        (op, min..=max)
            .prop_map(|(op, n)| Is::Compared(op, Literal::Number(n.into())))
            .boxed()
    };
    let one_of = |texts: &'static [&'static str]| {
        proptest::collection::vec(proptest::sample::select(texts.to_vec()), 1..3)
            .prop_map(|texts| Is::In(each_once(texts.into_iter().map(|text| Literal::Text(text.into())).collect())))
            .boxed()
    };
    let zone = || proptest::sample::select(vec!["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland"]);
    let clock = |reading, is: BoxedStrategy<Is>| {
        (zone(), is)
            .prop_map(move |(zone, is)| made(Node::Test(Subject::Clock(reading, zone.into()), is)))
            .boxed()
    };
    let radius = (0_i64..4_000, any::<bool>(), proptest::sample::select(vec!["90210", "10001"])).prop_map(|(n, miles, zip)| {
        let length = if miles { Length::Miles } else { Length::Kilometres };
        Is::Within(n.into(), length, zip.into())
    });
    proptest::strategy::Union::new(vec![
        made_of(Subject::Field("source".into()), one_of(&["north", "south"])),
        made_of(Subject::Field("sub2".into()), one_of(&["a", "b"])),
        clock(Reading::Hour, int(1, 22)),
        clock(Reading::Weekday, one_of(&["mon", "tue", "sun"])),
        clock(
            Reading::Date,
            is_of(&Kind::Date, &Bounds::default())
                .prop_filter("compared", |is| !matches!(is, Is::Present | Is::Absent))
                .boxed(),
        ),
        made_of(Subject::Since(Count::MinutesSince, "consent_at".into()), int(-5, 120)),
        made_of(Subject::Since(Count::HoursSince, "consent_at".into()), int(-5, 600)),
        made_of(Subject::Since(Count::DaysSince, "consent_at".into()), int(-5, 40)),
        made_of(Subject::Since(Count::DaysUntil, "policy_ends".into()), int(-40, 40)),
        made_of(Subject::Field("zip".into()), radius.boxed()),
        made_of(
            Subject::County("zip".into()),
            one_of(&["Suffolk County, NY", "los angeles county, ca"]),
        ),
        made_of(
            Subject::County("zip".into()),
            Just(Is::NotIn(vec![Literal::Text("New York County, NY".into())])).boxed(),
        ),
    ])
    .boxed()
}

fn number_test() -> impl Strategy<Value = Is> {
    let is = is_of(&Kind::Int, &Bounds::default());
    is.prop_filter("computed values are compared", |is| !matches!(is, Is::Present | Is::Absent))
}

/// A test on one value of a field set: a field, its ping output, or something computed.
fn test_of(set: &Arc<FieldSet>) -> BoxedStrategy<Expr> {
    let mut all: Vec<BoxedStrategy<Expr>> = Vec::new();
    for field in set.fields.iter().filter(|field| field.privacy != Privacy::DirectIdentifier) {
        let name = field.name.clone();
        let tested = move |subject: Subject, is: BoxedStrategy<Is>| is.prop_map(move |is| made(Node::Test(subject.clone(), is))).boxed();
        all.push(tested(Subject::Field(name.clone()), is_of(&field.kind, &field.bounds)));
        let computed = number_test().boxed();
        match &field.kind {
            Kind::Date => all.push(tested(Subject::Age(name.clone()), computed)),
            Kind::List(_) => {
                let counts = (
                    proptest::sample::select(vec![Op::Equal, Op::Unequal, Op::Less, Op::AtLeast]),
                    0_i64..3,
                );
                let counts = counts.prop_map(|(op, count)| Is::Compared(op, Literal::Number(count.into())));
                all.push(tested(Subject::Count(name.clone()), counts.boxed()));
            }
            Kind::Zip => all.push(
                proptest::collection::vec(proptest::sample::select(vec!["902", "100", "005"]), 1..3)
                    .prop_map(move |zips| {
                        let list = zips.into_iter().map(|zip| Literal::Text(zip.into())).collect();
                        made(Node::Test(Subject::Zip3(name.clone()), Is::In(each_once(list))))
                    })
                    .boxed(),
            ),
            _ => {}
        }
        if let PingRule::Transform { transform, name, .. } = &field.ping {
            let kind = match transform.labels() {
                Some(labels) => Kind::Enum(labels.into_iter().map(Arc::from).collect()),
                None => Kind::Bool,
            };
            let mut is = is_of(&kind, &Bounds::default());
            if *name == field.name {
                is = is
                    .prop_filter("a text tells the bracket from the amount", |is| is.first_text().is_some())
                    .boxed();
            }
            all.push(tested(Subject::Field(name.clone()), is));
        }
    }
    proptest::strategy::Union::new(all).boxed()
}

fn expr_of(set: &Arc<FieldSet>, depth: u32) -> BoxedStrategy<Expr> {
    let mut leaves = vec![test_of(set)];
    if set.position("consent_at").is_some() {
        leaves.push(beyond_fields());
    }
    for field in &set.fields {
        if let Kind::List(rows) = &field.kind
            && depth > 0
        {
            let name = field.name.clone();
            let rows = (any::<bool>(), expr_of(rows, depth - 1)).prop_map(move |(some, each)| {
                made(if some {
                    Node::AnyRow(name.clone(), Box::new(each))
                } else {
                    Node::AllRows(name.clone(), Box::new(each))
                })
            });
            leaves.push(rows.boxed());
        }
    }
    proptest::strategy::Union::new(leaves)
        .prop_recursive(depth + 1, 12, 3, |inner| {
            let parts = proptest::collection::vec(inner.clone(), 2..4);
            prop_oneof![
                parts.clone().prop_map(|parts| made(Node::And(parts))),
                parts.prop_map(|parts| made(Node::Or(parts))),
                inner.prop_map(|inner| made(Node::Not(Box::new(inner)))),
            ]
        })
        .boxed()
}

fn value_of(field: &Field) -> BoxedStrategy<Value> {
    let texts = |texts: &[&'static str]| {
        proptest::sample::select(texts.to_vec())
            .prop_map(|text| Value::Text(text.into()))
            .boxed()
    };
    match &field.kind {
        Kind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Kind::Int => number_in(&field.bounds).prop_map(Value::Int).boxed(),
        Kind::Decimal => (0_i64..80)
            .prop_map(|n| Value::Decimal(Decimal::parse(&format!("6.{n:02}")).unwrap()))
            .boxed(),
        Kind::Date => proptest::sample::select(vec![
            "1940-01-01",
            "1990-02-28",
            "2002-11-23",
            "2002-11-24",
            "2010-06-01",
            "2025-11-23",
            "2026-11-22",
            "2026-11-23",
            "2026-12-09",
            "2026-12-31",
        ])
        .prop_map(|date| Value::Date(date.parse::<Date>().unwrap()))
        .boxed(),
        Kind::DateTime => proptest::sample::select(vec!["2026-11-23T14:59:30Z", "2026-11-23T14:00:00Z", "2026-11-01T00:00:00Z"])
            .prop_map(|stamp| Value::Stamp(Stamp::parse(stamp).unwrap()))
            .boxed(),
        Kind::State => texts(&["CA", "TX", "NY", "FL"]),
        Kind::Zip => texts(&["00501", "10001", "90210", "90212"]),
        Kind::Enum(words) => proptest::sample::select(words.clone())
            .prop_map(|word| Value::Text((*word).into()))
            .boxed(),
        Kind::List(set) => proptest::collection::vec(row_of(set), 0..3).prop_map(Value::List).boxed(),
        _ => texts(&["GEICO", "Gei", "state farm", "Lemonade"]),
    }
}

/// Rows with gaps, and with outputs given in place of what is missing.
fn row_of(set: &Arc<FieldSet>) -> BoxedStrategy<Row> {
    let slots: Vec<_> = set
        .fields
        .iter()
        .map(|field| {
            let given = match &field.ping {
                PingRule::Transform { transform, .. } => match transform.labels() {
                    Some(labels) => proptest::sample::select(labels)
                        .prop_map(|label| Some(Value::Text(label.into())))
                        .boxed(),
                    None => any::<bool>().prop_map(|yes| Some(Value::Bool(yes))).boxed(),
                },
                PingRule::Allow { .. } | PingRule::Deny { .. } => Just(None).boxed(),
            };
            (
                proptest::option::weighted(0.8, value_of(field)),
                proptest::option::of(given).prop_map(Option::flatten),
            )
        })
        .collect();
    let set = set.clone();
    slots
        .prop_map(move |slots| {
            let mut row = Row::empty(&set);
            for (at, (value, given)) in slots.into_iter().enumerate() {
                if let (None, Some(given)) = (&value, given) {
                    row.give(at, given);
                }
                row.set(at, value.map(|value| Slot::for_privacy(set.fields[at].privacy, value)));
            }
            row
        })
        .boxed()
}

fn lead_and_expr() -> impl Strategy<Value = (Lead, Expr)> {
    let lead_type = auto();
    let expr = expr_of(&lead_type.fields, 2);
    (lead_of(lead_type), expr)
}

fn lead_of(lead_type: Arc<LeadType>) -> impl Strategy<Value = Lead> {
    let name = |names: &[&'static str]| proptest::sample::select(names.to_vec());
    let sub_id = proptest::option::of(name(&["a", "B", "c"]));
    (row_of(&lead_type.fields), name(&["", "north", "south"]), sub_id).prop_map(move |(row, source, sub_id)| {
        let origin = Origin {
            source: SourceName::new(source),
            sub_ids: [None, sub_id.map(Arc::from), None, None, None],
            ..Origin::default()
        };
        Lead {
            lead_type: lead_type.clone(),
            row,
            origin,
        }
    })
}

/// Filters that compile, and leads.
fn market() -> impl Strategy<Value = (Vec<Lead>, Vec<Expr>)> {
    let lead_type = auto();
    let exprs = proptest::collection::vec(expr_of(&lead_type.fields, 2), 1..40);
    (proptest::collection::vec(lead_of(lead_type), 1..6), exprs)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_compiled_filter_and_the_reference_agree((lead, expr) in lead_and_expr()) {
        let holds = reference::admits_with(&expr, &lead, now(), &known());
        match Filter::compile_with(&expr, &lead.lead_type, &known()) {
            Ok(filter) => {
                let answer = filter.admits(&lead, now());
                prop_assert_eq!(answer.is_ok(), holds, "{}", expr);
                if let (Some(states), Ok(())) = (filter.required_states(), &answer) {
                    prop_assert!(lead.state().is_some_and(|state| states.contains(state)), "{}", expr);
                }
                if let Err(refusal) = answer {
                    prop_assert!(refusal.found.len() <= 160 && !refusal.found.is_empty());
                    prop_assert!(expr.to_string().contains(&*refusal.part), "{} is no part of {}", refusal.part, expr);
                    let part = parse(&refusal.part).unwrap();
                    prop_assert!(!reference::admits_with(&part, &lead, now(), &known()), "{} does not refuse", part);
                }
            }
            Err(problems) => for problem in problems {
                match problem.trouble {
                    // leads of this test keep to the bounds, so what is called impossible must not happen
                    Trouble::Never | Trouble::NeverTogether { .. } if expr.to_string() == *problem.part => prop_assert!(!holds, "{}", expr),
                    Trouble::Always if expr.to_string() == *problem.part => prop_assert!(holds, "{}", expr),
                    Trouble::Never | Trouble::NeverTogether { .. } | Trouble::Always | Trouble::Twice | Trouble::Repeated { .. } => {}
                    other => prop_assert!(false, "{other} in {expr}"),
                }
            },
        }
    }

    #[test]
    fn what_is_printed_parses_back_to_the_same_tree((_, expr) in lead_and_expr()) {
        let text = expr.to_string();
        let parsed = parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(&parsed, &expr);
        prop_assert_eq!(parsed.to_string(), text);
    }

    #[test]
    fn any_text_in_quotes_comes_back(text in "[^\\p{Cc}]{0,12}", number in any::<i32>(), scale in 0_u32..5) {
        let number = Decimal::parse(&format!("{}.{:0width$}", number, 10_u32.pow(scale), width = scale as usize + 1)).unwrap();
        let list = Is::In(vec![Literal::Text(text.into()), Literal::Number(number), Literal::Bool(true)]);
        let expr = made(Node::Test(Subject::Field("a".into()), list));
        prop_assert_eq!(parse(&expr.to_string()).unwrap(), expr);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[a-z0-9 ()\\[\\],\"=<>!\\\\.\\-é\\n]{0,40}") {
        let _ = parse(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn many_filters_asked_at_once_answer_as_each_does_alone((leads, exprs) in market()) {
        let filters: Vec<Filter> = exprs.iter().filter_map(|expr| Filter::compile_with(expr, &leads[0].lead_type, &known()).ok()).collect();
        let refs: Vec<&Filter> = filters.iter().collect();
        let index = Index::new(&refs);
        for lead in &leads {
            let mut open = Bits::all(filters.len());
            index.sift(|at| refs[at], lead, now(), &mut open);
            for (at, filter) in filters.iter().enumerate() {
                prop_assert_eq!(open.has(at), filter.admits(lead, now()).is_ok(), "{:?}", filter);
            }
        }
    }
}
