//! The audit of `LeadiD`: whatever goes wrong, HTTP says 200, and the words say what.

use super::{form, json};
use crate::buyers::{IncomingRequest, Reply};
use outcry_core::digest::{PhoneForm, email};
use outcry_core::moment::Moment;
use serde_json::{Value, json as object};
use std::collections::BTreeMap;

/// How often a token can be asked about.
const QUERIES_MAX: u32 = 100;
/// How long a token lives.
const LIFE_MS: i64 = 365 * 86_400_000;

/// A token as the vendor knows it.
#[derive(Clone, Debug)]
pub struct Token {
    /// When the form was begun.
    pub created: Moment,
    /// The phone that was typed.
    pub phone: String,
    /// The e-mail that was typed.
    pub email: String,
    /// Has the person opted out?
    pub opted_out: bool,
    /// Was the disclosure on the page?
    pub disclosed: bool,
}

/// The account and its tokens.
#[derive(Debug, Default)]
pub struct LeadId {
    account: String,
    key: String,
    tokens: BTreeMap<String, (Token, u32)>,
}

impl LeadId {
    /// With an account of this code and key.
    pub fn with_account(account: &str, key: &str) -> Self {
        Self {
            account: account.to_owned(),
            key: key.to_owned(),
            tokens: BTreeMap::new(),
        }
    }

    /// Takes a token into its books.
    pub fn witness(&mut self, id: &str, token: Token) {
        self.tokens.insert(id.to_ascii_uppercase(), (token, 0));
    }

    /// Answers a request at a moment.
    pub fn answer(&mut self, request: &IncomingRequest, now: Moment) -> Reply {
        let fields = form(request);
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        if request.path != "/SingleQuery" || field("lac") != self.account || field("lak") != self.key {
            return json(200, &object!({"error": "invalid account"}));
        }
        let unreal = |reason: u8| json(200, &object!({"audit": {"authentic": 0, "reason": reason}}));
        let id = field("id").to_ascii_uppercase();
        if !outcry_core::consent::certificate::is_leadid(&id) {
            return unreal(4);
        }
        let Some((token, queries)) = self.tokens.get_mut(&id) else {
            return unreal(1);
        };
        *queries += 1;
        if QUERIES_MAX < *queries {
            return unreal(2);
        }
        if LIFE_MS < now.since_ms(token.created) {
            return unreal(1);
        }
        if token.opted_out {
            return unreal(3);
        }
        json(200, &audit(token, field("data")))
    }
}

/// Green (1) if what is asked about was typed, red (3) if something else was.
fn audit(token: &Token, data: &str) -> Value {
    let typed = |label: &str, value: &str| match label {
        "phone1" => PhoneForm::Us10.of(&token.phone).is_none_or(|own| own == value),
        "email" => email(&token.email).is_none_or(|own| Some(own) == email(value)),
        _ => true,
    };
    let pairs = data
        .split('|')
        .filter_map(|pair| pair.split_once(';'))
        .filter(|(_, value)| !value.is_empty());
    let red = pairs.into_iter().any(|(label, value)| !typed(label, value));
    object!({
        "audit": {"authentic": 1, "data_integrity": if red { 3 } else { 1 }, "lead_age": 1, "first_seen": token.created.to_string()},
        "market": {"leadid": {"tcpa": {"disclosure": u8::from(token.disclosed), "result": u8::from(token.disclosed)}}},
    })
}
