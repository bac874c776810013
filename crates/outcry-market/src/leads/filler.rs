//! Fills in a form for one person at one moment.

use super::calendar;
use super::form::Form;
use super::person::Person;
use super::phone;
use super::recipe::Recipe;
use super::vehicles::VEHICLES;
use crate::chance::{Chance, Share, mix};
use outcry_core::moment::Moment;
use outcry_core::raw::Raw;
use std::sync::Arc;

/// What one lead is filled in with.
pub(crate) struct Filler<'a> {
    pub(crate) person: Person,
    pub(crate) now: Moment,
    pub(crate) chance: Chance,
    /// The disclosure, and the sellers it names as rows.
    pub(crate) consent_text: &'a str,
    pub(crate) sellers: &'a Raw,
    /// Must the sellers be sent?
    pub(crate) sellers_needed: bool,
}

/// Which row of a list a value belongs to; 0 for the lead itself. The first driver is the person.
#[derive(Clone, Copy)]
struct Place {
    row: u64,
    nested: bool,
}

impl Filler<'_> {
    /// The whole lead.
    pub(crate) fn lead(mut self, form: &Form) -> Raw {
        self.form(form, Place { row: 0, nested: false })
    }

    fn form(&mut self, form: &Form, place: Place) -> Raw {
        let mut answers: Vec<Option<Raw>> = Vec::with_capacity(form.lines.len());
        answers.resize_with(form.lines.len(), || None);
        // cars are two fields that must agree
        let vehicle = self.chance.index(VEHICLES.len());
        for at in &form.order {
            let line = &form.lines[*at];
            let applies = line.applies_if.as_ref().is_none_or(|(other, wanted)| {
                let given = answers.get(*other).and_then(Option::as_ref);
                given.is_some_and(|given| wanted.contains(given))
            });
            let needed = self.sellers_needed && matches!(line.recipe, Recipe::Sellers);
            if applies && (self.chance.happens(line.present) || needed) {
                answers[*at] = Some(self.value(&line.recipe, place, vehicle));
            }
        }
        let members = form
            .lines
            .iter()
            .zip(answers)
            .filter_map(|(line, answer)| Some((line.name.clone(), answer?)));
        Raw::Object(members.collect())
    }

    fn value(&mut self, recipe: &Recipe, place: Place, vehicle: usize) -> Raw {
        let text = match recipe {
            Recipe::Yes(share) => return Raw::Bool(self.chance.happens(*share)),
            Recipe::Int { low, high, step } => return Raw::Number(self.stepped(*low, *high, *step).to_string().into()),
            Recipe::Tenths { low, high, step } => return tenths(self.stepped(*low, *high, *step)),
            Recipe::Sellers => return self.sellers.clone(),
            Recipe::List { form, fewest, most } => {
                let rows = u64::try_from(self.chance.between(*fewest, *most)).unwrap_or(0);
                return Raw::List((0..rows).map(|row| self.form(form, Place { row, nested: true })).collect());
            }
            Recipe::Word { words, favourite } => self.word(words, favourite.as_ref()),
            Recipe::Text(texts) => texts[self.chance.index(texts.len())].clone(),
            Recipe::Relationship(words) => self.relationship(words, place),
            Recipe::Birth { youngest, oldest } => self.birth(*youngest, *oldest, place).into(),
            Recipe::Day { from, to } => calendar::date(calendar::day_of(self.now) + self.chance.between(*from, *to)).into(),
            Recipe::Hour { from, to } => self.hour(*from, *to).into(),
            Recipe::JustNow => calendar::stamp(self.now.plus_ms(-self.chance.between(4_000, 170_000))).into(),
            Recipe::Make => VEHICLES[vehicle].0.into(),
            Recipe::Model => VEHICLES[vehicle].1.into(),
            Recipe::ConsentText => self.consent_text.into(),
            Recipe::Page(url) => (*url).into(),
            Recipe::Ip => self.address().into(),
            Recipe::Certificate => format!("https://cert.trustedform.com/{:040x}", self.token(1)).into(),
            Recipe::PingCertificate => format!("https://ping.trustedform.com/0.example{:033x}", self.token(2)).into(),
            Recipe::LeadId => format!("00000000-0000-4000-8000-{:012X}", self.token(3) & 0xFFFF_FFFF_FFFF).into(),
            Recipe::FirstName
            | Recipe::LastName
            | Recipe::Gender
            | Recipe::Email
            | Recipe::Phone
            | Recipe::SecondPhone
            | Recipe::Street
            | Recipe::Unit
            | Recipe::City
            | Recipe::State
            | Recipe::Zip
            | Recipe::County => self.personal(recipe, place),
        };
        Raw::Text(text)
    }

    /// What belongs to the person, or in further rows of a list to somebody of the same house.
    fn personal(&mut self, recipe: &Recipe, place: Place) -> Box<str> {
        let other = (place.row > 0).then(|| Person::number(mix(self.person.seed), self.person.n.wrapping_add(place.row)));
        let who = other.as_ref().unwrap_or(&self.person);
        match recipe {
            Recipe::FirstName => who.first.into(),
            Recipe::Gender => who.gender.word().into(),
            Recipe::LastName => self.person.last.into(),
            Recipe::Email => self.person.email().into(),
            Recipe::Phone => self.person.phone().into(),
            Recipe::SecondPhone => phone::second(self.person.seed, self.person.n).into(),
            Recipe::Street => self.person.street().into(),
            Recipe::City => self.person.place.city.into(),
            Recipe::State => self.person.place.state.into(),
            Recipe::Zip => self.person.place.zip.into(),
            Recipe::County => self.person.place.county.into(),
            _ => format!("Apt {}", 1 + self.chance.below(60)).into(),
        }
    }

    fn stepped(&mut self, low: i64, high: i64, step: i64) -> i64 {
        low + self.chance.between(0, (high - low) / step) * step
    }

    fn word(&mut self, words: &[Arc<str>], favourite: Option<&(Arc<str>, Share)>) -> Box<str> {
        if let Some((word, share)) = favourite
            && self.chance.happens(*share)
        {
            return (**word).into();
        }
        (*words[self.chance.index(words.len())]).into()
    }

    /// The first driver is the person, the next their spouse; a list without a word for the person holds children.
    fn relationship(&mut self, words: &[Arc<str>], place: Place) -> Box<str> {
        let find = |wanted: &str| words.iter().find(|word| &***word == wanted);
        let wanted = match find("self") {
            Some(own) if place.row == 0 => Some(own),
            Some(_) => find("spouse"),
            None => find("child"),
        };
        wanted.map_or_else(|| self.word(words, None), |word| (**word).into())
    }

    /// Between the two ages; a year's width is left on both sides for leap days.
    fn birth(&mut self, youngest: i64, oldest: i64, place: Place) -> String {
        let maturity = if place.nested && place.row > 0 {
            self.chance.between(0, 999)
        } else {
            self.person.maturity
        };
        let age = (youngest + (oldest - youngest) * maturity / 1_000).clamp(youngest, oldest);
        // from a few days after the birthday to a few days before the next one
        let days = age * 365 + age / 4 + 4 + self.chance.between(0, 355);
        calendar::date(calendar::day_of(self.now) - days)
    }

    fn hour(&mut self, from: i64, to: i64) -> String {
        const HOUR_MS: i64 = 3_600_000;
        let day = calendar::day_of(self.now) + self.chance.between(from, to);
        calendar::stamp(Moment::from_unix_ms((day * 24 + self.chance.between(14, 23)) * HOUR_MS))
    }

    /// Out of the networks set aside for documentation (RFC 5737 and RFC 3849); a third is IPv6, as on telephones.
    fn address(&mut self) -> String {
        let host = self.chance.between(1, 254);
        match self.chance.below(6) {
            0 | 1 => format!("2001:db8:{:x}::{host:x}", self.chance.below(0xFFFF)),
            2 => format!("192.0.2.{host}"),
            3 => format!("198.51.100.{host}"),
            _ => format!("203.0.113.{host}"),
        }
    }

    /// Bits that belong to this lead and one purpose.
    fn token(&self, purpose: u64) -> u64 {
        mix(mix(self.person.seed ^ purpose) ^ self.person.n)
    }
}

fn tenths(number: i64) -> Raw {
    let text = if number % 10 == 0 {
        (number / 10).to_string()
    } else {
        format!("{}.{}", number / 10, number % 10)
    };
    Raw::Number(text.into())
}
