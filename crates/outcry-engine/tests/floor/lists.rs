//! Lists: whom nobody may sell, who alone may be sold, and what a list is worth that is old or not there.

use crate::support::exchange::{Exchange, PEOPLE};
use crate::support::floor::{Floor, pass, with_text, without};
use crate::support::time::OPENING_MS;
use outcry_core::moment::Moment;
use outcry_core::record::Record;
use outcry_engine::ports::list::ListFile;
use outcry_engine::ports::store::ListChange;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const BUYERS: &str = "
    ann  bids 12.00 at 30ms, accepts at 40ms
    bob  bids 11.00 at 30ms, accepts at 40ms
    ";

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// The file of a list in memory.
struct File {
    version: &'static str,
    made_at: Moment,
    entries: BTreeSet<String>,
    looks: AtomicUsize,
}

impl ListFile for File {
    fn version(&self) -> &str {
        self.version
    }

    fn made_at(&self) -> Moment {
        self.made_at
    }

    fn holds(&self, entry: &str) -> bool {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.entries.contains(entry)
    }
}

fn file(version: &'static str, days_old: i64, entries: &[&str]) -> Arc<File> {
    Arc::new(File {
        version,
        made_at: Moment::from_unix_ms(OPENING_MS).plus_ms(-days_old * DAY_MS),
        entries: entries.iter().map(|entry| (*entry).to_owned()).collect(),
        looks: AtomicUsize::new(0),
    })
}

/// An exchange with one more table in its file, behind the terms of the source.
fn of(list: &str) -> Exchange {
    Exchange::of(BUYERS).source(&format!("[list.dnc]\nentries = 'phone'\n{list}\n"))
}

const PHONE: &str = "+12025550143";

fn listed(floor: &Floor, n: u64) -> outcry_core::raw::Raw {
    with_text(&floor.lead(n), "phone", PHONE)
}

async fn by_hand(floor: &Floor, entry: &str, on: bool) {
    let change = ListChange {
        list: "dnc".into(),
        entries: vec![PEOPLE.of_entry("phone", entry)],
        on,
    };
    floor.engine.change_list(change).await.expect("a change that is kept");
}

