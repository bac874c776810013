//! Admit: the door. Validates, recognises repeats, and opens T1.

use super::intake::Judged;
use super::rehearse::RehearsalRequest;
use super::{duplicates, rank};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::auction::Auction;
use crate::deadline::Deadline;
use crate::denied::Denied;
use crate::engine::{Engine, UnderWay};
use crate::listed::Listed;
use crate::loops;
use crate::ping_memory::{Remembered, Said};
use crate::ports::store::{Accept, Accepted, IdempotencyKey, Quote, Replay};
use crate::quote::QuoteAnswer;
use crate::terms::Terms;
use outcry_core::drift;
use outcry_core::id::{LeadId, QuoteId};
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::rank::Plan;
use outcry_core::raw::Raw;
use outcry_core::record::{Door, Run, Subject};
use outcry_core::validate::{self, Stage};
use outcry_core::value::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A full lead at the door.
pub struct LeadRequest {
    /// Position of the authenticated source in the catalog.
    pub source: usize,
    /// The lead, unchecked.
    pub lead: Raw,
    /// What the source asks for with it.
    pub asked: Asked,
    /// What makes a repeat of it a repeat.
    pub identity: Identity,
}

/// An inbound ping at the door.
pub struct PingRequest {
    /// Position of the authenticated source in the catalog.
    pub source: usize,
    /// What the source says of the lead, unchecked.
    pub lead: Raw,
    /// What the source asks for with it.
    pub asked: Asked,
    /// What makes a repeat of it a repeat.
    pub identity: Identity,
}

/// A post that redeems a quote.
pub struct PostRequest {
    /// Position of the authenticated source in the catalog.
    pub source: usize,
    /// The rest of the lead, or all of it, unchecked.
    pub lead: Raw,
    /// What the source asks for with it, on top of what it asked for with the ping.
    pub asked: Asked,
    /// The token of the quote.
    pub token: String,
    /// What makes a repeat of it a repeat.
    pub identity: Identity,
}

/// What makes two requests the same request.
pub struct Identity {
    /// The `Idempotency-Key` of the source, if it sent one.
    pub key: Option<Arc<str>>,
    /// SHA-256 of the body as it came.
    pub body_digest: [u8; 32],
}

impl Identity {
    /// Of a body and, if it came with one, its key.
    pub fn of(body: &[u8], key: Option<&str>) -> Self {
        Self {
            key: key.map(Into::into),
            body_digest: Sha256::digest(body).into(),
        }
    }

    /// The key under which the answer is saved. A source that sends none is protected all the same: the same body
    /// from the same source is the same request.
    fn at(&self, engine: &Engine, source: usize, door: Door, now: Moment) -> IdempotencyKey {
        let mut fingerprint = Sha256::new();
        fingerprint.update([door as u8]);
        fingerprint.update(self.body_digest);
        let fingerprint: [u8; 32] = fingerprint.finalize().into();
        let key = self
            .key
            .clone()
            .unwrap_or_else(|| format!("body:{}", hex::encode(fingerprint)).into());
        IdempotencyKey {
            source: engine.source(source).name.clone(),
            key,
            fingerprint,
            since: now.plus_ms(-i64::try_from(engine.limits.repeats.as_millis()).unwrap_or(i64::MAX)),
        }
    }
}

/// What became of a lead at the door.
pub(super) enum Admitted {
    Before(Answer),
    Now(Box<Auction>),
}

/// What became of a ping at the door.
pub(super) enum Pinged {
    Before(QuoteAnswer),
    Now(Box<Auction>, PingTurn),
}

/// What became of a post at the door.
pub(super) enum Redeemed {
    Before(Answer),
    Now(Box<Auction>, Plan),
}

/// This ping's turn in the ping memory; gives it back when dropped without an answer.
pub(super) struct PingTurn {
    engine: Arc<Engine>,
    key: IdempotencyKey,
    answered: bool,
}

