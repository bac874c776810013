//! The world around the nodes: what lasts when they die, the weather, the count of steps, and what is written down.

use super::facts::Facts;
use super::life::Life;
use super::mutants::{Careless, Mutant};
use super::plan::{Crash, Episode, Mode, Plan};
use super::shape::Shape;
use super::sometimes::Sometimes;
use super::trace::Trace;
use outcry_core::moment::Moment;
use outcry_market::chance::{Chance, Share};
use outcry_market::world::World as Market;
use outcry_store::Memory;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// When every seed begins: 2026-11-23T15:00:00Z, a Monday.
const OPENING_MS: i64 = 1_795_446_000_000;

/// The world of one seed.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) shape: Arc<Shape>,
    /// What has been committed.
    pub(crate) memory: Memory,
    /// The buyers, with their own books.
    pub(crate) buyers: Market,
    pub(crate) mutant: Option<Mutant>,
    pub(crate) sometimes: Sometimes,
    began: Instant,
    quiet: AtomicBool,
    steps: AtomicU64,
    crashes: AtomicU64,
    lives: AtomicU32,
    /// Buyers that have something to say and were not heard yet.
    calling: AtomicU64,
    facts: Mutex<Facts>,
    careless: Mutex<Careless>,
    trace: Mutex<Trace>,
    weather: Mutex<Weather>,
}

/// What changes with the weather.
struct Weather {
    chance: Chance,
    crash_at: u64,
    /// Counts the falls of the shared store; what was under way at one is lost.
    falls: u64,
    down_until: Instant,
    full_until: Instant,
    cut_until: Vec<Instant>,
    clocks_ms: Vec<i64>,
    lives: Vec<Option<Arc<Life>>>,
}

impl World {
    /// The world of a plan, before anybody is in it.
    pub(crate) fn of(plan: Plan, shape: Arc<Shape>, mutant: Option<Mutant>, trace: Trace) -> Arc<Self> {
        let now = Instant::now();
        let mut chance = Chance::of(&[plan.seed, 0xFA, plan.mode as u64]);
        let crash_at = next_crash(&mut chance, plan.crash, 0);
        Arc::new(Self {
            memory: Memory::new(),
            buyers: Market::of(shape.profiles.clone(), plan.seed),
            sometimes: Sometimes::default(),
            began: now,
            quiet: AtomicBool::new(false),
            steps: AtomicU64::new(0),
            crashes: AtomicU64::new(0),
            lives: AtomicU32::new(0),
            calling: AtomicU64::new(0),
            facts: Mutex::default(),
            careless: Mutex::default(),
            trace: Mutex::new(trace),
            weather: Mutex::new(Weather {
                chance,
                crash_at,
                falls: 0,
                down_until: now,
                full_until: now,
                cut_until: vec![now; plan.nodes],
                clocks_ms: vec![0; plan.nodes],
                lives: vec![None; plan.nodes],
            }),
            plan,
            shape,
            mutant,
        })
    }

    /// Is this the broken variant that is tried?
    pub(crate) fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// Do several nodes share the store?
    pub(crate) fn shares_store(&self) -> bool {
        self.plan.nodes > 1
    }

    pub(crate) fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    pub(crate) fn crashes(&self) -> u64 {
        self.crashes.load(Ordering::Relaxed)
    }

    /// A buyer begins to call.
    pub(crate) fn calls(&self) {
        self.calling.fetch_add(1, Ordering::Relaxed);
    }

    /// A buyer was heard, or gives up.
    pub(crate) fn called(&self) {
        self.calling.fetch_sub(1, Ordering::Relaxed);
    }

    /// Does any buyer still call?
    pub(crate) fn is_called(&self) -> bool {
        self.calling.load(Ordering::Relaxed) > 0
    }

