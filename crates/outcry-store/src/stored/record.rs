//! The stored shape of a record: of the one thing that must still be readable when everybody has forgotten it.

use super::codec::{Input, Stored, Unreadable, choice, structure};
use jiff::civil::Date;
use outcry_core::lead::SubIds;
use outcry_core::moment::Stamp;
use outcry_core::ping_view::{PingValue, PingView};
use outcry_core::price::Split;
use outcry_core::reason::Reason;
use outcry_core::record::{Door, Ending, Event, Happened, Held, Line, ListSaid, Pinged, Posted, Record, Run, Shadow, Sold, Subject};
use outcry_core::value::Decimal;
use std::sync::Arc;

structure! {
    Line { contract, buyer, ping, bid, place, posts, reason }
    Pinged { id, view, answered_us, status, bid_id, notes }
    Posted { attempt, verdict, took_us }
    Split { price, payout, margin }
    Sold { contract, attempt, split }
    Shadow { contract, expected, instead_of }
    Event { at, contract, what }
    Held { excluded, sales_max, payout_min }
    ListSaid { list, version, made_at, said }
    Decimal { digits, scale }
    Stamp { at, offset_minutes }
}

choice! {
    Door { 0 => Lead, 1 => Ping, 2 => Post }
    Run { 0 => Live, 1 => Test }
    Happened {
        0 => Resolved { attempt, state, way },
        1 => Noticed { notice, heard },
        2 => BesideUnknown { attempt, policy },
    }
    Subject { 0 => Lead(id), 1 => Quote(id) }
    PingValue { 0 => Bool(it), 1 => Int(it), 2 => Decimal(it), 3 => Text(it), 4 => Date(it), 5 => Stamp(it), 6 => List(it) }
    Reason {
        0 => Paused,
        1 => Filter { part, found },
        70 => CapFull { cap, limit, opens },
        71 => StoppedAtCap { contract },
        72 => OverCap,
        73 => Closed { whose, hours, local },
        74 => PersonHours { whose, hours, local },
        75 => PersonTimeUnknown { whose },
        76 => TooFast { throttle, wait_ms },
        3 => Consent { missing },
        4 => Duplicate { scope },
        5 => Suppressed { list },
        90 => NotOnList { list },
        91 => ListUnknown { list, why },
        92 => Loop { how },
        6 => Resting { failures },
        7 => Throttled { limit },
        8 => ExcludedBySource,
        9 => Leak { field, looks_like },
        10 => Unwritable { why },
        11 => NotReached { why },
        12 => NoBid { said },
        13 => BuyerDuplicate { said },
        14 => BadAnswer { why },
        15 => Late { after_ms },
        16 => BelowFloor { bid, floor },
        17 => AboveCeiling { bid, ceiling },
        18 => OtherCurrency { found },
        19 => Outbid { bid, best },
        20 => Outranked { bid },
        21 => PostRejected { said },
        22 => PostNotSent { why },
        23 => PostUnknown { why },
        24 => HeldByUnknown,
        25 => OutOfTime,
        26 => Handicapped { bid, handicap_bp, best },
        60 => LoginFailed { why },
        61 => BidExpired { since_ms },
        27 => PayoutTooLow { bid, payout, wanted },
        28 => LowerPriority { priority, winner },
        29 => NotItsTurn { turn },
        30 => LowerTier { tier, winner },
        31 => LowerExpected { expected, best },
        32 => NotInBestSet { bid, set },
        33 => Conflict { with },
        34 => WantsFewer { shares_max },
        35 => Sweeper,
        36 => TierNotAsked { tier },
        37 => RoutePaused,
        110 => ConsentTooOld { age_s, most_s, rule },
        111 => OptIn { way, rule },
        112 => ChannelNotGranted { channel },
        113 => PageNotApproved { host },
        114 => TextNotApproved { text },
        115 => SellerNotCovered { policy, rule },
        116 => SaleForbidden { rule },
        117 => CertificateMissing { vendors },
        118 => CertificateTaken { vendor },
        119 => Withdrawn { scope },
        120 => CheckFailed { check, said },
        121 => CheckUnavailable { check, why },
        122 => NotAccepted { part, found },
        123 => InReview { why },
        124 => ReviewRefused { why };
        2 => CapFull { cap, limit } with { opens: None },
    }
}

/// What came later than the rest, in the order in which it came: the shadow, the sub-ids, the events, the notes, and what lists
/// said. A record that ends before one of them has none; one that has a later one has all before it.
impl Stored for Record {
    const ROOM: usize = 4_096;

