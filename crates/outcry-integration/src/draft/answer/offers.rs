//! The offers of a ping's answer, and the receipt of a post's: prices, ids, and what is repeated later.

use super::{Leaf, Samples, is_price, own_name};
use crate::draft::links::{Link, Links, is_telling};
use crate::draft::names;
use crate::draft::request::snake;
use crate::draft::tree::Shape;
use crate::draft::value::toml_text;

/// Names and values of the post, for what it repeats.
pub(super) type Sent = [(String, String)];

impl Samples<'_> {
    /// Where the list of offers is: its items have prices.
    pub(super) fn list(&self) -> Option<Vec<String>> {
        let leaf = self.leaves.iter().find(|leaf| {
            let own = own_name(&leaf.path).unwrap_or_default();
            leaf.path.iter().any(|part| part == "[*]") && names::PRICE.contains(&names::plain(own).as_str()) && is_price(&leaf.value)
        })?;
        let end = leaf.path.iter().rposition(|part| part == "[*]")?;
        Some(leaf.path[..=end].to_vec())
    }

    /// `id`, `bid` or `bids`; gives back what the post may repeat.
    pub(super) fn offers(&self, list: Option<&[String]>, sent: &Sent, lines: &mut Vec<String>) -> Links {
        let top = self.id(None, sent);
        if let Some(id) = &top {
            lines.push(self.guessed("id", id));
        }
        if let Some(price) = self.find(names::PRICE, None, is_price).filter(|_| list.is_some()) {
            let id = top
                .as_ref()
                .map_or_else(String::new, |id| format!(", id = {}", toml_text(&self.path(&id.path))));
            let price = toml_text(&self.path(&price.path));
            lines.push(format!("bid = {{ price = {price}{id} }}  # guess: where there is no list"));
        }
        let price = self.find(names::PRICE, list, is_price);
        let id = if list.is_some() { self.id(list, sent) } else { top };
        let mut repeated = Links::default();
        repeated.add(price.as_ref(), "bid.price", self);
        repeated.add(id.as_ref(), "bid.id", self);
        let echo = self.echo(list, sent, &mut repeated);
        let mut parts: Vec<String> = [("price", price), ("id", id)]
            .into_iter()
            .chain(self.further(list))
            .filter_map(|(key, leaf)| {
                let path = self.seen_from(list, &leaf?.path);
                Some(format!("{key} = {}  # guess: by its name", toml_text(&path)))
            })
            .collect();
        if !echo.is_empty() {
            parts.push(format!("echo = {{ {} }}  # guess: the post repeats it", echo.join(", ")));
        }
        if list.is_some() || !parts.is_empty() {
            lines.extend([String::new(), self.table(list)]);
            lines.extend(parts);
        }
        repeated
    }

    /// What else an offer may say.
    fn further(&self, list: Option<&[String]>) -> Vec<(&'static str, Option<Leaf>)> {
        let parts: [(&str, &[&str]); 4] = [
            ("currency", &["currency", "currencycode"]),
            ("buyer_name", names::BUYER),
            ("exclusive", &["exclusive", "isexclusive"]),
            ("expires_seconds", names::EXPIRES),
        ];
        let found = parts.map(|(key, words)| (key, self.find(words, list, |value| !value.is_empty())));
        found.into()
    }

    /// Values beyond price and id that the post sends back.
    fn echo(&self, list: Option<&[String]>, sent: &Sent, links: &mut Links) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut pairs = Vec::new();
        for leaf in self.leaves.iter().filter(|leaf| is_sent(leaf, sent)) {
            let name = snake(own_name(&leaf.path).unwrap_or("value"));
            let is_known = links.0.iter().any(|link| link.value == leaf.value) || names.contains(&name);
            let in_offer = list.is_some_and(|list| leaf.path.starts_with(list));
            if !is_known && (in_offer || !leaf.path.iter().any(|part| part == "[*]")) {
                links.add(Some(leaf), &format!("bid.echo.{name}"), self);
                pairs.push(format!("{name} = {}", toml_text(&self.seen_from(list, &leaf.path))));
                names.push(name);
            }
        }
        pairs
    }

    fn table(&self, list: Option<&[String]>) -> String {
        let word = self.step.word();
        let Some(list) = list else { return format!("[{word}.answer.bid]") };
        let each = match self.shape {
            Shape::Xml => self.path(list),
            _ => self.path(&list[..list.len() - 1]),
        };
        format!("[{word}.answer.bids]\neach = {}  # guess: its items have prices", toml_text(&each))
    }

    /// A path as it is written inside of an offer: what stands outside of its item begins at the top.
    fn seen_from(&self, list: Option<&[String]>, path: &[String]) -> String {
        match list {
            Some(list) if path.starts_with(list) => self.path(&path[list.len()..]),
            Some(_) if self.shape == Shape::Xml => format!("/{}", self.path(path)),
            Some(_) => format!("$.{}", self.path(path)),
            None => self.path(path),
        }
    }

    /// The likeliest id; one that the post repeats goes before any other.
    fn id(&self, list: Option<&[String]>, sent: &Sent) -> Option<Leaf> {
        let usable = |value: &str| !value.is_empty() && !matches!(value, "true" | "false" | "0");
        let is_sent = |value: &str| 3 <= value.len() && sent.iter().any(|(_, one)| one == value);
        let repeated = self.find(names::IDS, list, is_sent);
        repeated.or_else(|| self.find(names::IDS, list, usable))
    }

    /// `price`, `reference`, `redirect_url` of a post.
    pub(super) fn receipt(&self, lines: &mut Vec<String>) {
        let is_address = |value: &str| value.starts_with("http");
        let ids = ["leadid", "reference", "referenceid", "id"]
            .into_iter()
            .chain(names::IDS.iter().copied())
            .collect::<Vec<_>>();
        let found = [
            ("price", self.find(names::PRICE, None, is_price)),
            ("reference", self.find(&ids, None, |value| !value.is_empty())),
            ("redirect_url", self.find(names::REDIRECT, None, is_address)),
        ];
        for (key, leaf) in found {
            if let Some(leaf) = leaf {
                lines.push(self.guessed(key, &leaf));
            }
        }
    }

    fn guessed(&self, key: &str, leaf: &Leaf) -> String {
        format!("{key} = {}  # guess: by its name", toml_text(&self.path(&leaf.path)))
    }
}

impl Links {
    fn add(&mut self, leaf: Option<&Leaf>, hole: &str, samples: &Samples<'_>) {
        if let Some(leaf) = leaf {
            self.0.push(Link {
                value: leaf.value.clone(),
                name: own_name(&leaf.path).unwrap_or_default().to_owned(),
                hole: hole.to_owned(),
                path: samples.path(&leaf.path),
            });
        }
    }
}

/// Does the post repeat it?
fn is_sent(leaf: &Leaf, sent: &Sent) -> bool {
    let name = own_name(&leaf.path).unwrap_or_default();
    sent.iter()
        .any(|(other, value)| *value == leaf.value && is_telling(other, name, value))
}
