//! What a run of the simulator says at its end: for people, and as one JSON object.

use super::facts::Violation;
use super::mutants::Mutant;
use super::plan::Mode;
use super::play::Played;
use super::sometimes::NAMES;
use super::spent::Spent;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What many seeds came to.
pub(crate) struct Report {
    seeds: u64,
    pub(crate) crashes: u64,
    posts: u64,
    unknown_resolved: u64,
    pub(crate) failures: Vec<Failure>,
    sometimes: BTreeMap<&'static str, u64>,
    pub(crate) spent: Spent,
}

/// One broken promise, and how to see it again.
pub(crate) struct Failure {
    pub(crate) seed: u64,
    pub(crate) mode: Mode,
    pub(crate) broken: Violation,
}

/// What became of one broken variant.
pub(crate) struct Caught {
    pub(crate) mutant: Mutant,
    /// So many seeds were played.
    pub(crate) after: u64,
    /// What gave it away; nothing if it was not caught.
    pub(crate) failure: Option<Failure>,
}

impl Report {
    pub(crate) fn of(seeds: u64) -> Self {
        Self {
            seeds,
            crashes: 0,
            posts: 0,
            unknown_resolved: 0,
            failures: Vec::new(),
            sometimes: NAMES.iter().map(|name| (*name, 0)).collect(),
            spent: Spent::default(),
        }
    }

    pub(crate) fn add(&mut self, seed: u64, mode: Mode, played: Played) {
        self.crashes += played.crashes;
        self.posts += played.posts;
        self.unknown_resolved += played.unknown_resolved;
        for (name, times) in played.sometimes {
            *self.sometimes.entry(name).or_default() += times;
        }
        let failures = played.violations.into_iter().map(|broken| Failure { seed, mode, broken });
        self.failures.extend(failures);
    }

    /// Is it too short to have seen everything?
    pub(crate) const fn is_short(&self) -> bool {
        self.seeds < 2_000
    }

    /// What should happen sometimes, and did not.
    pub(crate) fn never(&self) -> Vec<&'static str> {
        self.sometimes
            .iter()
            .filter(|(_, times)| **times == 0)
            .map(|(name, _)| *name)
            .collect()
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for failure in self.failures.iter().take(20) {
            let _ = writeln!(text, "{}", failure.text());
        }
        let _ = writeln!(
            text,
            "figure: {} seeds, {} crashes, {} posts, {} unknown resolved, {} violations in {:.1} s of one core ({:.1} s on the clock)",
            self.seeds,
            self.crashes,
            self.posts,
            self.unknown_resolved,
            self.failures.len(),
            self.spent.core_seconds,
            self.spent.seconds
        );
        let never = self.never();
        if !never.is_empty() {
            let _ = writeln!(text, "never happened: {}", never.join(", "));
        }
        text
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "seeds": self.seeds,
            "crashes": self.crashes,
            "posts": self.posts,
            "violations": self.failures.len(),
            "unknown_resolved": self.unknown_resolved,
            "seconds": tenths(self.spent.seconds),
            "core_seconds": tenths(self.spent.core_seconds),
            "sometimes": self.sometimes,
            "failures": self.failures.iter().take(20).map(Failure::json).collect::<Vec<_>>(),
        })
    }
}

impl Failure {
    fn text(&self) -> String {
        format!(
            "{}: {}\n    outcry sim --seed {} --mode {} --trace",
            self.broken.invariant,
            self.broken.what,
            self.seed,
            self.mode()
        )
    }

    fn json(&self) -> Value {
        json!({"seed": self.seed, "mode": self.mode(), "invariant": self.broken.invariant, "what": self.broken.what})
    }

    const fn mode(&self) -> &'static str {
        match self.mode {
            Mode::Liveness => "liveness",
            Mode::Safety => "safety",
        }
    }
}

impl Caught {
    pub(crate) fn text(&self) -> String {
        let name = self.mutant.name();
        match &self.failure {
            Some(failure) => format!(
                "{name:<30} caught after {:>4} by {:<4} in seed {} ({}): {}",
                self.after,
                failure.broken.invariant,
                failure.seed,
                failure.mode(),
                self.mutant.about()
            ),
            None => format!("{name:<30} NOT CAUGHT in {} seeds: {}", self.after, self.mutant.about()),
        }
    }
}

fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

/// All broken variants as one object.
pub(crate) fn mutants_json(caught: &[Caught], seeds: u64, spent: Spent) -> Value {
    let one = |found: &Caught| {
        let failure = found.failure.as_ref();
        json!({
            "name": found.mutant.name(),
            "caught": failure.is_some(),
            "seeds": found.after,
            "invariant": failure.map(|failure| failure.broken.invariant),
            "seed": failure.map(|failure| failure.seed),
        })
    };
    json!({
        "mutants": caught.iter().map(one).collect::<Vec<_>>(),
        "of": caught.len(),
        "caught": caught.iter().filter(|found| found.failure.is_some()).count(),
        "seeds_max": seeds,
        "seconds": tenths(spent.seconds),
        "core_seconds": tenths(spent.core_seconds),
    })
}
