//! `outcry integration`: what its commands print, to people and to programs.

use crate::harness::{Buyer, Home, Ran, Reply, keeps_back, outcry, repository, says};
use serde_json::{Value, json};

const LEAD: &str = r#"{"lead_type": "auto_insurance", "first_name": "Ada", "phone": "(312) 555-0188", "email": "Ada@Mail.example",
    "zip": "60601", "state": "il", "currently_insured": "yes", "colour": "blue"}"#;

fn integration(args: &[&str]) -> Ran {
    Ran::of(outcry().arg("integration").args(args))
}

fn shipped(name: &str) -> String {
    repository("integrations").join(format!("{name}.toml")).display().to_string()
}

#[track_caller]
fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|fault| panic!("{fault}: {ran:?}"))
}

fn with_lead(lead: &str) -> (Home, String) {
    let home = Home::new();
    home.write("lead.json", lead);
    let path = home.arg("lead.json");
    (home, path)
}

#[test]
fn the_examples_of_a_folder_come_true() {
    let folder = repository("integrations").display().to_string();
    let ran = integration(&["test", &folder]);
    assert!(ran.ok, "{}{}", ran.out, ran.err);
    says(&ran.out, &["boberdoo_form.toml", "boberdoo_parasol_auto.toml", "come true"]);
    let said = json(&integration(&["test", &folder, "--json"]));
    assert_eq!([&said["ok"], &said["failed"]], [&json!(true), &json!(0)]);
}

#[test]
fn an_example_that_fails_says_where_and_what_came() {
    let home = Home::new();
    let text = std::fs::read_to_string(shipped("boberdoo_form")).unwrap();
    let line = text.lines().take_while(|line| !line.contains("matched at a price")).count();
    home.write(
        "wrong.toml",
        &text.replace(
            "price = \"17.8333\", id = \"5120\", bid_id",
            "price = \"17.9\", id = \"5120\", bid_id",
        ),
    );
    home.write("broken.toml", "schema = \"outcry.integration/1\"\nlabel = \"x\"\nposts = 1\n");
    home.write("other.toml", "[buyer.acme]\nlabel = \"not an integration\"\n");
    let ran = integration(&["test", &home.arg("")]);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    let place = format!("{}:{line}: matched at a price", home.arg("wrong.toml"));
    says(
        &ran.out,
        &[
            place.as_str(),
            "expected  price: 17.90",
            "got       price: 17.8333",
            "broken.toml:3: posts",
            "did you mean \"post\"?",
        ],
    );
    keeps_back(&ran.out, &["other.toml"]);
    let said = json(&integration(&["test", &home.arg("wrong.toml"), "--json"]));
    let failed: Vec<&Value> = said["files"][0]["examples"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["passed"] == false)
        .collect();
    assert_eq!((failed.len(), &failed[0]["line"]), (1, &json!(line)));
}

#[test]
fn a_lead_of_a_type_is_brought_into_normal_form_and_a_plain_one_stays_as_it_is() {
    let file = shipped("outcry_json");
    let (_home, lead) = with_lead(LEAD);
    let ran = integration(&[
        "render",
        &file,
        "--step",
        "post",
        "--lead",
        &lead,
        "--json",
        "--param",
        "key=open-sesame",
        "--bid",
        "id=b-7",
        "--bid",
        "price=21.105",
    ]);
    let said = json(&ran);
    assert_eq!(
        [&said["method"], &said["headers"]["authorization"]],
        ["POST", "Bearer [secret]"],
        "{said}"
    );
    let body: Value = serde_json::from_str(said["body"].as_str().unwrap()).unwrap();
    let fields = &body["fields"];
    assert_eq!(
        [&fields["phone"], &fields["email"], &fields["state"]],
        ["+13125550188", "ada@mail.example", "IL"],
        "{body}"
    );
    assert_eq!((&fields["currently_insured"], fields.get("colour")), (&json!(true), None));
    says(
        &said["notes"].to_string(),
        &["colour is not a field", "these are missing: ", "param base_url is not given"],
    );

    let (_home, lead) = with_lead(&LEAD.replace("\"lead_type\": \"auto_insurance\",", ""));
    let said = json(&integration(&["render", &file, "--step", "ping", "--lead", &lead, "--json"]));
    let body: Value = serde_json::from_str(said["body"].as_str().unwrap()).unwrap();
    let fields = &body["fields"];
    assert_eq!(
        [&fields["phone"], &fields["currently_insured"], &fields["colour"]],
        ["(312) 555-0188", "yes", "blue"]
    );
}

