//! The price list of a contract: its bid or an agreed price, by condition and by hour of the week.

use super::Hours;
use crate::bid::Bid;
use crate::filter::Filter;
use crate::lead::Lead;
use crate::moment::Moment;
use crate::money::Money;

/// Where the price of a contract comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PriceRule {
    /// From the buyer's bid.
    #[default]
    Bid,
    /// Agreed beforehand: the contract bids this on every lead it may have, with or without a ping.
    Standing(Money),
    /// Agreed by how many buyers have the lead: the first price for one that has it alone, the second if it is one of
    /// two at most, and so on.
    Shared(Box<[Money]>),
    /// Agreed step by step, dearest first: a buyer that has refused the lead at one price is offered it at the next.
    Ladder(Box<[Money]>),
}

/// When a line of the price list holds.
#[derive(Clone, Debug, Default)]
pub struct When {
    /// For these leads.
    pub filter: Filter,
    /// In these hours of the week; always if there are none.
    pub hours: Option<Hours>,
}

/// A price that takes the place of the contract's usual one.
#[derive(Clone, Debug)]
pub struct PriceWhen {
    /// When it does.
    pub when: When,
    /// The price then; `None` keeps the usual one.
    pub price: Option<PriceRule>,
    /// The contract wants the lead for itself alone then.
    pub exclusive: bool,
}

/// A boost or a cut of an agreed price, or a cut of a bid.
#[derive(Clone, Debug)]
pub struct Change {
    /// When it applies.
    pub when: When,
    /// How much in basis points of the price, below nothing for a cut.
    pub share_bp: i32,
    /// How much besides, below nothing for a cut.
    pub amount: Money,
}

/// All that decides on the price of a contract.
#[derive(Clone, Debug, Default)]
pub struct PriceList {
    /// The usual price.
    pub usual: PriceRule,
    /// The first that holds takes its place.
    pub rules: Vec<PriceWhen>,
    /// Each that holds changes the price, in this order.
    pub changes: Vec<Change>,
}

/// The price list, read for one lead at one moment.
#[derive(Clone, Debug)]
pub struct Priced<'a> {
    rule: &'a PriceRule,
    exclusive: bool,
    changes: Vec<&'a Change>,
}

impl PriceList {
    /// One price on every lead.
    pub fn standing(price: Money) -> Self {
        Self {
            usual: PriceRule::Standing(price),
            ..Self::default()
        }
    }

    /// Reads the list for a lead.
    pub fn of(&self, lead: &Lead, now: Moment) -> Priced<'_> {
        let holding = self.rules.iter().find(|rule| rule.when.holds(lead, now));
        Priced {
            rule: holding.and_then(|rule| rule.price.as_ref()).unwrap_or(&self.usual),
            exclusive: holding.is_some_and(|rule| rule.exclusive),
            changes: self.changes.iter().filter(|change| change.when.holds(lead, now)).collect(),
        }
    }

    /// May the price of some lead come from a bid?
    pub fn needs_bids(&self) -> bool {
        // Rules may leave leads to the usual price, so that one is always asked.
        let bid = |rule: &PriceRule| *rule == PriceRule::Bid;
        bid(&self.usual) || self.rules.iter().filter_map(|rule| rule.price.as_ref()).any(bid)
    }
}

impl When {
    fn holds(&self, lead: &Lead, now: Moment) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.hold(now)) && self.filter.admits(lead, now).is_ok()
    }
}

impl Priced<'_> {
    /// What the contract offers without being asked: nothing where its price comes from bids.
    pub fn agreed(&self) -> Vec<Bid> {
        self.prices(&Bid::at(Money::ZERO)).unwrap_or_default()
    }

    /// Its offers, where an answer holds this bid: at the agreed prices where there are such, else at the bid's own.
    pub fn offers(&self, bid: Bid) -> Vec<Bid> {
        self.prices(&bid).unwrap_or_else(|| {
            let price = bid.price.map(|price| self.changed(price).min(price));
            vec![self.offer(Bid { price, ..bid })]
        })
    }

    /// The agreed prices over what else a bid says; `None` if there are none.
    fn prices(&self, bid: &Bid) -> Option<Vec<Bid>> {
        let at = |price, shares| {
            self.offer(Bid {
                price: Some(self.changed(price)),
                shares,
                ..bid.clone()
            })
        };
        match self.rule {
            PriceRule::Bid => None,
            PriceRule::Standing(price) => Some(vec![at(*price, bid.shares)]),
            PriceRule::Ladder(rungs) => Some(
                (0..)
                    .zip(rungs)
                    .map(|(rung, price)| Bid {
                        rung: Some(rung),
                        ..at(*price, bid.shares)
                    })
                    .collect(),
            ),
            PriceRule::Shared(prices) => Some((1..).zip(prices).map(|(shares, price)| at(*price, Some(shares))).collect()),
        }
    }

    fn offer(&self, bid: Bid) -> Bid {
        let exclusive = if self.exclusive { Some(true) } else { bid.exclusive };
        Bid { exclusive, ..bid }
    }

    /// Never below nothing.
    fn changed(&self, price: Money) -> Money {
        let change = |price: Money, change: &&Change| {
            let share = price.share(change.share_bp.unsigned_abs());
            let moved = if change.share_bp < 0 { price - share } else { price + share };
            (moved + change.amount).max(Money::ZERO)
        };
        self.changes.iter().fold(price, change)
    }
}
