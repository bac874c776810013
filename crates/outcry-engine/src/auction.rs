//! One auction while it runs: its terms, the lead, and what was seen so far.

use crate::deadline::{Deadline, micros};
use crate::engine::UnderWay;
use crate::listed::Listed;
use crate::ports::store::{CertificateClaim, PersonKey, Refusal};
use crate::sell::Judged;
use crate::terms::Terms;
use outcry_core::catalog::{Campaign, Contract};
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::ping_view::PingView;
use outcry_core::price::Priced;
use outcry_core::reason::Reason;
use outcry_core::record::{Ending, Event, Line, Record, Shadow};
use outcry_core::screen::{self, Wait};
use std::sync::Arc;
use tokio::sync::watch;

/// A lead that waits does so for at least this long: what is full at this moment is not asked again at once.
const WAIT_LEAST_MS: i64 = 1_000;

/// One auction under way.
pub(crate) struct Auction {
    pub(crate) terms: Terms,
    pub(crate) lead: Arc<Lead>,
    pub(crate) people: Vec<PersonKey>,
    /// Digests of each number and address of the person.
    pub(crate) contacts: Vec<PersonKey>,
    /// Whose the certificates of the lead must be.
    pub(crate) certificates: Vec<CertificateClaim>,
    /// What the campaign made of it at the intake.
    pub(crate) judged: Judged,
    /// Who of them is held by another lead, in which scopes, as it was found before the pings.
    pub(crate) held: Vec<(PersonKey, Arc<str>)>,
    pub(crate) listed: Listed,
    pub(crate) deadline: Deadline,
    pub(crate) views: Vec<Arc<PingView>>,
    pub(crate) lines: Vec<Line>,
    pub(crate) shadow: Option<Shadow>,
    /// Contracts whose cap is full and whose buyers have agreed to more, by position.
    pub(crate) over: Vec<usize>,
    /// What the lead may wait for if nobody takes it now.
    pub(crate) waits: Vec<Wait>,
    /// The contract whose full cap lets nobody else have the lead.
    pub(crate) stopped_by: Option<usize>,
    /// Contracts that have had their say on the lead before it waited, by position.
    pub(crate) refused_by: Vec<usize>,
    /// True once T3 of the lead is through, so that a late answer comes after it.
    pub(crate) settled: watch::Sender<bool>,
    /// Where a promise to the source was broken on purpose.
    pub(crate) events: Vec<Event>,
    /// Counts the auction as under way until it is dropped.
    pub(crate) _entered: UnderWay,
}

impl Auction {
    /// An empty line for each contract.
    pub(crate) fn blank_lines(campaign: &Campaign) -> Vec<Line> {
        let blank = |contract: &Contract| Line {
            contract: contract.name.clone(),
            buyer: contract.buyer.clone(),
            ping: None,
            bid: None,
            place: None,
            posts: Vec::new(),
            reason: None,
        };
        campaign.contracts.iter().map(blank).collect()
    }

    /// The price list of a contract, read for this lead.
    pub(crate) fn priced(&self, at: usize, now: Moment) -> Priced<'_> {
        self.terms.contract(at).price.of(&self.lead, now)
    }

    /// Notes why a contract does not get the lead. The last word counts.
    pub(crate) fn note(&mut self, at: usize, reason: Reason) {
        self.lines[at].reason = Some(reason);
    }

    /// Notes that the store had no room for a contract, or for the whole lead before it.
    pub(crate) fn note_refusal(&mut self, at: usize, refusal: Refusal) {
        let reason = match refusal {
            Refusal::CapFull { cap, limit, opens } => {
                let levels = screen::levels(&self.terms.campaign, self.terms.source(), at);
                let (reason, stop, wait) = screen::found_full(levels, &cap, limit, opens);
                self.waits.extend(wait);
                if stop {
                    self.stopped_by = Some(at);
                }
                reason
            }
            Refusal::TooFast { throttle, wait_ms } => Reason::TooFast { throttle, wait_ms },
            Refusal::Duplicate { scope } => Reason::Duplicate { scope },
            Refusal::Suppressed { list } => Reason::Suppressed { list },
            Refusal::NotOnList { list } => Reason::NotOnList { list },
            Refusal::Withdrawn { scope } => Reason::Withdrawn { scope },
            Refusal::CertificateTaken { vendor } => Reason::CertificateTaken { vendor },
            Refusal::Unproven => Reason::Consent {
                missing: "the proof of consent is for another contract, or too old".into(),
            },
            Refusal::LegTaken => Reason::HeldByUnknown,
        };
        self.note(at, reason);
    }

    /// Why nobody has the lead besides the contract whose full cap says so.
    pub(crate) fn note_stopped(&mut self, at: usize, by: usize) {
        let contract = self.terms.contract(by).name.as_str().into();
        self.note(at, Reason::StoppedAtCap { contract });
    }

    /// When the lead is tried again if nobody takes it now; never for what is sold or open.
    pub(crate) fn waits_until(&self, now: Moment) -> Option<Moment> {
        let opens = self.waits.iter().filter_map(|wait| wait.of(self.terms.received));
        opens.min().map(|opens| opens.max(now.plus_ms(WAIT_LEAST_MS)))
    }

    /// The record, now that the auction has ended for the source. Takes views and lines along; the auction itself
    /// stays under way until its last transaction is through.
    pub(crate) fn close(&mut self, ending: Ending) -> Record {
        Record {
            subject: self.terms.subject,
            quote: self.terms.quote,
            door: self.terms.door,
            run: self.terms.run,
            source: self.terms.source().name.clone(),
            campaign: self.terms.campaign.name.clone(),
            catalog_version: self.terms.book.catalog.version.clone(),
            currency: self.terms.campaign.currency,
            received: self.terms.received,
            notes: std::mem::take(&mut self.judged.notes),
            views: std::mem::take(&mut self.views),
            lines: std::mem::take(&mut self.lines),
            ending,
            sub_ids: self.lead.origin.sub_ids.clone(),
            shadow: self.shadow.take(),
            lists: self.listed.said(),
            took_us: micros(self.deadline.elapsed()),
            events: std::mem::take(&mut self.events),
        }
    }
}
