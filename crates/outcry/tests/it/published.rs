//! Real input: leads through integrations written from published posting specs, to buyers that answer with the
//! published bodies. The specs are not part of this repository; where their folder is missing, the test says so.

use crate::harness::{Answer, Buyer, Exchange, Heard, Home, KEY, OTHER_KEY, Reply, Request, keeps_back, repository, says};
use crate::published_leads;
use outcry_core::money::Money;
use outcry_core::reason::Reason;
use outcry_core::record::{Line, Record};
use serde_json::Value;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// A published spec, and what an operator makes of it.
struct Published {
    spec: &'static str,
    integration: &'static str,
    lead_type: &'static str,
    params: &'static str,
    /// What the buyer's pings need beyond the defaults of the lead type.
    open: &'static str,
    lead: fn() -> Value,
    /// What a ping and a post have to say of the lead, in the buyer's words.
    ping_says: &'static [&'static str],
    post_says: &'static [&'static str],
}

const PUBLISHED: [Published; 3] = [
    Published {
        spec: "boberdoo-parasol-auto",
        integration: "boberdoo_parasol_auto",
        lead_type: "auto_insurance",
        params: "url = \"URL/api.php\", key = \"secret:buyer\"",
        open: "\"drivers[].dob\"",
        lead: published_leads::auto,
        ping_says: &[
            "Mode=ping",
            "Driver1_Birthdate=09%2F21%2F1984",
            "Driver1_Gender=Female",
            "Home_Owner=No",
            "Zip_Code=43215",
        ],
        post_says: &[
            "Mode=post",
            "Lead_ID=",
            "Home_Phone=6145550117",
            "Driver2_First_Name=Barnaby",
            "Veh1_Model=Outback",
        ],
    },
    Published {
        spec: "leadprosper-exchange-windows",
        integration: "leadprosper_exchange_windows",
        lead_type: "home_services",
        params: "base_url = \"URL\", campaign = \"31\", supplier = \"8\", key = \"secret:buyer\"",
        open: "\"ip_address\", \"user_agent\", \"landing_page_url\", \"trustedform_cert_url\"",
        lead: published_leads::windows,
        ping_says: &[
            "\"lp_supplier_id\":\"8\"",
            "\"number_of_windows\":\"6-9\"",
            "\"project_type\":\"Install\"",
            "\"ip_address\":\"203.0.113.41\"",
        ],
        post_says: &[
            "\"lp_ping_id\":\"abc123",
            "\"phone\":\"6145550117\"",
            "\"address\":\"88 Teasel Court\"",
            "\"tcpa_text\":\"By pressing",
        ],
    },
    Published {
        spec: "gomedigap",
        integration: "gomedigap",
        lead_type: "medicare",
        params: "base_url = \"URL\", vendor = \"secret:buyer\", alliance = \"al-1\"",
        open: "\"dob\", \"gender\", \"tobacco\", \"trustedform_cert_url\", \"jornaya_leadid\", \"consent_text\"",
        lead: published_leads::medigap,
        ping_says: &[
            "\"zip\":43215",
            "\"birthday\":\"08/09/1957\"",
            "\"tobacco\":\"N\"",
            "\"gender\":\"F\"",
            "\"allianceUid\":\"spring\"",
        ],
        post_says: &[
            "\"leadAuctionId\":\"123456\"",
            "\"phone\":\"6145550117\"",
            "\"firstName\":\"Ottoline\"",
        ],
    },
];

/// What a buyer with a price of its own pays; lower than any published price.
const AGREED: &str = "9.50";

/// Two campaigns: in one the buyer bids, in the other it has agreed a price.
fn spec(published: &Published, url: &str) -> String {
    let Published {
        integration,
        lead_type,
        params,
        open,
        ..
    } = published;
    let params = params.replace("URL", url);
    let campaigns = [("bids", String::new()), ("agreed", format!("price = \"{AGREED}\""))].map(|(name, price)| {
        format!(
            r#"
            [source.{name}]
            supplier = "maker"
            campaign = "{name}"
            keys = ["secret:{name}"]
            [campaign.{name}]
            lead_type = "{lead_type}"
            payout = "80%"
            ping_window_ms = 9000
            [contract.{name}]
            buyer = "published"
            campaign = "{name}"
            integration = "{integration}"
            params = {{ {params} }}
            ping = {{ open = [{open}] }}
            ping_timeout_ms = 9000
            post_timeout_ms = 20000
            {price}
            "#
        )
    });
    let names = "[supplier.maker]\nlabel = \"Maker LLC\"\n[buyer.published]\nlabel = \"The Published Buyer LLC\"\n";
    names.to_owned() + &campaigns.concat()
}

