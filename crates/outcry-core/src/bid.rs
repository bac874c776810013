//! A bid: what one buyer offers for one lead.

use crate::moment::Moment;
use crate::money::{Currency, Money};
use crate::value::Decimal;
use crate::view::{Datum, Rows, View};
use std::sync::Arc;

/// One offer out of one answer; a buyer may make several at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Bid {
    /// The buyer's own id for it, echoed in the post. A secret of the two parties: not shown to sources.
    pub id: Option<Arc<str>>,
    /// What the buyer would pay. `None` where the contract fixes the price.
    pub price: Option<Money>,
    /// The currency the answer names; `None` means the campaign's.
    pub currency: Option<Currency>,
    /// The company the person would be told about, where the answer names one.
    pub buyer_name: Option<Arc<str>>,
    /// Does the buyer want the lead for itself alone? `None` where the answer does not say.
    pub exclusive: Option<bool>,
    /// Most buyers that may have the lead at this price, this one included. `None` where nothing is said.
    pub shares: Option<u32>,
    /// Its step on the price ladder of its contract, the dearest being 0. `None` for what is on no ladder.
    pub rung: Option<u32>,
    /// How long the offer stands, where the answer says.
    pub expires_seconds: Option<u32>,
    /// The moment the offer ends, where the answer names one.
    pub expires_at: Option<Moment>,
    /// Further values of the answer that the post must repeat, by name.
    pub echo: Vec<(Arc<str>, Arc<str>)>,
    /// What the steps before the bid kept for those behind it, by step and name: `pre_ping.session`, `ping.answer.lot`.
    pub kept: Vec<(Arc<str>, Arc<str>)>,
    /// The legs the offer is made of, where the answer had several and some were chosen. The price is their sum.
    pub legs: Vec<Leg>,
}

/// One of several offers that the buyer answers for with one contract and takes in one post.
#[derive(Clone, Debug, PartialEq)]
pub struct Leg {
    /// The buyer's id for it.
    pub id: Option<Arc<str>>,
    /// What it adds to the price.
    pub price: Money,
    /// The company the person would be told about.
    pub buyer_name: Option<Arc<str>>,
    /// What it must not share with too many others: a brand, a parent company.
    pub group: Option<Arc<str>>,
    /// Further values that the post must repeat.
    pub echo: Vec<(Arc<str>, Arc<str>)>,
}

impl Leg {
    /// The fields that a request may name, besides what was kept under other names.
    pub const FIELDS: [&'static str; 4] = ["id", "price", "buyer_name", "group"];

    /// The price as a decimal with at least two places: `9.00`, `21.105`.
    fn price(&self) -> Decimal {
        let (mut digits, mut scale) = (self.price.micros(), 6);
        while scale > 2 && digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        Decimal { digits, scale }
    }
}

impl View for Leg {
    fn get(&self, name: &str) -> Option<Datum<'_>> {
        let text = match name {
            "price" => return Some(Datum::Decimal(self.price())),
            "id" => self.id.as_deref(),
            "buyer_name" => self.buyer_name.as_deref(),
            "group" => self.group.as_deref(),
            kept => self.echo.iter().find(|(key, _)| **key == *kept).map(|(_, value)| &**value),
        };
        text.map(Datum::Text)
    }

    fn each(&self, visit: &mut dyn FnMut(&str, Datum<'_>)) {
        let kept = self.echo.iter().map(|(name, _)| &**name);
        for name in Self::FIELDS.into_iter().chain(kept) {
            if let Some(value) = self.get(name) {
                visit(name, value);
            }
        }
    }
}

impl Rows for Vec<Leg> {
    fn len(&self) -> usize {
        self.len()
    }

    fn row(&self, index: usize) -> Option<&dyn View> {
        self.get(index).map(|leg| leg as &dyn View)
    }
}

impl Bid {
    /// An offer at a price, with nothing else said.
    pub fn at(price: Money) -> Self {
        Self {
            id: None,
            price: Some(price),
            currency: None,
            buyer_name: None,
            exclusive: None,
            shares: None,
            rung: None,
            expires_seconds: None,
            expires_at: None,
            echo: Vec::new(),
            kept: Vec::new(),
            legs: Vec::new(),
        }
    }

    /// The moment the offer ends, where it says: the earlier of the end of a span that began at `answered`, and of the
    /// moment it names.
    pub fn ends(&self, answered: Moment) -> Option<Moment> {
        let span = self.expires_seconds.map(|seconds| answered.plus_ms(i64::from(seconds) * 1_000));
        [span, self.expires_at].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_ends_at_the_first_of_its_ends() {
        let at = |seconds: i64| Moment::from_unix_ms(seconds * 1_000);
        let ends = |span: Option<u32>, end: Option<i64>| {
            let bid = Bid {
                expires_seconds: span,
                expires_at: end.map(at),
                ..Bid::at(Money::ZERO)
            };
            bid.ends(at(100))
        };
        assert_eq!(ends(None, None), None);
        assert_eq!(ends(Some(60), None), Some(at(160)));
        assert_eq!(ends(Some(60), Some(130)), Some(at(130)));
        assert_eq!(ends(Some(5), Some(130)), Some(at(105)));
        assert_eq!(ends(None, Some(90)), Some(at(90)));
    }
}
