//! Why a contract was not pinged, did not win or was not posted: a closed list.
//!
//! Every contract of a campaign ends each lead with a place in the plan or exactly one reason. A reason holds the
//! values that decided, and never a personal one.

mod remedy;
mod words;

use crate::moment::Moment;
use crate::money::Money;
use std::sync::Arc;

/// One reason, with the values that decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// The contract is switched off.
    Paused,
    /// The lead is outside what the contract buys.
    Filter {
        /// The part of the filter that said no, as written: `state in ["CA", "TX"]`.
        part: Arc<str>,
        /// What the lead has there.
        found: Arc<str>,
    },
    /// A cap or budget has no room in its window.
    CapFull {
        /// Which cap.
        cap: Arc<str>,
        /// Its limit.
        limit: i64,
        /// When it has room again, as far as that is known.
        opens: Option<Moment>,
    },
    /// A contract whose cap is full lets nobody else have what it has no room for.
    StoppedAtCap {
        /// Which.
        contract: Arc<str>,
    },
    /// Its cap is full and the buyer has agreed to more: it takes what nobody else has, and somebody had it.
    OverCap,
    /// It is outside of the opening hours.
    Closed {
        /// Whose: `contract/acme_auto`.
        whose: Arc<str>,
        /// The hours of the week.
        hours: Arc<str>,
        /// What its clock showed: `Mon 21:04 in America/New_York`.
        local: Arc<str>,
    },
    /// Where the person is it is outside of the hours at which they may be disturbed.
    PersonHours {
        /// Whose rule: `campaign/auto`.
        whose: Arc<str>,
        /// The hours of the week.
        hours: Arc<str>,
        /// What a clock there showed.
        local: Arc<str>,
    },
    /// Nothing in the lead tells what time it is where the person is, and there is a rule about it.
    PersonTimeUnknown {
        /// Whose rule.
        whose: Arc<str>,
    },
    /// A throttle has no token: too many have come in too short a time.
    TooFast {
        /// Which throttle.
        throttle: Arc<str>,
        /// In how many milliseconds it has one again.
        wait_ms: u32,
    },
    /// The consent record does not cover this buyer.
    Consent {
        /// What is missing.
        missing: Arc<str>,
    },
    /// A rule of consent says that such leads are not sold.
    SaleForbidden {
        /// Which rule.
        rule: Arc<str>,
    },
    /// The way of opting in is not one that is allowed.
    OptIn {
        /// The way, or `nothing`.
        way: Arc<str>,
        /// Who asks for another: a rule, the lead type, the campaign or the contract.
        rule: Arc<str>,
    },
    /// The consent is older than allowed.
    ConsentTooOld {
        /// How old, in whole seconds.
        age_s: i64,
        /// The oldest, in whole seconds.
        most_s: i64,
        /// Who says so.
        rule: Arc<str>,
    },
    /// The person did not agree to be reached in a way in which the buyer will.
    ChannelNotGranted {
        /// Which way: `call`, `sms`, `email`.
        channel: Arc<str>,
    },
    /// The consent was not given on an approved page.
    PageNotApproved {
        /// The host of the page.
        host: Arc<str>,
    },
    /// The text that was shown is not an approved one.
    TextNotApproved {
        /// Its id, as pings have it.
        text: Arc<str>,
    },
    /// The buyer is not one that the consent covers.
    SellerNotCovered {
        /// By which policy: `selected`, `named`, or `declined` if the person left the buyer out.
        policy: Arc<str>,
        /// Who asks for it.
        rule: Arc<str>,
    },
    /// A certificate of consent is asked for, and the lead has none.
    CertificateMissing {
        /// Of whom.
        vendors: Arc<str>,
    },
    /// The certificate of consent came with another person before.
    CertificateTaken {
        /// Of whom it is.
        vendor: Arc<str>,
    },
    /// The person has withdrawn the consent.
    Withdrawn {
        /// For what: `all`, `channel/sms`, `buyer/acme`.
        scope: Arc<str>,
    },
    /// A check by an outside service says no.
    CheckFailed {
        /// Which.
        check: Arc<str>,
        /// The service's words.
        said: Arc<str>,
    },
    /// A check by an outside service could not be made, and the campaign sells nothing without it.
    CheckUnavailable {
        /// Which.
        check: Arc<str>,
        /// What stood in the way.
        why: Arc<str>,
    },
    /// The campaign does not take such leads.
    NotAccepted {
        /// The part of the campaign's `accept` that said no.
        part: Arc<str>,
        /// What the lead has there.
        found: Arc<str>,
    },
    /// The lead waits for somebody to look at it.
    InReview {
        /// Why.
        why: Arc<str>,
    },
    /// Somebody looked at the lead and refused it.
    ReviewRefused {
        /// Their words.
        why: Arc<str>,
    },
    /// The person was taken before, within the time of a duplicate rule.
    Duplicate {
        /// Whose rule, and which leads it counts: `contract/acme_auto`, `campaign/auto`, `source/site:any`.
        scope: Arc<str>,
    },
    /// The person is on a suppression list.
    Suppressed {
        /// Which list.
        list: Arc<str>,
    },
    /// The person is not on a list of the only ones allowed.
    NotOnList {
        /// Which list.
        list: Arc<str>,
    },
    /// A list could not say for certain, and is to be taken for a no then.
    ListUnknown {
        /// Which list.
        list: Arc<str>,
        /// Why it could not.
        why: Arc<str>,
    },
    /// The lead has been here before and came back, or has passed through too many exchanges.
    Loop {
        /// How that is known.
        how: Arc<str>,
    },
    /// The buyer's server has been failing and is given a rest.
    Resting {
        /// Failures in a row.
        failures: u32,
    },
    /// As many calls as the contract allows are already under way.
    Throttled {
        /// The limit on open calls.
        limit: u32,
    },
    /// The source asked that this buyer be left out.
    ExcludedBySource,
    /// Something that looks like contact data was about to leave in the ping.
    Leak {
        /// The field it was in.
        field: Arc<str>,
        /// What it looked like: `a phone number`.
        looks_like: Arc<str>,
    },
    /// The request could not be written from this lead.
    Unwritable {
        /// What stood in the way.
        why: Arc<str>,
    },
    /// The buyer could not be reached; not one byte left.
    NotReached {
        /// What stood in the way.
        why: Arc<str>,
    },
    /// The buyer lets in only those who show what its login gives, and there was none.
    LoginFailed {
        /// What stood in the way.
        why: Arc<str>,
    },
    /// The buyer answered that it does not want the lead.
    NoBid {
        /// The buyer's words.
        said: Arc<str>,
    },
    /// The buyer answered that it knows the person already.
    BuyerDuplicate {
        /// The buyer's words.
        said: Arc<str>,
    },
    /// The answer was an error, or not one that the integration can read.
    BadAnswer {
        /// What was wrong.
        why: Arc<str>,
    },
    /// No answer before the pings closed.
    Late {
        /// When the pings closed, after they were sent.
        after_ms: u32,
    },
    /// The bid is under the least price: a floor, what the source asks for, or the payout it was promised.
    BelowFloor {
        /// The bid.
        bid: Money,
        /// The least price.
        floor: Money,
    },
    /// The bid is over the most believable price.
    AboveCeiling {
        /// The bid.
        bid: Money,
        /// The most price.
        ceiling: Money,
    },
    /// The bid is in another currency than the campaign.
    OtherCurrency {
        /// What the bid was in.
        found: Arc<str>,
    },
    /// Somebody bid more and got the lead.
    Outbid {
        /// This bid.
        bid: Money,
        /// The winner's.
        best: Money,
    },
    /// Somebody bid the same and stood before in the tie-break.
    Outranked {
        /// The bid of both.
        bid: Money,
    },
    /// The bid was no lower than the winner's, and lost by the handicap of its contract.
    Handicapped {
        /// This bid.
        bid: Money,
        /// What it counts less, in basis points.
        handicap_bp: u32,
        /// The winner's.
        best: Money,
    },
    /// The bid stood only for a time, and that had passed when its turn came.
    BidExpired {
        /// How long before, in whole milliseconds.
        since_ms: u32,
    },
    /// The payout that the bid would bring is less than the source asks for.
    PayoutTooLow {
        /// The bid.
        bid: Money,
        /// What the source would get of it.
        payout: Money,
        /// What it asks for.
        wanted: Money,
    },
    /// A contract with a lower number had the lead.
    LowerPriority {
        /// Its number.
        priority: u32,
        /// The winner's.
        winner: u32,
    },
    /// It was another contract's turn.
    NotItsTurn {
        /// Whose.
        turn: Arc<str>,
    },
    /// A tier that stands before its own had the lead.
    LowerTier {
        /// Its tier.
        tier: Arc<str>,
        /// The winner's.
        winner: Arc<str>,
    },
    /// Another bid is expected to bring more.
    LowerExpected {
        /// What this one is expected to bring.
        expected: Money,
        /// The winner's.
        best: Money,
    },
    /// Other buyers bring more together.
    NotInBestSet {
        /// The bid.
        bid: Money,
        /// What those pay together who had the lead.
        set: Money,
    },
    /// A contract in conflict with it, or another of the same buyer, had the lead.
    Conflict {
        /// Which.
        with: Arc<str>,
    },
    /// It would share the lead with fewer buyers than had it.
    WantsFewer {
        /// Most buyers that may have the lead with it, itself included.
        shares_max: u32,
    },
    /// It takes what nobody else has, and somebody had it.
    Sweeper,
    /// Its tier is asked after those before it, and they had enough bids.
    TierNotAsked {
        /// Its tier.
        tier: Arc<str>,
    },
    /// The contract does not take leads of this source.
    RoutePaused,
    /// The buyer rejected the post.
    PostRejected {
        /// The buyer's words.
        said: Arc<str>,
    },
    /// The post could not be sent.
    PostNotSent {
        /// What stood in the way.
        why: Arc<str>,
    },
    /// Nobody knows whether the buyer has the lead.
    PostUnknown {
        /// What was seen.
        why: Arc<str>,
    },
    /// The plan went no further: an earlier post ended as unknown, so nobody else may have an exclusive lead.
    HeldByUnknown,
    /// The time of the lead was used up before its turn came.
    OutOfTime,
}

