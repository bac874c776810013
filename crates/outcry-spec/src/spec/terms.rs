//! Prices and payouts as spec files write them: `"bid"`, `"12.00"`, `"80%"`.

use crate::codes;
use crate::desk::Problem;
use crate::table::Table;
use outcry_core::money::Money;
use outcry_core::price::{PayoutRule, PriceRule};

/// `payout = "80%"` or `payout = "5.00"`.
pub(crate) fn payout(table: &Table<'_>) -> Option<PayoutRule> {
    let payout = table.amount_or_share("payout")?;
    if payout.value.contains('%') {
        payout.share(table.desk, "payout").map(PayoutRule::Share)
    } else {
        payout
            .money_or(table.desk, "payout", ", or a share of the price, such as \"80%\"")
            .map(PayoutRule::Fixed)
    }
}

/// `price = "bid"` or `price = "12.00"`; the bid if it is absent.
pub(crate) fn price(table: &Table<'_>) -> PriceRule {
    match table.amount_or_share("price") {
        Some(price) if price.value != "bid" => match price.money_or(table.desk, "price", ", or \"bid\"") {
            Some(Money::ZERO) => {
                let problem = Problem::error(codes::OUT_OF_BOUNDS, price.spot, "a standing price of nothing never sells");
                table.desk.tell(problem.hint("write what the buyer pays for a lead, or \"bid\""));
                PriceRule::Bid
            }
            Some(amount) => PriceRule::Standing(amount),
            None => PriceRule::Bid,
        },
        _ => PriceRule::Bid,
    }
}

/// `handicap = "10%"`, in basis points; none if it is absent.
pub(crate) fn handicap_bp(table: &Table<'_>) -> u32 {
    table
        .text("handicap")
        .and_then(|handicap| handicap.share(table.desk, "handicap"))
        .unwrap_or(0)
}
