//! Where a person's clock may stand: the time zones of a state, a ZIP code or an area code.
//!
//! Facts from 49 CFR part 71 (which county keeps which time; public domain) for states and the first three digits of ZIP
//! codes, and from the metadata of libphonenumber (Apache-2.0) for area codes. Where a place may keep more than one time it
//! has all of them: whoever asks has to be right in each.

use crate::field::Kind;
use crate::lead::{Lead, Slot};
use crate::lead_type::LeadType;
use crate::value::Value;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

/// Letters of the tables, and the zone that each stands for. No two of them are alike since 2007.
const ZONES: [(u8, &str); 11] = [
    (b'E', "America/New_York"),
    (b'C', "America/Chicago"),
    (b'M', "America/Denver"),
    (b'Z', "America/Phoenix"),
    (b'P', "America/Los_Angeles"),
    (b'K', "America/Anchorage"),
    (b'D', "America/Adak"),
    (b'H', "Pacific/Honolulu"),
    (b'R', "America/Puerto_Rico"),
    (b'G', "Pacific/Guam"),
    (b'S', "Pacific/Pago_Pago"),
];

/// Some of the zones that people in the United States live in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ZoneSet(u16);

impl ZoneSet {
    /// None: nobody knows where the person is.
    pub const NONE: Self = Self(0);

    /// By the letters of the tables.
    const fn of(letters: &str) -> Self {
        let letters = letters.as_bytes();
        let (mut set, mut at) = (0, 0);
        while at < letters.len() {
            let mut zone = 0;
            while ZONES[zone].0 != letters[at] {
                zone += 1;
            }
            set |= 1 << zone;
            at += 1;
        }
        Self(set)
    }

    /// Is none in it?
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Positions among all zones, for tables kept outside.
    pub fn positions(self) -> impl Iterator<Item = usize> {
        (0..ZONES.len()).filter(move |at| self.0 >> at & 1 == 1)
    }

    /// How many zones there are.
    pub const fn all() -> usize {
        ZONES.len()
    }

    /// The zone at a position.
    ///
    /// # Panics
    /// If the time zone database lacks one of the zones of the United States.
    pub fn zone(at: usize) -> TimeZone {
        static FOUND: LazyLock<Vec<TimeZone>> = LazyLock::new(|| {
            let zone = |(_, name): &(u8, &str)| TimeZone::get(name).expect("the time zone database has the zones of the United States");
            ZONES.iter().map(zone).collect()
        });
        FOUND[at].clone()
    }

    /// The name of the zone at a position.
    pub const fn name(at: usize) -> &'static str {
        ZONES[at].1
    }
}

impl fmt::Display for ZoneSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, at) in self.positions().enumerate() {
            write!(f, "{}{}", if count == 0 { "" } else { ", " }, Self::name(at))?;
        }
        Ok(())
    }
}

/// What a place of the person is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The state and the ZIP code.
    Address,
    /// The area code of the phone.
    Phone,
}

/// All the time zones that the signs of a lead point to.
pub fn zones_of(lead: &Lead, signs: &[Sign]) -> ZoneSet {
    let look = |sign: &Sign| match sign {
        Sign::Address => of_address(text(lead, is_state), text(lead, is_zip)),
        Sign::Phone => text(lead, is_phone).and_then(of_phone).unwrap_or_default(),
    };
    signs.iter().map(look).fold(ZoneSet::NONE, ZoneSet::or)
}

/// Does a lead type say where the person is, by one of these signs?
pub fn tells(lead_type: &LeadType, signs: &[Sign]) -> bool {
    let has = |is: fn(&Kind) -> bool| lead_type.fields.fields.iter().any(|field| is(&field.kind));
    signs.iter().any(|sign| match sign {
        Sign::Address => has(is_state) || has(is_zip),
        Sign::Phone => has(is_phone),
    })
}

const fn is_state(kind: &Kind) -> bool {
    matches!(kind, Kind::State)
}

const fn is_zip(kind: &Kind) -> bool {
    matches!(kind, Kind::Zip)
}

const fn is_phone(kind: &Kind) -> bool {
    matches!(kind, Kind::Phone)
}

