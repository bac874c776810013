//! Leads that several buyers have: who gets one, and what follows when one of them rejects it.

use super::*;

fn up_to(legs_max: u32) -> impl FnOnce(&mut Campaign) {
    move |campaign: &mut Campaign| campaign.sharing.legs_max = legs_max
}

fn best_set(legs_max: u32) -> impl FnOnce(&mut Campaign) {
    move |campaign: &mut Campaign| {
        campaign.distribution = vec![Rule::BestSet];
        campaign.sharing.legs_max = legs_max;
    }
}

const FOUR: &str = "
    ann  12.00  at 1ms
    bob  11.00  at 1ms
    cid  10.00  at 1ms
    dan   9.00  at 1ms
    ";

#[test]
fn the_first_in_line_share_the_lead() {
    check_sale(
        up_to(1),
        FOUR,
        &[],
        "ann at 12.00\nbob: outbid: 11.00 against 12.00\ncid: outbid: 10.00 against 12.00\ndan: outbid: 9.00 against 12.00",
    );
    check_sale(
        up_to(3),
        FOUR,
        &[],
        "ann at 12.00, bob at 11.00, cid at 10.00\ndan: outbid: 9.00 against 10.00",
    );
    check_sale(up_to(9), FOUR, &[], "ann at 12.00, bob at 11.00, cid at 10.00, dan at 9.00");
}

#[test]
fn the_next_in_line_takes_the_place_of_one_that_rejects() {
    check_sale(
        up_to(2),
        FOUR,
        &["ann"],
        "bob at 11.00, cid at 10.00\ndan: outbid: 9.00 against 10.00",
    );
    check_sale(up_to(2), FOUR, &["bob", "cid"], "ann at 12.00, dan at 9.00");
    check_sale(up_to(2), FOUR, &["ann", "bob", "cid", "dan"], "");
}

#[test]
fn who_wants_it_alone_shares_with_nobody() {
    let table = "
        ann  12.00  at 1ms  alone
        bob  11.00  at 1ms
        cid  10.00  at 1ms
        ";
    check_sale(
        up_to(2),
        table,
        &[],
        "ann at 12.00\nbob: outbid: 11.00 against 12.00\ncid: outbid: 10.00 against 12.00",
    );
    check_sale(up_to(2), table, &["ann"], "bob at 11.00, cid at 10.00");
    let table = "
        ann  11.00  at 1ms  alone
        bob  12.00  at 1ms
        cid  10.00  at 1ms  of 2
        dan   9.00  at 1ms
        ";
    check_sale(
        up_to(3),
        table,
        &[],
        "bob at 12.00, cid at 10.00\nann: it wants the lead alone, and it was shared\ndan: outbid: 9.00 against 10.00",
    );
}

#[test]
fn a_buyer_and_its_rivals_do_not_share_a_lead() {
    let same_buyer = |campaign: &mut Campaign| {
        campaign.sharing.legs_max = 2;
        campaign.contracts[1].buyer = campaign.contracts[0].buyer.clone();
    };
    let expected = "ann at 12.00, cid at 10.00\nbob: it does not share a lead with ann\ndan: outbid: 9.00 against 10.00";
    check_sale(same_buyer, FOUR, &[], expected);
    let conflict = |campaign: &mut Campaign| {
        campaign.sharing.legs_max = 2;
        campaign.sharing.conflicts = vec![["bob", "ann"].map(BuyerName::new)];
    };
    check_sale(conflict, FOUR, &[], expected);
    check_sale(
        conflict,
        FOUR,
        &["ann"],
        "bob at 11.00, cid at 10.00\ndan: outbid: 9.00 against 10.00",
    );
}

#[test]
fn the_source_can_ask_for_fewer_buyers() {
    let (mut campaign, entries) = read(FOUR);
    campaign.sharing.legs_max = 3;
    let wishes = Wishes { sales_max: 2, ..NO_WISHES };
    let plan = ranked(&campaign, entries, wishes, &Wheels::default());
    assert_eq!(carried_out(&campaign, &plan, &[]).0.open, [0, 1]);
}

#[test]
fn the_best_set_is_one_that_pays_for_it_alone_or_several_that_pay_more_together() {
    let table = "
        ann  20.00  at 1ms  alone
        bob   8.00  at 1ms
        cid   7.00  at 1ms
        dan   6.00  at 1ms
        ";
    check_sale(
        best_set(3),
        table,
        &[],
        "bob at 8.00, cid at 7.00, dan at 6.00\nann: with its bid of 20.00 no set of buyers brings more than 21.00",
    );
    check_sale(
        best_set(2),
        table,
        &[],
        "ann at 20.00\nbob: outbid: 8.00 against 20.00\ncid: outbid: 7.00 against 20.00\ndan: outbid: 6.00 against 20.00",
    );
    check_sale(
        best_set(2),
        table,
        &["ann"],
        "bob at 8.00, cid at 7.00\ndan: with its bid of 6.00 no set of buyers brings more than 15.00",
    );
}

#[test]
fn prices_by_the_number_of_buyers_are_weighed_against_each_other() {
    let table = "
        ann  20.00  at 1ms  of 1
        ann  12.00  at 1ms  of 2
        ann   9.00  at 1ms  of 3
        bob  11.00  at 1ms  of 2
        bob   8.00  at 1ms  of 3
        cid   5.00  at 1ms  of 3
        ";
    check_sale(
        best_set(3),
        table,
        &[],
        "ann at 12.00, bob at 11.00\ncid: with its bid of 5.00 no set of buyers brings more than 23.00",
    );
    check_sale(best_set(3), table, &["bob"], "ann at 12.00, cid at 5.00");
    check_sale(best_set(3), table, &["ann"], "bob at 11.00, cid at 5.00");
}

#[test]
fn conflicts_change_the_best_set() {
    let terms = |campaign: &mut Campaign| {
        best_set(2)(campaign);
        campaign.sharing.conflicts = vec![["ann", "bob"].map(BuyerName::new)];
    };
    check_sale(
        terms,
        FOUR,
        &[],
        "ann at 12.00, cid at 10.00\nbob: it does not share a lead with ann\ndan: with its bid of 9.00 no set of buyers brings more than 22.00",
    );
}

#[test]
fn the_example_of_the_page_on_distribution_is_true() {
    let terms = |campaign: &mut Campaign| {
        best_set(3)(campaign);
        campaign.sharing.conflicts = vec![["bolt", "crest"].map(BuyerName::new)];
    };
    let bids = |acme: &str| {
        format!(
            "
            acme   {acme}  at 1ms  alone
            bolt   11.00   at 1ms
            crest  10.00   at 1ms
            dunn    9.00   at 1ms  of 2
            east    6.00   at 1ms
            "
        )
    };
    check_sale(
        terms,
        &bids("24.00"),
        &[],
        "acme at 24.00
         bolt: outbid: 11.00 against 24.00
         crest: outbid: 10.00 against 24.00
         dunn: outbid: 9.00 against 24.00
         east: outbid: 6.00 against 24.00",
    );
    check_sale(
        terms,
        &bids("19.00"),
        &[],
        "bolt at 11.00, dunn at 9.00
         acme: with its bid of 19.00 no set of buyers brings more than 20.00
         crest: it does not share a lead with bolt
         east: with its bid of 6.00 no set of buyers brings more than 20.00",
    );
    check_sale(
        terms,
        &bids("24.00"),
        &["acme", "dunn"],
        "bolt at 11.00, east at 6.00\ncrest: it does not share a lead with bolt",
    );
}
