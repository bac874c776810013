//! Keeps our secrets out of what is understood of an answer: buyers say them back, and readings are recorded.
//!
//! Ids of bids, echoes and what is kept for later steps stay whole, because they go back to the buyer and nowhere else.

use crate::answer::{PingReading, PostReading, StepReading};
use crate::asked::Asked;
use std::borrow::Cow;
use std::sync::Arc;

/// A reading without what must not be recorded.
pub(crate) trait Discreet {
    /// Hides the secrets of whoever asked.
    fn discreet(self, asked: Asked<'_>) -> Self;
}

impl Discreet for PingReading {
    fn discreet(mut self, asked: Asked<'_>) -> Self {
        hide(&mut self.bid_id, asked);
        notes(&mut self.notes, asked);
        self
    }
}

impl Discreet for PostReading {
    fn discreet(mut self, asked: Asked<'_>) -> Self {
        hide(&mut self.reference, asked);
        // A link with our key in it is for nobody's eyes, least of all the person's.
        hide(&mut self.redirect_url, asked);
        notes(&mut self.notes, asked);
        self
    }
}

impl Discreet for StepReading {
    fn discreet(mut self, asked: Asked<'_>) -> Self {
        notes(&mut self.notes, asked);
        self
    }
}

fn hide(text: &mut Option<Arc<str>>, asked: Asked<'_>) {
    if let Some(shown) = text.as_deref().and_then(|text| changed(asked.hide(text))) {
        *text = Some(shown.into());
    }
}

fn notes(notes: &mut [String], asked: Asked<'_>) {
    for note in notes {
        if let Some(shown) = changed(asked.hide(note)) {
            *note = shown;
        }
    }
}

/// The text, if it is not what it was.
fn changed(text: Cow<'_, str>) -> Option<String> {
    match text {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text),
    }
}
