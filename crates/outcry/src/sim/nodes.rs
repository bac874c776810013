//! The nodes: each starts, lives until it crashes, and starts again with whatever spec files are in force by then.

use super::life::Life;
use super::mutants::Mutant;
use super::ports::{Draws, WallClock};
use super::shape::PEOPLE;
use super::store::Desk;
use super::wire::Wire;
use super::world::World;
use outcry_engine::engine::{Engine, Keys, Limits, Ports};
use outcry_engine::outbox;
use outcry_engine::resolve::follow;
use outcry_engine::token::TokenKey;
use outcry_engine::waiting;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Where buyers call.
pub(crate) const REACHED_AT: &str = "https://exchange.example";

/// A node that is up.
#[derive(Clone)]
pub(crate) struct Up {
    pub(crate) engine: Arc<Engine>,
    pub(crate) life: Arc<Life>,
}

/// One place where a node runs.
struct Place {
    up: Mutex<Option<Up>>,
    /// Which version of the spec files its next start reads.
    version: AtomicUsize,
}

/// All of them.
pub(crate) struct Nodes {
    world: Arc<World>,
    places: Vec<Place>,
}

impl Nodes {
    /// Starts them all, and again whenever one has died.
    pub(crate) fn start(world: &Arc<World>) -> Arc<Self> {
        let place = || Place {
            up: Mutex::default(),
            version: AtomicUsize::new(0),
        };
        let nodes = Arc::new(Self {
            world: world.clone(),
            places: (0..world.plan.nodes).map(|_| place()).collect(),
        });
        for node in 0..world.plan.nodes {
            tokio::spawn(nodes.clone().keep_up(node));
        }
        nodes
    }

    /// Who runs there, if anybody does.
    pub(crate) fn up(&self, node: usize) -> Option<Up> {
        self.slot(node).clone()
    }

    fn slot(&self, node: usize) -> std::sync::MutexGuard<'_, Option<Up>> {
        self.places[node].up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn keep_up(self: Arc<Self>, node: usize) {
        loop {
            let life = self.world.born(node);
            tokio::select! {
                biased;
                () = life.died() => {}
                () = self.live(&life) => {}
            }
            // Whatever it still wanted to do, it is dead.
            life.die();
            *self.slot(node) = None;
            let down_ms = if self.world.is_quiet() {
                10
            } else {
                self.world.draw(|chance| chance.below(1_500))
            };
            sleep(Duration::from_millis(down_ms)).await;
        }
    }

    /// One life; it ends here only if the start failed.
    async fn live(self: &Arc<Self>, life: &Arc<Life>) {
        let desk = Desk::of(self.world.clone(), life.clone());
        let ports = Ports {
            store: Arc::new(desk),
            outbound: Arc::new(Wire::of(self.world.clone(), life.clone(), Arc::downgrade(self))),
            clock: Arc::new(WallClock {
                world: self.world.clone(),
                node: life.node,
            }),
            chance: Arc::new(Draws::of(self.world.plan.seed, life.number)),
        };
        let keys = Keys {
            token: TokenKey::new([7; 32]),
            people: PEOPLE.clone(),
        };
        let version = self.places[life.node].version.load(Ordering::Relaxed);
        let book = self.world.shape.books[version].clone();
        let Ok((engine, _)) = Engine::start(book, ports, keys, Limits::default()).await else {
            return;
        };
        engine.is_reached_at(REACHED_AT);
        if !self.comes_back(&engine).await {
            return;
        }
        self.world.note(life.node, "is ready", version as u128, String::new);
        *self.slot(life.node) = Some(Up {
            engine: engine.clone(),
            life: life.clone(),
        });
        let writes_off = !self.world.is(Mutant::NeverWrittenOff);
        tokio::join!(outbox::run(engine.clone()), waiting::run(engine.clone()), async {
            if writes_off {
                follow::run(engine.clone()).await;
            }
        });
    }

    /// Goes on with what earlier lives have left open; false if the store could not be read.
    async fn comes_back(&self, engine: &Arc<Engine>) -> bool {
        if self.world.is(Mutant::ResumeForgotten) {
            return true;
        }
        let Ok(followed) = follow::resume(engine).await else { return false };
        self.world.sometimes.add_if(followed.asked_about > 0, "asked_about_after_a_start");
        true
    }

    /// Takes a node down in good order; its next start reads the next version of the spec files, if that is wanted.
    pub(crate) async fn restart(&self, node: usize, other_specs: bool) {
        let place = &self.places[node];
        if other_specs {
            let version = (place.version.load(Ordering::Relaxed) + 1) % self.world.shape.books.len();
            place.version.store(version, Ordering::Relaxed);
            self.world.sometimes.add("specs_changed");
        }
        let Some(up) = self.up(node) else { return };
        self.world.note(node, "is taken down", up.life.number.into(), String::new);
        // A drain that hangs is cut off, as an operator's system would.
        let _ = timeout(Duration::from_secs(8), up.engine.drain()).await;
        up.life.die();
    }
}
