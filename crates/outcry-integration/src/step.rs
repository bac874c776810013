//! The steps of a dialogue with a buyer, in their order, and what each may speak of.

/// One step. Each is a table of the file, with a request and mostly an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepName {
    /// Gets what later steps show to be let in: a token, a session. Once for many leads.
    Login,
    /// A call before the ping: a session of the buyer, a first question.
    PrePing,
    /// The masked lead, for a bid.
    Ping,
    /// The full lead.
    Post,
    /// A call after an accepted post, without which the sale is not made.
    Completion,
    /// Asks for the final word on a queued post.
    Poll,
    /// Hears the final word from the buyer, who calls us. Nothing is sent.
    Callback,
    /// Tells a bidder that it has the lead.
    Win,
    /// Tells a bidder that it does not.
    Loss,
}

impl StepName {
    /// All of them, in their order.
    pub const ALL: [Self; 9] = [
        Self::Login,
        Self::PrePing,
        Self::Ping,
        Self::Post,
        Self::Completion,
        Self::Poll,
        Self::Callback,
        Self::Win,
        Self::Loss,
    ];

    /// Its table in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::PrePing => "pre_ping",
            Self::Ping => "ping",
            Self::Post => "post",
            Self::Completion => "completion",
            Self::Poll => "poll",
            Self::Callback => "callback",
            Self::Win => "win",
            Self::Loss => "loss",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.word() == word)
    }

    /// How holes begin that name what it kept. `{ping.id}` is ours, so what the ping's answer kept has a longer name.
    pub(crate) const fn kept_prefix(self) -> &'static str {
        match self {
            Self::Ping => "ping.answer",
            other => other.word(),
        }
    }

    /// May it speak of the lead? A login is shared by many; whoever asks or is told afterwards needs no person.
    pub(crate) const fn sees_lead(self) -> bool {
        matches!(self, Self::PrePing | Self::Ping | Self::Post | Self::Completion)
    }

    /// Is it about one lead, so that it may speak of its source and of our ids? Only a login is not.
    pub(crate) const fn is_of_one_lead(self) -> bool {
        !matches!(self, Self::Login)
    }

    /// Is there a bid to speak of?
    pub(crate) const fn sees_bid(self) -> bool {
        matches!(self, Self::Post | Self::Completion | Self::Poll | Self::Win | Self::Loss)
    }

    /// Is there an attempt to speak of?
    pub(crate) const fn sees_attempt(self) -> bool {
        matches!(self, Self::Post | Self::Completion | Self::Poll | Self::Win)
    }

    /// Is it heard and not said?
    pub(crate) const fn is_heard(self) -> bool {
        matches!(self, Self::Callback)
    }

    /// Is it sent while pings are open?
    pub(crate) const fn is_before_bid(self) -> bool {
        matches!(self, Self::PrePing | Self::Ping)
    }

    /// Does it tell how the auction ended?
    pub(crate) const fn is_notice(self) -> bool {
        matches!(self, Self::Win | Self::Loss)
    }

    /// Has `earlier` always gone before it, so that it may speak of what that kept? A loser was never posted to.
    pub(crate) fn hears_of(self, earlier: Self) -> bool {
        match earlier {
            Self::Login | Self::PrePing | Self::Ping => earlier < self,
            Self::Post | Self::Completion => earlier < self && self.sees_attempt(),
            Self::Poll | Self::Callback | Self::Win | Self::Loss => false,
        }
    }
}
