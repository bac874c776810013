//! Duplicates: which rules a lead falls under, what it is counted for when it comes, and what it claims before a post.

use crate::auction::Auction;
use crate::engine::Engine;
use crate::loops;
use crate::ports::store::{Claim, Mark, PersonKey, StoreFault};
use crate::terms::Terms;
use outcry_core::duplicate::{DuplicateRule, Original, Scope};
use outcry_core::id::LeadId;
use outcry_core::moment::Moment;
use outcry_core::rank::Plan;
use outcry_core::reason::Reason;
use outcry_core::record::{Run, Subject};
use std::sync::Arc;

/// The rules that are about the lead, whoever buys it.
fn of_lead(terms: &Terms) -> impl Iterator<Item = (Scope<'_>, &DuplicateRule)> {
    let source = terms.source();
    let exchange = terms.book.catalog.duplicates.iter().map(|rule| (Scope::Exchange, rule));
    let own = source.duplicates.iter().map(|rule| (Scope::Source(&source.name), rule));
    let campaign = terms.campaign.duplicates.iter();
    exchange
        .chain(own)
        .chain(campaign.map(|rule| (Scope::Campaign(&terms.campaign.name), rule)))
}

/// The rules that are about one contract.
fn of_contract(terms: &Terms, at: usize) -> impl Iterator<Item = (Scope<'_>, &DuplicateRule)> {
    let (source, contract) = (&terms.source().name, terms.contract(at));
    let route = contract.route(source).into_iter().flat_map(|route| &route.duplicates);
    let own = contract.duplicates.iter().map(|rule| (Scope::Contract(&contract.name), rule));
    own.chain(route.map(|rule| (Scope::Route(source, &contract.name), rule)))
}

/// The person by the keys of a rule; most rules have those of the lead type, which are known.
fn people(engine: &Engine, auction: &Auction, rule: &DuplicateRule) -> Vec<PersonKey> {
    match &rule.keys {
        None => auction.people.clone(),
        Some(keys) => engine.keys.people.by_keys(&auction.lead, keys),
    }
}

/// What a lead is counted for by its coming.
pub(super) fn marks(engine: &Engine, auction: &Auction) -> Vec<Mark> {
    if auction.terms.run == Run::Test {
        return Vec::new();
    }
    let counted = of_lead(&auction.terms).filter(|(_, rule)| rule.original != Original::Sold);
    let mark = |(scope, rule): (Scope<'_>, &DuplicateRule)| {
        let (scope, until) = (scope.key(rule.original), rule.until(auction.terms.received));
        let renews = rule.original == Original::Any;
        people(engine, auction, rule).into_iter().map(move |person| Mark {
            scope: scope.clone(),
            person,
            until,
            renews,
        })
    };
    counted.flat_map(mark).collect()
}

/// Who holds the person already, in any scope; asked before anybody is pinged, and only where there are rules.
pub(super) async fn held(engine: &Engine, auction: &Auction) -> Result<Vec<(PersonKey, Arc<str>)>, StoreFault> {
    let terms = &auction.terms;
    let contracts = (0..terms.campaign.contracts.len()).flat_map(|at| of_contract(terms, at));
    let mut own = Vec::new();
    let mut asked = Vec::new();
    if terms.run == Run::Live {
        for (_, rule) in of_lead(terms).chain(contracts) {
            // As often as not all rules have the same keys.
            if !own.contains(&&rule.keys) {
                own.push(&rule.keys);
                asked.extend(people(engine, auction, rule));
            }
        }
    }
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let lead: Option<LeadId> = match terms.subject {
        Subject::Lead(id) => Some(id),
        Subject::Quote(_) => None,
    };
    engine.store.held(asked, lead, terms.received).await
}

/// The scope of a rule about the lead in which somebody holds the person.
pub(super) fn of_another(engine: &Engine, auction: &Auction) -> Option<Arc<str>> {
    if auction.held.is_empty() {
        return None;
    }
    let found = |(scope, rule): (Scope<'_>, &DuplicateRule)| is_held(engine, auction, scope, rule);
    of_lead(&auction.terms).find_map(found)
}

fn is_held(engine: &Engine, auction: &Auction, scope: Scope<'_>, rule: &DuplicateRule) -> Option<Arc<str>> {
    let (key, people) = (scope.key(rule.original), people(engine, auction, rule));
    let held = auction.held.iter().any(|(person, scope)| *scope == key && people.contains(person));
    held.then_some(key)
}

/// Which of these contracts has had the person, as far as is known now.
pub(super) fn screen(engine: &Engine, auction: &Auction, open: &[usize]) -> Vec<(usize, Reason)> {
    if let Some(reason) = of_all(&auction.terms) {
        return open.iter().map(|at| (*at, reason.clone())).collect();
    }
    if auction.held.is_empty() {
        return Vec::new();
    }
    let known = |at: &usize| {
        let scope = of_contract(&auction.terms, *at).find_map(|(scope, rule)| is_held(engine, auction, scope, rule))?;
        Some((*at, Reason::Duplicate { scope }))
    };
    open.iter().filter_map(known).collect()
}

/// What a post claims: the person, by each rule that counts sold leads, and by each of the contract's own.
pub(super) fn claims(engine: &Engine, auction: &Auction, at: usize, now: Moment) -> Vec<Claim> {
    let sold = of_lead(&auction.terms).filter(|(_, rule)| rule.original == Original::Sold);
    let claim = |(scope, rule): (Scope<'_>, &DuplicateRule)| {
        let (scope, until) = (scope.key(rule.original), rule.until(now));
        let kept = rule.original == Original::Any;
        people(engine, auction, rule).into_iter().map(move |person| Claim {
            scope: scope.clone(),
            person,
            until,
            kept,
        })
    };
    let mut claims: Vec<Claim> = sold.chain(of_contract(&auction.terms, at)).flat_map(claim).collect();
    // Person by person: the store finds all claims on one person in one look. Of two on one the longer counts.
    claims.sort_by(|one, other| (one.person, &one.scope, other.until).cmp(&(other.person, &other.scope, one.until)));
    claims.dedup_by(|later, first| (later.person, &later.scope) == (first.person, &first.scope));
    claims
}

/// The plan of a quote that nobody may be posted to by now, each with the reason.
pub(super) fn drop_all(auction: &mut Auction, plan: &Plan) -> Option<Plan> {
    let reason = of_all(&auction.terms)?;
    for place in &plan.places {
        auction.note(place.contract, reason.clone());
    }
    Some(Plan {
        places: Vec::new(),
        ..plan.clone()
    })
}

/// Why nobody may have the lead: it has been here before, or another has the person.
fn of_all(terms: &Terms) -> Option<Reason> {
    let looped = terms.looped.as_ref().map(loops::reason);
    looped.or_else(|| terms.duplicate.as_ref().map(|scope| Reason::Duplicate { scope: scope.clone() }))
}
