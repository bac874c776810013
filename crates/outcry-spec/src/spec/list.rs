//! `[list.…]`: who must not be sold, or is the only one that may be; what its entries are, and whose leads it is asked about.

use crate::codes;
use crate::desk::Problem;
use crate::name;
use crate::spec::cap::word;
use crate::spec::source::resolve_secret;
use crate::specs::Named;
use crate::table::Table;
use crate::text::Text;
use crate::world::World;
use outcry_core::id::{BuyerName, CampaignName, ContractName, SourceName};
use outcry_core::lead_type::LeadType;
use outcry_core::list::{Applies, Encoding, Entries, Form, Hash, HmacKey, Kind, List, Scheme, Unknown, Way};
use std::ops::RangeInclusive;
use std::sync::Arc;

const WAYS: [(&str, Way); 2] = [("block", Way::Block), ("allow", Way::Allow)];
const UNKNOWNS: [(&str, Unknown); 3] = [("block", Unknown::Block), ("allow", Unknown::Allow), ("flag", Unknown::Flag)];
const ENCODINGS: [(&str, Encoding); 2] = [("hex", Encoding::Hex), ("base64", Encoding::Base64)];
const AGE_DAYS: RangeInclusive<u32> = 1..=3_650;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Reads a list; `None` if something essential is missing, which then has been reported.
pub(crate) fn read(world: &World<'_>, name: &str, table: &Table<'_>) -> Option<List> {
    let kinds = Kind::ALL.map(|kind| (kind.word(), kind));
    let kind = word(table, "entries", &kinds).map(|(_, kind)| kind);
    let hash = hash(table, kind);
    let list = List {
        name: name.into(),
        entries: Entries {
            kind: kind.unwrap_or(Kind::Phone),
            hash,
        },
        way: one_of(table, "kind", &WAYS).unwrap_or(Way::Block),
        fields: fields(world, table, kind),
        max_age_ms: table.number("max_age_days", &AGE_DAYS).map(|days| i64::from(days) * DAY_MS),
        unknown: one_of(table, "unknown", &UNKNOWNS).unwrap_or(Unknown::Block),
        live: table.flag("live"),
        applies: applies(world, table),
    };
    table.finish();
    tell_odd(table, &list);
    kind.map(|_| list)
}

