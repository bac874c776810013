//! A dialogue of many steps, as a file: what each may speak of, what it keeps, and when a login is over.

use crate::floor::{answer, head, read, texts};
use outcry_core::bid::Bid;
use outcry_core::id::{AttemptId, PingId};
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_integration::{Ask, Integration, Kept, LoginCall, Notice, NoticeCall, Params, PingCall, PollCall, StepName, StepOutcome};
use std::collections::BTreeMap;
use std::time::Duration;

const ALL: &str = include_str!("steps.toml");

fn now() -> Moment {
    Moment::from_unix_ms(crate::floor::NOW_MS)
}

fn params(integration: &Integration, values: &[(&str, &str)]) -> Params {
    let values: BTreeMap<String, String> = values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Params::bind(integration, &values).unwrap()
}

fn kept(values: &[(&str, &str)]) -> Kept {
    let values = values.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    values.collect::<Vec<_>>().into()
}

#[test]
fn the_examples_of_a_dialogue_with_every_step_hold() {
    let integration = read(ALL);
    let outcomes = integration.run_examples();
    assert_eq!(outcomes.len(), 26);
    for outcome in outcomes {
        assert!(
            outcome.passed,
            "{}\nexpected\n{}\ngot\n{}",
            outcome.name, outcome.expected, outcome.got
        );
    }
    assert!(StepName::ALL.into_iter().all(|step| integration.has(step)));
    assert_eq!(integration.timeout(StepName::Login), Some(Duration::from_secs(2)));
    assert_eq!(integration.timeout(StepName::Ping), None);
    let times = integration.poll_times().unwrap();
    assert_eq!((times.every.as_secs(), times.for_at_most.as_secs()), (30, 3_600));
    assert_eq!(
        integration.ping_fields().map(|(name, _)| name).collect::<Vec<_>>(),
        ["state", "zip"]
    );
}

#[test]
fn a_kept_value_can_end_neither_a_path_nor_a_header_nor_a_body() {
    let integration = read(ALL);
    let params = params(&integration, &[("client", "c"), ("secret", "s")]);
    let hostile = "a/../b?x=1#\"}]{&\u{fc}";
    let bid = Bid {
        id: Some("b".into()),
        ..Bid::at(Money::from_cents(100))
    };
    let call = |kept: &Kept| {
        let poll = PollCall {
            attempt: AttemptId::from_bits(2),
            ping_id: None,
            bid: &bid,
            kept,
            test: false,
            source: "north",
            now: now(),
        };
        integration.render_poll(&params, &poll)
    };
    let request = call(&kept(&[("post.queue", hostile), ("login.token", "t")])).unwrap();
    assert_eq!(
        &*request.url,
        "https://buyer.example/queue/a%2F..%2Fb%3Fx%3D1%23%22%7D%5D%7B%26%C3%BC?token=t"
    );
    let broken = call(&kept(&[("post.queue", hostile), ("login.token", "a\r\nx: y")])).unwrap();
    assert!(broken.url.ends_with("?token=a%0D%0Ax%3A%20y"));
    let nothing = call(&kept(&[("login.token", "t")])).err().unwrap();
    assert!(
        nothing.message.contains("{post.queue} has no value that can stand in the path"),
        "{nothing}"
    );
    for dots in ["..", ".", " ", ""] {
        assert!(call(&kept(&[("post.queue", dots), ("login.token", "t")])).is_err(), "{dots:?}");
    }
}

#[test]
fn what_a_login_gave_is_masked_like_the_password_it_came_for() {
    let integration = read(ALL);
    let params = params(&integration, &[("client", "c"), ("secret", "hush")]);
    let login = integration.render_login(&params, &LoginCall { now: now() }).unwrap();
    assert!(!login.masked(&String::from_utf8_lossy(&login.body)).contains("hush"));
    let kept = kept(&[("login.token", "t 0/k"), ("pre_ping.session", "s-1")]);
    let ping = PingCall {
        ping_id: PingId::from_bits(1),
        wait_ms: 100,
        test: false,
        source: "north",
        now: now(),
        kept: &kept,
        ask: Ask::default(),
    };
    let request = integration.render_ping(&params, &texts(&[("zip", "60601")]), &ping).unwrap();
    let (_, header) = request.headers.iter().find(|(name, _)| &**name == "authorization").unwrap();
    assert_eq!(&**header, "Bearer t 0/k");
    assert_eq!(request.masked(header), "Bearer [secret]");
    assert!(!request.masked(&request.url).contains("s-1"), "{}", request.masked(&request.url));
    let notice = NoticeCall {
        attempt: None,
        ping_id: None,
        bid: &Bid::at(Money::from_cents(500)),
        kept: &kept,
        notice: Notice {
            won: false,
            winning_price: None,
        },
        test: false,
        source: "north",
        now: now(),
    };
    let loss = integration.render_notice(&params, &notice).unwrap();
    assert_eq!(
        loss.body, br#"{"result":"lost","bid":5.00}"#,
        "without leave the winning price is not told"
    );
}

#[test]
fn contracts_with_the_same_credentials_share_a_login_and_others_do_not() {
    let integration = read(ALL);
    let key = |values: &[(&str, &str)]| params(&integration, values).login().unwrap();
    let ours = key(&[("client", "c"), ("secret", "s"), ("campaign", "auto")]);
    assert_eq!(
        ours,
        key(&[("client", "c"), ("secret", "s"), ("campaign", "home")]),
        "the login does not speak of the campaign"
    );
    assert_ne!(ours, key(&[("client", "c"), ("secret", "other")]));
    assert_ne!(ours, key(&[("client", "cs"), ("secret", "s")]));
    let other_file = read(&ALL.replace("label = \"Every step\"", "label = \"Another\""));
    assert_ne!(ours, params(&other_file, &[("client", "c"), ("secret", "s")]).login().unwrap());
    let without = read(&format!("{}{POST}", head("")));
    assert_eq!(params(&without, &[]).login(), None);
}

