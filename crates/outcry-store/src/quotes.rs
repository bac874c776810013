//! Quotes between a ping and its post: in memory only, and forgotten some time after they expired.

use outcry_core::id::QuoteId;
use outcry_core::moment::Moment;
use outcry_engine::ports::store::Quote;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How long an expired quote is still known, so that a late post hears "expired" and not "lost".
const GRACE_MS: i64 = 30_000;

/// Most quotes kept. Each weighs some kilobytes; a source that pings a hundred thousand times a minute must not eat the machine.
const MOST: usize = 100_000;

/// The quotes that stand.
#[derive(Default)]
pub(crate) struct Quotes {
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    by_id: HashMap<QuoteId, Quote>,
    /// By arrival, which is nearly by expiry.
    order: VecDeque<(Moment, QuoteId)>,
}

impl Quotes {
    /// Keeps a quote, and forgets those that are long over by now.
    pub(crate) fn keep(&self, quote: Quote, now: Moment) {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let Inside { by_id, order } = &mut *inside;
        while let Some((expires, id)) = order.front() {
            if order.len() < MOST && now.since_ms(*expires) < GRACE_MS {
                break;
            }
            by_id.remove(id);
            order.pop_front();
        }
        let (id, expires) = (quote.id, quote.expires);
        if by_id.insert(id, quote).is_none() {
            order.push_back((expires, id));
        }
    }

    /// Forgets those that are so: the post of one hears that its quote is lost.
    pub(crate) fn forget(&self, is_so: impl Fn(&Quote) -> bool) {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.by_id.retain(|_, quote| !is_so(quote));
    }

    pub(crate) fn get(&self, id: QuoteId) -> Option<Quote> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner).by_id.get(&id).cloned()
    }
}
