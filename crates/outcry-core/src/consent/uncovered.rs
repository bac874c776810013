//! Why a consent record does not cover a buyer.

use super::demand::{Channel, SellerPolicy};
use crate::reason::Reason;
use std::fmt;
use std::sync::Arc;

/// Why a consent record does not cover a buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uncovered {
    /// `consent_given` is missing or false.
    NotGiven,
    /// The words, the moment or the page is missing.
    Incomplete(&'static str),
    /// The consent lies in the future.
    InFuture,
    /// A rule says that such leads are not sold.
    Forbidden {
        /// Which.
        rule: Arc<str>,
    },
    /// The way of opting in is not one that is allowed.
    OptIn {
        /// The way, or `nothing`.
        way: Arc<str>,
        /// Who asks for another.
        rule: Arc<str>,
    },
    /// The consent is older than allowed.
    TooOld {
        /// How old, in whole seconds.
        age_s: i64,
        /// The oldest, in whole seconds.
        most_s: i64,
        /// Who says so.
        rule: Arc<str>,
    },
    /// The person did not agree to be reached so.
    Channel {
        /// How.
        channel: Channel,
    },
    /// It was not given on an approved page.
    Page {
        /// The host of the page it was given on.
        host: Arc<str>,
    },
    /// A certificate is asked for, and there is none of the right shape.
    Certificate {
        /// Of whom.
        vendors: Arc<str>,
    },
    /// The text is not an approved one.
    Text {
        /// Its id, as pings have it.
        text: Arc<str>,
    },
    /// The person was shown this buyer and did not take it.
    Declined,
    /// The buyer is not one that the consent covers.
    Seller {
        /// By which policy.
        policy: SellerPolicy,
        /// Who asks for it.
        rule: Arc<str>,
    },
}

impl fmt::Display for Uncovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGiven => f.write_str("the person did not consent"),
            Self::Incomplete(what) => write!(f, "the consent record lacks {what}"),
            Self::InFuture => f.write_str("the consent is dated in the future"),
            other => Reason::from(other.clone()).fmt(f),
        }
    }
}

impl From<Uncovered> for Reason {
    fn from(why: Uncovered) -> Self {
        match why {
            Uncovered::NotGiven | Uncovered::Incomplete(_) | Uncovered::InFuture => Self::Consent {
                missing: why.to_string().into(),
            },
            Uncovered::Forbidden { rule } => Self::SaleForbidden { rule },
            Uncovered::OptIn { way, rule } => Self::OptIn { way, rule },
            Uncovered::TooOld { age_s, most_s, rule } => Self::ConsentTooOld { age_s, most_s, rule },
            Uncovered::Channel { channel } => Self::ChannelNotGranted {
                channel: channel.word().into(),
            },
            Uncovered::Page { host } => Self::PageNotApproved { host },
            Uncovered::Certificate { vendors } => Self::CertificateMissing { vendors },
            Uncovered::Text { text } => Self::TextNotApproved { text },
            Uncovered::Declined => Self::SellerNotCovered {
                policy: "declined".into(),
                rule: "the person".into(),
            },
            Uncovered::Seller { policy, rule } => Self::SellerNotCovered {
                policy: policy.word().into(),
                rule,
            },
        }
    }
}
