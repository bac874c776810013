//! Writes the files of the tray: gathered first, then written whole, then taken out. Whatever stops in between, the next
//! round begins with the same file.

use super::{Folders, slot};
use crate::clock::{SystemChance, SystemClock};
use crate::outbound::Client;
use anyhow::{Context, Result};
use outcry_core::moment::Moment;
use outcry_engine::ports::chance::Chance;
use outcry_engine::ports::clock::Clock;
use outcry_engine::ports::tray::{Batch, Gather, Tray};
use outcry_integration::book::Book;
use outcry_integration::{DropOff, DropPlace};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often it is looked whether a file is due; schedules count in minutes.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often what was taken is erased.
const FORGET_EVERY: Duration = Duration::from_hours(1);
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// How files get where they go.
pub(crate) struct Ways {
    /// What may be written to here.
    pub(crate) folders: Folders,
    /// The way to servers.
    pub(crate) client: Arc<Client>,
}

impl Ways {
    async fn put(&self, place: &DropPlace, name: &str, content: Vec<u8>) -> Result<()> {
        match place {
            DropPlace::Sftp(to) => self.client.upload(to, name, &content).await.map_err(anyhow::Error::msg),
            DropPlace::Folder(folder) => {
                let (folders, folder, name) = (self.folders.clone(), folder.clone(), name.to_owned());
                tokio::task::spawn_blocking(move || folders.write(&folder, &name, &content)).await?
            }
        }
    }
}

/// One place where files of one contract go.
#[derive(Clone, Debug)]
struct Route {
    slot: Arc<str>,
    to: DropOff,
}

/// Looks for files that are due and writes them, until the task is dropped.
pub(crate) async fn run(book: Arc<Book>, tray: Arc<dyn Tray>, ways: Ways, keep_days: u32) {
    let routes = routes(&book);
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut forget_at = Instant::now();
    loop {
        looks.tick().await;
        for route in &routes {
            write_due(route, &*tray, &ways).await;
        }
        if forget_at <= Instant::now() {
            forget_at = Instant::now() + FORGET_EVERY;
            let before = SystemClock.now().plus_ms(-i64::from(keep_days) * DAY_MS);
            if let Err(fault) = tray.forget(before).await {
                tracing::error!(error = %fault, "what was taken from the tray could not be erased");
            }
        }
    }
}

/// Sees that every folder may be written to, before anything is sold into it.
///
/// # Errors
/// A sentence that names the contract and the folder.
pub(crate) fn check(book: &Book, folders: &Folders) -> Result<()> {
    for Route { slot, to } in routes(book) {
        if let DropPlace::Folder(folder) = &to.place {
            folders.find(folder).with_context(|| format!("contract {slot}"))?;
        }
    }
    Ok(())
}

fn routes(book: &Book) -> Vec<Route> {
    let mut routes = Vec::new();
    for contract in book.catalog.campaigns.iter().flat_map(|campaign| &campaign.contracts) {
        let binding = book.binding(contract);
        let params = [(Some(&binding.params), false), (binding.test_params.as_ref(), true)];
        for (params, test) in params {
            // A place that cannot be written down was refused when the contract was read.
            if let Some(Ok(to)) = params.and_then(|params| binding.integration.drop_off(params)) {
                routes.push(Route {
                    slot: slot(contract.name.as_str(), test),
                    to,
                });
            }
        }
    }
    routes
}

/// One file after the other, until none is due.
async fn write_due(route: &Route, tray: &dyn Tray, ways: &Ways) {
    loop {
        let now = SystemClock.now();
        let ask = Gather {
            slot: route.slot.clone(),
            fresh: SystemChance.bits(),
            at: now,
            due_before: due_before(now, route.to.every_minutes),
            rows_max: route.to.rows_max,
        };
        match deliver(ask, route, tray, ways).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(fault) => {
                metrics::counter!("outcry_files_total", "result" => "failed").increment(1);
                tracing::warn!(contract.id = %route.slot, error = format!("{fault:#}"), "a file could not be delivered; it is tried again");
                return;
            }
        }
    }
}

/// The last multiple of so many minutes: what came before it is due.
fn due_before(now: Moment, every_minutes: u32) -> Moment {
    let every = i64::from(every_minutes) * MINUTE_MS;
    Moment::from_unix_ms(now.unix_ms().div_euclid(every) * every)
}

async fn deliver(ask: Gather, route: &Route, tray: &dyn Tray, ways: &Ways) -> Result<bool> {
    let Some(batch) = tray.gather(ask).await? else { return Ok(false) };
    let name = route.to.name.of(&format!("{:032x}", batch.id), batch.at);
    ways.put(&route.to.place, &name, content(&batch)).await?;
    tray.taken(batch.id, SystemClock.now()).await?;
    metrics::counter!("outcry_files_total", "result" => "written").increment(1);
    tracing::info!(contract.id = %route.slot, file = name, rows = batch.rows.len(), "a file was delivered");
    Ok(true)
}

/// The bytes of a file: the same each time for the same batch. Lines of CSV end with CR LF (RFC 4180).
fn content(batch: &Batch) -> Vec<u8> {
    let end: &[u8] = if batch.head.is_empty() { b"\n" } else { b"\r\n" };
    let head = Some(batch.head.as_bytes()).filter(|head| !head.is_empty());
    let lines = head.into_iter().chain(batch.rows.iter().map(Vec::as_slice));
    lines.flat_map(|line| [line, end]).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_the_clock_and_not_the_start_of_the_process() {
        for (now, every, due) in [(0, 15, 0), (899_999, 15, 0), (900_000, 15, 900_000), (86_399_999, 1_440, 0)] {
            assert_eq!(due_before(Moment::from_unix_ms(now), every).unix_ms(), due, "{now} {every}");
        }
    }

    #[test]
    fn a_file_is_its_head_and_its_rows() {
        let batch = |head: &str| Batch {
            id: 1,
            at: Moment::from_unix_ms(0),
            head: head.into(),
            rows: vec![b"1,2".to_vec(), b"3,4".to_vec()],
        };
        assert_eq!(content(&batch("a,b")), b"a,b\r\n1,2\r\n3,4\r\n");
        assert_eq!(content(&batch("")), b"1,2\n3,4\n");
    }
}