#[test]
fn a_ping_of_a_typed_lead_holds_no_contact_data() {
    let (_home, lead) = with_lead(LEAD);
    let ran = integration(&["render", &shipped("outcry_json"), "--step", "ping", "--lead", &lead]);
    assert!(ran.ok, "{}", ran.err);
    says(&ran.out, &["POST https://buyer.example", "content-type: application/json", "60601"]);
    keeps_back(&ran.out, &["555", "Ada", "ada@"]);
}

#[test]
fn secrets_are_shown_only_when_asked_for() {
    let (_home, lead) = with_lead("{}");
    let file = shipped("outcry_json");
    let args = ["render", &file, "--step", "ping", "--lead", &lead, "--param", "key=open-sesame"];
    let masked = integration(&args);
    says(&masked.out, &["Bearer [secret]"]);
    keeps_back(&format!("{}{}", masked.out, masked.err), &["open-sesame"]);
    says(
        &integration(&[&args[..], &["--show-secrets"]].concat()).out,
        &["Bearer open-sesame"],
    );
}

#[test]
fn an_answer_is_read_into_these_keys_and_prices_stay_exact() {
    let home = Home::new();
    home.write(
        "answer.json",
        r#"{"status": "ACCEPTED", "code": 0, "ping_id": "p1", "bids": [{"bid_id": "a", "payout": 4.5, "buyer_name": "North"}, {"bid_id": "b", "payout": 21.105}]}"#,
    );
    let file = shipped("leadprosper_json");
    let ran = integration(&[
        "read",
        &file,
        "--step",
        "ping",
        "--status",
        "200",
        "--header",
        "X-One: 1",
        "--body",
        &home.arg("answer.json"),
        "--json",
    ]);
    let said = json(&ran);
    assert_eq!(
        [
            &said["outcome"],
            &said["price"],
            &said["bid_id"],
            &said["currency"],
            &said["reason"],
            &said["redirect_url"],
            &said["expires_seconds"]
        ],
        [
            &json!("bid"),
            &json!("21.105"),
            &json!("p1"),
            &json!(null),
            &json!(null),
            &json!(null),
            &json!(null)
        ]
    );
    let bids = said["bids"].as_array().unwrap();
    let part = |name: &str| bids.iter().map(|bid| bid[name].clone()).collect::<Vec<_>>();
    assert_eq!(part("id"), ["a", "b"]);
    assert_eq!(part("price"), ["4.50", "21.105"]);
    assert_eq!(part("buyer_name"), [json!("North"), json!(null)]);
    assert_eq!(part("exclusive"), [json!(null), json!(null)]);
    says(
        &integration(&["read", &file, "--step", "ping", "--body", &home.arg("answer.json")]).out,
        &["bid\n  price     21.105", "North"],
    );
}

#[test]
fn what_nobody_can_read_is_an_error_for_a_ping_and_unknown_for_a_post() {
    let home = Home::new();
    home.write("answer", "<html>");
    let file = shipped("leadprosper_json");
    for (step, outcome) in [("ping", "error"), ("post", "unknown")] {
        let ran = integration(&["read", &file, "--step", step, "--body", &home.arg("answer"), "--json"]);
        assert_eq!((ran.code, &json(&ran)["outcome"]), (Some(0), &json!(outcome)));
        assert_eq!(json(&ran)["notes"].as_array().map(Vec::len), Some(1), "{}", ran.out);
    }
}

