//! One simulated buyer at work.

use super::books::{Books, Counts, Decision, Posted};
use super::call::{IncomingRequest, Reply, ReplyKind};
use super::dialect::Word;
use super::heard::Heard;
use super::offer::Offer;
use super::profile::{Appetite, Pricing, Profile};
use super::temperament::{BidCurve, Manner, Temperament};
use super::weather::{Said, lost};
use crate::chance::{Chance, digest, mix};
use outcry_core::money::Money;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A buyer with a seed and books of its own.
///
/// What it answers follows from its profile, its seed and what the request says of the lead: never from the time, the
/// order of requests or their numbers. Only ids count on.
#[derive(Debug)]
pub struct BuyerSim {
    profile: Profile,
    manner: Manner,
    seed: u64,
    books: Mutex<Books>,
}

/// What a request wants.
enum Step {
    Ping,
    Post,
    /// What became of a post: asked as `…/status/<attempt>`.
    Status,
}

/// Purposes of draws.
const PING: u64 = 1;
const POST: u64 = 2;
const WEATHER: u64 = 3;
const WORTH: u64 = 4;

impl BuyerSim {
    /// A buyer with empty books. Two buyers of one seed and different names differ.
    pub fn new(profile: Profile, seed: u64) -> Self {
        let seed = mix(seed ^ digest(profile.name.as_bytes()));
        Self {
            manner: profile.temperament.manner(),
            profile,
            seed,
            books: Mutex::default(),
        }
    }

    /// Who it is.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Its figures so far.
    pub fn counts(&self) -> Counts {
        self.open().counts
    }

    /// A look into its books. It cannot answer meanwhile.
    pub fn with_books<T>(&self, look: impl FnOnce(&Books) -> T) -> T {
        look(&self.open())
    }

    /// Hears a request and says what happens next. Books are written at once, not after the delay.
    pub fn answer(&self, request: &IncomingRequest) -> Reply {
        if self.profile.temperament == Temperament::Dead {
            return Reply {
                delay_ms: 0,
                kind: ReplyKind::Refused,
            };
        }
        let (Some(heard), Some(appetite)) = (Heard::of(request), self.profile.appetite(&request.path)) else {
            self.open().counts.anomalies += 1;
            return self.say(400, &Word::Confused).through(None, 0);
        };
        match self.step(request, &heard) {
            Step::Ping => self.ping(&heard, appetite.price),
            Step::Post => self.post(request, &heard, appetite),
            Step::Status => self.status(&request.path),
        }
    }

    /// By the last parts of the path, else by a word in the body, else by whether an offer is named.
    fn step(&self, request: &IncomingRequest, heard: &Heard) -> Step {
        let mut parts = request.path.rsplit('/');
        let (last, before) = (parts.next(), parts.next());
        match (last, heard.get(&["Mode"])) {
            _ if before == Some("status") => Step::Status,
            (Some("ping"), _) | (_, Some("ping")) => Step::Ping,
            (Some("post"), _) | (_, Some("post" | "full")) => Step::Post,
            _ if heard.get(self.profile.dialect.bid_names()).is_some() => Step::Post,
            _ => Step::Ping,
        }
    }

    fn ping(&self, heard: &Heard, price: Pricing) -> Reply {
        let mut chance = Chance::of(&[self.seed, heard.content(), PING]);
        let delay_ms = self.manner.ping_delay.draw(&mut chance);
        let fault = self.manner.faults.draw(&mut chance);
        if let Some(fault) = fault.filter(|fault| !fault.acted()) {
            self.open().counts.lost += 1;
            return lost(fault, delay_ms);
        }
        let serial = self.open().ping(heard.has_contact_data());
        if self.manner.mute {
            return Reply {
                delay_ms,
                kind: ReplyKind::Silence,
            };
        }
        let wanted = !chance.happens(self.manner.no_bid);
        let cents = match price {
            Pricing::Bids(curve) | Pricing::Alone(curve) | Pricing::Asked(curve) => self.worth(curve, &mut chance),
            Pricing::Standing(cents) => cents,
        };
        let said = if wanted {
            self.open().counts.bids += 1;
            let offer = Offer {
                serial,
                cents,
                draw: chance.bits(),
            };
            self.say(
                200,
                &Word::Bid {
                    id: &offer.id(self.seed),
                    price: Money::from_cents(cents),
                    alone: price.alone(),
                },
            )
        } else {
            self.say(
                200,
                &Word::NoBid {
                    id: &format!("n{serial}"),
                    reason: "filter",
                },
            )
        };
        said.through(fault, delay_ms)
    }

