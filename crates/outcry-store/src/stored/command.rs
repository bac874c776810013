//! The stored shapes of what the engine asks for: the parts of T2, T3 and T4 as the journal keeps them.

use super::codec::{Input, Stored, Unreadable, choice, structure};
use outcry_core::bid::{Bid, Leg};
use outcry_core::cap::Span;
use outcry_core::consent::Covered;
use outcry_core::throttle::Rate;
use outcry_core::wheel::Charge;
use outcry_engine::ports::store::{
    AttemptOutcome, CertificateClaim, Claim, Delivery, DeliveryResult, Draw, Drawn, Frees, Hold, Intend, LeadState, ListCheck, Mark, Memo,
    Message, PersonKey, Sale, Signed, Token, Waiting,
};

structure! {
    Intend {
        attempt, lead, legs_max, contract, leg, beside_unknown, buyer, price, run, boot, at, claims, holds, tokens, lists, covered, contacts,
        withdrawn_in, certificates; but memo
    }
    CertificateClaim { vendor, certificate, people }
    ListCheck { list, entries, wanted }
    Claim { scope, person, until, kept }
    Mark { scope, person, until, renews }
    Hold { cap, span, limit, amount, frees }
    Span { start, since, end }
    Token { throttle, rate }
    Rate { every_us, burst }
    Draw { at, lead, pings }
    Drawn { holds, tokens }
    Waiting { lead, due, source, door, run, received, quote, promised, payout_min, sales_max, excluded, sub_ids, refused_by }
    AttemptOutcome { attempt, verdict, sale, written_off; but memo }
    Sale { buyer, supplier, currency, split }
    Message { id, lead, url, tries, signed }
    Signed { source, body }
    Memo { ping, bid, kept }
    Bid { id, price, currency, buyer_name, exclusive, shares, rung, expires_seconds, expires_at, echo, kept, legs }
    Leg { id, price, buyer_name, group, echo }
    Delivery { message, at, result }
    Charge { wheel, contract, stands }
}

choice! {
    LeadState { 0 => Selling, 1 => Sold, 2 => Unsold, 3 => Uncertain, 4 => Waiting, 5 => Review }
    Frees { 0 => NotSold, 1 => NotSent }
    DeliveryResult { 0 => Arrived, 1 => Again { due, why }, 2 => Dead { why } }
}

/// A proof that was good when the intent was first taken. What is in the journal was decided; it is not decided again.
impl Stored for Covered {
    fn put(&self, out: &mut Vec<u8>) {
        let (contract, given, at) = self.parts();
        contract.put(out);
        given.put(out);
        at.put(out);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        Ok(Self::from_journal(Stored::take(input)?, Stored::take(input)?, Stored::take(input)?))
    }
}

impl Stored for PersonKey {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        Stored::take(input).map(Self)
    }
}
