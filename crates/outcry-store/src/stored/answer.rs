//! The stored shapes of an answer and of a verdict.

use super::codec::{Input, Stored, Unreadable, choice, structure};
use outcry_core::verdict::{Acceptance, Verdict};
use outcry_engine::answer::{Answer, Status};

structure! {
    Answer { lead, status, payout, currency, redirect_url, test }
    Acceptance { price, reference, redirect_url }
}

choice! {
    Status { 0 => Sold, 1 => Unsold, 2 => Pending, 9 => Duplicate }
    Verdict {
        0 => Accepted(it),
        1 => Rejected { said, duplicate },
        2 => NotSent { why },
        3 => Unknown { why },
    }
}
