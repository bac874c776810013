//! `outcry bench --micro`: how long the CPU is busy with screening one lead before ten thousand contracts of one campaign,
//! every rule included, and how long with writing down why the others were not open.
//!
//! The contracts are spec files like any other, compiled by the same compiler; the leads are those of the make-believe
//! market. What is in use of the caps is looked up as the engine looks it up: by name, behind a lock.

use super::micro::median;
use anyhow::{Context, Result, bail};
use outcry_core::cap::{Cap, Span};
use outcry_core::catalog::{Campaign, Contract, Source};
use outcry_core::filter::{Bits, Filter, Index};
use outcry_core::id::SourceName;
use outcry_core::lead::{Lead, Origin};
use outcry_core::moment::Moment;
use outcry_core::screen::{Screening, Standing, screen};
use outcry_core::throttle::Throttle;
use outcry_core::validate::{Stage, validate};
use outcry_market::leads::LeadMaker;
use outcry_spec::{Book, SpecFile};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::{Arc, Mutex};

/// The most, and the goal, for one lead on one core.
const BOUND_NS: f64 = 500_000.0;
const GOAL_NS: f64 = 50_000.0;
/// Contracts of the campaign.
pub(super) const CONTRACTS: usize = 10_000;
/// Buyers who have them.
const BUYERS: usize = 1_000;
/// Leads that take turns, so that no branch is learned by heart.
const LEADS: u64 = 64;
/// Monday, 23 November 2026, 15:00 UTC.
const NOW_MS: i64 = 1_795_446_000_000;

/// What was measured, in nanoseconds for one lead.
pub(super) struct Row {
    contracts: usize,
    /// Contracts left open, on the average.
    open: f64,
    screen: f64,
    /// Screening, and a reason for each contract that is closed.
    with_reasons: f64,
    /// The filters alone: one by one, and together.
    walk: f64,
    index: f64,
}

/// Measures a campaign of so many contracts.
pub(super) fn measure(contracts: usize) -> Result<Row> {
    let market = Market::of(contracts)?;
    let mut leads = market.leads.iter().cycle();
    let mut next = || leads.next().expect("a cycle has no end");
    let open: usize = market.leads.iter().map(|lead| market.screen(lead).open.len()).sum();
    let campaign = market.campaign();
    let filters: Vec<&Filter> = campaign.contracts.iter().map(|contract| &contract.filter).collect();
    let index = Index::new(&filters);
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let open = open as f64 / market.leads.len() as f64;
    Ok(Row {
        contracts,
        open,
        screen: median(|| drop(black_box(market.screen(next())))),
        with_reasons: median(|| {
            let lead = next();
            let screening = market.screen(lead);
            let reasons: Vec<_> = screening.closed(campaign, lead, market.now).collect();
            drop(black_box((screening.open, reasons)));
        }),
        walk: median(|| {
            let lead = next();
            let admitted = filters.iter().filter(|filter| filter.admits(lead, market.now).is_ok());
            black_box(admitted.count());
        }),
        index: median(|| {
            let mut open = Bits::all(filters.len());
            index.sift(|at| filters[at], next(), market.now, &mut open);
            drop(black_box(open));
        }),
    })
}

/// A campaign with everything on, and leads for it.
struct Market {
    book: Book,
    leads: Vec<Lead>,
    used: Counters,
    excluded: Vec<Arc<str>>,
    now: Moment,
}

impl Market {
    fn of(contracts: usize) -> Result<Self> {
        let secrets = BTreeMap::from([("bench_source".to_owned(), super::spec::SOURCE_KEY.to_owned())]);
        let outcome = outcry_spec::compile(&files(contracts), &secrets);
        let Some(book) = outcome.book else {
            let said: Vec<String> = outcome.diagnostics.iter().take(3).map(ToString::to_string).collect();
            bail!("the contracts of the bench do not compile: {}", said.join("; "));
        };
        let now = Moment::from_unix_ms(NOW_MS);
        let (campaign, source) = (&book.catalog.campaigns[0], &book.catalog.sources[0]);
        let maker = LeadMaker::new(campaign.lead_type.clone(), 7);
        let checked = |n| {
            let raw = maker.lead(n, now);
            let lead = validate(&campaign.lead_type, &raw, Stage::Post, now).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
            Ok(lead.sent_by(origin(source, n)))
        };
        let leads = (0..LEADS)
            .map(checked)
            .collect::<Result<_>>()
            .context("a lead of the market is wrong")?;
        let used = Counters::of(campaign);
        Ok(Self {
            leads,
            used,
            excluded: vec!["Buyer 17".into(), "b0400".into()],
            now,
            book,
        })
    }

    fn campaign(&self) -> &Campaign {
        &self.book.catalog.campaigns[0]
    }

