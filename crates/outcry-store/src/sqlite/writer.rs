//! The one thread that writes. It owns its connection, takes everything that waits, does it in the open transaction, and
//! answers when that is on the disk: in the journal at first, and in the database when everything goes home.
//!
//! Commit as soon as the last one is through, with whatever has gathered meanwhile: the slower the disk, the larger the
//! groups. Only when many auctions run at once does a group wait a millisecond for more. Tasks only wait for answers, so
//! a task that is dropped cuts nothing in two.

use super::accept::AcceptRow;
use super::delivery::QuoteRow;
use super::desk::Desk;
use super::errand::Errand;
use super::intent::IntendRow;
use super::outcome::SettleRow;
use super::queue::Queue;
use super::tray::{TrayDone, TrayOrder};
use super::trouble::{Concern, Trouble};
use super::wheels::TurnRow;
use crate::stored::{Input, Stored, Unreadable, choice};
use outcry_core::id::BootId;
use outcry_core::moment::Moment;
use outcry_core::wheel::Wheels;
use outcry_engine::ports::store::{Accepted, Delivery, Draw, Drew, Intended, ListChange, Recovery, Settled, StoreFault, Tell};
use rusqlite::Connection;
use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Most commands of one transaction: a bound on how long the first of them waits for the last.
const GROUP_MOST: usize = 512;

/// While groups are at least this large, many auctions run at once, and the next group may gather for a moment: each
/// commit costs a sync and the pages that every group touches, and all that ride in it share both.
const GATHER_FROM: usize = 4;
/// How long it gathers. A busy exchange waits this long three times for an auction whose buyers take hundreds of times
/// as long; an idle one never does. Figures for 0, 0.5, 1 and 2 ms are in docs/internals/performance.md.
const GATHER: Duration = Duration::from_millis(1);

/// How long readers may wait to see what was done: the longest that anything is in the journal alone.
const AWAY: Duration = Duration::from_millis(250);

/// Everything the writer can be asked for.
pub(super) enum Command {
    /// What trade is made of: many a second, each kept in the journal.
    Trade(Trade),
    /// Too much for the journal, and once in a while: the group that holds it goes into the database at once.
    ChangeList(Box<Job<ListChange, ()>>),
    /// The same: what waits in the tray is read at once by whoever writes files of it.
    Tray(Box<Job<TrayOrder, TrayDone>>),
    /// The same.
    Recover(Box<Job<(BootId, Moment, Tell), Recovery>>),
    /// The same: once in a while, and not trade.
    Errand(Box<dyn Errand>),
    /// A reader needs to see what was answered so far: everything goes home.
    Home(Box<Job<(), ()>>),
    /// A look at what is on its way, by the only connection that sees it.
    Look(Look),
}

/// What the journal keeps, and a start may have to do again.
pub(super) enum Trade {
    Accept(Box<Job<AcceptRow, Accepted>>),
    Intend(Box<Job<IntendRow, Intended>>),
    Turn(Box<Job<TurnRow, Wheels>>),
    Draw(Box<Job<Draw, Drew>>),
    Settle(Box<Job<SettleRow, Settled>>),
    Deliver(Box<Job<Delivery, ()>>),
    Quote(Box<Job<QuoteRow, ()>>),
}

choice! {
    Trade { 0 => Accept(job), 1 => Intend(job), 2 => Settle(job), 3 => Deliver(job), 4 => Quote(job), 5 => Turn(job), 6 => Draw(job) }
}

/// Looks when the group is on the disk, or hears why it is not.
pub(super) struct Look(Option<LookJob>);

type LookJob = Box<dyn FnOnce(Result<&mut Desk<'_>, StoreFault>) + Send>;

impl Look {
    pub(super) fn new(look: impl FnOnce(Result<&mut Desk<'_>, StoreFault>) + Send + 'static) -> Self {
        Self(Some(Box::new(look)))
    }
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

impl<I: Stored, O> Stored for Job<I, O> {
    fn put(&self, out: &mut Vec<u8>) {
        self.input.put(out);
    }

    /// The same again, with nobody waiting.
    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            input: I::take(input)?,
            output: None,
            reply: None,
        })
    }
}

impl Trade {
    pub(super) fn run(&mut self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        match self {
            Self::Accept(job) => job.output = Some(desk.accept(&job.input)?),
            Self::Intend(job) => job.output = Some(desk.intend(&job.input)?),
            Self::Turn(job) => job.output = Some(desk.turn(&mut job.input)?),
            Self::Draw(job) => job.output = Some(desk.draw(&job.input)?),
            Self::Settle(job) => job.output = Some(desk.settle(&job.input)?),
            Self::Deliver(job) => job.output = Some(desk.deliver(&job.input)?),
            Self::Quote(job) => job.output = Some(desk.keep_quote(&job.input)?),
        }
        Ok(())
    }

    fn tell(&mut self, result: Result<(), StoreFault>) {
        match self {
            Self::Accept(job) => job.tell(result),
            Self::Intend(job) => job.tell(result),
            Self::Turn(job) => job.tell(result),
            Self::Draw(job) => job.tell(result),
            Self::Settle(job) => job.tell(result),
            Self::Deliver(job) => job.tell(result),
            Self::Quote(job) => job.tell(result),
        }
    }
}

