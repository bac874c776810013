//! Buyers who do what a table says, one line each:
//!
//! ```text
//! ann  bids 12.00 at 30ms, accepts
//! bob  bids 15.00 EUR at 20ms, rejects at 80ms: bad phone
//! cid  passes at 5ms: outside our area
//! dan  is silent
//! ```
//!
//! Behind the name comes what the buyer does with a ping, behind the comma what it does with a post. Left out, a ping
//! is answered after 10 ms, and a post is accepted after 50 ms.

use super::outbound::Street;
use outcry_market::buyers::{IncomingRequest, Reply, ReplyKind};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

const PING_MS: u32 = 10;
const POST_MS: u32 = 50;

/// Where the supplier of the tests takes postbacks.
pub(crate) const POSTBACK_HOST: &str = "northwind.example";

/// What somebody does when called.
#[derive(Clone, Debug, PartialEq)]
enum Act {
    /// `bids 12.00`, `bids 12.00 EUR`
    Bids(String, Option<String>),
    /// `passes: why`
    Passes(String),
    /// `accepts`, `accepts for 10.00`
    Accepts(Option<String>),
    /// `rejects: why`
    Rejects(String),
    /// `knows them`: a duplicate, of a ping or a post.
    Knows,
    /// `is silent`: takes the call and never says a word.
    IsSilent,
    /// `is dead`: nobody listens.
    IsDead,
    /// `resets`: without a byte.
    Resets,
    /// `breaks off`: in the middle of its answer.
    BreaksOff,
    /// `mumbles`: a 200 that nobody can read.
    Mumbles,
    /// `fails with 503`
    Fails(u16),
    /// `says 200: {"token": "t1"}`
    Says(u16, String),
}

#[derive(Clone, Debug)]
struct Turn {
    act: Act,
    after_ms: u32,
}

#[derive(Clone, Debug)]
struct Buyer {
    ping: Turn,
    post: Turn,
}

/// A lead that a buyer took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Who took it.
    pub(crate) host: String,
    /// Whom: the phone.
    pub(crate) phone: String,
}

/// The buyers of a table, and the supplier's mailbox.
#[derive(Default)]
pub(crate) struct Script {
    buyers: Mutex<BTreeMap<String, Buyer>>,
    taken: Mutex<Vec<Taken>>,
    mailbox: Mutex<Vec<u16>>,
    /// What is done at a host and the first part of a path, call by call; the last stays.
    scenes: Mutex<BTreeMap<(String, String), VecDeque<Turn>>>,
}

impl Script {
    /// Reads a table.
    pub(crate) fn of(table: &str) -> Self {
        let script = Self::default();
        script.change(table);
        script
    }

    /// Names of the buyers, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        lock(&self.buyers).keys().cloned().collect()
    }

    /// From now on these buyers do this.
    pub(crate) fn change(&self, table: &str) {
        let lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
        lock(&self.buyers).extend(lines.map(buyer));
    }

    /// What a buyer does when called at `/login`, `/post/7` and so on, call by call, whatever its table says. The last
    /// is done from then on.
    pub(crate) fn at(&self, name: &str, path: &str, turns: &[&str]) {
        let turns = turns.iter().map(|text| turn(text, PING_MS)).collect();
        lock(&self.scenes).insert((name.to_owned(), path.to_owned()), turns);
    }

    fn scene(&self, name: &str, path: &str) -> Option<Turn> {
        let first = path.split('/').nth(1).map(|part| format!("/{part}"))?;
        let mut scenes = lock(&self.scenes);
        let turns = scenes.get_mut(&(name.to_owned(), first))?;
        if turns.len() > 1 {
            turns.pop_front()
        } else {
            turns.front().cloned()
        }
    }

    /// What the supplier's mailbox answers next, status by status; after these 200.
    pub(crate) fn mailbox(&self, statuses: &[u16]) {
        *lock(&self.mailbox) = statuses.iter().rev().copied().collect();
    }

    /// Every lead that a buyer took, in order.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        lock(&self.taken).clone()
    }

    fn reply(&self, host: &str, turn: &Turn, body: &Value) -> Reply {
        if let Act::Accepts(_) = &turn.act {
            let phone = body["phone"].as_str().unwrap_or_default().to_owned();
            lock(&self.taken).push(Taken {
                host: host.to_owned(),
                phone,
            });
        }
        Reply {
            delay_ms: turn.after_ms,
            kind: kind(&turn.act),
        }
    }
}