    fn screen(&self, lead: &Lead) -> Screening {
        let source = &self.book.catalog.sources[0];
        screen(
            self.campaign(),
            source,
            &self.excluded,
            black_box(lead),
            Stage::Post,
            &self.used,
            self.now,
        )
    }
}

fn origin(source: &Source, n: u64) -> Origin {
    Origin {
        source: SourceName::new(source.name.as_str()),
        supplier: source.supplier.clone(),
        sub_ids: [Some(format!("banner {}", n % 9).into()), None, None, None, None],
    }
}

/// What is in use, by the positions of caps as the engine keeps it; one cap in twenty is full.
struct Counters(Mutex<Vec<(Moment, i64)>>);

impl Counters {
    fn of(campaign: &Campaign) -> Self {
        let now = Moment::from_unix_ms(NOW_MS);
        let caps = campaign.contracts.iter().flat_map(|contract| &contract.pacing.caps);
        let mut used = Vec::new();
        for (at, cap) in caps.enumerate() {
            if used.len() <= cap.index {
                used.resize(cap.index + 1, (now, 0));
            }
            used[cap.index] = (cap.clock.span(now).start, if at % 20 == 0 { cap.limit } else { 1 });
        }
        Self(Mutex::new(used))
    }
}

impl Standing for Counters {
    fn used(&self, cap: &Cap, span: &Span) -> i64 {
        let used = self.0.lock().expect("nothing panics while it holds the counters");
        let known = used.get(cap.index).filter(|(began, _)| *began == span.start);
        known.map_or(0, |(_, used)| *used)
    }

    fn wait_ms(&self, _: &Throttle, _: Moment) -> Option<i64> {
        None
    }

    fn resting(&self, contract: &Contract, _now: Moment) -> Option<u32> {
        contract.index.is_multiple_of(500).then_some(12)
    }
}

const INTEGRATION: &str = include_str!("bench_json.toml");
const STATES: [&str; 50] = [
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI",
    "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT",
    "VT", "VA", "WA", "WV", "WI", "WY",
];

fn files(contracts: usize) -> Vec<SpecFile> {
    let mut text = String::from(
        "[supplier.bench]\nlabel = \"Bench\"\n\n\
         [source.bench]\nsupplier = \"bench\"\ncampaign = \"auto\"\nkeys = [\"secret:bench_source\"]\nexclude_buyers = [\"b0007\"]\n\n\
         [campaign.auto]\nlead_type = \"auto_insurance\"\npayout = \"80%\"\n\n",
    );
    for buyer in 0..BUYERS.min(contracts) {
        put(&mut text, format_args!("[buyer.b{buyer:04}]\nlabel = \"Buyer {buyer}\"\n\n"));
    }
    let mut draw = Draw(0x0073_7072_6166_6c66);
    for at in 0..contracts {
        put(
            &mut text,
            format_args!(
                "[contract.c{at:05}]\nbuyer = \"b{:04}\"\ncampaign = \"auto\"\nintegration = \"bench_json\"\n\
                 params = {{ base_url = \"https://buyer.example\", buyer = \"{at}\" }}\nfilter = '''{}'''\n\
                 caps = [{{ count = \"sales\", per = \"day\", limit = 50, zone = \"{}\" }}]\n{}{}\n",
                at % BUYERS.min(contracts),
                filter(at, &mut draw),
                ["America/New_York", "America/Chicago", "America/Los_Angeles"][at % 3],
                if at % 97 == 0 { "paused = true\n" } else { "" },
                if at % 50 == 3 {
                    "route = { bench = { paused = true } }\n"
                } else {
                    ""
                },
            ),
        );
    }
    let file = |path: &str, text: String| SpecFile {
        path: path.to_owned(),
        text,
    };
    vec![
        file("exchange.toml", text),
        file("integrations/bench_json.toml", INTEGRATION.to_owned()),
    ]
}

/// What a contract buys: states or places, and two to four conditions more.
fn filter(at: usize, draw: &mut Draw) -> String {
    let mut parts = vec![place(at, draw)];
    let more = draw.below(3) + 2;
    for _ in 0..more {
        let part = match draw.below(14) {
            0 | 1 => "currently_insured".to_owned(),
            2 => format!("continuous_coverage_months >= {}", draw.below(36) + 1),
            3 => format!("any(drivers, age(dob) < {})", [21, 25, 30][draw.below(3)]),
            4 => format!("all(drivers, age(dob) >= {})", [18, 19, 21, 25][draw.below(4)]),
            5 => format!("count(vehicles) >= {}", draw.below(2) + 2),
            6 => r#"residence_type = "own""#.to_owned(),
            7 => r#"credit_rating in ["good", "excellent"]"#.to_owned(),
            8 => format!("hour(\"America/New_York\") between {} and {}", draw.below(10), draw.below(10) + 12),
            9 => r#"weekday("America/New_York") in ["mon", "tue", "wed", "thu", "fri"]"#.to_owned(),
            10 => format!("minutes_since(consent_at) < {}", (draw.below(30) + 1) * 10),
            11 => format!("sub1 != \"banner {}\"", draw.below(9)),
            12 => format!("current_policy_expires_on <= \"2027-{:02}-15\"", draw.below(12) + 1),
            _ => "(currently_insured or any(drivers, license_status = \"active\"))".to_owned(),
        };
        if !parts.iter().any(|known| known.split(' ').next() == part.split(' ').next()) {
            parts.push(part);
        }
    }
    parts.join(" and ")
}