/// The first value of a kind. A phone is looked at for its area code and goes no further.
fn text(lead: &Lead, is: fn(&Kind) -> bool) -> Option<&str> {
    let fields = lead.lead_type.fields.fields.iter().enumerate();
    let mut found = fields.filter(|(_, field)| is(&field.kind)).filter_map(|(at, _)| lead.row.slot(at));
    let value = match found.next()? {
        Slot::Open(value) => value,
        Slot::Personal(value) => value.reveal(),
    };
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// By state and ZIP code: the ZIP code where it is finer than its state, the state otherwise, and of two that contradict each
/// other both.
pub fn of_address(state: Option<&str>, zip: Option<&str>) -> ZoneSet {
    let prefix = zip.and_then(|zip| zip.get(..3)).and_then(|digits| digits.parse::<u16>().ok());
    let home = prefix.and_then(state_of_zip);
    let by_zip = prefix.and_then(finer).or_else(|| home.and_then(of_state));
    match (state, by_zip) {
        (Some(state), Some(by_zip)) if home == Some(state) => by_zip,
        (state, by_zip) => state.and_then(of_state).unwrap_or_default().or(by_zip.unwrap_or_default()),
    }
}

/// By the area code of a number in the form `+15125550143`.
pub fn of_phone(phone: &str) -> Option<ZoneSet> {
    static CODES: LazyLock<HashMap<&'static str, ZoneSet>> = LazyLock::new(|| {
        let lines = include_str!("area_codes.txt").lines().filter(|line| !line.starts_with('#'));
        let codes = |line: &'static str| {
            let mut words = line.split(' ');
            let zones = ZoneSet::of(words.next().unwrap_or_default());
            words.map(move |code| (code, zones))
        };
        lines.flat_map(codes).collect()
    });
    CODES.get(phone.strip_prefix("+1")?.get(..3)?).copied()
}

/// By state. The Navajo Nation in Arizona keeps daylight saving time and the rest of the state does not.
pub fn of_state(state: &str) -> Option<ZoneSet> {
    let letters = match state {
        "CT" | "DC" | "DE" | "GA" | "MA" | "MD" | "ME" | "NC" | "NH" | "NJ" | "NY" | "OH" | "PA" | "RI" | "SC" | "VA" | "VT" | "WV" => "E",
        "FL" | "IN" | "KY" | "MI" | "TN" => "EC",
        "AL" | "AR" | "IA" | "IL" | "LA" | "MN" | "MO" | "MS" | "OK" | "WI" => "C",
        "KS" | "ND" | "NE" | "SD" | "TX" => "CM",
        "CO" | "MT" | "NM" | "UT" | "WY" => "M",
        "AZ" => "MZ",
        "ID" | "NV" | "OR" => "MP",
        "CA" | "WA" => "P",
        "AK" => "KD",
        "HI" => "H",
        "PR" | "VI" => "R",
        "GU" | "MP" => "G",
        "AS" => "S",
        _ => return None,
    };
    Some(ZoneSet::of(letters))
}

/// The first three digits of ZIP codes in states with two times, where they keep one of them for certain.
const FINER: &[(u16, u16, &str)] = &[
    // Florida: the panhandle is western.
    (320, 323, "E"),
    (326, 339, "E"),
    (341, 341, "E"),
    (342, 342, "E"),
    (344, 344, "E"),
    (346, 346, "E"),
    (347, 347, "E"),
    (349, 349, "E"),
    (325, 325, "C"),
    // Tennessee.
    (374, 374, "E"),
    (376, 376, "E"),
    (379, 379, "E"),
    (370, 372, "C"),
    (380, 385, "C"),
    // Kentucky.
    (400, 400, "E"),
    (402, 418, "E"),
    (420, 424, "C"),
    // Indiana.
    (460, 462, "E"),
    (466, 468, "E"),
    (470, 474, "E"),
    (478, 478, "E"),
    (464, 464, "C"),
    (477, 477, "C"),
    // Michigan but for its west.
    (480, 497, "E"),
    // South Dakota, North Dakota, Nebraska, Kansas.
    (570, 574, "C"),
    (580, 584, "C"),
    (587, 587, "C"),
    (660, 676, "C"),
    (679, 679, "C"),
    (680, 689, "C"),
    (577, 577, "M"),
    (693, 693, "M"),
    // Texas but for its far west.
    (733, 733, "C"),
    (750, 797, "C"),
    (799, 799, "M"),
    (885, 885, "M"),
    // Idaho.
    (832, 834, "M"),
    (837, 837, "M"),
    (838, 838, "P"),
    // Arizona but for its north-east.
    (850, 859, "Z"),
    (863, 863, "Z"),
    (864, 864, "Z"),
    // Nevada and Oregon but for their east.
    (889, 897, "P"),
    (970, 978, "P"),
    // Alaska but for the Aleutians.
    (996, 999, "K"),
];

fn finer(prefix: u16) -> Option<ZoneSet> {
    find(FINER, prefix).map(ZoneSet::of)
}

