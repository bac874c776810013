//! What `outcry try` prints.

use crate::story;
use outcry_core::catalog::Campaign;
use outcry_core::moment::Moment;
use outcry_core::record::{Line, Sold};
use outcry_engine::sell::Rehearsal;
use outcry_integration::Request;
use serde_json::{Value, json};
use std::fmt::{self, Write};

/// What a try leaves out, since only a running exchange knows it.
const GRANTED: &str = "Taken for granted: caps, budgets and servers with room; persons whom nobody has bought and no list names.";

/// For people.
pub(super) fn text(campaign: &Campaign, rehearsal: &Rehearsal, at: Moment, requests: bool) -> String {
    let mut text = String::new();
    head(&mut text, rehearsal, at)
        .and_then(|()| plan(&mut text, campaign, rehearsal))
        .and_then(|()| others(&mut text, rehearsal))
        .and_then(|()| story::views(&mut text, &rehearsal.record))
        .and_then(|()| if requests { pings(&mut text, campaign, rehearsal) } else { Ok(()) })
        .expect("a String takes any text");
    text
}

fn head(text: &mut String, rehearsal: &Rehearsal, at: Moment) -> fmt::Result {
    let record = &rehearsal.record;
    writeln!(
        text,
        "A lead from {} for campaign {}, at {at}, under catalog {}.\nNothing was sent. {GRANTED}\n",
        record.source, record.campaign, record.catalog_version
    )?;
    let sales = record.ending.sales();
    if sales.is_empty() {
        writeln!(text, "WOULD NOT BE SOLD")?;
    }
    sales.iter().try_for_each(|Sold { contract, split, .. }| {
        writeln!(
            text,
            "WOULD BE SOLD to {contract} at {} {}: the supplier would get {}, {} would stay here.",
            split.price, record.currency, split.payout, split.margin
        )
    })
}

fn plan(text: &mut String, campaign: &Campaign, rehearsal: &Rehearsal) -> fmt::Result {
    if rehearsal.plan.places.is_empty() {
        return Ok(());
    }
    let width = width(&rehearsal.record.lines);
    writeln!(
        text,
        "\nThe plan, best first:\n  place  {:width$}  {:>10}  {:>10}  {:>7}",
        "contract", "price", "payout", "buyers"
    )?;
    for (at, (place, split)) in rehearsal.plan.places.iter().zip(&rehearsal.splits).enumerate() {
        let name = &campaign.contracts[place.contract].name;
        let most = place.shares_max.min(rehearsal.plan.legs_max);
        let first = if rehearsal.first.contains(&at) { "  posted to first" } else { "" };
        writeln!(
            text,
            "  {:>5}  {name:width$}  {:>10}  {:>10}  {most:>7}{first}",
            at + 1,
            split.price.to_string(),
            split.payout.to_string()
        )?;
    }
    Ok(())
}

fn others(text: &mut String, rehearsal: &Rehearsal) -> fmt::Result {
    let lines = &rehearsal.record.lines;
    let width = width(lines);
    let closed: Vec<&Line> = lines.iter().filter(|line| line.reason.is_some()).collect();
    if !closed.is_empty() {
        writeln!(text, "\nWhy not the others, and what would have changed it:")?;
    }
    for line in closed {
        if let Some(reason) = &line.reason {
            writeln!(text, "  {:width$}  {}", line.contract, story::coded(reason))?;
            writeln!(text, "  {:width$}    would have changed it: {}", "", reason.remedy())?;
        }
    }
    Ok(())
}

fn pings(text: &mut String, campaign: &Campaign, rehearsal: &Rehearsal) -> fmt::Result {
    for (at, request) in &rehearsal.pings {
        writeln!(text, "\nThe ping to {}:\n{}", campaign.contracts[*at].name, shown(request))?;
    }
    Ok(())
}

fn shown(request: &Request) -> String {
    let mut lines = vec![format!("{} {}", request.method.as_str(), request.masked(&request.url))];
    lines.extend(
        request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", request.masked(value))),
    );
    lines.push(String::new());
    lines.push(request.masked(&String::from_utf8_lossy(&request.body)));
    lines.join("\n")
}

fn width(lines: &[Line]) -> usize {
    lines.iter().map(|line| line.contract.as_str().len()).max().unwrap_or(0).max(8)
}

/// For programs.
pub(super) fn object(campaign: &Campaign, rehearsal: &Rehearsal, at: Moment, requests: bool) -> Value {
    let record = &rehearsal.record;
    let name = |contract: usize| campaign.contracts[contract].name.as_str();
    let places = rehearsal
        .plan
        .places
        .iter()
        .zip(&rehearsal.splits)
        .enumerate()
        .map(|(at, (place, split))| {
            json!({
                "place": at + 1, "contract": name(place.contract), "bid": place.price.to_string(), "price": split.price.to_string(),
                "payout": split.payout.to_string(), "margin": split.margin.to_string(), "worth": place.worth().to_string(),
                "buyers_max": place.shares_max.min(rehearsal.plan.legs_max), "posted_to_first": rehearsal.first.contains(&at),
            })
        });
    let contracts = record.lines.iter().enumerate().map(|(at, line)| {
        let carried = line.ping.as_ref().map(|ping| story::view_object(&record.views[ping.view]));
        let written = rehearsal.pings.iter().find(|(of, _)| *of == at).filter(|_| requests);
        json!({
            "contract": line.contract.as_str(), "buyer": line.buyer.as_str(), "pinged": line.ping.is_some(), "carries": carried,
            "request": written.map(|(_, request)| shown(request)), "bid": line.bid.map(|bid| bid.to_string()),
            "reason": line.reason.as_ref().map(|reason| json!({
                "code": reason.code(), "text": reason.to_string(), "remedy": reason.remedy(),
            })),
        })
    });
    let sold = record.ending.sales().iter().map(|sale| sale.contract.as_str().to_owned());
    json!({
        "source": record.source.as_str(), "campaign": record.campaign.as_str(), "at": at.to_string(), "currency": record.currency.as_str(),
        "catalog_version": &*record.catalog_version, "sold_to": sold.collect::<Vec<_>>(), "plan": places.collect::<Vec<_>>(),
        "contracts": contracts.collect::<Vec<_>>(), "taken_for_granted": GRANTED,
    })
}
