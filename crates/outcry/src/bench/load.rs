//! The load generator: every lead is unique, every answer is checked, closed loop or open loop.

use super::bids::{STATES, best_cents, find};
use super::spec::lead;
use crate::loopback::{Answer, Connection};
use hdrhistogram::Histogram;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// Open loop: most requests open at once. Beyond it a lead that is due counts as failed.
const OPEN_MAX: usize = 4_096;
/// Closed loop: how long a connection that was turned away waits.
const TURNED_AWAY: Duration = Duration::from_millis(100);

/// Whom to load, and how its answers are checked.
#[derive(Clone)]
pub(super) struct Target {
    /// Port on this machine.
    pub(super) port: u16,
    pub(super) path: String,
    /// Further headers, each ending in a line break: one set after the other, as sources take turns.
    pub(super) headers: Vec<String>,
    /// How many buyers bid.
    pub(super) buyers: u32,
    /// Do rules apply, so that some buyers may not bid?
    pub(super) rules: bool,
    /// Which lead it takes.
    pub(super) shape: super::spec::Shape,
}

/// How leads are sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Loop {
    /// So many connections, each sending as soon as it is answered.
    Closed(usize),
    /// So many leads a second are due, whatever the server does; latency counts from when a lead was due.
    Open(f64),
}

/// What was measured.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) seconds: f64,
    pub(super) answered: u64,
    pub(super) sold: u64,
    pub(super) unsold: u64,
    pub(super) pending: u64,
    /// Sold, but not at the best eligible price; or unsold though somebody would have bought.
    pub(super) wrong: u64,
    pub(super) failed: u64,
    /// Turned away with 429 or 503, and of these without a word of when to come again. Neither answered nor failed.
    pub(super) refused: u64,
    pub(super) mute: u64,
    latency_us: Histogram<u64>,
    refused_us: Histogram<u64>,
}

impl Measured {
    fn new() -> Self {
        let times = || Histogram::new_with_bounds(1, 120_000_000, 3).expect("the bounds of the histogram are in order");
        Self {
            seconds: 0.0,
            answered: 0,
            sold: 0,
            unsold: 0,
            pending: 0,
            wrong: 0,
            failed: 0,
            refused: 0,
            mute: 0,
            latency_us: times(),
            refused_us: times(),
        }
    }

    /// A quantile of the answer times, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a bench run are far below 2^52")]
    pub(super) fn quantile_ms(&self, quantile: f64) -> f64 {
        self.latency_us.value_at_quantile(quantile) as f64 / 1_000.0
    }

    /// A quantile of the times until somebody heard that there is no room, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a bench run are far below 2^52")]
    pub(super) fn refused_quantile_ms(&self, quantile: f64) -> f64 {
        self.refused_us.value_at_quantile(quantile) as f64 / 1_000.0
    }

    /// The part of all leads that was refused or failed.
    #[expect(clippy::cast_precision_loss, reason = "counts of a bench run are far below 2^52")]
    pub(super) fn turned_away(&self) -> f64 {
        let lost = self.refused + self.failed;
        lost as f64 / (lost + self.answered).max(1) as f64
    }

    /// Auctions a second.
    #[expect(clippy::cast_precision_loss, reason = "counts of a bench run are far below 2^52")]
    pub(super) fn per_second(&self) -> f64 {
        self.answered as f64 / self.seconds
    }
}

/// Keys stay unique over all runs of one process.
#[derive(Clone)]
pub(super) struct Keys {
    run: u64,
    next: Rc<Cell<u64>>,
}

impl Keys {
    /// Starts a series that no earlier run on the same data used.
    pub(super) fn new(run: u64) -> Self {
        Self {
            run,
            next: Rc::new(Cell::new(0)),
        }
    }

    fn take(&self) -> (u64, u64) {
        let n = self.next.get();
        self.next.set(n + 1);
        (self.run, n)
    }
}

/// Loads the target: `warm` uncounted, then `counted`. `between` runs at the border of the two and at the end.
pub(super) async fn run(target: &Target, how: Loop, warm: Duration, counted: Duration, keys: &Keys, mut between: impl FnMut()) -> Measured {
    let measured = Rc::new(RefCell::new(Measured::new()));
    let counting = Rc::new(Cell::new(false));
    let end = Instant::now() + warm + counted;
    let session = Session {
        target: target.clone(),
        keys: keys.clone(),
        measured: measured.clone(),
        counting: counting.clone(),
        end,
    };
    let local = tokio::task::LocalSet::new();
    match how {
        Loop::Closed(connections) => {
            for _ in 0..connections {
                local.spawn_local(session.clone().closed());
            }
        }
        Loop::Open(rate) => {
            local.spawn_local(session.clone().open(rate));
        }
    }
    let seconds = local
        .run_until(async {
            tokio::time::sleep(warm).await;
            between();
            counting.set(true);
            let started = Instant::now();
            tokio::time::sleep_until(end).await;
            counting.set(false);
            between();
            started.elapsed().as_secs_f64()
        })
        .await;
    drop((local, session));
    let mut measured = measured.replace(Measured::new());
    measured.seconds = seconds;
    measured
}

