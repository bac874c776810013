//! `schedule = { open = "mon-fri 9-17:30", holidays = "us_federal" }` and `person_hours = "8-21"`.

use crate::codes;
use crate::desk::Problem;
use crate::spec::cap::{HOLD_MINUTES, HOLD_MINUTES_USUAL, word, zone_or};
use crate::spec::pacing::Level;
use crate::table::Table;
use crate::text::Text;
use jiff::civil::Date;
use outcry_core::schedule::{Calendar, Day, PersonHours, Schedule, Sign, Week, Zone, places};
use std::sync::Arc;

const SIGNS: [(&str, Sign); 2] = [("address", Sign::Address), ("phone", Sign::Phone)];

/// Reads when a level is open; always, if it does not say.
pub(crate) fn read(level: &Level<'_>, table: &Table<'_>) -> Option<Schedule> {
    let entry = table.table("schedule")?;
    let tz = zone_or(&entry, level.zone);
    let open = open(&entry);
    let calendar = calendar(&entry, open.as_ref().map(|(week, _)| week));
    let hold_minutes = when_closed(&entry);
    entry.finish();
    let (_, shown) = open?;
    Some(Schedule {
        whose: level.whose.as_str().into(),
        zone: Zone {
            index: level.numbers.zone(&tz),
            tz,
        },
        calendar: calendar?,
        shown,
        hold_minutes,
    })
}

/// Reads when the person behind a lead may be disturbed; always, if nothing is said.
pub(crate) fn person(level: &Level<'_>, table: &Table<'_>) -> Option<PersonHours> {
    let whose: Arc<str> = level.whose.as_str().into();
    let signs = vec![Sign::Address, Sign::Phone];
    let hours = if table.is_table("person_hours") {
        let entry = table.table("person_hours")?;
        let open = open(&entry);
        let calendar = calendar(&entry, open.as_ref().map(|(week, _)| week));
        let (by, hold_minutes) = (by(&entry), when_closed(&entry));
        entry.finish();
        let (_, shown) = open?;
        PersonHours {
            whose,
            calendar: calendar?,
            shown,
            signs: if by.is_empty() { signs } else { by },
            hold_minutes,
        }
    } else {
        let (week, shown) = hours(table, &table.text("person_hours")?)?;
        PersonHours {
            whose,
            calendar: Calendar::weekly(week),
            shown,
            signs,
            hold_minutes: None,
        }
    };
    if let Some(lead_type) = level.lead_type.filter(|lead_type| !places::tells(lead_type, &hours.signs)) {
        let message = format!(
            "no {} lead says where its person is, so every one of them would be refused",
            lead_type.name
        );
        let problem = Problem::error(codes::BAD_SCHEDULE, table.spot_of("person_hours"), message);
        table
            .desk
            .tell(problem.hint("it takes a field that is a state, a ZIP code or a phone"));
    }
    Some(hours)
}

fn open(entry: &Table<'_>) -> Option<(Week, Arc<str>)> {
    let written = entry.need_text("open", "\"mon-fri 9-17\"")?;
    hours(entry, &written)
}

fn hours(entry: &Table<'_>, written: &Text) -> Option<(Week, Arc<str>)> {
    match Week::parse(&written.value) {
        Ok(week) if week.is_trivial() && !entry.has("closed") && !entry.has("holidays") && !entry.has("special") => {
            tell_hours(
                entry,
                written,
                "these are all hours of the week".to_owned(),
                "leave it out: without hours it is always open",
            );
            None
        }
        Ok(week) => {
            let shown = week.to_string().into();
            Some((week, shown))
        }
        Err(error) => {
            let message = format!("the hours cannot be read: {error}");
            tell_hours(entry, written, message, "write them like \"mon-fri 9-17:30, sat 10-14\"");
            None
        }
    }
}

fn tell_hours(entry: &Table<'_>, written: &Text, message: String, hint: &str) {
    let problem = Problem::error(codes::BAD_SCHEDULE, written.spot, message);
    entry.desk.tell(problem.hint(hint));
}

