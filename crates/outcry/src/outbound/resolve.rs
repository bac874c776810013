//! Looks names up, remembers the addresses for a minute, and asks once however many want to know.
//!
//! The system's resolver blocks a thread and may take seconds; an auction has milliseconds. So an outdated answer is
//! served at once while a new one is fetched behind it, and the last good answer outlives a resolver that fails.

use outcry_engine::ports::Later;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long an answer is good.
const FRESH: Duration = Duration::from_mins(1);
/// How old an answer may be that is used without waiting for a new one.
const STALE: Duration = Duration::from_mins(10);
/// How long a failure is believed before the next look-up.
const FAILED: Duration = Duration::from_secs(1);
/// Names remembered; a buyer has one or two.
const NAMES_MAX: usize = 4096;

/// Asks somebody who knows, such as the system.
pub(super) type LookUp = Box<dyn Fn(Arc<str>) -> Later<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// A look-up with a memory.
pub(super) struct Resolver {
    look_up: LookUp,
    names: Mutex<HashMap<Arc<str>, Arc<Name>>>,
}

#[derive(Default)]
struct Name {
    known: Mutex<Known>,
    changed: Notify,
}

#[derive(Default)]
struct Known {
    good: Option<(Arc<[IpAddr]>, Instant)>,
    failed: Option<(Arc<str>, Instant)>,
    asking: bool,
}

impl Resolver {
    pub(super) fn new(look_up: LookUp) -> Self {
        Self {
            look_up,
            names: Mutex::default(),
        }
    }

    /// The system's resolver: the hosts file, then DNS as the machine is configured.
    pub(super) fn of_the_system() -> Self {
        Self::new(Box::new(|host| {
            Box::pin(async move { Ok(tokio::net::lookup_host((&*host, 0)).await?.map(|address| address.ip()).collect()) })
        }))
    }

    /// The addresses of a name, at least one.
    ///
    /// # Errors
    /// If it was never found, or not in a long time: why, in words.
    pub(super) async fn addresses(&self, host: &Arc<str>) -> Result<Arc<[IpAddr]>, Arc<str>> {
        let name = self.name(host);
        loop {
            let changed = name.changed.notified();
            let mut changed = std::pin::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = self.at_hand(host, &name) {
                return found;
            }
            changed.await;
        }
    }

    fn name(&self, host: &Arc<str>) -> Arc<Name> {
        let mut names = locked(&self.names);
        if names.len() >= NAMES_MAX && !names.contains_key(host) {
            names.retain(|_, name| Arc::strong_count(name) > 1);
        }
        Arc::clone(names.entry(Arc::clone(host)).or_default())
    }

    /// What can be said without waiting. Sees to it that somebody is asking where it matters.
    fn at_hand(&self, host: &Arc<str>, name: &Arc<Name>) -> Option<Result<Arc<[IpAddr]>, Arc<str>>> {
        let mut known = locked(&name.known);
        let now = Instant::now();
        let age = known.good.as_ref().map(|(_, at)| now - *at);
        let failed = known
            .failed
            .as_ref()
            .filter(|(_, at)| now - *at < FAILED)
            .map(|(why, _)| Arc::clone(why));
        if age.is_none_or(|age| age >= FRESH) && failed.is_none() && !known.asking {
            known.asking = true;
            tokio::spawn(ask(Arc::clone(name), (self.look_up)(Arc::clone(host))));
        }
        match (&known.good, failed) {
            (Some((addresses, at)), None) if now - *at < STALE => Some(Ok(Arc::clone(addresses))),
            (Some((addresses, _)), Some(_)) => Some(Ok(Arc::clone(addresses))),
            (None, Some(why)) => Some(Err(why)),
            _ => None,
        }
    }
}

async fn ask(name: Arc<Name>, look_up: Later<'static, io::Result<Vec<IpAddr>>>) {
    let found = look_up.await;
    let mut known = locked(&name.known);
    let now = Instant::now();
    known.asking = false;
    match found {
        Ok(addresses) if addresses.is_empty() => known.failed = Some(("the name has no address".into(), now)),
        Ok(addresses) => {
            known.good = Some((addresses.into(), now));
            known.failed = None;
        }
        Err(fault) => known.failed = Some((fault.to_string().into(), now)),
    }
    drop(known);
    name.changed.notify_waiters();
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

    /// A resolver whose answer is 10.0.0.x, or a failure while x is 0; and how often it was asked.
    fn scripted() -> (Resolver, Arc<AtomicU8>, Arc<AtomicUsize>) {
        let (last, asked) = (Arc::new(AtomicU8::new(1)), Arc::new(AtomicUsize::new(0)));
        let (x, count) = (Arc::clone(&last), Arc::clone(&asked));
        let resolver = Resolver::new(Box::new(move |_| {
            let (x, count) = (Arc::clone(&x), Arc::clone(&count));
            Box::pin(async move {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(20)).await;
                match x.load(Ordering::Relaxed) {
                    0 => Err(io::Error::other("no such host")),
                    last => Ok(vec![IpAddr::from([10, 0, 0, last])]),
                }
            })
        }));
        (resolver, last, asked)
    }

    async fn found(resolver: &Resolver) -> String {
        match resolver.addresses(&"buyer.test".into()).await {
            Ok(addresses) => addresses[0].to_string(),
            Err(why) => why.to_string(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_at_once_cause_one_look_up_a_minute() {
        let (resolver, _, asked) = scripted();
        for _ in 0..3 {
            let all = futures_util::future::join_all((0..50).map(|_| found(&resolver))).await;
            assert!(all.iter().all(|address| address == "10.0.0.1"));
            tokio::time::advance(Duration::from_secs(29)).await;
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_outdated_answer_is_served_at_once_and_renewed_behind_it() {
        let (resolver, last, _) = scripted();
        assert_eq!(found(&resolver).await, "10.0.0.1");
        last.store(2, Ordering::Relaxed);
        tokio::time::advance(Duration::from_secs(61)).await;
        let before = Instant::now();
        assert_eq!(found(&resolver).await, "10.0.0.1");
        assert_eq!(before.elapsed(), Duration::ZERO);
        tokio::time::sleep(Duration::from_millis(25)).await;
        assert_eq!(found(&resolver).await, "10.0.0.2");
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_answer_is_waited_for_and_serves_when_the_look_up_fails() {
        let (resolver, last, _) = scripted();
        assert_eq!(found(&resolver).await, "10.0.0.1");
        last.store(2, Ordering::Relaxed);
        tokio::time::advance(Duration::from_secs(601)).await;
        assert_eq!(found(&resolver).await, "10.0.0.2", "too old to be used blindly");
        last.store(0, Ordering::Relaxed);
        tokio::time::advance(Duration::from_mins(100)).await;
        assert_eq!(found(&resolver).await, "10.0.0.2", "better than nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_believed_for_a_second() {
        let (resolver, last, asked) = scripted();
        last.store(0, Ordering::Relaxed);
        for _ in 0..10 {
            assert_eq!(found(&resolver).await, "no such host");
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        last.store(3, Ordering::Relaxed);
        tokio::time::advance(FAILED).await;
        assert_eq!(found(&resolver).await, "10.0.0.3");
    }
}
