//! Price ladders: a contract that is offered the lead at one price after the other.

use super::*;

/// Who is posted to, wave by wave, when these contracts reject whatever they are offered. All bids of ann are rungs.
#[track_caller]
fn check_waves(terms: impl FnOnce(&mut Campaign), rejecting: &[&str], expected: &[&str]) {
    let (mut campaign, mut entries) = read(
        "
        ann   5.00  at 1ms
        bob  10.00  at 1ms
        ann  12.00  at 1ms
        cid   6.00  at 1ms
        ann   9.00  at 1ms
        ",
    );
    terms(&mut campaign);
    for entry in entries.iter_mut().filter(|entry| entry.contract == 0) {
        let rungs = ["12.00", "9.00", "5.00"].map(|rung| Some(money(rung)));
        entry.bid.rung = (0..).zip(rungs).find(|(_, rung)| *rung == entry.bid.price).map(|(at, _)| at);
    }
    let plan = ranked(&campaign, entries, NO_WISHES, &Wheels::default());
    let (_, waves) = carried_out(&campaign, &plan, rejecting);
    let place = |at: &usize| format!("{} {}", name(&campaign, plan.places[*at].contract), plan.places[*at].price);
    let told: Vec<String> = waves
        .iter()
        .map(|wave| wave.iter().map(place).collect::<Vec<_>>().join(" + "))
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn rungs_stand_among_the_bids_by_their_price() {
    check_waves(
        |_| {},
        &["ann", "bob", "cid"],
        &["ann 12.00", "bob 10.00", "ann 9.00", "cid 6.00", "ann 5.00"],
    );
    check_waves(|_| {}, &["ann"], &["ann 12.00", "bob 10.00"]);
    check_waves(|_| {}, &[], &["ann 12.00"]);
}

#[test]
fn two_rungs_never_go_out_together_and_none_beside_an_accepted_one() {
    let shared: fn(&mut Campaign) = |campaign| campaign.sharing.legs_max = 2;
    let best_set: fn(&mut Campaign) = |campaign| {
        campaign.distribution = vec![Rule::BestSet];
        campaign.sharing.legs_max = 2;
    };
    for terms in [shared, best_set] {
        check_waves(terms, &["ann"], &["ann 12.00 + bob 10.00", "ann 9.00", "cid 6.00"]);
        check_waves(terms, &["bob", "cid"], &["ann 12.00 + bob 10.00", "cid 6.00"]);
    }
}

#[test]
fn where_prices_do_not_decide_the_dearest_rung_is_still_the_first() {
    check_waves(
        |campaign| campaign.distribution = vec![Rule::Priority],
        &["ann", "bob", "cid"],
        &["ann 12.00", "ann 9.00", "ann 5.00", "bob 10.00", "cid 6.00"],
    );
}
