//! The terms of one auction: who sells, where, under which catalog, and what was promised. They outlive the
//! auction when a late answer settles it.

use crate::answer::{Answer, Status};
use crate::asked::Asked;
use crate::engine::Engine;
use crate::ports::store::{LeadCase, Message, Sale, Signed, StoreFault};
use outcry_core::catalog::{Campaign, Contract, Source};
use outcry_core::id::{LeadId, MessageId, QuoteId};
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::price::Split;
use outcry_core::rank::Wishes;
use outcry_core::record::{Door, Ending, Run, Subject};
use outcry_core::validate::Stage;
use outcry_core::verdict::Acceptance;
use outcry_integration::Ask;
use outcry_integration::book::{Binding, Book};
use std::sync::Arc;

/// What stays the same through an auction.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) book: Arc<Book>,
    pub(crate) campaign: Arc<Campaign>,
    /// Position of the source in the catalog.
    pub(crate) source: usize,
    pub(crate) subject: Subject,
    pub(crate) quote: Option<QuoteId>,
    pub(crate) door: Door,
    pub(crate) run: Run,
    pub(crate) received: Moment,
    /// What a quote promised; the first sale is paid out at this or more.
    pub(crate) promised: Option<Money>,
    /// What the source asks for with this lead.
    pub(crate) wishes: Wishes,
    /// In which scope another lead holds the person, if the lead is nobody's to buy for that.
    pub(crate) duplicate: Option<Arc<str>>,
    /// The exchanges that the lead has passed through.
    pub(crate) chain: Arc<[Arc<str>]>,
    /// How it is known that it has been here before, if it has.
    pub(crate) looped: Option<Arc<str>>,
    /// Buyers that the source does not want this lead to go to, by name or label.
    pub(crate) excluded: Arc<[Arc<str>]>,
}

impl Terms {
    /// The terms of a lead that is in the store, under the catalog of today; nothing if its source or its campaign has
    /// left it.
    ///
    /// # Errors
    /// The store's fault.
    pub(crate) async fn of_case(engine: &Engine, case: &LeadCase) -> Result<Option<Self>, StoreFault> {
        let catalog = &engine.book.catalog;
        let source = catalog.sources.iter().position(|source| source.name == case.source);
        let campaign = catalog.campaigns.iter().find(|campaign| campaign.name == case.campaign);
        let (Some(source), Some(campaign)) = (source, campaign) else {
            return Ok(None);
        };
        let quoted = match case.quote {
            Some(quote) => engine.store.record(Subject::Quote(quote)).await?,
            None => None,
        };
        let promised = quoted.and_then(|record| match record.ending {
            Ending::Quoted { payout } => Some(payout),
            _ => None,
        });
        Ok(Some(Self {
            book: engine.book.clone(),
            campaign: campaign.clone(),
            source,
            subject: Subject::Lead(case.lead),
            quote: case.quote,
            door: case.door,
            run: case.run,
            received: case.received,
            promised,
            wishes: Asked::default().wishes(&catalog.sources[source]),
            excluded: Arc::default(),
            duplicate: None,
            chain: Arc::default(),
            looped: None,
        }))
    }

    /// Who sent the lead.
    pub(crate) fn source(&self) -> &Source {
        &self.book.catalog.sources[self.source]
    }

    /// A contract of the campaign.
    pub(crate) fn contract(&self, at: usize) -> &Contract {
        &self.campaign.contracts[at]
    }

    /// How to speak with its buyer.
    pub(crate) fn binding(&self, at: usize) -> &Binding {
        self.book.binding(self.contract(at))
    }

    /// The stage the lead was validated for.
    pub(crate) const fn stage(&self) -> Stage {
        match self.door {
            Door::Ping => Stage::Ping,
            Door::Lead | Door::Post => Stage::Post,
        }
    }

    /// The lead's id; a ping has none yet.
    pub(crate) fn lead_id(&self) -> LeadId {
        match self.subject {
            Subject::Lead(id) => id,
            Subject::Quote(_) => panic!("a ping is never posted or answered as a lead"),
        }
    }

    /// Books a price of a contract: rounded once, paid out by the deal with it.
    pub(crate) fn split(&self, contract: usize, price: Money) -> Split {
        Split::settle(price, &self.campaign.deal(self.source(), contract))
    }

