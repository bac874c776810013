//! The bars, each a row: its name, what is promised, and how it is measured.
//!
//! A new measurement is a row here, a command that prints `figure: …` and ends well if the bar is reached, and the line of
//! the same name in docs/internals/reliability.md.

/// One bar.
pub(super) struct Bar {
    pub(super) name: &'static str,
    /// The figure that must be reached, in words.
    pub(super) promise: &'static str,
    pub(super) how: How,
}

/// How it is measured.
pub(super) enum How {
    /// Cargo runs these, one after the other.
    Runs(&'static [Run]),
    /// What is still missing, said plainly.
    NotYet(&'static str),
}

/// One run of cargo.
pub(super) struct Run {
    /// Its words.
    pub(super) words: &'static [&'static str],
    /// Variables it is given.
    pub(super) environment: &'static [(&'static str, &'static str)],
    /// Is it a test that runs the program, and should run the release build of it?
    pub(super) released: bool,
}

/// A test of a package, by its name or the start of it.
const fn test(words: &'static [&'static str]) -> Run {
    Run {
        words,
        environment: &[],
        released: false,
    }
}

/// The words that run one test of the whole program.
macro_rules! program {
    ($name:literal) => {
        [
            "test",
            "--locked",
            "--package",
            "outcry",
            "--test",
            "it",
            "--",
            "--nocapture",
            $name,
        ]
    };
}

/// The words that run one test inside a crate.
macro_rules! within {
    ($package:literal, $name:literal) => {
        [
            "test",
            "--release",
            "--locked",
            "--package",
            $package,
            "--lib",
            "--",
            "--nocapture",
            $name,
        ]
    };
}

/// The words that run tests of the engine on its make-believe floor.
macro_rules! floor {
    ($name:literal) => {
        [
            "test",
            "--locked",
            "--package",
            "outcry-engine",
            "--test",
            "floor",
            "--",
            "--nocapture",
            $name,
        ]
    };
}

/// The words that measure what a crowd costs.
macro_rules! bench {
    ($edge:literal, $seconds:literal) => {
        [
            "run",
            "--release",
            "--locked",
            "--package",
            "outcry",
            "--",
            "bench",
            "--suppressed",
            "0",
            "--edge",
            $edge,
            "--seconds",
            $seconds,
        ]
    };
}

/// The words that play the simulator.
macro_rules! sim {
    ($($word:literal),*) => {
        ["run", "--release", "--locked", "--package", "outcry", "--", "sim", $($word),*]
    };
}

/// A run of the simulator.
const fn sim(words: &'static [&'static str]) -> Run {
    Run {
        words,
        environment: &[],
        released: false,
    }
}

