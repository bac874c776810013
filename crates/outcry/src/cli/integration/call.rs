//! One request of an integration from what stands on the command line: the lead, the bid, the moment.

use super::file::{self, Refused};
use super::lead;
use super::params::ParamArgs;
use crate::clock::{SystemChance, SystemClock};
use crate::http::json;
use anyhow::{Context, Result};
use clap::Args;
use outcry_core::bid::{Bid, Leg};
use outcry_core::id::{AttemptId, PingId};
use outcry_core::moment::{Moment, Stamp};
use outcry_core::money::{Currency, Money};
use outcry_core::ping_view::PingView;
use outcry_core::raw::Raw;
use outcry_engine::ports::chance::Chance;
use outcry_engine::ports::clock::Clock;
use outcry_integration::kept::Kept;
use outcry_integration::rehearsal::{ATTEMPT_ID, PING_ID};
use outcry_integration::{Ask, Integration, Outgoing, Params, Rehearsal};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a request is made of.
#[derive(Debug, Args)]
pub(super) struct CallArgs {
    /// The step: ping, post, or another that the file has
    #[arg(long, value_name = "STEP")]
    pub(super) step: String,
    /// The lead as a source sends it: a JSON object of fields, or - for standard input. A member `lead_type` names
    /// its type and brings the values into normal form
    #[arg(long, value_name = "FILE")]
    lead: PathBuf,
    /// The lead's type: the name of a built-in one, or a lead type file
    #[arg(long, value_name = "TYPE")]
    lead_type: Option<String>,
    #[command(flatten)]
    params: ParamArgs,
    /// The bid that a post answers: `id=…`, `price=…`, `currency=…`, `buyer_name=…` or `echo.NAME=…`, repeated; or a JSON file, such
    /// as `outcry integration read --json` prints
    #[arg(long, value_name = "NAME=VALUE|FILE")]
    bid: Vec<String>,
    /// What an earlier step kept, such as login.token=… May be repeated
    #[arg(long, value_name = "STEP.NAME=VALUE", value_parser = file::pair)]
    kept: Vec<(String, String)>,
    /// What is asked of the buyer at least: `{ask.floor}` and `{ask.price}`
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    ask: Option<Money>,
    /// The price that won, in a notice: `{winning_price}`
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    winning_price: Option<Money>,
    /// The moment of the call, such as 2026-03-01T12:00:00Z; now if left out
    #[arg(long, value_name = "MOMENT")]
    now: Option<String>,
    /// The name of the source
    #[arg(long, value_name = "NAME", default_value = "example_source")]
    source: String,
    /// As a test lead
    #[arg(long)]
    test: bool,
}

/// A request, and what should be known of it.
pub(super) struct Written {
    pub(super) request: Outgoing,
    pub(super) params: Params,
    pub(super) fields: PingView,
    pub(super) notes: Vec<String>,
}

/// The ids of a ping and an attempt that belong to no auction.
#[derive(Clone, Copy)]
pub(super) struct Ids(PingId, AttemptId);

impl Ids {
    /// The same each time, as in examples: what is printed can be compared.
    pub(super) const fn of_examples() -> Self {
        Self(PING_ID, ATTEMPT_ID)
    }

    /// Never used before: a buyer may refuse an id that it has seen.
    pub(super) fn fresh() -> Self {
        Self(PingId::from_bits(SystemChance.bits()), AttemptId::from_bits(SystemChance.bits()))
    }
}

impl CallArgs {
    /// Writes the request of the step.
    ///
    /// # Errors
    /// [`Refused`] if the file has no such step or a value cannot be used; a sentence if the request cannot be written.
    pub(super) fn write(&self, path: &Path, integration: &Integration, ids: Ids) -> Result<Written> {
        check_step(path, integration, &self.step)?;
        let mut notes = Vec::new();
        let now = self.moment()?;
        let fields = lead::view(&self.lead, self.lead_type.as_deref(), integration, &self.step, now, &mut notes)?;
        let params = self.params.bind(path, integration, &self.step, &mut notes)?;
        let bid = self.bid(integration, &mut notes)?;
        let kept = self.kept(integration, &mut notes);
        let rehearsal = Rehearsal {
            fields: &fields,
            bid: &bid,
            ping_id: ids.0,
            attempt: ids.1,
            test: self.test,
            source: &self.source,
            now,
            kept: &kept,
            ask: self.ask.map_or_else(Ask::default, |price| Ask { floor: price, price }),
            winning_price: self.winning_price,
        };
        let request = integration.rehearse(&self.step, &params, &rehearsal).map_err(|wrong| {
            let line = if wrong.line == 0 {
                String::new()
            } else {
                format!(":{}", wrong.line)
            };
            anyhow::anyhow!("{}{line}: {}: {}", path.display(), wrong.what, wrong.message)
        })?;
        Ok(Written {
            request,
            params,
            fields,
            notes,
        })
    }

    fn moment(&self) -> Result<Moment> {
        match &self.now {
            None => Ok(SystemClock.now()),
            Some(text) => Stamp::parse(text)
                .map(|stamp| stamp.at)
                .ok_or_else(|| Refused::Usage(format!("--now {text} is not a moment; write it like 2026-03-01T12:00:00Z")).into()),
        }
    }

