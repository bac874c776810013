//! An exchange at work, as a supplier and an auditor see it.

use super::disk::Disk;
use super::exchange::Exchange;
use super::outbound::MarketOutbound;
use super::script::Script;
use super::story::story;
use super::time::OPENING_MS;
use outcry_core::moment::Moment;
use outcry_core::raw::Raw;
use outcry_core::record::{Finding, Record, Subject};
use outcry_engine::answer::Answer;
use outcry_engine::asked::Asked;
use outcry_engine::denied::Denied;
use outcry_engine::engine::Engine;
use outcry_engine::ports::store::{Books, LeadState, Recovery};
use outcry_engine::quote::QuoteAnswer;
use outcry_engine::resolve::follow::Followed;
use outcry_engine::sell::{self, Identity, LeadRequest, PingRequest, PostRequest};
use outcry_market::leads::{LeadMaker, ping_part, to_json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// An exchange at work.
pub(crate) struct Floor {
    pub(crate) engine: Arc<Engine>,
    pub(crate) outbound: Arc<MarketOutbound>,
    pub(crate) script: Arc<Script>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) maker: LeadMaker,
    pub(crate) recovery: Recovery,
    pub(crate) followed: Followed,
    pub(crate) exchange: Exchange,
}

impl Floor {
    /// Lead number `n`, the same to the letter whenever it is asked for. Another number, another person.
    pub(crate) fn lead(&self, n: u64) -> Raw {
        self.maker.lead(n, Moment::from_unix_ms(OPENING_MS))
    }

    /// What a two-call source sends first of a lead.
    pub(crate) fn ping_part(&self, lead: &Raw) -> Raw {
        ping_part(lead, self.maker.lead_type())
    }

    /// Submits a lead of `site` without an idempotency key.
    pub(crate) async fn sell(&self, lead: &Raw) -> Result<Answer, Denied> {
        self.sell_as("site", lead, None).await
    }

    /// The same with a lead that must be taken.
    pub(crate) async fn submit(&self, lead: &Raw) -> Answer {
        self.sell(lead).await.expect("a lead that is taken")
    }

    /// Submits a lead of a source, perhaps with a key. The answer must be in time.
    pub(crate) async fn sell_as(&self, source: &str, lead: &Raw, key: Option<&str>) -> Result<Answer, Denied> {
        self.sell_asking(source, lead, key, Asked::default()).await
    }

    /// Submits a lead of which something is asked. The answer must be in time.
    pub(crate) async fn sell_asking(&self, source: &str, lead: &Raw, key: Option<&str>, asked: Asked) -> Result<Answer, Denied> {
        let (source, identity) = (self.source(source), identity(lead, key));
        let selling = sell::lead(
            &self.engine,
            LeadRequest {
                source,
                lead: lead.clone(),
                asked,
                identity,
            },
        );
        self.in_time(source, selling).await
    }

    /// Pings with the ping part of a lead.
    pub(crate) async fn ping(&self, lead: &Raw) -> Result<QuoteAnswer, Denied> {
        self.ping_as("site", &self.ping_part(lead)).await
    }

    /// Pings with just this.
    pub(crate) async fn ping_as(&self, source: &str, lead: &Raw) -> Result<QuoteAnswer, Denied> {
        let source = self.source(source);
        let pinging = sell::ping(
            &self.engine,
            PingRequest {
                source,
                lead: lead.clone(),
                asked: Asked::default(),
                identity: identity(lead, None),
            },
        );
        self.in_time(source, pinging).await
    }

    /// Pings and gives back the token of the offer, which there must be.
    pub(crate) async fn token(&self, lead: &Raw) -> String {
        self.ping(lead).await.expect("a ping that is taken").offer.expect("an offer").token
    }

    /// Posts a lead with a token.
    pub(crate) async fn post(&self, lead: &Raw, token: &str) -> Result<Answer, Denied> {
        self.post_as("site", lead, token).await
    }

    /// Posts a lead of a source with a token.
    pub(crate) async fn post_as(&self, source: &str, lead: &Raw, token: &str) -> Result<Answer, Denied> {
        let source = self.source(source);
        let identity = Identity::of(format!("{}{token}", to_json(lead)).as_bytes(), None);
        let posting = sell::post(
            &self.engine,
            PostRequest {
                source,
                lead: lead.clone(),
                asked: Asked::default(),
                token: token.to_owned(),
                identity,
            },
        );
        self.in_time(source, posting).await
    }

    async fn in_time<T>(&self, source: usize, answering: impl Future<Output = T>) -> T {
        let (begun, own) = (Instant::now(), self.engine.source(source).deadline_ms);
        let answer = answering.await;
        let limit = own.map_or(Duration::from_secs(2), |own| {
            Duration::from_millis(own.into()).min(Duration::from_secs(2))
        });
        assert!(
            begun.elapsed() <= limit,
            "the answer came after {:?} and not after {limit:?}",
            begun.elapsed()
        );
        answer
    }

