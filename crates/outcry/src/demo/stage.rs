//! Sets the demo up: market, exchange and sources, each on a runtime of its own, as they are on machines of their own.

use super::books::{Outcome, SourceCount, Unresolved, since};
use super::sources::{self, Crowd, Pace, Source};
use super::tryout::Tryout;
use super::view::{Doing, View};
use super::{DemoArgs, lists, market};
use crate::cli::output::Reader;
use crate::cli::serve::{self, Signals, runtime};
use crate::clock::SystemClock;
use crate::secrets::Vaulted;
use crate::settings::Settings;
use crate::telemetry;
use crate::wire::{self, Exchange};
use anyhow::{Context, Result, bail};
use outcry_core::id::LeadId;
use outcry_engine::engine::Engine;
use outcry_engine::ports::clock::Clock;
use outcry_engine::ports::store::{Books, LeadState, Store};
use outcry_integration::book::Book;
use outcry_market::buyers::{Bought, Temperament};
use outcry_market::spec::Exchange as Played;
use outcry_market::vendors::Desk;
use outcry_market::world::World;
use outcry_spec::SpecFile;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Two calls of two seconds each: after this every source has its answers.
const ANSWERED_WITHIN: Duration = Duration::from_millis(4_500);
/// A cascade of posts that outlives the answer to its source starts none after 30 seconds.
const SOLD_WITHIN: Duration = Duration::from_secs(32);
/// How long late answers to posts are waited for. Most posts that are unknown then stay so.
const LATE_WITHIN: Duration = Duration::from_secs(3);
/// How often it looks whether what it waits for has come.
const TICK: Duration = Duration::from_millis(100);

/// A demo that is set up.
pub(super) struct Stage {
    pub(super) data: PathBuf,
    pub(super) port: u16,
    pub(super) book: Arc<Book>,
    pub(super) world: Arc<World>,
    pub(super) count: Arc<Mutex<SourceCount>>,
    pub(super) tryout: Tryout,
    pub(super) store: Arc<dyn Store>,
    engine: Arc<Engine>,
    played: &'static Played,
    desk: Arc<Desk>,
    /// Is the data folder removed at the end?
    pub(super) passing: bool,
    acknowledged: Option<Arc<File>>,
    seed: u64,
    first: u64,
    before: Books,
    stop: CancellationToken,
    exchange_thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Stage {
    /// Starts the market and the exchange.
    ///
    /// # Errors
    /// A sentence, if a port, the data folder or the demo's spec cannot be used.
    pub(super) fn set(args: &DemoArgs, data: &Path) -> Result<Self> {
        let played = args.exchange;
        let world = Arc::new(played.world(args.seed));
        let desk = Arc::new(Desk::with_keys("demo-key-trustedform", "demo-key-phone-check"));
        let (ports, desk_port) = start_market(world.clone(), desk.clone())?;
        let book = book(played, &world, &ports, desk_port)?;
        let settings = settings(data)?;
        lists::fill(played, &book, &settings)?;
        telemetry::start_logs(&settings.log)?;
        let stop = CancellationToken::new();
        let (listener, port) = free_port(args.port)?;
        let (engine, exchange_thread) = start_exchange(settings, book.clone(), listener, stop.clone())?;
        let store = engine.store().clone();
        let before = runtime(1)?.block_on(store.books()).context("the books cannot be read")?;
        // Leads of an earlier run on this folder are other people's; half a million numbers are left for pings.
        let first = before.leads * 2;
        let sources = sources(played, &book, &world, args.seed);
        let source = sources
            .iter()
            .find(|source| source.name == "summit_services")
            .or(sources.first())
            .context("the demo has no source")?;
        let tryout = Tryout::prepare(data, port, source, 900_000_000 + first, SystemClock.now())?;
        let acknowledged = args
            .acknowledged
            .as_ref()
            .map(|path| File::options().create(true).append(true).open(path).map(Arc::new));
        Ok(Self {
            data: data.to_owned(),
            port,
            book,
            world,
            count: Arc::new(Mutex::new(SourceCount::new())),
            tryout,
            store,
            engine,
            played,
            desk,
            passing: args.data.is_none(),
            acknowledged: acknowledged
                .transpose()
                .context("the list of acknowledged leads cannot be opened")?,
            seed: args.seed,
            first,
            before,
            stop,
            exchange_thread: Mutex::new(Some(exchange_thread)),
        })
    }

    /// Sends leads, shows the view, and at the end lets everything settle and compares the books.
    ///
    /// # Errors
    /// If the exchange cannot be read any more.
    pub(super) fn play(&self, leads: Option<u64>, per_second: Option<f64>, view: &mut dyn View) -> Result<Outcome> {
        let pace = Pace {
            first: self.first,
            leads,
            per_second,
        };
        let crowd = Crowd {
            sources: sources(self.played, &self.book, &self.world, self.seed),
            desk: self.desk.clone(),
            port: self.port,
            count: self.count.clone(),
            acknowledged: self.acknowledged.clone(),
            now: || SystemClock.now(),
            stop: CancellationToken::new(),
        };
        runtime(1)?.block_on(async {
            let mut signals = Signals::listen()?;
            self.sell(crowd, pace, view, &mut signals).await?;
            self.settled(view, &mut signals).await
        })?;
        view.close();
        self.stop.cancel();
        if let Some(thread) = self
            .exchange_thread
            .lock()
            .expect("nothing panics while it holds the thread")
            .take()
        {
            let _ = thread.join();
        }
        self.outcome()
    }

    /// Lets the sources send until they are through or somebody wants it to stop; then those under way are answered,
    /// unless it takes too long or stopping is wished twice.
    async fn sell(&self, crowd: Crowd, pace: Pace, view: &mut dyn View, signals: &mut Signals) -> Result<()> {
        let stop = crowd.stop.clone();
        let sending = Rc::new(crowd).send(pace);
        tokio::pin!(sending);
        let mut give_up = None;
        loop {
            let wished = tokio::select! {
                () = &mut sending => return Ok(()),
                () = signals.one() => true,
                () = tokio::time::sleep(view.every()) => false,
                () = reached(give_up) => return Ok(()),
            };
            if wished && give_up.is_some() {
                return Ok(());
            }
            let doing = if wished || give_up.is_some() {
                Doing::Stopping
            } else {
                Doing::Selling
            };
            let reader = view.show(self, doing).await?;
            if wished || reader == Reader::Gone {
                stop.cancel();
                give_up.get_or_insert(Instant::now() + ANSWERED_WITHIN);
            }
        }
    }

    /// The books of this run.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(super) async fn books(&self) -> Result<Books> {
        let now = self.store.books().await.context("the books cannot be read")?;
        Ok(since(&now, &self.before))
    }

