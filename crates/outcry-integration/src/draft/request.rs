//! A pasted request into `[ping.request]` or `[post.request]`: each value into a hole, a parameter or a fixed word.

use super::links::Links;
use super::names::{self, Meaning, plain};
use super::sample::RequestSample;
use super::trade::Trade;
use super::tree::Shape;
use super::value::{self, Guess, text_of, toml_text};
use crate::step::StepName;
use serde_json::{Map, Value};

/// What a drawn request needs beside itself: parameters, and a lead for its example.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Of the whole file.
    pub(super) params: Vec<Param>,
    /// Fields of the sample lead, as TOML.
    pub(super) fields: Vec<(String, String)>,
    /// Rows of its lists.
    pub(super) rows: Vec<(&'static str, Vec<Vec<(String, String)>>)>,
    /// Parts of the bid that the post repeats, by their holes.
    pub(super) bid: Vec<(String, String)>,
    /// Is the sample a test?
    pub(super) test: bool,
}

/// A parameter of the drafted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Param {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) default: Option<String>,
    /// The value in examples; never a secret of the sample.
    pub(super) example: String,
    pub(super) about: String,
}

/// One member of a body.
#[derive(Debug)]
pub(super) enum Drawn {
    /// TOML on one line, and what was guessed.
    Leaf(String, Option<String>),
    /// A line that must not be sent, and why.
    Kept(String, String),
    Table(Vec<(String, Drawn)>),
    /// Rows of a list of the lead.
    Rows(&'static str, Vec<(String, Drawn)>),
}

/// Draws the requests of a file, one after the other.
pub(super) struct Drawer<'a> {
    pub(super) trade: &'a Trade<'a>,
    pub(super) links: &'a Links,
    pub(super) step: StepName,
    pub(super) needs: &'a mut Needs,
}

