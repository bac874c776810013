//! The store in one SQLite file: one thread writes, a few read, and callers only wait.

mod accept;
mod audit;
mod case;
mod claims;
mod consent;
mod counters;
mod delivery;
mod desk;
mod draw;
mod errand;
mod intent;
mod journal;
mod leads;
mod open;
mod outcome;
mod persons;
mod queue;
mod read;
mod reader;
mod recover;
mod rewrap;
mod statements;
mod suspects;
mod sweep;
#[cfg(test)]
mod tests;
mod tray;
mod trouble;
mod wheels;
mod writer;

use crate::quotes::Quotes;
use crate::stored::{self, Contents};
use crate::vault::Vault;
use accept::{AcceptRow, request_id};
pub use audit::{Act, AuditEntry, AuditFault, AuditHead, AuditKey};
use delivery::QuoteRow;
use desk::Desk;
use intent::IntendRow;
use open::Folder;
pub use open::OpenFault;
use outcome::SettleRow;
use outcry_core::catalog::Catalog;
use outcry_core::id::{AttemptId, BootId, LeadId, QuoteId};
use outcry_core::lead::Lead;
use outcry_core::moment::Moment;
use outcry_core::record::{Record, Subject};
use outcry_core::wheel::Wheels;
use outcry_engine::ports::Later;
use outcry_engine::ports::store::{
    Accept, Accepted, Books, Counter, Delivery, Draw, Drew, IdempotencyKey, InReview, Intend, Intended, LeadCase, LeadStanding, ListChange,
    Message, Objections, OpenAttempt, PersonKey, Quote, Recovery, Refusal, Replay, RouteDay, Settle, Settled, Store, StoreFault, Tell,
    Turn, Waiting, Withdrawal,
};
pub use persons::{Erase, Erased, FoundAttempt, FoundLead, Notice};
use queue::{Queue, Refused};
pub use reader::Reader;
pub use rewrap::check_file;
use rusqlite::Connection;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::oneshot;
use trouble::Trouble;
use wheels::TurnRow;
use writer::{Command, Health, Job, Look, Trade};

/// Most commands that may wait for the writer: two seconds of a busy exchange, beyond which waiting longer helps nobody.
const WRITES_WAITING: usize = 8192;
const READS_WAITING: usize = 1024;
const READERS: usize = 2;

/// The store in a data folder. Dropping it waits until everything that was taken in is on the disk.
pub struct Sqlite {
    vault: Arc<Vault>,
    quotes: Quotes,
    writes: Arc<Queue<Command>>,
    reads: Arc<Queue<read::Job>>,
    health: Arc<Health>,
    readers: Vec<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
    /// Last, so that the folder is let go when the threads have ended.
    _folder: Folder,
}

impl Sqlite {
    /// Opens a data folder, or makes a new one, and takes it for this process alone.
    ///
    /// # Errors
    /// An [`OpenFault`] that names the folder and says what to do about it.
    pub fn open(folder: &Path, vault: Vault) -> Result<Self, OpenFault> {
        let folder = Folder::lock(folder)?;
        let writer = folder.writer()?;
        Self::start(folder, writer, vault)
    }

    fn start(folder: Folder, (connection, journal): (Connection, File), vault: Vault) -> Result<Self, OpenFault> {
        let (writes, reads, health) = (
            Arc::new(Queue::new(WRITES_WAITING)),
            Arc::new(Queue::new(READS_WAITING)),
            Arc::<Health>::default(),
        );
        // All connections first: a thread that has started must not be left behind by a fault.
        let connections: Vec<Connection> = (0..READERS).map(|_| folder.reader()).collect::<Result<_, _>>()?;
        let start_reading = |connection| {
            let reads = reads.clone();
            spawn("outcry-reader", move || read_all(&connection, &reads))
        };
        let readers = connections.into_iter().map(start_reading).collect();
        let (queue, shown) = (writes.clone(), health.clone());
        Ok(Self {
            writer: Some(spawn("outcry-writer", move || writer::run(&connection, journal, &queue, &shown))),
            vault: Arc::new(vault),
            quotes: Quotes::default(),
            writes,
            reads,
            health,
            readers,
            _folder: folder,
        })
    }

    /// Groups put on the disk so far, and homecomings: each is one sync.
    pub fn commits(&self) -> u64 {
        self.health.commits.load(Ordering::Relaxed)
    }

    /// Asks the writer, and waits until the answer is on the disk.
    async fn write<I, O>(&self, input: I, command: impl FnOnce(Box<Job<I, O>>) -> Command) -> Result<O, StoreFault> {
        let (job, answer) = Job::new(input);
        self.writes.push(command(job)).map_err(|refused| self.refusal(&refused))?;
        answer.await.unwrap_or_else(|_| Err(self.stopped()))
    }

