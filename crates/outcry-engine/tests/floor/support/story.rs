//! A record in one line, as somebody on the floor would tell it: `sold to ann at 12.00; bob: post_rejected; cid: outbid`.

use outcry_core::record::{Ending, Line, Record};

/// Tells a record: the ending first, then every other contract in order of their names with its reason.
pub(crate) fn story(record: &Record) -> String {
    let about = main_contract(record);
    let others = record.lines.iter().filter(|line| Some(line.contract.as_str()) != about.as_deref());
    let parts = std::iter::once(ending(record, about.as_deref())).chain(others.map(|line| other(record, line)));
    parts.collect::<Vec<_>>().join("; ")
}

/// The contract that the ending is about.
fn main_contract(record: &Record) -> Option<String> {
    match &record.ending {
        Ending::Sold { contract, .. } => Some(contract.to_string()),
        Ending::Pending { attempt } => {
            let posted = |line: &&Line| line.posts.iter().any(|post| post.attempt == *attempt);
            record.lines.iter().find(posted).map(|line| line.contract.to_string())
        }
        Ending::Unsold | Ending::Quoted { .. } => None,
    }
}

fn ending(record: &Record, about: Option<&str>) -> String {
    let about = about.unwrap_or("nobody");
    match &record.ending {
        Ending::Sold { split, .. } => format!("sold to {about} at {}", split.price),
        Ending::Pending { .. } => format!("pending on {about}"),
        Ending::Unsold => "unsold".to_owned(),
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