impl PingTurn {
    /// Remembers the answer until the quote expires.
    pub(super) fn answer(mut self, answer: QuoteAnswer, until: Moment) {
        self.engine.pings.answered(&self.key.source, &self.key.key, answer, until);
        self.answered = true;
    }
}

impl Drop for PingTurn {
    fn drop(&mut self) {
        if !self.answered {
            self.engine.pings.forget(&self.key.source, &self.key.key);
        }
    }
}

/// Admits a full lead.
pub(super) async fn lead(engine: &Arc<Engine>, request: LeadRequest) -> Result<Admitted, Denied> {
    let entered = enter(engine, request.source)?;
    let now = engine.now();
    let key = request.identity.at(engine, request.source, Door::Lead, now);
    let origin = request.asked.origin(engine.source(request.source), None);
    let lead = Arc::new(checked(engine, request.source, &request.lead, Stage::Post, now)?.sent_by(origin));
    let mut auction = open(engine, entered, request.source, Door::Lead, lead, &request.asked, now);
    match accept(engine, &mut auction, key).await? {
        None => Ok(Admitted::Now(auction)),
        Some(answer) => Ok(Admitted::Before(answer)),
    }
}

/// Admits an inbound ping. Nothing is kept of it until it has a quote.
pub(super) async fn ping(engine: &Arc<Engine>, request: &PingRequest) -> Result<Pinged, Denied> {
    let entered = enter(engine, request.source)?;
    let now = engine.now();
    let key = request.identity.at(engine, request.source, Door::Ping, now);
    let origin = request.asked.origin(engine.source(request.source), None);
    let lead = Arc::new(checked(engine, request.source, &request.lead, Stage::Ping, now)?.sent_by(origin));
    let mut auction = open(engine, entered, request.source, Door::Ping, lead.clone(), &request.asked, now);
    let said = Said::of(&engine.keys.people, &lead, &request.asked, auction.terms.run == Run::Test, now);
    loop {
        match engine
            .pings
            .enter(&key.source, &key.key, key.fingerprint, said.clone(), engine.now())
        {
            Remembered::Answer(answer) => return Ok(Pinged::Before(answer)),
            Remembered::InFlight => return Err(Denied::InFlight { lead: None }),
            Remembered::OtherBody => return Err(Denied::KeyReused),
            // Its answer will do for both. Should it end without one, the next to look makes its own.
            Remembered::Running(other) => {
                let ended = tokio::time::timeout_at(auction.deadline.answer_by(), other.ended());
                ended.await.map_err(|_| Denied::InFlight { lead: None })?;
            }
            Remembered::Nothing => break,
        }
    }
    let turn = PingTurn {
        engine: engine.clone(),
        key,
        answered: false,
    };
    // Whoever says who the person is hears of a duplicate before any buyer is asked.
    auction.held = duplicates::held(engine, &auction).await.unwrap_or_default();
    auction.terms.duplicate = duplicates::of_another(engine, &auction);
    Ok(Pinged::Now(auction, turn))
}