fn place(at: usize, draw: &mut Draw) -> String {
    let texts = |list: Vec<String>| list.iter().map(|one| format!("\"{one}\"")).collect::<Vec<_>>().join(", ");
    if at % 500 == 11 {
        // Two fifths of all codes, as a list.
        let zips = (0..100_000).filter(|zip| (zip * 7_919 + at) % 5 < 2).map(|zip| format!("{zip:05}"));
        return format!("zip in [{}]", texts(zips.collect()));
    }
    match draw.below(10) {
        0 => {
            let middle = ["90210", "10001", "60601", "75201", "33101", "98101", "80202", "30303"][draw.below(8)];
            format!("zip within {} mi of \"{middle}\"", (draw.below(20) + 1) * 10)
        }
        1 => {
            let from = draw.below(90_000);
            let zips = (0..200).map(|n| format!("{:05}", from + n * 37));
            format!("zip in [{}]", texts(zips.collect()))
        }
        _ => {
            let count = draw.below(11) + 1;
            let from = draw.below(50);
            let mut states: Vec<&str> = (0..count).map(|n| STATES[(from + n * 7) % 50]).collect();
            states.sort_unstable();
            states.dedup();
            format!("state in [{}]", texts(states.into_iter().map(String::from).collect()))
        }
    }
}

fn put(text: &mut String, words: std::fmt::Arguments<'_>) {
    text.write_fmt(words).expect("a String takes any text");
}

/// The same numbers each time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % end
    }
}

impl Row {
    /// In words.
    pub(super) fn table(&self) -> String {
        let us = |ns: f64| ns / 1e3;
        format!(
            "screening {} contracts, every rule on, {:.0} of them open\n\
             screen                       {:>9.1} us for one lead\n\
             screen, and a reason for each{:>9.1} us\n\
             the filters alone, together  {:>9.1} us\n\
             the filters alone, one by one{:>9.1} us\n\
             The bound for screening on one core, {:.0} us, is {}; the goal, {:.0} us, is {}.",
            self.contracts,
            self.open,
            us(self.screen),
            us(self.with_reasons),
            us(self.index),
            us(self.walk),
            us(BOUND_NS),
            kept(self.screen, BOUND_NS),
            us(GOAL_NS),
            kept(self.screen, GOAL_NS),
        )
    }

    /// For programs.
    pub(super) fn object(&self) -> Value {
        json!({
            "contracts": self.contracts, "open": self.open.round(), "screen_ns": self.screen.round(),
            "with_reasons_ns": self.with_reasons.round(), "filters_together_ns": self.index.round(),
            "filters_one_by_one_ns": self.walk.round(), "bound_ns": BOUND_NS, "goal_ns": GOAL_NS,
        })
    }
}

fn kept(took: f64, most: f64) -> &'static str {
    if took < most { "kept" } else { "missed" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contract_of_the_campaign_is_open_or_has_one_reason_and_the_index_changes_nothing() {
        let market = Market::of(300).unwrap();
        let campaign = market.campaign();
        let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
        for lead in &market.leads {
            let screening = market.screen(lead);
            let closed: Vec<(usize, _)> = screening.closed(campaign, lead, market.now).collect();
            let mut all: Vec<usize> = screening.open.iter().copied().chain(closed.iter().map(|(at, _)| *at)).collect();
            all.sort_unstable();
            assert_eq!(all, (0..campaign.contracts.len()).collect::<Vec<_>>());
            for at in &screening.open {
                assert!(campaign.contracts[*at].filter.admits(lead, market.now).is_ok());
            }
            for (_, reason) in &closed {
                *codes.entry(reason.code()).or_default() += 1;
            }
            *codes.entry("open").or_default() += screening.open.len();
        }
        for code in ["paused", "excluded_by_source", "route_paused", "filter", "cap_full", "open"] {
            assert!(codes.contains_key(code), "{code} is not measured: {codes:?}");
        }
    }
}
