//! What somebody who runs the demo sees: a screen that is drawn anew, plain lines where there is no terminal, or nothing.

mod auction;
mod screen;

pub(super) use screen::Screen;

use super::stage::Stage;
use crate::cli::output::{self, Reader};
use anyhow::Result;
use outcry_engine::ports::Later;
use std::time::Duration;

/// What the demo is at.
#[derive(Clone, Copy)]
pub(super) enum Doing {
    /// Sources send leads.
    Selling,
    /// No source begins another lead.
    Stopping,
    /// Every source has its answer.
    Settling {
        /// Auctions that still post.
        selling: u64,
        /// Leads that are not settled, these included.
        pending: u64,
    },
}

impl Doing {
    /// What is waited for; nothing while leads are sold.
    fn says(self, stage: &Stage) -> Option<String> {
        let plural = |count: u64| {
            if count == 1 {
                "1 lead".to_owned()
            } else {
                format!("{count} leads")
            }
        };
        match self {
            Self::Selling => None,
            Self::Stopping => {
                let under_way = stage.count.lock().expect("nothing panics while it holds the count").under_way;
                Some(format!("stopping: {} under way ...", plural(under_way)))
            }
            Self::Settling { selling: 0, pending } => Some(format!(
                "stopping: {} pending; waiting 3 s for buyers' late answers ...",
                plural(pending)
            )),
            Self::Settling { selling, .. } => Some(format!("stopping: {} still being posted ...", plural(selling))),
        }
    }
}

/// Shows a running demo.
pub(super) trait View {
    /// How often it wants to be shown.
    fn every(&self) -> Duration;

    /// Shows the demo as it is now, and says whether anybody looks.
    fn show<'a>(&'a mut self, stage: &'a Stage, doing: Doing) -> Later<'a, Result<Reader>>;

    /// Leaves the terminal as it was.
    fn close(&mut self) {}
}

/// Shows nothing.
pub(super) struct Nothing;

impl View for Nothing {
    fn every(&self) -> Duration {
        Duration::from_hours(1)
    }

    fn show<'a>(&'a mut self, _: &'a Stage, _: Doing) -> Later<'a, Result<Reader>> {
        Box::pin(async { Ok(Reader::Listens) })
    }
}

/// One line now and then, for a log or a pipe.
pub(super) struct Lines;

impl Lines {
    /// Prints where the exchange is and how to try it.
    pub(super) fn open(stage: &Stage) -> Result<Self> {
        let (title, tryout, why, explain) = (screen::title(stage), &stage.tryout, screen::why(stage), screen::explain(stage));
        output::print(&format!(
            "{title}\n\nTry it in another terminal:\n\n{}\n\n{}\n\n{why}\n\n{explain}\n\n",
            tryout.ping, tryout.post
        ))?;
        Ok(Self)
    }
}

impl View for Lines {
    fn every(&self) -> Duration {
        Duration::from_secs(2)
    }

    fn show<'a>(&'a mut self, stage: &'a Stage, doing: Doing) -> Later<'a, Result<Reader>> {
        Box::pin(async move {
            if let Some(said) = doing.says(stage) {
                return output::print(&format!("{said}\n"));
            }
            let mut text = screen::figures(stage, &stage.books().await?, None);
            for record in stage.store.latest(3).await? {
                text.push_str("\n  ");
                text.push_str(&auction::line(&record, 150));
            }
            output::print(&format!("{text}\n"))
        })
    }
}