impl Street for Script {
    /// `ann.example` is the buyer ann, `test.ann.example` its test address.
    fn answer(&self, host: &str, request: &IncomingRequest) -> Option<Reply> {
        if host == POSTBACK_HOST {
            let status = lock(&self.mailbox).pop().unwrap_or(200);
            return Some(Reply {
                delay_ms: PING_MS,
                kind: ReplyKind::Answer {
                    status,
                    content_type: "text/plain",
                    body: String::new(),
                },
            });
        }
        let name = host.strip_suffix(".example")?;
        let name = name.strip_prefix("test.").unwrap_or(name);
        let buyer = lock(&self.buyers).get(name).cloned()?;
        if let Some(turn) = self.scene(name, &request.path) {
            return Some(self.reply(host, &turn, &Value::Null));
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let turn = if request.path == "/ping" { &buyer.ping } else { &buyer.post };
        Some(self.reply(host, turn, &body))
    }
}

fn kind(act: &Act) -> ReplyKind {
    let says = |status, said: &Value| ReplyKind::Answer {
        status,
        content_type: "application/json",
        body: said.to_string(),
    };
    match act {
        Act::Bids(price, None) => says(200, &json!({"price": price, "id": "b-1"})),
        Act::Bids(price, Some(currency)) => says(200, &json!({"price": price, "currency": currency, "id": "b-1"})),
        Act::Passes(why) => says(200, &json!({"no_bid": true, "reason": why})),
        Act::Accepts(None) => says(200, &json!({"accepted": true, "reference": "r-1"})),
        Act::Accepts(Some(price)) => says(200, &json!({"accepted": true, "reference": "r-1", "price": price})),
        Act::Rejects(why) => says(200, &json!({"accepted": false, "reason": why})),
        Act::Knows => says(200, &json!({"duplicate": true, "reason": "we know them"})),
        Act::IsSilent => ReplyKind::Silence,
        Act::IsDead => ReplyKind::Refused,
        Act::Resets => ReplyKind::Reset,
        Act::BreaksOff => ReplyKind::HalfThenReset {
            status: 200,
            content_type: "application/json",
            body: "{\"accep".to_owned(),
        },
        Act::Mumbles => ReplyKind::Answer {
            status: 200,
            content_type: "text/html",
            body: "<html>Thank you!</html>".to_owned(),
        },
        Act::Says(status, said) => ReplyKind::Answer {
            status: *status,
            content_type: "application/json",
            body: said.clone(),
        },
        Act::Fails(status) => ReplyKind::Answer {
            status: *status,
            content_type: "text/html",
            body: "<html>Sorry</html>".to_owned(),
        },
    }
}

/// One line of a table.
fn buyer(line: &str) -> (String, Buyer) {
    let (name, rest) = line.split_once(' ').unwrap_or_else(|| panic!("what does {line} do?"));
    let (ping, post) = rest.split_once(", ").unwrap_or((rest, "accepts"));
    (
        name.to_owned(),
        Buyer {
            ping: turn(ping, PING_MS),
            post: turn(post, POST_MS),
        },
    )
}

/// `rejects at 80ms: bad phone`
fn turn(text: &str, usually_ms: u32) -> Turn {
    let (what, said) = text.split_once(": ").unwrap_or((text, ""));
    let (what, at) = what.split_once(" at ").map_or((what, None), |(what, at)| (what, Some(at)));
    let after_ms = at.map_or(usually_ms, |at| {
        let number = at.trim().strip_suffix("ms").and_then(|ms| ms.parse().ok());
        number.unwrap_or_else(|| panic!("`{text}`: after how many ms?"))
    });
    Turn {
        act: act(what, said),
        after_ms,
    }
}

fn act(what: &str, said: &str) -> Act {
    match what.split_whitespace().collect::<Vec<_>>()[..] {
        ["bids", price] => Act::Bids(price.to_owned(), None),
        ["bids", price, currency] => Act::Bids(price.to_owned(), Some(currency.to_owned())),
        ["passes"] => Act::Passes(said.to_owned()),
        ["accepts"] => Act::Accepts(None),
        ["accepts", "for", price] => Act::Accepts(Some(price.to_owned())),
        ["rejects"] => Act::Rejects(said.to_owned()),
        ["knows", "them"] => Act::Knows,
        ["is", "silent"] => Act::IsSilent,
        ["is", "dead"] => Act::IsDead,
        ["resets"] => Act::Resets,
        ["breaks", "off"] => Act::BreaksOff,
        ["mumbles"] => Act::Mumbles,
        ["says", status] => Act::Says(status.parse().expect("an HTTP status"), said.to_owned()),
        ["fails", "with", status] => Act::Fails(status.parse().expect("an HTTP status")),
        _ => panic!("no buyer of these tests `{what}`"),
    }
}

fn lock<T>(inside: &Mutex<T>) -> MutexGuard<'_, T> {
    inside.lock().unwrap_or_else(PoisonError::into_inner)
}
