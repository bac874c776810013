//! The end of a demo: the exchange's books held against what the buyers and the sources counted themselves.

use hdrhistogram::Histogram;
use outcry_core::money::Money;
use outcry_engine::ports::store::Books;
use outcry_market::world::Tally;
use serde_json::{Value, json};
use std::fmt::Write;

/// What the sources counted.
#[derive(Clone, Debug)]
pub(super) struct SourceCount {
    /// Leads that were taken: one-call leads and posts, and pings that got no offer.
    pub(super) leads: u64,
    /// Of these sold.
    pub(super) sold: u64,
    /// Not sold, pings without an offer included.
    pub(super) unsold: u64,
    /// Pings without an offer, which never became leads of the exchange.
    pub(super) declined: u64,
    /// Answered as pending.
    pub(super) pending: u64,
    /// Refused or failed.
    pub(super) failed: u64,
    /// Answers after the deadline of two seconds.
    pub(super) late: u64,
    /// What sources were told they get.
    pub(super) payout: Money,
    /// Answer times in microseconds.
    pub(super) latency_us: Histogram<u64>,
}

impl SourceCount {
    pub(super) fn new() -> Self {
        let latency_us = Histogram::new_with_bounds(1, 120_000_000, 3).expect("the bounds of the histogram are in order");
        Self { leads: 0, sold: 0, unsold: 0, declined: 0, pending: 0, failed: 0, late: 0, payout: Money::ZERO, latency_us }
    }

    /// A quantile of the answer times, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a demo are far below 2^52")]
    pub(super) fn quantile_ms(&self, quantile: f64) -> f64 {
        self.latency_us.value_at_quantile(quantile) as f64 / 1_000.0
    }
}

/// Everything a demo found.
pub(super) struct Outcome {
    pub(super) sources: SourceCount,
    /// The buyers' own books.
    pub(super) buyers: Tally,
    /// The exchange's books of this run alone.
    pub(super) exchange: Books,
    pub(super) lead_types: usize,
    pub(super) source_count: usize,
    pub(super) buyer_count: usize,
}

impl Outcome {
    /// One sentence for each disagreement.
    fn disagreements(&self) -> Vec<String> {
        let (books, buyers, told) = (&self.exchange, &self.buyers, &self.sources);
        let mut said = Vec::new();
        let mut differ = |what: &str, ours: String, theirs: String| {
            if ours != theirs {
                said.push(format!("{what}: {ours} in the exchange's books, {theirs} counted outside"));
            }
        };
        // A pending lead may or may not be at its buyer; nothing else may differ.
        if books.pending == 0 {
            differ("leads sold", books.sold.to_string(), buyers.accepted.to_string());
            differ("what buyers owe", books.price.to_string(), buyers.owed_total.to_string());
        } else if buyers.accepted < books.sold || books.sold + books.pending < buyers.accepted {
            differ("leads sold", format!("{} to {}", books.sold, books.sold + books.pending), buyers.accepted.to_string());
        }
        if told.pending == 0 && told.failed == 0 {
            differ("leads", books.leads.to_string(), (told.leads - told.declined).to_string());
            differ("leads sold, as sources were told", books.sold.to_string(), told.sold.to_string());
            differ("what suppliers are owed, as sources were told", books.payout.to_string(), told.payout.to_string());
        }
        differ("price less payout and margin", (books.price - books.payout - books.margin).to_string(), Money::ZERO.to_string());
        differ("leads sold twice", "0".to_owned(), buyers.sold_twice.to_string());
        differ("pings with contact data", "0".to_owned(), buyers.leaks.to_string());
        said
    }

    /// Do exchange, buyers and sources agree?
    pub(super) fn agrees(&self) -> bool {
        self.disagreements().is_empty()
    }

    /// The object of `--json`. Sales, totals and double sales are the buyers' count; payouts are what sources heard.
    pub(super) fn json(&self) -> Value {
        json!({
            "leads": self.sources.leads,
            "sold": self.buyers.accepted,
            "unsold": self.sources.unsold,
            "pending": self.sources.pending,
            "failed": self.sources.failed,
            "price_total": self.buyers.owed_total.to_string(),
            "payout_total": self.sources.payout.to_string(),
            "latency_ms": {
                "p50": self.sources.quantile_ms(0.5),
                "p99": self.sources.quantile_ms(0.99),
                "p999": self.sources.quantile_ms(0.999),
            },
            "answers_late": self.sources.late,
            "sold_twice": self.buyers.sold_twice,
            "leaks": self.buyers.leaks,
            "pings": self.buyers.pings,
            "books": {
                "leads": self.exchange.leads,
                "sold": self.exchange.sold,
                "unsold": self.exchange.unsold,
                "pending": self.exchange.pending,
                "price": self.exchange.price.to_string(),
                "payout": self.exchange.payout.to_string(),
                "margin": self.exchange.margin.to_string(),
            },
            "books_equal_buyers": self.agrees(),
            "disagreements": self.disagreements(),
            "lead_types": self.lead_types,
            "sources": self.source_count,
            "buyers": self.buyer_count,
        })
    }

    /// The same for people.
    pub(super) fn text(&self) -> String {
        let (told, buyers, books) = (&self.sources, &self.buyers, &self.exchange);
        let mut text = String::new();
        let mut line = |line: String| writeln!(text, "{line}").expect("a String takes any text");
        line(format!("\n{} leads: {} sold, {} unsold, {} pending.", told.leads, buyers.accepted, told.unsold, told.pending));
        line(format!("Buyers owe {}, suppliers get {}, the operator keeps {}.", buyers.owed_total, books.payout, books.margin));
        line(format!("Answers: p50 {:.0} ms, p99 {:.0} ms, {} after the deadline.", told.quantile_ms(0.5), told.quantile_ms(0.99), told.late));
        line(format!("Counted at the buyers: {} pings, {} with contact data; {} leads sold twice.", buyers.pings, buyers.leaks, buyers.sold_twice));
        let disagreements = self.disagreements();
        if disagreements.is_empty() {
            line("The exchange's books and the buyers' books agree.".to_owned());
        }
        for disagreement in disagreements {
            line(format!("DISAGREEMENT: {disagreement}"));
        }
        text
    }
}