#[test]
fn an_answer_says_that_the_login_is_over_where_the_step_showed_one() {
    let integration = read(ALL);
    let over = |step, status, body: &str| integration.login_is_over(step, &answer(status, body));
    assert!(over(StepName::Ping, 401, ""), "a 401, unless the file says otherwise");
    assert!(!over(StepName::Ping, 403, "{}"));
    assert!(over(StepName::Post, 200, r#"{"error": "TOKEN_EXPIRED"}"#));
    assert!(
        !over(StepName::Post, 401, r#"{"error": "other"}"#),
        "the file speaks of another sign"
    );
    assert!(!over(StepName::Post, 200, "<html>"));
    assert!(!over(StepName::Completion, 401, ""), "it shows none");
}

#[test]
fn a_login_that_does_not_hold_its_token_has_failed() {
    let integration = read(ALL);
    for (status, body, why) in [
        (200, r#"{"access_token": ""}"#, "the answer has no token to keep"),
        (200, "<html>Welcome</html>", "the answer is not valid JSON (line 1, column 1)"),
        (200, "", "the answer is empty"),
        (200, r#"{"access_token": "a", "access_token": "b"}"#, "access_token"),
        (500, r#"{"access_token": "a"}"#, "HTTP 500"),
        (302, r#"{"access_token": "a"}"#, "HTTP 302"),
    ] {
        let reading = integration.read_step(StepName::Login, outcry_integration::Asked::of_nobody(), &answer(status, body));
        assert_eq!(reading.outcome, StepOutcome::Error, "{body}");
        assert!(
            reading.why().contains(why) || reading.notes.iter().any(|note| note.contains(why)),
            "{:?}",
            reading.notes
        );
        assert_eq!(reading.kept.get("login.token"), None, "{body}");
    }
}

const POST: &str = r#"
[post.request]
url = "https://buyer.example/post"
[post.answer]
format = "json"
rules = [{ outcome = "accepted", when = { path = "ok", equals = true } }]
"#;

#[test]
fn a_step_may_speak_only_of_what_is_there_by_then() {
    let text = format!("{}{}", head(""), include_str!("steps_wrong.toml"));
    let problems = Integration::read(&text).err().unwrap_or_default();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for expected in [
        "login.timeout_ms: must be a whole number between 1 and 300000",
        "login.request.url: {zip}: a login knows nothing of the lead (it may speak of parameters and of what earlier steps kept)",
        "login.request.url: {source} does not exist in a login",
        "login.request.url: {ping.id} does not exist in a login",
        "login.request.url: {login.token} does not exist in a login",
        "login.answer.again_when: there is no such key",
        "login.answer.keep: is missing (say what the later steps show",
        "login.answer.expires_seconds: must lie between 1 and 2592000",
        "ping.request.url: {post.id} does not exist in a ping (what a post kept is known to the steps behind it)",
        "ping.request.url: {bid.id} does not exist in a ping",
        "ping.request: {login.token} is not kept (keep it under [login.answer] with keep = { token = \"…\" };",
        "ping.request: {pre_ping.id} is not kept (keep it under [pre_ping.answer] with keep = { id = \"…\" };",
        "ping.answer.keep.a.b: cannot be the name of a kept value",
        "post.request: {ping.answer.lott} is not kept (keep it under [ping.answer] with keep = { lott = \"…\" }; did you mean \"ping.answer.lot\"?)",
        "poll.every_seconds: is missing",
        "poll.for_seconds: is missing",
        "poll.request.url: {phone}: a poll knows nothing of the lead",
        "loss.request.url: {post.id} does not exist in a loss",
        "loss.request.url: {attempt.id} does not exist in a loss",
        "loss.request.url: {zip}: a loss knows nothing of the lead",
        "loss.answer.keep: there is no such key",
        "examples.win: there is no such key",
    ] {
        assert!(lines.iter().any(|line| line.contains(expected)), "{expected}\n{}", lines.join("\n"));
    }
}

#[test]
fn a_buyer_that_is_told_to_call_must_be_understood_and_one_that_is_asked_about_anything_has_said_nothing() {
    let text = format!(
        "{}{}",
        head(""),
        r#"
[post.request]
url = "https://buyer.example/post?call={callback.url}"
[post.answer]
format = "json"
keep = { queue = "queue" }
rules = [{ outcome = "queued", when = { path = "queue", present = true } }]
[poll]
every_seconds = 30
for_seconds = 60
asks_about = "any_unknown"
[poll.request]
url = "https://buyer.example/queue/{post.queue}?call={callback.url}"
[poll.answer]
format = "json"
rules = [{ outcome = "not_found" }]
[callback.answr]
"#
    );
    let problems = Integration::read(&text).err().unwrap_or_default();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for expected in [
        "post.request: {callback.url} tells the buyer to call, and there is no [callback]",
        "poll.request: {post.queue} is not known where the answer to the post was lost",
        "poll.request.url: {callback.url} does not exist in a poll",
        "callback.answr: there is no such key",
        "callback.answer: is missing",
    ] {
        assert!(lines.iter().any(|line| line.contains(expected)), "{expected}\n{}", lines.join("\n"));
    }
}