impl Command {
    fn run(&mut self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        match self {
            Self::Trade(trade) => trade.run(desk)?,
            Self::ChangeList(job) => job.output = Some(desk.change_list(&job.input)?),
            Self::Tray(job) => job.output = Some(desk.tray(&job.input)?),
            Self::Recover(job) => job.output = Some(desk.recover(job.input.0, job.input.1, &job.input.2)?),
            Self::Errand(errand) => errand.run(desk)?,
            Self::Home(job) => job.output = Some(()),
            Self::Look(_) => {}
        }
        Ok(())
    }

    /// What is left to do once the group is in the database.
    fn afterwards(&mut self, desk: &mut Desk<'_>) {
        if let Self::Errand(errand) = self {
            errand.afterwards(desk);
        }
    }

    fn goes_home(&self) -> bool {
        matches!(
            self,
            Self::ChangeList(_) | Self::Tray(_) | Self::Recover(_) | Self::Errand(_) | Self::Home(_)
        )
    }

    fn trade(&self) -> Option<&Trade> {
        match self {
            Self::Trade(trade) => Some(trade),
            Self::ChangeList(_) | Self::Tray(_) | Self::Recover(_) | Self::Errand(_) | Self::Home(_) | Self::Look(_) => None,
        }
    }

    fn tell(&mut self, desk: &mut Desk<'_>, result: Result<(), StoreFault>) {
        match self {
            Self::Trade(trade) => trade.tell(result),
            Self::ChangeList(job) => job.tell(result),
            Self::Tray(job) => job.tell(result),
            Self::Recover(job) => job.tell(result),
            Self::Errand(errand) => errand.tell(result),
            Self::Home(job) => job.tell(result),
            Self::Look(look) => {
                if let Some(look) = look.0.take() {
                    look(result.map(|()| desk));
                }
            }
        }
    }
}

/// What the writer lets others see of itself.
#[derive(Default)]
pub(super) struct Health {
    /// Why the store stopped for good, once it has.
    pub(super) broken: OnceLock<Arc<str>>,
    /// Groups put on the disk so far.
    pub(super) commits: AtomicU64,
    /// Do readers see everything that was answered?
    pub(super) at_home: AtomicBool,
}

/// Runs until the queue is closed or the store is broken.
pub(super) fn run(connection: &Connection, journal: File, queue: &Queue<Command>, health: &Health) {
    // However this thread ends, nobody may wait for it.
    let _closed = Abandon(queue);
    let stopped = Desk::new(connection, journal).and_then(|mut desk| serve(&mut desk, queue, health));
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
    let mut home_by = None;
    if !desk.journal.is_empty() {
        commit(desk, &mut [], true)?;
    }
    loop {
        health.at_home.store(desk.is_at_home(), Ordering::SeqCst);
        let patience = if GATHER_FROM <= last { GATHER } else { Duration::ZERO };
        let Some(mut group) = queue.take(GROUP_MOST, patience, home_by) else {
            if !desk.is_at_home() {
                commit(desk, &mut [], true)?;
            }
            return desk.close();
        };
        last = group.len();
        let home = home_by.is_some_and(|by| by <= Instant::now());
        health.at_home.store(false, Ordering::SeqCst);
        commit(desk, &mut group, home)?;
        home_by = (!desk.is_at_home()).then(|| home_by.filter(|_| !home).unwrap_or_else(|| Instant::now() + AWAY));
        health.commits.store(desk.syncs, Ordering::Relaxed);
    }
}

/// Does a group and answers it. An error here is the end of the store; all others are answered.
fn commit(desk: &mut Desk<'_>, group: &mut [Command], home: bool) -> Result<(), Trouble> {
    let Err(trouble) = transact(desk, group, home) else {
        tell(desk, group, &Ok(()));
        return Ok(());
    };
    let concern = trouble.concern();
    if concern == Concern::Store {
        tell(desk, group, &Err(trouble.fault()));
        return Err(trouble);
    }
    desk.roll_back()?;
    if concern == Concern::Command && group.len() > 1 {
        // One bad command must not take the others down: each for itself, and from the database, so that
        // the next bad one has nothing to be done again.
        commit(desk, &mut [], true)?;
        return group
            .iter_mut()
            .try_for_each(|command| commit(desk, std::slice::from_mut(command), home));
    }
    tracing::error!(error = %trouble, commands = group.len(), "the store could not do it; nothing of it was kept");
    tell(desk, group, &Err(trouble.fault()));
    Ok(())
}

fn tell(desk: &mut Desk<'_>, group: &mut [Command], result: &Result<(), StoreFault>) {
    for command in group {
        command.tell(desk, result.clone());
    }
}

/// Does a group in the open transaction, and puts it on the disk: into the journal, or with all before it into the
/// database.
fn transact(desk: &mut Desk<'_>, group: &mut [Command], home: bool) -> Result<(), Trouble> {
    let only_looks = !home && group.iter().all(|command| matches!(command, Command::Look(_)));
    if !only_looks || !desk.journal.is_empty() {
        desk.begin()?;
    }
    for command in group.iter_mut() {
        command.run(desk)?;
    }
    if only_looks {
        return Ok(());
    }
    if home || desk.journal.is_full() || group.iter().any(Command::goes_home) {
        desk.go_home()?;
        for command in group.iter_mut() {
            command.afterwards(desk);
        }
        return Ok(());
    }
    desk.keep(group.iter().filter_map(Command::trade))
}

/// Takes home what a process that was killed has left in the journal.
pub(super) fn bring_home(connection: &Connection, journal: File) -> Result<(), Trouble> {
    let mut desk = Desk::new(connection, journal)?;
    desk.begin()?;
    desk.go_home()
}
