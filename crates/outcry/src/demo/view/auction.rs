//! One auction on one line: what became of it, and why the others did not get it.

use outcry_core::money::Money;
use outcry_core::reason::Reason;
use outcry_core::record::{Ending, Line, Record, Sold};
use std::fmt::Write;

/// At most `width` columns: lead type, ending, time, and as many losers as fit.
pub(super) fn line(record: &Record, width: usize) -> String {
    let seconds = record.took_us / 1_000;
    let asked = record.lines.iter().filter(|line| line.ping.is_some()).count();
    let head = format!("{:<16} {} {seconds:>5} ms  {asked} asked", record.campaign.as_str(), ending(record));
    let mut losers: Vec<&Line> = record.lines.iter().filter(|line| line.reason.is_some()).collect();
    losers.sort_by_key(|line| std::cmp::Reverse(line.bid));
    let mut text = head;
    if let Some(bid) = lowered_from(record) {
        let _ = write!(text, "; bid {bid}, lowered at the post");
    }
    let mut joint = ": ";
    for loser in losers {
        let item = format!("{} {}", loser.buyer, why(loser));
        if width < text.chars().count() + joint.len() + item.chars().count() + 2 {
            text.push_str(" …");
            break;
        }
        text.push_str(joint);
        text.push_str(&item);
        joint = ", ";
    }
    text
}

fn ending(record: &Record) -> String {
    match &record.ending {
        Ending::Sold { sales, .. } => {
            let price: Money = sales.iter().map(|sale| sale.split.price).sum();
            let buyers = record
                .lines
                .iter()
                .filter(|line| sales.iter().any(|sale| sale.contract == line.contract));
            let buyers: Vec<&str> = buyers.map(|line| line.buyer.as_str()).collect();
            format!("SOLD    {:>8} {:<16}", price.to_string(), buyers.join(", "))
        }
        Ending::Quoted { payout } => format!("QUOTED  {:>8} {:<16}", payout.to_string(), "to the source"),
        Ending::Unsold => format!("UNSOLD  {:>8} {:<16}", "", ""),
        Ending::Waiting { .. } => format!("WAITING {:>8} {:<16}", "", ""),
        Ending::Review { .. } => format!("REVIEW  {:>8} {:<16}", "", ""),
        Ending::Pending { .. } => format!("PENDING {:>8} {:<16}", "", ""),
    }
}

/// What the winner bid, if its answer to the post brought less.
fn lowered_from(record: &Record) -> Option<Money> {
    let [Sold { contract, split, .. }] = record.ending.sales() else {
        return None;
    };
    let winner = record.lines.iter().find(|line| line.contract == *contract)?;
    winner.bid.filter(|bid| split.price < *bid)
}

/// A word or two: the whole sentence is what `outcry explain` is for.
fn why(line: &Line) -> String {
    match (&line.reason, line.bid) {
        (Some(Reason::Outbid { bid, .. } | Reason::Outranked { bid }), _) => format!("bid {bid}"),
        (Some(Reason::PostRejected { .. }), Some(bid)) => format!("bid {bid}, rejected the post"),
        (Some(Reason::BelowFloor { bid, .. }), _) => format!("bid {bid}, under the floor"),
        (Some(reason), Some(bid)) => format!("bid {bid}, {}", reason.code().replace('_', " ")),
        (Some(reason), None) => reason.code().replace('_', " "),
        (None, _) => String::new(),
    }
}
