//! The book: a catalog and, for each of its contracts, how to speak with the buyer. Swapped whole.

use crate::{Integration, Params};
use outcry_core::catalog::{Catalog, Contract};
use std::sync::Arc;

/// One version of everything that is traded, ready to trade.
#[derive(Debug, Default)]
pub struct Book {
    /// What is traded.
    pub catalog: Arc<Catalog>,
    /// One for each contract, at [`Contract::index`].
    pub bindings: Vec<Binding>,
    /// One for each outside check, as campaigns name them by position.
    pub checks: Vec<Binding>,
}

/// An integration with the values that one contract gives to its parameters.
#[derive(Clone)]
pub struct Binding {
    /// How the buyer is spoken with; shared by all contracts that name it.
    pub integration: Arc<Integration>,
    /// Addresses, campaign numbers, keys. Some are secret, so there is no `Debug` here.
    pub params: Params,
    /// The values for test leads: the buyer's test address. Without any, a simulator stands in for the buyer.
    pub test_params: Option<Params>,
}

impl Book {
    /// How to speak with the buyer of a contract of this book's catalog.
    pub fn binding(&self, contract: &Contract) -> &Binding {
        &self.bindings[contract.index]
    }
}

impl std::fmt::Debug for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Binding").finish_non_exhaustive()
    }
}