#[test]
fn a_slip_of_the_caller_is_not_a_failure_of_the_file() {
    let (home, lead) = with_lead("{}");
    let file = shipped("outcry_json");
    home.write("broken.toml", "label = 1");
    let broken = home.arg("broken.toml");
    let cases: [(&[&str], i32, &str); 6] = [
        (&["render", &file, "--step", "dance", "--lead", &lead], 2, "it has ping, post"),
        (
            &["render", &file, "--step", "ping", "--lead", &lead, "--now", "noon"],
            2,
            "is not a moment",
        ),
        (
            &["render", &file, "--step", "ping", "--lead", &lead, "--param", "key"],
            2,
            "NAME=VALUE",
        ),
        (
            &["render", &file, "--step", "ping", "--lead", &lead, "--param", "kee=1"],
            1,
            "did you mean \"key\"?",
        ),
        (&["render", &broken, "--step", "ping", "--lead", &lead], 1, "broken.toml:1: label: "),
        (
            &["read", &file, "--step", "ping", "--body", "nowhere.json"],
            1,
            "nowhere.json cannot be read",
        ),
    ];
    for (args, code, words) in cases {
        let ran = integration(args);
        assert_eq!(ran.code, Some(code), "{args:?}: {}", ran.err);
        says(&ran.err, &[words]);
    }
    let said = json(&integration(&["render", &broken, "--step", "ping", "--lead", &lead, "--json"]));
    assert_eq!([&said["ok"], &said["problems"][0]["line"]], [&json!(false), &json!(1)]);
}

