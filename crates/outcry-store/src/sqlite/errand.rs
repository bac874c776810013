//! Errands: what the writer is asked for once in a while and is not trade, such as an entry of the audit log or the erasure
//! of a person. Each is done inside the transaction of its group, which goes into the database at once.

use super::Sqlite;
use super::desk::Desk;
use super::trouble::Trouble;
use super::writer::Command;
use outcry_engine::ports::store::StoreFault;
use tokio::sync::oneshot;

/// An errand, whatever it brings back.
pub(super) trait Errand: Send {
    /// Does it. It may be done again after a rollback, and then everything of the first time is undone.
    fn run(&mut self, desk: &mut Desk<'_>) -> Result<(), Trouble>;

    /// What is left to do once the group is in the database. If that fails only this errand hears of it.
    fn afterwards(&mut self, desk: &mut Desk<'_>);

    /// Says what came of it to whoever waits.
    fn tell(&mut self, result: Result<(), StoreFault>);
}

struct Task<W, A, O> {
    work: W,
    afterwards: A,
    output: Option<Result<O, StoreFault>>,
    reply: Option<oneshot::Sender<Result<O, StoreFault>>>,
}

impl<W, A, O> Errand for Task<W, A, O>
where
    W: FnMut(&mut Desk<'_>) -> Result<O, Trouble> + Send,
    A: FnMut(&mut Desk<'_>) -> Result<(), Trouble> + Send,
    O: Send,
{
    fn run(&mut self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        self.output = Some(Ok((self.work)(desk)?));
        Ok(())
    }

    fn afterwards(&mut self, desk: &mut Desk<'_>) {
        if let Err(trouble) = (self.afterwards)(desk) {
            self.output = Some(Err(trouble.fault()));
        }
    }

    fn tell(&mut self, result: Result<(), StoreFault>) {
        let done = match result {
            Ok(()) => self.output.take(),
            Err(fault) => Some(Err(fault)),
        };
        if let (Some(reply), Some(done)) = (self.reply.take(), done) {
            let _gone = reply.send(done);
        }
    }
}

impl Sqlite {
    /// Asks the writer for an errand, and waits until it is in the database.
    pub(super) async fn errand<O: Send + 'static>(
        &self,
        work: impl FnMut(&mut Desk<'_>) -> Result<O, Trouble> + Send + 'static,
    ) -> Result<O, StoreFault> {
        self.errand_and_after(work, |_: &mut Desk<'_>| Ok(())).await
    }

    /// The same, with something to be done behind it, outside of any transaction.
    pub(super) async fn errand_and_after<O: Send + 'static>(
        &self,
        work: impl FnMut(&mut Desk<'_>) -> Result<O, Trouble> + Send + 'static,
        afterwards: impl FnMut(&mut Desk<'_>) -> Result<(), Trouble> + Send + 'static,
    ) -> Result<O, StoreFault> {
        let (reply, answer) = oneshot::channel();
        let task = Task {
            work,
            afterwards,
            output: None,
            reply: Some(reply),
        };
        let pushed = self.writes.push(Command::Errand(Box::new(task)));
        pushed.map_err(|refused| self.refusal(&refused))?;
        answer.await.unwrap_or_else(|_| Err(self.stopped()))
    }
}
