//! The sources: they send leads in one call or in two, to any node, and try again when they hear nothing.

use super::mutants::Mutant;
use super::nodes::{Nodes, Up};
use super::shape::SOURCES;
use super::world::World;
use outcry_core::moment::Moment;
use outcry_core::raw::Raw;
use outcry_engine::answer::{Answer, Status};
use outcry_engine::asked::Asked;
use outcry_engine::denied::Denied;
use outcry_engine::quote::QuoteAnswer;
use outcry_engine::sell::{self, Identity, LeadRequest, PingRequest, PostRequest};
use outcry_market::chance::{Chance, Share};
use outcry_market::leads::{LeadMaker, ping_part, to_json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a source tries before it gives up.
const TRIES: u32 = 7;
/// How long it waits for one answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// One lead on its way from its source.
pub(crate) struct Errand {
    world: Arc<World>,
    nodes: Arc<Nodes>,
    chance: Chance,
    number: u32,
    source: usize,
    lead: Raw,
    /// The same text with every try; a source without keys is known by its body.
    key: Option<String>,
}

/// What a source hears.
enum Heard<T> {
    Answer(T),
    Denied(Denied),
    Nothing,
}

impl Errand {
    /// Lead `number` of a seed. Now and then it is a person who came before.
    pub(crate) fn of(world: &Arc<World>, nodes: &Arc<Nodes>, makers: &[LeadMaker; 2], number: u32) -> Self {
        let mut chance = Chance::of(&[world.plan.seed, 0x1EAD, number.into()]);
        let again = number > 0 && chance.happens(Share::percent(12));
        let person = if again { number - 1 } else { number };
        let all = chance.happens(Share::percent(80));
        if !all {
            world.sometimes.add("consent_named_not_all");
        }
        // A minute apart: the same person with the same words would be the same request.
        let filled_in = world.wall(0).plus_ms(if again { -60_000 } else { 0 });
        let lead = person_of(&makers[usize::from(all)], person, filled_in);
        let key = chance.happens(Share::percent(70)).then(|| format!("key-{number}"));
        Self {
            world: world.clone(),
            nodes: nodes.clone(),
            source: chance.index(SOURCES.len()),
            number,
            chance,
            lead,
            key,
        }
    }

    /// Sends it, and once more now and then though it was answered.
    pub(crate) async fn run(mut self) {
        if self.chance.happens(Share::percent(35)) {
            self.in_two_calls().await;
        } else {
            let twice = self.chance.happens(Share::percent(8));
            if twice {
                // Two copies at once, as a nervous form sends them.
                let mut copy = self.copy();
                tokio::spawn(async move { copy.in_one_call().await });
            }
            self.in_one_call().await;
        }
        if self.chance.happens(Share::percent(20)) {
            sleep(Duration::from_millis(self.chance.below(9_000))).await;
            self.in_one_call().await;
        }
    }

    fn copy(&self) -> Self {
        Self {
            world: self.world.clone(),
            nodes: self.nodes.clone(),
            chance: Chance::of(&[self.world.plan.seed, 0xC0, self.number.into()]),
            number: self.number,
            source: self.source,
            lead: self.lead.clone(),
            key: self.key.clone(),
        }
    }

    fn identity(&self, body: &str, door: &str) -> Identity {
        let key = self.key.as_ref().map(|key| format!("{key}/{door}"));
        Identity::of(body.as_bytes(), key.as_deref())
    }

    /// Under which name the checker knows the request.
    fn known_as(&self, body: &str) -> Arc<str> {
        self.key.clone().unwrap_or_else(|| body.to_owned()).into()
    }

    async fn in_one_call(&mut self) {
        let body = to_json(&self.lead);
        let known = self.known_as(&format!("lead:{body}"));
        for _ in 0..TRIES {
            let (source, lead, identity) = (self.source, self.lead.clone(), self.identity(&body, "lead"));
            let asked = Instant::now();
            let heard = self
                .ask(|up| async move {
                    let request = LeadRequest {
                        source,
                        lead,
                        asked: Asked::default(),
                        identity,
                    };
                    sell::lead(&up.engine, request).await
                })
                .await;
            if self.is_done(heard, &known, asked) {
                return;
            }
            self.wait().await;
        }
    }

    async fn in_two_calls(&mut self) {
        let Some(token) = self.quote().await else { return };
        sleep(Duration::from_millis(self.chance.below(5_000))).await;
        self.redeem(&token, "post").await;
        if self.chance.happens(Share::percent(25)) {
            // Another request with the same token: at most one of them may count.
            self.redeem(&token, "again").await;
        }
    }

    /// A token, if anybody offers something.
    async fn quote(&mut self) -> Option<String> {
        let part = ping_part(&self.lead, &self.world.shape.lead_type);
        let body = to_json(&part);
        for _ in 0..TRIES {
            let (source, lead, identity) = (self.source, part.clone(), self.identity(&body, "ping"));
            let heard: Heard<QuoteAnswer> = self
                .ask(|up| async move {
                    let request = PingRequest {
                        source,
                        lead,
                        asked: Asked::default(),
                        identity,
                    };
                    sell::ping(&up.engine, request).await
                })
                .await;
            if let Heard::Answer(answer) = heard {
                let offer = answer.offer?;
                self.world.sometimes.add("quote_offered");
                return Some(offer.token);
            }
            self.wait().await;
        }
        None
    }

    async fn redeem(&mut self, token: &str, door: &str) {
        let body = format!("{}{token}{door}", to_json(&self.lead));
        let known: Arc<str> = self.key.as_ref().map_or(body.clone(), |key| format!("{key}/{door}")).into();
        for _ in 0..TRIES {
            let (identity, asked) = (self.identity(&body, door), Instant::now());
            let (source, lead, token) = (self.source, self.lead.clone(), token.to_owned());
            let heard = self
                .ask(|up| async move {
                    let request = PostRequest {
                        source,
                        lead,
                        asked: Asked::default(),
                        token,
                        identity,
                    };
                    sell::post(&up.engine, request).await
                })
                .await;
            if self.is_done(heard, &known, asked) {
                return;
            }
            self.wait().await;
        }
    }

    /// Asks any node that is up. The answer may be lost with the node, or on the way.
    async fn ask<T, F>(&mut self, ask: impl FnOnce(Up) -> F) -> Heard<T>
    where
        F: Future<Output = Result<T, Denied>>,
    {
        let node = self.chance.index(self.world.plan.nodes);
        let Some(up) = self.nodes.up(node) else { return Heard::Nothing };
        let life = up.life.clone();
        let answer = async {
            let answer = ask(up).await;
            life.gate().await;
            answer
        };
        let answer = tokio::select! {
            biased;
            () = life.died() => return Heard::Nothing,
            answer = answer => answer,
            () = sleep(PATIENCE) => return Heard::Nothing,
        };
        if self.world.happens(self.world.plan.wire.source_lost) {
            self.world.sometimes.add("answer_lost_on_the_way_to_the_source");
            return Heard::Nothing;
        }
        match answer {
            Ok(answer) => Heard::Answer(answer),
            Err(denied) => Heard::Denied(denied),
        }
    }

    /// Is there nothing more to be tried?
    fn is_done(&self, heard: Heard<Answer>, known: &Arc<str>, asked: Instant) -> bool {
        let world = &self.world;
        match heard {
            Heard::Answer(answer) => {
                self.believe(answer, known, asked);
                true
            }
            Heard::Denied(Denied::InFlight { .. }) => {
                world.sometimes.add("told_in_flight");
                false
            }
            Heard::Denied(Denied::Draining | Denied::Overloaded | Denied::Store(_)) | Heard::Nothing => false,
            Heard::Denied(Denied::QuoteLost) => {
                world.sometimes.add("quote_lost");
                true
            }
            Heard::Denied(denied) => {
                world.note(0, "denied", self.number.into(), || denied.to_string());
                true
            }
        }
    }

    fn believe(&self, mut answer: Answer, known: &Arc<str>, asked: Instant) {
        let world = &self.world;
        if world.is(Mutant::PendingAsUnsold) && answer.status == Status::Pending {
            answer.status = Status::Unsold;
        }
        if answer.status == Status::Pending {
            world.sometimes.add("told_pending");
        }
        if answer.status == Status::Duplicate {
            world.sometimes.add("told_duplicate");
        }
        world.note(0, "told", answer.lead.bits(), || {
            format!("{} {} {}", answer.lead, answer.status.word(), answer.payout)
        });
        let source = world.shape.books[0].catalog.sources[self.source].name.clone();
        if world.facts().told(&source, known, &answer, asked) {
            world.sometimes.add("answer_replayed");
        }
    }

    async fn wait(&mut self) {
        self.world.sometimes.add("source_tried_again");
        sleep(Duration::from_millis(200 + self.chance.below(3_000))).await;
    }
}

fn person_of(maker: &LeadMaker, person: u32, now: Moment) -> Raw {
    maker.lead(person.into(), now)
}
