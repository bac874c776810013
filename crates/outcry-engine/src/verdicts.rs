//! Reads the end of a post as a verdict. Where nobody can know, it says unknown.

use crate::ports::outbound::CallEnd;
use outcry_core::verdict::{Acceptance, Verdict};
use outcry_integration::answer::{PostOutcome, PostReading, RawAnswer};
use std::sync::Arc;

/// The answer of a call that carried a full lead.
///
/// # Errors
/// The verdict, if there is no answer.
pub(crate) fn answer(end: CallEnd) -> Result<RawAnswer, Verdict> {
    match end {
        CallEnd::NotSent(why) => Err(Verdict::NotSent {
            why: why.to_string().into(),
        }),
        CallEnd::Broken { why, .. } => Err(Verdict::Unknown { why }),
        CallEnd::Late => Err(Verdict::Unknown {
            why: "no answer in time".into(),
        }),
        CallEnd::Answered { answer, .. } => Ok(answer),
    }
}

/// The verdict of an answer that was read.
pub(crate) fn read(reading: PostReading, status: u16) -> Verdict {
    let said = |reading: &PostReading| -> Arc<str> { reading.reason.clone().unwrap_or_else(|| "".into()) };
    match reading.outcome {
        PostOutcome::Accepted => Verdict::Accepted(Acceptance {
            price: reading.price,
            reference: reading.reference,
            redirect_url: reading.redirect_url,
        }),
        PostOutcome::Duplicate => Verdict::Rejected {
            said: said(&reading),
            duplicate: true,
        },
        // A server error may come from behind a buyer that has stored the lead already.
        PostOutcome::Error if 500 <= status => Verdict::Unknown {
            why: format!("HTTP {status}").into(),
        },
        PostOutcome::Rejected | PostOutcome::Error => Verdict::Rejected {
            said: said(&reading),
            duplicate: false,
        },
        PostOutcome::Queued => Verdict::Unknown {
            why: "the buyer has queued it; the final word comes later".into(),
        },
        // Of a post that is being made it says nothing; whoever asks about one knows from when on it is believed.
        PostOutcome::NotFound => Verdict::Unknown {
            why: "the buyer has no such post".into(),
        },
        PostOutcome::Unknown => Verdict::Unknown {
            why: reading
                .notes
                .first()
                .map_or_else(|| format!("HTTP {status}, not understood").into(), |note| note.as_str().into()),
        },
    }
}
