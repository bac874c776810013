//! The checker at the end of a seed: the store's word, the buyers' books and what sources were told, held against each
//! other.

use super::facts::{AttemptFact, Facts, Stand};
use super::world::World;
use futures_util::FutureExt;
use outcry_core::id::{AttemptId, LeadId};
use outcry_core::money::Money;
use outcry_engine::answer::Status;
use outcry_engine::ports::store::{LeadStanding, LeadState, Store};
use std::collections::{BTreeMap, BTreeSet};

/// What buyers took, by attempt: by whom, and what its answer said it pays.
type Taken = BTreeMap<AttemptId, (String, Money)>;

/// Goes through everything once more. `settled` asks for more: nothing may be open that could be closed.
///
/// `survivors` are the lives that lived on through the calm at the end.
pub(crate) fn check(world: &World, settled: bool, survivors: &BTreeSet<u32>) {
    let taken = taken(world);
    let mut facts = world.facts();
    sold_as_often_as_allowed(&mut facts, &taken);
    let standings = standings(world, &mut facts);
    takers_are_known(&mut facts, &taken, &standings);
    books_balance(world, &mut facts, &taken);
    for standing in standings.values() {
        answers_hold(world, &mut facts, standing);
        if settled {
            has_ended(&mut facts, standing);
        }
    }
    for what in facts.called_in_vain() {
        facts.violate("F10", what);
    }
    if settled {
        nothing_is_open(&mut facts);
        holds_have_attempts(world, &mut facts);
        what_was_heard_is_known(&mut facts, survivors);
    }
    let leaks = world.buyers.tally().leaks;
    if leaks > 0 {
        facts.violate("I9", format!("{leaks} pings named the person"));
    }
}

fn taken(world: &World) -> Taken {
    let mut taken = Taken::new();
    for buyer in &world.buyers.buyers {
        buyer.with_books(|books| {
            for (attempt, price) in books.taken() {
                if let Some(id) = AttemptId::parse(attempt) {
                    taken.insert(id, (buyer.profile().name.clone(), price));
                }
            }
        });
    }
    taken
}

/// I2: counted inside of the buyers, and not in our books.
fn sold_as_often_as_allowed(facts: &mut Facts, taken: &Taken) {
    let mut copies: BTreeMap<LeadId, (u32, u32, Vec<AttemptId>)> = BTreeMap::new();
    for attempt in taken.keys() {
        // An attempt without an intent has been told already, as it arrived.
        let Some(fact) = facts.attempts.get(attempt) else { continue };
        let entry = copies.entry(fact.lead).or_insert((0, u32::MAX, Vec::new()));
        entry.0 += 1;
        entry.1 = entry.1.min(fact.legs_max);
        entry.2.push(*attempt);
    }
    for (lead, (sold, allowed, attempts)) in copies {
        if sold > allowed {
            facts.violate(
                "I2",
                format!("{lead} was taken {sold} times and may be {allowed} times: {attempts:?}"),
            );
        }
    }
}

/// I1: every lead that was committed is there.
fn standings(world: &World, facts: &mut Facts) -> BTreeMap<LeadId, LeadStanding> {
    let mut standings = BTreeMap::new();
    let leads: Vec<LeadId> = facts.leads.keys().copied().collect();
    for lead in leads {
        let standing = world.memory.lead(lead).now_or_never().and_then(Result::ok).flatten();
        match standing {
            Some(standing) => drop(standings.insert(lead, standing)),
            None => facts.violate("I1", format!("{lead} was accepted and is gone")),
        }
    }
    standings
}

