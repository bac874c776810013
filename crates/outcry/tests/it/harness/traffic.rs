//! Sources that send lead after lead and write down what they were told, and what their buyers have heard: the two ends that the
//! books in between must agree with.

use super::Heard;
use outcry_core::id::{AttemptId, LeadId};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A lead like the harness's own, with a person of its own for each number.
pub(crate) fn numbered(number: u64) -> Value {
    let mut lead = super::lead();
    let line = number % 10_000;
    let exchange = 220 + number / 10_000 % 80;
    let area = 220 + number / 800_000 % 80;
    lead["phone"] = json!(format!("{area}-{exchange}-{line:04}"));
    lead["email"] = json!(format!("zephyrine.{number}@example.net"));
    lead["address_line1"] = json!(format!("{number} Wrenfield Lane"));
    lead
}

/// A 2xx that a source has received in whole.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) lead: LeadId,
    pub(crate) status: String,
}

/// What all sources together know.
#[derive(Default)]
struct Known {
    next: AtomicU64,
    /// Leads that were sent and not answered: a source sends them again.
    unanswered: Mutex<VecDeque<u64>>,
    told: Mutex<Vec<Told>>,
    /// Answers that were not 2xx.
    refused: Mutex<Vec<(u16, String)>>,
    over: AtomicBool,
}

/// Sources at work, each sending one lead after the other until they are stopped or the exchange is gone.
pub(crate) struct Traffic {
    known: Arc<Known>,
    sources: Vec<JoinHandle<()>>,
    key: &'static str,
}

impl Traffic {
    pub(crate) fn new(key: &'static str) -> Self {
        Self {
            known: Arc::default(),
            sources: Vec::new(),
            key,
        }
    }

    /// Lets so many sources begin.
    pub(crate) fn begin(&mut self, address: &str, count: usize) {
        self.known.over.store(false, Ordering::SeqCst);
        for _ in 0..count {
            let (known, address, key) = (self.known.clone(), address.to_owned(), self.key);
            self.sources.push(std::thread::spawn(move || send_on(&known, &address, key)));
        }
    }

    /// Waits until all have seen that it is over: after this no answer comes any more.
    pub(crate) fn end(&mut self) {
        self.known.over.store(true, Ordering::SeqCst);
        self.sources.drain(..).for_each(|source| source.join().unwrap());
    }

    /// Everything that was told so far.
    pub(crate) fn told(&self) -> Vec<Told> {
        self.known.told.lock().unwrap().clone()
    }

    /// Status and body of all that was not taken.
    pub(crate) fn refused(&self) -> Vec<(u16, String)> {
        self.known.refused.lock().unwrap().clone()
    }

    pub(crate) fn unanswered(&self) -> usize {
        self.known.unanswered.lock().unwrap().len()
    }
}

/// One source. It ends when nobody listens any more.
fn send_on(known: &Known, address: &str, key: &str) {
    while !known.over.load(Ordering::SeqCst) {
        let again = known.unanswered.lock().unwrap().pop_front();
        let number = again.unwrap_or_else(|| known.next.fetch_add(1, Ordering::SeqCst));
        match send_once(address, key, number) {
            Some((200 | 202, body)) => {
                let answer: Value = serde_json::from_str(&body).unwrap();
                let lead = LeadId::parse(answer["lead_id"].as_str().unwrap()).unwrap();
                let status = answer["status"].as_str().unwrap().to_owned();
                known.told.lock().unwrap().push(Told { lead, status });
            }
            // Still under way from before, or no room: nothing was promised, and the source comes again.
            Some((status, body)) => {
                known.refused.lock().unwrap().push((status, body));
                known.unanswered.lock().unwrap().push_back(number);
                std::thread::park_timeout(Duration::from_millis(5));
            }
            None => {
                known.unanswered.lock().unwrap().push_back(number);
                if TcpStream::connect(address).is_err() {
                    return;
                }
            }
        }
    }
}

/// Status and body of a whole answer; nothing if the exchange went away in the middle of it.
fn send_once(address: &str, key: &str, number: u64) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let body = numbered(number).to_string();
    let head = format!(
        "POST /v1/leads HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {key}\r\nidempotency-key: n-{number}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok())?;
    (body.len() == length).then_some(())?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

/// The attempts that buyers have heard of, each as often as it came, and whether they said yes.
pub(crate) fn accepted_at_buyers(posts: &[Heard], says_yes: impl Fn(&Heard) -> bool) -> Vec<(AttemptId, bool)> {
    let read = |heard: &Heard| AttemptId::parse(heard.json()["lead_id"].as_str().unwrap()).unwrap();
    posts.iter().map(|heard| (read(heard), says_yes(heard))).collect()
}
