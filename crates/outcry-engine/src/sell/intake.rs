//! Intake: what the campaign does with a lead before any contract is asked. Values are computed, outside services look at
//! it, all at once and within the deadline, and the core judges what came of it.

use crate::auction::Auction;
use crate::deadline::micros;
use crate::engine::Engine;
use crate::ports::outbound::{Call, CallEnd, Connection};
use futures_util::future::join_all;
use outcry_core::bid::Bid;
use outcry_core::check_view::CheckView;
use outcry_core::consent::{ConsentRecord, Unknown};
use outcry_core::id::AttemptId;
use outcry_core::intake::{self, Check, Finding};
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::reason::Reason;
use outcry_core::record::Run;
use outcry_core::validate::Stage;
use outcry_integration::answer::{PostOutcome, PostReading};
use outcry_integration::{Ask, Asked, Kept, Outgoing, Params, PostCall, RenderError};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What the campaign made of a lead at the intake.
#[derive(Default)]
pub(crate) struct Judged {
    refused: Option<Reason>,
    review: Option<Arc<str>>,
    /// What the record says of the lead itself.
    pub(crate) notes: Vec<Arc<str>>,
    /// Somebody has looked at the lead and let it go.
    pub(crate) released: bool,
}

impl Judged {
    /// Let go by somebody who looked at it.
    pub(crate) fn released() -> Self {
        Self {
            released: true,
            ..Self::default()
        }
    }

    /// May it be offered and posted to anybody?
    ///
    /// # Errors
    /// Why not.
    pub(super) fn may_post(&self) -> Result<(), Reason> {
        match (&self.refused, &self.review) {
            (Some(reason), _) => Err(reason.clone()),
            (None, Some(why)) => Err(Reason::InReview { why: why.clone() }),
            (None, None) => Ok(()),
        }
    }

    /// Why somebody has to look at it, if nothing refuses it outright.
    pub(super) fn review(&self) -> Option<Arc<str>> {
        self.review.clone().filter(|_| self.refused.is_none())
    }
}

/// Looks at the lead, and changes it by what is computed and what is said of it.
pub(super) async fn look(engine: &Engine, auction: &mut Auction) {
    let campaign = auction.terms.campaign.clone();
    let intake = &campaign.intake;
    let now = engine.now();
    let mut findings = vec![Finding::NotAsked; intake.checks.len()];
    if !intake.is_idle() {
        let mut lead = Lead::clone(&auction.lead);
        intake.compute(&mut lead, now);
        let ping = auction.terms.stage() == Stage::Ping;
        let asked: Vec<usize> = intake.asked(&lead, now).filter(|at| !ping || intake.checks[*at].at_ping).collect();
        let calls = asked.iter().map(|at| ask(engine, auction, &intake.checks[*at], &lead));
        let answers = join_all(calls).await;
        for (at, heard) in asked.into_iter().zip(answers) {
            let check = &intake.checks[at];
            auction.judged.notes.push(heard.note(check));
            metrics(check, &heard.finding);
            let said = heard.kept.entries().iter();
            let said = said.map(|(name, text)| (name.strip_prefix("post.").unwrap_or(name), &**text));
            intake::take_results(&mut lead, check, said, now);
            findings[at] = heard.finding;
        }
        // A value may be computed of what a check has said.
        intake.compute(&mut lead, now);
        auction.lead = Arc::new(lead);
    }
    judge(auction, &findings, now);
}

/// The same without asking any service: for a lead that is only tried. What would hang on a check is left open.
pub(super) fn without_asking(engine: &Engine, auction: &mut Auction) {
    let campaign = auction.terms.campaign.clone();
    let now = engine.now();
    if !campaign.intake.is_idle() {
        let mut lead = Lead::clone(&auction.lead);
        campaign.intake.compute(&mut lead, now);
        auction.lead = Arc::new(lead);
    }
    let skipped = campaign.intake.checks.iter();
    let skipped = skipped.map(|check| Arc::from(format!("check {}: not asked", check.name)));
    auction.judged.notes.extend(skipped);
    judge(auction, &vec![Finding::NotAsked; campaign.intake.checks.len()], now);
}

fn judge(auction: &mut Auction, findings: &[Finding], now: Moment) {
    let campaign = auction.terms.campaign.clone();
    let released = auction.judged.released;
    let verdict = campaign.intake.judge(&auction.lead, findings, released, now);
    auction.judged.notes.extend(verdict.flags);
    auction.judged.refused = verdict.refused;
    // Nobody can look at a ping: what asks for a look waits for the post.
    if auction.terms.stage() == Stage::Post {
        auction.judged.review = verdict.review;
        look_at_text(auction, released);
    }
}