/// Admits a post: the token, the quote, and that the lead is still the one that was pinged.
pub(super) async fn post(engine: &Arc<Engine>, request: PostRequest) -> Result<Redeemed, Denied> {
    let entered = enter(engine, request.source)?;
    let key = request.identity.at(engine, request.source, Door::Post, engine.now());
    match engine.store.replay(&key).await? {
        Replay::Answered(answer) => return Ok(Redeemed::Before(answer)),
        Replay::InFlight(lead) => return Err(Denied::InFlight { lead: Some(lead) }),
        Replay::OtherBody => return Err(Denied::KeyReused),
        Replay::None => {}
    }
    let now = engine.now();
    let quote = quote(engine, request.source, &request.token, now).await?;
    let whole = merged(&quote.pinged, request.lead);
    let origin = request.asked.origin(engine.source(request.source), Some(&quote.pinged.origin));
    let lead = checked(engine, request.source, &whole, Stage::Post, now)?.sent_by(origin);
    let different = drift::between(&quote.pinged, &lead, quote.record.received);
    if !different.is_empty() {
        return Err(Denied::QuoteVoid(different));
    }
    let mut auction = open(engine, entered, request.source, Door::Post, Arc::new(lead), &request.asked, now);
    auction.terms.quote = Some(quote.id);
    if quote.run == Run::Test {
        auction.terms.run = Run::Test;
    }
    auction.terms.promised = Some(quote.payout);
    auction.terms.wishes.sales_max = auction.terms.wishes.sales_max.min(quote.plan.legs_max);
    let said = Said::of(
        &engine.keys.people,
        &quote.pinged,
        &request.asked,
        quote.run == Run::Test,
        quote.record.received,
    );
    engine.pings.redeemed(&key.source, &said);
    auction.views.clone_from(&quote.record.views);
    auction.lines.clone_from(&quote.record.lines);
    match accept(engine, &mut auction, key).await? {
        None => {
            let plan = match duplicates::drop_all(&mut auction, &quote.plan) {
                Some(nobody) => nobody,
                None => rank::renewed(engine, &mut auction, &quote.plan).await,
            };
            Ok(Redeemed::Now(auction, plan))
        }
        Some(answer) => Ok(Redeemed::Before(answer)),
    }
}

/// Lets a lead in that is only tried: checked like any other, and always for real.
pub(super) fn rehearsed(engine: &Arc<Engine>, request: &RehearsalRequest) -> Result<Box<Auction>, Denied> {
    let entered = enter(engine, request.source)?;
    let now = engine.now();
    let stage = if request.door == Door::Ping { Stage::Ping } else { Stage::Post };
    let origin = request.asked.origin(engine.source(request.source), None);
    let lead = Arc::new(checked(engine, request.source, &request.lead, stage, now)?.sent_by(origin));
    let mut auction = open(engine, entered, request.source, request.door, lead, &request.asked, now);
    auction.terms.run = Run::Live;
    Ok(auction)
}

fn enter(engine: &Arc<Engine>, source: usize) -> Result<UnderWay, Denied> {
    // Counted first: whoever drains has either seen this one or has been seen by it.
    let entered = engine.enter();
    if engine.is_draining() {
        return Err(Denied::Draining);
    }
    if engine.source(source).paused {
        return Err(Denied::SourcePaused);
    }
    entered.ok_or(Denied::Overloaded)
}

fn checked(engine: &Engine, source: usize, raw: &Raw, stage: Stage, now: Moment) -> Result<Lead, Denied> {
    let campaign = &engine.book.catalog.campaigns[engine.source(source).campaign];
    validate::validate(&campaign.lead_type, raw, stage, now).map_err(Denied::Invalid)
}

/// An auction at its start.
pub(super) fn open(
    engine: &Arc<Engine>,
    entered: UnderWay,
    source: usize,
    door: Door,
    lead: Arc<Lead>,
    asked: &Asked,
    now: Moment,
) -> Box<Auction> {
    let terms = engine.source(source);
    let campaign = engine.book.catalog.campaigns[terms.campaign].clone();
    let own = [terms.deadline_ms, asked.deadline_ms]
        .into_iter()
        .flatten()
        .map(|own| Duration::from_millis(own.into()));
    let total = own.fold(engine.limits.answer, Duration::min);
    let marked = lead.open("is_test") == Some(&Value::Bool(true));
    let id = engine.fresh(now);
    Box::new(Auction {
        people: engine.keys.people.of(&lead),
        contacts: engine.keys.people.contacts(&lead),
        certificates: engine.keys.people.certificates(&lead),
        judged: Judged::default(),
        held: Vec::new(),
        listed: Listed::default(),
        lines: Auction::blank_lines(&campaign),
        terms: Terms {
            book: engine.book.clone(),
            campaign,
            source,
            subject: if door == Door::Ping {
                Subject::Quote(QuoteId::from_bits(id))
            } else {
                Subject::Lead(LeadId::from_bits(id))
            },
            quote: None,
            door,
            run: if marked || terms.test_only { Run::Test } else { Run::Live },
            received: now,
            promised: None,
            wishes: asked.wishes(terms),
            duplicate: None,
            looped: loops::noticed(&engine.keys.people, &asked.chain),
            chain: asked.chain.clone().into(),
            excluded: asked.exclude_buyers.clone().into(),
        },
        lead,
        deadline: Deadline::after(total),
        views: Vec::new(),
        shadow: None,
        over: Vec::new(),
        waits: Vec::new(),
        stopped_by: None,
        refused_by: Vec::new(),
        settled: watch::Sender::new(false),
        events: Vec::new(),
        _entered: entered,
    })
}

