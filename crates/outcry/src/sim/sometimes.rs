//! What happened at least sometimes. A counter that stays at zero says that the simulator does not look where it claims to.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Everything that must happen in a long run.
pub(crate) const NAMES: [&str; 76] = [
    "before_commit",
    "after_commit",
    "after_reply",
    "before_call",
    "after_first_byte",
    "after_answer",
    "before_recovery",
    "after_recovery",
    "node_crashed",
    "store_crashed",
    "unsynced_write_lost",
    "late_commit_of_the_dead",
    "commit_unknown",
    "connection_lost_before_commit",
    "store_was_busy",
    "disk_filled",
    "disk_full_refused_a_lead",
    "disk_full_refused_an_intent",
    "disk_full_refused_an_outcome",
    "node_stood_still",
    "silent_node_taken_for_dead",
    "node_cut_off",
    "clock_jumped",
    "specs_changed",
    "person_suppressed",
    "intent_made_unknown_by_recovery",
    "lead_closed_by_recovery",
    "unknown_recorded",
    "unknown_resolved_accepted",
    "unknown_resolved_rejected",
    "resolved_by_late_answer",
    "resolved_by_asking",
    "resolved_by_sending_again",
    "resolved_by_callback",
    "resolved_by_file",
    "written_off",
    "asked_about_after_a_start",
    "callback_heard",
    "callback_early",
    "rejected_then_sold_on",
    "not_sent_then_sold_on",
    "outcome_run_again",
    "cap_refused",
    "budget_refused",
    "consent_withdrawn",
    "withdrawn_refused",
    "lead_waits",
    "waiting_lead_taken_up",
    "duplicate_refused",
    "suppressed_refused",
    "leg_refused",
    "lead_sold",
    "lead_unsold",
    "lead_shared",
    "price_lowered_at_post",
    "told_pending",
    "told_duplicate",
    "answer_lost_on_the_way_to_the_source",
    "source_tried_again",
    "answer_replayed",
    "told_in_flight",
    "quote_offered",
    "quote_redeemed",
    "quote_lost",
    "token_used_twice_refused",
    "connection_refused",
    "request_lost",
    "request_slow",
    "answer_lost",
    "answer_garbled",
    "server_error",
    "answer_reset",
    "answer_late_for_the_post",
    "message_delivered",
    "message_tried_again",
    "consent_named_not_all",
];

/// The counters.
#[derive(Default)]
pub(crate) struct Sometimes(Mutex<BTreeMap<&'static str, u64>>);

impl Sometimes {
    /// It happened.
    pub(crate) fn add(&self, name: &'static str) {
        debug_assert!(NAMES.contains(&name), "{name} is not in the list of what must happen");
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(name).or_default() += 1;
    }

    /// It happened, if it did.
    pub(crate) fn add_if(&self, did: bool, name: &'static str) {
        if did {
            self.add(name);
        }
    }

    /// How often each happened.
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
