//! What a source asks for with one lead, beside its standing terms. It can only ask for less: fewer buyers, a higher
//! payout, a shorter wait.

use outcry_core::catalog::Source;
use outcry_core::lead::{Origin, SubIds};
use outcry_core::money::Money;
use outcry_core::rank::Wishes;
use std::sync::Arc;

/// What a source asks for with one lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Buyers that it must not go to, by name or label: those it was sold to already.
    pub exclude_buyers: Vec<Arc<str>>,
    /// Most buyers that may have it.
    pub sales_max: Option<u32>,
    /// The least payout that the source wants to hear of.
    pub payout_min: Option<Money>,
    /// When the answer has to be there.
    pub deadline_ms: Option<u32>,
    /// The marks by which the source tells its traffic apart.
    pub sub_ids: SubIds,
    /// The exchanges that the lead has passed through: [`crate::loops`].
    pub chain: Vec<Arc<str>>,
}

impl Asked {
    /// Who sends the lead: a source, with the marks it sent before, and now those that were lacking. Contracts were
    /// chosen by the marks of the ping, so a post cannot change them.
    pub(crate) fn origin(&self, source: &Source, before: Option<&Origin>) -> Origin {
        let mut sub_ids = before.map(|before| before.sub_ids.clone()).unwrap_or_default();
        for (sub_id, own) in sub_ids.iter_mut().zip(&self.sub_ids).filter(|(sub_id, _)| sub_id.is_none()) {
            sub_id.clone_from(own);
        }
        Origin {
            source: source.name.clone(),
            supplier: source.supplier.clone(),
            sub_ids,
        }
    }

    /// With what the source asks for always.
    pub(crate) fn wishes(&self, source: &Source) -> Wishes {
        let sales_max = [self.sales_max, source.sales_max].into_iter().flatten().min();
        Wishes {
            payout_min: self.payout_min.map_or(source.payout_min, |own| own.max(source.payout_min)),
            sales_max: sales_max.unwrap_or(u32::MAX),
        }
    }
}
