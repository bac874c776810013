//! The outbound port: calls that travel through the weather to the make-believe buyers, and their answers back.
//!
//! What happens outside goes on when the caller dies: a request that left arrives, and the buyer acts on it.

use super::life::Life;
use super::mutants::Mutant;
use super::nodes::Nodes;
use super::shape::MAILBOX;
use super::world::World;
use outcry_core::id::{AttemptId, LeadId};
use outcry_engine::ports::Later;
use outcry_engine::ports::outbound::{Call, CallEnd, LateListener, NotSent, Outbound};
use outcry_integration::Request;
use outcry_integration::answer::RawAnswer;
use outcry_market::buyers::{IncomingRequest, Reply, ReplyKind};
use outcry_market::faults::Fault;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout_at};

mod calls;
mod street;

/// The calls of one life.
#[derive(Clone)]
pub(crate) struct Wire {
    world: Arc<World>,
    life: Arc<Life>,
    /// Whom buyers call.
    nodes: Weak<Nodes>,
    turns: Arc<Mutex<BTreeMap<usize, u32>>>,
}

/// What a call is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    Ping,
    Post(Option<AttemptId>),
    /// A question about an attempt.
    Status(Option<AttemptId>),
    Postback,
}

impl Wire {
    pub(crate) fn of(world: Arc<World>, life: Arc<Life>, nodes: Weak<Nodes>) -> Self {
        Self {
            world,
            life,
            nodes,
            turns: Arc::default(),
        }
    }

    fn takes_turn(&self, contract: usize, calls_max: u32) -> bool {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let open = turns.entry(contract).or_default();
        let free = *open < calls_max;
        *open += u32::from(free);
        free
    }

    fn gives_turn_back(&self, contract: usize) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = turns.get_mut(&contract) {
            *open -= 1;
        }
    }

    async fn carry(self, call: Call) -> CallEnd {
        if !self.takes_turn(call.contract, call.calls_max) {
            return CallEnd::NotSent(NotSent::Throttled);
        }
        self.world.step(&self.life, "before_call").await;
        let Some(request) = call.request.http().cloned() else {
            return CallEnd::NotSent(NotSent::Forbidden("this street knows nothing but HTTP".into()));
        };
        let about = street::about(&request);
        let sent = Arc::new(AtomicBool::new(false));
        let travel = self
            .clone()
            .travel(request, about.clone(), call.contract, (call.send_by, sent.clone()));
        let mut travel: Later<'static, CallEnd> = Box::pin(travel);
        let end = match timeout_at(call.until, &mut travel).await {
            Ok(end) => end,
            Err(_) if !sent.load(Ordering::Relaxed) => CallEnd::NotSent(NotSent::NoConnection),
            Err(_) => {
                if matches!(about, About::Post(_)) {
                    self.world.sometimes.add("answer_late_for_the_post");
                }
                let until = call.until + call.listen_on;
                tokio::spawn(self.clone().listen(travel, until, call.late, about.clone()));
                CallEnd::Late
            }
        };
        self.world.step(&self.life, "after_answer").await;
        let end = self.mangled(end, &about);
        self.heard(&about, &end);
        end
    }

    /// The way there and back. Only what is on this side of the wire stops when the node does.
    async fn travel(self, request: Request, about: About, contract: usize, leaves: (Option<Instant>, Arc<AtomicBool>)) -> CallEnd {
        let begun = Instant::now();
        let end = self.there_and_back(&request, &about, &leaves, begun).await;
        let again = self.world.is(Mutant::RetryAfterTimeout) && matches!((&end, &about), (CallEnd::Broken { .. }, About::Post(_)));
        let end = if again {
            self.there_and_back(&request, &about, &leaves, begun).await
        } else {
            end
        };
        self.gives_turn_back(contract);
        end
    }

    async fn there_and_back(
        &self,
        request: &Request,
        about: &About,
        (send_by, sent): &(Option<Instant>, Arc<AtomicBool>),
        begun: Instant,
    ) -> CallEnd {
        let world = &self.world;
        sleep(Duration::from_micros(world.draw(|chance| chance.below(4_000)))).await;
        // Who stands still sends when it goes on; who is dead never does.
        self.life.gate().await;
        if *about != About::Postback && world.happens(world.plan.wire.refused) {
            world.sometimes.add("connection_refused");
            return CallEnd::NotSent(NotSent::Unreachable("the connection was refused".into()));
        }
        if send_by.is_some_and(|by| by <= Instant::now()) {
            return CallEnd::NotSent(NotSent::Unreachable("it could not be sent in time".into()));
        }
        sent.store(true, Ordering::Relaxed);
        if let About::Post(Some(attempt)) = about {
            world.facts().leaves(*attempt, street::buyer_of(request));
        }
        let (tell, told) = oneshot::channel();
        let outside = street::Outside {
            world: world.clone(),
            nodes: self.nodes.clone(),
            node: self.life.node,
            about: about.clone(),
            begun,
        };
        tokio::spawn(outside.carry(request.clone(), tell));
        world.step(&self.life, "after_first_byte").await;
        match told.await {
            Ok(end) => end,
            // Nobody will ever answer.
            Err(_) => std::future::pending().await,
        }
    }

    /// Hears a call to its end for a caller who has gone.
    async fn listen(self, travel: Later<'static, CallEnd>, until: Instant, late: Option<LateListener>, about: About) {
        let end = timeout_at(until, travel).await.unwrap_or_else(|_| CallEnd::Broken {
            why: "there was no answer".into(),
            took: Duration::ZERO,
        });
        self.life.gate().await;
        self.heard(&about, &end);
        if let Some(late) = late
            && !self.world.is(Mutant::LateAnswerDropped)
        {
            late(end);
        }
    }

    /// The checker notes a definite word when it has reached a living node.
    fn heard(&self, about: &About, end: &CallEnd) {
        let (About::Post(Some(attempt)) | About::Status(Some(attempt)), CallEnd::Answered { answer, .. }) = (about, end) else {
            return;
        };
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let accepted = match said["status"].as_str() {
            Some("accepted") if answer.status == 200 => true,
            Some("rejected") if answer.status == 200 => false,
            _ => return,
        };
        self.world.facts().heard(*attempt, self.life.number, accepted);
    }

    /// What a broken variant makes of the end of a post.
    fn mangled(&self, end: CallEnd, about: &About) -> CallEnd {
        let Some(mutant) = self.world.mutant else { return end };
        match about {
            About::Post(_) => {}
            About::Status(_) if mutant == Mutant::NotFoundBelievedAtOnce => return street::definite(end),
            About::Ping | About::Status(_) | About::Postback => return end,
        }
        let not_sent = || CallEnd::NotSent(NotSent::Unreachable("no answer".into()));
        match (mutant, end) {
            (Mutant::UnknownAsRejected, CallEnd::Late) | (Mutant::ResetAsRejected, CallEnd::Broken { .. }) => not_sent(),
            (Mutant::UnknownAsAccepted, CallEnd::Late) => street::answered(200, r#"{"status":"accepted","id":"r0"}"#, Duration::ZERO),
            (Mutant::ServerErrorAsRejected, CallEnd::Answered { answer, took }) if answer.status >= 500 => {
                street::answered(200, r#"{"status":"rejected","reason":"error"}"#, took)
            }
            (_, end) => end,
        }
    }
}

impl Outbound for Wire {
    fn call(&self, call: Call) -> Later<'_, CallEnd> {
        Box::pin(self.clone().carry(call))
    }
}
