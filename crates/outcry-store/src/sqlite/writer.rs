//! The one thread that writes. It owns its connection, takes everything that waits, does it in one transaction, and
//! answers when that is on the disk.
//!
//! Commit as soon as the last one is through, with whatever has gathered meanwhile: the slower the disk, the larger the
//! groups. Only when many auctions run at once does a group wait a millisecond for more. Tasks only wait for answers, so
//! a task that is dropped cuts nothing in two.

use super::accept::AcceptRow;
use super::delivery::{QuoteRow, SuppressRow};
use super::desk::Desk;
use super::outcome::SettleRow;
use super::queue::Queue;
use super::trouble::{Concern, Trouble};
use outcry_core::id::BootId;
use outcry_core::moment::Moment;
use outcry_engine::ports::store::{Accepted, Delivery, Intend, Intended, Recovery, Settled, StoreFault};
use rusqlite::Connection;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::oneshot;

/// Most commands of one transaction: a bound on how long the first of them waits for the last.
const GROUP_MOST: usize = 512;

/// While groups are at least this large, many auctions run at once, and the next group may gather for a moment: each
/// commit costs a sync and the pages that every group touches, and all that ride in it share both.
const GATHER_FROM: usize = 4;
/// How long it gathers. A busy exchange waits this long three times for an auction whose buyers take hundreds of times
/// as long; an idle one never does. Figures for 0, 0.5, 1 and 2 ms are in docs/internals/performance.md.
const GATHER: Duration = Duration::from_millis(1);

/// Everything the writer can be asked for.
pub(super) enum Command {
    Accept(Box<Job<AcceptRow, Accepted>>),
    Intend(Box<Job<Intend, Intended>>),
    Settle(Box<Job<SettleRow, Settled>>),
    Deliver(Box<Job<Delivery, ()>>),
    Quote(Box<Job<QuoteRow, ()>>),
    Suppress(Box<Job<SuppressRow, ()>>),
    Recover(Box<Job<(BootId, Moment), Recovery>>),
}

/// A command, its result once it has one, and whom to tell.
pub(super) struct Job<I, O> {
    input: I,
    output: Option<O>,
    reply: Option<Reply<O>>,
}

pub(super) type Reply<O> = oneshot::Sender<Result<O, StoreFault>>;

impl<I, O> Job<I, O> {
    pub(super) fn new(input: I) -> (Box<Self>, oneshot::Receiver<Result<O, StoreFault>>) {
        let (reply, answer) = oneshot::channel();
        (
            Box::new(Self {
                input,
                output: None,
                reply: Some(reply),
            }),
            answer,
        )
    }

    /// A caller that has gone away is not waiting: a closed channel is no error.
    fn tell(&mut self, result: Result<(), StoreFault>) {
        let output = self.output.take();
        if let (Some(reply), Some(result)) = (self.reply.take(), result.map(|()| output).transpose()) {
            let _gone = reply.send(result);
        }
    }
}

impl Command {
    fn run(&mut self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        match self {
            Self::Accept(job) => job.output = Some(desk.accept(&job.input)?),
            Self::Intend(job) => job.output = Some(desk.intend(&job.input)?),
            Self::Settle(job) => job.output = Some(desk.settle(&job.input)?),
            Self::Deliver(job) => job.output = Some(desk.deliver(&job.input)?),
            Self::Quote(job) => job.output = Some(desk.keep_quote(&job.input)?),
            Self::Suppress(job) => job.output = Some(desk.suppress(&job.input)?),
            Self::Recover(job) => job.output = Some(desk.recover(job.input.0, job.input.1)?),
        }
        Ok(())
    }

    fn tell(&mut self, result: Result<(), StoreFault>) {
        match self {
            Self::Accept(job) => job.tell(result),
            Self::Intend(job) => job.tell(result),
            Self::Settle(job) => job.tell(result),
            Self::Deliver(job) => job.tell(result),
            Self::Quote(job) => job.tell(result),
            Self::Suppress(job) => job.tell(result),
            Self::Recover(job) => job.tell(result),
        }
    }
}

/// What the writer lets others see of itself.
#[derive(Default)]
pub(super) struct Health {
    /// Why the store stopped for good, once it has.
    pub(super) broken: OnceLock<Arc<str>>,
    /// Groups committed so far.
    pub(super) commits: AtomicU64,
}

/// Runs until the queue is closed or the store is broken.
pub(super) fn run(connection: &Connection, queue: &Queue<Command>, health: &Health) {
    // However this thread ends, nobody may wait for it.
    let _closed = Abandon(queue);
    let stopped = Desk::new(connection).and_then(|mut desk| serve(&mut desk, queue, health));
    if let Err(trouble) = stopped {
        tracing::error!(error = %trouble, "the store stops: nothing more is taken in");
        let _first = health.broken.set(trouble.to_string().into());
    }
}

struct Abandon<'a>(&'a Queue<Command>);

impl Drop for Abandon<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

fn serve(desk: &mut Desk<'_>, queue: &Queue<Command>, health: &Health) -> Result<(), Trouble> {
    let mut last = 0;
    loop {
        let patience = if GATHER_FROM <= last { GATHER } else { Duration::ZERO };
        let mut group = queue.take(GROUP_MOST, patience);
        if group.is_empty() {
            return Ok(());
        }
        last = group.len();
        commit(desk, &mut group)?;
        health.commits.fetch_add(1, Ordering::Relaxed);
    }
}

/// Does a group and answers it. An error here is the end of the store; all others are answered.
fn commit(desk: &mut Desk<'_>, group: &mut [Command]) -> Result<(), Trouble> {
    let Err(trouble) = transact(desk, group) else {
        tell(group, &Ok(()));
        return Ok(());
    };
    let concern = trouble.concern();
    if concern == Concern::Store {
        tell(group, &Err(trouble.fault()));
        return Err(trouble);
    }
    roll_back(desk)?;
    if concern == Concern::Command && group.len() > 1 {
        // One bad command must not take the others down: each for itself.
        return group.iter_mut().try_for_each(|command| commit(desk, std::slice::from_mut(command)));
    }
    tracing::error!(error = %trouble, commands = group.len(), "the store could not do it; nothing of it was kept");
    tell(group, &Err(trouble.fault()));
    Ok(())
}

fn tell(group: &mut [Command], result: &Result<(), StoreFault>) {
    for command in group {
        command.tell(result.clone());
    }
}

fn transact(desk: &mut Desk<'_>, group: &mut [Command]) -> Result<(), Trouble> {
    desk.sql.begin.execute(())?;
    for command in group.iter_mut() {
        command.run(desk)?;
    }
    desk.write_counters()?;
    desk.write_tally()?;
    desk.sql.commit.execute(())?;
    Ok(())
}

/// A full disk may have rolled the transaction back already.
fn roll_back(desk: &mut Desk<'_>) -> Result<(), Trouble> {
    if !desk.connection.is_autocommit() {
        desk.connection.execute_batch("ROLLBACK")?;
    }
    desk.forget()
}
