//! The price list of a contract: `price`, `prices` and `changes`.

use crate::codes;
use crate::desk::{Problem, Spot};
use crate::spec::filter;
use crate::table::Table;
use crate::text::Text;
use jiff::tz::TimeZone;
use outcry_core::lead_type::LeadType;
use outcry_core::money::Money;
use outcry_core::price::{Change, Hours, PriceList, PriceRule, PriceWhen, When};
use std::cmp::Ordering;
use std::sync::Arc;

/// Reads the price list of a contract; the bid if nothing is said.
pub(crate) fn read(table: &Table<'_>, lead_type: Option<&Arc<LeadType>>, zone: &TimeZone) -> PriceList {
    let list = PriceList {
        usual: rule(table).unwrap_or_default(),
        rules: table
            .tables("prices", "price")
            .iter()
            .map(|entry| price_when(entry, lead_type, zone))
            .collect(),
        changes: table
            .tables("changes", "change")
            .iter()
            .filter_map(|entry| change(entry, lead_type, zone))
            .collect(),
    };
    tell_boosted_bids(table, &list);
    list
}

/// `price = "bid"`, `price = "12.00"`, one for each number of buyers: `price = ["20.00", "12.00", "9.00"]`, or one after
/// the other: `price = { ladder = ["20.00", "12.00"] }`.
fn rule(table: &Table<'_>) -> Option<PriceRule> {
    if table.is_list("price") {
        let prices = table.texts("price");
        let read: Vec<Money> = prices.iter().filter_map(|price| amount(table, price)).collect();
        return (!read.is_empty() && read.len() == prices.len()).then(|| PriceRule::Shared(read.into()));
    }
    if table.is_table("price") {
        return ladder(&table.table("price")?);
    }
    let price = table.amount_or_share("price")?;
    if price.value == "bid" {
        return Some(PriceRule::Bid);
    }
    amount(table, &price).map(PriceRule::Standing)
}

/// `{ ladder = ["100", "75", "50"] }`: what the lead is offered at, each after a refusal of the one before.
fn ladder(table: &Table<'_>) -> Option<PriceRule> {
    let written = table.texts("ladder");
    let rungs: Vec<Money> = written.iter().filter_map(|price| amount(table, price)).collect();
    if !table.has("ladder") {
        table.tell_missing("ladder", "[\"20.00\", \"12.00\"]");
    } else if written.is_empty() && table.is_list("ladder") {
        tell_ladder(table, table.spot_of("ladder"), "the ladder has no rungs".to_owned());
    }
    table.finish();
    let whole = !rungs.is_empty() && rungs.len() == written.len();
    if whole {
        for ((above, below), text) in rungs.iter().zip(&rungs[1..]).zip(&written[1..]) {
            match above.cmp(below) {
                Ordering::Greater => {}
                Ordering::Equal => tell_ladder(table, text.spot, format!("the ladder has the price {below} twice")),
                Ordering::Less => tell_ladder(table, text.spot, format!("the ladder rises from {above} to {below}")),
            }
        }
    }
    whole.then(|| PriceRule::Ladder(rungs.into()))
}

fn tell_ladder(table: &Table<'_>, spot: Spot, message: String) {
    let hint = "write what the lead is offered at, dearest first: `price = { ladder = [\"20.00\", \"12.00\"] }`";
    table.desk.tell(Problem::error(codes::BAD_LADDER, spot, message).hint(hint));
}

fn amount(table: &Table<'_>, price: &Text) -> Option<Money> {
    let amount = price.money_or(table.desk, "price", ", or \"bid\"")?;
    if amount == Money::ZERO {
        let problem = Problem::error(codes::OUT_OF_BOUNDS, price.spot, "a standing price of nothing never sells");
        table.desk.tell(problem.hint("write what the buyer pays for a lead, or \"bid\""));
        return None;
    }
    Some(amount)
}

fn price_when(entry: &Table<'_>, lead_type: Option<&Arc<LeadType>>, zone: &TimeZone) -> PriceWhen {
    let read = PriceWhen {
        when: when(entry, lead_type, zone),
        price: rule(entry),
        exclusive: entry.flag("exclusive"),
    };
    if read.price.is_none() && !read.exclusive && !entry.has("price") {
        entry.tell_missing("price", "\"12.00\"");
    }
    entry.finish();
    read
}

/// `when` and `hours`; a line with neither always holds.
fn when(entry: &Table<'_>, lead_type: Option<&Arc<LeadType>>, zone: &TimeZone) -> When {
    When {
        filter: filter::read(entry, "when", lead_type),
        hours: entry.text("hours").and_then(|hours| self::hours(entry, &hours, zone)),
    }
}

fn hours(entry: &Table<'_>, written: &Text, zone: &TimeZone) -> Option<Hours> {
    let tell = |message: String, hint: &str| {
        let problem = Problem::error(codes::BAD_HOURS, written.spot, message);
        entry.desk.tell(problem.hint(hint));
    };
    match Hours::parse(&written.value, zone.clone()) {
        Ok(hours) if hours.is_trivial() => {
            tell("these are all hours of the week".to_owned(), "leave `hours` out");
            None
        }
        Ok(hours) => Some(hours),
        Err(error) => {
            tell(
                format!("the hours cannot be read: {error}"),
                "write them like \"mon-fri 9-17, sat 10-14\"",
            );
            None
        }
    }
}

/// `change = "+10%"` or `change = "-1.50"`.
fn change(entry: &Table<'_>, lead_type: Option<&Arc<LeadType>>, zone: &TimeZone) -> Option<Change> {
    let when = when(entry, lead_type, zone);
    let written = entry.need_text("change", "\"+10%\"");
    entry.finish();
    let written = written?;
    let signed = written.value.strip_prefix('+').map(|rest| (1, rest));
    let read = signed.or_else(|| written.value.strip_prefix('-').map(|rest| (-1, rest)));
    let parsed = read.and_then(|(sign, rest)| {
        let (number, share) = rest.strip_suffix('%').map_or((rest, false), |number| (number, true));
        let micros = Money::parse(number).ok()?.micros();
        let points = i32::try_from(micros / 10_000).ok().filter(|points| *points <= 100_000);
        match share {
            true if micros % 10_000 == 0 => Some((sign * points?, Money::ZERO)),
            true => None,
            false => Some((0, Money::from_micros(micros * i64::from(sign)))),
        }
    });
    if parsed.is_none() {
        let message = format!("`change` cannot be `{}`", written.value);
        let hint = "write \"+10%\", \"-2.5%\", \"+1.50\" or \"-0.75\": a sign, and at most 1000 %";
        entry.desk.tell(Problem::error(codes::BAD_CHANGE, written.spot, message).hint(hint));
    }
    parsed.map(|(share_bp, amount)| Change { when, share_bp, amount })
}

/// A buyer pays what it bids or less: what it has not offered cannot be charged.
fn tell_boosted_bids(table: &Table<'_>, list: &PriceList) {
    let boosts = |change: &Change| change.share_bp > 0 || change.amount > Money::ZERO;
    if list.usual == PriceRule::Bid && list.rules.is_empty() && list.changes.iter().any(boosts) {
        let message = format!("{} raises bids, and nobody pays more than it bid", table.what);
        let problem = Problem::error(codes::BAD_CHANGE, table.spot_of("changes"), message);
        table
            .desk
            .tell(problem.hint("agree a `price` that can be raised, or only cut: \"-5%\""));
    }
}
