//! Names that operators give, and numbers that the engine gives.
//!
//! A *name* (`acme_auto`) comes from a spec file and stays the same for years. A *number* (`lead_0192…`) is
//! made for one lead, ping or attempt, and is unique without asking anybody.

use std::fmt;
use std::sync::Arc;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is; spec files are checked before they get here.
            pub fn new(name: impl Into<Arc<str>>) -> Self {
                Self(name.into())
            }

            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// Who sends leads and is paid for them.
    SupplierName;
    /// One inbound feed of a supplier, with its own key.
    SourceName;
    /// Who buys leads.
    BuyerName;
    /// The standing terms of a buyer for one campaign.
    ContractName;
    /// One selling set-up: a lead type, its sources, its contracts, one distribution rule.
    CampaignName;
    /// The fields of a kind of lead.
    LeadTypeName;
    /// A way to speak with a buyer.
    IntegrationName;
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// What its text form begins with.
            pub const PREFIX: &'static str = $prefix;

            /// From 128 bits; the engine draws them.
            pub const fn from_bits(bits: u128) -> Self {
                Self(bits)
            }

            /// All 128 bits.
            pub const fn bits(self) -> u128 {
                self.0
            }

            /// Reads the text form back; `None` if the prefix, the length or a digit is wrong.
            pub fn parse(text: &str) -> Option<Self> {
                let digits = text.strip_prefix($prefix)?;
                let plain = digits.len() == 32 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                plain.then(|| u128::from_str_radix(digits, 16).ok()).flatten().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{:032x}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

numbers! {
    /// A lead that was accepted for sale. Begins with its time, so later leads sort later.
    LeadId, "lead_";
    /// One ping to one buyer. All random: it tells a buyer nothing about the lead or its other pings.
    PingId, "ping_";
    /// What was promised to a source in answer to its ping.
    QuoteId, "quote_";
    /// One post to one buyer: the number a buyer sees and reconciles by.
    AttemptId, "attempt_";
    /// One start of one process: the owner of the intents it writes.
    BootId, "boot_";
    /// One message to tell somebody: a postback or a webhook.
    MessageId, "msg_";
}

/// 128 bits that sort by time: 48 bits of milliseconds, then version and variant as in UUID version 7
/// (RFC 9562, section 5.7), the rest from `chance`.
pub fn time_ordered(now_ms: i64, chance: u128) -> u128 {
    let ms = u128::from(now_ms.max(0).unsigned_abs()) & 0xffff_ffff_ffff;
    let random = chance & 0x0000_0000_0000_0fff_3fff_ffff_ffff_ffff;
    (ms << 80) | (0x7 << 76) | (0b10 << 62) | random
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back_from_its_text_and_from_nothing_else() {
        let lead = LeadId::from_bits(time_ordered(1_795_000_000_000, u128::MAX));
        assert_eq!(LeadId::parse(&lead.to_string()), Some(lead));
        assert_eq!(AttemptId::parse(&lead.to_string()), None);
        assert_eq!(LeadId::parse("lead_12"), None);
        assert_eq!(LeadId::parse(&lead.to_string().to_uppercase()), None);
    }

    #[test]
    fn later_leads_sort_later() {
        assert!(time_ordered(1_000, u128::MAX) < time_ordered(1_001, 0));
    }
}
