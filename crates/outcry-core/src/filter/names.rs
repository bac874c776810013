//! Names → places: which field a filter means by a name, and whether it may look there at all.

use super::around::{Dial, Direction, Mark, Unit, WEEKDAYS};
use super::axis::Axis;
use super::eval::{Output, Source};
use super::expr::{Count, Is, Reading, Subject};
use super::known::Known;
use super::problem::Trouble;
use super::spans::LINE;
use crate::field::{Field, Kind, PingRule, Privacy, Transform};
use crate::lead::SUB_IDS;
use crate::lead_type::{FieldSet, LeadType};
use crate::validate::closest;
use jiff::tz::TimeZone;
use std::sync::Arc;

/// Where names are looked up: the lead, or the rows of a list.
pub(super) struct Scope<'t> {
    lead_type: &'t LeadType,
    set: &'t FieldSet,
    pub(super) known: &'t Known,
    list: Option<Arc<str>>,
}

impl<'t> Scope<'t> {
    pub(super) fn of_lead(lead_type: &'t LeadType, known: &'t Known) -> Self {
        Self {
            lead_type,
            set: &lead_type.fields,
            known,
            list: None,
        }
    }

    /// A list and what its rows are called.
    pub(super) fn rows(&self, list: &Arc<str>) -> Result<(usize, Self), Trouble> {
        let (at, field) = self.field(list)?;
        let set = field.rows().ok_or(Trouble::Kind {
            subject: list.clone(),
            takes: "a list, and this is none",
        })?;
        Ok((
            at,
            Self {
                lead_type: self.lead_type,
                set,
                known: self.known,
                list: Some(list.clone()),
            },
        ))
    }

    /// Where a value comes from and what line it lies on.
    pub(super) fn value(&self, subject: &Subject, is: &Is) -> Result<(Source, Axis), Trouble> {
        match subject {
            Subject::Field(name) => self.named(name, is),
            Subject::Age(name) | Subject::Zip3(name) | Subject::Count(name) | Subject::County(name) | Subject::Since(_, name) => {
                self.computed(subject, name)
            }
            Subject::Clock(reading, zone) => clock(*reading, zone),
        }
    }

    /// Who sent the lead, under names that no field has.
    fn sender(&self, name: &str) -> Option<(Source, Axis)> {
        let named = |names: &[Arc<str>]| {
            if names.is_empty() {
                Axis::Texts
            } else {
                Axis::Words(names.to_vec())
            }
        };
        let (mark, axis) = match name {
            "source" => (Mark::Source, named(&self.known.sources)),
            "supplier" => (Mark::Supplier, named(&self.known.suppliers)),
            _ => {
                let number: usize = name.strip_prefix("sub")?.parse().ok()?;
                let at = number.checked_sub(1).filter(|at| *at < SUB_IDS)?;
                (Mark::SubId(at), Axis::Texts)
            }
        };
        Some((Source::Sender(mark), axis))
    }

    /// A field by its own name, and otherwise by the name of its ping output.
    fn named(&self, name: &Arc<str>, is: &Is) -> Result<(Source, Axis), Trouble> {
        if self.set.position(name).is_none()
            && let Some(at) = self.set.ping_position(name)
            && let PingRule::Transform { transform, .. } = &self.set.fields[at].ping
        {
            return Ok(output(at, self.allowed(at)?, transform));
        }
        if self.set.position(name).is_none()
            && let Some(sender) = self.sender(name)
        {
            return Ok(sender);
        }
        let (at, field) = self.field(name)?;
        if let Some(transform) = output_by_that_name(field, is) {
            return Ok(output(at, field, transform));
        }
        self.no_age_by_the_back_door(field, is)?;
        Ok((Source::Field(at), Axis::of_field(field)))
    }

    fn computed(&self, subject: &Subject, name: &Arc<str>) -> Result<(Source, Axis), Trouble> {
        let (at, field) = self.field(name)?;
        let takes = match (subject, &field.kind) {
            (Subject::Age(_), Kind::Date) => match self.prohibits("age") {
                Some(what) => return Err(Trouble::Prohibited { what }),
                None => return Ok((Source::Age(at), Axis::of_age(field))),
            },
            (Subject::Zip3(_), Kind::Zip) => return Ok((Source::Field(at), Axis::Zip3s)),
            (Subject::Count(_), Kind::List(_)) => return Ok((Source::Count(at), Axis::of_count(field))),
            (Subject::County(_), Kind::Zip) => return Ok((Source::Field(at), Axis::Counties)),
            (Subject::Since(count, _), Kind::DateTime) => return Ok((since(at, *count), Axis::Whole(LINE))),
            (Subject::Since(count @ (Count::DaysSince | Count::DaysUntil), _), Kind::Date) => {
                self.no_age_by_the_back_door(field, &Is::Yes)?;
                return Ok((since(at, *count), Axis::Whole(LINE)));
            }
            (Subject::Since(..), Kind::Date) => "a moment; a date has no time of day, so days are all that can be counted",
            (Subject::Since(..), _) => "a moment or a date",
            (Subject::Age(_), _) => "a date of birth",
            (Subject::Zip3(_) | Subject::County(_), _) => "a ZIP code",
            (Subject::Count(_) | Subject::Field(_) | Subject::Clock(..), _) => "a list",
        };
        Err(Trouble::Kind {
            subject: subject.to_string().into(),
            takes,
        })
    }

