//! The demo's sources: each sends leads of its own type, three in four in one call and the rest in two.

use super::books::SourceCount;
use crate::loopback::{Answer, Connection};
use anyhow::{Context, Result};
use outcry_core::id::LeadId;
use outcry_core::lead_type::LeadType;
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::raw::Raw;
use outcry_market::leads::{LeadMaker, ping_part, to_json};
use outcry_market::vendors::Desk;
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::Write;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Sources that work at once when nothing slows them down.
const AT_ONCE: usize = 32;
/// The deadline of the exchange, and what the network and this program may add.
const LATE_AFTER: Duration = Duration::from_millis(2_050);
/// One lead in so many goes through the two doors of ping and post.
const TWO_CALLS_EACH: u64 = 4;

/// One source of the demo.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) maker: LeadMaker,
}

/// All sources, and what they count together.
pub(super) struct Crowd {
    pub(super) sources: Vec<Source>,
    /// The services that were there when forms were filled in.
    pub(super) desk: Arc<Desk>,
    pub(super) port: u16,
    pub(super) count: Arc<Mutex<SourceCount>>,
    pub(super) acknowledged: Option<Arc<File>>,
    pub(super) now: fn() -> Moment,
    /// Once cancelled, no source begins another lead; those under way are still answered.
    pub(super) stop: CancellationToken,
}

/// How long and how fast.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    /// Number of the first lead; every number is another person.
    pub(super) first: u64,
    /// So many leads, or until the crowd is stopped.
    pub(super) leads: Option<u64>,
    /// So many a second, or as fast as the exchange answers.
    pub(super) per_second: Option<f64>,
}

impl Crowd {
    /// Sends leads at a pace. Resolves when all that were begun have been answered.
    pub(super) async fn send(self: Rc<Self>, pace: Pace) {
        let next = Rc::new(Cell::new(pace.first));
        let end = pace.leads.map_or(u64::MAX, |leads| pace.first + leads);
        let local = tokio::task::LocalSet::new();
        match pace.per_second {
            None => {
                for _ in 0..AT_ONCE {
                    local.spawn_local(self.clone().as_fast_as_answered(next.clone(), end));
                }
            }
            Some(rate) => {
                local.spawn_local(self.clone().at_rate(next, end, rate));
            }
        }
        local.await;
    }

    async fn as_fast_as_answered(self: Rc<Self>, next: Rc<Cell<u64>>, end: u64) {
        let mut connection = None;
        while next.get() < end && !self.stop.is_cancelled() {
            let n = next.replace(next.get() + 1);
            self.one(&mut connection, n).await;
        }
    }

    async fn at_rate(self: Rc<Self>, next: Rc<Cell<u64>>, end: u64, rate: f64) {
        let idle: Rc<RefCell<Vec<Connection>>> = Rc::default();
        let gap = Duration::from_secs_f64(1.0 / rate.max(0.001));
        let mut due = Instant::now();
        while next.get() < end {
            tokio::select! {
                () = tokio::time::sleep_until(due) => {}
                () = self.stop.cancelled() => return,
            }
            due += gap;
            let n = next.replace(next.get() + 1);
            let (crowd, idle) = (self.clone(), idle.clone());
            tokio::task::spawn_local(async move {
                let mut connection = idle.borrow_mut().pop();
                crowd.one(&mut connection, n).await;
                idle.borrow_mut().extend(connection);
            });
        }
    }

    /// One lead, counted. A connection that failed is dropped.
    async fn one(&self, connection: &mut Option<Connection>, n: u64) {
        let at = usize::try_from(n).unwrap_or(0) % self.sources.len();
        let source = &self.sources[at];
        let lead = source.maker.lead(n, (self.now)());
        self.desk.witness(&lead);
        self.count(|count| count.under_way += 1);
        if let Err(fault) = self.exchange(connection, source, &lead, n).await {
            tracing::debug!(error = %fault, "a source could not send its lead");
            *connection = None;
            self.count(|count| count.failed += 1);
        }
        self.count(|count| count.under_way -= 1);
    }

