//! The exchange of the whole market, as `examples/market` sets it up.

use crate::support::exchange::{PEOPLE, compiled};
use crate::support::outbound::MarketOutbound;
use crate::support::story::story;
use crate::support::time::{OPENING_MS, PausedClock, SeededChance};
use outcry_core::catalog::Campaign;
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::raw::Raw;
use outcry_core::record::{Record, Subject};
use outcry_engine::answer::Answer;
use outcry_engine::asked::Asked;
use outcry_engine::denied::Denied;
use outcry_engine::engine::{Engine, Keys, Limits, Ports};
use outcry_engine::sell::{self, Identity, LeadRequest, PingRequest, PostRequest};
use outcry_engine::token::TokenKey;
use outcry_market::leads::{LeadMaker, ping_part, to_json};
use outcry_market::spec::MARKET;
use outcry_market::world::World;
use outcry_store::Memory;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A market and its exchange.
pub(super) struct Market {
    pub(super) engine: Arc<Engine>,
    pub(super) world: Arc<World>,
    makers: Vec<LeadMaker>,
}

impl Market {
    /// The demo market of a seed, with its exchange open.
    pub(super) async fn open(seed: u64) -> Self {
        let world = Arc::new(World::demo(seed));
        let address = |name: &str| format!("http://127.0.0.1:8701/b/{name}");
        let files = MARKET.spec(&world, &address);
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let book = compiled(&files);
        let ports = Ports {
            store: Arc::new(Memory::new()),
            outbound: Arc::new(MarketOutbound::to(world.clone())),
            clock: Arc::new(PausedClock::start()),
            chance: Arc::new(SeededChance::of(seed)),
        };
        let keys = Keys {
            token: TokenKey::new([7; 32]),
            people: PEOPLE.clone(),
        };
        let of_source = |source: &outcry_core::catalog::Source| book.catalog.campaigns[source.campaign].lead_type.clone();
        let makers = book.catalog.sources.iter().map(of_source).map(|lead_type| {
            let sellers = world.sellers(lead_type.name.as_str());
            LeadMaker::new(lead_type, seed).with_sellers(sellers)
        });
        let makers = makers.collect();
        let (engine, _) = Engine::start(Arc::new(book), ports, keys, Limits::default())
            .await
            .expect("an exchange that starts");
        Self { engine, world, makers }
    }

    /// Lead number `n`: the sources take turns.
    pub(super) fn lead(&self, n: u64) -> (usize, Raw) {
        let source = usize::try_from(n).expect("a small number") % self.makers.len();
        (source, self.makers[source].lead(n, Moment::from_unix_ms(OPENING_MS)))
    }

    /// Sells lead number `n` through the door whose turn it is; what its source hears, in time.
    pub(super) async fn sell(&self, n: u64) -> String {
        let (source, lead) = self.lead(n);
        let two_calls = (n / self.makers.len() as u64) % 2 == 1;
        if two_calls {
            self.in_two_calls(source, lead).await
        } else {
            heard(&self.in_time(source, self.in_one_call(source, lead)).await)
        }
    }

    async fn in_one_call(&self, source: usize, lead: Raw) -> Result<Answer, Denied> {
        let identity = Identity::of(to_json(&lead).as_bytes(), None);
        sell::lead(
            &self.engine,
            LeadRequest {
                source,
                lead,
                asked: Asked::default(),
                identity,
            },
        )
        .await
    }

    async fn in_two_calls(&self, source: usize, lead: Raw) -> String {
        let ping = ping_part(&lead, self.makers[source].lead_type());
        let identity = Identity::of(to_json(&ping).as_bytes(), None);
        let quote = self
            .in_time(
                source,
                sell::ping(
                    &self.engine,
                    PingRequest {
                        source,
                        lead: ping,
                        asked: Asked::default(),
                        identity,
                    },
                ),
            )
            .await;
        let Some(offer) = quote.expect("a ping that is taken").offer else {
            return "no offer".to_owned();
        };
        let identity = Identity::of(to_json(&lead).as_bytes(), None);
        let posting = sell::post(
            &self.engine,
            PostRequest {
                source,
                lead,
                asked: Asked::default(),
                token: offer.token,
                identity,
            },
        );
        let answer = self.in_time(source, posting).await;
        if let Ok(answer) = &answer {
            // More, if the next in line has the higher bid and stood behind by its handicap. Less, if the buyer lowered its
            // price once it had the lead: then all of it.
            let kept = answer.payout == Money::ZERO || answer.payout >= offer.payout;
            assert!(
                kept || self.margin(answer).await == Money::ZERO,
                "{} was promised, {} is paid",
                offer.payout,
                answer.payout
            );
        }
        format!("offered {}, {}", offer.payout, heard(&answer))
    }

    async fn in_time<T>(&self, source: usize, answering: impl Future<Output = T>) -> T {
        let limit = self.engine.source(source).deadline_ms.unwrap_or(2_000);
        let begun = Instant::now();
        let answer = answering.await;
        assert!(
            begun.elapsed() <= Duration::from_millis(limit.into()),
            "an answer after {:?}",
            begun.elapsed()
        );
        answer
    }

    /// Every record, the latest first.
    pub(super) async fn records(&self) -> Vec<Record> {
        self.engine.store().latest(10_000).await.expect("a store that reads")
    }

    /// What the operator keeps of a lead.
    async fn margin(&self, answer: &Answer) -> Money {
        let records = self.records().await;
        let own = records.iter().find(|record| record.subject == Subject::Lead(answer.lead));
        let sales = own.map(|record| record.ending.sales()).unwrap_or_default();
        sales.iter().map(|sale| sale.split.margin).sum()
    }

    /// The campaign of a record.
    pub(super) fn campaign(&self, record: &Record) -> Arc<Campaign> {
        let campaigns = self.engine.book().catalog.campaigns.iter();
        let found = campaigns.into_iter().find(|campaign| campaign.name == record.campaign);
        found.expect("a campaign of the catalog").clone()
    }

    /// The time of day.
    pub(super) fn now(&self) -> Moment {
        self.engine.now()
    }

    /// What all records tell.
    pub(super) async fn told(&self) -> Vec<String> {
        self.records()
            .await
            .iter()
            .map(|record| format!("{:?} after {} us: {}", record.subject, record.took_us, story(record)))
            .collect()
    }
}

fn heard(answer: &Result<Answer, Denied>) -> String {
    match answer {
        Ok(answer) => format!("{} {} at {}", answer.lead, answer.status.word(), answer.payout),
        Err(denied) => panic!("a lead of the market was not taken: {denied:?}"),
    }
}
