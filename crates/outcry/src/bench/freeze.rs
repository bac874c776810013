//! The freeze: the engine is stopped for a second under open load, then let go. A sound one is back at once.

use super::load::{self, Keys, Loop, Target};
use super::process::Process;
use anyhow::Result;
use std::time::Duration;

const RATE: f64 = 1_000.0;
const STOPPED: Duration = Duration::from_secs(1);
/// What is looked at, counted from when the engine is let go.
const AFTER: Duration = Duration::from_secs(5);

/// What the freeze cost.
#[derive(Debug)]
pub(super) struct Frozen {
    /// Leads that were due in the five seconds after, and answered.
    pub(super) answered: u64,
    /// Of these not sold, failed, or pending.
    pub(super) lost: u64,
    /// Growth of resident memory.
    pub(super) rss_growth_mb: f64,
}

/// Two seconds of load to get warm, a stop of one second, and then five seconds that count.
pub(super) async fn run(process: &Process, target: &Target) -> Result<Frozen> {
    let before = process.rss_mb();
    let warm = Duration::from_secs(2);
    let keys = Keys::new(super::fresh_run());
    let freeze = async {
        tokio::time::sleep(warm).await;
        process.signal("STOP")?;
        tokio::time::sleep(STOPPED).await;
        process.signal("CONT")
    };
    let mut rss_max = before;
    let load = load::run(target, Loop::Open(RATE), warm + STOPPED, AFTER, &keys, || {
        rss_max = rss_max.max(process.rss_mb());
    });
    let (frozen, measured) = tokio::join!(freeze, load);
    frozen?;
    rss_max = rss_max.max(process.rss_mb());
    let expected_unsold = measured.unsold.saturating_sub(measured.wrong);
    let lost = measured.failed + measured.pending + measured.unsold - expected_unsold.min(measured.unsold);
    Ok(Frozen {
        answered: measured.answered + measured.failed,
        lost,
        rss_growth_mb: rss_max - before,
    })
}
