//! The filter language once more, slowly: names looked up each time, lists walked, nothing compiled. What the
//! compiled filter answers is held against this.

use super::expr::{Count, Expr, Is, Literal, Node, Op, Reading, Subject};
use super::known::{Known, Length};
use crate::field::{Kind, PingRule};
use crate::lead::{Lead, Row};
use crate::lead_type::FieldSet;
use crate::moment::{Moment, Stamp};
use crate::ping_view::PingValue;
use crate::value::{Decimal, Value};
use jiff::civil::Date;
use std::cmp::Ordering;

pub(super) fn admits(expr: &Expr, lead: &Lead, now: Moment) -> bool {
    admits_with(expr, lead, now, &Known::default())
}

pub(super) fn admits_with(expr: &Expr, lead: &Lead, now: Moment, known: &Known) -> bool {
    holds(expr, &lead.lead_type.fields, &lead.row, &World { now, lead, known })
}

struct World<'a> {
    now: Moment,
    lead: &'a Lead,
    known: &'a Known,
}

fn holds(expr: &Expr, set: &FieldSet, row: &Row, now: &World<'_>) -> bool {
    match &expr.node {
        Node::And(parts) => parts.iter().all(|part| holds(part, set, row, now)),
        Node::Or(parts) => parts.iter().any(|part| holds(part, set, row, now)),
        Node::Not(part) => !holds(part, set, row, now),
        Node::AnyRow(list, each) => rows(list, set, row).is_some_and(|(set, rows)| rows.iter().any(|row| holds(each, set, row, now))),
        Node::AllRows(list, each) => rows(list, set, row).is_some_and(|(set, rows)| rows.iter().all(|row| holds(each, set, row, now))),
        Node::Test(subject, is) => {
            let value = look_up(subject, is, set, row, now);
            match (is, value) {
                (Is::Absent, value) => value.is_none(),
                (_, None) => false,
                (Is::Within(number, length, zip), Some(value)) => is_near(&value, *number, *length, zip, now.known),
                (is, Some(value)) => meets(&value, is),
            }
        }
    }
}

fn rows<'r>(list: &str, set: &'r FieldSet, row: &'r Row) -> Option<(&'r FieldSet, &'r [Row])> {
    let at = set.position(list)?;
    match (&set.fields[at].kind, row.open(at)?) {
        (Kind::List(set), Value::List(rows)) => Some((set, rows)),
        _ => None,
    }
}

fn look_up(subject: &Subject, is: &Is, set: &FieldSet, row: &Row, world: &World<'_>) -> Option<Value> {
    let own = |name| row.open(set.position(name)?).cloned();
    let now = world.now;
    match subject {
        Subject::Field(name) => {
            let Some(at) = set.position(name).or_else(|| set.ping_position(name)) else {
                return sender(name, world.lead);
            };
            match &set.fields[at].ping {
                PingRule::Transform {
                    transform, name: output, ..
                } if output == name => {
                    let a_text_for_a_number = set.fields[at].kind.word() == "int" && is.first_text().is_some();
                    if *set.fields[at].name == **name && !a_text_for_a_number {
                        return own(name);
                    }
                    match (row.open(at), row.given(at)) {
                        (None, Some(given)) => Some(given.clone()),
                        (value, _) => Some(plain(transform.apply(value, now)?)),
                    }
                }
                _ => own(name),
            }
        }
        Subject::Age(name) => match own(name)? {
            Value::Date(born) => {
                let today = now.date_utc();
                // a birthday at a time: slow, and plainly what a birthday is
                let passed = (born.year()..=today.year()).filter(|year| {
                    let birthday = Date::new(*year, born.month(), born.day()).unwrap_or_else(|_| Date::constant(*year, 3, 1));
                    *year > born.year() && birthday <= today
                });
                Some(Value::Int(i64::try_from(passed.count()).unwrap() - i64::from(born > today)))
            }
            _ => None,
        },
        Subject::County(name) => match own(name)? {
            Value::Text(zip) => {
                let zips = world.known.places.zips();
                let place = zips.iter().find(|place| format!("{:05}", place.zip) == *zip)?;
                Some(Value::Text((*world.known.places.counties()[usize::from(place.county?)]).into()))
            }
            _ => None,
        },
        Subject::Since(count, name) => since(*count, &own(name)?, now),
        Subject::Clock(reading, zone) => {
            let shown = now.timestamp().to_zoned(jiff::tz::TimeZone::get(zone).unwrap());
            Some(match reading {
                Reading::Hour => Value::Int(shown.hour().into()),
                Reading::Weekday => Value::Text(shown.strftime("%a").to_string().to_lowercase().into()),
                Reading::Date => Value::Date(shown.date()),
            })
        }
        Subject::Zip3(name) => match own(name)? {
            Value::Text(zip) => Some(Value::Text(zip[..3].into())),
            _ => None,
        },
        Subject::Count(name) => match own(name)? {
            Value::List(rows) => Some(Value::Int(i64::try_from(rows.len()).unwrap())),
            _ => None,
        },
    }
}

