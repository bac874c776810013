//! Duplicates: by whose rule, by which fields, of which leads, and what is heard of it before anybody is asked.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, pass, with_text, without};
use outcry_core::raw::Raw;
use outcry_engine::answer::Status;
use outcry_engine::asked::Asked;
use outcry_engine::loops;
use outcry_engine::ports::store::LeadState;

const BUYERS: &str = "
    ann  bids 12.00 at 30ms, accepts at 40ms
    bob  bids 11.00 at 30ms, accepts at 40ms
    ";
const SOLD: &str = "sold to ann at 12.00; bob: outbid";
const DUPLICATE: &str = "unsold; ann: duplicate; bob: duplicate";

/// The same person by phone alone, with another form.
fn again(lead: &Raw, n: u64) -> Raw {
    with_text(
        &with_text(lead, "sub_id", &format!("sub_{n}")),
        "email",
        &format!("another{n}@example.com"),
    )
}

async fn told(floor: &Floor, source: &str, lead: &Raw) -> String {
    let answer = floor.sell_as(source, lead, None).await.expect("a lead that is taken");
    floor.told(&answer).await
}

/// Each line: whose rule it is, and what becomes of a second form of the person, from the same source and from another.
#[tokio::test(start_paused = true)]
async fn a_rule_holds_within_what_it_is_written_under() {
    let rule = "duplicates = [{ keys = ['phone'], days = 30 }]";
    let only_ann = "sold to bob at 11.00; ann: duplicate";
    let table = [
        ("source", DUPLICATE, SOLD),
        ("campaign", DUPLICATE, DUPLICATE),
        ("exchange", DUPLICATE, DUPLICATE),
        ("contract", only_ann, only_ann),
        ("route", only_ann, SOLD),
    ];
    for (whose, same, other) in table {
        for (source, expected) in [("site", same), ("other", other)] {
            let exchange = Exchange::of(BUYERS).source_of("other", "");
            let exchange = match whose {
                "source" => exchange.source(rule),
                "campaign" => exchange.campaign(rule),
                "exchange" => exchange.source(&format!("[exchange]\n{rule}")),
                "contract" => exchange.contract("ann", rule),
                _ => exchange.contract("ann", &format!("route.site = {{ {rule} }}")),
            };
            let floor = exchange.open().await;
            let lead = floor.lead(1);
            assert_eq!(told(&floor, "site", &lead).await, SOLD);
            let pings = floor.calls().len();
            assert_eq!(told(&floor, source, &again(&lead, 2)).await, expected, "{whose}, {source}");
            if expected == DUPLICATE {
                assert_eq!(floor.calls().len(), pings, "nobody is asked about a duplicate");
            }
            if expected == only_ann {
                assert_eq!(floor.count("ann/ping"), 1, "whoever had the person is not asked again");
            }
        }
    }
}

/// Two words for one end would be two postbacks.
#[tokio::test(start_paused = true)]
async fn a_duplicate_that_another_start_has_closed_is_told_what_that_start_said() {
    let rule = "duplicates = [{ keys = ['phone'], days = 30 }]";
    let floor = Exchange::of(BUYERS).campaign(rule).disk_ms(200).open().await;
    let lead = floor.lead(1);
    assert_eq!(told(&floor, "site", &lead).await, SOLD);
    let (second, other_start) = (again(&lead, 2), async {
        // T1 is through, and T3 is on its way.
        pass(250).await;
        floor.exchange.restarted().open().await.recovery.expired
    });
    let (answer, expired) = tokio::join!(floor.sell(&second), other_start);
    let answer = answer.expect("a lead that is taken");
    assert_eq!((expired, answer.status), (1, Status::Unsold));
    let (state, saved) = floor.standing(&answer).await;
    assert_eq!((state, saved.map(|saved| saved.status)), (LeadState::Unsold, Some(Status::Unsold)));
}