    async fn exchange(&self, connection: &mut Option<Connection>, source: &Source, lead: &Raw, n: u64) -> Result<()> {
        let open = match connection {
            Some(open) => open,
            None => connection.insert(Connection::open(self.port).await?),
        };
        let two_calls = (n / self.sources.len() as u64) % TWO_CALLS_EACH == TWO_CALLS_EACH - 1;
        let bearer = format!("authorization: Bearer {}\r\n", source.key);
        if !two_calls {
            let answer = self.timed(open, "/v1/leads", &bearer, to_json(lead)).await?;
            return self.hear(&answer, person(lead));
        }
        let pinged = self
            .timed(open, "/v1/pings", &bearer, to_json(&ping_part(lead, source.maker.lead_type())))
            .await?;
        let quote: serde_json::Value = serde_json::from_slice(&pinged.body).context("a quote is not JSON")?;
        let Some(token) = quote.get("ping_token").and_then(serde_json::Value::as_str) else {
            let declined = pinged.status == 200;
            self.count(|count| {
                count.leads += u64::from(declined);
                count.unsold += u64::from(declined);
                count.declined += u64::from(declined);
                count.failed += u64::from(!declined);
            });
            return Ok(());
        };
        let headers = format!("{bearer}ping-token: {token}\r\n");
        let answer = self.timed(open, "/v1/posts", &headers, to_json(lead)).await?;
        self.hear(&answer, person(lead))
    }

    async fn timed(&self, connection: &mut Connection, path: &str, headers: &str, body: String) -> Result<Answer> {
        let started = Instant::now();
        let answer = connection.post(path, headers, body.as_bytes()).await?;
        let took = started.elapsed();
        self.count(|count| {
            count
                .latency_us
                .saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1));
            count.late += u64::from(LATE_AFTER < took);
        });
        Ok(answer)
    }

    /// What the exchange says of a lead.
    fn hear(&self, answer: &Answer, person: u64) -> Result<()> {
        let said: serde_json::Value = serde_json::from_slice(&answer.body).context("an answer is not JSON")?;
        let text = |name: &str| said.get(name).and_then(serde_json::Value::as_str);
        if let (200 | 202, Some(lead), Some(mut file)) = (answer.status, text("lead_id"), self.acknowledged.as_deref()) {
            writeln!(file, "{lead} {}", text("status").unwrap_or("")).context("the list of acknowledged leads cannot be written")?;
        }
        let payout = text("payout").and_then(|payout| Money::parse(payout).ok()).unwrap_or(Money::ZERO);
        match text("status") {
            Some("sold") => self.count(|count| {
                count.leads += 1;
                count.sold += 1;
                count.payout = count.payout + payout;
            }),
            Some("unsold") => self.count(|count| {
                count.leads += 1;
                count.unsold += 1;
            }),
            Some("pending") => self.count(|count| {
                count.leads += 1;
                count.pending += 1;
                count
                    .open
                    .extend(text("lead_id").and_then(LeadId::parse).map(|lead| (lead, person)));
            }),
            _ => anyhow::bail!("{}", String::from_utf8_lossy(&answer.body)),
        }
        Ok(())
    }

    fn count(&self, change: impl FnOnce(&mut SourceCount)) {
        change(&mut self.count.lock().expect("nothing panics while it holds the count"));
    }
}

/// The number a buyer knows a person by: the last ten digits of the phone.
fn person(lead: &Raw) -> u64 {
    let Some(Raw::Text(phone)) = lead.get("phone") else { return 0 };
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(10)..].parse().unwrap_or(0)
}

/// A maker for each source, over one numbering of people.
pub(super) fn maker(lead_type: &Arc<LeadType>, seed: u64, sellers: Vec<String>) -> LeadMaker {
    LeadMaker::new(lead_type.clone(), seed).with_sellers(sellers)
}