    /// Auctions under way, pings included.
    pub(super) fn selling(&self) -> u64 {
        self.engine.under_way() as u64
    }

    /// Waits for the posts that are still under way, and a moment for answers that may come late. Leads that were
    /// pending before this run are nobody's to wait for.
    async fn settled(&self, view: &mut dyn View, signals: &mut Signals) -> Result<()> {
        let give_up = Instant::now() + SOLD_WITHIN;
        let mut late_until = None;
        let mut look = Instant::now();
        loop {
            let (pending, selling) = (self.books().await?.pending, self.selling());
            let now = Instant::now();
            let late_over = match selling {
                0 => *late_until.get_or_insert(now + LATE_WITHIN) <= now,
                _ => false,
            };
            if (selling == 0 && pending == 0) || late_over || give_up <= now {
                return Ok(());
            }
            if look <= now {
                view.show(self, Doing::Settling { selling, pending }).await?;
                look = now + view.every();
            }
            tokio::select! {
                () = signals.one() => return Ok(()),
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    fn outcome(&self) -> Result<Outcome> {
        let told = self.count.lock().expect("nothing panics while it holds the count").clone();
        let (exchange, unresolved) =
            runtime(1)?.block_on(async { anyhow::Ok((self.books().await?, self.unresolved(&told.open).await?)) })?;
        let catalog = &self.book.catalog;
        let mut lead_types: Vec<&str> = catalog.campaigns.iter().map(|campaign| campaign.lead_type.name.as_str()).collect();
        lead_types.sort_unstable();
        lead_types.dedup();
        Ok(Outcome {
            sources: told,
            buyers: self.world.tally(),
            exchange,
            unresolved,
            by_hand: self.tryout.was_used(),
            lead_types: lead_types.len(),
            source_count: catalog.sources.len(),
            buyer_count: catalog.buyers.len(),
        })
    }

    /// What buyers took of people whose lead the exchange still cannot call sold or unsold.
    async fn unresolved(&self, open: &[(LeadId, u64)]) -> Result<Unresolved> {
        let (mut people, mut sum) = (0, Bought::default());
        for (lead, person) in open {
            let standing = self.store.lead(*lead).await.context("a lead cannot be read")?;
            if standing.is_some_and(|standing| !matches!(standing.state, LeadState::Sold | LeadState::Unsold)) {
                let bought = self.world.bought(*person);
                people += u64::from(0 < bought.times);
                sum = sum.plus(bought);
            }
        }
        Ok(Unresolved {
            people,
            times: sum.times,
            owed: sum.owed,
        })
    }
}

/// Resolves at a moment, or never without one.
async fn reached(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The market on a thread of its own, each buyer on a port of its own; gives the ports, and that of the services.
fn start_market(world: Arc<World>, desk: Arc<Desk>) -> Result<(Vec<u16>, u16)> {
    let mut listeners = Vec::new();
    for _ in 0..=world.buyers.len() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").context("no port is free for the market")?;
        listener.set_nonblocking(true)?;
        listeners.push(listener);
    }
    let mut ports: Vec<u16> = listeners
        .iter()
        .map(|listener| Ok(listener.local_addr()?.port()))
        .collect::<Result<_>>()?;
    let desk_port = ports.pop().context("the services have a port too")?;
    let runtime = runtime(1)?;
    std::thread::Builder::new()
        .name("market".to_owned())
        .spawn(move || runtime.block_on(market::serve(listeners, world, desk)))?;
    Ok((ports, desk_port))
}

/// The exchange on a thread of its own.
fn start_exchange(
    settings: Settings,
    book: Arc<Book>,
    listener: std::net::TcpListener,
    stop: CancellationToken,
) -> Result<(Arc<Engine>, std::thread::JoinHandle<()>)> {
    let (tell, hear) = std::sync::mpsc::channel::<Result<Arc<Engine>>>();
    let runtime = runtime(settings.threads)?;
    let thread = std::thread::Builder::new().name("exchange".to_owned()).spawn(move || {
        runtime.block_on(async {
            let opened = open(&settings, book, listener, stop).await;
            match opened {
                Ok((exchange, trading)) => {
                    let _ = tell.send(Ok(exchange.engine.clone()));
                    let _ = trading.await;
                }
                Err(fault) => {
                    let _ = tell.send(Err(fault));
                }
            }
        });
    })?;
    let engine = hear.recv().context("the exchange ended before it was ready")??;
    Ok((engine, thread))
}

async fn open(
    settings: &Settings,
    book: Arc<Book>,
    listener: std::net::TcpListener,
    stop: CancellationToken,
) -> Result<(Exchange, tokio::task::JoinHandle<()>)> {
    let listener = TcpListener::from_std(listener)?;
    let exchange = wire::open(settings, book).await?;
    let trading = serve::trade(&exchange, listener, settings, stop)?;
    Ok((exchange, trading))
}

/// The wished port, or the first free one of the hundred after it.
fn free_port(wished: u16) -> Result<(std::net::TcpListener, u16)> {
    for port in wished..=wished.saturating_add(100) {
        if let Ok(listener) = std::net::TcpListener::bind(("127.0.0.1", port)) {
            listener.set_nonblocking(true)?;
            let port = listener.local_addr()?.port();
            return Ok((listener, port));
        }
    }
    bail!(
        "no port from {wished} to {} is free; name another with --port",
        wished.saturating_add(100)
    )
}

fn settings(data: &Path) -> Result<Settings> {
    let flags = [
        ("data", data.display().to_string()),
        ("outbound.allow", "127.0.0.0/8".to_owned()),
        ("log.level", "error".to_owned()),
        // By then everything that is worth waiting for has come.
        ("limits.drain_ms", "1000".to_owned()),
    ];
    Ok(Settings::load(None, std::iter::empty(), &flags)?)
}

/// Nobody listens on port 1, so a buyer there is as dead as can be.
const NOBODY: u16 = 1;

/// The spec files of an exchange, with the market's addresses filled in and a key for every source.
fn book(played: &Played, world: &World, ports: &[u16], desk: u16) -> Result<Arc<Book>> {
    let address = |name: &str| {
        let found = world.buyers.iter().zip(ports).find(|(buyer, _)| buyer.profile().name == name);
        match found {
            Some((buyer, _)) if buyer.profile().temperament == Temperament::Dead => format!("http://127.0.0.1:{NOBODY}/b/{name}"),
            Some((_, port)) => format!("http://127.0.0.1:{port}/b/{name}"),
            None => format!("http://127.0.0.1:{desk}/v/{name}"),
        }
    };
    let files: Vec<SpecFile> = played
        .spec(world, &address)
        .into_iter()
        .map(|(path, text)| SpecFile { path, text })
        .collect();
    let outcome = outcry_spec::compile(&files, &Vaulted::of(played.secrets(world)));
    match outcome.book {
        Some(book) => Ok(Arc::new(book)),
        None => bail!(
            "the demo's own spec is wrong:\n{}",
            outcome.diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        ),
    }
}

/// The demo's sources with the makers of their leads.
fn sources(played: &Played, book: &Book, world: &World, seed: u64) -> Vec<Source> {
    let catalog = &book.catalog;
    let made = played.sources.iter().filter_map(|demo| {
        let source = catalog.sources.iter().find(|source| source.name.as_str() == demo.name)?;
        let lead_type = &catalog.campaigns[source.campaign].lead_type;
        let maker = sources::maker(lead_type, seed, world.sellers(lead_type.name.as_str()));
        Some(Source {
            name: demo.name.to_owned(),
            key: demo.key.to_owned(),
            maker,
        })
    });
    made.collect()
}
