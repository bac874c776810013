//! Each reason as a sentence, with the values that decided.

use super::Reason;
use crate::money::Money;
use std::fmt;

impl fmt::Display for Reason {
    #[expect(
        clippy::too_many_lines,
        reason = "one line for each reason; cutting the list in two would hide one of them"
    )]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paused => f.write_str("the contract is paused"),
            Self::Filter { part, found } => write!(f, "the filter says no: {part} (the lead has {found})"),
            Self::CapFull { cap, limit, opens } => {
                write!(f, "the cap {cap} of {} is full", units(cap, *limit))?;
                opens.map_or(Ok(()), |opens| write!(f, " until {opens}"))
            }
            Self::StoppedAtCap { contract } => write!(f, "the cap of {contract} is full, and nobody else gets what it has no room for"),
            Self::OverCap => f.write_str("its cap is full, so it takes what nobody else has, and somebody had it"),
            Self::Closed { whose, hours, local } => write!(f, "{whose} is closed: it is {local}, and it is open {hours}"),
            Self::PersonHours { whose, hours, local } => {
                write!(f, "it is {local}, where the person may be, and {whose} allows {hours}")
            }
            Self::PersonTimeUnknown { whose } => write!(f, "nothing tells what time it is where the person is, and {whose} asks for it"),
            Self::TooFast { throttle, wait_ms } => write!(f, "the throttle {throttle} has no token for another {wait_ms} ms"),
            Self::Consent { missing } => write!(f, "consent does not cover this buyer: {missing}"),
            Self::SaleForbidden { rule } => write!(f, "the rule {rule} forbids to sell such a lead"),
            Self::OptIn { way, rule } => write!(f, "the person opted in by {way}, and {rule} asks for another way"),
            Self::ConsentTooOld { age_s, most_s, rule } => {
                write!(f, "the consent is {} old, and {rule} allows {}", span(*age_s), span(*most_s))
            }
            Self::ChannelNotGranted { channel } => write!(f, "the person did not agree to be reached by {channel}"),
            Self::PageNotApproved { host } => write!(f, "the consent was given on {host}, which is not an approved page"),
            Self::TextNotApproved { text } => write!(f, "the text that the person saw ({text}) is not an approved one"),
            Self::SellerNotCovered { policy, rule } if &**policy == "declined" => {
                write!(f, "the consent does not cover this buyer: {rule} was shown it and left it out")
            }
            Self::SellerNotCovered { policy, rule } => {
                write!(
                    f,
                    "the consent does not cover this buyer: {rule} asks for a seller that is {policy}"
                )
            }
            Self::CertificateMissing { vendors } => write!(f, "a certificate of {vendors} is asked for, and the lead has none"),
            Self::CertificateTaken { vendor } => write!(f, "the certificate of {vendor} came with another person before"),
            Self::Withdrawn { scope } => write!(f, "the person has withdrawn the consent ({scope})"),
            Self::CheckFailed { check, said } => write!(f, "the check {check} says no: {said}"),
            Self::CheckUnavailable { check, why } => write!(f, "the check {check} could not be made: {why}"),
            Self::NotAccepted { part, found } => write!(f, "the campaign does not take it: {part} (the lead has {found})"),
            Self::InReview { why } => write!(f, "the lead waits for review: {why}"),
            Self::ReviewRefused { why } => write!(f, "the lead was refused in review: {why}"),
            Self::Duplicate { scope } => write!(f, "this person came before (the duplicate rule of {scope})"),
            Self::Suppressed { list } => write!(f, "this person is on the list {list}"),
            Self::NotOnList { list } => write!(f, "this person is not on the list {list}, and only those on it are sold"),
            Self::ListUnknown { list, why } => write!(f, "the list {list} cannot say for certain: {why}"),
            Self::Loop { how } => write!(f, "the lead came back around: {how}"),
            Self::Resting { failures } => write!(f, "the buyer failed {failures} times in a row and is given a rest"),
            Self::Throttled { limit } => write!(f, "{limit} calls to this buyer are already open, which is its limit"),
            Self::ExcludedBySource => f.write_str("the source asked to leave this buyer out"),
            Self::Leak { field, looks_like } => write!(f, "the field {field} holds what looks like {looks_like}; nothing was sent"),
            Self::Unwritable { why } => write!(f, "the request could not be written: {why}"),
            Self::NotReached { why } => write!(f, "the buyer could not be reached: {why}"),
            Self::LoginFailed { why } => write!(f, "the login failed: {why}"),
            Self::NoBid { said } if said.is_empty() => f.write_str("the buyer does not want it"),
            Self::NoBid { said } => write!(f, "the buyer does not want it: {said}"),
            Self::BuyerDuplicate { said } => write!(f, "the buyer knows this person already: {said}"),
            Self::BadAnswer { why } => write!(f, "the answer cannot be used: {why}"),
            Self::Late { after_ms } => write!(f, "no answer within {after_ms} ms"),
            Self::BelowFloor { bid, floor } => write!(f, "the bid of {bid} is under the floor of {floor}"),
            Self::AboveCeiling { bid, ceiling } => write!(f, "the bid of {bid} is over the ceiling of {ceiling}"),
            Self::OtherCurrency { found } => write!(f, "the bid is in {found}"),
            Self::Outbid { bid, best } => write!(f, "outbid: {bid} against {best}"),
            Self::Outranked { bid } => write!(f, "the same bid of {bid} as the winner, later in the tie-break"),
            Self::Handicapped { bid, handicap_bp, best } => {
                write!(f, "its bid of {bid} counts {} % less, and {best} won", percent(*handicap_bp))
            }
            Self::BidExpired { since_ms } => write!(f, "its bid had ended {since_ms} ms before its turn came"),
            Self::PayoutTooLow { bid, payout, wanted } => {
                write!(f, "the bid of {bid} pays the source {payout}, and it asks for {wanted}")
            }
            Self::LowerPriority { priority, winner } => write!(f, "its priority is {priority}, and {winner} stands before it"),
            Self::NotItsTurn { turn } => write!(f, "it was the turn of {turn}"),
            Self::LowerTier { tier, winner } => write!(f, "its tier {tier} stands behind {winner}"),
            Self::LowerExpected { expected, best } => write!(f, "it is expected to bring {expected}, and the winner {best}"),
            Self::NotInBestSet { bid, set } => write!(f, "with its bid of {bid} no set of buyers brings more than {set}"),
            Self::Conflict { with } => write!(f, "it does not share a lead with {with}"),
            Self::WantsFewer { shares_max: 1 } => f.write_str("it wants the lead alone, and it was shared"),
            Self::WantsFewer { shares_max } => write!(f, "it would be one of {shares_max} buyers at most, and as many had the lead"),
            Self::Sweeper => f.write_str("it takes what nobody else has, and somebody had it"),
            Self::TierNotAsked { tier } => write!(f, "its tier {tier} was not asked: those before it had bids"),
            Self::RoutePaused => f.write_str("the contract does not take leads of this source"),
            Self::PostRejected { said } => write!(f, "the buyer rejected the post: {said}"),
            Self::PostNotSent { why } => write!(f, "the post was not sent: {why}"),
            Self::PostUnknown { why } => write!(f, "nobody knows whether the buyer has the lead: {why}"),
            Self::HeldByUnknown => f.write_str("an earlier post is unresolved, and the lead is exclusive"),
            Self::OutOfTime => f.write_str("the lead's time was used up"),
        }
    }
}

/// A limit as people write it: the key of a budget says that its units are millionths of money.
pub(super) fn units(cap: &str, limit: i64) -> String {
    if cap.split('/').any(|part| matches!(part, "price" | "payout")) {
        Money::from_micros(limit).to_string()
    } else {
        limit.to_string()
    }
}

/// A span of whole seconds as people say it: the two largest units of it.
pub(super) fn span(seconds: i64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let Some(first) = units.iter().position(|(unit, _)| *unit <= seconds) else {
        return "0 s".to_owned();
    };
    let (unit, word) = units[first];
    let rest = units
        .get(first + 1)
        .map(|(next, word)| (seconds % unit / next, word))
        .filter(|(count, _)| *count != 0);
    match rest {
        Some((count, next)) => format!("{} {word} {count} {next}", seconds / unit),
        None => format!("{} {word}", seconds / unit),
    }
}

/// Basis points as people say them: 25, 12.5.
pub(super) fn percent(basis_points: u32) -> String {
    let two_decimals = format!("{}.{:02}", basis_points / 100, basis_points % 100);
    two_decimals.trim_end_matches('0').trim_end_matches('.').to_owned()
}