#[test]
fn a_request_is_sent_for_real_and_its_bid_answered_by_a_post() {
    let buyer = Buyer::start(|heard| match heard.path.as_str() {
        "/leads/ping" => Reply::json(r#"{"status": "bid", "id": "b-9", "price": "21.105"}"#),
        _ => Reply::json(r#"{"status": "accepted", "id": "r-1"}"#),
    });
    let (home, lead) = with_lead(LEAD);
    let file = shipped("outcry_json");
    let url = buyer.url.clone();
    let send = |step: &str, more: &[&str]| {
        let args = [
            "try",
            &file,
            "--step",
            step,
            "--lead",
            &lead,
            "--url",
            &url,
            "--param",
            "key=open-sesame",
        ];
        integration(&[&args[..], more].concat())
    };

    let forbidden = send("ping", &["--json"]);
    assert_eq!((forbidden.code, buyer.count()), (Some(1), 0), "{}", forbidden.out);
    says(json(&forbidden)["error"].as_str().unwrap(), &["it was not sent", "--allow-private"]);

    let pinged = send("ping", &["--json", "--allow-private"]);
    let said = json(&pinged);
    assert_eq!(
        [&said["reading"]["price"], &said["answer"]["status"]],
        [&json!("21.105"), &json!(200)],
        "{said}"
    );
    let heard = buyer.heard("/leads/ping");
    assert_eq!(said["request"]["body"].as_str(), Some(heard[0].body.as_str()));
    says(&heard[0].headers, &["open-sesame"]);
    keeps_back(&pinged.out, &["open-sesame"]);

    home.write("ping.json", &pinged.out);
    let posted = send("post", &["--allow-private", "--bid", &home.arg("ping.json")]);
    assert!(posted.ok, "{}", posted.err);
    assert_eq!(buyer.heard("/post")[0].json()["bid_id"], "b-9");
    says(&posted.out, &["> POST ", "< HTTP 200", "read as accepted", "r-1"]);
}

const PING: &str = "POST /ping HTTP/1.1
Host: api.buyer.example
Authorization: Bearer 0123456789abcdef
Content-Type: application/json

{\"campaignId\": \"77\", \"apiKey\": \"s3cret-of-the-sample\", \"Zip\": \"60601\", \"birthDate\": \"09/16/1980\", \"insured\": \"Y\",
 \"drivers\": [{\"gender\": \"M\", \"age\": 35}], \"is_test\": false, \"mode\": \"ping\"}";
const POST: &str = "curl -X POST 'https://api.buyer.example/post/pg-7731' -H 'Authorization: Bearer 0123456789abcdef' \\
  --data '{\"campaignId\": \"77\", \"Zip\": \"60601\", \"firstName\": \"Ada\", \"phone\": \"(312) 555-0188\", \"session\": \"sess-9\"}'";

/// Drafts a file from samples, in the order they are named.
fn draft(home: &Home, samples: &[(&str, &str)], more: &[&str]) -> Ran {
    let mut args = vec!["new".to_owned(), "--from".to_owned()];
    for (name, text) in samples {
        home.write(name, text);
        args.push(home.arg(name));
    }
    args.extend(more.iter().map(|one| (*one).to_owned()));
    integration(&args.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn samples_become_a_file_whose_examples_come_true() {
    let home = Home::new();
    let samples = [
        ("ping.http", PING),
        (
            "matched.json",
            r#"{"result": "Matched", "pingId": "pg-7731", "sid": "sess-9", "price": 21.105}"#,
        ),
        (
            "unmatched.json",
            r#"{"result": "Unmatched", "pingId": "pg-7732", "reason": "cap reached"}"#,
        ),
        ("post.sh", POST),
        (
            "taken.json",
            r#"{"result": "Accepted", "leadId": "L1", "redirectUrl": "https://thanks.example/1"}"#,
        ),
        ("not-taken.json", r#"{"result": "Rejected", "reason": "duplicate lead"}"#),
    ];
    let file = home.arg("buyer.toml");
    let ran = draft(&home, &samples, &["--name", "Acme", "--out", &file]);
    assert!(ran.ok, "{ran:?}");
    let text = std::fs::read_to_string(&file).unwrap();
    for line in [
        r#"birthDate = "{dob | date %m/%d/%Y}""#,
        r#"insured = "{currently_insured | yes_no Y N}""#,
        r#"phone = "{phone | phone parens}""#,
        r#"apiKey = "{param.api_key}"  # guess: a secret of the contract"#,
        r#"auth = { bearer = "{param.token}" }"#,
        r#"url = "{param.base_url}/post/{bid.id}"  # guess: the same value as pingId in the ping's answer"#,
        r#"session = "{bid.echo.sid}"  # guess: the same value as sid in the ping's answer"#,
        r#"is_test = "{test}""#,
        r#"each = "drivers""#,
    ] {
        says(&text, &[line]);
    }
    keeps_back(&text, &["s3cret-of-the-sample", "0123456789abcdef"]);
    let tested = integration(&["test", &file]);
    assert!(tested.ok, "{}", tested.out);
    says(&tested.out, &["6 of 6 examples"]);
    for (step, answer, outcome) in [
        ("ping", "matched.json", "bid"),
        ("ping", "unmatched.json", "no_bid"),
        ("post", "taken.json", "accepted"),
        ("post", "not-taken.json", "duplicate"),
    ] {
        let said = json(&integration(&[
            "read",
            &file,
            "--step",
            step,
            "--body",
            &home.arg(answer),
            "--json",
        ]));
        assert_eq!(said["outcome"], outcome, "{said}");
    }
    let again = draft(&home, &samples, &["--out", &file]);
    assert_eq!(again.code, Some(1), "an existing file is not overwritten");
}

#[test]
fn a_draft_is_made_of_whatever_was_pasted() {
    let home = Home::new();
    for (name, samples, lines) in [
        (
            "a query",
            [
                (
                    "one.txt",
                    "https://buyer.example/api.php?Key=k1&API_Action=pingPostLead&Mode=ping&Zip_Code=60610&Driver1_Age=35",
                ),
                ("two.xml", "<response><status>Matched</status><price>25</price></response>"),
            ],
            vec![
                "format = \"query\"",
                "Driver1_Age = \"{drivers[0].dob | age | text}\"",
                "price = \"response/price\"",
            ],
        ),
        (
            "XML",
            [
                (
                    "one.xml",
                    "<Lead xmlns:n=\"urn:n\" type=\"1\"><n:State>IL</n:State><FirstName>Ada</FirstName></Lead>",
                ),
                ("two.json", "{\"success\": true, \"id\": \"L-1\"}"),
            ],
            vec![
                "format = \"xml\"",
                "\"n:State\" = \"{state}\"",
                "reference = \"id\"",
                "equals = true",
            ],
        ),
        (
            "a ping alone",
            [
                ("ping.json", "{\"zip\": \"60601\", \"lp_key\": \"k\"}"),
                (
                    "answer.json",
                    "{\"bids\": [{\"bid_id\": \"b\", \"payout\": \"4.20\"}], \"status\": \"ok\"}",
                ),
            ],
            vec![
                "[post.request]",
                "ping_id = \"{bid.id}\"  # guess: there was no sample of the post",
                "each = \"bids\"",
                "phone = \"{phone}\"",
            ],
        ),
    ] {
        let ran = draft(&home, &samples, &[]);
        assert!(ran.ok, "{name}: {}", ran.err);
        says(&ran.out, &lines);
        home.write("draft.toml", &ran.out);
        let tested = integration(&["test", &home.arg("draft.toml")]);
        assert!(tested.ok, "{name}: {}", tested.out);
    }
    let answers = draft(&home, &[("a.json", "{\"status\": \"ACCEPTED\"}")], &["--json"]);
    says(&answers.err, &["there is no request among the samples"]);
    assert_eq!(integration(&["new"]).code, Some(2));
}

#[test]
fn a_page_and_the_schema_are_printed() {
    let ran = integration(&["page", &shipped("boberdoo_form")]);
    assert!(ran.ok, "{}", ran.err);
    says(
        &ran.out,
        &[
            "# boberdoo key/value",
            "integration = \"boberdoo_form\"",
            "| `key` | secret | required |",
            "| `Lead_ID` | `{bid.id}` |",
            "| `path = \"response/status\", equals = \"Matched\"` | `bid` |",
            "Is read as `outcome = \"bid\", price = \"17.8333\"",
            "Key=[secret]&API_Action",
        ],
    );
    let schema = json(&integration(&["schema"]));
    assert_eq!(schema["properties"]["schema"]["enum"], json!(["outcry.integration/1"]));
}

const DIALOGUE: &str = r#"
schema = "outcry.integration/1"
label = "Dialogue"
[tables.prices]
IL = "7.5"
else = "3"
[login.request]
url = "https://buyer.example/token"
[login.answer]
format = "json"
keep = { token = "access_token" }
expires_seconds = "expires_in"
[ping.request]
url = "https://buyer.example/ping"
format = "json"
auth = { bearer = "{login.token}" }
body = { least = "{ask.price}", zip = "{zip}" }
[ping.answer]
format = "json"
bid = { price = { table = "prices", field = "state" }, id = "id" }
rules = [{ outcome = "bid", when = { path = "ok", equals = true } }]
[post.request]
url = "https://buyer.example/post"
[post.answer]
format = "none"
rules = [{ outcome = "unknown" }]
"#;

#[test]
fn what_a_dialogue_needs_besides_the_lead_can_be_given() {
    let (home, lead) = with_lead(r#"{"zip": "60601", "state": "IL"}"#);
    home.write("dialogue.toml", DIALOGUE);
    home.write("ok.json", r#"{"ok": true, "id": "b"}"#);
    home.write("token.json", r#"{"access_token": "t-1-secret", "expires_in": 60}"#);
    let file = home.arg("dialogue.toml");
    let args = [
        "render",
        &file,
        "--step",
        "ping",
        "--lead",
        &lead,
        "--json",
        "--show-secrets",
        "--kept",
        "login.token=t-1",
        "--ask",
        "2.5",
    ];
    let said = json(&integration(&args));
    assert_eq!(said["headers"]["authorization"], "Bearer t-1", "{said}");
    says(said["body"].as_str().unwrap(), &["\"least\":2.5"]);
    let read = |step: &str, body: &str, more: &[&str]| {
        let body = home.arg(body);
        json(&integration(
            &[&["read", &file, "--step", step, "--body", &body, "--json"], more].concat(),
        ))
    };
    assert_eq!(read("ping", "ok.json", &["--lead", &lead])["price"], "7.50");
    let login = read("login", "token.json", &[]);
    assert_eq!([&login["outcome"], &login["kept"]], [&json!("ok"), &json!(["login.token"])]);
    keeps_back(&login.to_string(), &["t-1-secret"]);
}
