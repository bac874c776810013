//! Retention: what settled leads say is erased when their time is over. Money, verdicts and reasons stay.

use crate::settings::Retention;
use outcry_core::id::time_ordered;
use outcry_core::moment::Moment;
use outcry_engine::engine::Engine;
use outcry_engine::ports::store::StoreFault;
use outcry_store::Sqlite;
use std::sync::Arc;
use std::time::Duration;

/// How often it is looked for what is over. Days are what is promised.
const EVERY: Duration = Duration::from_hours(1);
/// Leads of one errand.
const AT_ONCE: usize = 500;
const DAY_MS: i64 = 86_400_000;

/// Erases what is over, now and every hour, until the task is dropped.
pub(crate) async fn run(engine: Arc<Engine>, store: Arc<Sqlite>, defaults: Retention) {
    loop {
        match prune(&engine, &store, &defaults).await {
            Ok(0) => {}
            Ok(leads) => tracing::info!(leads, "what these leads said was erased: their time was over"),
            Err(fault) => tracing::error!(error = %fault, "leads whose time is over could not be erased; it is tried again in an hour"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// One round over all campaigns; tells how many leads were erased.
async fn prune(engine: &Engine, store: &Sqlite, defaults: &Retention) -> Result<u64, StoreFault> {
    let now = engine.now();
    let mut erased = 0;
    for campaign in &engine.book().catalog.campaigns {
        let before = |own: Option<u32>, default: u32| {
            let days = own.unwrap_or(default);
            (days > 0).then(|| -> Moment { now.plus_ms(-i64::from(days) * DAY_MS) })
        };
        let sold = before(campaign.keep_sold_days, defaults.sold_days);
        let unsold = before(campaign.keep_unsold_days, defaults.unsold_days);
        if sold.is_none() && unsold.is_none() {
            continue;
        }
        loop {
            let name = campaign.name.as_str().into();
            let leads = store.overdue(name, sold, unsold, AT_ONCE).await?;
            let found = leads.len();
            if found > 0 {
                let id = time_ordered(now.unix_ms(), rand::random());
                erased += store.prune(id, now, leads).await?;
            }
            if found < AT_ONCE {
                break;
            }
        }
    }
    Ok(erased)
}
