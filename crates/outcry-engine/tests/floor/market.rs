//! Five hundred leads of all types through both doors of a whole market, and then its buyers' books against ours.

mod books;
mod exchange;

use crate::support::floor::pass;
use exchange::Market;
use futures_util::future::join_all;
use outcry_core::record::Finding;
use outcry_core::tally::Tallies;

/// Sells leads one after the other, so many milliseconds apart; the sequence of what the sources and the floor heard.
async fn run(market: &Market, leads: u64, apart_ms: u64) -> Vec<String> {
    let selling = (0..leads).map(|n| async move {
        pass(n * apart_ms).await;
        market.sell(n).await
    });
    let answers = join_all(selling).await;
    // Late answers are listened for a minute.
    pass(70_000).await;
    answers
}

#[tokio::test(start_paused = true)]
async fn the_books_of_a_market_agree_with_its_buyers() {
    for seed in [1, 2, 3] {
        let market = Market::open(seed).await;
        let answers = run(&market, 500, 9).await;
        let sum = market.balance().await;
        println!("seed {seed}: {sum}");
        assert_eq!(answers.len(), 500);
        assert!(
            sum.sold > 400 && sum.pending > 0 && sum.unsold > 0,
            "a market in which something happens: {sum}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_market_day() {
    let mut days = Vec::new();
    for seed in [7, 7, 8] {
        let market = Market::open(seed).await;
        let answers = run(&market, 150, 9).await;
        days.push((answers, market.told().await));
    }
    assert_eq!(days[0], days[1]);
    assert_ne!(days[0], days[2]);
}

#[tokio::test(start_paused = true)]
async fn a_rush_of_leads_at_the_same_moment_is_sold_as_well() {
    let market = Market::open(4).await;
    run(&market, 200, 0).await;
    market.balance().await;
}

#[tokio::test(start_paused = true)]
async fn every_contract_has_one_end_on_every_lead_and_each_reason_follows_from_its_record() {
    for seed in [11, 12] {
        let market = Market::open(seed).await;
        run(&market, 300, 9).await;
        let (mut follow, mut not_from_here, mut tallies) = (0, 0, Tallies::default());
        for record in market.records().await {
            let campaign = market.campaign(&record);
            let names = |all: &mut dyn Iterator<Item = String>| all.collect::<Vec<_>>();
            assert_eq!(
                names(&mut record.lines.iter().map(|line| line.contract.to_string())),
                names(&mut campaign.contracts.iter().map(|contract| contract.name.to_string())),
                "one line for each contract"
            );
            for (line, finding) in record.lines.iter().zip(record.check()) {
                match finding {
                    Finding::Follows => follow += 1,
                    Finding::NotFromHere => not_from_here += 1,
                    Finding::Contradicts(why) => panic!("seed {seed}, {:?}: {line:?}: {why}", record.subject),
                }
            }
            tallies.add(&record, market.now());
        }
        assert!(
            not_from_here > 0 && follow > 3 * not_from_here,
            "{follow} follow, {not_from_here} do not"
        );
        for (name, tally) in &tallies.contracts {
            assert_eq!(tally.auctions, tally.losses() + tally.won + tally.quoted, "{name}");
            assert_eq!(tally.contradictions, 0, "{name}");
        }
    }
}