    /// What `--kept` says over what the file's examples say.
    fn kept(&self, integration: &Integration, notes: &mut Vec<String>) -> Kept {
        let given = self
            .kept
            .iter()
            .map(|(name, value)| (Arc::from(name.as_str()), Arc::from(value.as_str())));
        let given = Kept::from(given.collect::<Vec<_>>());
        let examples = integration.example_kept(&self.step);
        for (name, _) in examples.entries().iter().filter(|(name, _)| given.get(name).is_none()) {
            notes.push(format!(
                "{{{name}}} is not given: taken from the file's first example; give it with --kept {name}=…"
            ));
        }
        examples.and(&given)
    }

    /// What `--bid` says; else the bid of the file's first post example.
    fn bid(&self, integration: &Integration, notes: &mut Vec<String>) -> Result<Bid> {
        let mut bid = Bid {
            price: None,
            ..Bid::at(Money::ZERO)
        };
        if self.bid.is_empty()
            && self.step != "ping"
            && let Some(example) = integration.example_bid()
        {
            notes.push("no --bid is given: taken from the file's first example of a post".to_owned());
            return Ok(example.clone());
        }
        for given in &self.bid {
            match given.split_once('=') {
                Some((name, value)) if !Path::new(given).is_file() => set(&mut bid, name, value)?,
                _ => from_file(&mut bid, Path::new(given))?,
            }
        }
        Ok(bid)
    }
}

/// A step that the file does not have is a slip of whoever called.
pub(super) fn check_step(path: &Path, integration: &Integration, step: &str) -> Result<()> {
    let known = integration.step_names();
    if known.contains(&step) {
        return Ok(());
    }
    let steps = known.join(", ");
    Err(Refused::Usage(format!("{} has no step {step}; it has {steps}", path.display())).into())
}

fn amount(text: &str) -> Result<Money, String> {
    Money::parse(text).map_err(|_| "write it like 12.50".to_owned())
}

fn set(bid: &mut Bid, name: &str, value: &str) -> Result<()> {
    let usage = |what: String| anyhow::Error::from(Refused::Usage(what));
    match name {
        "id" => bid.id = Some(Arc::from(value)),
        "price" => {
            let price = Money::parse(value).map_err(|_| usage(format!("--bid price={value} is not an amount; write it like 12.50")))?;
            bid.price = Some(price);
        }
        "currency" => {
            let currency =
                Currency::parse(value).ok_or_else(|| usage(format!("--bid currency={value} is not a currency; write it like USD")))?;
            bid.currency = Some(currency);
        }
        "buyer_name" => bid.buyer_name = Some(Arc::from(value)),
        _ => match name.strip_prefix("echo.") {
            Some(echo) => bid.echo.push((Arc::from(echo), Arc::from(value))),
            None => {
                return Err(usage(format!(
                    "--bid {name}=… is not a part of a bid; there are id, price, currency, buyer_name and echo.NAME"
                )));
            }
        },
    }
    Ok(())
}

/// A bid as JSON, or a reading of a ping: then the bid with the highest price.
fn from_file(bid: &mut Bid, path: &Path) -> Result<()> {
    let raw = json::read(&file::bytes(path)?).map_err(|why| anyhow::anyhow!("{}: {why}", path.display()))?;
    let raw = raw.get("reading").unwrap_or(&raw);
    let best = match raw.get("bids") {
        Some(Raw::List(bids)) => bids
            .iter()
            .max_by_key(|bid| text(bid, "price").and_then(|price| Money::parse(&price).ok())),
        _ => Some(raw),
    };
    let best = best.with_context(|| format!("{} holds no bid", path.display()))?;
    for name in ["id", "price", "currency", "buyer_name"] {
        if let Some(value) = text(best, name) {
            set(bid, name, &value)?;
        }
    }
    if let Some(Raw::Object(echo)) = best.get("echo") {
        for (name, _) in echo {
            if let Some(value) = text(best.get("echo").unwrap_or(&Raw::Null), name) {
                set(bid, &format!("echo.{name}"), &value)?;
            }
        }
    }
    if let Some(Raw::List(legs)) = best.get("legs") {
        bid.legs = legs.iter().filter_map(leg).collect();
    }
    Ok(())
}

/// A leg as `read --json` prints it; one without a price is none.
fn leg(raw: &Raw) -> Option<Leg> {
    let said = |name| text(raw, name).map(Arc::from);
    let echo = match raw.get("echo") {
        Some(Raw::Object(members)) => members
            .iter()
            .filter_map(|(name, _)| Some((Arc::from(&**name), Arc::from(text(raw.get("echo")?, name)?))))
            .collect(),
        _ => Vec::new(),
    };
    Some(Leg {
        id: said("id"),
        price: Money::parse(&text(raw, "price")?).ok()?,
        buyer_name: said("buyer_name"),
        group: said("group"),
        echo,
    })
}

fn text(raw: &Raw, name: &str) -> Option<String> {
    match raw.get(name)? {
        Raw::Text(text) | Raw::Number(text) => Some(text.to_string()),
        Raw::Null | Raw::Bool(_) | Raw::List(_) | Raw::Object(_) => None,
    }
}
