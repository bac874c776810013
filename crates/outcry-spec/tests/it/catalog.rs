//! What comes of right files.

use crate::world::{SPEC, compiled, secrets, with};
use outcry_core::cap::{Counts, Window};
use outcry_core::duplicate::Original;
use outcry_core::list::{Unknown, Way};
use outcry_core::money::{Currency, Money};
use outcry_core::price::{Margin, PayoutRule, PriceRule};
use outcry_core::rank::Rule;
use outcry_spec::{Book, compile};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const EVERYTHING: &str = r#"
[source.northwind_auto]
supplier = "northwind"
campaign = "auto"
keys = ["secret:northwind_auto_key", "secret:northwind_vans_key"]
payout = "5.00"
payout_min = "1.00"
deadline_ms = 1500
exclude_buyers = ["contoso"]
postback = "https://t.example.com/pb?lead={lead_id}"
test_only = true
paused = true

[buyer.contoso]
label = "Contoso Insurance Inc."

[campaign.auto]
lead_type = "auto_insurance"
currency = "cad"
distribution = "highest_bid"
floor = 1
ceiling = "150"
payout = "82.5%"
duplicate_days = 30
ping_window_ms = 700
quote_seconds = 90
posts_max = 3

[campaign.homes]
lead_type = "home_insurance"
payout = "50%"

[contract.contoso_auto]
buyer = "contoso"
campaign = "auto"
integration = "acme"
filter = 'state in ["CA", "TX"] and any(drivers, age(dob) < 25)'
price = "12.00"
floor = "2.00"
ceiling = "40.00"
handicap = "10%"
caps = [
    { count = "sales", per = "day", limit = 50, zone = "America/New_York" },
    { count = "price", per = "month", limit = "5000.00" },
]
duplicate_days = 90
ping = { open = ["city"] }
ping_timeout_ms = 500
post_timeout_ms = 4000
calls_max = 8
paused = true

[contract.acme_late]
buyer = "acme"
campaign = "auto"
integration = "acme"
ping = { open = ["city"], only = ["zip", "state", "city"] }

[contract.acme_later]
buyer = "acme"
campaign = "auto"
integration = "acme"
ping = { open = ["city"], only = ["state", "city", "zip"] }

[contract.acme_homes]
buyer = "acme"
campaign = "homes"
integration = "acme"
"#;

fn everything() -> Book {
    let outcome = compiled(EVERYTHING);
    outcome.book.unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics))
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

#[test]
fn every_key_of_a_file_reaches_the_catalog() {
    let book = everything();
    let source = &book.catalog.sources[0];
    let digest = |text: &str| -> [u8; 32] { Sha256::digest(text).into() };
    assert_eq!(
        source.key_digests,
        [digest("the value of northwind_auto_key"), digest("the value of northwind_vans_key")]
    );
    assert_eq!(
        (source.rates.payout.clone(), source.payout_min),
        (Some(PayoutRule::Fixed(Money::from_cents(500))), Money::from_cents(100))
    );
    assert_eq!((source.deadline_ms, source.test_only, source.paused), (Some(1_500), true, true));
    assert_eq!(source.excluded_buyers[0].as_str(), "contoso");
    let campaign = &book.catalog.campaigns[source.campaign];
    assert_eq!(
        (campaign.name.as_str(), campaign.currency),
        ("auto", Currency::parse("CAD").unwrap())
    );
    assert_eq!(
        (campaign.deal.floor, campaign.deal.ceiling),
        (Money::from_cents(100), Some(Money::from_cents(15_000)))
    );
    assert_eq!(
        (&campaign.deal.payout, campaign.duplicates[0].window_ms),
        (&PayoutRule::Share(8_250), 30 * DAY_MS)
    );
    assert_eq!((campaign.ping_window_ms, campaign.quote_seconds, campaign.posts_max), (700, 90, 3));
    let contract = &campaign.contracts[campaign.contract("contoso_auto").unwrap()];
    assert_eq!(
        (&*contract.buyer_label, &contract.price.usual),
        ("Contoso Insurance Inc.", &PriceRule::Standing(Money::from_cents(1_200)))
    );
    assert_eq!((contract.handicap_bp, contract.duplicates[0].window_ms), (1_000, 90 * DAY_MS));
    assert_eq!(
        (
            contract.ping_timeout_ms,
            contract.post_timeout_ms,
            contract.calls_max,
            contract.paused
        ),
        (500, 4_000, 8, true)
    );
    let states = contract.filter.required_states().unwrap();
    assert!(states.contains("CA") && !states.contains("NY"));
    let [sales, money] = &*contract.pacing.caps else {
        panic!("two caps")
    };
    assert_eq!(
        (&*sales.key, sales.counts, sales.clock.window, sales.limit),
        ("contract/contoso_auto/sales/day", Counts::Sales, Window::Day, 50)
    );
    assert_eq!(sales.clock.zone.iana_name(), Some("America/New_York"));
    assert_eq!((&*money.key, money.limit), ("contract/contoso_auto/price/month", 5_000_000_000));
}

