//! One lead before the lists: what of it is looked up on each, asked for once, and what each said last.

use crate::engine::Engine;
use crate::lists::Files;
use crate::ports::list::ListFile;
use crate::ports::store::{ListCheck, PersonKey};
use crate::terms::Terms;
use outcry_core::lead::Lead;
use outcry_core::list::{Certainty, Judgement, List, Way};
use outcry_core::moment::Moment;
use outcry_core::reason::Reason;
use outcry_core::record::ListSaid;
use outcry_core::validate::Stage;
use std::sync::Arc;

/// What is known of one lead on all lists, by their positions in the catalog.
#[derive(Default)]
pub(crate) struct Listed(Vec<Option<Asked>>);

/// What one list was asked, and what it said.
struct Asked {
    /// In the list's own form, and as digests.
    entries: Vec<(String, PersonKey)>,
    said: ListSaid,
    judgement: Judgement,
}

impl Listed {
    /// Asks a list with the files as they are, and again if it was asked before: what it says now is what counts.
    fn ask(&mut self, engine: &Engine, files: &Files, terms: &Terms, lead: &Lead, at: usize) -> (&Judgement, Vec<(PersonKey, bool)>) {
        let list = &terms.book.catalog.lists[at];
        if self.0.len() <= at {
            self.0.resize_with(at + 1, || None);
        }
        let before = self.0[at].take().map(|asked| asked.entries);
        let entries = before.unwrap_or_else(|| entries(engine, list, lead));
        let file = files.get(&list.name);
        let in_file = |(text, key): &(String, PersonKey)| (*key, file.is_some_and(|file| file.holds(text)));
        let found: Vec<(PersonKey, bool)> = entries.iter().map(in_file).collect();
        let certainty = list.certainty(file.map(|file| file.made_at()), engine.now());
        let listed = (!found.is_empty()).then(|| engine.lists.holds_one(&list.name, &found));
        // What a ping does not say yet, the post will.
        let follows = listed.is_none() && terms.stage() == Stage::Ping && list.way == Way::Allow && certainty != Certainty::Missing;
        let judgement = if follows { Judgement::Clear } else { list.judge(listed, certainty) };
        let asked = self.0[at].insert(Asked {
            entries,
            said: said(list, file, &judgement),
            judgement,
        });
        (&asked.judgement, found)
    }

    /// What the lists said, for the record.
    pub(crate) fn said(&mut self) -> Vec<ListSaid> {
        self.0.iter_mut().filter_map(|asked| asked.take().map(|asked| asked.said)).collect()
    }
}

/// How a list stands now.
#[derive(Clone, Debug)]
pub struct ListStanding {
    /// Its name.
    pub name: Arc<str>,
    /// When its file was made; a list that is kept by hand, or was never filled, has none.
    pub made_at: Option<Moment>,
    /// Can it say for certain who is on it?
    pub certain: bool,
}

impl Engine {
    /// How every list of the catalog stands.
    pub fn lists_now(&self) -> Vec<ListStanding> {
        let (files, now) = (self.lists.files(), self.now());
        let standing = |list: &Arc<List>| {
            let made_at = files.get(&list.name).map(|file| file.made_at());
            ListStanding {
                name: list.name.clone(),
                made_at,
                certain: list.certainty(made_at, now) == Certainty::Certain,
            }
        };
        self.book().catalog.lists.iter().map(standing).collect()
    }
}

/// What of a lead is looked up on a list.
fn entries(engine: &Engine, list: &List, lead: &Lead) -> Vec<(String, PersonKey)> {
    let word = list.entries.word();
    let with_key = |entry: String| {
        let key = engine.keys.people.of_entry(&word, &entry);
        (entry, key)
    };
    list.asked_of(lead).into_iter().map(with_key).collect()
}

fn said(list: &List, file: Option<&Arc<dyn ListFile>>, judgement: &Judgement) -> ListSaid {
    ListSaid {
        list: list.name.clone(),
        version: file.map_or_else(|| "".into(), |file| file.version().into()),
        made_at: file.map(|file| file.made_at()),
        said: judgement.word().into(),
    }
}

/// Before the pings: which of these contracts may be pinged, as far as the lists are concerned? All are asked of one picture.
pub(crate) fn screen(engine: &Engine, (listed, terms, lead): (&mut Listed, &Terms, &Lead), open: &[usize]) -> Vec<(usize, Reason)> {
    let (catalog, files) = (terms.book.catalog.clone(), engine.lists.files());
    let source = &terms.source().name;
    let mut closed = Vec::new();
    for at in 0..catalog.lists.len() {
        if !catalog.lists[at].applies.to_all(source, &terms.campaign.name) {
            continue;
        }
        if let (Judgement::Refused(reason), _) = listed.ask(engine, &files, terms, lead, at)
            && closed.is_empty()
        {
            closed = open.iter().map(|contract| (*contract, reason.clone())).collect();
        }
    }
    if !closed.is_empty() {
        return closed;
    }
    // Each list once, however many contracts it applies to.
    let mut judged: Vec<Option<Judgement>> = vec![None; catalog.lists.len()];
    for at in open {
        let contract = terms.contract(*at);
        let its = contract
            .lists
            .iter()
            .filter(|list| catalog.lists[**list].applies.to(source, &contract.buyer, &contract.name));
        for list in its {
            let judgement = judged[*list].get_or_insert_with(|| listed.ask(engine, &files, terms, lead, *list).0.clone());
            if let Judgement::Refused(reason) = judgement {
                closed.push((*at, reason.clone()));
                break;
            }
        }
    }
    closed
}

/// Before T2 of a contract: what its lists say now, and what the store is to hold against what was changed by hand.
///
/// # Errors
/// Why the lead must not go there.
pub(crate) fn checks(engine: &Engine, (listed, terms, lead): (&mut Listed, &Terms, &Lead), at: usize) -> Result<Vec<ListCheck>, Reason> {
    let (catalog, files) = (terms.book.catalog.clone(), engine.lists.files());
    let (source, contract) = (&terms.source().name, terms.contract(at));
    let mut checks = Vec::new();
    for (at, list) in catalog.lists.iter().enumerate() {
        let applies = list.applies.to_all(source, &terms.campaign.name)
            || contract.lists.contains(&at) && list.applies.to(source, &contract.buyer, &contract.name);
        if !applies {
            continue;
        }
        match listed.ask(engine, &files, terms, lead, at) {
            (Judgement::Refused(reason), _) => return Err(reason.clone()),
            // Nobody knows who is on a list that there is not; what was put on it by hand is known all the same.
            (Judgement::Unknown | Judgement::Flagged, _) if list.way == Way::Allow => {}
            (Judgement::Clear | Judgement::Unknown | Judgement::Flagged, entries) => checks.push(ListCheck {
                list: list.name.clone(),
                entries,
                wanted: list.way == Way::Allow,
            }),
        }
    }
    Ok(checks)
}