    fn field(&self, name: &Arc<str>) -> Result<(usize, &'t Field), Trouble> {
        match self.set.position(name) {
            Some(at) => Ok((at, self.allowed(at)?)),
            None => Err(self.unknown(name)),
        }
    }

    fn unknown(&self, name: &Arc<str>) -> Trouble {
        let fields = self.set.fields.iter().filter(|field| field.privacy != Privacy::DirectIdentifier);
        let names = fields.flat_map(|field| [&*field.name, &**field.ping_name()]);
        Trouble::UnknownField {
            name: name.clone(),
            list: self.list.clone(),
            near: closest(name, names).map(Arc::from),
        }
    }

    fn allowed(&self, at: usize) -> Result<&'t Field, Trouble> {
        let field = &self.set.fields[at];
        if field.privacy == Privacy::DirectIdentifier {
            return Err(Trouble::Personal { field: field.name.clone() });
        }
        match self.prohibits(&field.name).or_else(|| self.prohibits(field.ping_name())) {
            Some(what) => Err(Trouble::Prohibited { what }),
            None => Ok(field),
        }
    }

    fn prohibits(&self, name: &str) -> Option<Arc<str>> {
        self.lead_type
            .compliance
            .prohibited_use_fields
            .iter()
            .find(|what| ***what == *name)
            .cloned()
    }

    /// Where age is prohibited, so is comparing the date it is made from; asking whether the date is there is not,
    /// and neither is the threshold that the lead type itself puts into the ping.
    fn no_age_by_the_back_door(&self, field: &Field, is: &Is) -> Result<(), Trouble> {
        let makes_age = matches!(
            field.ping,
            PingRule::Transform {
                transform: Transform::AgeBracket(_) | Transform::AgeAtLeast(_),
                ..
            }
        );
        match self
            .prohibits("age")
            .filter(|_| makes_age && !matches!(is, Is::Present | Is::Absent))
        {
            Some(what) => Err(Trouble::Prohibited { what }),
            None => Ok(()),
        }
    }
}

/// A ping output may go by the name of its own field: `annual_income` is an amount, and a bracket in the ping. A
/// text in the test then means the bracket.
fn output_by_that_name<'f>(field: &'f Field, is: &Is) -> Option<&'f Transform> {
    match &field.ping {
        PingRule::Transform { transform, name, .. } if *name == field.name && is.first_text().is_some() => {
            matches!(field.kind, Kind::Int | Kind::Decimal)
                .then_some(transform)
                .filter(|transform| transform.labels().is_some())
        }
        _ => None,
    }
}

fn output(at: usize, field: &Field, transform: &Transform) -> (Source, Axis) {
    let output = Output {
        at,
        transform: transform.clone(),
        numbers: None,
    };
    (Source::Output(Box::new(output)), Axis::of_output(field, transform))
}

const fn since(at: usize, count: Count) -> Source {
    let (unit, direction) = match count {
        Count::MinutesSince => (Unit::Minutes, Direction::Since),
        Count::HoursSince => (Unit::Hours, Direction::Since),
        Count::DaysSince => (Unit::Days, Direction::Since),
        Count::DaysUntil => (Unit::Days, Direction::Until),
    };
    Source::Since(at, unit, direction)
}

/// Zones are called after places: `EST` stays on winter time all year, which nobody means.
fn clock(reading: Reading, zone: &Arc<str>) -> Result<(Source, Axis), Trouble> {
    let is_a_place = **zone == *"UTC" || zone.contains('/');
    let found = TimeZone::get(zone).ok().filter(|_| is_a_place);
    let found = found.ok_or_else(|| Trouble::UnknownZone { name: zone.clone() })?;
    Ok(match reading {
        Reading::Hour => (Source::Clock(Dial::Hour, found), Axis::Whole((0, 23))),
        Reading::Weekday => (Source::Clock(Dial::Weekday, found), Axis::Words(WEEKDAYS.map(Arc::from).to_vec())),
        Reading::Date => (Source::Clock(Dial::Date, found), Axis::Dates),
    })
}
