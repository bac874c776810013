//! What somebody who runs the demo sees: a screen that is drawn anew, plain lines where there is no terminal, or nothing.

mod auction;
mod screen;

pub(super) use screen::Screen;

use super::stage::Stage;
use anyhow::Result;
use outcry_engine::ports::Later;
use std::time::Duration;

/// Shows a running demo.
pub(super) trait View {
    /// How often it wants to be shown.
    fn every(&self) -> Duration;

    /// Shows the demo as it is now.
    fn show<'a>(&'a mut self, stage: &'a Stage) -> Later<'a, Result<()>>;

    /// Leaves the terminal as it was.
    fn close(&mut self) {}
}

/// Shows nothing.
pub(super) struct Nothing;

impl View for Nothing {
    fn every(&self) -> Duration {
        Duration::from_secs(3_600)
    }

    fn show<'a>(&'a mut self, _: &'a Stage) -> Later<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// One line now and then, for a log or a pipe.
pub(super) struct Lines;

impl Lines {
    /// Prints where the exchange is and how to try it.
    pub(super) fn open(stage: &Stage) -> Self {
        println!("{}\n\nTry it in another terminal:\n\n{}\n\n{}\n", screen::title(stage), stage.tryout.ping, stage.tryout.post);
        Self
    }
}

impl View for Lines {
    fn every(&self) -> Duration {
        Duration::from_secs(2)
    }

    fn show<'a>(&'a mut self, stage: &'a Stage) -> Later<'a, Result<()>> {
        Box::pin(async move {
            let books = stage.store.books().await?;
            println!("{}", screen::figures(stage, &books, None));
            for record in stage.store.latest(3).await? {
                println!("  {}", auction::line(&record, 150));
            }
            Ok(())
        })
    }
}
