//! What a campaign does with a lead when nobody knows whether a buyer has it.

/// The campaign's policy. Without a word of the operator it is the safe one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownPolicy {
    /// May others have the lead?
    pub resell: Resell,
    /// After so many hours without an outcome an attempt is written off.
    pub write_off_hours: u32,
}

/// May others have a lead that one buyer may have already?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resell {
    /// Not until it is known that the buyer does not have it.
    Never,
    /// At once, as if the buyer had rejected it. **Breaks the promise to sell a lead to one buyer.**
    TreatAsRejected,
}

impl Resell {
    /// The word in files and records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::TreatAsRejected => "treat_as_rejected",
        }
    }

    /// Does it break the promise to sell an exclusive lead once?
    pub const fn breaks_the_promise(self) -> bool {
        !matches!(self, Self::Never)
    }
}

impl Default for UnknownPolicy {
    fn default() -> Self {
        Self {
            resell: Resell::Never,
            write_off_hours: 24,
        }
    }
}
