//! The record of one auction: everything that was seen and decided, enough to explain it and to decide it again.
//!
//! It holds no personal value: pings are recorded as they left, and a ping cannot hold one.

mod check;

pub use self::check::Finding;

use crate::id::{AttemptId, BuyerName, CampaignName, ContractName, LeadId, PingId, QuoteId, SourceName};
use crate::lead::SubIds;
use crate::moment::Moment;
use crate::money::{Currency, Money};
use crate::ping_view::PingView;
use crate::price::Split;
use crate::reason::Reason;
use std::sync::Arc;

/// Which door a lead came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The full lead in one call.
    Lead,
    /// A ping that asks for a quote.
    Ping,
    /// A post that redeems one.
    Post,
}

/// What the record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A lead.
    Lead(LeadId),
    /// A quote: an inbound ping that never became a lead has only this.
    Quote(QuoteId),
}

/// Is it for real?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Billed and counted.
    Live,
    /// Runs the whole path, is never billed and never counted.
    Test,
}

/// One auction.
#[derive(Clone, Debug)]
pub struct Record {
    /// What it is about.
    pub subject: Subject,
    /// The quote a post redeemed, or a ping made.
    pub quote: Option<QuoteId>,
    /// Which door.
    pub door: Door,
    /// Live or test.
    pub run: Run,
    /// Who sent it.
    pub source: SourceName,
    /// Where it was sold.
    pub campaign: CampaignName,
    /// Which catalog decided.
    pub catalog_version: Arc<str>,
    /// The campaign's currency.
    pub currency: Currency,
    /// When it came in.
    pub received: Moment,
    /// Each distinct ping view as it left.
    pub views: Vec<Arc<PingView>>,
    /// One line for each contract of the campaign, in its order.
    pub lines: Vec<Line>,
    /// How it ended.
    pub ending: Ending,
    /// The marks by which the source tells its traffic apart.
    pub sub_ids: SubIds,
    /// What was noteworthy about the lead itself: what checks found, what was allowed or flagged, and by whom.
    pub notes: Vec<Arc<str>>,
    /// Who would have stood first by expected value, where the campaign looks at that in shadow.
    pub shadow: Option<Shadow>,
    /// What each list said about the lead, and which version of it; those that apply to some contract of the campaign.
    pub lists: Vec<ListSaid>,
    /// From the first byte to the answer, in microseconds.
    pub took_us: u64,
    /// What happened when it was over for the source, and where a promise to it was broken on purpose.
    pub events: Vec<Event>,
}

/// Something that became of a contract's post or bid behind the auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Moment,
    /// With which contract.
    pub contract: ContractName,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// What became of an open attempt, as a word, and how it was found out: `a late answer`, `a callback`.
    Resolved {
        /// Which attempt.
        attempt: AttemptId,
        /// Word of what it is now.
        state: Arc<str>,
        /// How.
        way: Arc<str>,
    },
    /// A bidder was told how the auction ended.
    Noticed {
        /// `win` or `loss`.
        notice: Arc<str>,
        /// Did it say that it has heard?
        heard: bool,
    },
    /// The contract was posted to though another may have the lead: the campaign's policy breaks the promise to sell it once.
    BesideUnknown {
        /// Which attempt.
        attempt: AttemptId,
        /// Word of the policy.
        policy: Arc<str>,
    },
}

/// What a list said about a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSaid {
    /// Which list.
    pub list: Arc<str>,
    /// The version of its file, as its source names it; empty if it has none.
    pub version: Arc<str>,
    /// When that was made.
    pub made_at: Option<Moment>,
    /// `clear`, `listed`, `not_listed`, `unknown`, `flagged`, `unknown_blocks`.
    pub said: Arc<str>,
}

/// What a ranking by expected value would have done.
#[derive(Clone, Debug, PartialEq)]
pub struct Shadow {
    /// Who would have stood first.
    pub contract: ContractName,
    /// What its bid was expected to bring.
    pub expected: Money,
    /// What the bid was expected to bring that did stand first.
    pub instead_of: Money,
}

/// What happened with one contract.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which contract.
    pub contract: ContractName,
    /// Whose.
    pub buyer: BuyerName,
    /// Its ping, if one was sent.
    pub ping: Option<Pinged>,
    /// Its best bid, standing prices included.
    pub bid: Option<Money>,
    /// Its place in the plan, from 0.
    pub place: Option<usize>,
    /// Its posts, in order.
    pub posts: Vec<Posted>,
    /// Why it did not get the lead; `None` only for the winner.
    pub reason: Option<Reason>,
}

/// One ping as it went.
#[derive(Clone, Debug)]
pub struct Pinged {
    /// The id the buyer saw.
    pub id: PingId,
    /// Position of what was sent in [`Record::views`].
    pub view: usize,
    /// When the answer was complete, in microseconds after the pings left; `None` if none came in time.
    pub answered_us: Option<u64>,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// The buyer's id for its bid.
    pub bid_id: Option<Arc<str>>,
    /// What was noteworthy about reading the answer.
    pub notes: Vec<Arc<str>>,
}

/// One post as it went.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The id the buyer saw.
    pub attempt: AttemptId,
    /// Word of its verdict, or `refused` if the store did not let it start.
    pub verdict: Arc<str>,
    /// How long the call took, in microseconds.
    pub took_us: u64,
}

/// How an auction ended for the source.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// Sold.
    Sold {
        /// Each leg, in the order in which the buyers accepted.
        sales: Vec<Sold>,
        /// Where the person should be sent next.
        redirect_url: Option<Arc<str>>,
    },
    /// Nobody bought it.
    Unsold,
    /// A quote was given.
    Quoted {
        /// What the source was promised.
        payout: Money,
    },
    /// Somebody has to look at the lead before it is sold.
    Review {
        /// Why.
        why: Arc<str>,
        /// What its source asked for with it.
        held: Held,
    },
    /// A post is unresolved and no other was accepted: perhaps sold.
    Pending {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// Nobody took it yet, and it waits until somebody may.
    Waiting {
        /// When it is tried again.
        until: Moment,
    },
}

/// What a source asked for with a lead that waits, for when it is let go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Buyers that it must not go to, by name or label.
    pub excluded: Vec<Arc<str>>,
    /// Most buyers that may have it.
    pub sales_max: u32,
    /// The least payout.
    pub payout_min: Money,
}

/// One leg: a sale to one contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Sold {
    /// To which.
    pub contract: ContractName,
    /// By which attempt.
    pub attempt: AttemptId,
    /// For how much.
    pub split: Split,
}

impl Ending {
    /// The legs that were sold.
    pub fn sales(&self) -> &[Sold] {
        match self {
            Self::Sold { sales, .. } => sales,
            Self::Unsold | Self::Quoted { .. } | Self::Review { .. } | Self::Pending { .. } | Self::Waiting { .. } => &[],
        }
    }

    /// What the source gets: nothing unless sold.
    pub fn payout(&self) -> Money {
        self.sales().iter().map(|sale| sale.split.payout).sum()
    }

    /// The word the API answers with.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Sold { .. } => "sold",
            Self::Unsold => "unsold",
            Self::Quoted { .. } => "quoted",
            Self::Review { .. } => "review",
            Self::Pending { .. } => "pending",
            Self::Waiting { .. } => "waiting",
        }
    }
}