/// What became of one lead, for its connection.
enum Once {
    /// Answered, and the connection can be used again.
    Answered,
    /// There was no room; the connection can be used again.
    TurnedAway,
    /// The connection is of no further use.
    Over,
}

#[derive(Clone)]
struct Session {
    target: Target,
    keys: Keys,
    measured: Rc<RefCell<Measured>>,
    counting: Rc<Cell<bool>>,
    end: Instant,
}

impl Session {
    async fn closed(self) {
        let mut connection = None;
        while Instant::now() < self.end {
            if connection.is_none() {
                connection = Connection::open(self.target.port).await.ok();
            }
            let Some(open) = connection.as_mut() else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            match self.once(open, Instant::now()).await {
                Once::Answered => {}
                Once::TurnedAway => tokio::time::sleep(TURNED_AWAY).await,
                Once::Over => connection = None,
            }
        }
    }

    async fn open(self, rate: f64) {
        let idle: Rc<RefCell<Vec<Connection>>> = Rc::default();
        let under_way = Rc::new(Cell::new(0_usize));
        let started = Instant::now();
        for n in 0_u32.. {
            let due = started + Duration::from_secs_f64(f64::from(n) / rate);
            if self.end <= due {
                break;
            }
            tokio::time::sleep_until(due).await;
            if OPEN_MAX <= under_way.get() {
                self.count_failed();
                continue;
            }
            under_way.set(under_way.get() + 1);
            let (session, idle, under_way) = (self.clone(), idle.clone(), under_way.clone());
            tokio::task::spawn_local(async move {
                let kept = idle.borrow_mut().pop();
                let connection = match kept {
                    Some(connection) => Ok(connection),
                    None => Connection::open(session.target.port).await,
                };
                match connection {
                    Ok(mut connection) => {
                        if !matches!(session.once(&mut connection, due).await, Once::Over) {
                            idle.borrow_mut().push(connection);
                        }
                    }
                    Err(_) => session.count_failed(),
                }
                under_way.set(under_way.get() - 1);
            });
        }
    }

    /// One lead.
    async fn once(&self, connection: &mut Connection, due: Instant) -> Once {
        let (run, n) = self.keys.take();
        let key = format!("B{run}-{n}");
        let state = STATES[usize::try_from(n % 10).unwrap_or(0)];
        let body = lead(self.target.shape, run, n, &key, state);
        let headers = &self.target.headers;
        let turn = usize::try_from(n).unwrap_or(0) % headers.len();
        match connection.post(&self.target.path, &headers[turn], &body).await {
            Err(_) => {
                self.count_failed();
                Once::Over
            }
            Ok(answer) => {
                self.count(&answer, due, key.as_bytes(), state);
                match answer {
                    Answer { closes: true, .. } => Once::Over,
                    Answer { status: 429 | 503, .. } => Once::TurnedAway,
                    Answer { .. } => Once::Answered,
                }
            }
        }
    }

    fn count(&self, answer: &Answer, due: Instant, key: &[u8], state: &str) {
        if !self.counting.get() {
            return;
        }
        let mut measured = self.measured.borrow_mut();
        let waited = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX).max(1);
        if matches!(answer.status, 429 | 503) {
            measured.refused += 1;
            measured.mute += u64::from(!answer.retry_after);
            measured.refused_us.saturating_record(waited);
            return;
        }
        measured.answered += 1;
        measured.latency_us.saturating_record(waited);
        let answer = &answer.body;
        let best = best_cents(self.target.buyers, key, state, self.target.rules);
        match member(answer, b"\"status\":") {
            b"sold" => {
                measured.sold += 1;
                let price = [b"\"payout\":".as_slice(), b"\"price\":".as_slice()]
                    .iter()
                    .map(|name| member(answer, name))
                    .find(|price| !price.is_empty());
                let cents = price
                    .and_then(|price| outcry_core::money::Money::parse(std::str::from_utf8(price).ok()?).ok())
                    .map(|money| money.micros() / 10_000);
                measured.wrong += u64::from(cents != best);
            }
            b"unsold" => {
                measured.unsold += 1;
                measured.wrong += u64::from(best.is_some());
            }
            b"pending" => measured.pending += 1,
            _ => {
                if measured.failed == 0 {
                    eprintln!("  unexpected answer: {}", String::from_utf8_lossy(answer));
                }
                measured.failed += 1;
            }
        }
    }

    fn count_failed(&self) {
        if self.counting.get() {
            self.measured.borrow_mut().failed += 1;
        }
    }
}

/// The text or number behind a member's name.
fn member<'a>(body: &'a [u8], name: &[u8]) -> &'a [u8] {
    let Some(at) = find(body, name) else { return b"" };
    let rest = body[at + name.len()..].trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    &rest[..rest
        .iter()
        .position(|byte| matches!(byte, b'"' | b',' | b'}'))
        .unwrap_or(rest.len())]
}
