//! SIGTERM under load: whoever was let in is answered, nobody is left in doubt, and the next start finds nothing to mend.

use crate::harness::{Buyer, Evidence, Heard, KEY, Traffic, accepted_at_buyers, happy, times, tiny, until};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const SOURCES: usize = 16;

/// Answers after a while, so that at any moment some leads are at a buyer.
fn market() -> Buyer {
    Buyer::start(|heard: &Heard| {
        std::thread::park_timeout(Duration::from_millis(30));
        happy(heard)
    })
}

#[test]
fn sigterm_under_load_answers_everybody_who_was_let_in_and_leaves_nothing_in_doubt() {
    let stops = times("OUTCRY_STOPS", 4);
    let market = market();
    let home = tiny(&market);
    home.edit("spec/exchange.toml", "limit = 50", "limit = 1000000");
    let (mut traffic, mut longest, mut taken) = (Traffic::new(KEY), Duration::ZERO, 0);
    for round in 0..stops {
        let exchange = home.serve(&[]);
        traffic.begin(&exchange.address, SOURCES);
        let (told, posts) = (traffic.told().len(), market.heard("/acme/post").len());
        until("leads are answered, and others are at a buyer", || {
            (told + 2 * SOURCES < traffic.told().len() && posts < market.heard("/acme/post").len()).then_some(())
        });
        std::thread::park_timeout(Duration::from_millis(round as u64 * 37 % 90));
        let begun = Instant::now();
        let log = exchange.stop();
        longest = longest.max(begun.elapsed());
        traffic.end();
        assert!(
            log.contains("stopping: no new leads") && !log.contains("panicked"),
            "round {round}:\n{log}"
        );
        let doubts = ["recovered from an earlier run", "still open", "counters_mended"];
        assert!(doubts.iter().all(|doubt| !log.contains(doubt)), "round {round}:\n{log}");
        let told: BTreeSet<_> = traffic.told().into_iter().map(|told| told.lead).collect();
        taken = told.len();
        let kept = usize::try_from(home.rows("lead")).unwrap();
        assert_eq!(taken, kept, "round {round}: a lead was taken, and its source heard nothing of it");
    }
    assert!(traffic.told().iter().all(|told| told.status == "sold"), "{:?}", traffic.told());
    let refused = traffic.refused();
    assert!(refused.iter().all(|(status, _)| *status == 503), "{refused:?}");
    let posts = accepted_at_buyers(&[market.heard("/acme/post"), market.heard("/blueridge/post")].concat(), |_| true);
    assert_eq!(Evidence::read(&home.path("data")).against(&traffic.told(), &posts), [""; 0]);
    println!(
        "figure: {stops} times SIGTERM under load, {taken} leads taken, all answered and sold, 0 left unknown; {} told to come again; ended after {} ms at most",
        refused.len(),
        longest.as_millis()
    );
}