impl Drawer<'_> {
    /// Every member of a body.
    pub(super) fn members(&mut self, members: &Map<String, Value>) -> Vec<(String, Drawn)> {
        let drawn = members.iter().map(|(name, value)| (name.clone(), self.member(name, value)));
        drawn.collect()
    }

    fn member(&mut self, name: &str, value: &Value) -> Drawn {
        match value {
            Value::Object(members) => Drawn::Table(self.members(members)),
            Value::Array(items) => self.list(name, items),
            leaf => match names::in_flat_row(name) {
                Some((list, row, inner)) => self.row_leaf(list, row, inner, leaf, &format!("{list}[{row}].")),
                None => self.leaf(name, leaf),
            },
        }
    }

    fn list(&mut self, name: &str, items: &[Value]) -> Drawn {
        let rows: Option<Vec<&Map<String, Value>>> = items.iter().map(Value::as_object).collect();
        match (names::list(name), rows) {
            (Some(list), Some(rows)) if !rows.is_empty() => {
                let mut drawn = Vec::new();
                for (at, row) in rows.iter().enumerate() {
                    for (inner, value) in *row {
                        let leaf = self.row_leaf(list, at, inner, value, "");
                        if at == 0 {
                            drawn.push((inner.clone(), leaf));
                        }
                    }
                }
                Drawn::Rows(list, drawn)
            }
            _ => {
                let fixed: Vec<String> = items.iter().map(literal).collect();
                Drawn::Leaf(format!("[{}]", fixed.join(", ")), Some("the same for every lead".to_owned()))
            }
        }
    }

    /// A value of one row. `place` is how the row is named from here.
    fn row_leaf(&mut self, list: &'static str, row: usize, name: &str, sample: &Value, place: &str) -> Drawn {
        if let Some(years) = age(name, sample) {
            self.needs.give_row(list, row, "dob", years);
            return hole(&format!("{place}dob | age"), sample, None);
        }
        let field = names::in_row(name)
            .and_then(|known| self.trade.row_field(list, known))
            .or_else(|| self.trade.row_field(list, name));
        let field_name = field.map_or_else(|| snake(name), |field| field.name.to_string());
        let guess = value::guess(&field_name, field, sample);
        self.needs.give_row(list, row, &field_name, guess.given);
        let doubt = match field {
            None => Some(format!("no lead type has {field_name} in {list}")),
            Some(_) => guess.doubt.or_else(|| renamed(&field_name, name)),
        };
        Drawn::Leaf(toml_text(&format!("{{{place}{field_name}{}}}", guess.pipes)), doubt)
    }

    fn leaf(&mut self, name: &str, sample: &Value) -> Drawn {
        let text = text_of(sample);
        if name.starts_with("@xmlns") {
            return Drawn::Leaf(literal(sample), None);
        }
        if self.step == StepName::Post
            && let Some(link) = self.links.find(name, &text)
        {
            self.needs.bid(&link.hole, &text);
            return hole(
                &link.hole,
                sample,
                Some(format!("the same value as {} in the ping's answer", link.path)),
            );
        }
        match self.trade.meaning(name) {
            Meaning::Secret => self.param(name, "secret", &text),
            Meaning::Account => self.param(name, "text", &text),
            Meaning::Field(field) => self.field(name, field, sample),
            Meaning::Age => {
                if let Some(born) = age("age", sample) {
                    self.needs.give("dob", born);
                }
                hole("dob | age", sample, Some("from the date of birth".to_owned()))
            }
            Meaning::BirthPart(part) => self.birth_part(part, &text),
            Meaning::FullName => {
                let (first, last) = text.split_once(' ').unwrap_or((&text, ""));
                self.needs.give("first_name", toml_text(first));
                self.needs.give("last_name", toml_text(last));
                self.identifying(name, "{first_name} {last_name}", Some("first and last name in one".to_owned()))
            }
            Meaning::EmailDomain => {
                self.needs.give("email", toml_text(&format!("ada@{text}")));
                hole("email | split '@' | last", sample, Some("what stands behind the @".to_owned()))
            }
            Meaning::OurId => self.our_id(sample),
            Meaning::BidId if self.step == StepName::Post => {
                self.needs.bid("bid.id", &text);
                hole("bid.id", sample, Some("the buyer's id from the ping".to_owned()))
            }
            Meaning::BidPrice if self.step == StepName::Post => {
                self.needs.bid("bid.price", &text);
                hole("bid.price", sample, Some("the price that was bid".to_owned()))
            }
            Meaning::Test => self.test(sample, &text),
            Meaning::Now => hole(
                &format!("now{}", value::now(&text)),
                sample,
                Some("the moment of the call".to_owned()),
            ),
            Meaning::WaitMs if self.step == StepName::Ping && sample.is_number() => {
                hole("ping.wait_ms", sample, Some("in milliseconds?".to_owned()))
            }
            Meaning::Control | Meaning::WaitMs | Meaning::BidId | Meaning::BidPrice => {
                Drawn::Leaf(literal(sample), Some("the same for every lead".to_owned()))
            }
            Meaning::Unknown => self.unknown(name, sample),
        }
    }

    fn field(&mut self, name: &str, field: &'static str, sample: &Value) -> Drawn {
        let known = self.trade.field(field);
        if text_of(sample).is_empty() {
            let blank = Guess::blank();
            let hole = format!("{{{field}{}}}", blank.pipes);
            return self.identifying_if(self.trade.identifies(field), name, &hole, blank.doubt);
        }
        let guess = value::guess(field, known, sample);
        self.needs.give(field, guess.given);
        let hole = format!("{{{field}{}}}", guess.pipes);
        self.identifying_if(
            self.trade.identifies(field),
            name,
            &hole,
            guess.doubt.or_else(|| renamed(field, name)),
        )
    }

    /// A name that the trade does not know: a field of a lead type, or of the operator's own.
    fn unknown(&mut self, name: &str, sample: &Value) -> Drawn {
        let known = self.trade.field_like(name);
        let field = known.map_or_else(|| snake(name), |field| field.name.to_string());
        let mut guess = value::guess(&field, known, sample);
        if text_of(sample).is_empty() {
            guess = Guess::blank();
        } else {
            self.needs.give(&field, guess.given);
        }
        let doubt = match known {
            Some(_) => guess.doubt.or_else(|| renamed(&field, name)),
            None => Some(format!("no lead type has {field}: a field of your own, or a fixed word?")),
        };
        let identifies = known.is_some_and(|field| self.trade.identifies(&field.name));
        self.identifying_if(identifies, name, &format!("{{{field}{}}}", guess.pipes), doubt)
    }

    fn identifying(&self, name: &str, hole: &str, doubt: Option<String>) -> Drawn {
        self.identifying_if(true, name, hole, doubt)
    }

    /// What identifies the person cannot be in a ping, so such a line is written as a comment.
    fn identifying_if(&self, identifies: bool, name: &str, hole: &str, doubt: Option<String>) -> Drawn {
        if identifies && self.step == StepName::Ping {
            let why = "identifies the person, so no ping can carry it; the buyer has it in the post";
            return Drawn::Kept(format!("{} = {}", key(name), toml_text(hole)), why.to_owned());
        }
        Drawn::Leaf(toml_text(hole), doubt)
    }

    /// A parameter of the contract.
    pub(super) fn param(&mut self, name: &str, kind: &'static str, sample: &str) -> Drawn {
        let param = self.named_param(name, kind, sample);
        let about = if kind == "secret" {
            "a secret of the contract"
        } else {
            "differs from contract to contract"
        };
        Drawn::Leaf(toml_text(&format!("{{param.{param}}}")), Some(about.to_owned()))
    }

    /// The parameter of this name, made if there is none.
    pub(super) fn named_param(&mut self, name: &str, kind: &'static str, sample: &str) -> String {
        let param = snake(name);
        let example = if kind == "secret" {
            format!("example-{param}")
        } else {
            sample.to_owned()
        };
        self.needs.params(Param {
            name: param.clone(),
            kind,
            default: None,
            example,
            about: format!("The buyer calls it {name}."),
        });
        param
    }

    fn birth_part(&mut self, part: &str, text: &str) -> Drawn {
        let padded = part != "%Y" && text.len() == 2 && text.starts_with('0');
        let part = if part == "%Y" || padded {
            part.to_owned()
        } else {
            part.replace('%', "%-")
        };
        self.needs.birth(&part, text);
        Drawn::Leaf(
            toml_text(&format!("{{dob | date {part}}}")),
            Some("a part of the date of birth".to_owned()),
        )
    }

    fn our_id(&self, sample: &Value) -> Drawn {
        let id = if self.step == StepName::Ping { "ping.id" } else { "attempt.id" };
        hole(id, sample, Some("an id of ours".to_owned()))
    }

    fn test(&mut self, sample: &Value, text: &str) -> Drawn {
        self.needs.test |= matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "y");
        let field = Kinds::yes_no(sample, text);
        Drawn::Leaf(toml_text(&format!("{{test{field}}}")), Some("is it a test lead?".to_owned()))
    }
}

