//! When the trouble is over: what the operator's own people find out about posts that are still unknown.

use super::facts::Stand;
use super::nodes::Nodes;
use super::world::World;
use outcry_core::attempt::AttemptState;
use outcry_core::id::AttemptId;
use outcry_engine::resolve::Resolved;
use outcry_engine::resolve::person::{self, Decided, Decision};
use outcry_market::buyers::Word;
use std::sync::Arc;

/// Some buyers send a file of what they took, and what is not in it they do not have. Every other seed; in the rest the day ends
/// without one.
pub(super) async fn files_come(world: &Arc<World>, nodes: &Arc<Nodes>) {
    if world.plan.seed.is_multiple_of(2) {
        return;
    }
    let rows = rows(world);
    let Some(up) = (0..world.plan.nodes).find_map(|node| nodes.up(node)) else {
        return;
    };
    let attempts: Vec<AttemptId> = rows.iter().map(|(attempt, _)| *attempt).collect();
    let Ok(decided) = person::reconcile(&up.engine, rows).await else {
        return world.facts().violate("I15", "a file could not be read in".to_owned());
    };
    for (attempt, decided) in attempts.into_iter().zip(decided) {
        match decided {
            Decided::Attempt(_, _, Resolved::Done { .. }) => world.sometimes.add("resolved_by_file"),
            other => world
                .facts()
                .violate("I15", format!("a file says what became of {attempt}, and it came to {other:?}")),
        }
    }
}

/// What the buyers' files say of everything that is unknown.
fn rows(world: &World) -> Vec<(AttemptId, Decision)> {
    let facts = world.facts();
    let unknown = facts.attempts.iter().filter(|(_, fact)| fact.stand == Stand::Unknown);
    let of_buyers = unknown.map(|(id, fact)| (*id, decision(word_on(world, &fact.buyer, *id))));
    of_buyers.collect()
}

/// What a buyer's books say of an attempt.
pub(super) fn word_on(world: &World, buyer: &str, attempt: AttemptId) -> Option<Word> {
    let buyer = world.buyers.buyer(buyer)?;
    buyer.with_books(|books| books.word_on(&attempt.to_string()))
}

fn decision(word: Option<Word>) -> Decision {
    let price = word.and_then(Word::price);
    Decision {
        state: if price.is_some() {
            AttemptState::Accepted
        } else {
            AttemptState::Rejected
        },
        price,
        said: "by the buyer's file".into(),
    }
}
