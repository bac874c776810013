//! One seed from its beginning to its end.

use super::aftermath;
use super::checker;
use super::facts::Violation;
use super::mutants::Mutant;
use super::nodes::Nodes;
use super::plan::{Episode, Mode, Plan};
use super::shape::{LIST, PEOPLE, Shape};
use super::sources::Errand;
use super::trace::Trace;
use super::world::World;
use anyhow::{Context, Result};
use outcry_core::consent::Channel;
use outcry_core::raw::Raw;
use outcry_engine::ports::store::ListChange;
use outcry_engine::withdraw::{Contact, Scope};
use outcry_market::leads::LeadMaker;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// After the trouble has ended: every late answer has come by then, or will never come.
const CALM: Duration = Duration::from_secs(75);
/// And then, until everything is known that can be found out by asking: the last try of those who send a post again is an hour after
/// the first.
const AFTERWARDS: Duration = Duration::from_mins(1);
const AFTERWARDS_MAX: u32 = 70;
/// Then so much time passes that every message has been due, every lead has waited long enough, and nothing is unknown any more.
const A_DAY_AND_MORE_MS: i64 = 30 * 60 * 60 * 1_000;
/// Sources have given up by then.
const ERRANDS: Duration = Duration::from_secs(400);

/// What came of one seed.
pub(crate) struct Played {
    /// Of nodes, while things went wrong.
    pub(crate) steps: u64,
    pub(crate) crashes: u64,
    pub(crate) posts: u64,
    pub(crate) unknown_resolved: u64,
    pub(crate) violations: Vec<Violation>,
    pub(crate) sometimes: BTreeMap<&'static str, u64>,
    pub(crate) hash: u64,
    pub(crate) lines: String,
}

/// Plays a seed.
///
/// # Errors
/// If the simulator itself cannot run.
pub(crate) fn play(seed: u64, mode: Mode, mutant: Option<Mutant>, readable: bool) -> Result<Played> {
    play_plan(Plan::of(seed, mode), mutant, readable)
}

/// Plays a plan.
///
/// # Errors
/// If the simulator itself cannot run.
pub(crate) fn play_plan(plan: Plan, mutant: Option<Mutant>, readable: bool) -> Result<Played> {
    let shape = Shape::of(plan.shape)?;
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let runtime = runtime.context("no runtime for the simulator")?;
    let trace = if readable { Trace::readable() } else { Trace::default() };
    let world = runtime.block_on(async {
        let world = World::of(plan, shape, mutant, trace);
        days_and_nights(&world).await;
        world
    });
    // What the dead have left behind goes first: it holds the world.
    drop(runtime);
    let facts = world.facts();
    let trace = world.trace();
    Ok(Played {
        steps: world.steps(),
        crashes: world.crashes(),
        posts: facts.posts,
        unknown_resolved: facts.resolved,
        violations: facts.violations().to_vec(),
        sometimes: world.sometimes.counts(),
        hash: trace.hash(),
        lines: trace.lines().to_owned(),
    })
}

async fn days_and_nights(world: &Arc<World>) {
    let makers = [false, true].map(|all| world.shape.maker(world.plan.seed, all));
    let nodes = Nodes::start(world);
    let people = people(world, &makers[0]);
    tokio::spawn(troubles(world.clone(), nodes.clone(), people));
    let begun = Instant::now();
    let mut errands = JoinSet::new();
    for (number, at) in (0..).zip(&world.plan.starts) {
        let errand = Errand::of(world, &nodes, &makers, number);
        let at = begun + Duration::from_millis(*at);
        errands.spawn(async move {
            sleep_until(at).await;
            errand.run().await;
        });
    }
    let all = async {
        while let Some(ended) = errands.join_next().await {
            if let Err(fault) = ended {
                world.facts().violate("panic", fault.to_string());
            }
        }
    };
    if timeout(ERRANDS, all).await.is_err() {
        world.facts().violate("I15", "a source waits for ever".to_owned());
    }
    if !world.must_settle() {
        return checker::check(world, false, &world.living());
    }
    world.calm_down();
    sleep(CALM).await;
    let survivors = world.living();
    if world.shares_store() {
        // Who else would look after what the dead have left behind? A node does so when it starts.
        for node in 0..world.plan.nodes {
            nodes.restart(node, false).await;
            sleep(Duration::from_secs(1)).await;
        }
    }
    sleep(AFTERWARDS).await;
    everything_is_asked(world).await;
    aftermath::files_come(world, &nodes).await;
    // The first day ends what is unknown, and leads that were held for it are taken up; the second ends what came of those.
    for _ in 0..2 {
        world.time_passes(A_DAY_AND_MORE_MS);
        sleep(3 * AFTERWARDS).await;
    }
    checker::check(world, true, &survivors);
}

/// I15: what can be found out by asking is found out.
async fn everything_is_asked(world: &World) {
    // Whose clock has jumped may think that the time for asking is over.
    let is_open = || !world.plan.has_jumps() && !checker::could_be_asked_about(world).is_empty();
    for _ in 0..AFTERWARDS_MAX {
        if !is_open() && !world.is_called() {
            return;
        }
        sleep(AFTERWARDS).await;
    }
    if world.plan.has_jumps() {
        return;
    }
    for attempt in checker::could_be_asked_about(world) {
        let what = format!("{attempt} is unknown, and its buyer would say what became of it");
        world.facts().violate("I15", what);
    }
}

/// The phone number of each lead's person.
fn people(world: &World, maker: &LeadMaker) -> Vec<String> {
    let phone = |number: usize| {
        let lead = maker.lead(number as u64, world.wall(0));
        let Some(Raw::Text(phone)) = lead.get("phone") else {
            return String::new();
        };
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        format!("+1{}", &digits[digits.len().saturating_sub(10)..])
    };
    let numbers = 0..world.plan.starts.len();
    numbers.map(phone).collect()
}

/// Everything that the plan has in store, each at its time.
async fn troubles(world: Arc<World>, nodes: Arc<Nodes>, people: Vec<String>) {
    let begun = Instant::now();
    for (at, episode) in world.plan.episodes.clone() {
        sleep_until(begun + Duration::from_millis(at)).await;
        if world.is_quiet() {
            return;
        }
        match episode {
            Episode::Specs { node } => {
                let nodes = nodes.clone();
                tokio::spawn(async move { nodes.restart(node, true).await });
            }
            Episode::Suppress { lead } => {
                if let Some(up) = nodes.up(lead % world.plan.nodes) {
                    let change = ListChange {
                        list: LIST.into(),
                        entries: vec![PEOPLE.of_entry("phone", &people[lead])],
                        on: true,
                    };
                    tokio::spawn(async move {
                        // The operator hears whether it worked; this one does not care.
                        let _ = up.engine.change_list(change).await;
                    });
                }
            }
            Episode::Withdraw { lead, all } => {
                let (up, contact) = (nodes.up(lead % world.plan.nodes), Contact::phone(&people[lead]));
                if let (Some(up), Some(contact)) = (up, contact) {
                    let scope = if all { Scope::All } else { Scope::Channel(Channel::Call) };
                    tokio::spawn(async move {
                        let _ = up.engine.withdraw(&[contact], &scope, "operator".into()).await;
                    });
                }
            }
            lasting => world.befall(lasting),
        }
    }
}
