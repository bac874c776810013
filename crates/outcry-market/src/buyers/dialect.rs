//! Dialects: how a buyer wants to be spoken to. Each matches one of the built-in integrations, which are the truth.

use outcry_core::money::Money;
use serde_json::json;

/// Which shape a buyer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `outcry_json`: JSON both ways.
    OutcryJson,
    /// `simple_form`: a form in, JSON out.
    SimpleForm,
    /// `boberdoo_form`: a form in, XML out.
    BoberdooForm,
    /// `leadprosper_json`: JSON both ways, in that platform's words.
    LeadProsperJson,
}

/// What a buyer has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word<'a> {
    Bid {
        id: &'a str,
        price: Money,
        alone: bool,
    },
    NoBid {
        id: &'a str,
        reason: &'a str,
    },
    Accepted {
        reference: &'a str,
        price: Money,
    },
    Rejected {
        reason: &'a str,
    },
    /// No such post ever came.
    NotThere,
    Confused,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 4] = [Self::OutcryJson, Self::SimpleForm, Self::BoberdooForm, Self::LeadProsperJson];

    /// The integration that speaks it.
    pub const fn integration(self) -> &'static str {
        match self {
            Self::OutcryJson => "outcry_json",
            Self::SimpleForm => "simple_form",
            Self::BoberdooForm => "boberdoo_form",
            Self::LeadProsperJson => "leadprosper_json",
        }
    }

    /// Where a post says which offer it takes up.
    pub(crate) const fn bid_names(self) -> &'static [&'static str] {
        match self {
            Self::OutcryJson | Self::SimpleForm => &["bid_id", "ping_id"],
            Self::BoberdooForm => &["Lead_ID"],
            Self::LeadProsperJson => &["lp_ping_id"],
        }
    }

    /// Type and text of an answer.
    pub(crate) fn write(self, word: &Word<'_>) -> (&'static str, String) {
        match self {
            Self::OutcryJson => ("application/json", outcry(word).to_string()),
            Self::SimpleForm => ("application/json", simple(word).to_string()),
            Self::BoberdooForm => ("text/xml", boberdoo(word)),
            Self::LeadProsperJson => ("application/json", leadprosper(word).to_string()),
        }
    }
}

fn outcry(word: &Word<'_>) -> serde_json::Value {
    match word {
        Word::Bid { id, price, alone: false } => {
            json!({"status": "bid", "bids": [{"id": id, "price": price.to_string(), "currency": "USD"}]})
        }
        Word::Bid { id, price, alone: true } => {
            json!({"status": "bid", "bids": [{"id": id, "price": price.to_string(), "currency": "USD", "exclusive": true}]})
        }
        Word::NoBid { reason, .. } => json!({"status": "no_bid", "reason": reason}),
        Word::Accepted { reference, price } => {
            json!({"status": "accepted", "id": reference, "price": price.to_string(), "currency": "USD"})
        }
        Word::Rejected { reason } => json!({"status": "rejected", "reason": reason}),
        Word::NotThere => json!({"status": "not_found"}),
        Word::Confused => json!({"status": "error", "reason": "not understood"}),
    }
}

fn simple(word: &Word<'_>) -> serde_json::Value {
    outcry(word)
}

fn leadprosper(word: &Word<'_>) -> serde_json::Value {
    match word {
        Word::Bid { id, price, .. } => json!({"status": "ACCEPTED", "code": 0, "ping_id": id, "payout": price.to_string()}),
        Word::NoBid { id, reason } => json!({"status": "REJECTED", "code": 1, "message": reason, "ping_id": id, "payout": "0.00"}),
        Word::Accepted { reference, price } => json!({"status": "ACCEPTED", "code": 0, "lead_id": reference, "payout": price.to_string()}),
        Word::Rejected { reason } => json!({"status": "REJECTED", "code": 1, "message": reason, "payout": "0.00"}),
        Word::NotThere => json!({"status": "ERROR", "code": 1002, "message": "no such post", "payout": "0.00"}),
        Word::Confused => json!({"status": "ERROR", "code": 1001, "message": "not understood", "payout": "0.00"}),
    }
}

fn boberdoo(word: &Word<'_>) -> String {
    let inside = match word {
        Word::Bid { id, price, .. } => format!("<status>Matched</status><lead_id>{id}</lead_id><price>{price}</price>"),
        Word::NoBid { id, reason } => format!("<status>Unmatched</status><lead_id>{id}</lead_id><reason>{reason}</reason>"),
        Word::Accepted { reference, price } => {
            format!("<status>Matched</status><lead_id>{reference}</lead_id><price>{price}</price>")
        }
        Word::Rejected { reason } => format!("<status>Unmatched</status><reason>{reason}</reason>"),
        Word::NotThere => "<status>Error</status><error>no such post</error>".to_owned(),
        Word::Confused => "<status>Error</status><error>not understood</error>".to_owned(),
    };
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response>{inside}</response>\n")
}