/// How yes and no are written, where no lead type says that it is one.
struct Kinds;

impl Kinds {
    fn yes_no(sample: &Value, text: &str) -> String {
        match (sample, text) {
            (Value::Bool(_), _) => String::new(),
            (Value::Number(_), _) => " | yes_no 1 0 | number".to_owned(),
            (_, "0" | "1" | "") => " | yes_no 1 0".to_owned(),
            (_, "true" | "false") => " | yes_no true false".to_owned(),
            (_, "Y" | "N") => " | yes_no Y N".to_owned(),
            (_, "yes" | "no") => " | yes_no yes no".to_owned(),
            _ => " | yes_no".to_owned(),
        }
    }
}

fn hole(inside: &str, sample: &Value, guess: Option<String>) -> Drawn {
    let text = if sample.is_string() && (inside.ends_with("| age") || inside.ends_with("bid.price")) {
        " | text"
    } else {
        ""
    };
    Drawn::Leaf(toml_text(&format!("{{{inside}{text}}}")), guess)
}

/// The birthday of somebody of this age at the moment of every example.
fn age(name: &str, sample: &Value) -> Option<String> {
    let years = text_of(sample).parse::<i16>().ok().filter(|years| (0..130).contains(years));
    (plain(name) == "age").then_some(())?;
    Some(format!("{}-01-15", 2026 - years?))
}

fn renamed(field: &str, name: &str) -> Option<String> {
    (field != name).then(|| "by its name".to_owned())
}