/// The states of the first three digits of ZIP codes; those of the forces have none.
const STATES_OF_ZIPS: &[(u16, u16, &str)] = &[
    (5, 5, "NY"),
    (6, 6, "PR"),
    (7, 7, "PR"),
    (8, 8, "VI"),
    (9, 9, "PR"),
    (10, 27, "MA"),
    (28, 28, "RI"),
    (29, 29, "RI"),
    (30, 38, "NH"),
    (39, 49, "ME"),
    (50, 54, "VT"),
    (55, 55, "MA"),
    (56, 59, "VT"),
    (60, 69, "CT"),
    (70, 89, "NJ"),
    (100, 149, "NY"),
    (150, 196, "PA"),
    (197, 199, "DE"),
    (200, 200, "DC"),
    (201, 201, "VA"),
    (202, 205, "DC"),
    (206, 219, "MD"),
    (220, 246, "VA"),
    (247, 268, "WV"),
    (270, 289, "NC"),
    (290, 299, "SC"),
    (300, 319, "GA"),
    (320, 339, "FL"),
    (341, 341, "FL"),
    (342, 342, "FL"),
    (344, 344, "FL"),
    (346, 346, "FL"),
    (347, 347, "FL"),
    (349, 349, "FL"),
    (350, 369, "AL"),
    (370, 385, "TN"),
    (386, 397, "MS"),
    (398, 398, "GA"),
    (399, 399, "GA"),
    (400, 427, "KY"),
    (430, 459, "OH"),
    (460, 479, "IN"),
    (480, 499, "MI"),
    (500, 528, "IA"),
    (530, 549, "WI"),
    (550, 567, "MN"),
    (569, 569, "DC"),
    (570, 577, "SD"),
    (580, 588, "ND"),
    (590, 599, "MT"),
    (600, 629, "IL"),
    (630, 658, "MO"),
    (660, 679, "KS"),
    (680, 693, "NE"),
    (700, 714, "LA"),
    (716, 729, "AR"),
    // Austin lies in the middle of Oklahoma, as the post sees it.
    (733, 733, "TX"),
    (730, 749, "OK"),
    (750, 799, "TX"),
    (800, 816, "CO"),
    (820, 831, "WY"),
    (832, 838, "ID"),
    (840, 847, "UT"),
    (850, 865, "AZ"),
    (870, 884, "NM"),
    (885, 885, "TX"),
    (889, 898, "NV"),
    (900, 961, "CA"),
    (967, 967, "HI"),
    (968, 968, "HI"),
    (969, 969, "GU"),
    (970, 979, "OR"),
    (980, 994, "WA"),
    (995, 999, "AK"),
];

fn state_of_zip(prefix: u16) -> Option<&'static str> {
    find(STATES_OF_ZIPS, prefix)
}

fn find(table: &[(u16, u16, &'static str)], prefix: u16) -> Option<&'static str> {
    let found = table.iter().find(|(first, last, _)| (*first..=*last).contains(&prefix));
    found.map(|(_, _, found)| *found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::STATES;

    #[test]
    fn where_a_place_keeps_two_times_it_has_both() {
        let table = [
            (Some("OH"), None, "America/New_York"),
            (Some("FL"), None, "America/New_York, America/Chicago"),
            (Some("FL"), Some("33101"), "America/New_York"),
            (Some("FL"), Some("32501"), "America/Chicago"),
            (Some("FL"), Some("32456"), "America/New_York, America/Chicago"),
            (Some("TX"), Some("79901"), "America/Denver"),
            (Some("TX"), Some("78701"), "America/Chicago"),
            (Some("AZ"), None, "America/Denver, America/Phoenix"),
            (Some("AZ"), Some("85001"), "America/Phoenix"),
            (Some("AZ"), Some("86515"), "America/Denver, America/Phoenix"),
            (None, Some("97201"), "America/Los_Angeles"),
            (None, Some("73301"), "America/Chicago"),
            // The state says one thing and the ZIP code another: both.
            (Some("CA"), Some("10001"), "America/New_York, America/Los_Angeles"),
            (Some("CA"), Some("09001"), "America/Los_Angeles"),
            (None, Some("09001"), ""),
            (None, None, ""),
        ];
        for (state, zip, zones) in table {
            assert_eq!(of_address(state, zip).to_string(), zones, "{state:?} {zip:?}");
        }
    }

    #[test]
    fn an_area_code_lies_where_its_state_does() {
        let table = [
            ("+12125550100", "America/New_York"),
            ("+18505550100", "America/New_York, America/Chicago"),
            ("+19155550100", "America/Denver"),
            ("+16025550100", "America/Phoenix"),
            ("+18085550100", "Pacific/Honolulu"),
        ];
        for (phone, zones) in table {
            assert_eq!(of_phone(phone).unwrap_or_default().to_string(), zones, "{phone}");
        }
        for unknown in ["+14165550100", "+442071234567", "", "+1"] {
            assert_eq!(of_phone(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn every_state_has_a_time_and_no_zip_code_one_that_its_state_has_not() {
        for state in STATES {
            assert!(of_state(state).is_some(), "{state}");
        }
        for prefix in 0..1_000 {
            let Some(finer) = finer(prefix) else { continue };
            let state = state_of_zip(prefix).and_then(of_state).unwrap_or_default();
            assert_eq!(finer.or(state), state, "{prefix}");
            assert_ne!(finer, state, "{prefix} says no more than its state");
        }
    }

    #[test]
    fn every_zone_is_in_the_time_zone_database() {
        for at in 0..ZoneSet::all() {
            assert_eq!(ZoneSet::zone(at).iana_name(), Some(ZoneSet::name(at)));
        }
    }
}
