//! Asks the store again until it has done what must not be forgotten.
//!
//! What became of a post is a fact about the world, and this process may be the only one that knows it: a full disk or a lost
//! connection is no reason to forget it. T2 and T3 can be run again by their own ids, so a commit of which nobody knows
//! whether it happened is answered by running it again.

use crate::engine::Engine;
use crate::ports::store::StoreFault;
use std::time::Duration;
use tokio::time::sleep;

/// The first wait; it doubles with each further one.
const WAIT: Duration = Duration::from_millis(20);
/// The longest: soon after the store is well again everything is written down.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// Runs a transaction until it is done.
///
/// # Errors
/// The store's last fault, if the process goes down meanwhile: the next start recovers what is open.
pub(crate) async fn until_done<T, F>(engine: &Engine, mut run: impl FnMut() -> F) -> Result<T, StoreFault>
where
    F: Future<Output = Result<T, StoreFault>>,
{
    let mut wait = WAIT;
    loop {
        match run().await {
            Ok(done) => return Ok(done),
            Err(fault) if engine.is_draining() => return Err(fault),
            Err(fault) => tracing::warn!(error = %fault, wait_ms = wait.as_millis(), "the store could not do it; it is asked again"),
        }
        sleep(wait).await;
        wait = (wait * 2).min(WAIT_MAX);
    }
}