    /// What is known to be so, whatever anybody believes.
    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        lock(&self.facts)
    }

    /// What a broken variant keeps in place of the store.
    pub(crate) fn careless(&self) -> MutexGuard<'_, Careless> {
        lock(&self.careless)
    }

    pub(crate) fn trace(&self) -> MutexGuard<'_, Trace> {
        lock(&self.trace)
    }

    /// Writes a line of the trace.
    pub(crate) fn note(&self, node: usize, what: &str, about: u128, more: impl FnOnce() -> String) {
        let us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.trace().note(us, node, what, about, more);
    }

    /// The wall clock of a node.
    pub(crate) fn wall(&self, node: usize) -> Moment {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        Moment::from_unix_ms(OPENING_MS + passed + lock(&self.weather).clocks_ms[node])
    }

    /// Draws from the weather's chance; nothing bad once all is quiet.
    pub(crate) fn happens(&self, share: Share) -> bool {
        !self.is_quiet() && lock(&self.weather).chance.happens(share)
    }

    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut Chance) -> T) -> T {
        draw(&mut lock(&self.weather).chance)
    }

    /// Has the trouble ended?
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet.load(Ordering::Relaxed)
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn calm_down(&self) {
        self.quiet.store(true, Ordering::Relaxed);
        let mut weather = lock(&self.weather);
        let now = Instant::now();
        (weather.down_until, weather.full_until) = (now, now);
        weather.cut_until.fill(now);
        weather.lives.iter().flatten().for_each(|life| life.wake());
    }

    /// Everybody's clock goes on by so much, in a moment in which nothing happens.
    pub(crate) fn time_passes(&self, ms: i64) {
        lock(&self.weather).clocks_ms.iter_mut().for_each(|clock| *clock += ms);
        self.note(0, "time passes", 0, String::new);
    }

    /// A node starts.
    pub(crate) fn born(&self, node: usize) -> Arc<Life> {
        let life = Arc::new(Life::new(node, self.lives.fetch_add(1, Ordering::Relaxed)));
        lock(&self.weather).lives[node] = Some(life.clone());
        self.note(node, "starts", life.number.into(), String::new);
        life
    }

    /// The other nodes that are alive, or at least not taken for dead.
    pub(crate) fn others(&self, than: &Life) -> Vec<Arc<Life>> {
        let weather = lock(&self.weather);
        let others = weather.lives.iter().flatten();
        let alive = others.filter(|life| life.number != than.number && !life.is_dead());
        alive
            .filter(|life| {
                if life.is_silent() {
                    self.sometimes.add("silent_node_taken_for_dead");
                }
                !life.is_silent()
            })
            .cloned()
            .collect()
    }

    /// The lives that are not over.
    pub(crate) fn living(&self) -> BTreeSet<u32> {
        let weather = lock(&self.weather);
        let living = weather.lives.iter().flatten().filter(|life| !life.is_dead());
        living.map(|life| life.number).collect()
    }

    /// One step of a node: it may be its last.
    pub(crate) async fn step(&self, life: &Life, place: &'static str) {
        if !life.is_dead() && !self.is_quiet() {
            let step = self.steps.fetch_add(1, Ordering::Relaxed) + 1;
            if lock(&self.weather).crash_at == step {
                self.crash(life, place);
            }
        }
        life.gate().await;
    }

    /// The node dies here, or the shared store falls over.
    fn crash(&self, life: &Life, place: &'static str) {
        self.crashes.fetch_add(1, Ordering::Relaxed);
        let mut weather = lock(&self.weather);
        weather.crash_at = next_crash(&mut weather.chance, self.plan.crash, self.steps.load(Ordering::Relaxed));
        if self.shares_store() && weather.chance.happens(Share::percent(30)) {
            weather.falls += 1;
            let down_ms = [20, 400, 4_000][weather.chance.index(3)];
            weather.down_until = Instant::now() + Duration::from_millis(down_ms);
            drop(weather);
            self.sometimes.add("store_crashed");
            self.note(life.node, "the store crashes", 0, || place.to_owned());
            return;
        }
        drop(weather);
        self.sometimes.add("node_crashed");
        self.sometimes.add(place);
        self.note(life.node, "crashes", life.number.into(), || place.to_owned());
        life.die();
    }

    /// Something lasting begins. What concerns the spec files and lists is the operator's.
    pub(crate) fn befall(&self, episode: Episode) {
        let now = Instant::now();
        let until = |ms| now + Duration::from_millis(ms);
        let mut weather = lock(&self.weather);
        let (word, node) = match episode {
            Episode::Pause { node, ms } => {
                if let Some(life) = &weather.lives[node] {
                    life.pause(until(ms));
                }
                ("node_stood_still", node)
            }
            Episode::Cut { node, ms } => {
                weather.cut_until[node] = until(ms);
                ("node_cut_off", node)
            }
            Episode::Full { ms } => {
                weather.full_until = until(ms);
                ("disk_filled", 0)
            }
            Episode::Clock { node, by_ms } => {
                weather.clocks_ms[node] += by_ms;
                ("clock_jumped", node)
            }
            Episode::Specs { .. } | Episode::Suppress { .. } | Episode::Withdraw { .. } => return,
        };
        drop(weather);
        self.sometimes.add(word);
        self.note(node, word, 0, || format!("{episode:?}"));
    }

    /// How often the shared store fell over so far.
    pub(crate) fn falls(&self) -> u64 {
        lock(&self.weather).falls
    }

    pub(crate) fn is_full(&self) -> bool {
        Instant::now() < lock(&self.weather).full_until
    }

    /// Can the node reach its store?
    pub(crate) fn reaches_store(&self, node: usize) -> bool {
        let weather = lock(&self.weather);
        let now = Instant::now();
        !self.shares_store() || (weather.down_until <= now && weather.cut_until[node] <= now)
    }

    /// Is this a run in which everything must settle at the end?
    pub(crate) fn must_settle(&self) -> bool {
        self.plan.mode == Mode::Liveness
    }
}

/// At which step the next crash is, after so many.
fn next_crash(chance: &mut Chance, crash: Crash, after: u64) -> u64 {
    match crash {
        Crash::About(gap) => after + 1 + chance.below(gap * 2),
        Crash::At(step) if after < step => step,
        Crash::At(_) | Crash::Never => u64::MAX,
    }
}

fn lock<T>(inside: &Mutex<T>) -> MutexGuard<'_, T> {
    inside.lock().unwrap_or_else(PoisonError::into_inner)
}
