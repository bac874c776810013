//! Logins: what a buyer gave us to show, fetched once for all who need it.
//!
//! Many calls may need a login at one moment. One of them fetches it and the others wait, each as long as its own time
//! lasts; the fetch goes on without them. Time here is monotonic: a clock that is set back must not make an old token
//! young. What is kept is keyed by what the login speaks, so a contract with other credentials never finds it.

use outcry_integration::{Kept, LoginKey};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// A login is not shown in the last tenth of its life: a call takes time, and clocks differ.
const MARGIN_PART: u32 = 10;
/// Nor longer than this before its end.
const MARGIN_MAX: Duration = Duration::from_secs(30);
/// After a failure nobody asks for so long; twice as long after each further one.
const REST: Duration = Duration::from_secs(1);
const REST_MAX: Duration = Duration::from_secs(30);
/// A buyer that refuses what it has given a moment ago will refuse the next one too.
const JUST_GIVEN: Duration = Duration::from_secs(5);
/// What is over is forgotten when there are so many.
const SWEEP_AT: usize = 256;

/// What is shown to the buyer, and which of its kind it is.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) kept: Kept,
    /// Counts the logins under one key; whoever says that one is over says which.
    pub(crate) serial: u64,
}

/// What a fetch brought.
pub(crate) struct Granted {
    pub(crate) kept: Kept,
    /// From the moment it was asked for.
    pub(crate) good_for: Duration,
}

/// A login, or why there is none.
pub(crate) type Got = Result<Login, Arc<str>>;

/// The logins of this process.
#[derive(Default)]
pub(crate) struct Logins {
    entries: Mutex<HashMap<LoginKey, Entry>>,
}

#[derive(Default)]
struct Entry {
    held: Option<Held>,
    under_way: Option<Waiting>,
    /// Until when nobody asks after a failure, and what it was.
    rest: Option<(Instant, Arc<str>)>,
    failures: u32,
    serial: u64,
}

struct Held {
    login: Login,
    begun: Instant,
    /// From here on it is fetched anew while it is still shown.
    fresh_until: Instant,
    good_until: Instant,
}

type Waiting = watch::Receiver<Option<Got>>;

/// What is known at one moment.
enum Look {
    /// There is a login, or there will be none for a while.
    Known(Got),
    /// Somebody is fetching it.
    Wait(Waiting),
    /// It is this caller's to fetch, and meanwhile the old one may still be shown.
    Fetch(watch::Sender<Option<Got>>, Option<Login>),
}

impl Logins {
    /// The login under a key, fetched if there is none that is good. `over` is the serial of one that the buyer no
    /// longer takes.
    ///
    /// # Errors
    /// Why there is none by `until`, for people.
    pub(crate) async fn get<F>(self: &Arc<Self>, key: LoginKey, over: Option<u64>, until: Instant, fetch: impl FnOnce() -> F) -> Got
    where
        F: Future<Output = Result<Granted, Arc<str>>> + Send + 'static,
    {
        let mut waiting = match self.look(key, over) {
            Look::Known(got) => return got,
            Look::Wait(waiting) => waiting,
            Look::Fetch(tell, meanwhile) => {
                let waiting = tell.subscribe();
                self.begin(key, tell, fetch());
                match meanwhile {
                    Some(login) => return Ok(login),
                    None => waiting,
                }
            }
        };
        let got = match timeout_at(until, waiting.wait_for(Option::is_some)).await {
            Ok(Ok(got)) => got.clone(),
            Ok(Err(_)) => None,
            Err(_) => Some(Err("there was no answer in time".into())),
        };
        got.unwrap_or_else(|| Err("it broke off".into()))
    }

    /// What is shown under a key just now, if anything.
    pub(crate) fn shown(&self, key: LoginKey) -> Option<Kept> {
        let entries = self.entries();
        entries.get(&key)?.held.as_ref().map(|held| held.login.kept.clone())
    }

    fn look(&self, key: LoginKey, over: Option<u64>) -> Look {
        let now = Instant::now();
        let mut entries = self.entries();
        if SWEEP_AT <= entries.len() && !entries.contains_key(&key) {
            entries.retain(|_, entry| entry.is_of_use(now));
        }
        let entry = entries.entry(key).or_default();
        let is_over = |held: &&Held| over == Some(held.login.serial);
        let good = entry.held.as_ref().filter(|held| now < held.good_until && !is_over(held));
        if let Some(fresh) = good.filter(|held| now < held.fresh_until) {
            return Look::Known(Ok(fresh.login.clone()));
        }
        let shown = good.map(|held| held.login.clone());
        // A fetch whose task has died will never tell anything.
        if let Some(waiting) = entry.under_way.clone().filter(|waiting| waiting.has_changed().is_ok()) {
            return shown.map_or(Look::Wait(waiting), |login| Look::Known(Ok(login)));
        }
        if let Some((_, why)) = entry.rest.as_ref().filter(|(until, _)| now < *until) {
            return Look::Known(shown.ok_or_else(|| why.clone()));
        }
        if entry
            .held
            .as_ref()
            .filter(is_over)
            .is_some_and(|held| now < held.begun + JUST_GIVEN)
        {
            return Look::Known(Err("the buyer does not take the login it has only just given".into()));
        }
        let (tell, waiting) = watch::channel(None);
        entry.under_way = Some(waiting);
        Look::Fetch(tell, shown)
    }

    /// Fetches in a task of its own: whoever asked may stop waiting.
    fn begin<F>(self: &Arc<Self>, key: LoginKey, tell: watch::Sender<Option<Got>>, fetch: F)
    where
        F: Future<Output = Result<Granted, Arc<str>>> + Send + 'static,
    {
        let (logins, begun) = (self.clone(), Instant::now());
        tokio::spawn(async move {
            let granted = fetch.await;
            let got = logins.entries().entry(key).or_default().end(begun, granted);
            tell.send_replace(Some(got));
        });
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<LoginKey, Entry>> {
        self.entries.lock().expect("nothing panics while it holds the logins")
    }
}

impl Entry {
    /// A fetch has ended.
    fn end(&mut self, begun: Instant, granted: Result<Granted, Arc<str>>) -> Got {
        self.under_way = None;
        match granted {
            Ok(Granted { kept, good_for }) => {
                self.serial += 1;
                (self.failures, self.rest) = (0, None);
                let login = Login { kept, serial: self.serial };
                let margin = (good_for / MARGIN_PART).min(MARGIN_MAX);
                self.held = Some(Held {
                    login: login.clone(),
                    begun,
                    fresh_until: begun + good_for.saturating_sub(margin * 2),
                    good_until: begun + good_for.saturating_sub(margin),
                });
                Ok(login)
            }
            Err(why) => {
                let rest = REST.saturating_mul(1 << self.failures.min(10)).min(REST_MAX);
                self.failures = self.failures.saturating_add(1);
                self.rest = Some((Instant::now() + rest, why.clone()));
                Err(why)
            }
        }
    }

    fn is_of_use(&self, now: Instant) -> bool {
        let good = self.held.as_ref().is_some_and(|held| now < held.good_until);
        let resting = self.rest.as_ref().is_some_and(|(until, _)| now < *until);
        good || resting || self.under_way.is_some()
    }
}

#[cfg(test)]
mod tests;
