//! The stores of this crate against the suite, and the suite against a store that looks before it leaps.

mod crowds;

use super::{all, consent, race};
use crate::{Memory, Sqlite, Vault};
use outcry_core::catalog::Catalog;
use outcry_core::id::{AttemptId, BootId, LeadId, QuoteId};
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::record::{Record, Subject};
use outcry_core::throttle::Rate;
use outcry_core::wheel::Wheels;
use outcry_engine::ports::Later;
use outcry_engine::ports::store::{
    Accept, Accepted, Books, Claim, Counter, Decide, Delivery, Draw, Drawn, Drew, Hold, IdempotencyKey, InReview, Intend, Intended,
    LeadCase, LeadStanding, ListChange, Mark, Message, Objections, OpenAttempt, PersonKey, Quote, Recovery, Refusal, Replay, RouteDay,
    Settle, Settled, Store, StoreFault, Tell, Token, Turn, Waiting, Withdrawal,
};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_in_memory_keeps_every_promise() {
    all(|| Arc::new(Memory::new())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_in_sqlite_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let count = std::cell::Cell::new(0);
    all(|| {
        count.set(count.get() + 1);
        Arc::new(Sqlite::open(&folder.path().join(count.get().to_string()), Vault::from_key([3; 32])).unwrap())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_looks_before_it_leaps_fails_the_race() {
    let race = tokio::spawn(race::of_64_posts_for_the_last_places_of_a_cap_exactly_those_go(naive()));
    assert!(race.await.is_err(), "a suite that lets check-then-act through proves nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_looks_at_a_wheel_before_it_turns_it_fails_the_race() {
    let race = tokio::spawn(race::of_64_turns_everybody_has_as_many(naive()));
    assert!(race.await.is_err(), "two auctions that see the same wheel give the same turn away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_looks_for_a_leg_before_it_takes_it_fails_the_race() {
    let race = tokio::spawn(race::of_64_posts_of_one_leg_one_is_made(naive()));
    assert!(race.await.is_err(), "two posts that see the same leg free are both made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_looks_before_it_leaps_fails_every_race_of_pacing() {
    let races: [(&str, Later<'static, ()>); 3] = [
        (
            "rolling",
            Box::pin(race::of_64_posts_in_a_rolling_window_exactly_the_limit_go(naive())),
        ),
        (
            "throttle",
            Box::pin(race::of_64_posts_at_one_moment_as_many_go_as_the_bucket_has_tokens(naive())),
        ),
        (
            "pings",
            Box::pin(race::of_64_leads_pinging_at_once_exactly_the_limit_of_pings_leave(naive())),
        ),
    ];
    for (name, race) in races {
        assert!(tokio::spawn(race).await.is_err(), "check-then-act gets through: {name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_forgets_withdrawals_fails() {
    let after = tokio::spawn(consent::a_withdrawal_stops_every_later_post_and_none_before_it(naive()));
    assert!(after.await.is_err(), "a withdrawal that is not asked for in T2 stops nothing");
    let crowd = tokio::spawn(race::of_64_posts_around_a_withdrawal_none_goes_after_it(naive()));
    assert!(crowd.await.is_err(), "nor in a crowd");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_looks_whether_a_lead_waits_before_it_takes_it_fails_the_race() {
    let race = tokio::spawn(race::of_64_reviewers_one_takes_the_lead(naive()));
    assert!(race.await.is_err(), "two reviewers who see the same lead waiting both decide");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_looks_for_a_duplicate_before_it_takes_one_in_fails_the_race() {
    for race in [
        tokio::spawn(race::of_64_leads_of_one_person_at_once_one_is_no_duplicate(naive())),
        tokio::spawn(race::of_64_leads_of_one_person_one_is_posted(naive())),
    ] {
        assert!(race.await.is_err(), "two copies that look at the same moment both find nobody");
    }
}

fn naive() -> Arc<dyn Store> {
    Arc::new(Naive {
        inside: Memory::new(),
        legs: Mutex::default(),
        quotes: Mutex::default(),
        buckets: tokio::sync::Mutex::default(),
        seen: tokio::sync::Mutex::default(),
    })
}

/// Reads the counters or the legs, finds room, and takes it a moment later: what many exchanges do.
struct Naive {
    inside: Memory,
    legs: Mutex<BTreeSet<u32>>,
    quotes: Mutex<BTreeSet<QuoteId>>,
    buckets: tokio::sync::Mutex<HashMap<Arc<str>, i64>>,
    seen: tokio::sync::Mutex<Vec<(PersonKey, Arc<str>)>>,
}

impl Naive {
    /// A leg is a number of its own for the store inside, so that nothing but the look keeps two posts apart.
    async fn look_then_take_the_leg(&self, mut intend: Intend) -> Result<Intended, StoreFault> {
        let leg = intend.leg;
        if self.legs.lock().unwrap().contains(&leg) {
            return Ok(Intended::Refused(Refusal::LegTaken));
        }
        tokio::task::yield_now().await;
        self.legs.lock().unwrap().insert(leg);
        intend.leg = 1_000 + u32::try_from(intend.attempt.bits() & 0xffff).unwrap();
        self.inside.intend(intend).await
    }

    async fn look_then_leap(&self, mut intend: Intend) -> Result<Intended, StoreFault> {
        if intend.leg > 0 {
            return self.look_then_take_the_leg(intend).await;
        }
        // Withdrawals were asked about when the lead came in.
        intend.withdrawn_in.clear();
        let counters = self.inside.counters().await?;
        for Hold {
            cap, span, limit, amount, ..
        } in &mut intend.holds
        {
            if used(&counters, cap, span.since) + *amount > *limit {
                return Ok(Intended::Refused(full(cap, *limit)));
            }
            *limit = i64::MAX;
        }
        let empty = self.look_at_buckets(&mut intend.tokens, intend.at).await?;
        if let Some(scope) = self.taken(&intend.claims, intend.lead, intend.at).await? {
            return Ok(Intended::Refused(Refusal::Duplicate { scope }));
        }
        tokio::task::yield_now().await;
        match empty {
            Some(empty) => Ok(Intended::Refused(empty)),
            None => {
                self.inside
                    .intend(Intend {
                        claims: Vec::new(),
                        ..intend
                    })
                    .await
            }
        }
    }

    async fn taken(&self, claims: &[Claim], lead: LeadId, at: Moment) -> Result<Option<Arc<str>>, StoreFault> {
        let held = self
            .inside
            .held(claims.iter().map(|claim| claim.person).collect(), Some(lead), at)
            .await?;
        let mut seen = self.seen.lock().await.clone();
        seen.extend(held);
        let wanted = |claim: &&Claim| seen.contains(&(claim.person, claim.scope.clone()));
        let taken = claims.iter().find(wanted).map(|claim| claim.scope.clone());
        tokio::task::yield_now().await;
        let own = claims.iter().map(|claim| (claim.person, claim.scope.clone()));
        self.seen.lock().await.extend(own);
        Ok(taken)
    }

    async fn look_then_accept(&self, mut accept: Accept) -> Result<Accepted, StoreFault> {
        if let Some(quote) = accept.quote.take() {
            if self.quotes.lock().unwrap().contains(&quote) {
                return Ok(Accepted::QuoteUsed);
            }
            tokio::task::yield_now().await;
            self.quotes.lock().unwrap().insert(quote);
        }
        let claim = |mark: &Mark| Claim {
            scope: mark.scope.clone(),
            person: mark.person,
            until: mark.until,
            kept: true,
        };
        let claims: Vec<Claim> = accept.marks.iter().map(claim).collect();
        match self.taken(&claims, accept.lead, accept.received).await? {
            Some(scope) => Ok(Accepted::Duplicate { scope }),
            None => {
                self.inside
                    .accept(Accept {
                        marks: Vec::new(),
                        ..accept
                    })
                    .await
            }
        }
    }

    /// Asks a ping that takes nothing whether there is a token, and has it taken without asking again.
    async fn look_at_buckets(&self, tokens: &mut [Token], at: Moment) -> Result<Option<Refusal>, StoreFault> {
        for token in tokens {
            let mut buckets = self.buckets.lock().await;
            let full_at = buckets.entry(token.throttle.clone()).or_default();
            let Ok(next) = token.rate.take(*full_at, at) else {
                return Ok(Some(Refusal::TooFast {
                    throttle: token.throttle.clone(),
                    wait_ms: 1,
                }));
            };
            token.rate = Rate {
                every_us: 1,
                burst: u32::MAX,
            };
            drop(buckets);
            tokio::task::yield_now().await;
            self.buckets.lock().await.insert(token.throttle.clone(), next);
        }
        Ok(None)
    }

    async fn look_then_draw(&self, mut draw: Draw) -> Result<Drew, StoreFault> {
        let counters = self.inside.counters().await?;
        let mut refused = Vec::new();
        for ping in &mut draw.pings {
            let mut why = self.look_at_buckets(&mut ping.tokens, draw.at).await?;
            for Hold {
                cap, span, limit, amount, ..
            } in &mut ping.holds
            {
                if used(&counters, cap, span.since) + *amount > *limit {
                    why = why.or(Some(full(cap, *limit)));
                }
                *limit = i64::MAX;
            }
            if why.is_some() {
                *ping = Drawn::default();
            }
            refused.push(why);
        }
        tokio::task::yield_now().await;
        Ok(Drew {
            pings: refused,
            ..self.inside.draw(draw).await?
        })
    }
}

fn used(counters: &[Counter], cap: &Arc<str>, since: Moment) -> i64 {
    counters
        .iter()
        .filter(|counter| counter.cap == *cap && since <= counter.window)
        .map(|counter| counter.used)
        .sum()
}

fn full(cap: &Arc<str>, limit: i64) -> Refusal {
    Refusal::CapFull {
        cap: cap.clone(),
        limit,
        opens: None,
    }
}

impl Naive {
    async fn look_then_turn(&self, turn: Turn) -> Result<Wheels, StoreFault> {
        let look: Decide = Arc::new(|_| Vec::new());
        let seen = self
            .inside
            .turn(Turn {
                decide: look,
                ..turn.clone()
            })
            .await?;
        tokio::task::yield_now().await;
        let charges = (turn.decide)(&seen);
        self.inside
            .turn(Turn {
                decide: Arc::new(move |_| charges.clone()),
                ..turn
            })
            .await?;
        Ok(seen)
    }
}

impl Store for Naive {
    fn draw(&self, draw: Draw) -> Later<'_, Result<Drew, StoreFault>> {
        Box::pin(self.look_then_draw(draw))
    }
    fn waiting(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Waiting>, StoreFault>> {
        self.inside.waiting(now, at_most)
    }
    fn turn(&self, turn: Turn) -> Later<'_, Result<Wheels, StoreFault>> {
        Box::pin(self.look_then_turn(turn))
    }
    fn outcomes(&self, since: Moment) -> Later<'_, Result<Vec<RouteDay>, StoreFault>> {
        self.inside.outcomes(since)
    }
    fn intend(&self, intend: Intend) -> Later<'_, Result<Intended, StoreFault>> {
        Box::pin(self.look_then_leap(intend))
    }
    fn accept(&self, accept: Accept) -> Later<'_, Result<Accepted, StoreFault>> {
        Box::pin(self.look_then_accept(accept))
    }
    fn settle(&self, settle: Settle) -> Later<'_, Result<Settled, StoreFault>> {
        self.inside.settle(settle)
    }
    fn deliver(&self, delivery: Delivery) -> Later<'_, Result<(), StoreFault>> {
        self.inside.deliver(delivery)
    }
    fn due(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Message>, StoreFault>> {
        self.inside.due(now, at_most)
    }
    fn keep_quote(&self, quote: Quote, record: Arc<Record>) -> Later<'_, Result<(), StoreFault>> {
        self.inside.keep_quote(quote, record)
    }
    fn quote(&self, id: QuoteId) -> Later<'_, Result<Option<Quote>, StoreFault>> {
        self.inside.quote(id)
    }
    fn replay(&self, key: &IdempotencyKey) -> Later<'_, Result<Replay, StoreFault>> {
        self.inside.replay(key)
    }
    fn record(&self, subject: Subject) -> Later<'_, Result<Option<Record>, StoreFault>> {
        self.inside.record(subject)
    }
    fn latest(&self, at_most: usize) -> Later<'_, Result<Vec<Record>, StoreFault>> {
        self.inside.latest(at_most)
    }
    fn lead(&self, id: LeadId) -> Later<'_, Result<Option<LeadStanding>, StoreFault>> {
        self.inside.lead(id)
    }
    fn case(&self, id: LeadId) -> Later<'_, Result<Option<LeadCase>, StoreFault>> {
        self.inside.case(id)
    }
    fn unknowns(&self, after: Option<(Moment, AttemptId)>, at_most: usize) -> Later<'_, Result<Vec<OpenAttempt>, StoreFault>> {
        self.inside.unknowns(after, at_most)
    }
    fn reopen(&self, id: LeadId, catalog: &Catalog) -> Later<'_, Result<Option<Lead>, StoreFault>> {
        self.inside.reopen(id, catalog)
    }
    fn withdraw(&self, withdrawal: Withdrawal) -> Later<'_, Result<u64, StoreFault>> {
        self.inside.withdraw(withdrawal)
    }
    fn in_review(&self, at_most: usize) -> Later<'_, Result<Vec<InReview>, StoreFault>> {
        self.inside.in_review(at_most)
    }
    fn take_from_review(&self, lead: LeadId) -> Later<'_, Result<bool, StoreFault>> {
        Box::pin(async move {
            let waits = self.inside.in_review(1_000).await?.iter().any(|one| one.lead == lead);
            tokio::task::yield_now().await;
            self.inside.take_from_review(lead).await?;
            Ok(waits)
        })
    }
    fn change_list(&self, change: ListChange) -> Later<'_, Result<(), StoreFault>> {
        self.inside.change_list(change)
    }
    fn list_changes(&self) -> Later<'_, Result<Vec<ListChange>, StoreFault>> {
        self.inside.list_changes()
    }
    fn held(&self, people: Vec<PersonKey>, lead: Option<LeadId>, at: Moment) -> Later<'_, Result<Vec<(PersonKey, Arc<str>)>, StoreFault>> {
        self.inside.held(people, lead, at)
    }
    fn objection(&self, asked: Objections) -> Later<'_, Result<Option<Refusal>, StoreFault>> {
        self.inside.objection(asked)
    }
    fn recover(&self, boot: BootId, now: Moment, tell: Tell) -> Later<'_, Result<Recovery, StoreFault>> {
        self.inside.recover(boot, now, tell)
    }
    fn counters(&self) -> Later<'_, Result<Vec<Counter>, StoreFault>> {
        self.inside.counters()
    }
    fn books(&self) -> Later<'_, Result<Books, StoreFault>> {
        self.inside.books()
    }
}
