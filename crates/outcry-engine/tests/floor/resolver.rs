//! How unknown posts end: a call of the buyer, a question, the same post again, a person, the clock; and all of it after a
//! restart too.

use crate::support::exchange::{Exchange, PEOPLE};
use crate::support::floor::{Floor, pass, with};
use outcry_core::id::AttemptId;
use outcry_core::raw::Raw;
use outcry_core::record::Happened;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::outbox;
use outcry_engine::ports::store::{LeadState, ListChange};
use outcry_engine::resolve::call::{self, Heard, Unheard};
use outcry_engine::resolve::follow;
use outcry_engine::resolve::person::{Decided, Decision, Which, decide, reconcile};
use outcry_engine::resolve::{Resolved, Way};
use outcry_engine::withdraw::{Contact, Scope};
use outcry_integration::RawAnswer;

const QUEUED: &str = r#"says 200: {"queued": true}"#;
const WAITING: &str = r#"says 200: {"state": "waiting"}"#;
const NONE: &str = r#"says 200: {"state": "none"}"#;

fn exchange(integration: &str) -> Exchange {
    Exchange::of("ann  bids 15.00\nbob  bids 14.00, accepts")
        .contract(
            "ann",
            &format!("integration = '{integration}'\npost_timeout_ms = 1000\ncaps = [{{ count = 'sales', per = 'day', limit = 9 }}]"),
        )
        .source("postback = 'https://northwind.example/pb?status={status}&payout={payout}'")
}

