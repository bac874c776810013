//! A bounded queue from many tasks to one thread, made for taking everything that waits at once.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(super) struct Queue<T> {
    inside: Mutex<Inside<T>>,
    ready: Condvar,
    room: usize,
}

struct Inside<T> {
    waiting: VecDeque<T>,
    closed: bool,
    /// Threads asleep in `take`: pushing costs a system call only if there is somebody to wake.
    asleep: usize,
}

/// Why the queue did not take it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Full,
    Closed,
}

impl<T> Queue<T> {
    pub(super) fn new(room: usize) -> Self {
        Self {
            inside: Mutex::new(Inside {
                waiting: VecDeque::new(),
                closed: false,
                asleep: 0,
            }),
            ready: Condvar::new(),
            room,
        }
    }

    pub(super) fn push(&self, item: T) -> Result<(), Refused> {
        let mut inside = self.lock();
        if inside.closed {
            return Err(Refused::Closed);
        }
        if inside.waiting.len() >= self.room {
            return Err(Refused::Full);
        }
        inside.waiting.push_back(item);
        let sleeper = inside.asleep > 0;
        drop(inside);
        if sleeper {
            self.ready.notify_one();
        }
        Ok(())
    }

    /// Waits for something, lets more gather for `patience`, and takes at most so many, oldest first. Nothing comes when
    /// nothing has come `until` then; `None` once the queue is closed and empty.
    pub(super) fn take(&self, at_most: usize, patience: Duration, until: Option<Instant>) -> Option<Vec<T>> {
        let mut inside = self.lock();
        while inside.waiting.is_empty() && !inside.closed {
            inside.asleep += 1;
            let timed_out;
            (inside, timed_out) = self.wait(inside, until);
            inside.asleep -= 1;
            if timed_out && inside.waiting.is_empty() {
                return Some(Vec::new());
            }
        }
        if inside.waiting.is_empty() {
            return None;
        }
        if !patience.is_zero() && !inside.closed && inside.waiting.len() < at_most {
            // Not counted as asleep: a push must not wake it, or gathering would cost what it saves.
            inside = self.ready.wait_timeout(inside, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
        let count = inside.waiting.len().min(at_most);
        Some(inside.waiting.drain(..count).collect())
    }

    fn wait<'a>(&self, inside: MutexGuard<'a, Inside<T>>, until: Option<Instant>) -> (MutexGuard<'a, Inside<T>>, bool) {
        match until {
            None => (self.ready.wait(inside).unwrap_or_else(PoisonError::into_inner), false),
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                let (inside, waited) = self.ready.wait_timeout(inside, left).unwrap_or_else(PoisonError::into_inner);
                (inside, waited.timed_out())
            }
        }
    }

    /// Takes nothing more in; what waits is still given out.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_all();
    }

    /// Closes the queue and drops what waits: whoever waits for an answer learns that there is none.
    pub(super) fn abandon(&self) {
        self.close();
        let dropped = std::mem::take(&mut self.lock().waiting);
        drop(dropped);
    }

    /// No code that can panic runs under the lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Inside<T>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_waits_in_order_and_refuses_what_is_too_much() {
        let queue = Queue::new(3);
        for item in 1..=3 {
            assert_eq!(queue.push(item), Ok(()));
        }
        assert_eq!(queue.push(4), Err(Refused::Full));
        assert_eq!(queue.take(2, Duration::ZERO, None), Some(vec![1, 2]));
        queue.close();
        assert_eq!(queue.push(5), Err(Refused::Closed));
        assert_eq!(queue.take(2, Duration::ZERO, None), Some(vec![3]));
        assert_eq!(queue.take(2, Duration::ZERO, None), None);
    }

    #[test]
    fn waits_no_longer_than_it_is_told_to() {
        let queue = Queue::<u8>::new(1);
        assert_eq!(queue.take(1, Duration::ZERO, Some(Instant::now())), Some(vec![]));
        assert_eq!(queue.push(1), Ok(()), "and is still open");
    }
}
