//! What somebody asks of a consent record: a rule of a pack, a campaign, a contract. The strictest of all counts.

use super::{By, ConsentRecord, Uncovered};
use crate::moment::Moment;
use std::fmt;
use std::sync::Arc;

/// Which sellers a consent covers. The later the stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SellerPolicy {
    /// The text alone, whoever the buyer is.
    Open,
    /// Those whom the text, or the dated list of partners that it links, names to the person.
    Named,
    /// Those whom the person has picked.
    Selected,
}

impl SellerPolicy {
    /// All, with the words of files.
    pub const WORDS: [(&'static str, Self); 3] = [("open", Self::Open), ("named", Self::Named), ("selected", Self::Selected)];

    /// The word of files and reasons.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Named => "named",
            Self::Selected => "selected",
        }
    }
}

/// A way to reach a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By telephone.
    Call,
    /// By text message.
    Sms,
    /// By e-mail.
    Email,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Call, Self::Sms, Self::Email];

    /// The word of files, reasons and withdrawals.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.word() == word)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Call => 1,
            Self::Sms => 2,
            Self::Email => 4,
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Ways to reach a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Channels(u8);

impl Channels {
    /// None said.
    pub const NONE: Self = Self(0);

    /// With one more.
    #[must_use]
    pub const fn with(self, channel: Channel) -> Self {
        Self(self.0 | channel.bit())
    }

    /// Is it among them?
    pub const fn has(self, channel: Channel) -> bool {
        self.0 & channel.bit() != 0
    }

    /// Is there none?
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that are there.
    pub fn iter(self) -> impl Iterator<Item = Channel> {
        Channel::ALL.into_iter().filter(move |channel| self.has(*channel))
    }
}

/// What is asked of a record. What is empty or `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Which sellers it has to cover.
    pub sellers: Option<SellerPolicy>,
    /// The oldest that it may be.
    pub age_ms_max: Option<i64>,
    /// The ways of opting in that will do.
    pub opt_in: Vec<Arc<str>>,
    /// The hosts of pages that will do; a host stands for all below it.
    pub pages: Vec<Arc<str>>,
    /// Certificates of which the lead must have one, by their vendors.
    pub certificates: Vec<Arc<str>>,
    /// Such leads are not sold at all.
    pub forbidden: bool,
}

impl Demand {
    /// Not too old?
    pub(super) fn in_time(&self, given: Moment, now: Moment, by: By<'_>) -> Result<(), Uncovered> {
        let age_ms = now.since_ms(given);
        match self.age_ms_max.filter(|most| *most < age_ms) {
            Some(most) => Err(Uncovered::TooOld {
                age_s: age_ms / 1_000,
                most_s: most / 1_000,
                rule: by.name(),
            }),
            None => Ok(()),
        }
    }

    /// Given on a page that will do?
    pub(super) fn on_page(&self, record: &ConsentRecord<'_>) -> Result<(), Uncovered> {
        if self.pages.is_empty() {
            return Ok(());
        }
        let host = record.page_host().unwrap_or_default();
        let below = |page: &Arc<str>| host == **page || host.strip_suffix(&**page).is_some_and(|sub| sub.ends_with('.'));
        if self.pages.iter().any(below) {
            Ok(())
        } else {
            Err(Uncovered::Page { host: host.into() })
        }
    }

    /// With a certificate that has the vendor's own shape? Whether it is genuine only the vendor knows.
    pub(super) fn with_certificate(&self, record: &ConsentRecord<'_>) -> Result<(), Uncovered> {
        let has = |vendor: &Arc<str>| record.certificates.iter().any(|one| one.vendor() == &**vendor);
        if self.certificates.is_empty() || self.certificates.iter().any(has) {
            return Ok(());
        }
        Err(Uncovered::Certificate {
            vendors: self.certificates.join(" or ").into(),
        })
    }
}
