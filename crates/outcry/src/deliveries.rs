//! How posts leave: over HTTP and SMTP at once, or through the tray, where they wait for a buyer or for a file.
//!
//! An item that is durable in the tray is delivered as far as the auction is concerned. What takes it from there is slower
//! than any deadline, and cannot lose it.

mod folder;
mod writer;

pub(crate) use folder::Folders;
pub(crate) use writer::{Ways, check, run};

use crate::clock::SystemClock;
use crate::outbound::Client;
use outcry_core::id::AttemptId;
use outcry_engine::ports::Later;
use outcry_engine::ports::clock::Clock;
use outcry_engine::ports::outbound::{Call, CallEnd, LateListener, NotSent, Outbound};
use outcry_engine::ports::store::StoreFault;
use outcry_engine::ports::tray::{Tray, TrayItem};
use outcry_integration::book::Book;
use outcry_integration::{Item, Outgoing, RawAnswer};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

/// Carries every kind of post.
pub(crate) struct Carrier {
    client: Arc<Client>,
    tray: Arc<dyn Tray>,
    book: Arc<Book>,
}

/// What an item in the tray is answered with, and what its verdict is read from.
const PLACED: u16 = 202;

impl Carrier {
    pub(crate) fn new(client: Arc<Client>, tray: Arc<dyn Tray>, book: Arc<Book>) -> Self {
        Self { client, tray, book }
    }

    async fn place(&self, item: Item, contract: usize, until: Instant, late: Option<LateListener>) -> CallEnd {
        let contracts = self.book.catalog.campaigns.iter().flat_map(|campaign| &campaign.contracts);
        let Some(contract) = contracts.into_iter().find(|known| known.index == contract) else {
            return CallEnd::NotSent(NotSent::Forbidden("there is no such contract".into()));
        };
        let item = TrayItem {
            attempt: item.attempt,
            slot: slot(contract.name.as_str(), item.test),
            at: SystemClock.now(),
            head: item.head,
            body: item.body,
        };
        let (tray, begun) = (Arc::clone(&self.tray), Instant::now());
        // On a task of its own: whoever stops waiting for it does not stop it.
        let mut placing = tokio::spawn(async move { placed(tray.place(item).await, begun.elapsed()) });
        if let Ok(end) = timeout_at(until, &mut placing).await {
            return joined(end);
        }
        tokio::spawn(tell(placing, late));
        CallEnd::Late
    }
}

impl Outbound for Carrier {
    /// What waits in the tray is known here: it was put there, or it never left.
    fn arrived<'a>(&'a self, contract: &'a str, attempt: AttemptId) -> Later<'a, Option<bool>> {
        let contracts = self.book.catalog.campaigns.iter().flat_map(|campaign| &campaign.contracts);
        let known = contracts.into_iter().find(|known| known.name.as_str() == contract);
        let waits = known.is_some_and(|known| {
            let binding = self.book.binding(known);
            binding.integration.has_inbox() || binding.integration.drop_off(&binding.params).is_some()
        });
        Box::pin(async move { if waits { self.tray.has(attempt).await.ok() } else { None } })
    }

    fn call(&self, mut call: Call) -> Later<'_, CallEnd> {
        match call.request {
            Outgoing::Inbox(item) | Outgoing::Row(item) => Box::pin(self.place(item, call.contract, call.until, call.late.take())),
            Outgoing::Http(_) | Outgoing::Mail(_) => self.client.call(call),
        }
    }
}

async fn tell(placing: JoinHandle<CallEnd>, late: Option<LateListener>) {
    let end = joined(placing.await);
    if let Some(late) = late {
        late(end);
    }
}

fn joined(end: Result<CallEnd, tokio::task::JoinError>) -> CallEnd {
    end.unwrap_or_else(|_| CallEnd::Broken {
        why: "the item was on its way into the tray when the process stopped".into(),
        took: Duration::ZERO,
    })
}

fn placed(placed: Result<(), StoreFault>, took: Duration) -> CallEnd {
    match placed {
        Ok(()) => CallEnd::Answered {
            answer: RawAnswer {
                status: PLACED,
                headers: Vec::new(),
                body: Vec::new(),
            },
            took,
        },
        // Of these two nothing was kept.
        Err(fault @ (StoreFault::Full | StoreFault::Busy)) => CallEnd::NotSent(NotSent::Unreachable(fault.to_string().into())),
        Err(fault @ StoreFault::Broken(_)) => CallEnd::Broken {
            why: fault.to_string().into(),
            took,
        },
    }
}

/// Where a contract's items lie. Tests never share a file with live leads.
pub(crate) fn slot(contract: &str, test: bool) -> Arc<str> {
    if test { format!("{contract}/test").into() } else { contract.into() }
}
