//! What a seed decides before anything happens: how many nodes, which exchange, which weather.
//!
//! Each kind of trouble is off in some seeds and heavy in others. A little of everything in every seed finds less: one
//! fault hides behind another.

use outcry_market::chance::{Chance, Share};
use outcry_market::faults::Faults;

/// Does the trouble end?
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mode {
    /// Faults stop at the end, and then everything must settle.
    Liveness,
    /// Faults never stop; nothing that was promised may be broken all the same.
    Safety,
}

/// Everything a seed decides beforehand.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) mode: Mode,
    /// One node has a store of its own, which dies with it. Several share one.
    pub(crate) nodes: usize,
    /// Which exchange of [`super::shape`].
    pub(crate) shape: u64,
    /// At which millisecond each lead is sent.
    pub(crate) starts: Vec<u64>,
    pub(crate) crash: Crash,
    pub(crate) wire: Wire,
    pub(crate) disk: Disk,
    /// What happens at which millisecond, in order.
    pub(crate) episodes: Vec<(u64, Episode)>,
}

/// When something crashes, counted in steps and not in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    Never,
    /// Once in about so many steps, again and again.
    About(u64),
    /// Once, at this step.
    At(u64),
}

/// What happens to calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire {
    /// To posts. Pings suffer a quarter of it.
    pub(crate) posts: Faults,
    pub(crate) pings: Faults,
    /// The connection is refused.
    pub(crate) refused: Share,
    /// What a source does not hear of its answer.
    pub(crate) source_lost: Share,
    /// A postback fails.
    pub(crate) mailbox: Share,
}

/// What happens to transactions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Disk {
    /// Too much is waiting.
    pub(crate) busy: Share,
    /// The connection is lost before the commit; only a shared store has one.
    pub(crate) lost: Share,
    /// The connection is lost after the commit: nobody knows.
    pub(crate) commit_unknown: Share,
    /// A commit that takes long.
    pub(crate) slow: Share,
}

/// Something that lasts, or changes what is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Episode {
    /// A node stands still and goes on as if nothing had been.
    Pause { node: usize, ms: u64 },
    /// A node cannot reach the shared store.
    Cut { node: usize, ms: u64 },
    /// The disk is full.
    Full { ms: u64 },
    /// The wall clock of a node jumps.
    Clock { node: usize, by_ms: i64 },
    /// The operator takes a node down in good order and starts it with other spec files.
    Specs { node: usize },
    /// The operator puts the person of a lead on the suppression list.
    Suppress { lead: usize },
    /// The person of a lead takes its consent back, for everybody or for one way to be reached.
    Withdraw { lead: usize, all: bool },
}

impl Plan {
    /// The plan of a seed.
    pub(crate) fn of(seed: u64, mode: Mode) -> Self {
        let mut chance = Chance::of(&[seed, 0x51, mode as u64]);
        let nodes = [1, 1, 2, 3][chance.index(4)];
        let within_ms = [400, 4_000, 20_000][chance.index(3)];
        let starts = (0..chance.between(6, 26)).map(|_| chance.below(within_ms)).collect();
        let crash = [60, 120, 250, 500, 900].map(Crash::About);
        let crash = if chance.happens(Share::percent(15)) {
            Crash::Never
        } else {
            crash[chance.index(crash.len())]
        };
        let wire = Wire::draw(&mut chance);
        let disk = Disk::draw(&mut chance, nodes);
        let mut plan = Self {
            seed,
            mode,
            nodes,
            shape: chance.below(super::shape::SHAPES),
            starts,
            crash,
            wire,
            disk,
            episodes: Vec::new(),
        };
        plan.draw_episodes(&mut chance, within_ms);
        plan
    }

