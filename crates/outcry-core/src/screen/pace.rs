//! Does a level of the trade have room for this lead now, and is it open? Looked at once for each window and zone, however
//! many contracts share them.

use super::Standing;
use crate::cap::{Cap, Span, WhenFull};
use crate::catalog::{Campaign, Source};
use crate::lead::Lead;
use crate::moment::Moment;
use crate::pacing::Pacing;
use crate::reason::Reason;
use crate::schedule::places::zones_of;
use crate::schedule::{Local, PersonHours, Schedule, ZoneSet};
use crate::throttle::{Paces, Throttle};

/// One lead before the pacing of all levels.
pub(super) struct Pacer<'a> {
    pub(super) lead: &'a Lead,
    pub(super) now: Moment,
    pub(super) standing: &'a dyn Standing,
    /// A post leaves so much later than this look.
    pub(super) post_in_ms: i64,
    spans: Vec<Option<Span>>,
    locals: Vec<Option<Local>>,
    persons: Vec<Option<Local>>,
}

/// A level that takes the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// There is room.
    Free,
    /// Its cap is full, and the buyer has agreed to more.
    Over,
}

/// A level that does not.
pub(super) struct Shut {
    pub(super) reason: Reason,
    /// Nobody else may have the lead then.
    pub(super) stop: bool,
    /// The lead may wait for it.
    pub(super) wait: Option<Wait>,
}

/// When a lead that nobody took may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// When there is room, as far as that is known.
    pub opens: Moment,
    /// But no later than so many minutes after it came.
    pub minutes: u32,
}

impl Wait {
    /// When a lead that came then is tried again; not if that would be too late.
    pub fn of(self, received: Moment) -> Option<Moment> {
        let until = received.plus_ms(i64::from(self.minutes) * 60_000);
        Some(self.opens).filter(|opens| *opens <= until)
    }
}

impl From<Reason> for Shut {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            stop: false,
            wait: None,
        }
    }
}

impl<'a> Pacer<'a> {
    pub(super) const fn new(lead: &'a Lead, now: Moment, standing: &'a dyn Standing, post_in_ms: i64) -> Self {
        Self {
            lead,
            now,
            standing,
            post_in_ms,
            spans: Vec::new(),
            locals: Vec::new(),
            persons: Vec::new(),
        }
    }

    /// Hours, caps and throttles of one level.
    pub(super) fn room(&mut self, pacing: &Pacing) -> Result<Room, Shut> {
        if pacing.is_empty() {
            return Ok(Room::Free);
        }
        self.hours(pacing)?;
        let mut room = Room::Free;
        for cap in &pacing.caps {
            if self.cap(cap)? == Room::Over {
                room = Room::Over;
            }
        }
        pacing.throttles.iter().try_for_each(|throttle| self.throttle(throttle))?;
        Ok(room)
    }

    /// The hours of one level, of a place and of the person.
    pub(super) fn hours(&mut self, pacing: &Pacing) -> Result<(), Shut> {
        pacing.schedules.iter().try_for_each(|schedule| self.schedule(schedule))?;
        pacing.person_hours.iter().try_for_each(|hours| self.person(hours))
    }

    fn schedule(&mut self, schedule: &Schedule) -> Result<(), Shut> {
        let (now, zone) = (self.now, &schedule.zone);
        let local = slot(&mut self.locals, zone.index).get_or_insert_with(|| Local::of(now, &zone.tz));
        if schedule.calendar.is_open(local) {
            return Ok(());
        }
        let wait = schedule.hold_minutes.and_then(|minutes| {
            let opens = schedule.calendar.opens(now, std::slice::from_ref(&zone.tz))?;
            Some(Wait { opens, minutes })
        });
        Err(Shut {
            reason: Reason::Closed {
                whose: schedule.whose.clone(),
                hours: schedule.shown.clone(),
                local: local.shown.clone(),
            },
            stop: false,
            wait,
        })
    }

    /// Inside the hours by the clock of the person, and where nobody knows which of several that is, by each of them.
    fn person(&mut self, hours: &PersonHours) -> Result<(), Shut> {
        let zones = zones_of(self.lead, &hours.signs);
        if zones.is_empty() {
            return Err(Shut::from(Reason::PersonTimeUnknown {
                whose: hours.whose.clone(),
            }));
        }
        let now = self.now;
        for at in zones.positions() {
            let local = slot(&mut self.persons, at).get_or_insert_with(|| Local::of(now, &ZoneSet::zone(at)));
            if hours.calendar.is_open(local) {
                continue;
            }
            let wait = hours.hold_minutes.and_then(|minutes| {
                let zones: Vec<_> = zones.positions().map(ZoneSet::zone).collect();
                Some(Wait {
                    opens: hours.calendar.opens(now, &zones)?,
                    minutes,
                })
            });
            return Err(Shut {
                reason: Reason::PersonHours {
                    whose: hours.whose.clone(),
                    hours: hours.shown.clone(),
                    local: local.shown.clone(),
                },
                stop: false,
                wait,
            });
        }
        Ok(())
    }

    fn cap(&mut self, cap: &Cap) -> Result<Room, Shut> {
        if !cap.counts_lead(self.lead, self.now) {
            return Ok(Room::Free);
        }
        let now = self.now;
        let span = *slot(&mut self.spans, cap.clock.index).get_or_insert_with(|| cap.clock.span(now));
        // The price is not known yet, so one unit (one millionth, for money) must have room.
        let would_be = self.standing.used(cap, &span) + cap.least();
        if would_be <= cap.limit {
            return Ok(Room::Free);
        }
        if would_be <= cap.limit + cap.over {
            return Ok(Room::Over);
        }
        Err(full(cap, self.standing.opens(cap, &span)))
    }

    fn throttle(&self, throttle: &Throttle) -> Result<(), Shut> {
        let later = match throttle.paces {
            Paces::Pings => 0,
            Paces::Posts => self.post_in_ms,
        };
        match self.standing.wait_ms(throttle, self.now.plus_ms(later)) {
            Some(wait_ms) if throttle.counts_lead(self.lead, self.now) => Err(Shut::from(Reason::TooFast {
                throttle: throttle.key.clone(),
                wait_ms: u32::try_from(wait_ms + later).unwrap_or(u32::MAX),
            })),
            _ => Ok(()),
        }
    }
}

/// What a full cap means for a lead that finds it so.
pub(super) fn full(cap: &Cap, opens: Option<Moment>) -> Shut {
    let wait = match cap.full {
        WhenFull::Hold { minutes } => opens.map(|opens| Wait { opens, minutes }),
        WhenFull::Next | WhenFull::Stop => None,
    };
    Shut {
        reason: Reason::CapFull {
            cap: cap.key.clone(),
            limit: cap.limit,
            opens,
        },
        stop: cap.full == WhenFull::Stop,
        wait,
    }
}

/// The pacing of all levels that a source and a contract stand under.
pub fn levels<'a>(campaign: &'a Campaign, source: &'a Source, contract: usize) -> impl Iterator<Item = &'a Pacing> {
    let contract = &campaign.contracts[contract];
    let route = contract.route(&source.name).map(|route| &route.pacing);
    [&source.pacing, &campaign.pacing, &contract.pacing].into_iter().chain(route)
}

fn slot<T>(memo: &mut Vec<Option<T>>, at: usize) -> &mut Option<T> {
    if memo.len() <= at {
        memo.resize_with(at + 1, || None);
    }
    &mut memo[at]
}
