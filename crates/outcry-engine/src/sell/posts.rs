//! The posts that a place of the plan is made of: one, or one for each leg of the bid where the buyer wants that.

use crate::terms::Terms;
use outcry_core::bid::Bid;
use outcry_core::rank::Place;

/// One post of a place.
pub(super) struct Part {
    /// Position of the place in the plan.
    pub(super) place: usize,
    /// Which leg of it, from 1; 0 where all of it is one post.
    pub(super) leg: u32,
    /// What is posted: the place, with the bid and the price of this post.
    pub(super) of: Place,
}

/// The posts of a place, the dearest first.
pub(super) fn parts(terms: &Terms, at: usize, place: &Place) -> Vec<Part> {
    let each = terms.binding(place.contract).integration.posts_each_leg();
    if !each || place.bid.legs.is_empty() {
        return vec![Part {
            place: at,
            leg: 0,
            of: place.clone(),
        }];
    }
    let legs = (1..).zip(&place.bid.legs);
    legs.map(|(number, leg)| {
        let bid = Bid {
            price: Some(leg.price),
            buyer_name: leg.buyer_name.clone(),
            echo: leg.echo.clone(),
            legs: vec![leg.clone()],
            ..place.bid.clone()
        };
        Part {
            place: at,
            leg: number,
            of: Place {
                bid,
                price: leg.price,
                ..place.clone()
            },
        }
    })
    .collect()
}

/// The place as it is first posted: all of it, or its dearest leg.
pub(super) fn first(terms: &Terms, place: &Place) -> Place {
    let mut parts = parts(terms, 0, place);
    parts.swap_remove(0).of
}