    fn put(&self, out: &mut Vec<u8>) {
        self.subject.put(out);
        self.quote.put(out);
        self.door.put(out);
        self.run.put(out);
        self.source.put(out);
        self.campaign.put(out);
        self.catalog_version.put(out);
        self.currency.put(out);
        self.received.put(out);
        self.views.put(out);
        self.lines.put(out);
        self.ending.put(out);
        self.took_us.put(out);
        let listed = !self.lists.is_empty();
        let noted = listed || !self.notes.is_empty();
        let happened = noted || !self.events.is_empty();
        let marked = happened || self.sub_ids.iter().any(Option::is_some);
        if self.shadow.is_some() || marked {
            self.shadow.put(out);
        }
        if marked {
            self.sub_ids.to_vec().put(out);
        }
        if happened {
            self.events.put(out);
        }
        if noted {
            self.notes.put(out);
        }
        if listed {
            self.lists.put(out);
        }
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            subject: Stored::take(input)?,
            quote: Stored::take(input)?,
            door: Stored::take(input)?,
            run: Stored::take(input)?,
            source: Stored::take(input)?,
            campaign: Stored::take(input)?,
            catalog_version: Stored::take(input)?,
            currency: Stored::take(input)?,
            received: Stored::take(input)?,
            views: Stored::take(input)?,
            lines: Stored::take(input)?,
            ending: Stored::take(input)?,
            took_us: Stored::take(input)?,
            shadow: if input.is_empty() { None } else { Stored::take(input)? },
            sub_ids: if input.is_empty() { SubIds::default() } else { sub_ids(input)? },
            events: if input.is_empty() { Vec::new() } else { Stored::take(input)? },
            notes: if input.is_empty() { Vec::new() } else { Stored::take(input)? },
            lists: if input.is_empty() { Vec::new() } else { Stored::take(input)? },
        })
    }
}

fn sub_ids(input: &mut Input<'_>) -> Result<SubIds, Unreadable> {
    let stored: Vec<Option<Arc<str>>> = Stored::take(input)?;
    stored.try_into().map_err(|_| Unreadable::Long)
}

/// 0 was a lead sold to one buyer, from before leads could be shared; 4 says who all have it.
impl Stored for Ending {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Sold { sales, redirect_url } => {
                out.push(4);
                sales.put(out);
                redirect_url.put(out);
            }
            Self::Unsold => out.push(1),
            Self::Quoted { payout } => {
                out.push(2);
                payout.put(out);
            }
            Self::Review { why, held } => {
                out.push(6);
                why.put(out);
                held.put(out);
            }
            Self::Pending { attempt } => {
                out.push(3);
                attempt.put(out);
            }
            Self::Waiting { until } => {
                out.push(5);
                until.put(out);
            }
        }
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        match input.byte()? {
            0 => Ok(Self::Sold {
                sales: vec![Stored::take(input)?],
                redirect_url: Stored::take(input)?,
            }),
            1 => Ok(Self::Unsold),
            2 => Ok(Self::Quoted {
                payout: Stored::take(input)?,
            }),
            3 => Ok(Self::Pending {
                attempt: Stored::take(input)?,
            }),
            4 => Ok(Self::Sold {
                sales: Stored::take(input)?,
                redirect_url: Stored::take(input)?,
            }),
            5 => Ok(Self::Waiting {
                until: Stored::take(input)?,
            }),
            6 => Ok(Self::Review {
                why: Stored::take(input)?,
                held: Stored::take(input)?,
            }),
            tag => Err(Unreadable::Tag {
                what: "an ending",
                tag: tag.into(),
            }),
        }
    }
}

impl Stored for PingView {
    fn put(&self, out: &mut Vec<u8>) {
        self.entries().len().put(out);
        for (name, value) in self.entries() {
            name.put(out);
            value.put(out);
        }
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        Stored::take(input).map(Self::from_entries)
    }
}

impl Stored for Date {
    fn put(&self, out: &mut Vec<u8>) {
        self.year().put(out);
        self.month().put(out);
        self.day().put(out);
    }

    fn take(input: &mut Input<'_>) -> Result<Self, Unreadable> {
        Self::new(Stored::take(input)?, Stored::take(input)?, Stored::take(input)?).map_err(|_| Unreadable::Tag { what: "a date", tag: 0 })
    }
}
