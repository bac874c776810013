//! `outcry serve`: an exchange from a folder of spec files, until it is told to stop.

use super::check::{summary, unsaid};
use super::{SettingsArgs, output};
use crate::deliveries;
use crate::http::server::Crowd;
use crate::http::{self, Admission, Door, Gate, Office, server};
use crate::keyring::Keyring;
use crate::outbound::Client;
use crate::secrets::Vaulted;
use crate::settings::{Settings, environment};
use crate::wire::{self, Exchange};
use crate::{descriptors, folder, retention, telemetry};
use anyhow::{Context, Result, bail};
use clap::Args;
use outcry_engine::engine::Engine;
use outcry_engine::resolve::follow;
use outcry_engine::{outbox, waiting};
use outcry_integration::book::Book;
use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Flags of `outcry serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Serves until SIGTERM or Ctrl-C, then drains.
pub(crate) fn run(args: &ServeArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    telemetry::start_logs(&settings.log)?;
    let book = read_book(&settings)?;
    runtime(settings.threads)?.block_on(serve(&settings, book))?;
    Ok(ExitCode::SUCCESS)
}

/// The book of the spec folder; its warnings are printed.
fn read_book(settings: &Settings) -> Result<Arc<Book>> {
    let files = folder::read(&settings.spec)?;
    let secrets = Vaulted::load(&settings.secrets, environment())?;
    let outcome = outcry_spec::compile(&files, &secrets);
    for diagnostic in &outcome.diagnostics {
        eprintln!("{diagnostic}\n");
    }
    let said = summary(&outcome, &files);
    match outcome.book {
        Some(book) if !book.catalog.sources.is_empty() => {
            for sentence in unsaid(&book) {
                eprintln!("{sentence}\n");
            }
            eprintln!("{said}");
            Ok(Arc::new(book))
        }
        Some(_) => bail!(
            "the spec folder {} has no source, so nobody could send a lead; add a [source.NAME]",
            settings.spec.display()
        ),
        None => bail!("{said}; nothing was started"),
    }
}

/// One reactor thread, or as many as the settings say. A single one needs no locks between its tasks and costs a
/// quarter less than two that steal from each other, as measured on a bare server of the same shape.
pub(crate) fn runtime(threads: usize) -> Result<tokio::runtime::Runtime> {
    let mut builder = match threads {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    if 1 < threads {
        builder.worker_threads(threads);
    }
    builder.enable_all().build().context("the runtime could not be started")
}

async fn serve(settings: &Settings, book: Arc<Book>) -> Result<()> {
    let listener = bind(settings)?;
    wire::can_be_called(&book, settings)?;
    let exchange = wire::open(settings, book).await?;
    note_catalog(&exchange).await?;
    let address = listener.local_addr().context("the listening address is not known")?;
    report_recovery(&exchange);
    let followed = follow::resume(&exchange.engine)
        .await
        .context("what is unknown could not be read")?;
    if followed.unknown > 0 {
        tracing::warn!(
            unknown = followed.unknown,
            resolved = followed.resolved,
            asked_about = followed.asked_about,
            "posts of earlier runs are unknown; `outcry unknowns` lists them"
        );
    }
    // Whoever reads that it is ready may ask it to stop at once, and that must be in order too.
    let mut signals = Signals::listen()?;
    let stop = CancellationToken::new();
    let serving = trade(&exchange, listener, settings, stop.clone())?;
    output::print(&format!("ready on http://{address}\n"))?;
    tracing::info!(listen = %address, data = %settings.data.display(), "ready");
    signals.one().await;
    tracing::info!(
        auctions = exchange.engine.under_way(),
        "stopping: no new leads, those under way end"
    );
    stop.cancel();
    serving.await.context("the server ended badly")?;
    Ok(())
}

/// What is traded has changed since the last start: that is an act of whoever started this.
async fn note_catalog(exchange: &Exchange) -> Result<()> {
    let catalog = &exchange.book.catalog;
    let detail = serde_json::json!({ "sources": catalog.sources.len(), "contracts": catalog.contract_count() });
    let noted = exchange
        .audit
        .note_change(exchange.engine.now(), "operator", "catalog.serve", &catalog.version, &detail);
    noted.await.context("the audit log cannot be written")
}

/// A port that is taken says so in one sentence.
pub(crate) fn bind(settings: &Settings) -> Result<TcpListener> {
    let address = settings.listen;
    server::listen(address).map_err(|fault| match fault.kind() {
        std::io::ErrorKind::AddrInUse => {
            anyhow::anyhow!("the address {address} is taken by another program; stop it, or choose another with --listen")
        }
        std::io::ErrorKind::PermissionDenied => {
            anyhow::anyhow!("this user may not listen on {address}; choose a port above 1023 with --listen")
        }
        _ => anyhow::anyhow!("cannot listen on {address}: {fault}"),
    })
}

/// Starts the doors and the outbox. The task ends when `stop` was cancelled and everything under way has ended,
/// or the time to drain is over.
pub(crate) fn trade(
    exchange: &Exchange,
    listener: TcpListener,
    settings: &Settings,
    stop: CancellationToken,
) -> Result<tokio::task::JoinHandle<()>> {
    // Half of what there is, so that no crowd of clients can keep us from calling a buyer or opening a file.
    let connections = settings.limits.connections_max.min(descriptors::ask_for_all() / 2);
    let crowd = Crowd::new(connections, settings.limits.address_connections_max);
    let routes = http::routes(Arc::new(gate(exchange, settings, crowd.clone())?));
    let drain = Duration::from_millis(settings.limits.drain_ms);
    let (engine, client) = (exchange.engine.clone(), exchange.client.clone());
    let files = deliveries::run(
        exchange.book.clone(),
        exchange.store.clone(),
        deliveries::Ways {
            folders: exchange.folders.clone(),
            client: exchange.client.clone(),
        },
        settings.deliveries.keep_days,
    );
    let office = Arc::new(Office {
        engine: exchange.engine.clone(),
        store: exchange.store.clone(),
        audit: exchange.audit.clone(),
        people: exchange.people.clone(),
        master: exchange.master.clone(),
        data: settings.data.clone(),
    });
    let door = Door::open(&settings.data)?;
    let pruning = retention::run(exchange.engine.clone(), exchange.store.clone(), settings.retention.clone());
    tokio::spawn(warm(exchange.client.clone(), exchange.engine.clone()));
    Ok(tokio::spawn(async move {
        let mut workers = tokio::task::JoinSet::new();
        workers.spawn(outbox::run(engine.clone()));
        workers.spawn(follow::run(engine.clone()));
        workers.spawn(waiting::run(engine.clone()));
        workers.spawn(files);
        workers.spawn(door.serve(office));
        workers.spawn(pruning);
        server::serve(listener, routes, crowd, stop, drain).await;
        let until = tokio::time::Instant::now() + drain;
        if tokio::time::timeout_at(until, engine.drain()).await.is_err() {
            tracing::warn!(
                auctions = engine.under_way(),
                "some auctions were still open; recovery will resolve them"
            );
        }
        client.drain(until).await;
        workers.abort_all();
    }))
}

/// What stands between the sources and the engine, and keeps watch on load and disk.
fn gate(exchange: &Exchange, settings: &Settings, crowd: Arc<Crowd>) -> Result<Gate> {
    let limits = &settings.limits;
    let admission = Admission::new(limits.auctions_max, exchange.book.catalog.sources.len());
    tokio::spawn(Admission::watch(Arc::downgrade(&admission)));
    let least = limits.disk_free_mb << 20;
    tokio::spawn(http::disk::watch(settings.data.clone(), least, Arc::downgrade(&admission)));
    Ok(Gate {
        admission,
        crowd,
        engine: exchange.engine.clone(),
        client: exchange.client.clone(),
        store: exchange.store.clone(),
        tray: exchange.store.clone(),
        keyring: Keyring::of(&exchange.book.catalog, exchange.pepper),
        body_bytes_max: limits.body_bytes_max,
        metrics: telemetry::start_metrics()?,
    })
}

/// Connections opened to each buyer before the first lead needs one: a ping and a post at once.
const WARM: usize = 2;

/// Opens the first connections, so that the first leads do not wait for handshakes. A buyer that cannot be reached
/// costs nothing here.
async fn warm(client: Arc<Client>, engine: Arc<Engine>) {
    let bindings = engine.book().bindings.iter();
    let addresses: BTreeSet<&str> = bindings
        .flat_map(|binding| binding.params.addresses(&binding.integration))
        .collect();
    futures_util::future::join_all(addresses.into_iter().map(|address| client.warm(address, WARM))).await;
}

fn report_recovery(exchange: &Exchange) {
    let found = &exchange.recovery;
    if *found != outcry_engine::ports::store::Recovery::default() {
        tracing::warn!(
            unknown = found.unknown,
            expired = found.expired,
            counters_mended = found.counters_mended,
            messages_waiting = found.messages_waiting,
            "recovered from an earlier run"
        );
    }
}

/// SIGTERM and Ctrl-C, heard from the moment this is made.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on; the process does not end by itself any more.
    pub(crate) fn listen() -> Result<Self> {
        let hear = |kind| signal(kind).context("signals cannot be heard");
        Ok(Self {
            terminate: hear(SignalKind::terminate())?,
            interrupt: hear(SignalKind::interrupt())?,
        })
    }

    /// Resolves on the next of them.
    pub(crate) async fn one(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
