//! Several offers of one answer as one bid: the best of them that may be taken together.

use super::bid::Offer;
use crate::file::{Kind, Node, Section};
use crate::problem::Problems;
use outcry_core::bid::{Bid, Leg};
use outcry_core::money::Money;
use std::sync::Arc;

/// How many may be taken together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Legs {
    max: usize,
    max_per_group: usize,
    /// Does each get a post of its own?
    pub(crate) post_each: bool,
}

impl Legs {
    /// Reads `[ping.answer.legs]`.
    pub(crate) fn compile(node: &Node, what: String, problems: &mut Problems) -> Option<Self> {
        let section = Section::open(node, what, &["max", "max_per_group", "posts"], problems)?;
        let mut count = |key: &str| match section.get(key).map(|node| &node.kind) {
            None => Some(usize::MAX),
            Some(Kind::Int(number)) if *number > 0 => usize::try_from(*number).ok(),
            Some(_) => {
                problems.add(
                    section.line,
                    section.place(key),
                    "is not a count",
                    "write a whole number above zero",
                );
                None
            }
        };
        let (max, max_per_group) = (count("max"), count("max_per_group"));
        let post_each = section.word("posts", &[("one", false), ("each", true)], problems);
        Some(Self {
            max: max?,
            max_per_group: max_per_group?,
            post_each: post_each.unwrap_or(false),
        })
    }

    /// The best of the offers that share as one bid, and each exclusive one as a bid of its own: the most money first.
    /// What cannot be added goes to `notes`.
    pub(crate) fn choose(self, mut offers: Vec<Offer>, id: Option<&Arc<str>>, notes: &mut Vec<String>) -> Vec<Bid> {
        let all = offers.len();
        offers.retain(|offer| offer.bid.price.is_some());
        if offers.len() < all {
            notes.push("a leg without a price cannot be added".to_owned());
        }
        // A stable sort: of equal offers the buyer's own order decides.
        offers.sort_by_key(|offer| std::cmp::Reverse(offer.bid.price));
        let (alone, shared): (Vec<_>, Vec<_>) = offers.into_iter().partition(|offer| offer.bid.exclusive == Some(true));
        let mut bids: Vec<Bid> = alone.into_iter().filter_map(|offer| composite(vec![offer], id, notes)).collect();
        let mut chosen: Vec<Offer> = Vec::new();
        for offer in shared {
            let in_group = chosen
                .iter()
                .filter(|other| offer.group.is_some() && other.group == offer.group)
                .count();
            if chosen.len() < self.max && in_group < self.max_per_group {
                chosen.push(offer);
            }
        }
        bids.extend(composite(chosen, id, notes));
        bids.sort_by_key(|bid| std::cmp::Reverse(bid.price));
        bids
    }
}

/// One bid at the sum of its legs. The post speaks of the ping as a whole, so the bid carries the ping's id.
fn composite(offers: Vec<Offer>, id: Option<&Arc<str>>, notes: &mut Vec<String>) -> Option<Bid> {
    let first = &offers.first()?.bid;
    if offers.iter().any(|offer| offer.bid.currency != first.currency) {
        notes.push("the legs are in different currencies".to_owned());
        return None;
    }
    let mut whole = Bid {
        id: id.or(first.id.as_ref()).cloned(),
        price: None,
        currency: first.currency,
        exclusive: first.exclusive,
        echo: first.echo.clone(),
        ..Bid::at(Money::ZERO)
    };
    let names: Vec<&str> = offers.iter().filter_map(|offer| offer.bid.buyer_name.as_deref()).collect();
    whole.buyer_name = (!names.is_empty()).then(|| names.join(", ").into());
    for Offer { bid, group } in offers {
        let price = bid.price?;
        whole.price = whole.price.unwrap_or_default().checked_add(price);
        whole.expires_seconds = shorter(whole.expires_seconds, bid.expires_seconds);
        whole.expires_at = shorter(whole.expires_at, bid.expires_at);
        whole.legs.push(Leg {
            id: bid.id,
            price,
            buyer_name: bid.buyer_name,
            group,
            echo: bid.echo,
        });
    }
    Some(whole)
}

fn shorter<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    one.into_iter().chain(other).min()
}