/// An exchange with one published buyer, which answers what it is told to.
struct Stage {
    published: &'static Published,
    home: Home,
    exchange: Exchange,
    buyer: Buyer,
    /// The answer to a ping and to a post.
    answers: Arc<Mutex<[Value; 2]>>,
    sent: usize,
}

impl Stage {
    fn set(published: &'static Published) -> Self {
        let answers = Arc::new(Mutex::new([Value::Null, Value::Null]));
        let script = answers.clone();
        let buyer = Buyer::start(move |heard: &Heard| {
            let answer = script.lock().unwrap()[usize::from(is_post(heard))].clone();
            let text = |name: &str| answer[name].as_str().unwrap().to_owned();
            let status = u16::try_from(answer["http_status"].as_u64().unwrap()).unwrap();
            Reply::new(status, &text("content_type"), &text("body"))
        });
        let home = Home::new();
        let file = format!("integrations/published/{}.toml", published.integration);
        home.write("spec/exchange.toml", &spec(published, &buyer.url));
        home.write(
            &format!("spec/integrations/{}.toml", published.integration),
            &std::fs::read_to_string(repository(&file)).unwrap(),
        );
        home.write(
            "secrets.toml",
            &format!("bids = \"{KEY}\"\nagreed = \"{OTHER_KEY}\"\nbuyer = \"s3cret\"\n"),
        );
        let exchange = home.serve(&[]);
        Self {
            published,
            home,
            exchange,
            buyer,
            answers,
            sent: 0,
        }
    }

    /// Sells the lead once more, to a buyer with these answers.
    fn sell(&mut self, key: &str, ping: &Value, post: &Value) -> (Answer, Record) {
        *self.answers.lock().unwrap() = [ping.clone(), post.clone()];
        self.sent += 1;
        let request = Request::post("/v1/leads", key).header("idempotency-key", &self.sent.to_string());
        let answer = self.exchange.send(&request.json(&(self.published.lead)()));
        assert!(matches!(answer.status, 200 | 202), "{}: {answer:?}", self.published.spec);
        let record = self.home.record(&answer.text("lead_id"));
        (answer, record)
    }

    /// How many posts came so far.
    fn posts(&self) -> usize {
        ["/api.php", "/post", "/receivepost"]
            .iter()
            .flat_map(|path| self.buyer.heard(path))
            .filter(is_post)
            .count()
    }

    /// Were the buyer's own words written?
    fn written_as_published(&self) {
        let said = |paths: [&str; 3], post: bool| {
            let mut all = paths.into_iter().flat_map(|path| self.buyer.heard(path)).rev();
            all.find(|heard| is_post(heard) == post).unwrap().body
        };
        let requests = [
            (said(["/api.php", "/ping", "/receiveping"], false), self.published.ping_says),
            (said(["/api.php", "/post", "/receivepost"], true), self.published.post_says),
        ];
        for (body, words) in requests {
            says(&body, words);
        }
        for ping in ["/ping", "/receiveping", "/api.php"]
            .iter()
            .flat_map(|path| self.buyer.heard(path))
            .filter(|heard| !is_post(heard))
        {
            keeps_back(&ping.body, &["Ottoline", "Fernsby", "ottoline", "5550117", "555-0117", "Teasel"]);
        }
    }
}

fn is_post(heard: &Heard) -> bool {
    heard.path.ends_with("post") || heard.body.contains("Mode=post")
}

fn money(text: &Value) -> Option<Money> {
    text.as_str().map(|text| Money::parse(text).unwrap())
}

/// The only contract of the campaign.
fn line(record: &Record) -> &Line {
    let [line] = record.lines.as_slice() else { panic!("{record:?}") };
    line
}

/// The price of a sale, or what became of the lead instead.
fn sold_at(answer: &Answer, record: &Record) -> String {
    match &record.ending {
        outcry_core::record::Ending::Sold { sales, .. } => {
            assert_eq!((answer.text("status").as_str(), line(record).reason.as_ref()), ("sold", None));
            format!("sold at {}", sales[0].split.price)
        }
        other => other.word().to_owned(),
    }
}

