//! What becomes of an answer on its way.

use super::call::{Reply, ReplyKind};
use crate::chance::digest;
use crate::faults::Fault;

/// An answer as the buyer meant it.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl Said {
    /// Sends it through whatever goes wrong.
    pub(crate) fn through(self, fault: Option<Fault>, delay_ms: u32) -> Reply {
        let Self {
            status,
            content_type,
            body,
        } = self;
        let kind = match fault {
            None | Some(Fault::Delay(_)) => ReplyKind::Answer {
                status,
                content_type,
                body,
            },
            Some(Fault::LostRequest | Fault::LostAnswer) => ReplyKind::Silence,
            Some(Fault::ResetBefore | Fault::ResetAfter) => ReplyKind::Reset,
            Some(Fault::ResetHalfway) => ReplyKind::HalfThenReset {
                status,
                content_type,
                body,
            },
            Some(Fault::Garbled) => ReplyKind::Answer {
                status,
                content_type,
                body: garbled(&body),
            },
            Some(Fault::ServerError) => server_error(),
        };
        let later = if let Some(Fault::Delay(ms)) = fault { ms } else { 0 };
        Reply {
            delay_ms: delay_ms + later,
            kind,
        }
    }
}

/// What the caller sees of a request that was never acted on.
pub(crate) fn lost(fault: Fault, delay_ms: u32) -> Reply {
    Said {
        status: 200,
        content_type: "text/plain",
        body: String::new(),
    }
    .through(Some(fault), delay_ms)
}

fn server_error() -> ReplyKind {
    let body = "<html><body><h1>500 Internal Server Error</h1></body></html>".to_owned();
    ReplyKind::Answer {
        status: 500,
        content_type: "text/html",
        body,
    }
}

/// Cuts the text off in the middle, or puts a warning of some scripting language in its place.
fn garbled(body: &str) -> String {
    if digest(body.as_bytes()).is_multiple_of(2) {
        body.chars().take(body.chars().count() / 2).collect()
    } else {
        "Warning: Undefined variable $bid in /srv/www/ping.php on line 41".to_owned()
    }
}
