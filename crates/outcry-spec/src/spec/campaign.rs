//! `[campaign.…]`: one selling set-up. Its contracts are read elsewhere and put into it.

use crate::codes;
use crate::desk::Problem;
use crate::spec::pacing::{self, Level};
use crate::spec::{cap, consent, distribution, duplicates, intake, terms};
use crate::table::Table;
use crate::world::World;
use outcry_core::catalog::Campaign;
use outcry_core::id::CampaignName;
use outcry_core::lead_type::LeadType;
use outcry_core::money::{Currency, Money};
use outcry_core::price::{Deal, PayoutRule};
use outcry_core::unknown::{Resell, UnknownPolicy};
use std::ops::RangeInclusive;
use std::sync::OnceLock;

const PING_WINDOW_MS: u32 = 800;
const PING_WINDOW_BOUNDS: RangeInclusive<u32> = 50..=10_000;
const QUOTE_SECONDS: u32 = 60;
const QUOTE_BOUNDS: RangeInclusive<u32> = 1..=86_400;
const POSTS_MAX: u32 = 5;
const POSTS_BOUNDS: RangeInclusive<u32> = 1..=100;
/// From an hour to a year.
const WRITE_OFF_BOUNDS: RangeInclusive<u32> = 1..=8_760;
/// A century. 0 keeps for ever what the settings would erase.
const KEEP_DAYS_BOUNDS: RangeInclusive<u32> = 0..=36_500;

/// Reads a campaign, still without contracts; `None` if there is no lead type for it.
pub(crate) fn read(world: &World<'_>, name: &str, table: &Table<'_>) -> Option<Campaign> {
    let lead_type = table
        .need_text("lead_type", "\"auto_insurance\"")
        .and_then(|written| world.lead_type(&written));
    let made = lead_type.as_ref().map(|lead_type| intake::read(world, table, lead_type));
    let consent = consent::campaign(world, name, table, lead_type.as_deref());
    if !terms::has_payout(table) {
        table.tell_missing("payout", "\"80%\"");
    }
    let deal = deal(table);
    let currency = currency(table);
    let distribution = distribution::rules(table, name);
    let (sharing, expected) = (distribution::sharing(world, table), distribution::expected(table));
    let keep_sold_days = table.number("keep_sold_days", &KEEP_DAYS_BOUNDS);
    let keep_unsold_days = table.number("keep_unsold_days", &KEEP_DAYS_BOUNDS);
    let known: Vec<&LeadType> = lead_type.iter().map(AsRef::as_ref).collect();
    let duplicates = duplicates::read(table, &known);
    let ping_window_ms = table.number("ping_window_ms", &PING_WINDOW_BOUNDS).unwrap_or(PING_WINDOW_MS);
    let quote_seconds = table.number("quote_seconds", &QUOTE_BOUNDS).unwrap_or(QUOTE_SECONDS);
    let keeps_promises = table.flag("keep_promises");
    let posts_max = table.number("posts_max", &POSTS_BOUNDS).unwrap_or(POSTS_MAX);
    let unknown = unknown(table);
    let level = Level {
        whose: format!("campaign/{name}"),
        lead_type: lead_type.as_ref(),
        zone: &cap::zone(table),
        numbers: &world.numbers,
    };
    let pacing = pacing::read(&level, table);
    table.finish();
    warn_unreachable(&deal, table);
    Some(Campaign {
        name: CampaignName::new(name),
        lead_type: made.as_ref().map(|(_, lead_type)| lead_type.clone())?,
        intake: made.map(|(intake, _)| intake)?,
        consent,
        currency,
        distribution,
        sharing,
        expected,
        deal,
        duplicates,
        keep_sold_days,
        keep_unsold_days,
        pacing,
        ping_window_ms,
        quote_seconds,
        keeps_promises,
        posts_max,
        unknown,
        views: Vec::new(),
        contracts: Vec::new(),
        roster: OnceLock::new(),
    })
}

/// What is done when nobody knows whether a buyer has a lead. Whatever breaks a promise is said aloud.
fn unknown(table: &Table<'_>) -> UnknownPolicy {
    let resell = match table.text("when_unknown") {
        None => Resell::Never,
        Some(word) if word.value == "hold" => Resell::Never,
        Some(word) if word.value == "treat_as_rejected" => {
            let message = format!(
                "{} sells a lead again while nobody knows whether its first buyer has it: two buyers may get an exclusive lead",
                table.what
            );
            let problem = Problem::warning(codes::PROMISE_BROKEN, word.spot, message);
            table.desk.tell(problem.hint("`when_unknown = \"hold\"` keeps the promise"));
            Resell::TreatAsRejected
        }
        Some(word) => {
            let problem = Problem::error(codes::UNKNOWN_WORD, word.spot, format!("`when_unknown` cannot be `{}`", word.value));
            table.desk.tell(problem.hint("it is \"hold\" or \"treat_as_rejected\""));
            Resell::Never
        }
    };
    let default = UnknownPolicy::default();
    UnknownPolicy {
        resell,
        write_off_hours: table
            .number("write_off_hours", &WRITE_OFF_BOUNDS)
            .unwrap_or(default.write_off_hours),
    }
}

fn currency(table: &Table<'_>) -> Currency {
    let Some(written) = table.text("currency") else {
        return Currency::USD;
    };
    Currency::parse(&written.value).unwrap_or_else(|| {
        let problem = Problem::error(codes::BAD_CURRENCY, written.spot, format!("`{}` is no currency", written.value));
        table.desk.tell(problem.hint("currencies have three letters (ISO 4217): \"USD\""));
        Currency::USD
    })
}

fn deal(table: &Table<'_>) -> Deal {
    let rates = terms::rates(table);
    Deal {
        // Reported if there is none; all of the price keeps `payout_min` of its sources in reach.
        payout: rates.payout.unwrap_or(PayoutRule::Share(10_000)),
        floor: rates.floor.unwrap_or(Money::ZERO),
        ceiling: rates.ceiling,
        loss_max: rates.loss_max.unwrap_or(Money::ZERO),
    }
}

fn warn_unreachable(deal: &Deal, table: &Table<'_>) {
    let floor = deal.floor;
    if let Some(ceiling) = deal.ceiling.filter(|ceiling| *ceiling < floor) {
        let message = format!(
            "nothing sells in {}: its floor {floor} lies above its ceiling {ceiling}",
            table.what
        );
        table
            .desk
            .tell(Problem::warning(codes::NEVER_REACHABLE, table.spot_of("ceiling"), message));
    }
}