fn said(record: &Record) -> String {
    let one = |said: &outcry_core::record::ListSaid| format!("{} {} {}", said.list, said.version, said.said);
    record.lists.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[tokio::test(start_paused = true)]
async fn who_is_on_a_list_is_neither_pinged_nor_sold_and_others_are() {
    let floor = of("live = true\neverywhere = true").open().await;
    by_hand(&floor, PHONE, true).await;
    let answer = floor.submit(&listed(&floor, 1)).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: suppressed; bob: suppressed");
    assert!(floor.calls().is_empty(), "nobody hears of a lead that nobody may have");
    let answer = floor.submit(&floor.lead(2)).await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00; bob: outbid");
    by_hand(&floor, PHONE, false).await;
    let answer = floor.submit(&with_text(&listed(&floor, 1), "sub_id", "sub_99")).await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00; bob: outbid");
}

/// Each line: to what the list applies, and what becomes of a lead of `site` whose number is on it.
#[tokio::test(start_paused = true)]
async fn a_list_applies_to_what_it_names_and_to_nothing_else() {
    let table = [
        ("everywhere = true", "unsold; ann: suppressed; bob: suppressed"),
        ("campaigns = ['home']", "unsold; ann: suppressed; bob: suppressed"),
        ("sources = ['site']", "unsold; ann: suppressed; bob: suppressed"),
        ("sources = ['other']", "sold to ann at 12.00; bob: outbid"),
        ("buyers = ['ann']", "sold to bob at 11.00; ann: suppressed"),
        ("contracts = ['ann']", "sold to bob at 11.00; ann: suppressed"),
        ("routes = [['site', 'ann']]", "sold to bob at 11.00; ann: suppressed"),
        ("routes = [['other', 'ann']]", "sold to ann at 12.00; bob: outbid"),
    ];
    for (applies, expected) in table {
        let floor = of(applies).source_of("other", "").open().await;
        floor.engine.lists().put("dnc".into(), file("v1", 0, &[PHONE]));
        let answer = floor.submit(&listed(&floor, 1)).await;
        assert_eq!(floor.told(&answer).await, expected, "{applies}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_who_is_on_a_list_of_the_only_ones_allowed_is_sold() {
    let floor = of("kind = 'allow'\ncontracts = ['ann']").open().await;
    floor.engine.lists().put("dnc".into(), file("v1", 0, &[PHONE]));
    let answer = floor.submit(&listed(&floor, 1)).await;
    assert_eq!(floor.told(&answer).await, "sold to ann at 12.00; bob: outbid");
    let answer = floor.submit(&floor.lead(2)).await;
    assert_eq!(floor.told(&answer).await, "sold to bob at 11.00; ann: not_on_list");
}

/// Each line: the policy, and what becomes of somebody who is not on a list that is 32 days old, or not there at all.
#[tokio::test(start_paused = true)]
async fn a_list_that_is_too_old_is_worth_what_its_policy_says_and_never_clean() {
    let table = [
        ("block", "unsold; ann: list_unknown; bob: list_unknown", "unknown_blocks"),
        ("allow", "sold to ann at 12.00; bob: outbid", "unknown"),
        ("flag", "sold to ann at 12.00; bob: outbid", "flagged"),
    ];
    for (policy, expected, word) in table {
        for made in [Some(32), None] {
            let floor = of(&format!("everywhere = true\nmax_age_days = 31\nunknown = '{policy}'"))
                .open()
                .await;
            let version = if made.is_some() { "october" } else { "" };
            if let Some(days) = made {
                floor.engine.lists().put("dnc".into(), file(version, days, &[PHONE]));
            }
            let answer = floor.submit(&floor.lead(1)).await;
            assert_eq!(floor.told(&answer).await, expected, "{policy}, {made:?}");
            assert_eq!(said(&floor.records().await[0]), format!("dnc {version} {word}"));
            if made.is_some() {
                let answer = floor.submit(&listed(&floor, 2)).await;
                assert_eq!(
                    floor.told(&answer).await,
                    "unsold; ann: suppressed; bob: suppressed",
                    "nobody gets off by its age"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_grows_old_while_the_exchange_runs_and_a_new_file_mends_it() {
    let floor = of("everywhere = true\nmax_age_days = 31").open().await;
    floor.engine.lists().put("dnc".into(), file("october", 30, &[]));
    assert_eq!(
        floor.told(&floor.submit(&floor.lead(1)).await).await,
        "sold to ann at 12.00; bob: outbid"
    );
    pass(25 * 60 * 60 * 1_000).await;
    let answer = floor.submit(&floor.lead(2)).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: list_unknown; bob: list_unknown");
    floor.engine.lists().put("dnc".into(), file("november", 0, &[]));
    assert_eq!(
        floor.told(&floor.submit(&floor.lead(3)).await).await,
        "sold to ann at 12.00; bob: outbid"
    );
    assert_eq!(said(&floor.records().await[0]), "dnc november clear");
    floor.engine.lists().take_away("dnc");
    let answer = floor.submit(&floor.lead(4)).await;
    assert_eq!(floor.told(&answer).await, "unsold; ann: list_unknown; bob: list_unknown");
}

/// Somebody asks not to be called while the buyers are being asked.
#[tokio::test(start_paused = true)]
async fn who_is_put_on_a_list_during_the_auction_is_not_posted() {
    let floor = of("live = true\neverywhere = true").open().await;
    let lead = listed(&floor, 1);
    let opt_out = async {
        pass(10).await;
        by_hand(&floor, PHONE, true).await;
    };
    let (answer, ()) = tokio::join!(floor.submit(&lead), opt_out);
    assert_eq!(floor.told(&answer).await, "unsold; ann: suppressed; bob: suppressed");
    assert_eq!((floor.count("ann/ping"), floor.count("ann/post")), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_new_file_counts_for_every_later_post() {
    let floor = of("everywhere = true").open().await;
    floor.engine.lists().put("dnc".into(), file("old", 0, &[]));
    let lead = listed(&floor, 1);
    let swap = async {
        pass(10).await;
        floor.engine.lists().put("dnc".into(), file("new", 0, &[PHONE]));
    };
    let (answer, ()) = tokio::join!(floor.submit(&lead), swap);
    assert_eq!(floor.told(&answer).await, "unsold; ann: suppressed; bob: suppressed");
    assert_eq!(said(&floor.records().await[0]), "dnc new listed", "the version that decided");
}

/// A list is swapped again and again while leads are screened. Of a version either all contracts see the number or none.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_decision_sees_one_version_of_a_list() {
    let floor = Arc::new(
        Exchange::of("ann  passes\nbob  passes\ncid  passes")
            .source("[list.dnc]\nentries = 'phone'\ncontracts = ['ann', 'bob', 'cid']\n")
            .open()
            .await,
    );
    let versions = [file("with", 0, &[PHONE]), file("without", 0, &[])];
    floor.engine.lists().put("dnc".into(), versions[0].clone());
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let swapping = tokio::task::spawn_blocking({
        let (floor, done) = (floor.clone(), done.clone());
        move || {
            let mut swaps = 0_u64;
            while !done.load(Ordering::Relaxed) {
                floor
                    .engine
                    .lists()
                    .put("dnc".into(), versions[usize::from(swaps.is_multiple_of(2))].clone());
                swaps += 1;
            }
            swaps
        }
    });
    let mut seen = BTreeSet::new();
    for n in 0..300 {
        let answer = floor.submit(&listed(&floor, n)).await;
        seen.insert(floor.told(&answer).await);
    }
    done.store(true, Ordering::Relaxed);
    assert!(swapping.await.unwrap() > 300, "the list was swapped all the while");
    let (all, none) = (
        "unsold; ann: suppressed; bob: suppressed; cid: suppressed",
        "unsold; ann: no_bid; bob: no_bid; cid: no_bid",
    );
    assert!(seen.iter().all(|told| told == all || told == none), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_list_is_asked_once_however_many_contracts_it_applies_to() {
    let floor = of("buyers = ['ann', 'bob']").open().await;
    let list = file("v1", 0, &[]);
    floor.engine.lists().put("dnc".into(), list.clone());
    floor.submit(&floor.lead(1)).await;
    assert_eq!(
        list.looks.load(Ordering::Relaxed),
        2,
        "once before the pings, and once before the post"
    );
}

#[tokio::test(start_paused = true)]
async fn a_domain_rules_out_all_below_it_and_a_digest_whom_it_stands_for() {
    let md5 = outcry_core::digest::Algorithm::Md5.hex("2025550143");
    let table = [
        ("entries = 'domain'", "mail.example", "email", "x@a.mail.example", true),
        ("entries = 'domain'", "mail.example", "email", "x@other-mail.example", false),
        ("entries = 'zip'", "43215", "zip", "43215", true),
        (
            "entries = 'phone'\nhash = 'md5'\nform = 'us10'",
            md5.as_str(),
            "phone",
            "(202) 555-0143",
            true,
        ),
        (
            "entries = 'phone'\nhash = 'md5'\nform = 'us11'",
            md5.as_str(),
            "phone",
            "(202) 555-0143",
            false,
        ),
    ];
    for (list, entry, field, value, is_on) in table {
        let floor = Exchange::of(BUYERS)
            .source(&format!("[list.dnc]\neverywhere = true\n{list}\n"))
            .open()
            .await;
        floor.engine.lists().put("dnc".into(), file("v1", 0, &[entry]));
        let answer = floor.submit(&with_text(&floor.lead(1), field, value)).await;
        let told = floor.told(&answer).await;
        assert_eq!(told == "unsold; ann: suppressed; bob: suppressed", is_on, "{list} {value}: {told}");
    }
}

/// What a ping does not say yet cannot be looked up; the post is.
#[tokio::test(start_paused = true)]
async fn a_post_is_held_against_the_lists_that_its_ping_could_not_be() {
    for kind in ["block", "allow"] {
        let floor = of(&format!("kind = '{kind}'\neverywhere = true")).open().await;
        floor.engine.lists().put("dnc".into(), file("v1", 0, &[PHONE]));
        let lead = if kind == "block" { listed(&floor, 1) } else { floor.lead(1) };
        let ping = without(&floor.ping_part(&lead), "phone");
        let token = floor.ping_as("site", &ping).await.unwrap().offer.expect("an offer").token;
        let answer = floor.post(&lead, &token).await.unwrap();
        let reason = if kind == "block" { "suppressed" } else { "not_on_list" };
        assert_eq!(floor.told(&answer).await, format!("unsold; ann: {reason}; bob: {reason}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_test_lead_takes_no_list_into_account() {
    let floor = of("live = true\neverywhere = true").open().await;
    by_hand(&floor, PHONE, true).await;
    let test = crate::support::floor::with(&listed(&floor, 1), "is_test", outcry_core::raw::Raw::Bool(true));
    let answer = floor.submit(&test).await;
    assert_eq!(answer.status.word(), "sold");
}

#[tokio::test(start_paused = true)]
async fn what_was_changed_by_hand_is_known_after_a_restart() {
    let exchange = of("live = true\neverywhere = true");
    let floor = exchange.open().await;
    by_hand(&floor, PHONE, true).await;
    let next = floor.exchange.restarted().open().await;
    let answer = next.submit(&listed(&next, 1)).await;
    assert_eq!(next.told(&answer).await, "unsold; ann: suppressed; bob: suppressed");
    assert!(next.calls().is_empty());
}
