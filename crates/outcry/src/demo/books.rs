//! The end of a demo: the exchange's books held against what the buyers and the sources counted themselves.

use hdrhistogram::Histogram;
use outcry_core::id::LeadId;
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
    /// Begun and not answered yet.
    pub(super) under_way: u64,
    /// Answers after the deadline of two seconds.
    pub(super) late: u64,
    /// The leads that were answered as pending, with the number their buyers know the person by.
    pub(super) open: Vec<(LeadId, u64)>,
    /// What sources were told they get.
    pub(super) payout: Money,
    /// Answer times in microseconds.
    pub(super) latency_us: Histogram<u64>,
}

impl SourceCount {
    pub(super) fn new() -> Self {
        let latency_us = Histogram::new_with_bounds(1, 120_000_000, 3).expect("the bounds of the histogram are in order");
        Self {
            leads: 0,
            sold: 0,
            unsold: 0,
            declined: 0,
            pending: 0,
            failed: 0,
            under_way: 0,
            late: 0,
            open: Vec::new(),
            payout: Money::ZERO,
            latency_us,
        }
    }

    /// A quantile of the answer times, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a demo are far below 2^52")]
    pub(super) fn quantile_ms(&self, quantile: f64) -> f64 {
        self.latency_us.value_at_quantile(quantile) as f64 / 1_000.0
    }
}

/// What became of the leads of a run, by the exchange's books and the pings without an offer, which the books do not
/// hold. The view and the end say the same, since both count like this.
#[derive(Clone, Copy)]
pub(super) struct Count {
    /// Taken: sold, unsold and pending together.
    pub(super) leads: u64,
    pub(super) sold: u64,
    /// Not sold, pings without an offer included.
    pub(super) unsold: u64,
    /// Being sold, or nobody knows yet whether a buyer has it.
    pub(super) pending: u64,
}

impl Count {
    pub(super) fn of(exchange: &Books, told: &SourceCount) -> Self {
        let (sold, unsold, pending) = (exchange.sold, exchange.unsold + told.declined, exchange.pending);
        Self {
            leads: sold + unsold + pending,
            sold,
            unsold,
            pending,
        }
    }
}

/// The books of one run on a folder that may have seen others.
pub(super) fn since(now: &Books, before: &Books) -> Books {
    Books {
        leads: now.leads - before.leads,
        sold: now.sold.saturating_sub(before.sold),
        unsold: now.unsold.saturating_sub(before.unsold),
        pending: now.pending.saturating_sub(before.pending),
        price: now.price - before.price,
        payout: now.payout - before.payout,
        margin: now.margin - before.margin,
    }
}

/// What the buyers took of people whose lead is unresolved at the exchange: their answers were lost.
#[derive(Clone, Copy)]
pub(super) struct Unresolved {
    /// How many people that is.
    pub(super) people: u64,
    /// How many sales.
    pub(super) times: u32,
    /// What is owed for them.
    pub(super) owed: Money,
}

/// Everything a demo found.
pub(super) struct Outcome {
    pub(super) sources: SourceCount,
    /// The buyers' own books.
    pub(super) buyers: Tally,
    /// The exchange's books of this run alone.
    pub(super) exchange: Books,
    pub(super) unresolved: Unresolved,
    /// Did somebody paste the commands? Then the exchange knows more leads than the sources sent.
    pub(super) by_hand: bool,
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
        // What a buyer took without our hearing of it is counted apart; all the rest must be equal.
        differ("leads sold", books.sold.to_string(), self.sold().to_string());
        differ("what buyers owe", books.price.to_string(), self.price().to_string());
        if self.unresolved.people > books.pending {
            differ(
                "leads at buyers that are unresolved",
                books.pending.to_string(),
                self.unresolved.people.to_string(),
            );
        }
        let heard_all = told.pending == 0 && told.failed == 0 && told.under_way == 0;
        if heard_all && !self.by_hand {
            differ("leads", books.leads.to_string(), (told.leads - told.declined).to_string());
            differ("leads sold, as sources were told", books.sold.to_string(), told.sold.to_string());
            differ(
                "what suppliers are owed, as sources were told",
                books.payout.to_string(),
                told.payout.to_string(),
            );
        }
        differ(
            "price less payout and margin",
            (books.price - books.payout - books.margin).to_string(),
            Money::ZERO.to_string(),
        );
        differ("leads sold twice", "0".to_owned(), buyers.sold_twice.to_string());
        differ("pings with contact data", "0".to_owned(), buyers.leaks.to_string());
        said
    }

    /// People whom buyers say they took, and answered: each is one lead, however many share it.
    fn sold(&self) -> u64 {
        self.buyers.people - self.unresolved.people
    }

    /// Sales of these, as the buyers count them.
    fn sales(&self) -> u64 {
        self.buyers.accepted - u64::from(self.unresolved.times)
    }

    /// What they owe for them.
    fn price(&self) -> Money {
        self.buyers.owed_total - self.unresolved.owed
    }

    /// Do exchange, buyers and sources agree?
    pub(super) fn agrees(&self) -> bool {
        self.disagreements().is_empty()
    }

    /// The object of `--json`. Sales, prices and double sales are the buyers' count; payouts are what
    /// sources heard at once, and a postback tells them of the rest.
    pub(super) fn json(&self) -> Value {
        let count = Count::of(&self.exchange, &self.sources);
        json!({
            "leads": count.leads,
            "sold": self.sold(),
            "sales": self.sales(),
            "unsold": count.unsold,
            "pending": count.pending,
            "failed": self.sources.failed,
            "price_total": self.price().to_string(),
            "payout_total": self.sources.payout.to_string(),
            "latency_ms": {
                "p50": self.sources.quantile_ms(0.5),
                "p99": self.sources.quantile_ms(0.99),
                "p999": self.sources.quantile_ms(0.999),
            },
            "answers_late": self.sources.late,
            "answered_pending": self.sources.pending,
            "taken_but_unresolved": self.unresolved.times,
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
        let count = Count::of(books, told);
        let failed = if told.failed == 0 {
            String::new()
        } else {
            format!("; {} more refused or failed", told.failed)
        };
        line(format!(
            "\n{} leads: {} sold, {} unsold, {} pending{failed}.",
            count.leads, count.sold, count.unsold, count.pending
        ));
        if 0 < count.pending {
            line(
                "Pending: the buyer's answer to the post was lost, and with it whether the buyer has the lead. Nobody else gets it."
                    .to_owned(),
            );
        }
        line(format!(
            "Buyers owe {}, suppliers get {}, the operator keeps {}.",
            self.price(),
            books.payout,
            books.margin
        ));
        line(format!(
            "Answers: p50 {:.0} ms, p99 {:.0} ms, {} after the deadline.",
            told.quantile_ms(0.5),
            told.quantile_ms(0.99),
            told.late
        ));
        line(format!(
            "Counted at the buyers: {} pings, {} with contact data; {} leads sold twice.",
            buyers.pings, buyers.leaks, buyers.sold_twice
        ));
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
