//! The engine: what all auctions of one process share.

use crate::awaited::Awaited;
use crate::background::Background;
use crate::caps::{self, CapStanding};
use crate::learned::{self, Learned};
use crate::lists::Lists;
use crate::live::Live;
use crate::logins::Logins;
use crate::people::PeopleKey;
use crate::ping_memory::PingMemory;
use crate::ports::chance::Chance;
use crate::ports::clock::Clock;
use crate::ports::outbound::Outbound;
use crate::ports::store::{Recovery, Store, StoreFault};
use crate::recovered;
use crate::token::TokenKey;
use outcry_core::catalog::Source;
use outcry_core::id::{BootId, LeadId, time_ordered};
use outcry_core::moment::Moment;
use outcry_integration::book::Book;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Mutex, Notify};

/// Most queued posts that are asked about at once; a further one stays unknown.
const POLLS_MAX: u32 = 4_096;
/// Most auctions whose bidders are being told at once; those of a further one are not.
const NOTICES_MAX: u32 = 512;
/// Facts about so many leads may be recorded at once.
const RESOLVING: usize = 64;

/// What all auctions share. One per process; the book is swapped by making the next trade, not by changing this.
pub struct Engine {
    pub(crate) book: Arc<Book>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) outbound: Arc<dyn Outbound>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) keys: Keys,
    pub(crate) limits: Limits,
    pub(crate) live: Live,
    pub(crate) learned: Learned,
    pub(crate) pings: PingMemory,
    pub(crate) lists: Lists,
    pub(crate) logins: Arc<Logins>,
    pub(crate) polls: Background,
    pub(crate) notices: Background,
    pub(crate) boot: BootId,
    pub(crate) outbox_ready: Notify,
    /// Auctions that a call of a buyer has to wait for.
    pub(crate) awaited: Awaited,
    /// Held by whoever records a fact about a lead; leads share them.
    resolving: [Mutex<()>; RESOLVING],
    /// The address under which buyers reach us.
    reached_at: OnceLock<Arc<str>>,
    under_way: AtomicUsize,
    idle: Notify,
    draining: AtomicBool,
}

/// The world the engine lives in.
pub struct Ports {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// How buyers are called.
    pub outbound: Arc<dyn Outbound>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Random bits.
    pub chance: Arc<dyn Chance>,
}

/// The secrets of the engine.
#[derive(Clone)]
pub struct Keys {
    /// Signs ping tokens.
    pub token: TokenKey,
    /// Keys the digests of persons.
    pub people: PeopleKey,
}

/// Limits of the engine, as settings give them.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The answer to a source leaves after this at the latest. Default 2 s.
    pub answer: Duration,
    /// How long a late ping answer is still read, so that the connection stays whole. Default 2 s.
    pub ping_listen: Duration,
    /// How long a late post answer is waited for. Default 60 s.
    pub post_listen: Duration,
    /// A cascade of posts starts no further one after this. Default 30 s.
    pub selling: Duration,
    /// Most bytes of a decoded answer. Default 256 KiB.
    pub answer_bytes_max: usize,
    /// How long a request is remembered, and a repeat of it gets the same answer. Default a day.
    pub repeats: Duration,
    /// Most auctions at once; beyond it a lead is refused at the door. Default 4,096.
    pub auctions_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(2),
            ping_listen: Duration::from_secs(2),
            post_listen: Duration::from_mins(1),
            selling: Duration::from_secs(30),
            answer_bytes_max: 256 * 1024,
            repeats: Duration::from_hours(24),
            auctions_max: 4_096,
        }
    }
}

impl Engine {
    /// Starts: recovers what an earlier boot left, tells the sources of leads that ended so, reads the counters, and
    /// is ready.
    ///
    /// # Errors
    /// A [`StoreFault`] if the store cannot be recovered; nothing is traded then.
    pub async fn start(book: Arc<Book>, ports: Ports, keys: Keys, limits: Limits) -> Result<(Arc<Self>, Recovery), StoreFault> {
        let now = ports.clock.now();
        let this_start = BootId::from_bits(time_ordered(now.unix_ms(), ports.chance.bits()));
        let tell = recovered::tell(book.clone(), ports.chance.clone(), now);
        let recovery = ports.store.recover(this_start, now, tell).await?;
        let counters = ports.store.counters().await?;
        let outcomes = ports.store.outcomes(now.plus_ms(-learned::REACH_MS)).await?;
        let engine = Self {
            live: Live::new(counters, &book.catalog),
            learned: Learned::new(outcomes),
            pings: PingMemory::default(),
            lists: Lists::new(&ports.store.list_changes().await?),
            logins: Arc::default(),
            polls: Background::of(POLLS_MAX),
            notices: Background::of(NOTICES_MAX),
            book,
            store: ports.store,
            outbound: ports.outbound,
            clock: ports.clock,
            chance: ports.chance,
            keys,
            limits,
            boot: this_start,
            outbox_ready: Notify::new(),
            awaited: Awaited::default(),
            resolving: std::array::from_fn(|_| Mutex::default()),
            reached_at: OnceLock::new(),
            under_way: AtomicUsize::new(0),
            idle: Notify::new(),
            draining: AtomicBool::new(false),
        };
        engine.outbox_ready.notify_one();
        Ok((Arc::new(engine), recovery))
    }

    /// What is traded.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// Where everything is kept.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// A source by its position.
    pub fn source(&self, at: usize) -> &Source {
        &self.book.catalog.sources[at]
    }

    /// Buyers reach us under this address. Said once, before anything is traded.
    pub fn is_reached_at(&self, address: &str) {
        let _said_before = self.reached_at.set(address.trim_end_matches('/').into());
    }

    pub(crate) fn reached_at(&self) -> Option<&str> {
        self.reached_at.get().map(|address| &**address)
    }

    /// Where every cap stands, as far as this process knows.
    pub fn caps(&self) -> Vec<CapStanding> {
        caps::of(&self.book.catalog, &self.live, self.now())
    }

    /// The time of day.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// Auctions under way.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    /// Is the engine going down?
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// Takes no more leads, and resolves when those under way have ended, and what goes on behind them.
    pub async fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
        loop {
            let idle = self.idle.notified();
            if self.under_way() == 0 {
                break;
            }
            idle.await;
        }
        tokio::join!(self.polls.drain(), self.notices.drain());
    }

    /// Counts an auction as under way until the guard is dropped; `None` if there are too many.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<UnderWay> {
        let before = self.under_way.fetch_add(1, Ordering::SeqCst);
        let guard = UnderWay(self.clone());
        (before < self.limits.auctions_max).then_some(guard)
    }

    /// Held by whoever records a fact about this lead.
    pub(crate) fn resolving(&self, lead: LeadId) -> &Mutex<()> {
        let at = usize::try_from(lead.bits() % RESOLVING as u128).unwrap_or(0);
        &self.resolving[at]
    }

    /// A fresh id that sorts by time.
    pub(crate) fn fresh(&self, now: Moment) -> u128 {
        time_ordered(now.unix_ms(), self.chance.bits())
    }
}

/// One auction under way.
pub(crate) struct UnderWay(Arc<Engine>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.0.under_way.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}