/// I3: whoever took a lead is among those we call accepted or unknown; whom we call accepted has taken it.
fn takers_are_known(facts: &mut Facts, taken: &Taken, standings: &BTreeMap<LeadId, LeadStanding>) {
    let mut words: BTreeMap<AttemptId, String> = BTreeMap::new();
    for standing in standings.values() {
        for (attempt, _, word) in &standing.attempts {
            words.insert(*attempt, word.to_string());
        }
    }
    for (attempt, (buyer, _)) in taken {
        let word = words.get(attempt).map_or("not there", String::as_str);
        if !["accepted", "unknown", "intent", "written_off"].contains(&word) {
            facts.violate("I3", format!("{buyer} took {attempt}, which is {word}"));
        }
    }
    for (attempt, word) in &words {
        if word == "accepted" && !taken.contains_key(attempt) {
            facts.violate("I3", format!("{attempt} is accepted, and no buyer took it"));
        }
    }
}

/// I8: each sale at what its buyer said, but never above what was held; and the totals are those of the sales.
fn books_balance(world: &World, facts: &mut Facts, taken: &Taken) {
    let wrong: Vec<String> = facts
        .attempts
        .iter()
        .filter_map(|(id, fact)| wrong_price(*id, fact, taken))
        .collect();
    for what in wrong {
        facts.violate("I8", what);
    }
    let Some(Ok(books)) = world.memory.books().now_or_never() else {
        return facts.violate("I8", "the books cannot be read".to_owned());
    };
    let sales = || facts.attempts.values().filter_map(|fact| fact.sale.as_ref());
    let price: Money = sales().map(|sale| sale.split.price).sum();
    let payout: Money = sales().map(|sale| sale.split.payout).sum();
    let balanced = books.payout + books.margin == books.price && facts.booked_again == 0;
    if !balanced || books.price != price || books.payout != payout {
        let text = format!("the books say {} and {}, the sales {price} and {payout}", books.price, books.payout);
        facts.violate("I8", text);
    }
}

fn wrong_price(id: AttemptId, fact: &AttemptFact, taken: &Taken) -> Option<String> {
    let (sale, (_, said)) = (fact.sale.as_ref()?, taken.get(&id)?);
    let owed = (*said).min(fact.price).to_cents_half_even();
    let promised = sale.split.price == owed;
    (!promised).then(|| format!("{id} was booked at {}, and its buyer owes {owed}", sale.split.price))
}

/// I13: no final word that a source has heard is taken back.
fn answers_hold(world: &World, facts: &mut Facts, standing: &LeadStanding) {
    let Some(fact) = facts.leads.get(&standing.lead) else { return };
    let told = fact.told.iter().map(|answer| answer.status.word().to_owned());
    let mailed = fact.mailed.iter().map(|(status, _)| status.clone());
    let words: BTreeSet<String> = told.chain(mailed).filter(|word| word != Status::Pending.word()).collect();
    let now = standing.state.word();
    // What was given up as unsold, and was sold after all.
    let after_all = |word: &String| fact.given_up && standing.state == LeadState::Sold && word == Status::Unsold.word();
    let words: BTreeSet<String> = words.into_iter().filter(|word| !after_all(word)).collect();
    if words.len() > 1 || words.iter().any(|word| end(word) != now) {
        let text = format!("{} was told {words:?} and is {now}", standing.lead);
        facts.violate("I13", text);
    }
    world.sometimes.add_if(standing.state == LeadState::Sold, "lead_sold");
    world.sometimes.add_if(standing.state == LeadState::Unsold, "lead_unsold");
    let copies = standing.attempts.iter().filter(|(_, _, word)| &**word == "accepted").count();
    world.sometimes.add_if(copies > 1, "lead_shared");
    let after = |first: &str| {
        let at = standing.attempts.iter().position(|(_, _, word)| &**word == first);
        at.is_some_and(|at| standing.attempts[at..].iter().any(|(_, _, word)| &**word == "accepted"))
    };
    world.sometimes.add_if(after("rejected"), "rejected_then_sold_on");
    world.sometimes.add_if(after("not_sent"), "not_sent_then_sold_on");
}

/// Where a lead stands by a final word. A duplicate is one way of not being sold.
fn end(word: &str) -> &str {
    if word == Status::Duplicate.word() {
        Status::Unsold.word()
    } else {
        word
    }
}

