//! How much room there is on the disk. Below a mark no new lead is let in, so that there is room left for what is under way:
//! a sale that cannot be written down is worse than a lead that was not taken.

use super::admission::Admission;
use rustix::fs::statvfs;
use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::time::Duration;

/// How often it is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Closes the door while fewer bytes than this are free where the data lies, and opens it again. Ends with the exchange.
pub(crate) async fn watch(folder: PathBuf, least: u64, admission: Weak<Admission>) {
    let mut shut = false;
    loop {
        let Some(door) = admission.upgrade() else { return };
        let free = free(&folder);
        let now = free.is_some_and(|free| free < least);
        if now != shut {
            shut = now;
            door.shut(shut);
            let (folder, free_mb) = (folder.display(), free.unwrap_or(0) >> 20);
            if shut {
                tracing::error!(%folder, free_mb, least_mb = least >> 20, "the disk is nearly full: no new leads until there is room");
            } else {
                tracing::warn!(%folder, free_mb, "there is room on the disk again: leads are taken");
            }
        }
        drop(door);
        tokio::time::sleep(LOOK).await;
    }
}

/// Bytes that this user may still write there; nothing if nobody can say.
pub(crate) fn free(folder: &Path) -> Option<u64> {
    let found = statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}
