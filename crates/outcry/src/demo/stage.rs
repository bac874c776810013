//! Sets the demo up: market, exchange and sources, each on a runtime of its own, as they are on machines of their own.

use super::books::{Outcome, SourceCount};
use super::sources::{self, Crowd, Pace, Source};
use super::tryout::Tryout;
use super::view::View;
use super::{DemoArgs, market};
use crate::cli::serve::{self, runtime};
use crate::clock::SystemClock;
use crate::secrets::Vaulted;
use crate::settings::Settings;
use crate::telemetry;
use crate::wire::{self, Exchange};
use anyhow::{Context, Result, bail};
use outcry_core::id::LeadId;
use outcry_core::money::Money;
use outcry_engine::ports::clock::Clock;
use outcry_engine::ports::store::{Books, LeadState, Store};
use outcry_integration::book::Book;
use outcry_market::buyers::{Bought, Temperament};
use outcry_market::spec::{DEMO_SOURCES, demo_secrets, demo_spec};
use outcry_market::world::World;
use outcry_spec::SpecFile;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long the last posts may take to be settled once every source has its answer.
const SETTLE_SECONDS: u32 = 15;

/// A demo that is set up.
pub(super) struct Stage {
    pub(super) data: PathBuf,
    pub(super) port: u16,
    pub(super) book: Arc<Book>,
    pub(super) world: Arc<World>,
    pub(super) count: Arc<Mutex<SourceCount>>,
    pub(super) tryout: Tryout,
    pub(super) store: Arc<dyn Store>,
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
        let world = Arc::new(World::demo(args.seed));
        let ports = start_market(world.clone())?;
        let book = book(&world, &ports)?;
        let settings = settings(data)?;
        telemetry::start_logs(&settings.log)?;
        let stop = CancellationToken::new();
        let (listener, port) = free_port(args.port)?;
        let (store, exchange_thread) = start_exchange(settings, book.clone(), listener, stop.clone())?;
        let before = runtime(1)?.block_on(store.books()).context("the books cannot be read")?;
        // Leads of an earlier run on this folder are other people's; half a million numbers are left for pings.
        let first = before.leads * 2;
        let sources = sources(&book, &world, args.seed);
        let source = sources.iter().find(|source| source.name == "summit_services").or(sources.first()).context("the demo has no source")?;
        let tryout = Tryout::prepare(data, port, source, 900_000_000 + first, SystemClock.now())?;
        let acknowledged = args.acknowledged.as_ref().map(|path| File::options().create(true).append(true).open(path).map(Arc::new));
        Ok(Self {
            data: data.to_owned(),
            port,
            book,
            world,
            count: Arc::new(Mutex::new(SourceCount::new())),
            tryout,
            store,
            acknowledged: acknowledged.transpose().context("the list of acknowledged leads cannot be opened")?,
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
        let pace = Pace { first: self.first, leads, per_second };
        let crowd = Crowd {
            sources: sources(&self.book, &self.world, self.seed),
            port: self.port,
            count: self.count.clone(),
            acknowledged: self.acknowledged.clone(),
            now: || SystemClock.now(),
        };
        runtime(1)?.block_on(async {
            let sending = Rc::new(crowd).send(pace);
            tokio::pin!(sending);
            let stop = serve::shutdown_signal();
            tokio::pin!(stop);
            loop {
                tokio::select! {
                    () = &mut sending => break,
                    _ = &mut stop => break,
                    () = tokio::time::sleep(view.every()) => view.show(self).await?,
                }
            }
            self.settled().await
        })?;
        view.close();
        self.stop.cancel();
        if let Some(thread) = self.exchange_thread.lock().expect("nothing panics while it holds the thread").take() {
            let _ = thread.join();
        }
        self.outcome()
    }

    /// The books as they were before this run.
    pub(super) const fn before(&self) -> &Books {
        &self.before
    }

    /// Waits until no post is open, or it takes too long.
    async fn settled(&self) -> Result<()> {
        for _ in 0..SETTLE_SECONDS * 10 {
            let books = self.store.books().await.context("the books cannot be read")?;
            if books.leads == books.sold + books.unsold {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    fn outcome(&self) -> Result<Outcome> {
        let after = runtime(1)?.block_on(self.store.books()).context("the books cannot be read")?;
        let before = &self.before;
        let exchange = Books {
            leads: after.leads - before.leads,
            sold: after.sold - before.sold,
            unsold: after.unsold - before.unsold,
            pending: after.pending.saturating_sub(before.pending),
            price: after.price - before.price,
            payout: after.payout - before.payout,
            margin: after.margin - before.margin,
        };
        let told = self.count.lock().expect("nothing panics while it holds the count").clone();
        let unresolved = runtime(1)?.block_on(self.unresolved(&told.open))?;
        let catalog = &self.book.catalog;
        let mut lead_types: Vec<&str> = catalog.campaigns.iter().map(|campaign| campaign.lead_type.name.as_str()).collect();
        lead_types.sort_unstable();
        lead_types.dedup();
        Ok(Outcome {
            sources: told,
            buyers: self.world.tally(),
            exchange,
            unresolved,
            lead_types: lead_types.len(),
            source_count: catalog.sources.len(),
            buyer_count: catalog.buyers.len(),
        })
    }

    /// What buyers took of people whose lead the exchange still cannot call sold or unsold.
    async fn unresolved(&self, open: &[(LeadId, u64)]) -> Result<Bought> {
        let mut sum = Bought::default();
        for (lead, person) in open {
            let standing = self.store.lead(*lead).await.context("a lead cannot be read")?;
            if standing.is_some_and(|standing| !matches!(standing.state, LeadState::Sold | LeadState::Unsold)) {
                let bought = self.world.bought(*person);
                sum = Bought { times: sum.times + bought.times, owed: sum.owed + bought.owed };
            }
        }
        Ok(sum)
    }
}

/// The market on a thread of its own, each buyer on a port of its own; gives the ports.
fn start_market(world: Arc<World>) -> Result<Vec<u16>> {
    let mut listeners = Vec::new();
    for _ in &world.buyers {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").context("no port is free for the market")?;
        listener.set_nonblocking(true)?;
        listeners.push(listener);
    }
    let ports = listeners.iter().map(|listener| Ok(listener.local_addr()?.port())).collect::<Result<_>>()?;
    let runtime = runtime(1)?;
    std::thread::Builder::new().name("market".to_owned()).spawn(move || runtime.block_on(market::serve(listeners, world)))?;
    Ok(ports)
}

/// The exchange on a thread of its own.
fn start_exchange(
    settings: Settings,
    book: Arc<Book>,
    listener: std::net::TcpListener,
    stop: CancellationToken,
) -> Result<(Arc<dyn Store>, std::thread::JoinHandle<()>)> {
    let (tell, hear) = std::sync::mpsc::channel::<Result<Arc<dyn Store>>>();
    let runtime = runtime(settings.threads)?;
    let thread = std::thread::Builder::new().name("exchange".to_owned()).spawn(move || {
        runtime.block_on(async {
            let opened = open(&settings, book, listener, stop).await;
            match opened {
                Ok((exchange, trading)) => {
                    let _ = tell.send(Ok(exchange.engine.store().clone()));
                    let _ = trading.await;
                }
                Err(fault) => {
                    let _ = tell.send(Err(fault));
                }
            }
        });
    })?;
    let store = hear.recv().context("the exchange ended before it was ready")??;
    Ok((store, thread))
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
    bail!("no port from {wished} to {} is free; name another with --port", wished.saturating_add(100))
}

fn settings(data: &Path) -> Result<Settings> {
    let flags = [
        ("data", data.display().to_string()),
        ("outbound.allow", "127.0.0.0/8".to_owned()),
        ("log.level", "error".to_owned()),
    ];
    Ok(Settings::load(None, std::iter::empty(), &flags)?)
}

/// Nobody listens on port 1, so a buyer there is as dead as can be.
const NOBODY: u16 = 1;

/// The demo's spec files, with the market's addresses filled in and a key for every source.
fn book(world: &World, ports: &[u16]) -> Result<Arc<Book>> {
    let address = |at: usize| {
        let profile = world.buyers[at].profile();
        let port = if profile.temperament == Temperament::Dead { NOBODY } else { ports[at] };
        format!("http://127.0.0.1:{port}/b/{}", profile.name)
    };
    let files: Vec<SpecFile> = demo_spec(world, &address).into_iter().map(|(path, text)| SpecFile { path, text }).collect();
    let outcome = outcry_spec::compile(&files, &Vaulted::of(demo_secrets(world)));
    match outcome.book {
        Some(book) => Ok(Arc::new(book)),
        None => bail!("the demo's own spec is wrong:\n{}", outcome.diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// The demo's sources with the makers of their leads.
fn sources(book: &Book, world: &World, seed: u64) -> Vec<Source> {
    let catalog = &book.catalog;
    let made = DEMO_SOURCES.iter().filter_map(|demo| {
        let source = catalog.sources.iter().find(|source| source.name.as_str() == demo.name)?;
        let lead_type = &catalog.campaigns[source.campaign].lead_type;
        let maker = sources::maker(lead_type, seed, world.sellers(lead_type.name.as_str()));
        Some(Source { name: demo.name.to_owned(), key: demo.key.to_owned(), maker })
    });
    made.collect()
}

/// Money less money, for the view.
pub(super) fn since(now: &Books, before: &Books) -> (Money, Money, Money) {
    (now.price - before.price, now.payout - before.payout, now.margin - before.margin)
}
