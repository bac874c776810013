//! Takes the person out of what a buyer says, before it is recorded.

use outcry_core::lead::Lead;
use outcry_core::leak;
use outcry_core::said::without_person;
use std::borrow::Cow;
use std::sync::Arc;

/// Without this person's values.
pub(crate) fn of(lead: &Lead, reason: &mut Option<Arc<str>>, notes: &mut [String]) {
    each(reason, notes, |text| without_person(lead, text));
}

/// Where it is no longer known whom it is about: what looks like anybody's number or address is not kept at all.
pub(crate) fn of_anybody(reason: &mut Option<Arc<str>>, notes: &mut [String]) {
    each(reason, notes, |text| match leak::scan(text) {
        None => Cow::Borrowed(text),
        Some(looks) => Cow::Owned(format!("(not kept: it looks like {looks})")),
    });
}

fn each(reason: &mut Option<Arc<str>>, notes: &mut [String], change: impl Fn(&str) -> Cow<'_, str>) {
    if let Some(Cow::Owned(changed)) = reason.as_deref().map(&change) {
        *reason = Some(changed.into());
    }
    for note in notes {
        if let Cow::Owned(changed) = change(note) {
            *note = changed;
        }
    }
}