/// One of a list of words, which need not be there.
fn one_of<T: Clone>(table: &Table<'_>, key: &'static str, words: &[(&'static str, T)]) -> Option<T> {
    table.has(key).then(|| word(table, key, words))?.map(|(_, value)| value)
}

/// How its entries were hashed; nothing if they come plain.
fn hash(table: &Table<'_>, kind: Option<Kind>) -> Option<Hash> {
    let mut schemes: Vec<(&'static str, Option<Scheme>)> = Scheme::PLAIN
        .iter()
        .map(|(word, algorithm)| (*word, Some(Scheme::Plain(*algorithm))))
        .collect();
    schemes.push(("hmac_sha256", None));
    let scheme = one_of(table, "hash", &schemes);
    let forms = Form::PHONES.map(|form| (form.word(), form));
    let (form, encoding) = (one_of(table, "form", &forms), one_of(table, "encoding", &ENCODINGS));
    let key = table.text("hmac_key");
    let tell = |at: &str, message: String, hint: &str| {
        table
            .desk
            .tell(Problem::error(codes::LIST_HASH, table.spot_of(at), message).hint(hint));
    };
    if !table.has("hash") {
        for key in ["form", "encoding", "hmac_key"].into_iter().filter(|key| table.has(key)) {
            tell(
                key,
                format!("{} has `{key}` and no `hash`", table.what),
                "plain values need none of it; say `hash = \"sha256\"` if they are digests",
            );
        }
        return None;
    }
    tell_form(table, kind, form);
    let scheme = match (scheme?, key) {
        (Some(scheme), None) => scheme,
        (Some(_), Some(_)) => {
            tell(
                "hmac_key",
                format!("{} has an `hmac_key` and a hash that needs none", table.what),
                "say `hash = \"hmac_sha256\"`, or take it out",
            );
            return None;
        }
        (None, None) => {
            if !table.has("hmac_key") {
                table.tell_missing("hmac_key", "\"secret:…\"");
            }
            return None;
        }
        (None, Some(key)) => Scheme::Keyed(hmac_key(table, &key)?),
    };
    let form = if kind == Some(Kind::Phone) { form? } else { Form::Normal };
    Some(Hash {
        scheme,
        form,
        encoding: encoding.unwrap_or(Encoding::Hex),
    })
}

/// Phone numbers are hashed in one of several forms, and nothing else is.
fn tell_form(table: &Table<'_>, kind: Option<Kind>, form: Option<Form>) {
    let tell = |at: &str, message: String, hint: &str| {
        table
            .desk
            .tell(Problem::error(codes::LIST_HASH, table.spot_of(at), message).hint(hint));
    };
    match (kind, form) {
        (Some(Kind::Phone), None) if !table.has("form") => tell(
            "hash",
            format!("{} does not say which form of a phone number was hashed", table.what),
            "add `form`: us10 for 2025550143, us11 for 12025550143, e164 for +12025550143, dashed for 202-555-0143",
        ),
        (Some(kind), Some(_)) if kind != Kind::Phone => tell(
            "form",
            format!("{} has a `form`, and only phone numbers have more than one", table.what),
            "take it out",
        ),
        _ => {}
    }
}

fn hmac_key(table: &Table<'_>, written: &Text) -> Option<HmacKey> {
    let Some(name) = written.value.strip_prefix("secret:") else {
        let message = format!("the key of {} stands in the file itself", table.what);
        let problem = Problem::error(codes::LITERAL_KEY, written.spot, message);
        table
            .desk
            .tell(problem.hint("write \"secret:name\" and give the key to the process under that name"));
        return None;
    };
    resolve_secret(table, name, written).map(|key| HmacKey(key.as_bytes().into()))
}

/// The fields it is asked about; each must hold what the list is of in some lead type.
fn fields(world: &World<'_>, table: &Table<'_>, kind: Option<Kind>) -> Vec<Arc<str>> {
    let named = table.texts("fields");
    let Some(kind) = kind else { return Vec::new() };
    let of_kind = |lead_type: &Arc<LeadType>| {
        let fields = lead_type.fields.fields.iter().filter(|field| kind.is_in(&field.kind));
        fields.map(|field| field.name.clone()).collect::<Vec<_>>()
    };
    let known: Vec<Arc<str>> = world.lead_types.values().flat_map(of_kind).collect();
    for field in named.iter().filter(|field| !known.iter().any(|name| **name == field.value)) {
        let message = format!(
            "no lead type has a field `{}` that a list of kind `{}` could be asked about",
            field.value,
            kind.word()
        );
        let problem = Problem::error(codes::LIST_FIELD, field.spot, message);
        table
            .desk
            .tell(problem.hint_if(name::suggestion(&field.value, known.iter().map(|name| &**name))));
    }
    named.into_iter().map(|field| field.value.into()).collect()
}

fn applies(world: &World<'_>, table: &Table<'_>) -> Applies {
    let specs = world.specs;
    let named = |key: &'static str, kind: &str, all: &Named<'_>| -> Vec<Text> {
        table.texts(key).into_iter().filter(|name| world.refers(kind, all, name)).collect()
    };
    let routes = table.pairs("routes").into_iter().filter_map(|pair| {
        let [source, contract] = <[Text; 2]>::try_from(pair).ok()?;
        let (from, to) = (
            world.refers("source", &specs.sources, &source),
            world.refers("contract", &specs.contracts, &contract),
        );
        (from && to).then(|| (SourceName::new(source.value), ContractName::new(contract.value)))
    });
    Applies {
        everywhere: table.flag("everywhere"),
        sources: named("sources", "source", &specs.sources)
            .into_iter()
            .map(|name| SourceName::new(name.value))
            .collect(),
        campaigns: named("campaigns", "campaign", &specs.campaigns)
            .into_iter()
            .map(|name| CampaignName::new(name.value))
            .collect(),
        buyers: named("buyers", "buyer", &specs.buyers)
            .into_iter()
            .map(|name| BuyerName::new(name.value))
            .collect(),
        contracts: named("contracts", "contract", &specs.contracts)
            .into_iter()
            .map(|name| ContractName::new(name.value))
            .collect(),
        routes: routes.collect(),
    }
}

const SCOPES: [&str; 6] = ["everywhere", "sources", "campaigns", "buyers", "contracts", "routes"];

fn tell_odd(table: &Table<'_>, list: &List) {
    if list.applies.is_empty() && !SCOPES.iter().any(|key| table.has(key) && *key != "everywhere") {
        let problem = Problem::error(
            codes::LIST_APPLIES_NOWHERE,
            table.spot,
            format!("{} applies to nothing, so it keeps nobody from being sold", table.what),
        );
        table.desk.tell(
            problem.hint("say to what: `everywhere = true`, or `campaigns`, `sources`, `buyers`, `contracts` or `routes` with names"),
        );
    }
    if list.live && list.max_age_ms.is_some() {
        let problem = Problem::error(
            codes::LIST_LIVE_AND_AGED,
            table.spot_of("max_age_days"),
            format!("{} is kept by hand and has a `max_age_days`: only a file grows old", table.what),
        );
        table
            .desk
            .tell(problem.hint("take out `live` if a file is imported, or `max_age_days` if none is"));
    }
}