impl Reason {
    /// The stable code used in the API, the store and the reports.
    #[expect(
        clippy::too_many_lines,
        reason = "one line for each reason; cutting the list in two would hide one of them"
    )]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Filter { .. } => "filter",
            Self::CapFull { .. } => "cap_full",
            Self::StoppedAtCap { .. } => "stopped_at_cap",
            Self::OverCap => "over_cap",
            Self::Closed { .. } => "closed",
            Self::PersonHours { .. } => "person_hours",
            Self::PersonTimeUnknown { .. } => "person_time_unknown",
            Self::TooFast { .. } => "too_fast",
            Self::Consent { .. } => "consent",
            Self::SaleForbidden { .. } => "sale_forbidden",
            Self::OptIn { .. } => "opt_in_not_allowed",
            Self::ConsentTooOld { .. } => "consent_too_old",
            Self::ChannelNotGranted { .. } => "channel_not_granted",
            Self::PageNotApproved { .. } => "page_not_approved",
            Self::TextNotApproved { .. } => "text_not_approved",
            Self::SellerNotCovered { .. } => "seller_not_covered",
            Self::CertificateMissing { .. } => "certificate_missing",
            Self::CertificateTaken { .. } => "certificate_taken",
            Self::Withdrawn { .. } => "withdrawn",
            Self::CheckFailed { .. } => "check_failed",
            Self::CheckUnavailable { .. } => "check_unavailable",
            Self::NotAccepted { .. } => "not_accepted",
            Self::InReview { .. } => "in_review",
            Self::ReviewRefused { .. } => "review_refused",
            Self::Duplicate { .. } => "duplicate",
            Self::Suppressed { .. } => "suppressed",
            Self::NotOnList { .. } => "not_on_list",
            Self::ListUnknown { .. } => "list_unknown",
            Self::Loop { .. } => "loop",
            Self::Resting { .. } => "resting",
            Self::Throttled { .. } => "throttled",
            Self::ExcludedBySource => "excluded_by_source",
            Self::Leak { .. } => "leak",
            Self::Unwritable { .. } => "unwritable",
            Self::NotReached { .. } => "not_reached",
            Self::LoginFailed { .. } => "login_failed",
            Self::NoBid { .. } => "no_bid",
            Self::BuyerDuplicate { .. } => "buyer_duplicate",
            Self::BadAnswer { .. } => "bad_answer",
            Self::Late { .. } => "late",
            Self::BelowFloor { .. } => "below_floor",
            Self::AboveCeiling { .. } => "above_ceiling",
            Self::OtherCurrency { .. } => "other_currency",
            Self::Outbid { .. } => "outbid",
            Self::Outranked { .. } => "outranked",
            Self::Handicapped { .. } => "handicapped",
            Self::BidExpired { .. } => "bid_expired",
            Self::PayoutTooLow { .. } => "payout_too_low",
            Self::LowerPriority { .. } => "lower_priority",
            Self::NotItsTurn { .. } => "not_its_turn",
            Self::LowerTier { .. } => "lower_tier",
            Self::LowerExpected { .. } => "lower_expected_value",
            Self::NotInBestSet { .. } => "not_in_best_set",
            Self::Conflict { .. } => "conflict",
            Self::WantsFewer { .. } => "wants_fewer_buyers",
            Self::Sweeper => "sweeper",
            Self::TierNotAsked { .. } => "tier_not_asked",
            Self::RoutePaused => "route_paused",
            Self::PostRejected { .. } => "post_rejected",
            Self::PostNotSent { .. } => "post_not_sent",
            Self::PostUnknown { .. } => "post_unknown",
            Self::HeldByUnknown => "held_by_unknown",
            Self::OutOfTime => "out_of_time",
        }
    }
}