/// I14 and I15: a lead has come to an end, and its source has heard of it.
fn has_ended(facts: &mut Facts, standing: &LeadStanding) {
    let lead = standing.lead;
    let saved = standing.answer.as_ref().map_or("nothing", |answer| answer.status.word());
    let agrees = match standing.state {
        LeadState::Sold | LeadState::Unsold => end(saved) == standing.state.word(),
        LeadState::Uncertain | LeadState::Selling | LeadState::Waiting | LeadState::Review => saved == Status::Pending.word(),
    };
    if !agrees {
        let text = format!("{lead} is {}, and whoever asks hears {saved}", standing.state.word());
        facts.violate("I13", text);
    }
    let has = |word: &str| standing.attempts.iter().any(|(_, _, state)| &**state == word);
    if has("intent") {
        facts.violate("I15", format!("{lead} has an intent that nobody owns any more"));
    }
    match standing.state {
        LeadState::Selling => facts.violate("I15", format!("{lead} is still being sold")),
        LeadState::Uncertain if !has("unknown") => facts.violate("I15", format!("{lead} is uncertain, and nothing is unknown")),
        LeadState::Uncertain => {}
        LeadState::Waiting | LeadState::Review => facts.violate("I15", format!("{lead} still waits")),
        LeadState::Sold | LeadState::Unsold => {
            let word = standing.state.word();
            let heard = facts
                .leads
                .get(&lead)
                .is_some_and(|fact| fact.mailed.iter().any(|(status, _)| end(status) == word));
            if !heard {
                facts.violate("I14", format!("{lead} is {word}, and no postback ever said so"));
            }
        }
    }
}

/// I15: the day that an unknown post is given is over.
fn nothing_is_open(facts: &mut Facts) {
    let open = facts
        .attempts
        .iter()
        .filter(|(_, fact)| matches!(fact.stand, Stand::Intent | Stand::Unknown));
    let open: Vec<String> = open
        .map(|(id, fact)| format!("{id} to {} is {:?} after a day", fact.buyer, fact.stand))
        .collect();
    for what in open {
        facts.violate("I15", what);
    }
}

/// What is unknown and would be known if somebody asked: by the buyer's ways, and by nothing that stands against asking.
pub(super) fn could_be_asked_about(world: &World) -> Vec<AttemptId> {
    let facts = world.facts();
    let open = facts.attempts.iter().filter(|(_, fact)| fact.stand == Stand::Unknown);
    open.filter(|(id, fact)| world.shape.is_certain(&fact.buyer) && facts.stopped_since(**id).is_none())
        .map(|(id, _)| *id)
        .collect()
}

/// I15: what counters say is what attempts hold, as the checker has counted it.
fn holds_have_attempts(world: &World, facts: &mut Facts) {
    if world.mutant.is_some_and(super::mutants::Mutant::keeps_caps) {
        return;
    }
    let Some(Ok(counters)) = world.memory.counters().now_or_never() else {
        return facts.violate("I15", "the counters cannot be read".to_owned());
    };
    let counted: BTreeMap<_, _> = counters
        .into_iter()
        .filter(|counter| counter.used != 0)
        .map(|counter| ((counter.cap, counter.window), counter.used))
        .collect();
    let held: BTreeMap<_, _> = facts
        .used
        .iter()
        .filter(|(_, used)| **used != 0)
        .map(|(key, used)| (key.clone(), *used))
        .collect();
    if counted != held {
        facts.violate("I15", format!("counters say {counted:?}, attempts hold {held:?}"));
    }
}

/// F10: an answer that has reached a node which lived on is in the books.
fn what_was_heard_is_known(facts: &mut Facts, survivors: &BTreeSet<u32>) {
    let lost: Vec<String> = facts
        .attempts
        .iter()
        .filter(|(_, fact)| fact.stand.is_open())
        .filter_map(|(id, fact)| {
            let (life, accepted) = fact.heard?;
            survivors
                .contains(&life)
                .then(|| format!("{id} was answered (accepted: {accepted}), and is {:?}", fact.stand))
        })
        .collect();
    for what in lost {
        facts.violate("F10", what);
    }
}