    /// Asks the writer for something that trade is made of.
    async fn trade<I, O>(&self, input: I, trade: fn(Box<Job<I, O>>) -> Trade) -> Result<O, StoreFault> {
        self.write(input, |job| Command::Trade(trade(job))).await
    }

    /// Has a quick look with the writer's connection, because what is asked for is often but a moment old.
    async fn look<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Desk<'_>) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let (reply, answer) = oneshot::channel();
        let look = Look::new(move |desk| {
            let _gone = reply.send(desk.and_then(|desk| read(desk).map_err(|trouble| trouble.fault())));
        });
        self.writes.push(Command::Look(look)).map_err(|refused| self.refusal(&refused))?;
        answer.await.unwrap_or_else(|_| Err(self.stopped()))
    }

    /// Asks a reader, who sees everything that was answered before.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, StoreFault> {
        if self.health.broken.get().is_some() {
            return Err(self.stopped());
        }
        if !self.health.at_home.load(Ordering::SeqCst) {
            self.write((), Command::Home).await?;
        }
        let (reply, answer) = oneshot::channel();
        let job = move |connection: &Connection| {
            let _gone = reply.send(read(connection).map_err(|trouble| trouble.fault()));
        };
        self.reads.push(Box::new(job)).map_err(|refused| self.refusal(&refused))?;
        answer.await.unwrap_or_else(|_| Err(self.stopped()))
    }

    fn refusal(&self, refused: &Refused) -> StoreFault {
        match refused {
            Refused::Full => StoreFault::Busy,
            Refused::Closed => self.stopped(),
        }
    }

    fn stopped(&self) -> StoreFault {
        StoreFault::Broken(
            self.health
                .broken
                .get()
                .cloned()
                .unwrap_or_else(|| "a thread of the store ended by itself".into()),
        )
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // The writer last: whoever closes the database last brings the log home, and a reader may not.
        self.reads.close();
        for reader in self.readers.drain(..) {
            let _panicked = reader.join();
        }
        self.writes.close();
        if let Some(writer) = self.writer.take() {
            let _panicked = writer.join();
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    thread::Builder::new()
        .name(name.into())
        .spawn(work)
        .expect("the system has room for three threads at start")
}

fn read_all(connection: &Connection, reads: &Queue<read::Job>) {
    loop {
        // One at a time: the other reader may be free sooner than we are done with two.
        match reads.take(1, Duration::ZERO, None) {
            Some(jobs) => jobs.into_iter().for_each(|job| job(connection)),
            None => return,
        }
    }
}

impl Store for Sqlite {
    fn accept(&self, accept: Accept) -> Later<'_, Result<Accepted, StoreFault>> {
        Box::pin(async move { self.trade(AcceptRow::new(accept, &self.vault), Trade::Accept).await })
    }

    fn intend(&self, intend: Intend) -> Later<'_, Result<Intended, StoreFault>> {
        Box::pin(async move { self.trade(IntendRow::new(intend, &self.vault), Trade::Intend).await })
    }

    fn draw(&self, draw: Draw) -> Later<'_, Result<Drew, StoreFault>> {
        Box::pin(self.trade(draw, Trade::Draw))
    }

    fn waiting(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Waiting>, StoreFault>> {
        Box::pin(self.look(move |desk| read::waiting(desk.connection, now, at_most)))
    }

    fn turn(&self, turn: Turn) -> Later<'_, Result<Wheels, StoreFault>> {
        Box::pin(self.trade(TurnRow::new(turn), Trade::Turn))
    }

    fn settle(&self, settle: Settle) -> Later<'_, Result<Settled, StoreFault>> {
        Box::pin(async move { self.trade(SettleRow::new(settle, &self.vault), Trade::Settle).await })
    }

    fn deliver(&self, delivery: Delivery) -> Later<'_, Result<(), StoreFault>> {
        Box::pin(self.trade(delivery, Trade::Deliver))
    }

    fn due(&self, now: Moment, at_most: usize) -> Later<'_, Result<Vec<Message>, StoreFault>> {
        Box::pin(self.look(move |desk| read::due(desk.connection, now, at_most)))
    }

    /// The record goes to the disk with the next group, and nobody waits for it.
    fn keep_quote(&self, quote: Quote, record: Arc<Record>) -> Later<'_, Result<(), StoreFault>> {
        Box::pin(async move {
            let (job, _unheard) = Job::new(QuoteRow::new(quote.id, &record));
            self.writes
                .push(Command::Trade(Trade::Quote(job)))
                .map_err(|refused| self.refusal(&refused))?;
            self.quotes.keep(quote, record.received);
            Ok(())
        })
    }

    fn quote(&self, id: QuoteId) -> Later<'_, Result<Option<Quote>, StoreFault>> {
        Box::pin(async move { Ok(self.quotes.get(id)) })
    }

    fn replay(&self, key: &IdempotencyKey) -> Later<'_, Result<Replay, StoreFault>> {
        let (request, fingerprint, since) = (request_id(key), key.fingerprint, key.since);
        Box::pin(self.look(move |desk| read::replay(desk.connection, request, fingerprint, since)))
    }

    fn record(&self, subject: Subject) -> Later<'_, Result<Option<Record>, StoreFault>> {
        Box::pin(async move {
            let written = self.read(move |connection| read::record(connection, subject)).await?;
            // A ping's record may still be on its way to the disk.
            Ok(written.or_else(|| match subject {
                Subject::Quote(id) => self.quotes.get(id).map(|quote| Record::clone(&quote.record)),
                Subject::Lead(_) => None,
            }))
        })
    }

    fn latest(&self, at_most: usize) -> Later<'_, Result<Vec<Record>, StoreFault>> {
        Box::pin(self.read(move |connection| read::latest(connection, at_most)))
    }

    fn lead(&self, id: LeadId) -> Later<'_, Result<Option<LeadStanding>, StoreFault>> {
        Box::pin(self.read(move |connection| read::lead(connection, id)))
    }

    fn case(&self, id: LeadId) -> Later<'_, Result<Option<LeadCase>, StoreFault>> {
        Box::pin(async move {
            let found = self.look(move |desk| case::of(desk.connection, id)).await?;
            found.map(|found| found.opened(&self.vault)).transpose()
        })
    }

    fn unknowns(&self, after: Option<(Moment, AttemptId)>, at_most: usize) -> Later<'_, Result<Vec<OpenAttempt>, StoreFault>> {
        Box::pin(self.read(move |connection| case::unknowns(connection, after, at_most)))
    }

    fn reopen(&self, id: LeadId, catalog: &Catalog) -> Later<'_, Result<Option<Lead>, StoreFault>> {
        let lead_types = catalog.lead_types.clone();
        Box::pin(async move {
            let Some(sealed) = self.read(move |connection| read::sealed(connection, id)).await? else {
                return Ok(None);
            };
            let closed = |why: String| StoreFault::Broken(format!("{id} stays sealed: {why}").into());
            let opened = self.vault.open(id, &sealed).map_err(|fault| closed(fault.to_string()))?;
            let contents: Contents = stored::read(&opened).map_err(|why| closed(why.to_string()))?;
            contents.reread(&lead_types).map(Some).map_err(|why| closed(why.to_string()))
        })
    }

    fn change_list(&self, change: ListChange) -> Later<'_, Result<(), StoreFault>> {
        Box::pin(self.write(change, Command::ChangeList))
    }

    fn list_changes(&self) -> Later<'_, Result<Vec<ListChange>, StoreFault>> {
        Box::pin(self.read(read::list_changes))
    }

    fn held(&self, people: Vec<PersonKey>, lead: Option<LeadId>, at: Moment) -> Later<'_, Result<Vec<(PersonKey, Arc<str>)>, StoreFault>> {
        Box::pin(self.look(move |desk| desk.who_holds(&people, lead, at)))
    }

    fn objection(&self, asked: Objections) -> Later<'_, Result<Option<Refusal>, StoreFault>> {
        Box::pin(self.errand(move |desk| desk.objection(&asked)))
    }

    fn withdraw(&self, withdrawal: Withdrawal) -> Later<'_, Result<u64, StoreFault>> {
        Box::pin(self.errand(move |desk| desk.withdraw(&withdrawal)))
    }

    fn in_review(&self, at_most: usize) -> Later<'_, Result<Vec<InReview>, StoreFault>> {
        Box::pin(self.read(move |connection| read::in_review(connection, at_most)))
    }

    fn take_from_review(&self, lead: LeadId) -> Later<'_, Result<bool, StoreFault>> {
        Box::pin(self.errand(move |desk| desk.take_from_review(lead)))
    }

    fn recover(&self, boot: BootId, now: Moment, tell: Tell) -> Later<'_, Result<Recovery, StoreFault>> {
        Box::pin(self.write((boot, now, tell), Command::Recover))
    }

    fn counters(&self) -> Later<'_, Result<Vec<Counter>, StoreFault>> {
        Box::pin(self.read(read::counters))
    }

    fn outcomes(&self, since: Moment) -> Later<'_, Result<Vec<RouteDay>, StoreFault>> {
        Box::pin(self.read(move |connection| read::outcomes(connection, since)))
    }

    fn books(&self) -> Later<'_, Result<Books, StoreFault>> {
        Box::pin(self.read(read::books))
    }
}