#[test]
fn what_is_not_said_has_the_designs_defaults() {
    let book = compiled("").book.unwrap();
    let campaign = &book.catalog.campaigns[0];
    assert_eq!((campaign.ping_window_ms, campaign.quote_seconds, campaign.posts_max), (800, 60, 5));
    assert_eq!(
        (campaign.currency, campaign.deal.floor, campaign.deal.ceiling),
        (Currency::USD, Money::ZERO, None)
    );
    let contract = &campaign.contracts[0];
    assert_eq!(
        (contract.ping_timeout_ms, contract.post_timeout_ms, contract.calls_max),
        (600, 5_000, 64)
    );
    assert_eq!(
        (&contract.price.usual, contract.handicap_bp, contract.paused),
        (&PriceRule::Bid, 0, false)
    );
    assert!(book.bindings[0].test_params.is_none());
}

#[test]
fn contracts_are_numbered_over_the_catalog_and_sorted_in_their_campaign() {
    let book = everything();
    let numbered: Vec<(usize, &str)> = book
        .catalog
        .campaigns
        .iter()
        .flat_map(|campaign| &campaign.contracts)
        .map(|contract| (contract.index, contract.name.as_str()))
        .collect();
    assert_eq!(
        numbered,
        [
            (0, "acme_auto"),
            (1, "acme_late"),
            (2, "acme_later"),
            (3, "contoso_auto"),
            (4, "acme_homes")
        ]
    );
    assert_eq!(book.bindings.len(), 5);
}

#[test]
fn contracts_that_show_the_same_share_a_view() {
    let book = everything();
    let campaign = &book.catalog.campaigns[0];
    let views: Vec<usize> = campaign.contracts.iter().map(|contract| contract.view).collect();
    assert_eq!((views, campaign.views.len()), (vec![0, 1, 1, 2], 3));
}

#[test]
fn the_version_depends_on_what_the_files_say_and_not_on_their_order() {
    let version = |files: &[outcry_spec::SpecFile]| compile(files, &secrets()).book.unwrap().catalog.version.clone();
    let mut files = with(&[(SPEC, EVERYTHING)]);
    let first = version(&files);
    assert_eq!(first.len(), 16);
    files.reverse();
    assert_eq!(version(&files), first);
    files[0].text.push_str("\n# a remark");
    assert_ne!(version(&files), first);
}

#[test]
fn each_built_in_lead_type_can_be_sold() {
    for lead_type in outcry_spec::builtin::lead_types() {
        let tables = format!("[campaign.auto]\nlead_type = \"{}\"\npayout = \"80%\"\n", lead_type.name);
        let outcome = compiled(&tables);
        let book = outcome.book.unwrap_or_else(|| panic!("{:#?}", outcome.diagnostics));
        assert_eq!(book.catalog.campaigns[0].lead_type.name, lead_type.name);
    }
    assert_eq!(outcry_spec::builtin::lead_types().len(), 12);
}

const EVERY_LEVEL: &str = r#"
[supplier.northwind]
label = "Northwind Media"
margin = "15%"

[source.northwind_auto]
supplier = "northwind"
campaign = "auto"
keys = ["secret:northwind_auto_key"]
floor = "3.00"
sales_max = 2

[buyer.acme]
label = "Acme Insurance LLC"
ceiling = "80.00"

[campaign.auto]
lead_type = "auto_insurance"
margin = [{ from = "0", margin = "1.00" }, { from = "10.00", margin = "20%" }]
distribution = ["tiers", "highest_bid"]
tiers = [{ name = "gold", distribution = ["weighted", "priority"] }, { name = "rest", distribution = "round_robin" }]
sales_max = 3

[contract.acme_auto]
buyer = "acme"
campaign = "auto"
integration = "acme"
price = ["20.00", "12.00"]
prices = [{ when = 'state = "CA"', hours = "mon-fri 9-17", price = "bid", exclusive = true }]
changes = [{ when = 'state = "TX"', change = "+12.5%" }, { change = "-0.75" }]
tier = "rest"
weight = 3
priority = 7
sweeper = true
returns = "4%"

[contract.acme_auto.route.northwind_auto]
payout = "5.00"
loss_max = "1.00"
handicap = "10%"
"#;

