//! A record in one line, as somebody on the floor would tell it: `sold to ann at 12.00; bob: post_rejected; cid: outbid`.

use outcry_core::record::{Ending, Line, Record};

/// Tells a record: the ending first, then every other contract in order of their names with its reason.
pub(crate) fn story(record: &Record) -> String {
    let about = main_contracts(record);
    let others = record
        .lines
        .iter()
        .filter(|line| !about.iter().any(|name| name == line.contract.as_str()));
    let parts = std::iter::once(ending(record, &about)).chain(others.map(|line| other(record, line)));
    parts.collect::<Vec<_>>().join("; ")
}

/// The contracts that the ending is about.
fn main_contracts(record: &Record) -> Vec<String> {
    match &record.ending {
        Ending::Sold { sales, .. } => sales.iter().map(|sale| sale.contract.to_string()).collect(),
        Ending::Pending { attempt } => {
            let posted = |line: &&Line| line.posts.iter().any(|post| post.attempt == *attempt);
            record.lines.iter().filter(posted).map(|line| line.contract.to_string()).collect()
        }
        Ending::Unsold | Ending::Quoted { .. } | Ending::Waiting { .. } | Ending::Review { .. } => Vec::new(),
    }
}

fn ending(record: &Record, about: &[String]) -> String {
    match &record.ending {
        Ending::Sold { sales, .. } => {
            let mut sales: Vec<String> = sales
                .iter()
                .map(|sale| format!("{} at {}", sale.contract, sale.split.price))
                .collect();
            sales.sort_unstable();
            format!("sold to {}", sales.join(" and "))
        }
        Ending::Pending { .. } => format!("pending on {}", about.join(" and ")),
        Ending::Review { why, .. } => format!("in review: {why}"),
        Ending::Unsold => "unsold".to_owned(),
        Ending::Waiting { until } => format!("waits until {}", &until.to_string()[11..19]),
        Ending::Quoted { payout } => format!("quoted {payout}"),
    }
}

/// A reason; behind a quote those without one stand in line.
fn other(record: &Record, line: &Line) -> String {
    let quoted = matches!(record.ending, Ending::Quoted { .. });
    match (&line.reason, line.place, line.bid) {
        (Some(reason), ..) => format!("{}: {}", line.contract, reason.code()),
        (None, Some(place), Some(bid)) if quoted => format!("{}: number {} at {bid}", line.contract, place + 1),
        _ => format!("{}: NO REASON", line.contract),
    }
}
