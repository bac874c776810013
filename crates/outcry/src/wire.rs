//! Wires an exchange together: book, store, outbound client, engine.

use crate::audit::Audit;
use crate::clock::{SystemChance, SystemClock};
use crate::deliveries::{self, Carrier, Folders};
use crate::keys::{self, MasterKeys};
use crate::lists::{self, Watch, Watching};
use crate::outbound::{Client, Options};
use crate::settings::Settings;
use anyhow::{Context, Result, bail};
use outcry_engine::engine::{Engine, Keys, Limits, Ports};
use outcry_engine::people::PeopleKey;
use outcry_engine::ports::store::Recovery;
use outcry_engine::token::TokenKey;
use outcry_integration::book::Book;
use outcry_store::{AuditKey, Sqlite, Vault};
use std::sync::Arc;
use std::time::Duration;

/// An exchange that is ready to trade.
pub(crate) struct Exchange {
    /// Sells leads.
    pub(crate) engine: Arc<Engine>,
    /// What is traded.
    pub(crate) book: Arc<Book>,
    /// Calls buyers.
    pub(crate) client: Arc<Client>,
    /// Keeps everything.
    pub(crate) store: Arc<Sqlite>,
    /// What people did.
    pub(crate) audit: Audit,
    /// Keys the digests of persons.
    pub(crate) people: PeopleKey,
    /// Keys what is kept of the keys of sources and buyers.
    pub(crate) pepper: [u8; 32],
    /// Where the master keys are.
    pub(crate) master: MasterKeys,
    /// Where files may go.
    pub(crate) folders: Folders,
    /// What was found at the start.
    pub(crate) recovery: Recovery,
    /// Keeps the lists as they are in the data folder.
    pub(crate) _lists: Watching,
}

/// Opens the data folder, makes or reads its keys, recovers, and starts the engine.
///
/// # Errors
/// A sentence that names the folder or file and what to do about it.
pub(crate) async fn open(settings: &Settings, book: Arc<Book>) -> Result<Exchange> {
    let data = &settings.data;
    std::fs::create_dir_all(data)
        .with_context(|| format!("the data folder {} cannot be made; name another with --data", data.display()))?;
    let master = MasterKeys::of(&settings.keys.master, data)?;
    let keys = keys::of_folder(data, &master)?;
    let store = Arc::new(Sqlite::open(data, Vault::from_keys(&keys.master))?);
    let audit = Audit::new(store.clone(), AuditKey::new(keys.audit));
    let client = Arc::new(Client::new(options(settings))?);
    let folders = Folders::of(&settings.deliveries.folders)?;
    deliveries::check(&book, &folders)?;
    let people = PeopleKey::new(keys.people);
    let pepper = keys.pepper;
    let list_key = lists::key(&keys);
    let keys = Keys {
        token: TokenKey::new(keys.token),
        people: people.clone(),
    };
    let ports = Ports {
        store: store.clone(),
        outbound: Arc::new(Carrier::new(client.clone(), store.clone(), book.clone())),
        clock: Arc::new(SystemClock),
        chance: Arc::new(SystemChance),
    };
    let (engine, recovery) = Engine::start(book.clone(), ports, keys, limits(settings))
        .await
        .context("the store could not be recovered")?;
    if !settings.public_url.is_empty() {
        engine.is_reached_at(&settings.public_url);
    }
    // Before the first lead: a list that is not in place yet would say nothing for certain.
    let lists = Watch::start(engine.clone(), data, list_key).await;
    Ok(Exchange {
        _lists: lists,
        engine,
        book,
        client,
        store,
        audit,
        people,
        pepper,
        master,
        folders,
        recovery,
    })
}

/// Buyers that call with their final word have to be told where.
///
/// # Errors
/// A sentence that names a contract and the setting.
pub(crate) fn can_be_called(book: &Book, settings: &Settings) -> Result<()> {
    let contracts = book.catalog.campaigns.iter().flat_map(|campaign| &campaign.contracts);
    let calls = contracts
        .into_iter()
        .find(|contract| book.binding(contract).integration.has_callback());
    match calls {
        Some(contract) if settings.public_url.is_empty() => bail!(
            "the buyer of contract {} calls with its final word, and is not told where: say under which address buyers reach this \
             exchange, with the setting public_url (--set public_url=https://…)",
            contract.name
        ),
        _ => Ok(()),
    }
}

fn limits(settings: &Settings) -> Limits {
    let limits = &settings.limits;
    Limits {
        answer: Duration::from_millis(limits.answer_ms),
        ping_listen: Duration::from_millis(limits.ping_listen_ms),
        post_listen: Duration::from_millis(limits.post_listen_ms),
        selling: Duration::from_millis(limits.selling_ms),
        answer_bytes_max: limits.answer_bytes_max,
        repeats: Duration::from_hours(limits.repeat_hours),
        auctions_max: limits.auctions_max,
    }
}

fn options(settings: &Settings) -> Options {
    let outbound = &settings.outbound;
    Options {
        connections_max_per_origin: outbound.connections_max,
        idle: Duration::from_millis(outbound.idle_ms),
        connect_timeout: Duration::from_millis(outbound.connect_timeout_ms),
        allow: outbound.allow.clone(),
        plain_http: outbound.plain_http,
        extra_ca: Some(outbound.extra_ca.clone()).filter(|path| !path.as_os_str().is_empty()),
    }
}