/// Each line: which leads count, and what becomes of the person again when the first was sold, and when nobody wanted it.
#[tokio::test(start_paused = true)]
async fn the_operator_says_which_leads_count_as_the_one_before() {
    let table = [
        ("sold", DUPLICATE, SOLD),
        ("accepted", DUPLICATE, DUPLICATE),
        ("any", DUPLICATE, DUPLICATE),
    ];
    for (original, after_sold, after_unsold) in table {
        let rule = format!("duplicates = [{{ keys = ['phone'], hours = 1, original = '{original}' }}]");
        for (first, expected) in [("accepts", after_sold), ("rejects", after_unsold)] {
            let buyers = format!("ann  bids 12.00, {first}\nbob  bids 11.00, {first}");
            let floor = Exchange::of(&buyers).campaign(&rule).open().await;
            let lead = floor.lead(1);
            floor.submit(&lead).await;
            floor.script.change(BUYERS);
            assert_eq!(told(&floor, "site", &again(&lead, 2)).await, expected, "{original}, {first}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_any_each_copy_lets_the_time_begin_anew_and_with_accepted_only_the_first_counts() {
    for (original, third) in [("any", DUPLICATE), ("accepted", SOLD)] {
        let rule = format!("duplicates = [{{ keys = ['phone'], hours = 1, original = '{original}' }}]");
        let floor = Exchange::of(BUYERS).campaign(&rule).open().await;
        let lead = floor.lead(1);
        assert_eq!(told(&floor, "site", &lead).await, SOLD);
        pass(40 * 60_000).await;
        assert_eq!(told(&floor, "site", &again(&lead, 2)).await, DUPLICATE);
        pass(40 * 60_000).await;
        assert_eq!(told(&floor, "site", &again(&lead, 3)).await, third, "{original}");
    }
}

#[tokio::test(start_paused = true)]
async fn to_a_contract_that_counts_any_a_rejected_person_does_not_go_again() {
    let rule = "duplicates = [{ keys = ['phone'], days = 1, original = 'any' }]";
    let floor = Exchange::of("ann  bids 12.00, rejects").contract("ann", rule).open().await;
    let lead = floor.lead(1);
    assert_eq!(told(&floor, "site", &lead).await, "unsold; ann: post_rejected");
    assert_eq!(told(&floor, "site", &again(&lead, 2)).await, "unsold; ann: duplicate");
    assert_eq!(floor.count("ann/post"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_of_several_fields_matches_only_whole_and_a_missing_part_never() {
    let rule = "duplicates = [{ keys = [['last_name', 'zip']], days = 30 }]";
    let floor = Exchange::of(BUYERS).campaign(rule).open().await;
    let of = |n: u64, last: &str, zip: &str| with_text(&with_text(&floor.lead(n), "last_name", last), "zip", zip);
    assert_eq!(told(&floor, "site", &of(1, "Quillfeather", "43215")).await, SOLD);
    assert_eq!(
        told(&floor, "site", &of(2, "Quillfeather", "43016")).await,
        SOLD,
        "another ZIP code"
    );
    assert_eq!(
        told(&floor, "site", &of(3, " quillFEATHER", "43215")).await,
        DUPLICATE,
        "in its normal form"
    );
    let missing = Exchange::of(BUYERS)
        .campaign("duplicates = [{ keys = [['sub_id', 'zip']], days = 30 }]")
        .open()
        .await;
    let lead = without(&missing.lead(1), "sub_id");
    assert_eq!(told(&missing, "site", &lead).await, SOLD);
    let other = with_text(&lead, "email", "another@example.com");
    assert_eq!(told(&missing, "site", &other).await, SOLD, "what is missing never matches");
}

#[tokio::test(start_paused = true)]
async fn two_copies_at_once_are_one_lead_and_one_duplicate() {
    for original in ["sold", "accepted", "any"] {
        let rule = format!("duplicates = [{{ keys = ['phone'], days = 30, original = '{original}' }}]");
        let floor = Exchange::of(BUYERS).campaign(&rule).disk_ms(6).open().await;
        let lead = floor.lead(1);
        let (one, other) = (again(&lead, 2), again(&lead, 3));
        let answers = tokio::join!(floor.submit(&one), floor.submit(&other));
        let mut words = [answers.0.status, answers.1.status].map(Status::word);
        words.sort_unstable();
        assert_eq!(words, ["duplicate", "sold"], "{original}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_hears_that_a_lead_was_a_duplicate_unless_the_operator_hides_it() {
    for (terms, word) in [("", Status::Duplicate), ("hide_duplicates = true", Status::Unsold)] {
        let floor = Exchange::of(BUYERS).source(terms).campaign("duplicate_days = 30").open().await;
        let lead = floor.lead(1);
        floor.submit(&lead).await;
        let answer = floor.submit(&again(&lead, 2)).await;
        assert_eq!(answer.status, word);
        assert_eq!(floor.submit(&again(&lead, 2)).await, answer, "and hears it again");
        let ping = with_text(&floor.ping_part(&again(&lead, 3)), "phone", phone(&lead));
        let quote = floor.ping_as("site", &ping).await.unwrap();
        assert_eq!(
            (quote.offer.is_none(), quote.duplicate),
            (true, word == Status::Duplicate),
            "and of a ping"
        );
        assert_eq!(floor.count("ann/ping"), 1, "before any auction");
    }
}

fn phone(lead: &Raw) -> &str {
    let Raw::Object(members) = lead else {
        panic!("a lead is an object")
    };
    let found = members.iter().find(|(name, _)| &**name == "phone");
    match found {
        Some((_, Raw::Text(phone))) => phone,
        _ => panic!("a lead with a phone"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_sold_after_its_ping_is_a_duplicate_at_the_post() {
    let floor = Exchange::of(BUYERS).campaign("duplicate_days = 30").open().await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    floor.submit(&again(&lead, 2)).await;
    let answer = floor.post(&lead, &token).await.unwrap();
    assert_eq!(answer.status, Status::Duplicate);
    assert_eq!(floor.told(&answer).await, DUPLICATE);
}

/// The same person, said in another way: another key, other spaces, the number written otherwise.
#[tokio::test(start_paused = true)]
async fn a_ping_that_says_the_same_of_the_same_person_gets_the_same_quote() {
    let floor = Exchange::of(BUYERS).open().await;
    let lead = floor.lead(1);
    let ping = with_text(&floor.ping_part(&lead), "phone", "(202) 555-0143");
    let same = with_text(&ping, "phone", "+1 202.555.0143 ");
    let (first, second) = tokio::join!(floor.ping_as("site", &ping), floor.ping_as("site", &same));
    let first = first.unwrap();
    assert_eq!(second.unwrap(), first, "at the same moment");
    pass(30_000).await;
    assert_eq!(floor.ping_as("site", &same).await.unwrap(), first, "and later");
    assert_eq!((floor.count("ann/ping"), floor.count("bob/ping")), (1, 1));
    let other = with_text(&ping, "zip", "43016");
    assert_ne!(
        floor.ping_as("site", &other).await.unwrap().quote,
        first.quote,
        "another home is another ping"
    );
    pass(31_000).await;
    assert_ne!(floor.ping_as("site", &same).await.unwrap().quote, first.quote, "the quote is over");
}

#[tokio::test(start_paused = true)]
async fn a_ping_after_its_quote_was_redeemed_is_a_new_one() {
    let floor = Exchange::of(BUYERS).open().await;
    let lead = floor.lead(1);
    let ping = with_text(&floor.ping_part(&lead), "phone", phone(&lead));
    let first = floor.ping_as("site", &ping).await.unwrap();
    floor.post(&lead, &first.offer.as_ref().unwrap().token).await.unwrap();
    let spaced = with_text(&ping, "phone", &format!(" {}", phone(&lead)));
    assert_ne!(floor.ping_as("site", &spaced).await.unwrap().quote, first.quote);
}

/// A buyer of ours is a broker too, and sends us what we sent to it.
#[tokio::test(start_paused = true)]
async fn a_lead_that_comes_back_around_is_noticed_at_the_ping_and_at_the_post() {
    let floor = Exchange::of(BUYERS).source_of("broker", "").open().await;
    let lead = floor.lead(1);
    floor.submit(&lead).await;
    for sent in floor
        .outbound
        .sent()
        .iter()
        .filter(|sent| sent.path == "/ping" || sent.path == "/post")
    {
        let chain = loops::read(&sent.chain);
        assert_eq!(chain.len(), 1);
        let asked = Asked { chain, ..Asked::default() };
        let back = again(&lead, 2);
        let answer = floor.sell_asking("broker", &back, Some(sent.body.as_str()), asked).await.unwrap();
        assert_eq!(floor.told(&answer).await, "unsold; ann: loop; bob: loop");
    }
    assert_eq!(floor.count("ann/ping"), 1, "nobody is asked about it again");
    let elsewhere = Asked {
        chain: loops::read("00000000000000000000000000001234aaaaaaaaaaaaaaaa"),
        ..Asked::default()
    };
    let answer = floor.sell_asking("broker", &floor.lead(3), None, elsewhere).await.unwrap();
    assert_eq!(floor.told(&answer).await, SOLD, "what comes from another exchange is welcome");
    let sent = floor.outbound.sent();
    let last = sent.iter().rfind(|sent| sent.path == "/post").unwrap();
    assert_eq!(loops::read(&last.chain).len(), 2, "and goes on with where it has been");
}