#[test]
fn every_published_answer_has_the_outcome_its_owner_says() {
    let folder = repository("../shared/reference/posting-specs");
    if !folder.is_dir() {
        // Past the capture of the test harness: a proof that was not made is to be seen.
        writeln!(
            std::io::stderr(),
            "skipped: the published posting specs are not in ../shared/reference/posting-specs"
        )
        .unwrap();
        return;
    }
    let mut seen = 0;
    for published in &PUBLISHED {
        let text = std::fs::read_to_string(folder.join(format!("{}.json", published.spec))).unwrap();
        let spec: Value = serde_json::from_str(&text).unwrap();
        let samples = |step: &str| spec[step]["responses"].as_array().unwrap().clone();
        let (pings, posts) = (samples("ping"), samples("post"));
        let bid = pings.iter().find(|sample| sample["meaning"]["price"].is_string()).unwrap();
        let accepted = posts.iter().find(|sample| sample["meaning"]["outcome"] == "accepted").unwrap();
        let mut stage = Stage::set(published);
        for sample in &pings {
            ping(&mut stage, sample, accepted);
        }
        for sample in &posts {
            post(&mut stage, bid, sample);
        }
        stage.written_as_published();
        seen += pings.len() + posts.len();
    }
    assert_eq!(seen, 18, "the specs have changed");
}

/// One published answer to a ping, before a buyer that takes whatever it bid on.
fn ping(stage: &mut Stage, sample: &Value, accepted: &Value) {
    let (meaning, what) = (&sample["meaning"], format!("{}: {}", stage.published.spec, sample["body"]));
    let before = stage.posts();
    let (answer, record) = stage.sell(KEY, sample, accepted);
    let said = meaning["reason"].as_str().unwrap_or("");
    let line = line(&record);
    assert!(
        line.ping.as_ref().is_some_and(|ping| ping.answered_us.is_some()),
        "{what}: {line:?}"
    );
    match (meaning["outcome"].as_str().unwrap(), money(&meaning["price"]), &line.reason) {
        ("bid", Some(price), None) => {
            assert_eq!((line.bid, line.posts.len()), (Some(price), 1), "{what}");
            let booked = money(&accepted["meaning"]["price"]).map_or(price, |said| said.min(price));
            assert_eq!(sold_at(&answer, &record), format!("sold at {booked}"), "{what}");
        }
        // A match without a price is worth what was agreed, and nothing where nothing was.
        ("bid", None, Some(Reason::BadAnswer { why })) => {
            assert!(why.contains("no price"), "{what}: {why}");
            let (answer, record) = stage.sell(OTHER_KEY, sample, accepted);
            assert_eq!(sold_at(&answer, &record), format!("sold at {AGREED}"), "{what}");
        }
        ("no_bid", None, Some(Reason::NoBid { said: heard })) => assert!(heard.contains(said), "{what}: {heard}"),
        ("error", None, Some(Reason::BadAnswer { why })) => assert!(why.contains(said), "{what}: {why}"),
        (outcome, price, reason) => panic!("{what}: {outcome} at {price:?} became {reason:?}"),
    }
    if meaning["outcome"] != "bid" {
        assert_eq!((answer.text("status").as_str(), stage.posts()), ("unsold", before), "{what}");
    }
}

/// One published answer to a post, after a ping that was answered with a bid.
fn post(stage: &mut Stage, bid: &Value, sample: &Value) {
    let (meaning, what) = (&sample["meaning"], format!("{}: {}", stage.published.spec, sample["body"]));
    let before = stage.posts();
    let (answer, record) = stage.sell(KEY, bid, sample);
    assert_eq!(stage.posts(), before + 1, "{what}");
    let said = meaning["reason"].as_str().unwrap_or("");
    let outcome = meaning["outcome"].as_str().unwrap();
    match (outcome, sample["http_status"].as_u64().unwrap(), &line(&record).reason) {
        ("accepted", ..) => {
            let bid = money(&bid["meaning"]["price"]).unwrap();
            let booked = money(&meaning["price"]).map_or(bid, |said| said.min(bid));
            assert_eq!(sold_at(&answer, &record), format!("sold at {booked}"), "{what}");
        }
        // The buyer may have stored the lead before its server fell over.
        ("error", 500.., Some(Reason::PostUnknown { .. })) => {
            assert_eq!((answer.status, answer.text("status").as_str()), (202, "pending"), "{what}");
        }
        ("rejected" | "error", 200, Some(Reason::PostRejected { said: heard })) => {
            assert!(heard.contains(said), "{what}: {heard}");
            assert_eq!(answer.text("status"), "unsold", "{what}");
        }
        (outcome, status, reason) => panic!("{what}: {outcome} with HTTP {status} became {reason:?}"),
    }
}