/// Ann bids 15.00, does this with a post, and this when she is asked.
async fn calls(post: &str, status: &str) -> Floor {
    let floor = exchange("floor_calls").open().await;
    floor.script.at("ann", "/ping", &[r#"says 200: {"price": 15, "id": "b"}"#]);
    floor.script.at("ann", "/post", &[post]);
    floor.script.at("ann", "/status", &[status]);
    tokio::spawn(outbox::run(floor.engine.clone()));
    floor
}

/// The exchange after a crash, with the same buyers.
async fn restarted(floor: &Floor) -> Floor {
    let next = floor.exchange.restarted().open().await;
    tokio::spawn(outbox::run(next.engine.clone()));
    next
}

async fn pending(floor: &Floor) -> Answer {
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(answer.status, Status::Pending);
    answer
}

/// The token in the address that ann was told to call.
fn token(floor: &Floor) -> String {
    let sent = floor.outbound.sent().into_iter().find(|sent| sent.path == "/post").expect("a post");
    let (_, behind) = sent
        .body
        .split_once("https://exchange.example/v1/callbacks/")
        .expect("an address to call");
    behind.split('"').next().unwrap_or_default().to_owned()
}

async fn call(floor: &Floor, token: &str, says: &str) -> Result<Heard, Unheard> {
    let caller = call::caller(&floor.engine, token).await?;
    let said = RawAnswer {
        status: 200,
        headers: Vec::new(),
        body: says.as_bytes().to_vec(),
    };
    call::hear(&caller, said).await
}

fn postbacks(floor: &Floor) -> Vec<String> {
    let sent = floor.outbound.sent().into_iter().filter(|sent| sent.path.starts_with("/pb"));
    sent.map(|sent| sent.path).collect()
}

/// How the first attempt was resolved, by the record.
async fn way(floor: &Floor) -> String {
    let record = floor.records().await.remove(0);
    let found = record.events.iter().find_map(|event| match &event.what {
        Happened::Resolved { state, way, .. } => Some(format!("{state} by {way}")),
        _ => None,
    });
    found.unwrap_or_default()
}

async fn attempt(floor: &Floor, answer: &Answer) -> AttemptId {
    let case = floor
        .engine
        .store()
        .case(answer.lead)
        .await
        .expect("a store that reads")
        .expect("a lead that was accepted");
    case.attempts[0].id
}

#[tokio::test(start_paused = true)]
async fn a_buyer_that_calls_sells_the_lead_and_the_source_hears_of_it() {
    let floor = calls(QUEUED, WAITING).await;
    let answer = pending(&floor).await;
    let token = token(&floor);
    assert!(matches!(call(&floor, &token, "status=working").await, Ok(Heard::NotYet)));
    assert!(matches!(
        call(&floor, &token, "status=sold&paid=13.00").await,
        Ok(Heard::Recorded(_))
    ));
    assert_eq!(floor.told(&answer).await, "sold to ann at 13.00; bob: held_by_unknown");
    pass(2_000).await;
    assert_eq!(postbacks(&floor), ["/pb?status=sold&payout=10.40"]);
    assert_eq!(way(&floor).await, "accepted by a callback");
    assert_eq!(floor.used("contract/ann/sales/day").await, 1);
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_call_of_another_start_means_the_same() {
    let floor = calls("resets", WAITING).await;
    let answer = pending(&floor).await;
    let token = token(&floor);
    let next = restarted(&floor).await;
    assert!(matches!(
        call(&next, &token, "status=sold&paid=99.00").await,
        Ok(Heard::Recorded(_))
    ));
    assert_eq!(
        next.told(&answer).await,
        "sold to ann at 15.00; bob: held_by_unknown",
        "never above what was held"
    );
    pass(2_000).await;
    assert_eq!(postbacks(&next), ["/pb?status=sold&payout=12.00"]);
    next.audit().await;
}

#[tokio::test(start_paused = true)]
async fn the_same_call_again_changes_nothing_and_another_word_is_refused() {
    let floor = calls(QUEUED, WAITING).await;
    let answer = pending(&floor).await;
    let token = token(&floor);
    assert!(matches!(
        call(&floor, &token, "status=refused&why=bad+phone").await,
        Ok(Heard::Recorded(_))
    ));
    for _ in 0..3 {
        assert!(matches!(call(&floor, &token, "status=refused").await, Ok(Heard::KnownBefore(_))));
    }
    let other = call(&floor, &token, "status=sold").await;
    assert!(matches!(other, Err(Unheard::Contradicts { was: "rejected" })), "{other:?}");
    assert_eq!(floor.told(&answer).await, "unsold; ann: post_rejected; bob: held_by_unknown");
    pass(2_000).await;
    assert_eq!(postbacks(&floor), ["/pb?status=unsold&payout=0.00"], "told once");
    assert_eq!(floor.used("contract/ann/sales/day").await, 0, "the unit is free again");
}

#[tokio::test(start_paused = true)]
async fn who_calls_with_anything_else_is_told_why_it_is_not_heard() {
    let floor = calls(QUEUED, WAITING).await;
    let answer = pending(&floor).await;
    let token = token(&floor);
    let altered = format!("{}{}", &token[..token.len() - 4], "AAAA");
    assert!(matches!(call(&floor, &altered, "status=sold").await, Err(Unheard::Forged)));
    assert!(matches!(call(&floor, "", "status=sold").await, Err(Unheard::Forged)));
    for says in ["", "status=perhaps", "\u{0}\u{1}", "{\"status\": \"sold\"}"] {
        let said = call(&floor, &token, says).await;
        assert!(matches!(said, Err(Unheard::NotUnderstood(_))), "{says}: {said:?}");
    }
    let elsewhere = floor.exchange.restarted_from_nothing().open().await;
    assert!(matches!(call(&elsewhere, &token, "status=sold").await, Err(Unheard::Foreign)));
    assert_eq!(
        floor.told(&answer).await,
        "pending on ann; bob: held_by_unknown",
        "nothing was changed"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_comes_while_the_post_is_under_way_waits_for_its_end() {
    let floor = calls(r#"says 200 at 900ms: {"queued": true}"#, WAITING).await;
    let lead = floor.lead(1);
    let (answer, heard) = tokio::join!(floor.submit(&lead), async {
        pass(300).await;
        call(&floor, &token(&floor), "status=sold").await
    });
    assert!(matches!(heard, Ok(Heard::Recorded(_))), "{heard:?}");
    assert_eq!(floor.told(&answer).await, "sold to ann at 15.00; bob: held_by_unknown");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn polls_go_on_after_a_restart() {
    let floor = exchange("floor_steps").open().await;
    let ann = |floor: &Floor, path: &str, turns: &[&str]| floor.script.at("ann", path, turns);
    ann(&floor, "/login", &[r#"says 200: {"token": "t1", "expires_in": 600}"#]);
    ann(&floor, "/session", &[r#"says 200: {"sid": "s"}"#]);
    ann(&floor, "/ping", &[r#"says 200: {"price": 15, "id": "b", "lot": "l"}"#]);
    ann(&floor, "/post", &[r#"says 200: {"queue": "q 7"}"#]);
    ann(&floor, "/queue", &[r#"says 200: {"state": "waiting"}"#]);
    ann(&floor, "/won", &["says 204"]);
    let answer = pending(&floor).await;
    pass(35_000).await;
    assert_eq!(floor.count("ann/queue/q%207?token=t1"), 1);
    floor.engine.drain().await;
    let next = restarted(&floor).await;
    assert_eq!((next.followed.unknown, next.followed.asked_about), (1, 1));
    ann(&next, "/queue", &[r#"says 200: {"state": "sold", "price": 13}"#]);
    pass(31_000).await;
    assert_eq!(next.told(&answer).await, "sold to ann at 13.00; bob: held_by_unknown");
    assert_eq!(
        next.count("ann/queue/q%207?token=t1"),
        1,
        "with the number that the post's answer kept, and a new login"
    );
    assert_eq!(postbacks(&next), ["/pb?status=sold&payout=10.40"]);
    assert_eq!(way(&next).await, "accepted by a poll");
}

#[tokio::test(start_paused = true)]
async fn polls_of_another_start_end_when_their_time_is_over() {
    let floor = calls(QUEUED, WAITING).await;
    pending(&floor).await;
    pass(500_000).await;
    let next = restarted(&floor).await;
    pass(1_000_000).await;
    let polls = next.calls().iter().filter(|call| call.starts_with("ann/status")).count();
    assert!((3..=4).contains(&polls), "a hundred of six hundred seconds were left: {polls}");
}

#[tokio::test(start_paused = true)]
async fn a_buyer_is_asked_by_our_id_what_became_of_a_post_whose_answer_was_lost() {
    for (does, story) in [
        (r#"says 200: {"state": "sold"}"#, "sold to ann at 15.00; bob: held_by_unknown"),
        (WAITING, "pending on ann; bob: held_by_unknown"),
    ] {
        let floor = calls("resets", does).await;
        let answer = pending(&floor).await;
        let id = attempt(&floor, &answer).await;
        pass(31_000).await;
        assert_eq!(floor.count(&format!("ann/status/{id}")), 1);
        assert_eq!(floor.told(&answer).await, story);
    }
}

#[tokio::test(start_paused = true)]
async fn that_a_buyer_has_no_such_post_is_believed_only_when_nothing_can_be_on_its_way() {
    let floor = calls("is silent", NONE).await;
    let answer = pending(&floor).await;
    // Two seconds to send, one to answer, sixty to listen on, ten to be sure.
    pass(62_000).await;
    assert_eq!(floor.told(&answer).await, "pending on ann; bob: held_by_unknown");
    assert!(
        floor.calls().iter().filter(|call| call.starts_with("ann/status")).count() >= 2,
        "it was asked, and not believed"
    );
    pass(60_000).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: post_rejected; bob: held_by_unknown");
    assert_eq!(
        (way(&floor).await, floor.count("bob/post")),
        ("rejected by a status query".to_owned(), 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_buyer_that_takes_each_id_once_is_sent_the_same_post_again() {
    for (again, story) in [
        (
            r#"says 200: {"accepted": true, "price": 14.5}"#,
            "sold to ann at 14.50; bob: held_by_unknown",
        ),
        (
            r#"says 200: {"accepted": false}"#,
            "unsold; ann: post_rejected; bob: held_by_unknown",
        ),
    ] {
        let floor = exchange("floor_once").open().await;
        floor.script.at("ann", "/ping", &[r#"says 200: {"price": 15, "id": "b"}"#]);
        floor.script.at("ann", "/post", &["resets", "resets", again]);
        let answer = pending(&floor).await;
        let id = attempt(&floor, &answer).await;
        pass(4_000).await;
        assert_eq!(floor.count(&format!("ann/post/{id}")), 1);
        pass(40_000).await;
        assert_eq!(floor.count(&format!("ann/post/{id}")), 3, "and no more: the same id each time");
        assert_eq!(floor.told(&answer).await, story);
        let bodies: Vec<String> = floor
            .outbound
            .sent()
            .into_iter()
            .filter(|sent| sent.path.starts_with("/post"))
            .map(|sent| sent.body)
            .collect();
        assert!(bodies.iter().all(|body| *body == bodies[0]), "the same to the letter");
    }
}

/// The buyer may never have seen the first.
#[tokio::test(start_paused = true)]
async fn nobody_is_sent_again_who_has_said_no_meanwhile() {
    for says_no in ["withdrawn", "listed"] {
        let list = "[list.stop]\nentries = 'phone'\nlive = true\neverywhere = true\n";
        let floor = exchange("floor_once").source(list).open().await;
        floor.script.at("ann", "/ping", &[r#"says 200: {"price": 15, "id": "b"}"#]);
        floor.script.at("ann", "/post", &["resets", r#"says 200: {"accepted": true}"#]);
        let lead = with(&floor.lead(1), "phone", Raw::Text("+12025550143".into()));
        let answer = floor.submit(&lead).await;
        if says_no == "listed" {
            let change = ListChange {
                list: "stop".into(),
                entries: vec![PEOPLE.of_entry("phone", "+12025550143")],
                on: true,
            };
            floor.engine.change_list(change).await.unwrap();
        } else {
            let phone = [Contact::phone("+12025550143").unwrap()];
            floor.engine.withdraw(&phone, &Scope::All, "site".into()).await.unwrap();
        }
        pass(4_000_000).await;
        let id = attempt(&floor, &answer).await;
        assert_eq!(floor.count(&format!("ann/post/{id}")), 1, "{says_no}");
        assert_eq!(floor.standing(&answer).await.0, LeadState::Uncertain, "{says_no}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_sent_again_after_a_restart_too() {
    let floor = exchange("floor_once").open().await;
    floor.script.at("ann", "/ping", &[r#"says 200: {"price": 15, "id": "b"}"#]);
    floor.script.at("ann", "/post", &["resets"]);
    let answer = pending(&floor).await;
    floor.engine.drain().await;
    floor.script.at("ann", "/post", &[r#"says 200: {"accepted": true}"#]);
    let next = restarted(&floor).await;
    assert_eq!(next.followed.asked_about, 1);
    pass(6_000).await;
    assert_eq!(next.told(&answer).await, "sold to ann at 15.00; bob: held_by_unknown");
    assert_eq!(way(&next).await, "accepted by the same post sent again");
}

#[tokio::test(start_paused = true)]
async fn a_buyer_that_does_not_say_so_is_never_sent_a_post_twice() {
    let floor = exchange("floor_json").open().await;
    floor.script.change("ann  bids 15.00, resets\nbob  bids 14.00, accepts");
    pending(&floor).await;
    pass(10_000_000).await;
    assert_eq!(floor.count("ann/post"), 1);
}

fn says(outcome: &str, price: Option<&str>) -> Decision {
    let price = price.map(|price| outcry_core::money::Money::parse(price).expect("an amount"));
    Decision::of(outcome, price, "the buyer says so".into()).expect("an outcome")
}

#[tokio::test(start_paused = true)]
async fn a_person_decides_what_nobody_else_finds_out() {
    for (outcome, story) in [
        ("accepted", "sold to ann at 12.50; bob: held_by_unknown"),
        ("rejected", "unsold; ann: post_rejected; bob: held_by_unknown"),
        ("not_sent", "unsold; ann: post_not_sent; bob: held_by_unknown"),
        ("written_off", "unsold; ann: post_unknown; bob: held_by_unknown"),
    ] {
        let floor = calls("resets", WAITING).await;
        let answer = pending(&floor).await;
        let next = restarted(&floor).await;
        let decision = says(outcome, (outcome == "accepted").then_some("12.50"));
        let decided = decide(&next.engine, Which::OfLead(answer.lead), decision, Way::Person)
            .await
            .unwrap();
        assert!(matches!(decided, Decided::Attempt(_, _, Resolved::Done { .. })), "{decided:?}");
        assert_eq!(next.told(&answer).await, story);
        pass(2_000).await;
        assert_eq!(postbacks(&next).len(), 1, "the source hears the final word");
        assert_eq!(way(&next).await, format!("{outcome} by a person"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_decision_names_what_is_open_and_contradicts_nothing() {
    let floor = calls("resets", WAITING).await;
    let answer = pending(&floor).await;
    let id = attempt(&floor, &answer).await;
    let by = |which, outcome: &'static str| {
        let engine = floor.engine.clone();
        async move { decide(&engine, which, says(outcome, None), Way::Person).await.unwrap() }
    };
    assert_eq!(by(Which::Attempt(AttemptId::from_bits(7)), "accepted").await, Decided::NothingOpen);
    assert!(matches!(
        by(Which::Attempt(id), "rejected").await,
        Decided::Attempt(_, _, Resolved::Done { .. })
    ));
    assert_eq!(by(Which::Attempt(id), "accepted").await, Decided::NothingOpen, "it is known by now");
    assert_eq!(by(Which::OfLead(answer.lead), "accepted").await, Decided::NothingOpen);
    assert!(Decision::of("sold", None, "".into()).is_none() && Decision::of("unknown", None, "".into()).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_buyers_file_settles_many_at_once() {
    let floor = calls("resets", WAITING).await;
    let mut ids = Vec::new();
    for number in 1..=3 {
        let answer = floor.submit(&floor.lead(number)).await;
        ids.push(attempt(&floor, &answer).await);
    }
    let rows = vec![
        (ids[0], says("accepted", None)),
        (AttemptId::from_bits(9), says("accepted", None)),
        (ids[1], says("rejected", None)),
        (ids[0], says("rejected", None)),
    ];
    let decided = reconcile(&floor.engine, rows).await.unwrap();
    let word = |decided: &Decided| match decided {
        Decided::Attempt(_, _, Resolved::Done { .. }) => "done",
        Decided::Attempt(_, _, Resolved::Contradicts(_)) => "contradicts",
        _ => "nothing open",
    };
    assert_eq!(
        decided.iter().map(word).collect::<Vec<_>>(),
        ["done", "nothing open", "done", "contradicts"]
    );
    let books = floor.books().await;
    assert_eq!((books.sold, books.unsold, books.pending), (1, 1, 1));
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_unknown_for_too_long_is_written_off_and_still_heard_of() {
    let floor = calls("resets", WAITING).await;
    let answer = pending(&floor).await;
    let token = token(&floor);
    pass(23 * 3_600_000).await;
    assert_eq!(follow::write_off(&floor.engine).await.unwrap(), 0);
    pass(3_600_000).await;
    assert_eq!(follow::write_off(&floor.engine).await.unwrap(), 1);
    assert_eq!(floor.told(&answer).await, "unsold; ann: post_unknown; bob: held_by_unknown");
    assert_eq!(floor.standing(&answer).await.0, LeadState::Unsold);
    assert_eq!(floor.used("contract/ann/sales/day").await, 1, "it stays sold for caps");
    pass(2_000).await;
    assert_eq!(postbacks(&floor), ["/pb?status=unsold&payout=0.00"], "and unsold for money");
    assert_eq!(floor.engine.store().unknowns(None, 9).await.unwrap().len(), 1, "and is listed");
    assert_eq!(follow::write_off(&floor.engine).await.unwrap(), 0);
    assert!(
        matches!(call(&floor, &token, "status=sold").await, Ok(Heard::Recorded(_))),
        "the truth is heard whenever it comes"
    );
    pass(2_000).await;
    assert_eq!(postbacks(&floor).last().unwrap(), "/pb?status=sold&payout=12.00");
    floor.audit().await;
}

#[tokio::test(start_paused = true)]
async fn a_campaign_says_how_long_an_unknown_post_is_waited_for() {
    let floor = exchange("floor_json").campaign("write_off_hours = 2").open().await;
    floor.script.change("ann  bids 15.00, resets\nbob  bids 14.00, accepts");
    pending(&floor).await;
    pass(7_100_000).await;
    assert_eq!(follow::write_off(&floor.engine).await.unwrap(), 0);
    pass(200_000).await;
    assert_eq!(follow::write_off(&floor.engine).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_breaks_the_promise_sells_on_and_says_so_on_the_lead() {
    let floor = exchange("floor_json").campaign("when_unknown = 'treat_as_rejected'").open().await;
    floor.script.change("ann  bids 15.00, accepts at 3000ms\nbob  bids 14.00, accepts");
    let answer = floor.submit(&floor.lead(1)).await;
    assert_eq!(answer.status, Status::Sold);
    assert_eq!(floor.told(&answer).await, "sold to bob at 14.00; ann: post_unknown");
    assert_eq!(floor.used("contract/ann/sales/day").await, 1, "what ann may have stays taken");
    let record = floor.records().await.remove(0);
    let broken = record
        .events
        .iter()
        .filter(|event| matches!(&event.what, Happened::BesideUnknown { policy, .. } if &**policy == "treat_as_rejected"));
    assert_eq!(broken.map(|event| event.contract.as_str()).collect::<Vec<_>>(), ["bob"]);
    pass(4_000).await;
    let books = floor.books().await;
    assert_eq!(
        (books.sold, books.price.to_string()),
        (1, "29.00".to_owned()),
        "both have it, and both pay: that is what was broken"
    );
}

#[tokio::test(start_paused = true)]
async fn a_source_with_a_secret_gets_its_final_word_signed() {
    let floor = calls(QUEUED, WAITING).await;
    drop(floor);
    let signed = exchange("floor_calls").source("postback_secret = 'secret:webhook'").open().await;
    signed.script.at("ann", "/ping", &[r#"says 200: {"price": 15, "id": "b"}"#]);
    signed.script.at("ann", "/post", &[QUEUED]);
    signed.script.mailbox(&[500]);
    tokio::spawn(outbox::run(signed.engine.clone()));
    let answer = pending(&signed).await;
    assert!(matches!(
        call(&signed, &token(&signed), "status=sold").await,
        Ok(Heard::Recorded(_))
    ));
    pass(8_000).await;
    let sent: Vec<_> = signed
        .outbound
        .sent()
        .into_iter()
        .filter(|sent| sent.path.starts_with("/pb"))
        .collect();
    assert_eq!(sent.len(), 2, "once in vain");
    assert_eq!(sent[0].body, sent[1].body);
    let body: serde_json::Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!(
        (body["type"].as_str(), body["data"]["payout"].as_str()),
        (Some("lead.sold"), Some("12.00"))
    );
    assert_eq!(body["data"]["lead_id"].as_str(), Some(&*answer.lead.to_string()));
    let header = |sent: &crate::support::outbound::Sent, name: &str| sent.header(name).unwrap_or_default().to_owned();
    assert_eq!(
        header(&sent[0], "webhook-id"),
        header(&sent[1], "webhook-id"),
        "one message, whatever it takes"
    );
    assert_ne!(
        header(&sent[0], "webhook-signature"),
        header(&sent[1], "webhook-signature"),
        "signed anew for each try"
    );
    for sent in &sent {
        let seconds: i64 = header(sent, "webhook-timestamp").parse().unwrap();
        let key = outcry_integration::webhook::key(&format!("whsec_{}", "c2VjcmV0".repeat(4))).unwrap();
        let expected = outcry_integration::webhook::signature(&key, &header(sent, "webhook-id"), seconds, &sent.body);
        assert_eq!(header(sent, "webhook-signature"), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_post_leaves_within_two_seconds_of_its_intent_or_not_at_all() {
    for (intend_ms, story, posts) in [(1_900, "sold to ann at 15.00", 1), (2_000, "unsold; ann: post_not_sent", 0)] {
        let floor = Exchange::of("ann  bids 15.00, accepts").open().await;
        floor.disk.faults.intend_ms.store(intend_ms, std::sync::atomic::Ordering::Relaxed);
        let answer = floor.submit(&floor.lead(1)).await;
        pass(60_000).await;
        assert_eq!(floor.told(&answer).await, story, "{intend_ms}");
        assert_eq!(floor.count("ann/post"), posts, "{intend_ms}");
        floor.audit().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_became_of_one_leg_is_written_down_while_the_others_leave() {
    let floor = Exchange::of("ann  bids 15.00, is dead\nbob  bids 14.00, accepts\ncid  bids 13.00, accepts")
        .campaign("sales_max = 2")
        .disk_ms(700)
        .open()
        .await;
    let answer = floor.submit(&floor.lead(1)).await;
    pass(60_000).await;
    assert_eq!(
        floor.told(&answer).await,
        "sold to bob at 14.00 and cid at 13.00; ann: post_not_sent"
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_login_takes_no_time_to_send_from_the_others() {
    let floor = Exchange::of("ann  bids 15.00\nbob  bids 14.00, accepts")
        .campaign("sales_max = 2")
        .contract("ann", "integration = 'floor_steps'\nping_timeout_ms = 9000")
        .open()
        .await;
    let ann = |path: &str, turns: &[&str]| floor.script.at("ann", path, turns);
    ann(
        "/login",
        &[
            r#"says 200: {"token": "t1", "expires_in": 0}"#,
            r#"says 200: {"token": "t1", "expires_in": 0}"#,
            r#"says 200 at 3000ms: {"token": "t2", "expires_in": 600}"#,
        ],
    );
    ann("/session", &[r#"says 200: {"sid": "s"}"#]);
    ann("/ping", &[r#"says 200: {"price": 15, "id": "b", "lot": "l"}"#]);
    ann("/post", &[r#"says 200: {"accepted": true}"#]);
    let answer = floor.submit(&floor.lead(1)).await;
    pass(10_000).await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 15.00 and bob at 14.00");
}
