//! `outcry resolve LEAD|ATTEMPT OUTCOME`: somebody says what became of an unknown post.

use super::{SettingsArgs, office, output};
use crate::unknowns::{self, DecidedBody, DecisionBody};
use crate::wire::Exchange;
use anyhow::{Result, bail};
use clap::Args;
use std::process::ExitCode;

/// Flags of `outcry resolve`.
#[derive(Debug, Args)]
pub(crate) struct ResolveArgs {
    #[arg(
        value_name = "LEAD|ATTEMPT",
        help = "The id of the post (attempt_…), or of its lead (lead_…) if only one of its posts is unknown"
    )]
    id: String,
    #[arg(value_name = "OUTCOME", help = "accepted, rejected, not_sent or written_off")]
    outcome: String,
    /// What the buyer pays, if it is less than what was held
    #[arg(long, value_name = "AMOUNT")]
    price: Option<String>,
    /// What is said of it, for the record: no word of the person
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Records it, in a running exchange or in the data folder of one that is not.
pub(crate) fn run(args: &ResolveArgs) -> Result<ExitCode> {
    let settings = args.settings.load()?;
    let is_lead = args.id.starts_with("lead_");
    let body = DecisionBody {
        lead_id: is_lead.then(|| args.id.clone()),
        attempt_id: (!is_lead).then(|| args.id.clone()),
        outcome: args.outcome.clone(),
        price: args.price.clone(),
        reason: args.reason.clone(),
    };
    let (which, decision) = match body.read() {
        Ok(read) => read,
        Err(why) => bail!("{why}"),
    };
    let here = |exchange: Exchange| async move {
        let decided = unknowns::decide(&exchange.engine, which, decision).await?;
        if let Some((subject, detail)) = decided.act() {
            let noted = exchange
                .audit
                .note(exchange.engine.now(), office::HERE, unknowns::RESOLVED, subject, &detail);
            noted.await?;
        }
        Ok(decided)
    };
    let decided: DecidedBody = office::act(&settings, "/v1/operator/resolve", &body, here)?;
    if args.json {
        output::print(&format!("{}\n", serde_json::to_string_pretty(&decided)?))?;
    } else {
        output::print(&format!("{}\n", told(&decided)))?;
    }
    Ok(if decided.is_refused() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn told(decided: &DecidedBody) -> String {
    let lead = match (&decided.lead_id, &decided.lead_status, &decided.payout) {
        (Some(lead), Some(status), Some(payout)) => format!("{lead} is {status}, the supplier gets {payout}: "),
        (Some(lead), ..) => format!("{lead}: "),
        _ => String::new(),
    };
    format!("{lead}{}", decided.detail)
}
