//! The other side of the wire: what weather does to a request, what the buyer does, and the way back. None of it knows
//! whether the caller still lives.

use super::{
    About, Arc, AttemptId, CallEnd, Duration, Fault, IncomingRequest, Instant, LeadId, MAILBOX, Mutant, Nodes, RawAnswer, Reply, ReplyKind,
    Request, Value, Weak, World, calls, oneshot, sleep,
};
use crate::sim::aftermath;
use crate::sim::shape::Tongue;

/// What a request is about, by where it goes.
pub(super) fn about(request: &Request) -> About {
    let (host, path) = split(&request.url);
    if host == MAILBOX {
        return About::Postback;
    }
    if let Some((_, attempt)) = path.split_once("/status/") {
        return About::Status(AttemptId::parse(attempt));
    }
    if !path.ends_with("/post") {
        return About::Ping;
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    About::Post(body["attempt_id"].as_str().and_then(AttemptId::parse))
}

/// Whom a request goes to, by name.
pub(super) fn buyer_of(request: &Request) -> &str {
    split(&request.url).0.trim_end_matches(".example")
}

/// Of a broken variant: a buyer that has no such post is believed, whenever it says so.
pub(super) fn definite(end: CallEnd) -> CallEnd {
    match end {
        CallEnd::Answered { answer, took } if contains(&answer.body, "not_found") => {
            answered(200, r#"{"status":"rejected","reason":"no such post"}"#, took)
        }
        end => end,
    }
}

fn contains(body: &[u8], word: &str) -> bool {
    String::from_utf8_lossy(body).contains(word)
}

/// An answer of a buyer, or what passes for one.
pub(super) fn answered(status: u16, body: &str, took: Duration) -> CallEnd {
    CallEnd::Answered {
        answer: RawAnswer {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.as_bytes().to_vec(),
        },
        took,
    }
}

/// One request out in the world.
pub(super) struct Outside {
    pub(super) world: Arc<World>,
    pub(super) nodes: Weak<Nodes>,
    pub(super) node: usize,
    pub(super) about: About,
    pub(super) begun: Instant,
}

impl Outside {
    /// Takes a request to its end. Who is never told waits for ever.
    pub(super) async fn carry(self, request: Request, tell: oneshot::Sender<CallEnd>) {
        let world = &self.world;
        sleep(Duration::from_micros(
            world.draw(|chance| chance.between(200, 20_000).unsigned_abs()),
        ))
        .await;
        if self.about == About::Postback {
            let _ = tell.send(self.mailbox(&request));
            return;
        }
        let faults = match self.about {
            About::Post(_) => world.plan.wire.posts,
            About::Ping | About::Status(_) | About::Postback => world.plan.wire.pings,
        };
        let fault = if world.is_quiet() {
            None
        } else {
            world.draw(|chance| faults.draw(chance))
        };
        if let Some(fault) = fault {
            self.note_fault(fault);
        }
        let end = match fault {
            Some(Fault::LostRequest) => None,
            Some(Fault::ResetBefore) => Some(self.broken("the connection was reset")),
            Some(Fault::ServerError) if world.draw(|chance| chance.below(2) == 0) => Some(answered(503, "busy", self.begun.elapsed())),
            Some(Fault::Delay(ms)) if world.draw(|chance| chance.below(3) == 0) => {
                // It is the request that takes long, and not the answer.
                world.sometimes.add("request_slow");
                sleep(Duration::from_millis(ms.into())).await;
                let reply = self.at_the_door(&request);
                self.way_back(reply, None).await
            }
            fault => {
                let reply = self.at_the_door(&request);
                self.way_back(reply, fault).await
            }
        };
        match end {
            Some(end) => drop(tell.send(end)),
            // Silence: the connection stays open and mute.
            None => std::future::pending().await,
        }
    }

    fn note_fault(&self, fault: Fault) {
        self.world.sometimes.add(match fault {
            Fault::LostRequest => "request_lost",
            Fault::LostAnswer => "answer_lost",
            Fault::Garbled => "answer_garbled",
            Fault::ServerError => "server_error",
            Fault::ResetBefore | Fault::ResetAfter | Fault::ResetHalfway => "answer_reset",
            Fault::Delay(_) => return,
        });
        self.world
            .note(self.node, "trouble on the wire", 0, || format!("{fault:?} for {:?}", self.about));
    }

    /// The buyer has the request and acts on it.
    fn at_the_door(&self, request: &Request) -> Reply {
        let world = &self.world;
        let (buyer, (_, path)) = (buyer_of(request), split(&request.url));
        let tongue = world.shape.tongue(buyer);
        let mut incoming = incoming(request, path);
        if let About::Post(attempt) = &self.about {
            let named = names_seller(world, buyer, &incoming.body);
            world.facts().arrived(*attempt, buyer, (named, tongue == Tongue::Once));
        }
        if self.about == About::Ping && world.is(Mutant::PingNamesPerson) {
            incoming.body.pop();
            incoming.body.extend_from_slice(br#","phone":"+12025550143"}"#);
        }
        let reply = world.buyers.answer(&incoming).unwrap_or(Reply {
            delay_ms: 0,
            kind: ReplyKind::Refused,
        });
        let number = match &self.about {
            About::Post(Some(attempt)) | About::Status(Some(attempt)) => attempt.bits(),
            _ => 0,
        };
        world.note(self.node, "at the buyer", number, || {
            format!("{buyer} {:?}: {:?}", self.about, reply.kind)
        });
        match (&self.about, tongue) {
            (About::Post(Some(attempt)), Tongue::Called) => self.called_back(*attempt, buyer, &incoming.body, reply),
            _ => reply,
        }
    }

    /// The buyer will call with what it has decided; for the moment it says that it will.
    fn called_back(&self, attempt: AttemptId, buyer: &str, body: &[u8], reply: Reply) -> Reply {
        let Some(word) = aftermath::word_on(&self.world, buyer, attempt) else {
            return reply;
        };
        let said: Value = serde_json::from_slice(body).unwrap_or_default();
        if let Some(token) = said["call"].as_str().and_then(|url| url.rsplit('/').next()) {
            let call = calls::Callback {
                world: self.world.clone(),
                nodes: self.nodes.clone(),
                attempt,
                token: token.to_owned(),
                price: word.price(),
            };
            tokio::spawn(call.until_heard());
        }
        match reply.kind {
            ReplyKind::Answer { status, content_type, .. } => Reply {
                kind: ReplyKind::Answer {
                    status,
                    content_type,
                    body: r#"{"status":"queued"}"#.to_owned(),
                },
                ..reply
            },
            _ => reply,
        }
    }

    async fn way_back(&self, reply: Reply, fault: Option<Fault>) -> Option<CallEnd> {
        let later = if let Some(Fault::Delay(ms)) = fault { ms } else { 0 };
        sleep(Duration::from_millis((reply.delay_ms + later).into())).await;
        match (fault, reply.kind) {
            (Some(Fault::LostAnswer), _) | (_, ReplyKind::Silence) => None,
            (Some(Fault::ResetAfter | Fault::ResetHalfway), _) | (_, ReplyKind::Reset | ReplyKind::HalfThenReset { .. }) => {
                Some(self.broken("the connection was reset before the answer was whole"))
            }
            (Some(Fault::Garbled), _) => Some(answered(200, "<html>Thank you", self.begun.elapsed())),
            (Some(Fault::ServerError), _) => Some(answered(502, "bad gateway", self.begun.elapsed())),
            (_, ReplyKind::Answer { status, body, .. }) => Some(answered(status, &body, self.begun.elapsed())),
            (_, ReplyKind::Refused) => Some(CallEnd::NotSent(super::NotSent::Unreachable("nobody listens".into()))),
        }
    }

    fn broken(&self, why: &str) -> CallEnd {
        CallEnd::Broken {
            why: why.into(),
            took: self.begun.elapsed(),
        }
    }

    /// The source's mailbox: `https://northwind.example/LEAD/STATUS/PAYOUT`.
    fn mailbox(&self, request: &Request) -> CallEnd {
        let world = &self.world;
        if world.happens(world.plan.wire.mailbox) {
            return answered(503, "", self.begun.elapsed());
        }
        let (_, path) = split(&request.url);
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let lead = parts.first().and_then(|lead| LeadId::parse(lead));
        let (status, payout) = (parts.get(1).copied().unwrap_or(""), parts.get(2).copied().unwrap_or(""));
        world.facts().mailed(lead, status, payout);
        world.sometimes.add("message_delivered");
        world.note(self.node, "postback", lead.map_or(0, LeadId::bits), || path.to_owned());
        // The word may be lost on its way back: then the message comes again.
        if world.happens(world.plan.wire.mailbox) {
            return self.broken("the connection was reset");
        }
        answered(200, "", self.begun.elapsed())
    }
}

/// Does the person's consent name whom it is posted to? Read from the post itself.
fn names_seller(world: &World, buyer: &str, body: &[u8]) -> bool {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let sellers = said["fields"]["consent_sellers"].as_array().cloned().unwrap_or_default();
    let label = world.buyers.buyer(buyer).map_or("", |buyer| buyer.profile().label.as_str());
    sellers.iter().any(|seller| seller["name"].as_str() == Some(label))
}

/// `https://host/path` as host and path.
fn split(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_at(rest.find('/').unwrap_or(rest.len()))
}

fn incoming(request: &Request, path: &str) -> IncomingRequest {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let headers = request.headers.iter();
    IncomingRequest {
        method: request.method.as_str().to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        body: request.body.clone(),
    }
}
