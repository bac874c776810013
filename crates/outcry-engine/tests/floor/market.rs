//! Five hundred leads of all types through both doors of a whole market, and then its buyers' books against ours.

mod books;
mod exchange;

use crate::support::floor::pass;
use exchange::Market;
use futures_util::future::join_all;

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