/// A text that is not an approved one, where the campaign does not refuse it outright.
fn look_at_text(auction: &mut Auction, released: bool) {
    let texts = &auction.terms.campaign.consent.texts;
    if texts.unknown == Unknown::Refuse {
        return;
    }
    let Some(text) = texts.unknown_text(&ConsentRecord::of(&auction.lead)) else {
        return;
    };
    let why = format!("the text that the person saw ({text}) is not an approved one");
    if texts.unknown == Unknown::Review && !released {
        auction.judged.review.get_or_insert(why.into());
    } else {
        let word = if released { "released from review" } else { "flagged" };
        auction.judged.notes.push(format!("{word}: {why}").into());
    }
}

/// What came of one check.
struct Heard {
    finding: Finding,
    kept: Kept,
    took_us: u64,
}

impl Heard {
    /// One line of the record. What the service said of the lead stands in fields, and not here.
    fn note(&self, check: &Check) -> Arc<str> {
        format!("check {}: {} in {} ms", check.name, self.finding.word(), self.took_us / 1_000).into()
    }
}

fn metrics(check: &Check, finding: &Finding) {
    tracing::debug!(check = %check.name, finding = finding.word(), "checked");
}

/// Asks one service. Whatever goes wrong is a finding, and never a pass.
async fn ask(engine: &Engine, auction: &Auction, check: &Check, lead: &Lead) -> Heard {
    let started = Instant::now();
    let (finding, kept) = answer(engine, auction, check, lead).await;
    Heard {
        finding,
        kept,
        took_us: micros(started.elapsed()),
    }
}

async fn answer(engine: &Engine, auction: &Auction, check: &Check, lead: &Lead) -> (Finding, Kept) {
    let binding = &engine.book.checks[check.binding];
    let unknown = |why: &dyn std::fmt::Display| {
        (
            Finding::Unknown {
                why: why.to_string().into(),
            },
            Kept::default(),
        )
    };
    let params = match auction.terms.run {
        Run::Live => Some(&binding.params),
        Run::Test => binding.test_params.as_ref(),
    };
    // A made-up person is no question for a service that bills by the question.
    let Some(params) = params else {
        return (Finding::NotAsked, Kept::default());
    };
    let request = match written(engine, auction, check, lead, params) {
        Ok(request) => request,
        Err(fault) => return unknown(&fault),
    };
    let until = Instant::now() + Duration::from_millis(check.timeout_ms.into());
    let call = Call {
        request,
        contract: engine.book.catalog.contract_count() + CHECK_SLOTS + check.binding,
        calls_max: check.calls_max,
        until: until.min(latest(auction)),
        send_by: None,
        listen_on: Duration::ZERO,
        late: None,
        answer_bytes_max: engine.limits.answer_bytes_max,
        connection: Connection::Any,
    };
    match engine.outbound.call(call).await {
        CallEnd::Answered { answer, .. } => finding(binding.integration.read_post(Asked::by(params), &answer)),
        CallEnd::NotSent(why) => unknown(&why),
        CallEnd::Broken { why, .. } => unknown(&why),
        CallEnd::Late => unknown(&"no answer in time"),
    }
}

/// The request, with no more of the lead than the check may see.
fn written(engine: &Engine, auction: &Auction, check: &Check, lead: &Lead, params: &Params) -> Result<Outgoing, RenderError> {
    let (view, bid) = (CheckView::of(lead, &check.sends), Bid::at(Money::ZERO));
    let call = PostCall {
        attempt: AttemptId::from_bits(engine.fresh(engine.now())),
        callback: None,
        ping_id: None,
        bid: &bid,
        test: auction.terms.run == Run::Test,
        source: auction.terms.source().name.as_str(),
        now: engine.now(),
        kept: Kept::NONE,
        ask: Ask::default(),
    };
    engine.book.checks[check.binding].integration.render_check(params, &view, &call)
}

/// Behind the slots of contracts, of the outbox and of logins: limits on open calls are counted by number.
const CHECK_SLOTS: usize = 128;

/// Half of the time of a one-call lead stays for those who buy it.
fn latest(auction: &Auction) -> Instant {
    let answer_by = auction.deadline.answer_by();
    let now = Instant::now();
    now + answer_by.saturating_duration_since(now) / 2
}

fn finding(reading: PostReading) -> (Finding, Kept) {
    let said = || {
        let noted = || reading.notes.first().map_or("nothing that can be read", String::as_str).into();
        reading.reason.clone().unwrap_or_else(noted)
    };
    let finding = match reading.outcome {
        PostOutcome::Accepted => Finding::Pass,
        PostOutcome::Rejected | PostOutcome::Duplicate => Finding::Fail { said: said() },
        PostOutcome::Error | PostOutcome::Queued | PostOutcome::NotFound | PostOutcome::Unknown => Finding::Unknown { why: said() },
    };
    (finding, reading.kept)
}