#[test]
fn distributions_price_lists_and_terms_of_every_level_reach_the_catalog() {
    let book = compiled(EVERY_LEVEL);
    assert_eq!(book.diagnostics, []);
    let catalog = book.book.unwrap().catalog;
    let (source, campaign) = (&catalog.sources[0], &catalog.campaigns[0]);
    let contract = &campaign.contracts[0];
    assert_eq!(
        (source.rates.payout.clone(), source.sales_max),
        (Some(PayoutRule::Less(Margin::Share(1_500))), Some(2))
    );
    let words: Vec<&str> = campaign.tiers()[0].by.iter().map(Rule::word).collect();
    assert_eq!((words, campaign.sharing.legs_max), (vec!["weighted", "priority"], 3));
    let wheels: Vec<_> = campaign.distribution.iter().flat_map(Rule::wheels).collect();
    assert_eq!(wheels, ["auto/gold/weighted".into(), Arc::<str>::from("auto/rest/round_robin")]);
    assert_eq!(
        (
            contract.tier,
            contract.weight,
            contract.priority,
            contract.sweeper,
            contract.returns_bp
        ),
        (Some(1), 3, 7, true, 400)
    );
    assert!(contract.price.needs_bids() && contract.price.rules[0].exclusive);
    let changes: Vec<(i32, Money)> = contract
        .price
        .changes
        .iter()
        .map(|change| (change.share_bp, change.amount))
        .collect();
    assert_eq!(changes, [(1_250, Money::ZERO), (0, Money::from_cents(-75))]);
    let deal = campaign.deal(source, 0);
    assert_eq!(
        (deal.payout, deal.loss_max),
        (PayoutRule::Fixed(Money::from_cents(500)), Money::from_cents(100))
    );
    assert_eq!((deal.floor, deal.ceiling), (Money::from_cents(300), Some(Money::from_cents(8_000))));
    assert_eq!(contract.route(&source.name).and_then(|route| route.handicap_bp), Some(1_000));
}

#[test]
fn lists_are_read_with_what_they_apply_to() {
    let book = compiled(
        r#"
[list.national]
entries = "phone"
max_age_days = 31
campaigns = ["auto"]

[list.optouts]
entries = "phone"
kind = "allow"
hash = "hmac_sha256"
hmac_key = "secret:acme_key"
form = "us10"
encoding = "base64"
fields = ["phone"]
unknown = "flag"
buyers = ["acme"]
routes = [["northwind_auto", "acme_auto"]]
"#,
    )
    .book
    .unwrap();
    let [national, optouts] = &book.catalog.lists[..] else {
        panic!("two lists")
    };
    assert_eq!(
        (&*national.name, national.way, national.unknown),
        ("national", Way::Block, Unknown::Block)
    );
    assert_eq!(
        (national.max_age_ms, national.entries.word()),
        (Some(31 * DAY_MS), "phone".to_owned())
    );
    assert_eq!((optouts.way, optouts.unknown, optouts.live), (Way::Allow, Unknown::Flag, false));
    assert!(optouts.entries.word().starts_with("hmac_sha256/"), "{}", optouts.entries.word());
    assert!(!format!("{optouts:?}").contains("the value of"), "the key is not shown");
    let contract = &book.catalog.campaigns[0].contracts[0];
    assert_eq!(contract.lists, [1], "the other applies to the campaign as a whole");
}

#[test]
fn duplicate_rules_are_read_on_every_level() {
    let book = compiled(
        r#"
[exchange]
duplicates = [{ keys = [["phone"]], days = 1 }]

[source.northwind_auto]
supplier = "northwind"
campaign = "auto"
keys = ["secret:northwind_auto_key"]
duplicates = [{ hours = 2, original = "any" }]
hide_duplicates = true

[contract.acme_auto]
buyer = "acme"
campaign = "auto"
integration = "acme"
duplicate_days = 90
route.northwind_auto = { duplicates = [{ keys = ["email", ["last_name", "zip"]], days = 7, original = "accepted" }] }
"#,
    )
    .book
    .unwrap();
    let catalog = &book.catalog;
    let contract = &catalog.campaigns[0].contracts[0];
    let (_, route) = &contract.routes[0];
    let windows = [
        &catalog.duplicates,
        &catalog.sources[0].duplicates,
        &contract.duplicates,
        &route.duplicates,
    ]
    .map(|rules| rules[0].window_ms);
    assert_eq!(windows, [DAY_MS, DAY_MS / 12, 90 * DAY_MS, 7 * DAY_MS]);
    assert_eq!(catalog.sources[0].duplicates[0].original, Original::Any);
    assert!(catalog.sources[0].hide_duplicates);
    let keys: Vec<Vec<&str>> = route.duplicates[0]
        .keys
        .iter()
        .flat_map(|keys| keys.iter())
        .map(|key| key.iter().map(|field| &**field).collect())
        .collect();
    assert_eq!(keys, [vec!["email"], vec!["last_name", "zip"]]);
}
