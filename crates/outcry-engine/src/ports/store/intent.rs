//! T2: the right to post to one buyer, what it takes, and why it is refused.

use super::{CertificateClaim, Hold, Memo, PersonKey, Token};
use outcry_core::consent::Covered;
use outcry_core::id::{AttemptId, BootId, BuyerName, ContractName, LeadId};
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::record::Run;
use std::sync::Arc;

/// T2.
#[derive(Clone, Debug)]
pub struct Intend {
    /// The new attempt.
    pub attempt: AttemptId,
    /// Of which lead.
    pub lead: LeadId,
    /// Most contracts whose copies of the lead may be intended, unknown or accepted at once, this one included: 1 is
    /// exclusive. Each that is open keeps its own word on this, so nobody comes in beside an exclusive one.
    pub legs_max: u32,
    /// To which contract. One lead goes to one leg of a contract at most once among intended, unknown and accepted.
    pub contract: ContractName,
    /// Which leg of the contract: from 1 where each leg that was chosen gets a post of its own, else 0.
    pub leg: u32,
    /// Do attempts of which nobody knows whether the buyer has the lead leave room for this one? It breaks the promise
    /// to sell the lead once, and only a campaign that says so asks for it.
    pub beside_unknown: bool,
    /// Whose.
    pub buyer: BuyerName,
    /// At which price.
    pub price: Money,
    /// Live or test; a test takes no claims and no holds (they are empty then).
    pub run: Run,
    /// Who may send it.
    pub boot: BootId,
    /// When.
    pub at: Moment,
    /// Proof that the consent record covers this contract. An intent without one cannot be made.
    pub covered: Covered,
    /// The numbers and addresses of the person, of which none may have been withdrawn from in these scopes.
    pub contacts: Vec<PersonKey>,
    /// What stops the post if the person has taken it back.
    pub withdrawn_in: Vec<Arc<str>>,
    /// Certificates that must not be another person's.
    pub certificates: Vec<CertificateClaim>,
    /// Duplicate claims to take.
    pub claims: Vec<Claim>,
    /// Units of caps and budgets to take.
    pub holds: Vec<Hold>,
    /// Tokens of throttles to take; they come back by themselves.
    pub tokens: Vec<Token>,
    /// What lists have to say.
    pub lists: Vec<ListCheck>,
    /// What it takes to come back to it after a restart, where anybody may have to. The store seals it.
    pub memo: Option<Box<Memo>>,
}

/// A list that an intent is held against: what its file says of each entry that was looked up, unless somebody put that
/// entry on it or took it off by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListCheck {
    /// Which list.
    pub list: Arc<str>,
    /// Each entry that the lead would be found by, and whether the file has it.
    pub entries: Vec<(PersonKey, bool)>,
    /// Must one of them be on it? Otherwise none may.
    pub wanted: bool,
}

/// Entries put on a list by hand, or taken off it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListChange {
    /// Which list.
    pub list: Arc<str>,
    /// The entries, as digests.
    pub entries: Vec<PersonKey>,
    /// On it, or off?
    pub on: bool,
}

/// A claim that a lead takes by its coming, and that stays whatever becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// `source/site:any`, `campaign/auto:accepted`.
    pub scope: Arc<str>,
    /// Whom.
    pub person: PersonKey,
    /// Until when.
    pub until: Moment,
    /// Is it taken by a duplicate too, so that the time begins anew?
    pub renews: bool,
}

/// A claim on a person: nobody else in the scope may sell it until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// `campaign/auto` or `contract/acme_auto`.
    pub scope: Arc<str>,
    /// Whom.
    pub person: PersonKey,
    /// Until when.
    pub until: Moment,
    /// Does it stay when the buyer rejects the lead?
    pub kept: bool,
}

/// What T2 found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intended {
    /// Send it. Also the answer to the same `Intend` (same attempt id) run again.
    Go,
    /// Nothing was taken.
    Refused(Refusal),
}

/// Why an intent was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A cap or budget has no room.
    CapFull {
        /// Which.
        cap: Arc<str>,
        /// Its limit.
        limit: i64,
        /// When it has room again, as far as that is known.
        opens: Option<Moment>,
    },
    /// A throttle has no token.
    TooFast {
        /// Which.
        throttle: Arc<str>,
        /// In how many milliseconds it has one again.
        wait_ms: u32,
    },
    /// The person is claimed.
    Duplicate {
        /// In which scope.
        scope: Arc<str>,
    },
    /// The person is on a list.
    Suppressed {
        /// Which.
        list: Arc<str>,
    },
    /// The person is not on a list of the only ones allowed.
    NotOnList {
        /// Which.
        list: Arc<str>,
    },
    /// The person has taken back the consent.
    Withdrawn {
        /// In which scope.
        scope: Arc<str>,
    },
    /// A certificate of the lead came with another person before.
    CertificateTaken {
        /// Whose certificate it is.
        vendor: Arc<str>,
    },
    /// The proof of consent is for another contract, or too old.
    Unproven,
    /// All copies of the lead are taken, or the leg of the contract is.
    LegTaken,
}
