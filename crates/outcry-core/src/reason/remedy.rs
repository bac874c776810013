//! What would have changed a reason: one sentence for whoever wants another answer next time.

use super::Reason;
use super::words::{percent, units};

impl Reason {
    /// What would have let this contract have the lead, or at least be asked, with the values that decided.
    #[expect(
        clippy::too_many_lines,
        reason = "one line for each reason; cutting the list in two would hide one of them"
    )]
    pub fn remedy(&self) -> String {
        match self {
            Self::Paused => "taking `paused = true` out of the contract".to_owned(),
            Self::Filter { part, found } => format!("a lead that meets `{part}`, or a filter that takes {found}"),
            Self::CapFull { cap, limit, .. } => format!("a limit of {cap} above {}, or its next window", units(cap, *limit)),
            Self::StoppedAtCap { contract } => format!("room in the cap of {contract}, or another `full` there than \"stop\""),
            Self::OverCap => "nobody else taking the lead, or a higher limit".to_owned(),
            Self::Closed { whose, hours, .. } => format!("a lead within {hours}, or a wider `schedule` of {whose}"),
            Self::PersonHours { whose, hours, .. } => {
                format!("a lead within {hours} where the person is, or wider `person_hours` of {whose}")
            }
            Self::PersonTimeUnknown { .. } => "a state, a ZIP code or a phone of the United States in the lead".to_owned(),
            Self::TooFast { throttle, wait_ms } => format!("a lead {wait_ms} ms later, or a higher `limit` or `burst` of {throttle}"),
            Self::Consent { missing } => format!("a consent record that covers this buyer: {missing}"),
            Self::SaleForbidden { rule } => format!("another state, lead type or day, for which {rule} does not hold"),
            Self::OptIn { rule, .. } => format!("a way of opting in that {rule} allows, said in `opt_in_type`"),
            Self::ConsentTooOld { most_s, rule, .. } => format!("a consent of {most_s} s at most, or a longer `max_age` of {rule}"),
            Self::ChannelNotGranted { channel } => {
                format!("a person who agrees to be reached by {channel}, or a buyer that reaches people otherwise")
            }
            Self::PageNotApproved { host } => format!("a consent from an approved page, or {host} among `pages`"),
            Self::TextNotApproved { text } => format!("an approved text, or a `[text.…]` for {text}"),
            Self::SellerNotCovered { policy, .. } if &**policy == "declined" => "a person who picks this buyer".to_owned(),
            Self::SellerNotCovered { policy, rule } => format!("a consent in which this buyer is {policy}, as {rule} asks"),
            Self::CertificateMissing { vendors } => format!("a certificate of {vendors} in its exact shape"),
            Self::CertificateTaken { vendor } => format!("the person's own certificate of {vendor}"),
            Self::Withdrawn { scope } => format!("nothing: the person has taken it back ({scope})"),
            Self::CheckFailed { check, said } => format!("a lead of which {check} does not say {said}, or another `on_fail`"),
            Self::CheckUnavailable { check, why } => {
                format!("an answer of {check} ({why}), a longer `timeout_ms`, or another `on_unknown`")
            }
            Self::NotAccepted { part, found } => format!("a lead that meets `{part}`, or an `accept` that takes {found}"),
            Self::InReview { .. } => "somebody who looks at it and lets it go".to_owned(),
            Self::ReviewRefused { .. } => "whoever refused it letting it go".to_owned(),
            Self::Duplicate { scope } => format!("another person, or a shorter window of the {scope} rule"),
            Self::Suppressed { list } => format!("taking the person off the list {list}, or the list off the rule"),
            Self::NotOnList { list } => format!("putting the person on the list {list}, or taking the list off the contract"),
            Self::ListUnknown { list, .. } => format!("a fresh file for the list {list}: outcry list import {list} FILE"),
            Self::Loop { .. } => "a broker that does not sell back to whom it buys from".to_owned(),
            Self::Resting { failures } => {
                format!("an answer of the buyer's server, after {failures} failures; it is asked again by itself")
            }
            Self::Throttled { limit } => format!("a `calls_max` above {limit}, or a buyer that answers faster"),
            Self::ExcludedBySource => "leaving the buyer out of `exclude_buyers` of the source or its request".to_owned(),
            Self::RoutePaused => "taking `paused = true` out of the contract's route with this source".to_owned(),
            Self::TierNotAsked { tier } => format!("no bid in the tiers before {tier}, or tiers without `time`"),
            Self::Leak { field, looks_like } => format!("a {field} without {looks_like}, or `ping.only` without {field}"),
            Self::Unwritable { why } => format!("a value for what was missing ({why}), or a `default` in the integration"),
            Self::NotReached { why } => format!("a server that can be reached: {why}"),
            Self::LoginFailed { why } => format!("a login that works: {why}"),
            Self::NoBid { .. } | Self::PostRejected { .. } => "the buyer's own rules; its words are all that is known of them".to_owned(),
            Self::BuyerDuplicate { .. } => "another person: the buyer knows this one".to_owned(),
            Self::BadAnswer { why } => format!("an answer that the integration can read ({why}), or a rule for this one"),
            Self::Late { after_ms } => format!("an answer within {after_ms} ms, or a longer `ping_timeout_ms` and `ping_window_ms`"),
            Self::BelowFloor { floor, .. } => format!("a bid of {floor} or more, or a lower floor"),
            Self::AboveCeiling { ceiling, .. } => format!("a bid of {ceiling} or less, or a higher ceiling"),
            Self::OtherCurrency { found } => format!("a bid in the campaign's currency and not in {found}"),
            Self::Outbid { best, .. } => format!("a bid above {best}"),
            Self::Outranked { bid } => format!("a bid above {bid}, or the same one earlier"),
            Self::Handicapped { handicap_bp, best, .. } => {
                format!(
                    "a handicap below {} %, or a bid that still stands above {best} with it",
                    percent(*handicap_bp)
                )
            }
            Self::BidExpired { since_ms } => format!("a bid that stands {since_ms} ms longer"),
            Self::PayoutTooLow { payout, wanted, .. } => {
                format!("a bid that pays the source {wanted} and not {payout}, or a source that asks for less")
            }
            Self::LowerPriority { winner, .. } => format!("a `priority` below {winner}"),
            Self::NotItsTurn { turn } => {
                format!("its own turn, which comes; a higher `weight` makes it come more often than that of {turn}")
            }
            Self::LowerTier { winner, .. } => format!("a place in tier {winner}, or nobody there who takes the lead"),
            Self::LowerExpected { best, .. } => {
                format!("accepting more of what it bids for, or a bid that is expected to bring more than {best}")
            }
            Self::NotInBestSet { set, .. } => format!("a bid with which it and those it shares with bring more than {set}"),
            Self::Conflict { with } => format!("{with} not having the lead, or no conflict between the two"),
            Self::WantsFewer { shares_max } => format!("a bid that may be shared with more than {shares_max}"),
            Self::Sweeper => "nobody else taking the lead, or `sweeper = false`".to_owned(),
            Self::PostNotSent { why } => format!("a post that can leave: {why}"),
            Self::PostUnknown { .. } => "the buyer's word on whether it has the lead".to_owned(),
            Self::HeldByUnknown => "a clear answer of the buyer before it".to_owned(),
            Self::OutOfTime => "faster refusals before it, a higher `posts_max`, or more `limits.selling_ms`".to_owned(),
        }
    }
}