    fn post(&self, request: &IncomingRequest, heard: &Heard, appetite: &Appetite) -> Reply {
        let named = heard
            .get(self.profile.dialect.bid_names())
            .and_then(|id| Offer::read(id, self.seed));
        let draw = named.map_or_else(|| heard.content(), |offer| offer.draw);
        let mut weather = Chance::of(&[self.seed, draw, WEATHER]);
        let delay_ms = self.manner.post_delay.draw(&mut weather);
        let fault = self.manner.faults.draw(&mut weather);
        if let Some(fault) = fault.filter(|fault| !fault.acted()) {
            self.open().counts.lost += 1;
            return lost(fault, delay_ms);
        }
        if self.manner.mute {
            self.open().counts.posts += 1;
            return Reply {
                delay_ms,
                kind: ReplyKind::Silence,
            };
        }
        let mut chance = Chance::of(&[self.seed, draw, POST]);
        let cents = match (named, appetite.price) {
            (Some(offer), _) => Some(offer.cents),
            (None, Pricing::Standing(cents)) => Some(cents),
            (None, Pricing::Asked(curve)) => Some(self.worth(curve, &mut Chance::of(&[self.seed, draw, WORTH]))),
            (None, Pricing::Bids(_) | Pricing::Alone(_)) => None,
        };
        let worth = cents.map(Money::from_cents);
        let asked = match appetite.price {
            Pricing::Asked(_) => heard.get(&["price"]).and_then(|asked| Money::parse(asked).ok()),
            _ => None,
        };
        let posted = Posted {
            attempt: request.header("idempotency-key").or_else(|| heard.attempt()),
            test: heard.is_test(),
            person: heard.person(),
            serial: named.map(|offer| offer.serial),
            bid: asked.or(worth),
            price: asked.unwrap_or_else(|| Money::from_cents(cents.unwrap_or(0) * self.manner.post_percent / 100)),
            rejects: chance.happens(self.manner.reject) || asked > worth,
            buyers_max: if appetite.price.alone() { 1 } else { appetite.buyers_max },
        };
        let decision = self.open().post(&posted);
        self.say_decision(&decision).through(fault, delay_ms)
    }

    /// What a lead is worth to it, in cents.
    fn worth(&self, curve: BidCurve, chance: &mut Chance) -> i64 {
        curve.at_percent(self.manner.bid_percent).draw(chance)
    }

    /// What its books say of an attempt. A server that is a ruin answers this as well as anything: it only looks.
    fn status(&self, path: &str) -> Reply {
        let attempt = path.rsplit('/').next().unwrap_or("");
        let delay_ms = self.manner.ping_delay.from_ms;
        if self.manner.mute {
            return Reply {
                delay_ms,
                kind: ReplyKind::Silence,
            };
        }
        let decision = self.open().decided.get(attempt).cloned();
        let said = match &decision {
            Some(decision) => self.say_decision(decision),
            None => self.say(200, &Word::NotThere),
        };
        said.through(None, delay_ms)
    }

    fn say_decision(&self, decision: &Decision) -> Said {
        match decision {
            Decision::Accepted { reference, price } => self.say(200, &Word::Accepted { reference, price: *price }),
            Decision::Rejected(reason) => self.say(200, &Word::Rejected { reason }),
        }
    }

    fn say(&self, status: u16, word: &Word<'_>) -> Said {
        let (content_type, body) = self.profile.dialect.write(word);
        Said {
            status,
            content_type,
            body,
        }
    }

    fn open(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
