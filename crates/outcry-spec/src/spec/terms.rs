//! Terms of money as every level of the trade may write them: `payout`, `margin`, `floor`, `ceiling`, `loss_max`.

use crate::codes;
use crate::desk::Problem;
use crate::table::Table;
use outcry_core::money::Money;
use outcry_core::price::{Band, Margin, PayoutRule, Rates};

/// What one level says about money.
pub(crate) fn rates(table: &Table<'_>) -> Rates {
    Rates {
        payout: payout(table),
        floor: table.money("floor"),
        ceiling: table.money("ceiling"),
        loss_max: table.money("loss_max"),
    }
}

/// Does the level say what suppliers get?
pub(crate) fn has_payout(table: &Table<'_>) -> bool {
    table.has("payout") || table.has("margin")
}

/// `payout = "80%"`, `payout = "5.00"`, or what the operator keeps: `margin = …`.
fn payout(table: &Table<'_>) -> Option<PayoutRule> {
    if table.has("payout") && table.has("margin") {
        let message = format!("{} has a `payout` and a `margin`: each says what the other one is", table.what);
        let problem = Problem::error(codes::PAYOUT_AND_MARGIN, table.spot_of("margin"), message);
        table.desk.tell(problem.hint("keep one of them"));
    }
    if table.has("margin") {
        return margin(table).map(PayoutRule::Less);
    }
    let payout = table.amount_or_share("payout")?;
    if payout.value.contains('%') {
        payout.share(table.desk, "payout").map(PayoutRule::Share)
    } else {
        payout
            .money_or(table.desk, "payout", ", or a share of the price, such as \"80%\"")
            .map(PayoutRule::Fixed)
    }
}

/// `margin = "2.00"`, `margin = "20%"`, or bands of prices: `margin = [{ from = "0", margin = "1.00" }]`.
fn margin(table: &Table<'_>) -> Option<Margin> {
    if !table.is_list("margin") {
        return flat_margin(table);
    }
    let bands: Vec<(crate::desk::Spot, Option<Money>, Option<Margin>)> = table
        .tables("margin", "band")
        .iter()
        .map(|band| {
            let from = band.money("from");
            if !band.has("from") {
                band.tell_missing("from", "\"10.00\"");
            }
            if !band.has("margin") {
                band.tell_missing("margin", "\"20%\"");
            }
            let read = (band.spot, from, flat_margin(band));
            band.finish();
            read
        })
        .collect();
    let mut last: Option<Money> = None;
    for (at, (spot, from, _)) in bands.iter().enumerate() {
        let wrong = match (at, from, last) {
            (0, Some(from), _) if *from != Money::ZERO => "the first band begins at \"0\"",
            (_, Some(from), Some(last)) if *from <= last => "each band begins above the one before it",
            _ => "",
        };
        if !wrong.is_empty() {
            let message = format!("the bands of {} are not in order", table.what);
            table.desk.tell(Problem::error(codes::BAD_BANDS, *spot, message).hint(wrong));
        }
        last = *from;
    }
    let whole = |(_, from, margin): (_, Option<Money>, Option<Margin>)| {
        Some(Band {
            from: from?,
            margin: margin?,
        })
    };
    bands
        .into_iter()
        .map(whole)
        .collect::<Option<Vec<Band>>>()
        .map(|bands| Margin::Bands(bands.into()))
}

fn flat_margin(table: &Table<'_>) -> Option<Margin> {
    let margin = table.amount_or_share("margin")?;
    if margin.value.contains('%') {
        margin.share(table.desk, "margin").map(Margin::Share)
    } else {
        margin
            .money_or(table.desk, "margin", ", or a share of the price, such as \"20%\"")
            .map(Margin::Fixed)
    }
}

/// `handicap = "10%"`, in basis points.
pub(crate) fn handicap_bp(table: &Table<'_>) -> Option<u32> {
    share(table, "handicap")
}

/// A share, in basis points.
pub(crate) fn share(table: &Table<'_>, key: &'static str) -> Option<u32> {
    table.text(key).and_then(|share| share.share(table.desk, key))
}
