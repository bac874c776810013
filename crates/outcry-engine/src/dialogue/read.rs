//! Reads answers. A small one is read on the spot; a large one where it cannot stall other auctions.

use super::Dialogue;
use outcry_core::ping_view::PingView;
use outcry_integration::answer::{PingReading, PostReading};
use outcry_integration::{Asked, Mask, RawAnswer, StepName, StepReading};
use std::sync::Arc;

/// Reading takes about a microsecond for a hundred bytes, and a hostile answer can make it ten times that. So much
/// may be read between the calls of other auctions; more goes to a thread of its own.
const LARGE_BYTES: usize = 32 * 1024;

impl Dialogue {
    /// Reads the answer to a ping that showed this view.
    pub(super) async fn read_ping(&self, answer: &RawAnswer, view: &Arc<PingView>) -> PingReading {
        let view = view.clone();
        let read = move |dialogue: &Self, answer: &RawAnswer| {
            dialogue.hearing(|asked| dialogue.integration().read_ping(asked.about(&*view), answer))
        };
        self.read_with(answer, read).await
    }

    /// Reads the answer of a step that gives a verdict.
    pub(crate) async fn read_verdict(&self, step: StepName, answer: &RawAnswer) -> PostReading {
        let read =
            move |dialogue: &Self, answer: &RawAnswer| dialogue.hearing(|asked| dialogue.integration().read_verdict(step, asked, answer));
        let mut reading = self.read_with(answer, read).await;
        // A number in another currency says nothing about the price that was held.
        let ours = self.terms.campaign.currency;
        if let Some(theirs) = reading.currency.filter(|named| *named != ours) {
            reading.notes.push(format!("price: in {theirs}, and the campaign is in {ours}"));
            reading.price = None;
        }
        reading
    }

    /// Reads the answer of a step that is neither.
    pub(super) async fn read_step(&self, step: StepName, answer: &RawAnswer) -> StepReading {
        let read =
            move |dialogue: &Self, answer: &RawAnswer| dialogue.hearing(|asked| dialogue.integration().read_step(step, asked, answer));
        self.read_with(answer, read).await
    }

    /// Does an answer say that the login it was shown is over?
    pub(super) async fn login_is_over(&self, step: StepName, answer: &RawAnswer) -> bool {
        let read = move |dialogue: &Self, answer: &RawAnswer| dialogue.integration().login_is_over(step, answer);
        self.read_with(answer, read).await
    }

    /// Reads against the values the request was written with, and hides what it showed: secrets, and the login.
    fn hearing<T>(&self, read: impl FnOnce(Asked<'_>) -> T) -> T {
        let Some(params) = self.params() else {
            return read(Asked::of_nobody());
        };
        let asked = Asked::by(params);
        match params.login().and_then(|key| self.engine.logins.shown(key)) {
            None => read(asked),
            Some(login) => {
                let tokens = login.entries().iter().map(|(_, token)| &**token);
                read(asked.hiding(&tokens.fold(params.mask().clone(), Mask::and)))
            }
        }
    }

    async fn read_with<T: Send + 'static>(&self, answer: &RawAnswer, read: impl FnOnce(&Self, &RawAnswer) -> T + Send + 'static) -> T {
        if answer.body.len() <= LARGE_BYTES {
            return read(self, answer);
        }
        let (dialogue, answer) = (self.clone(), answer.clone());
        match tokio::task::spawn_blocking(move || read(&dialogue, &answer)).await {
            Ok(reading) => reading,
            Err(fault) if fault.is_panic() => std::panic::resume_unwind(fault.into_panic()),
            // The runtime is shutting down, and this future with it.
            Err(_) => std::future::pending().await,
        }
    }
}