    /// The least price asked of the buyer of a contract.
    pub(crate) fn ask(&self, at: usize) -> Ask {
        let deal = self.campaign.deal(self.source(), at);
        let wanted = self.wishes.payout_min;
        Ask {
            floor: deal.floor,
            price: deal.floor.max(deal.payout.price_for(wanted)),
        }
    }

    /// Books the sale of a leg. The first pays at least what the quote promised. Where the buyer has lowered its price at
    /// the post that is no more than it pays and what may be lost on purpose, unless the campaign keeps its promises.
    pub(crate) fn booked(&self, contract: usize, acceptance: &Acceptance, held: Money, first: bool) -> Split {
        let said = acceptance.price.filter(|said| Money::ZERO < *said);
        let split = self.split(contract, said.map_or(held, |said| said.min(held)));
        match self.promised.filter(|_| first) {
            Some(promised) if self.campaign.keeps_promises => split.at_least(promised),
            Some(promised) => {
                let loss_max = self.campaign.deal(self.source(), contract).loss_max;
                split.at_least(promised.min(split.price + loss_max))
            }
            None => split,
        }
    }

    /// The sale to book; a test books none.
    pub(crate) fn sale(&self, contract: usize, split: Split) -> Option<Sale> {
        (self.run == Run::Live).then(|| Sale {
            buyer: self.contract(contract).buyer.clone(),
            supplier: self.source().supplier.clone(),
            currency: self.campaign.currency,
            split,
        })
    }

    /// The answer to the source.
    pub(crate) fn answer(&self, ending: &Ending) -> Answer {
        let (status, payout, redirect_url) = match ending {
            Ending::Sold { redirect_url, .. } => (Status::Sold, ending.payout(), redirect_url.clone()),
            Ending::Pending { .. } | Ending::Waiting { .. } | Ending::Review { .. } => (Status::Pending, Money::ZERO, None),
            Ending::Unsold if self.tells_duplicate() => (Status::Duplicate, Money::ZERO, None),
            Ending::Unsold | Ending::Quoted { .. } => (Status::Unsold, Money::ZERO, None),
        };
        self.answer_as(status, payout, redirect_url)
    }

    /// Is the lead a duplicate, and may its source hear so?
    pub(crate) fn tells_duplicate(&self) -> bool {
        self.duplicate.is_some() && !self.source().hide_duplicates
    }

    /// What the source hears when its time is up before the lead is settled.
    pub(crate) fn pending(&self) -> Answer {
        self.answer_as(Status::Pending, Money::ZERO, None)
    }

    fn answer_as(&self, status: Status, payout: Money, redirect_url: Option<Arc<str>>) -> Answer {
        let test = self.run == Run::Test;
        Answer {
            lead: self.lead_id(),
            status,
            payout,
            currency: self.campaign.currency,
            redirect_url,
            test,
        }
    }

    /// The postback of a source that wants one: the final word, and nothing before it.
    pub(crate) fn messages(&self, engine: &Engine, answer: &Answer) -> Vec<Message> {
        let now = engine.now();
        let id = || MessageId::from_bits(engine.fresh(now));
        let told = (answer.status != Status::Pending).then(|| postback(id(), now, self.source(), answer));
        told.flatten().into_iter().collect()
    }
}

/// The message with the final word on a lead; `None` for a source that wants none.
///
/// It is said at `now`; a signed message carries that moment.
pub(crate) fn postback(id: MessageId, now: Moment, source: &Source, answer: &Answer) -> Option<Message> {
    let url = source
        .postback_url
        .as_ref()?
        .replace("{lead_id}", &answer.lead.to_string())
        .replace("{status}", answer.status.word())
        .replace("{payout}", &answer.payout.to_string());
    Some(Message {
        id,
        lead: answer.lead,
        url: url.into(),
        tries: 0,
        signed: source.postback_key.is_some().then(|| Signed {
            source: source.name.clone(),
            body: body(answer, now).into(),
        }),
    })
}

/// What a signed postback says. Every value is one of ours, so nothing in it needs escaping.
fn body(answer: &Answer, now: Moment) -> String {
    let Answer {
        lead,
        status,
        payout,
        currency,
        test,
        ..
    } = answer;
    let status = status.word();
    format!(
        r#"{{"type":"lead.{status}","timestamp":"{now}","data":{{"lead_id":"{lead}","status":"{status}","payout":"{payout}","currency":"{currency}","test":{test}}}}}"#
    )
}