/// A value that never changes, as TOML on one line.
fn literal(sample: &Value) -> String {
    match sample {
        Value::Null => toml_text(""),
        Value::Bool(_) | Value::Number(_) => sample.to_string(),
        Value::String(text) => toml_text(&text.replace('{', "{{").replace('}', "}}")),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{} = {}", key(name), literal(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A key as TOML writes it.
pub(super) fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { name.to_owned() } else { toml_text(name) }
}

/// `campId` and `Camp-ID` as `camp_id`.
pub(super) fn snake(name: &str) -> String {
    let name = name.rsplit(['.', ']', '[']).find(|part| !part.is_empty()).unwrap_or(name);
    let mut out = String::new();
    let mut before = '_';
    for letter in name.chars() {
        let starts = letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        if starts || (!letter.is_ascii_alphanumeric() && !out.ends_with('_') && !out.is_empty()) {
            out.push('_');
        }
        if letter.is_ascii_alphanumeric() {
            out.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    let out = out.trim_matches('_').to_owned();
    if out.is_empty() { "value".to_owned() } else { out }
}

impl Needs {
    /// Adds a parameter once.
    pub(super) fn params(&mut self, param: Param) {
        if !self.params.iter().any(|known| known.name == param.name) {
            self.params.push(param);
        }
    }

    /// A part of the bid that the sample repeats.
    pub(super) fn bid(&mut self, hole: &str, value: &str) {
        if !self.bid.iter().any(|(known, _)| known == hole) {
            self.bid.push((hole.to_owned(), value.to_owned()));
        }
    }

    /// The first sample of a field counts.
    fn give(&mut self, field: &str, value: String) {
        if !self.fields.iter().any(|(name, _)| name == field) {
            self.fields.push((field.to_owned(), value));
        }
    }

    fn give_row(&mut self, list: &'static str, row: usize, field: &str, value: String) {
        if 20 < row {
            return; // a pasted number, not a row
        }
        let at = self.rows.iter().position(|(name, _)| *name == list).unwrap_or_else(|| {
            self.rows.push((list, Vec::new()));
            self.rows.len() - 1
        });
        let rows = &mut self.rows[at].1;
        while rows.len() <= row {
            rows.push(Vec::new());
        }
        if !rows[row].iter().any(|(name, _)| name == field) {
            rows[row].push((field.to_owned(), value));
        }
    }

    /// Puts a part into the date of birth.
    fn birth(&mut self, part: &str, text: &str) {
        let known = self.fields.iter().position(|(name, _)| name == "dob").unwrap_or_else(|| {
            self.fields.push(("dob".to_owned(), "1985-01-15".to_owned()));
            self.fields.len() - 1
        });
        let Ok(number) = text.parse::<i16>() else { return };
        let dob = &mut self.fields[known].1;
        let Ok(date) = dob.parse::<jiff::civil::Date>() else { return };
        let changed = match (part.trim_start_matches(['%', '-']), i8::try_from(number)) {
            ("Y", _) => date.with().year(number).build(),
            ("m", Ok(month)) => date.with().month(month).build(),
            (_, Ok(day)) => date.with().day(day).build(),
            _ => return,
        };
        if let Ok(changed) = changed {
            *dob = changed.to_string();
        }
    }
}

/// A body as the file holds it.
pub(super) struct Body {
    /// The word of `format`.
    pub(super) format: &'static str,
    pub(super) members: Map<String, Value>,
    /// Was there nothing to see?
    pub(super) is_unseen: bool,
}

/// The body of a sample; `None` if it is in no format that is known.
pub(super) fn body(sample: &RequestSample) -> Option<Body> {
    let (shape, tree) = sample.tree();
    let format = match shape {
        Shape::Json => "json",
        Shape::Form if sample.is_query() => "query",
        Shape::Form => "form",
        Shape::Xml => "xml",
        Shape::Text => {
            let is_unseen = sample.body.is_empty();
            let format = if sample.method == "GET" { "query" } else { "json" };
            return is_unseen.then(|| Body {
                format,
                members: Map::new(),
                is_unseen,
            });
        }
    };
    let Value::Object(mut members) = tree else { return None };
    let envelope = members
        .iter()
        .next()
        .filter(|(name, _)| shape == Shape::Xml && name.ends_with("Envelope"));
    let format = match envelope {
        Some((_, envelope)) => {
            let soap12 = envelope.to_string().contains("www.w3.org/2003/05/soap-envelope");
            let body = envelope.as_object()?.iter().find(|(name, _)| name.ends_with("Body"))?.1;
            members = body.as_object()?.clone();
            if soap12 { "soap12" } else { "soap11" }
        }
        None => format,
    };
    Some(Body {
        format,
        members,
        is_unseen: false,
    })
}
