//! Inbound pings that were answered lately: a repeated ping gets the same quote until it expires, and two copies
//! at once make one auction. A copy is what has the same key and body, and also what says the same of the same person in
//! another way: a form that was sent twice, with another key and its spaces elsewhere.

use crate::asked::Asked;
use crate::people::PeopleKey;
use crate::quote::QuoteAnswer;
use outcry_core::drift;
use outcry_core::id::SourceName;
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::ping_view::{PingView, ViewSpec};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// Forgets expired entries once there are so many, and again whenever there are twice as many as were left: each
/// entry is looked at once or twice in its life, however many pings there are.
const SWEEP_AT: usize = 4_096;

/// What this process remembers of pings.
#[derive(Debug, Default)]
pub(crate) struct PingMemory {
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    entries: HashMap<(SourceName, Arc<str>), Entry>,
    /// The key of the latest ping of a likeness.
    alike: HashMap<(SourceName, [u8; 16]), Arc<str>>,
    sweep_at: usize,
}

/// What a ping says, for finding one that says the same.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// The person, or where the ping names none, all that it shows.
    likeness: [u8; 16],
    lead: Arc<Lead>,
    asked: Asked,
    test: bool,
}

impl Said {
    pub(crate) fn of(key: &PeopleKey, lead: &Arc<Lead>, asked: &Asked, test: bool, now: Moment) -> Self {
        let person = key.of(lead).into_iter().next();
        let likeness = person.unwrap_or_else(|| {
            let shown = PingView::build(lead, &ViewSpec::default(), now).map(|view| format!("{:?}", view.entries()));
            key.of_entry("ping", &shown.unwrap_or_default())
        });
        Self {
            likeness: likeness.0,
            lead: lead.clone(),
            // Each time it comes around it comes under another id.
            asked: Asked {
                chain: Vec::new(),
                ..asked.clone()
            },
            test,
        }
    }

    /// Would a post of one be taken for the quote of the other, whichever came first?
    fn is_the_same(&self, other: &Self, now: Moment) -> bool {
        (self.test, &self.asked) == (other.test, &other.asked)
            && drift::between(&self.lead, &other.lead, now).is_empty()
            && drift::between(&other.lead, &self.lead, now).is_empty()
    }
}

#[derive(Debug)]
struct Entry {
    fingerprint: [u8; 32],
    /// `None` while the auction runs.
    answer: Option<QuoteAnswer>,
    until: Moment,
    said: Said,
    /// Closed when the auction has ended.
    running: watch::Sender<()>,
}

/// What is remembered of a ping.
#[derive(Debug, PartialEq)]
pub(crate) enum Remembered {
    /// Nothing: it is this caller's to answer, by [`PingMemory::answered`] or [`PingMemory::forget`].
    Nothing,
    /// The quote it got.
    Answer(QuoteAnswer),
    /// Its auction is running.
    InFlight,
    /// The auction of another that says the same is running, until this is closed.
    Running(Running),
    /// The key came with another body.
    OtherBody,
}

/// An auction that somebody else waits for.
#[derive(Debug)]
pub(crate) struct Running(watch::Receiver<()>);

