//! Persons who must not be sold: on the list, or with their consent taken back. And when a post still leaves for one of them.

use super::{AttemptId, Facts, Instant, Intend, PersonKey};
use outcry_engine::ports::store::Withdrawal;
use std::time::Duration;

/// A post leaves within so long of its intent, and an intent is refused from the moment on.
const SEND_WINDOW: Duration = Duration::from_secs(2);

/// The person of an intent, under every name by which it may be kept from being sold.
pub(super) fn people_of(intend: &Intend) -> impl Iterator<Item = &PersonKey> {
    let entries = intend.lists.iter().flat_map(|check| &check.entries).map(|(entry, _)| entry);
    entries.chain(&intend.contacts)
}

impl Facts {
    /// A person is on the list from here on.
    pub(crate) fn suppressed(&mut self, people: &[PersonKey]) {
        let now = Instant::now();
        for person in people {
            self.suppressed.entry(*person).or_insert(now);
        }
    }

    /// A consent is taken back from here on.
    pub(crate) fn withdrawn(&mut self, withdrawal: &Withdrawal) {
        let now = Instant::now();
        for person in &withdrawal.people {
            self.withdrawn.entry((withdrawal.scope.clone(), *person)).or_insert(now);
        }
    }

    /// F14: the first byte of a post leaves, for the first time or again.
    pub(crate) fn leaves(&mut self, attempt: AttemptId, buyer: &str) {
        if let Some(since) = self.stopped_since(attempt)
            && since + SEND_WINDOW < Instant::now()
        {
            let text = format!("{attempt} left for {buyer} {:?} after its person had said no", since.elapsed());
            self.violate("F14", text);
        }
    }

    /// Since when the person of an attempt must not be sold.
    pub(crate) fn stopped_since(&self, attempt: AttemptId) -> Option<Instant> {
        let fact = self.attempts.get(&attempt)?;
        let listed = fact.people.iter().filter_map(|person| self.suppressed.get(person));
        let scopes = fact.stopped_in.iter();
        let pairs = scopes.flat_map(|scope| fact.people.iter().map(move |person| (scope.clone(), *person)));
        let withdrawn = pairs.filter_map(|pair| self.withdrawn.get(&pair));
        listed.chain(withdrawn).min().copied()
    }

    /// A buyer has called, and was told that its word is written down.
    pub(crate) fn called(&mut self, attempt: AttemptId, accepted: bool) {
        self.called.insert(attempt, accepted);
    }

    /// Whom a buyer has called about in vain: what it said is not what is written down.
    pub(crate) fn called_in_vain(&self) -> Vec<String> {
        let calls = self.called.iter();
        let in_vain = calls.filter_map(|(attempt, accepted)| {
            let stand = self.attempts.get(attempt)?.stand;
            let kept = if *accepted {
                super::Stand::Accepted
            } else {
                super::Stand::Rejected
            };
            (stand != kept).then(|| format!("the buyer called about {attempt} (accepted: {accepted}), and it is {stand:?}"))
        });
        in_vain.collect()
    }
}