/// All of them, in the order of their numbers. Missing numbers are bars of several nodes or of a console.
pub(super) const BARS: &[Bar] = &[
    Bar {
        name: "B1",
        promise: "4,000 seeds with at least 10,000 crashes: nothing lost, nothing sold twice, within 120 s of one core",
        how: How::Runs(&[sim(&sim!("--seeds", "4000", "--within", "120"))]),
    },
    Bar {
        name: "B2",
        promise: "crash at every step of twelve scenarios, before, after the effect and after the reply: 0 violations",
        how: How::Runs(&[sim(&sim!("--every-step"))]),
    },
    Bar {
        name: "B3",
        promise: "200 seeds twice give 200 equal traces; 20 mutants caught within 2,000 seeds; every counter of faults above 0",
        how: How::Runs(&[sim(&sim!("--twice", "--seeds", "200")), sim(&sim!("--mutants", "--seeds", "2000"))]),
    },
    Bar {
        name: "B4",
        promise: "1,000 kills of the release binary under load: 0 lost 2xx, 0 posts without intent, database sound, ready again p99 below 1 s",
        how: How::Runs(&[test(&["xtask", "kill", "--times", "1000"])]),
    },
    Bar {
        name: "B6",
        promise: "2,000 power cuts that lose all unsynced writes: 0 acknowledged leads lost, the database opens",
        how: How::Runs(&[Run {
            environment: &[("OUTCRY_CUTS", "2000")],
            ..test(&program!("a_power_cut_at_any_moment_loses_nothing_that_was_acknowledged"))
        }]),
    },
    Bar {
        name: "B7",
        promise: "64 writers from a barrier, 100 caps by hour, day and total, 20 rounds: never one over, never one left unused; a naive store fails",
        how: How::Runs(&[Run {
            environment: &[("OUTCRY_ROUNDS", "20")],
            ..test(&within!("outcry-store", "caps_hold_in_every_round_of_a_crowd"))
        }]),
    },
    Bar {
        name: "B8",
        promise: "the same with random prices: never below the credit line by a millionth",
        how: How::Runs(&[Run {
            environment: &[("OUTCRY_ROUNDS", "20")],
            ..test(&within!("outcry-store", "credit_holds_to_the_millionth_in_every_round_of_a_crowd"))
        }]),
    },
    Bar {
        name: "B9",
        promise: "all time zones, all changes of the clock 2024 to 2030, two hours around each in steps of a second: each instant in exactly one window",
        how: How::Runs(&[Run {
            environment: &[("OUTCRY_STEP", "1")],
            ..test(&[
                "test",
                "--release",
                "--locked",
                "--package",
                "outcry-core",
                "--lib",
                "--",
                "--nocapture",
                "around_every_change_of_clocks_each_moment_is_in_exactly_one_window",
            ])
        }]),
    },
    Bar {
        name: "B10",
        promise: "64 posts of one person at once, 1,000 rounds: exactly one sale in each window",
        how: How::Runs(&[Run {
            environment: &[("OUTCRY_ROUNDS", "1000")],
            ..test(&within!("outcry-store", "one_person_is_sold_once_in_every_window"))
        }]),
    },
    Bar {
        name: "B11",
        promise: "100 posts with one key at once and a kill between: one lead, the same bytes for all; another body is refused each time",
        how: How::Runs(&[Run {
            environment: &[("OUTCRY_REPEATS", "30")],
            released: true,
            ..test(&program!("a_hundred_copies_and_a_kill_between_make_one_lead_with_one_answer"))
        }]),
    },
    Bar {
        name: "B12",
        promise: "15 ways to leave a post unknown, 20 times each: all unknown, no second post; 8 clear failures: the cascade goes on; 95 % resolve unattended",
        how: How::Runs(&[
            Run {
                environment: &[("OUTCRY_DOUBTS", "20")],
                ..test(&floor!("doubt::"))
            },
            Run {
                environment: &[("OUTCRY_HOSTILE_ROUNDS", "8")],
                released: true,
                ..test(&program!("a_hostile_winner_keeps_the_lead_exactly_when_it_may_have_it"))
            },
        ]),
    },
    Bar {
        name: "B13",
        promise: "10,000 altered ping tokens and 1,000 replays by 64 at once: none accepted, each token redeemed once",
        how: How::Runs(&[
            Run {
                environment: &[("OUTCRY_TOKENS", "10000")],
                ..test(&floor!("no_altered_token_is_ever_taken"))
            },
            Run {
                environment: &[("OUTCRY_ROUNDS", "1000")],
                ..test(&within!("outcry-store", "one_quote_is_redeemed_once_in_every_round"))
            },
        ]),
    },
    Bar {
        name: "B14",
        promise: "40 canaries in 12 encodings: 0 hits in pings, logs, metrics, errors, panics, raw database, log and backup bytes",
        how: How::Runs(&[test(&program!("forty_canaries_in_twelve_dresses_are_nowhere_but_in_the_posts"))]),
    },
    Bar {
        name: "B15",
        promise: "1,000 answers of at least 40 hostile kinds: 0 panics, 0 auctions later than deadline + 50 ms, memory within 64 MB, honest buyers win as before",
        how: How::Runs(&[Run {
            environment: &[("OUTCRY_HOSTILE_ROUNDS", "5")],
            released: true,
            ..test(&program!("hostile_buyers_cost_their_own_bids_and_nothing_else"))
        }]),
    },
    Bar {
        name: "B16",
        promise: "1,000 stalled sockets: all closed within 15 s, honest p99 at most 1.2 times that without them",
        how: How::Runs(&[test(&bench!("stalled", "20"))]),
    },
    Bar {
        name: "B17",
        promise: "120 forbidden targets in all spellings, by name, redirect and macro: 0 connections",
        how: How::Runs(&[test(&[
            "test",
            "--locked",
            "--package",
            "outcry",
            "--bin",
            "outcry",
            "--",
            "--nocapture",
            "no_spelling_name_redirect_or_macro_leads_to_a_forbidden_address",
        ])]),
    },
    Bar {
        name: "B18",
        promise: "twice the capacity: admitted p99 at most 1.2 times that at 80 %, goodput at least 90 %, refusals below 10 ms with Retry-After; ten times: nothing lost",
        how: How::Runs(&[test(&bench!("overload", "60"))]),
    },
    Bar {
        name: "B19",
        promise: "one source at ten times its share: p99 of the others at most 1.2 times, at most 0.1 % of theirs refused",
        how: How::Runs(&[test(&bench!("flood", "30"))]),
    },
    Bar {
        name: "B21",
        promise: "disk full on a small file system: no 2xx without commit, a clear 503, recovery without a person",
        how: How::Runs(&[
            test(&program!("a_disk_that_is_nearly_full_takes_no_new_lead_and_ends_those_under_way")),
            test(&program!(
                "a_disk_that_is_full_loses_nothing_that_was_acknowledged_and_needs_nobody_to_go_on"
            )),
        ]),
    },
    Bar {
        name: "B22",
        promise: "1,000,000 random splits exact; debits equal credits and balances their replay; no float near money",
        how: How::Runs(&[
            Run {
                environment: &[("OUTCRY_SPLITS", "1000000")],
                ..test(&within!("outcry-core", "however_a_price_is_split_the_parts_are_the_whole"))
            },
            Run {
                environment: &[("OUTCRY_SALES", "20000")],
                ..test(&within!(
                    "outcry-store",
                    "debits_equal_credits_and_the_balances_are_a_replay_of_the_entries"
                ))
            },
            test(&[
                "test",
                "--locked",
                "--package",
                "xtask",
                "--",
                "--nocapture",
                "no_crate_that_handles_money_names_a_float",
            ]),
        ]),
    },
    Bar {
        name: "B24",
        promise: "every route by every role, own and foreign: 0 unexpected 2xx; key comparison passes a t-test",
        how: How::NotYet("needs the matrix of routes"),
    },
    Bar {
        name: "B25",
        promise: "fuzz targets without a crash; no banned or too old crate in the lock file",
        how: How::Runs(&[
            test(&["run", "--quiet", "--package", "xtask", "--", "fuzz", "--seconds", "60"]),
            test(&["run", "--quiet", "--package", "xtask", "--", "licences"]),
        ]),
    },
];