impl Running {
    /// Resolves when it has ended, with an answer or without.
    pub(crate) async fn ended(mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

impl PartialEq for Running {
    fn eq(&self, other: &Self) -> bool {
        self.0.same_channel(&other.0)
    }
}

/// A ping whose auction never ends is not remembered longer than this.
const IN_FLIGHT_MS: i64 = 15_000;

impl PingMemory {
    /// Looks a ping up, and marks it as running if nothing is known.
    pub(crate) fn enter(&self, source: &SourceName, key: &Arc<str>, fingerprint: [u8; 32], said: Said, now: Moment) -> Remembered {
        let mut inside = self.inside();
        inside.sweep(now);
        let place = (source.clone(), key.clone());
        match inside.entries.get(&place).filter(|entry| now < entry.until) {
            Some(entry) if entry.fingerprint != fingerprint => return Remembered::OtherBody,
            Some(Entry { answer: Some(answer), .. }) => return Remembered::Answer(answer.clone()),
            Some(_) => return Remembered::InFlight,
            None => {}
        }
        let likeness = (source.clone(), said.likeness);
        if let Some(entry) = inside.alike(&likeness, now).filter(|entry| entry.said.is_the_same(&said, now)) {
            return match &entry.answer {
                Some(answer) => Remembered::Answer(answer.clone()),
                None => Remembered::Running(Running(entry.running.subscribe())),
            };
        }
        inside.alike.insert(likeness, key.clone());
        let entry = Entry {
            fingerprint,
            answer: None,
            until: now.plus_ms(IN_FLIGHT_MS),
            said,
            running: watch::Sender::new(()),
        };
        inside.entries.insert(place, entry);
        Remembered::Nothing
    }

    /// The quote of a ping was redeemed: another ping that says the same is another lead.
    pub(crate) fn redeemed(&self, source: &SourceName, said: &Said) {
        self.inside().alike.remove(&(source.clone(), said.likeness));
    }

    /// The auction ended with this answer, which stands until then.
    pub(crate) fn answered(&self, source: &SourceName, key: &Arc<str>, answer: QuoteAnswer, until: Moment) {
        if let Some(entry) = self.inside().entries.get_mut(&(source.clone(), key.clone())) {
            entry.answer = Some(answer);
            entry.until = until;
            entry.running = watch::Sender::new(());
        }
    }

    /// The auction ended without an answer.
    pub(crate) fn forget(&self, source: &SourceName, key: &Arc<str>) {
        self.inside().entries.remove(&(source.clone(), key.clone()));
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().expect("nothing panics while it holds the ping memory")
    }
}

impl Inside {
    /// The latest ping of a likeness, while it is remembered.
    fn alike(&self, likeness: &(SourceName, [u8; 16]), now: Moment) -> Option<&Entry> {
        let key = self.alike.get(likeness)?;
        let entry = self.entries.get(&(likeness.0.clone(), key.clone()))?;
        (now < entry.until).then_some(entry)
    }

    fn sweep(&mut self, now: Moment) {
        if self.sweep_at.max(SWEEP_AT) <= self.entries.len() {
            self.entries.retain(|_, entry| now < entry.until);
            let entries = &self.entries;
            self.alike
                .retain(|(source, _), key| entries.contains_key(&(source.clone(), key.clone())));
            self.sweep_at = self.entries.len() * 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outcry_core::field::{Bounds, Field, Group, Kind, PingRule, Privacy, Required};
    use outcry_core::id::LeadTypeName;
    use outcry_core::lead::Row;
    use outcry_core::lead_type::{Compliance, FieldSet, LeadType, SellerSpecific};

    /// A lead type with nothing in it but a number that is nobody's.
    fn said(key: &PeopleKey, likeness: u64) -> Said {
        let field = Field {
            name: "age".into(),
            label: "Age".into(),
            kind: Kind::Int,
            group: Group::Vertical,
            required: Required { ping: false, post: false },
            applies_if: None,
            privacy: Privacy::None,
            ping: PingRule::Allow { except_states: Vec::new() },
            bounds: Bounds::default(),
            example: None,
        };
        let fields = FieldSet::new(vec![field]);
        let row = Row::empty(&fields);
        let compliance = Compliance {
            consent: "none".into(),
            seller_specific: SellerSpecific::No,
            opt_in_types_allowed: Vec::new(),
            buyer_licence_filter: "none".into(),
            health_data: false,
            glba_finder: false,
            retention_years: 5,
            prohibited_use_fields: Vec::new(),
        };
        let lead_type = LeadType {
            name: LeadTypeName::new("auto"),
            label: "Auto".into(),
            version: 1,
            as_of: jiff::civil::date(2026, 11, 23),
            compliance,
            dedupe_keys: Vec::new(),
            routing_keys: Vec::new(),
            fields: Arc::new(fields),
        };
        let lead = Lead {
            lead_type: Arc::new(lead_type),
            row,
            origin: outcry_core::lead::Origin::default(),
        };
        let said = Said::of(key, &Arc::new(lead), &Asked::default(), false, Moment::from_unix_ms(0));
        Said {
            likeness: u128::from(likeness).to_be_bytes(),
            ..said
        }
    }

    #[test]
    fn what_has_expired_is_forgotten_and_what_stands_is_not_looked_through_each_time() {
        let memory = PingMemory::default();
        let (site, said) = (SourceName::new("site"), said(&PeopleKey::new([1; 32]), 0));
        let enter = |n: i64| {
            let own = Said {
                likeness: i128::from(n).to_be_bytes(),
                ..said.clone()
            };
            memory.enter(&site, &format!("k-{n}").into(), [0; 32], own, Moment::from_unix_ms(n))
        };
        (0..20_000).for_each(|n| assert_eq!(enter(n), Remembered::Nothing));
        let inside = memory.inside();
        let (kept, alike) = (inside.entries.len(), inside.alike.len());
        assert!((15_000..20_000).contains(&kept), "{kept} of them, and 15,000 still stand");
        assert!(alike <= kept, "{alike} of {kept}");
    }

    #[test]
    fn of_pings_that_say_the_same_the_later_waits_for_the_earlier() {
        let memory = PingMemory::default();
        let (site, said) = (SourceName::new("site"), said(&PeopleKey::new([1; 32]), 7));
        let enter =
            |source: &SourceName, key: &str, said: &Said| memory.enter(source, &key.into(), [0; 32], said.clone(), Moment::from_unix_ms(0));
        assert_eq!(enter(&site, "one", &said), Remembered::Nothing);
        assert!(matches!(enter(&site, "two", &said), Remembered::Running(_)));
        assert_eq!(
            enter(&SourceName::new("other"), "two", &said),
            Remembered::Nothing,
            "another source, another ping"
        );
        memory.forget(&site, &"one".into());
        assert_eq!(enter(&site, "two", &said), Remembered::Nothing, "the first ended without an answer");
        memory.redeemed(&site, &said);
        assert_eq!(enter(&site, "three", &said), Remembered::Nothing);
    }
}
