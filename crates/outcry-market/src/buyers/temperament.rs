//! Temperaments: how a buyer behaves, as shares, delays and prices.

use crate::chance::{Chance, Share};
use crate::faults::Faults;

/// What kind of buyer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temperament {
    /// Answers at once and offers little.
    QuickAndLow,
    /// Answers in good time and offers a fair price.
    Steady,
    /// Takes its time and offers much.
    SlowAndHigh,
    /// Hardly ever wants anything, and then pays well.
    Choosy,
    /// Bids well and sends this share of what it is posted back.
    RejectsAtPost(Share),
    /// Bids well and names a lower price once it has the lead.
    LowersAtPost,
    /// Names a higher price at the post than it bid.
    RaisesAtPost,
    /// Answers after everybody has stopped waiting, pings and posts alike.
    Late,
    /// Takes calls and never says a word.
    Silent,
    /// Its server is a ruin: errors, nonsense, resets, and between them a sale.
    Broken,
    /// Nobody listens at its address.
    Dead,
}

/// How long something takes: anywhere between the two, drawn evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// At least so many milliseconds.
    pub from_ms: u32,
    /// At most so many.
    pub to_ms: u32,
}

impl Delay {
    /// Always the same.
    pub const fn fixed(ms: u32) -> Self {
        Self { from_ms: ms, to_ms: ms }
    }

    /// Anywhere between the two.
    pub const fn uniform(from_ms: u32, to_ms: u32) -> Self {
        Self { from_ms, to_ms }
    }

    pub(crate) fn draw(self, chance: &mut Chance) -> u32 {
        u32::try_from(chance.between(i64::from(self.from_ms), i64::from(self.to_ms))).unwrap_or(self.from_ms)
    }
}

/// What a buyer offers: whole cents between the two, the middle more often than the ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BidCurve {
    /// Least.
    pub min_cents: i64,
    /// Most.
    pub max_cents: i64,
}

impl BidCurve {
    pub(crate) fn draw(self, chance: &mut Chance) -> i64 {
        let width = self.max_cents - self.min_cents;
        self.min_cents + i64::midpoint(chance.between(0, width), chance.between(0, width))
    }

    /// The same at so many percent.
    pub(crate) const fn at_percent(self, percent: i64) -> Self {
        Self {
            min_cents: self.min_cents * percent / 100,
            max_cents: self.max_cents * percent / 100,
        }
    }
}

/// A temperament in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// How long an answer to a ping takes.
    pub ping_delay: Delay,
    /// How long an answer to a post takes.
    pub post_delay: Delay,
    /// What it offers, in percent of what its curve says.
    pub bid_percent: i64,
    /// How often it does not want a lead.
    pub no_bid: Share,
    /// How often it sends a posted lead back.
    pub reject: Share,
    /// The price its post answer names, in percent of its bid.
    pub post_percent: i64,
    /// What goes wrong on its side.
    pub faults: Faults,
    /// Does it ever answer?
    pub mute: bool,
}

impl Manner {
    const STEADY: Self = Self {
        ping_delay: Delay::uniform(40, 160),
        post_delay: Delay::uniform(80, 300),
        bid_percent: 100,
        no_bid: Share::percent(20),
        reject: Share::percent(4),
        post_percent: 100,
        faults: Faults::NONE,
        mute: false,
    };

    const fn taking(self, ping_delay: Delay, post_delay: Delay) -> Self {
        Self {
            ping_delay,
            post_delay,
            ..self
        }
    }

    const fn offering(self, bid_percent: i64) -> Self {
        Self { bid_percent, ..self }
    }

    const fn refusing(self, no_bid_percent: u16) -> Self {
        Self {
            no_bid: Share::percent(no_bid_percent),
            ..self
        }
    }

    const fn rejecting(self, reject: Share) -> Self {
        Self { reject, ..self }
    }

    const fn paying(self, post_percent: i64) -> Self {
        Self { post_percent, ..self }
    }

    const fn suffering(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    const fn saying_nothing(self) -> Self {
        Self { mute: true, ..self }
    }
}

impl Temperament {
    /// What it means in numbers. Delays are set against the defaults of a contract: 600 ms for a ping, 5 s for a post.
    pub const fn manner(self) -> Manner {
        let steady = Manner::STEADY;
        match self {
            Self::QuickAndLow => {
                let quick = steady.taking(Delay::uniform(6, 35), Delay::uniform(15, 80));
                quick.offering(70).refusing(8).rejecting(Share::percent(1))
            }
            Self::Steady => steady,
            Self::SlowAndHigh => steady
                .taking(Delay::uniform(240, 520), Delay::uniform(500, 1_800))
                .offering(130)
                .refusing(30),
            Self::Choosy => steady.offering(150).refusing(88),
            Self::RejectsAtPost(share) => steady.offering(115).rejecting(share),
            Self::LowersAtPost => steady.offering(120).paying(60),
            Self::RaisesAtPost => steady.offering(95).paying(110),
            Self::Late => steady
                .taking(Delay::uniform(650, 1_500), Delay::uniform(5_200, 8_000))
                .offering(140),
            Self::Silent => steady.saying_nothing(),
            Self::Broken => steady.offering(125).suffering(Faults::STORM),
            Self::Dead => steady.taking(Delay::fixed(0), Delay::fixed(0)).saying_nothing(),
        }
    }
}
