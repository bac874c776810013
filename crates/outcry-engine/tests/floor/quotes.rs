//! Two calls: a ping gets a quote, and a post redeems it.

use crate::support::exchange::Exchange;
use crate::support::floor::{Floor, pass, with, with_text, without};
use outcry_core::raw::Raw;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::denied::Denied;

const BUYERS: &str = "
    ann  bids 12.00
    bob  bids 11.00
    ";

async fn open() -> Floor {
    Exchange::of(BUYERS).open().await
}

fn code(result: Result<Answer, Denied>) -> &'static str {
    match result {
        Ok(answer) => answer.status.word(),
        Err(denied) => denied.code(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_quote_promises_a_payout_and_the_post_pays_it() {
    let floor = open().await;
    let lead = floor.lead(1);
    let quote = floor.ping(&lead).await.unwrap();
    assert_eq!(floor.latest().await, "quoted 9.60; ann: number 1 at 12.00; bob: number 2 at 11.00");
    let offer = quote.offer.unwrap();
    assert_eq!((offer.payout.to_string(), offer.expires_seconds), ("9.60".to_owned(), 60));
    let answer = floor.post(&lead, &offer.token).await.unwrap();
    assert_eq!((answer.status, answer.payout), (Status::Sold, offer.payout));
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00; bob: outbid");
    assert_eq!(floor.calls(), ["ann/ping", "bob/ping", "ann/post"]);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_promised_for_a_lead_that_nobody_wants() {
    let floor = Exchange::of("ann  passes").open().await;
    assert_eq!(floor.ping(&floor.lead(1)).await.unwrap().offer, None);
    assert_eq!(floor.latest().await, "unsold; ann: no_bid");
    assert_eq!(floor.books().await.leads, 0, "a ping is no lead");
}

#[tokio::test(start_paused = true)]
async fn the_supplier_gets_what_was_promised_though_the_next_best_pays_less() {
    let floor = Exchange::of("ann  bids 12.00, rejects\nbob  bids 11.00").open().await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    let answer = floor.post(&lead, &token).await.unwrap();
    let split = floor.records().await[0].ending.sales()[0].split;
    assert_eq!(
        format!("{} = {} + {}", split.price, split.payout, split.margin),
        "11.00 = 9.60 + 1.40"
    );
    assert_eq!(answer.payout, split.payout);
}

#[tokio::test(start_paused = true)]
async fn nobody_gets_the_lead_for_less_than_the_supplier_was_promised() {
    let floor = Exchange::of("ann  bids 12.00, rejects\nbob  bids 9.60, rejects\ncid  bids 9.594\ndan  bids 9.00")
        .open()
        .await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    let answer = floor.post(&lead, &token).await.unwrap();
    assert_eq!(
        floor.told(&answer).await,
        "unsold; ann: post_rejected; bob: post_rejected; cid: below_floor; dan: below_floor"
    );
    let reason = floor.records().await.remove(0).lines.remove(3).reason.expect("a reason");
    assert_eq!(reason.to_string(), "the bid of 9.00 is under the floor of 9.60");
    assert_eq!((floor.count("cid/post"), floor.count("dan/post")), (0, 0));
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_price_is_measured_against_the_promise_as_it_would_be_booked() {
    let floor = Exchange::of("ann  bids 12.00, rejects\nbob  bids 9.596").open().await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    let answer = floor.post(&lead, &token).await.unwrap();
    assert_eq!(floor.told(&answer).await, "sold to bob at 9.60; ann: post_rejected");
    assert_eq!(floor.books().await.margin.to_string(), "0.00");
}

#[tokio::test(start_paused = true)]
async fn without_a_promise_the_next_best_is_measured_by_the_floors_alone() {
    Exchange::of("ann  bids 12.00, rejects\nbob  bids 9.00")
        .check("sold to bob at 9.00; ann: post_rejected")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_price_lowered_at_the_post_pays_what_was_promised_as_far_as_it_covers_it_or_the_operator_says_so() {
    for (campaign, source, booked) in [
        ("", "", "5.00 = 5.00 + 0.00"),
        ("", "loss_max = '1.50'", "5.00 = 6.50 + -1.50"),
        ("keep_promises = true", "", "5.00 = 9.60 + -4.60"),
    ] {
        let exchange = Exchange::of("ann  bids 12.00, accepts for 5.00");
        let floor = exchange.campaign(campaign).source(source).open().await;
        let lead = floor.lead(1);
        let token = floor.token(&lead).await;
        let answer = floor.post(&lead, &token).await.unwrap();
        let books = floor.books().await;
        assert_eq!((answer.status, answer.payout), (Status::Sold, books.payout));
        assert_eq!(format!("{} = {} + {}", books.price, books.payout, books.margin), booked);
        floor.audit().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_quote_stands_until_it_expires() {
    let floor = Exchange::of(BUYERS).campaign("quote_seconds = 90").open().await;
    let (early, late) = (floor.lead(1), floor.lead(2));
    let (for_early, for_late) = (floor.token(&early).await, floor.token(&late).await);
    pass(89_900).await;
    assert_eq!(code(floor.post(&early, &for_early).await), "sold");
    pass(1_000).await;
    assert_eq!(code(floor.post(&late, &for_late).await), "quote_expired");
    assert_eq!(
        code(floor.post(&early, &for_early).await),
        "sold",
        "the answer to a repeated post does not expire"
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_for_one_post_of_the_source_that_pinged() {
    let floor = Exchange::of(BUYERS).source_of("other", "").open().await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    assert_eq!(code(floor.post_as("other", &lead, &token).await), "token_of_another_source");
    assert_eq!(code(floor.post(&lead, &token[..token.len() - 2]).await), "token_forged");
    assert_eq!(code(floor.post(&lead, &token.replace('A', "B")).await), "token_forged");
    assert_eq!(code(floor.post(&lead, "").await), "token_forged");
    assert_eq!(code(floor.post(&lead, &token).await), "sold");
    assert_eq!(code(floor.post(&with_text(&lead, "city", "Elsewhere"), &token).await), "quote_used");
    floor.audit().await;
}

/// A token, altered in the way of this number: another bit, another character, cut, grown, or sewn together with a second one.
fn altered(token: &str, other: &str, number: usize) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. ";
    let (at, by) = (number / 6 % token.len(), number / 6 / token.len());
    match number % 6 {
        0 => {
            let mut bytes = URL_SAFE_NO_PAD.decode(token).expect("a genuine token");
            let bit = number / 6 % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes[by % 33] ^= u8::try_from(by % 256).expect("a byte");
            URL_SAFE_NO_PAD.encode(bytes)
        }
        1 => {
            let letter = char::from(LETTERS[(at + by * 7) % LETTERS.len()]);
            format!("{}{letter}{}", &token[..at], &token[at + 1..])
        }
        2 => token[..at].to_owned() + &token[token.len().min(at + 1 + by)..],
        3 => format!("{}{}{}", &token[..at], char::from(LETTERS[by % LETTERS.len()]), &token[at..]),
        4 => token[..at].to_owned() + &other[at..],
        _ => token[..at].to_owned() + &token[at..].chars().rev().collect::<String>(),
    }
}

/// A few hundred here, ten thousand in `cargo xtask bars B13`, which sets `OUTCRY_TOKENS`.
#[tokio::test(start_paused = true)]
async fn no_altered_token_is_ever_taken() {
    let count = std::env::var("OUTCRY_TOKENS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(600);
    let floor = Exchange::of(BUYERS)
        .source_of("other", "")
        .campaign("quote_seconds = 86400")
        .open()
        .await;
    let (lead, second) = (floor.lead(1), floor.lead(2));
    let (token, other) = (floor.token(&lead).await, floor.token(&second).await);
    let (mut tried, mut number) = (0, 0);
    while tried < count {
        let forged = altered(&token, &other, number);
        number += 1;
        // An alteration may leave a token as it was, or make the other one of it.
        if forged == token || forged == other {
            continue;
        }
        tried += 1;
        assert_eq!(code(floor.post(&lead, &forged).await), "token_forged", "{forged} of {token}");
    }
    assert_eq!((floor.count("ann/post"), floor.books().await.leads), (0, 0));
    assert_eq!(code(floor.post_as("other", &lead, &token).await), "token_of_another_source");
    assert_eq!(code(floor.post(&lead, &token).await), "sold");
    println!("figure: {tried} altered tokens posted, 0 taken; the one they were made of sold once");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_posted_many_times_at_once_sells_once() {
    let floor = Exchange::of(BUYERS).disk_ms(4).open().await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    let leads: Vec<Raw> = (0..20).map(|n| with_text(&lead, "city", &format!("Town {}", n / 2))).collect();
    let posts = futures_util::future::join_all(leads.iter().map(|lead| floor.post(lead, &token))).await;
    let mut codes: Vec<&str> = posts.into_iter().map(code).collect();
    codes.sort_unstable();
    assert_eq!(
        (codes.iter().filter(|code| **code == "sold").count(), floor.count("ann/post")),
        (1, 1)
    );
    assert!(
        codes.iter().all(|code| ["sold", "in_flight", "quote_used"].contains(code)),
        "{codes:?}"
    );
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_a_quote_is_lost_and_never_mistaken() {
    let floor = open().await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    let next = floor.exchange.restarted_from_nothing().open().await;
    assert_eq!(code(next.post(&lead, &token).await), "quote_lost");
    // Another buyer stands first in the new catalog; the old plan must not be read by its positions.
    let changed = floor.exchange.restarted().contract("ann", "paused = true").open().await;
    assert_eq!(code(changed.post(&lead, &token).await), "quote_lost");
    assert!(next.calls().is_empty() && changed.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_post_about_another_lead_voids_the_quote() {
    let floor = open().await;
    let lead = with_text(&floor.lead(1), "state", "TX");
    let token = floor.token(&lead).await;
    let denied = floor.post(&with_text(&lead, "state", "OH"), &token).await.unwrap_err();
    let Denied::QuoteVoid(names) = &denied else { panic!("{denied}") };
    assert_eq!(names[..], ["state"]);
    assert_eq!(code(floor.post(&without(&lead, "phone"), &token).await), "invalid_lead");
    assert_eq!(
        code(floor.post(&lead, &token).await),
        "sold",
        "the quote stands for the lead that was pinged"
    );
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_post_may_add_what_the_ping_did_not_say() {
    let floor = open().await;
    let lead = without(&floor.lead(1), "trustedform_cert_url");
    let part = floor.ping_part(&lead);
    let token = floor.ping_as("site", &part).await.unwrap().offer.unwrap().token;
    let with_certificate = with_text(
        &lead,
        "trustedform_cert_url",
        "https://cert.trustedform.com/00000000000000000000000000000000000000a1",
    );
    assert_eq!(code(floor.post(&with_certificate, &token).await), "sold");
}

#[tokio::test(start_paused = true)]
async fn a_post_need_not_repeat_what_the_ping_said() {
    let floor = open().await;
    let lead = floor.lead(1);
    let token = floor.token(&lead).await;
    let (Raw::Object(all), part) = (&lead, floor.ping_part(&lead)) else {
        panic!("a lead is an object")
    };
    let rest = Raw::Object(all.iter().filter(|(name, _)| part.get(name).is_none()).cloned().collect());
    assert!(rest.get("state").is_none());
    assert_eq!(code(floor.post(&rest, &token).await), "sold");
}

#[tokio::test(start_paused = true)]
async fn a_repeated_ping_gets_the_same_quote_until_it_expires() {
    let floor = open().await;
    let lead = floor.lead(1);
    let first = floor.ping(&lead).await.unwrap();
    pass(59_000).await;
    assert_eq!(floor.ping(&lead).await.unwrap(), first);
    pass(1_000).await;
    assert_ne!(floor.ping(&lead).await.unwrap().quote, first.quote);
    assert_eq!(floor.count("ann/ping"), 2);
}

#[tokio::test(start_paused = true)]
async fn two_copies_of_one_ping_at_once_make_one_auction() {
    let floor = open().await;
    let lead = floor.lead(1);
    let (first, second) = tokio::join!(floor.ping(&lead), floor.ping(&lead));
    assert!(first.unwrap().offer.is_some());
    assert_eq!(second.unwrap_err().code(), "in_flight");
    assert_eq!(floor.count("ann/ping"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_ping_that_was_given_up_can_be_made_again() {
    let floor = open().await;
    let lead = floor.lead(1);
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(5), floor.ping(&lead))
            .await
            .is_err()
    );
    assert!(floor.ping(&lead).await.unwrap().offer.is_some());
    assert_eq!(floor.engine.under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_quote_takes_nothing_and_the_post_takes_it_all() {
    let floor = Exchange::of(BUYERS)
        .contract("ann", "caps = [{ count = 'sales', per = 'day', limit = 1 }]")
        .open()
        .await;
    let (first, second) = (floor.lead(1), floor.lead(2));
    let (for_first, for_second) = (floor.token(&first).await, floor.token(&second).await);
    assert_eq!(floor.used("contract/ann/sales/day").await, 0);
    floor.post(&first, &for_first).await.unwrap();
    assert_eq!(floor.latest().await, "sold to ann at 12.00; bob: outbid");
    floor.post(&second, &for_second).await.unwrap();
    assert_eq!(floor.latest().await, "sold to bob at 11.00; ann: cap_full");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_post_that_says_test_is_a_test_whatever_the_ping_was() {
    let floor = open().await;
    let lead = without(&floor.lead(1), "is_test");
    let token = floor.token(&lead).await;
    let answer = floor.post(&with(&lead, "is_test", Raw::Bool(true)), &token).await.unwrap();
    assert!(answer.test);
    assert_eq!((floor.count("ann/post"), floor.books().await.leads), (0, 0));
}