/// T1, and who holds the person already. `Some` is the answer that the same request got before.
async fn accept(engine: &Engine, auction: &mut Auction, idempotency: IdempotencyKey) -> Result<Option<Answer>, Denied> {
    let source = auction.terms.source();
    let accept = Accept {
        lead: auction.terms.lead_id(),
        door: auction.terms.door,
        run: auction.terms.run,
        source: source.name.clone(),
        supplier: source.supplier.clone(),
        campaign: auction.terms.campaign.name.clone(),
        received: auction.terms.received,
        contents: auction.lead.clone(),
        people: engine.keys.people.to_find(&auction.lead),
        marks: duplicates::marks(engine, auction),
        idempotency,
        quote: auction.terms.quote,
        catalog_version: auction.terms.book.catalog.version.clone(),
    };
    // Asked together, they are answered together: no lead waits twice.
    let (accepted, held) = tokio::join!(engine.store.accept(accept), duplicates::held(engine, auction));
    match accepted? {
        Accepted::New => {
            // Only a look: whoever cannot have it goes on, and T2 says for certain.
            auction.held = held.unwrap_or_default();
            auction.terms.duplicate = duplicates::of_another(engine, auction);
            Ok(None)
        }
        Accepted::Duplicate { scope } => {
            auction.terms.duplicate = Some(scope);
            Ok(None)
        }
        Accepted::Answered(answer) => Ok(Some(answer)),
        Accepted::InFlight(lead) => Err(Denied::InFlight { lead: Some(lead) }),
        Accepted::OtherBody => Err(Denied::KeyReused),
        Accepted::QuoteUsed => Err(Denied::QuoteUsed),
    }
}

/// The quote a token stands for, if it is genuine, this source's, and not over. Its plan names contracts by their
/// position, so under another catalog it is as good as lost.
async fn quote(engine: &Engine, source: usize, token: &str, now: Moment) -> Result<Quote, Denied> {
    let token = engine.keys.token.verify(token).ok_or(Denied::TokenForged)?;
    if !token.belongs_to(&engine.source(source).name) {
        return Err(Denied::TokenOfAnotherSource);
    }
    if token.expires <= now {
        return Err(Denied::QuoteExpired(token.expires));
    }
    let kept = engine.store.quote(token.quote).await?;
    kept.filter(|quote| quote.record.catalog_version == engine.book.catalog.version)
        .ok_or(Denied::QuoteLost)
}

/// What was pinged, with what the post says laid over it. Ping outputs that stood in for a field are left out: the
/// post brings the field itself.
fn merged(pinged: &Lead, post: Raw) -> Raw {
    let (Raw::Object(before), Raw::Object(mut after)) = (pinged.to_raw(), post) else {
        return Raw::Null;
    };
    for (name, value) in before {
        let known = pinged.lead_type.fields.position(&name).is_some();
        if known && !after.iter().any(|(given, _)| *given == name) {
            after.push((name, value));
        }
    }
    Raw::Object(after)
}