/// The days on which it is not as in other weeks. All of it is read, whatever the week is.
fn calendar(entry: &Table<'_>, week: Option<&Week>) -> Option<Calendar> {
    let holidays = entry.one_or_more("holidays");
    for written in holidays.iter().filter(|written| written.value != "us_federal") {
        let message = format!("there are no holidays called `{}`", written.value);
        let problem = Problem::error(codes::UNKNOWN_WORD, written.spot, message);
        entry
            .desk
            .tell(problem.hint("there is \"us_federal\"; days of your own stand in `closed`"));
    }
    let closed = entry.texts("closed");
    let closed = closed.iter().filter_map(|written| dates(entry, written)).collect();
    let special = special(entry);
    Some(Calendar {
        week: week?.clone(),
        us_federal: !holidays.is_empty(),
        closed,
        special,
    })
}

/// `2026-12-24`, or the first and the last of several days: `2026-12-24..2027-01-01`.
fn dates(entry: &Table<'_>, written: &Text) -> Option<(Date, Date)> {
    let (first, last) = written.value.split_once("..").unwrap_or((&written.value, &written.value));
    let read = date(first).zip(date(last)).filter(|(first, last)| first <= last);
    if read.is_none() {
        let message = format!("`{}` is no day and no span of days", written.value);
        let problem = Problem::error(codes::BAD_DATE, written.spot, message);
        entry
            .desk
            .tell(problem.hint("write \"2026-12-24\", or the first and the last: \"2026-12-24..2027-01-01\""));
    }
    read
}

fn date(text: &str) -> Option<Date> {
    let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse().ok().filter(|_| plain)
}

/// `special = { "2026-11-27" = "10-14", "2026-12-24" = "closed" }`
fn special(entry: &Table<'_>) -> Vec<(Date, Day)> {
    let Some(days) = entry.table("special") else { return Vec::new() };
    let read = |item: crate::table::Item<'_>| {
        let day = date(&item.key);
        if day.is_none() {
            let message = format!("`{}` is no day", item.key);
            let problem = Problem::error(codes::BAD_DATE, item.spot, message);
            entry.desk.tell(problem.hint("write `\"2026-11-27\" = \"10-14\"`"));
        }
        let written = days.text_of(&item.key, item.value, "hours of that day, such as \"10-14\", or \"closed\"")?;
        match Week::parse_day(&written.value) {
            Ok(hours) => Some((day?, hours)),
            Err(error) => {
                let message = format!("the hours of that day cannot be read: {error}");
                tell_hours(
                    entry,
                    &written,
                    message,
                    "write them like \"10-14\" or \"10-12, 14-16\", or \"closed\"",
                );
                None
            }
        }
    };
    days.items().filter_map(read).collect()
}

/// What tells where the person is.
fn by(entry: &Table<'_>) -> Vec<Sign> {
    let sign = |written: &Text| {
        let found = SIGNS.iter().find(|(word, _)| *word == written.value);
        if found.is_none() {
            let problem = Problem::error(codes::UNKNOWN_WORD, written.spot, format!("`by` cannot be `{}`", written.value));
            entry
                .desk
                .tell(problem.hint("there is \"address\", the state and the ZIP code, and \"phone\", its area code"));
        }
        found.map(|(_, sign)| *sign)
    };
    entry.one_or_more("by").iter().filter_map(sign).collect()
}

/// `when_closed = "hold"`: for how many minutes at most.
fn when_closed(entry: &Table<'_>) -> Option<u32> {
    const WORDS: [(&str, bool); 2] = [("next", false), ("hold", true)];
    let holds = entry.has("when_closed") && word(entry, "when_closed", &WORDS).is_some_and(|(_, holds)| holds);
    let minutes = entry.number("hold_minutes", &HOLD_MINUTES);
    if !holds && entry.has("hold_minutes") {
        let message = "`hold_minutes` says how long a lead is held, and none is";
        let problem = Problem::error(codes::BAD_CAP, entry.spot_of("hold_minutes"), message);
        entry.desk.tell(problem.hint("add `when_closed = \"hold\"`"));
    }
    holds.then(|| minutes.unwrap_or(HOLD_MINUTES_USUAL))
}
