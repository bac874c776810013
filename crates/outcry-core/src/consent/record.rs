//! The consent record: what the lead says of one act of consent.
//!
//! It borrows from the lead, so it is made once a lead and asked once for each contract.

use super::certificate::Certificate;
use super::demand::Channel;
use super::texts::normal_text;
use crate::lead::{Lead, Row};
use crate::lead_type::FieldSet;
use crate::moment::Stamp;
use crate::transform::url_host;
use crate::value::Value;
use std::cell::OnceCell;

/// What the person agreed to, when, where and how.
#[derive(Debug)]
pub struct ConsentRecord<'a> {
    /// Did the person agree?
    pub given: Option<bool>,
    /// The words that were shown, as they were shown.
    pub text: Option<&'a str>,
    /// The source's name for this version of them.
    pub text_version: Option<&'a str>,
    /// The language they were shown in.
    pub language: Option<&'a str>,
    /// How it was given: by the person's own hand, or not.
    pub opt_in: Option<&'a str>,
    /// When, as the source's clock had it.
    pub given_at: Option<Stamp>,
    /// On which page.
    pub page: Option<&'a str>,
    /// From which address.
    pub ip: Option<&'a str>,
    /// With which browser.
    pub user_agent: Option<&'a str>,
    /// What was said of each way to reach the person.
    pub(super) channels: [Option<bool>; 3],
    /// The sellers that were shown, and those that were picked.
    pub sellers: Vec<Seller<'a>>,
    /// The certificates that have the shape of their vendor's.
    pub certificates: Vec<Certificate<'a>>,
    pub(super) normal: OnceCell<Option<String>>,
}

/// A seller that was shown to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seller<'a> {
    /// Its name as it was shown.
    pub name: Option<&'a str>,
    /// What it is called here.
    pub buyer_ref: Option<&'a str>,
    /// Was it picked? `None` where there was nothing to pick.
    pub selected: Option<bool>,
}

impl<'a> ConsentRecord<'a> {
    /// The record in a lead's fields.
    pub fn of(lead: &'a Lead) -> Self {
        let flag = |name| match lead.open(name) {
            Some(Value::Bool(yes)) => Some(*yes),
            _ => None,
        };
        Self {
            given: flag("consent_given"),
            text: lead.open_text("consent_text"),
            text_version: lead.open_text("consent_text_version"),
            language: lead.open_text("language"),
            opt_in: lead.open_text("opt_in_type"),
            given_at: match lead.open("consent_at") {
                Some(Value::Stamp(stamp)) => Some(*stamp),
                _ => None,
            },
            page: lead.open_text("consent_page_url"),
            ip: lead.open_text("ip_address"),
            user_agent: lead.open_text("user_agent"),
            channels: [flag("consent_call"), flag("consent_sms"), flag("consent_email")],
            sellers: sellers(lead),
            certificates: Certificate::of(lead),
            normal: OnceCell::new(),
        }
    }

    /// What was said of a way to reach the person.
    pub const fn channel(&self, channel: Channel) -> Option<bool> {
        self.channels[channel as usize]
    }

    /// The host of the page.
    pub fn page_host(&self) -> Option<String> {
        url_host(self.page?).map(Into::into)
    }

    /// The text in its normal form, made when it is first asked for.
    pub(super) fn normal_text(&self) -> Option<&str> {
        self.normal.get_or_init(|| self.text.map(normal_text)).as_deref()
    }

    /// Was the buyer picked?
    pub(super) fn selected(&self, buyer: [&str; 2]) -> bool {
        self.sellers.iter().any(|seller| seller.selected == Some(true) && seller.is(buyer))
    }

    /// Was it shown, and left out by the person?
    pub(super) fn declined(&self, buyer: [&str; 2]) -> bool {
        self.sellers.iter().any(|seller| seller.selected == Some(false) && seller.is(buyer)) && !self.selected(buyer)
    }

    /// Is the buyer among the sellers shown, or is its legal name in the text? Its own short name counts only where the
    /// source gives it as such: in a text `ann` is in many words.
    pub(super) fn names(&self, buyer: [&str; 2]) -> bool {
        self.sellers.iter().any(|seller| seller.is(buyer)) || self.normal_text().is_some_and(|text| says(text, &normal_text(buyer[1])))
    }
}

impl Seller<'_> {
    fn is(&self, buyer: [&str; 2]) -> bool {
        let one_of = |text: &str| buyer.iter().any(|name| name.eq_ignore_ascii_case(text));
        self.name.is_some_and(one_of) || self.buyer_ref.is_some_and(one_of)
    }
}

/// Does a text hold these words, and not only their letters inside of longer ones?
fn says(text: &str, words: &str) -> bool {
    let inside = |edge: Option<char>| edge.is_some_and(char::is_alphanumeric);
    let whole = |at: usize| !inside(text[..at].chars().next_back()) && !inside(text[at + words.len()..].chars().next());
    !words.is_empty() && text.match_indices(words).any(|(at, _)| whole(at))
}

fn sellers(lead: &Lead) -> Vec<Seller<'_>> {
    let set = &lead.lead_type.fields;
    let found = set.position("consent_sellers").and_then(|at| Some((at, set.fields[at].rows()?)));
    let Some((at, rows)) = found else { return Vec::new() };
    let Some(Value::List(sellers)) = lead.row.open(at) else {
        return Vec::new();
    };
    sellers.iter().map(|seller| read(rows, seller)).collect()
}

fn read<'a>(set: &FieldSet, row: &'a Row) -> Seller<'a> {
    let value = |field: &str| set.position(field).and_then(|at| row.open(at));
    let text = |field: &str| match value(field) {
        Some(Value::Text(text)) => Some(&**text),
        _ => None,
    };
    Seller {
        name: text("name"),
        buyer_ref: text("buyer_ref"),
        selected: match value("selected") {
            Some(Value::Bool(yes)) => Some(*yes),
            _ => None,
        },
    }
}