    /// A small scenario in which every step can be tried as the last one: a few leads, no weather, one crash.
    pub(crate) fn scenario(number: u64, crash: Crash) -> Self {
        let mut chance = Chance::of(&[number, 0x5CE]);
        let starts = (0..chance.between(3, 5)).map(|_| chance.below(900)).collect();
        let mut plan = Self {
            starts,
            crash,
            nodes: [1, 1, 2][chance.index(3)],
            episodes: Vec::new(),
            ..Self::of(number, Mode::Liveness)
        };
        plan.disk = Disk::default();
        plan.wire.posts = Faults {
            lost_answer: Share::percent(10),
            delay: Share::percent(10),
            delay_ms_max: 7_000,
            ..Faults::NONE
        };
        plan.wire.source_lost = Share::percent(5);
        plan
    }

    /// Do clocks jump?
    pub(crate) fn has_jumps(&self) -> bool {
        self.episodes.iter().any(|(_, episode)| matches!(episode, Episode::Clock { .. }))
    }

    fn draw_episodes(&mut self, chance: &mut Chance, within_ms: u64) {
        let kinds: [fn(&Self, &mut Chance) -> Episode; 7] = [
            |plan, chance| Episode::Pause {
                node: chance.index(plan.nodes),
                ms: [300, 3_000, 15_000, 90_000][chance.index(4)],
            },
            |plan, chance| Episode::Cut {
                node: chance.index(plan.nodes),
                ms: [200, 2_000, 8_000][chance.index(3)],
            },
            |_, chance| Episode::Full {
                ms: [100, 1_000, 5_000][chance.index(3)],
            },
            |plan, chance| Episode::Clock {
                node: chance.index(plan.nodes),
                by_ms: [-3_600_000, -1_000, 1_000, 3_600_000, 7_200_000][chance.index(5)],
            },
            |plan, chance| Episode::Specs {
                node: chance.index(plan.nodes),
            },
            |plan, chance| Episode::Suppress {
                lead: chance.index(plan.starts.len()),
            },
            |plan, chance| Episode::Withdraw {
                lead: chance.index(plan.starts.len()),
                all: chance.happens(Share::percent(50)),
            },
        ];
        for draw in kinds {
            let times = [0, 0, 1, 2][chance.index(4)];
            for _ in 0..times {
                let episode = draw(self, chance);
                let at = match episode {
                    // While the lead is being sold: before and after, nothing can go wrong with it.
                    Episode::Suppress { lead } | Episode::Withdraw { lead, .. } => self.starts[lead] + chance.below(1_500),
                    _ => chance.below(within_ms + 4_000),
                };
                self.episodes.push((at, episode));
            }
        }
        self.episodes.sort_by_key(|(at, _)| *at);
    }
}

impl Wire {
    fn draw(chance: &mut Chance) -> Self {
        let some = |chance: &mut Chance, most: u16| Share::percent([0, most / 3, most][chance.index(3)]);
        let posts = Faults {
            lost_request: some(chance, 6),
            reset_before: some(chance, 6),
            lost_answer: some(chance, 9),
            reset_after: some(chance, 9),
            reset_halfway: some(chance, 6),
            garbled: some(chance, 6),
            server_error: some(chance, 6),
            delay: some(chance, 18),
            delay_ms_max: [400, 7_000, 50_000][chance.index(3)],
        };
        let pings = Faults {
            lost_answer: Share::percent(2),
            garbled: Share::percent(1),
            delay: Share::percent(4),
            delay_ms_max: 900,
            ..Faults::NONE
        };
        Self {
            posts,
            pings,
            refused: some(chance, 9),
            source_lost: some(chance, 20),
            mailbox: some(chance, 30),
        }
    }
}

impl Disk {
    fn draw(chance: &mut Chance, nodes: usize) -> Self {
        let some = |chance: &mut Chance, most: u16| Share::percent([0, most / 3, most][chance.index(3)]);
        let drawn = Self {
            busy: some(chance, 3),
            lost: some(chance, 6),
            commit_unknown: some(chance, 6),
            slow: some(chance, 12),
        };
        if nodes > 1 {
            return drawn;
        }
        // A store inside of the process has no connection to lose.
        Self {
            lost: Share::NEVER,
            commit_unknown: Share::NEVER,
            ..drawn
        }
    }
}