    fn source(&self, name: &str) -> usize {
        let sources = &self.engine.book().catalog.sources;
        sources
            .iter()
            .position(|source| source.name.as_str() == name)
            .expect("a source of the exchange")
    }

    /// What the record of an answered lead tells, or the bare status where there is no record yet.
    pub(crate) async fn told(&self, answer: &Answer) -> String {
        let record = self
            .engine
            .store()
            .record(Subject::Lead(answer.lead))
            .await
            .expect("a store that reads");
        record.map_or_else(|| answer.status.word().to_owned(), |record| story(&record))
    }

    /// What the latest record tells.
    pub(crate) async fn latest(&self) -> String {
        story(self.records().await.first().expect("a record"))
    }

    /// All records, the latest first.
    pub(crate) async fn records(&self) -> Vec<Record> {
        self.engine.store().latest(10_000).await.expect("a store that reads")
    }

    /// Where a lead stands, and what its source would be told now.
    pub(crate) async fn standing(&self, answer: &Answer) -> (LeadState, Option<Answer>) {
        let standing = self
            .engine
            .store()
            .lead(answer.lead)
            .await
            .expect("a store that reads")
            .expect("a lead that was accepted");
        (standing.state, standing.answer)
    }

    /// The books.
    pub(crate) async fn books(&self) -> Books {
        self.engine.store().books().await.expect("a store that reads")
    }

    /// Units of a cap in use.
    pub(crate) async fn used(&self, cap: &str) -> i64 {
        let counters = self.engine.store().counters().await.expect("a store that reads");
        counters
            .iter()
            .filter(|counter| &*counter.cap == cap)
            .map(|counter| counter.used)
            .sum()
    }

    /// Hosts that pings and posts went to, in order: `ann/ping`.
    pub(crate) fn calls(&self) -> Vec<String> {
        let sent = self.outbound.sent();
        sent.iter()
            .map(|sent| format!("{}{}", sent.host.trim_end_matches(".example"), sent.path))
            .collect()
    }

    /// How many of these calls there were.
    pub(crate) fn count(&self, call: &str) -> usize {
        self.calls().iter().filter(|other| *other == call).count()
    }

    /// What must hold after anything: every contract has one place or one reason, nobody was sold twice, no ping says
    /// whose it is, and the books add up.
    pub(crate) async fn audit(&self) {
        for record in self.records().await {
            let told = story(&record);
            assert!(!told.contains("NO REASON"), "{told}");
            let wrong = record
                .check()
                .into_iter()
                .find(|finding| matches!(finding, Finding::Contradicts(_)));
            assert_eq!(wrong, None, "{told}");
            let kept = record
                .lines
                .iter()
                .flat_map(|line| &line.posts)
                .filter(|post| ["accepted", "unknown"].contains(&&*post.verdict));
            assert!(kept.count() <= 1, "one lead, one sale: {told}");
        }
        let mut people = BTreeSet::new();
        let live = self.script.taken().into_iter().filter(|taken| !taken.host.starts_with("test."));
        live.for_each(|taken| assert!(people.insert(taken.phone.clone()), "{} was sold twice", taken.phone));
        for sent in self.outbound.sent().iter().filter(|sent| sent.path == "/ping") {
            assert!(!sent.body.contains("lead_0") && !sent.body.contains("\"phone\":"), "{}", sent.body);
        }
        let books = self.books().await;
        assert_eq!(books.payout + books.margin, books.price);
        assert_eq!(books.sold + books.unsold + books.pending, books.leads);
    }
}

fn identity(lead: &Raw, key: Option<&str>) -> Identity {
    Identity::of(to_json(lead).as_bytes(), key)
}

/// The lead with another value in one field.
pub(crate) fn with(lead: &Raw, name: &str, value: Raw) -> Raw {
    let Raw::Object(members) = lead else {
        panic!("a lead is an object")
    };
    let mut members: Vec<_> = members.iter().filter(|(key, _)| &**key != name).cloned().collect();
    members.push((name.into(), value));
    Raw::Object(members)
}

/// The same with a text.
pub(crate) fn with_text(lead: &Raw, name: &str, value: &str) -> Raw {
    with(lead, name, Raw::Text(value.into()))
}

/// The lead without a field.
pub(crate) fn without(lead: &Raw, name: &str) -> Raw {
    let Raw::Object(members) = lead else {
        panic!("a lead is an object")
    };
    Raw::Object(members.iter().filter(|(key, _)| &**key != name).cloned().collect())
}

/// Lets time pass.
pub(crate) async fn pass(ms: u64) {
    sleep(Duration::from_millis(ms)).await;
}

/// Sells one lead to the buyers of a table and compares what the record tells of it.
#[track_caller]
pub(crate) fn check(table: &'static str, expected: &'static str) -> impl Future<Output = ()> {
    Exchange::of(table).check(expected)
}

impl Exchange {
    /// Sells one lead and compares what the record tells of it.
    pub(crate) async fn check(self, expected: &str) {
        let floor = self.open().await;
        let answer = floor.submit(&floor.lead(1)).await;
        assert_eq!(floor.told(&answer).await, expected);
        floor.audit().await;
    }
}
