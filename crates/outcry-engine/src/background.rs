//! Work that goes on behind settled leads: so much of it at once and no more, and an end at shutdown.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// One kind of such work.
pub(crate) struct Background {
    room: Arc<Semaphore>,
    room_max: u32,
    going_down: watch::Sender<bool>,
}

impl Background {
    /// For so many at once.
    pub(crate) fn of(room_max: u32) -> Self {
        Self {
            room: Arc::new(Semaphore::new(usize::try_from(room_max).unwrap_or(Semaphore::MAX_PERMITS))),
            room_max,
            going_down: watch::Sender::new(false),
        }
    }

    /// Begins a piece of work; false if there is no room for it, or no time.
    pub(crate) fn begin(&self, work: impl Future<Output = ()> + Send + 'static) -> bool {
        let Ok(room) = self.room.clone().try_acquire_owned() else {
            return false;
        };
        tokio::spawn(async move {
            work.await;
            drop(room);
        });
        true
    }

    /// Waits, for a piece of work that may be cut short here; false if the process is going down.
    pub(crate) async fn pause(&self, time: Duration) -> bool {
        let mut going_down = self.going_down.subscribe();
        tokio::time::timeout(time, going_down.wait_for(|down| *down)).await.is_err()
    }

    /// Begins nothing more, ends every pause, and resolves when all work has ended.
    pub(crate) async fn drain(&self) {
        self.going_down.send_replace(true);
        // Closed by nobody, so the only way this ends is that everybody has left the room.
        let _ = self.room.acquire_many(self.room_max).await;
        self.room.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::time::sleep;

    #[tokio::test(start_paused = true)]
    async fn there_is_room_for_so_many_and_a_drain_waits_for_them() {
        let (work, ended) = (Arc::new(Background::of(2)), Arc::<AtomicUsize>::default());
        let piece = || {
            let (work, ended) = (work.clone(), ended.clone());
            async move {
                while work.pause(Duration::from_mins(1)).await {}
                sleep(Duration::from_secs(1)).await;
                ended.fetch_add(1, Ordering::SeqCst);
            }
        };
        assert_eq!([work.begin(piece()), work.begin(piece()), work.begin(piece())], [true, true, false]);
        sleep(Duration::from_secs(200)).await;
        assert_eq!(ended.load(Ordering::SeqCst), 0);
        let begun = tokio::time::Instant::now();
        work.drain().await;
        assert_eq!((ended.load(Ordering::SeqCst), begun.elapsed().as_secs()), (2, 1));
        assert!(!work.begin(piece()), "nothing is begun any more");
    }
}
