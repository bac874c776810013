//! `outcry try LEAD.json`: the whole decision on one lead from the spec files alone, with nothing sent and nothing kept.

mod told;

use super::{SettingsArgs, check, output};
use crate::folder;
use crate::http::{asked, json};
use crate::secrets::Vaulted;
use crate::settings::environment;
use anyhow::{Context, Result, bail};
use clap::Args;
use outcry_core::catalog::{Campaign, Catalog};
use outcry_core::moment::{Moment, Stamp};
use outcry_core::money::Money;
use outcry_core::raw::Raw;
use outcry_core::record::Door;
use outcry_engine::engine::{Engine, Keys, Limits, Ports};
use outcry_engine::people::PeopleKey;
use outcry_engine::ports::Later;
use outcry_engine::ports::chance::Chance;
use outcry_engine::ports::clock::Clock;
use outcry_engine::ports::outbound::{Call, CallEnd, NotSent, Outbound};
use outcry_engine::sell::{RehearsalRequest, rehearse};
use outcry_engine::token::TokenKey;
use outcry_integration::book::Book;
use outcry_store::Memory;
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Flags of `outcry try`.
#[derive(Debug, Args)]
pub(crate) struct TryArgs {
    /// A JSON file with the lead, as a source would send it
    #[arg(value_name = "LEAD.json")]
    lead: PathBuf,
    /// The campaign; not needed where there is one, or where the source says which
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// The source that sends it; otherwise the first of the campaign
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The moment, with its offset: 2026-11-23T15:00:00Z; otherwise now
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// What a buyer would bid, such as `acme_auto=12.50`. Whoever is not named says yes at its agreed price, or bids nothing
    #[arg(long = "bid", value_name = "CONTRACT=PRICE")]
    bids: Vec<String>,
    /// Take it for an inbound ping and not for a full lead
    #[arg(long)]
    ping: bool,
    /// Show each ping as it would leave, with secrets masked
    #[arg(long)]
    requests: bool,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Decides and prints. A lead that nobody would buy is an answer and no failure; one that would be turned away at the
/// door is.
pub(crate) fn run(args: &TryArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let files = folder::read(&settings.spec)?;
    let outcome = outcry_spec::compile(&files, &Vaulted::load(&settings.secrets, environment())?);
    let said = check::summary(&outcome, &files);
    let Some(book) = outcome.book.map(Arc::new) else {
        bail!("{said}; `outcry check {}` says what is wrong", settings.spec.display());
    };
    let source = source(&book.catalog, args)?;
    let campaign = book.catalog.campaigns[book.catalog.sources[source].campaign].clone();
    let bids = bids(&args.bids, &campaign)?;
    let bytes = std::fs::read(&args.lead).with_context(|| format!("{} cannot be read", args.lead.display()))?;
    let mut lead: Raw = json::read(&bytes).map_err(|why| anyhow::anyhow!("{}: {why}", args.lead.display()))?;
    let asked = asked::take_of(&campaign.lead_type.fields, &mut lead).map_err(|problem| anyhow::anyhow!("{}", problem.detail()))?;
    let at = moment(args.at.as_deref())?;
    let request = RehearsalRequest {
        source,
        lead,
        asked,
        door: if args.ping { Door::Ping } else { Door::Lead },
        bids,
    };
    let runtime = super::serve::runtime(1)?;
    let rehearsal = runtime.block_on(async {
        let engine = engine(book.clone(), at).await?;
        match rehearse(&engine, request).await {
            Ok(rehearsal) => Ok(rehearsal),
            Err(outcry_engine::denied::Denied::Invalid(errors)) => {
                let lines: Vec<String> = errors.iter().map(|error| format!("  {error}")).collect();
                bail!("the exchange would turn this lead away:\n{}", lines.join("\n"))
            }
            Err(denied) => bail!("the exchange would turn this lead away: {denied}"),
        }
    })?;
    let said = if args.json {
        format!("{}\n", told::object(&campaign, &rehearsal, at, args.requests))
    } else {
        told::text(&campaign, &rehearsal, at, args.requests)
    };
    output::print(&said)?;
    Ok(ExitCode::SUCCESS)
}

/// The source that the flags mean, by its position.
fn source(catalog: &Catalog, args: &TryArgs) -> Result<usize> {
    let campaigns = || catalog.campaigns.iter().map(|campaign| campaign.name.as_str());
    let known = |names: Vec<&str>| names.join(", ");
    let campaign = match &args.campaign {
        None => None,
        Some(name) => {
            let found = campaigns().position(|campaign| campaign == name);
            Some(found.ok_or_else(|| anyhow::anyhow!("there is no campaign {name}; there are {}", known(campaigns().collect())))?)
        }
    };
    let mut sources = catalog.sources.iter().enumerate();
    let of_campaign = |at: usize| campaign.is_none_or(|campaign| campaign == at);
    if let Some(name) = &args.source {
        let found = sources.find(|(_, source)| source.name.as_str() == name);
        let Some((at, source)) = found else {
            let names = catalog.sources.iter().map(|source| source.name.as_str());
            bail!("there is no source {name}; there are {}", known(names.collect()));
        };
        if !of_campaign(source.campaign) {
            bail!(
                "the source {name} sends to the campaign {}",
                catalog.campaigns[source.campaign].name
            );
        }
        return Ok(at);
    }
    if campaign.is_none() && catalog.campaigns.len() > 1 {
        bail!("name the campaign with --campaign: {}", known(campaigns().collect()));
    }
    let found = sources.find(|(_, source)| of_campaign(source.campaign) && !source.paused);
    found
        .map(|(at, _)| at)
        .context("no source sends to this campaign; a lead always comes from one")
}

fn bids(written: &[String], campaign: &Campaign) -> Result<HashMap<String, Money>> {
    let mut bids = HashMap::new();
    for bid in written {
        let (contract, price) = bid
            .split_once('=')
            .with_context(|| format!("--bid takes CONTRACT=PRICE, such as acme_auto=12.50, not {bid}"))?;
        let price = Money::parse(price).map_err(|_| anyhow::anyhow!("{price} is no price; write it as 12.50"))?;
        if campaign.contract(contract).is_none() {
            let names = campaign.contracts.iter().map(|contract| contract.name.as_str());
            let near = outcry_core::validate::closest(contract, names);
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
            bail!("the campaign {} has no contract {contract}{hint}", campaign.name);
        }
        bids.insert(contract.to_owned(), price);
    }
    Ok(bids)
}

fn moment(written: Option<&str>) -> Result<Moment> {
    match written {
        None => Ok(crate::clock::SystemClock.now()),
        Some(written) => Stamp::parse(written)
            .map(|stamp| stamp.at)
            .with_context(|| format!("{written} is no moment; write it with its offset: 2026-11-23T15:00:00Z")),
    }
}

/// An engine that knows the files and nothing else: no counters, no persons, no wire.
async fn engine(book: Arc<Book>, at: Moment) -> Result<Arc<Engine>> {
    let ports = Ports {
        store: Arc::new(Memory::default()),
        outbound: Arc::new(Nowhere),
        clock: Arc::new(Stopped(at)),
        chance: Arc::new(Even),
    };
    let keys = Keys {
        token: TokenKey::new([0; 32]),
        people: PeopleKey::new([0; 32]),
    };
    let started = Engine::start(book, ports, keys, Limits::default()).await;
    Ok(started.context("the engine could not be started")?.0)
}

/// Reaches nobody.
struct Nowhere;

impl Outbound for Nowhere {
    fn call(&self, _call: Call) -> Later<'_, CallEnd> {
        Box::pin(async { CallEnd::NotSent(NotSent::Forbidden("a try sends nothing".into())) })
    }
}

/// A clock that stands still.
struct Stopped(Moment);

impl Clock for Stopped {
    fn now(&self) -> Moment {
        self.0
    }
}

/// The same draw each time.
struct Even;

impl Chance for Even {
    fn bits(&self) -> u128 {
        u128::MAX / 3
    }
}