fn sender(name: &str, lead: &Lead) -> Option<Value> {
    let origin = &lead.origin;
    let text = match name {
        "source" => origin.source.as_str(),
        "supplier" => origin.supplier.as_str(),
        sub => origin.sub_ids[sub.trim_start_matches("sub").parse::<usize>().unwrap() - 1].as_deref()?,
    };
    (!text.is_empty()).then(|| Value::Text(text.into()))
}

fn since(count: Count, value: &Value, now: Moment) -> Option<Value> {
    let day = match value {
        Value::Date(date) => *date,
        Value::Stamp(stamp) => stamp.at.date_utc(),
        _ => return None,
    };
    let days = i64::from(now.date_utc().since(day).unwrap().get_days());
    let minutes = match value {
        Value::Stamp(stamp) => (now.unix_ms() - stamp.at.unix_ms()).div_euclid(60_000),
        _ => 0,
    };
    Some(Value::Int(match count {
        Count::DaysSince => days,
        Count::DaysUntil => -days,
        Count::HoursSince => minutes.div_euclid(60),
        Count::MinutesSince => minutes,
    }))
}

fn is_near(value: &Value, number: Decimal, length: Length, zip: &str, known: &Known) -> bool {
    let zips = known.places.zips();
    let place = |zip: &str| zips.iter().find(|place| format!("{:05}", place.zip) == *zip);
    match value {
        Value::Text(own) => match (place(own), place(zip)) {
            (Some(own), Some(middle)) => own.distance(middle) <= length.metres(number),
            _ => false,
        },
        _ => false,
    }
}

fn plain(output: PingValue) -> Value {
    match output {
        PingValue::Bool(yes) => Value::Bool(yes),
        PingValue::Int(number) => Value::Int(number),
        PingValue::Decimal(number) => Value::Decimal(number),
        PingValue::Text(text) => Value::Text((*text).into()),
        PingValue::Date(date) => Value::Date(date),
        PingValue::Stamp(stamp) => Value::Stamp(stamp),
        PingValue::List(_) => unreachable!("no transform makes a list"),
    }
}

fn meets(value: &Value, is: &Is) -> bool {
    match is {
        Is::Yes => *value == Value::Bool(true),
        Is::Present => true,
        Is::Absent => false,
        Is::Compared(op, literal) => {
            let order = compare(value, literal);
            match op {
                Op::Equal => order == Ordering::Equal,
                Op::Unequal => order != Ordering::Equal,
                Op::Less => order == Ordering::Less,
                Op::AtMost => order != Ordering::Greater,
                Op::More => order == Ordering::Greater,
                Op::AtLeast => order != Ordering::Less,
            }
        }
        Is::In(list) => list.iter().any(|literal| compare(value, literal) == Ordering::Equal),
        Is::NotIn(list) => list.iter().all(|literal| compare(value, literal) != Ordering::Equal),
        Is::Between(from, to) => compare(value, from) != Ordering::Less && compare(value, to) != Ordering::Greater,
        Is::StartsWith(prefix) => match value {
            Value::Text(text) => text.to_ascii_lowercase().starts_with(&prefix.to_ascii_lowercase()),
            _ => false,
        },
        Is::Within(..) => unreachable!("asked where places are known"),
    }
}

fn compare(value: &Value, literal: &Literal) -> Ordering {
    match (value, literal) {
        (Value::Bool(value), Literal::Bool(literal)) => value.cmp(literal),
        (Value::Int(value), Literal::Number(literal)) => Decimal::from(*value).compare(*literal),
        (Value::Decimal(value), Literal::Number(literal)) => value.compare(*literal),
        (Value::Text(value), Literal::Text(literal)) => value.to_ascii_lowercase().as_str().cmp(&literal.to_ascii_lowercase()),
        (Value::Date(value), Literal::Text(literal)) => value.cmp(&literal.parse().unwrap()),
        (Value::Stamp(value), Literal::Text(literal)) => value.at.cmp(&Stamp::parse(literal).unwrap().at),
        _ => panic!("a filter that compiled compares like with like"),
    }
}
