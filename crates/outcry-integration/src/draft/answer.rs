//! Pasted answers into `[ping.answer]` or `[post.answer]`: where the verdict, the price and the ids stand, and what each
//! word means.

mod offers;
mod verdict;

use super::links::Links;
use super::names::{self, plain};
use super::sample::AnswerSample;
use super::tree::{self, Shape};
use super::value::toml_text;
use crate::step::StepName;
use outcry_core::money::Money;

/// More values than any answer has that somebody pasted.
const LEAVES_MAX: usize = 1000;

/// One value of the samples: which sample, the names that lead to it, the value.
#[derive(Clone, Debug)]
struct Leaf {
    sample: usize,
    path: Vec<String>,
    value: String,
}

/// A drafted answer.
#[derive(Debug, Default)]
pub(super) struct Drafted {
    /// The tables of the file.
    pub(super) text: String,
    /// What a post may repeat of it.
    pub(super) links: Links,
}

/// The samples of one step, taken apart.
struct Samples<'a> {
    step: StepName,
    shape: Shape,
    answers: &'a [AnswerSample],
    leaves: Vec<Leaf>,
}

/// Drafts the answer of a step. `sent_later` are the values of the post, for what it repeats.
pub(super) fn draw(step: StepName, answers: &[AnswerSample], sent_later: &[(String, String)]) -> Drafted {
    let parsed: Vec<_> = answers.iter().map(|answer| tree::parse(&answer.body)).collect();
    let shape = parsed.iter().map(|(shape, _)| *shape).find(|shape| *shape != Shape::Text);
    let leaves = parsed
        .iter()
        .enumerate()
        .filter(|(_, (one, _))| Some(*one) == shape)
        .flat_map(|(sample, (_, tree))| {
            let leaves = tree::leaves(tree).into_iter().take(LEAVES_MAX);
            leaves.map(move |(path, value)| Leaf { sample, path, value })
        });
    let samples = Samples {
        step,
        shape: shape.unwrap_or(Shape::Text),
        answers,
        leaves: leaves.collect(),
    };
    match shape {
        None if answers.is_empty() => Drafted {
            text: unseen(step),
            links: Links::default(),
        },
        None => Drafted {
            text: samples.as_text(),
            links: Links::default(),
        },
        Some(_) => samples.draft(sent_later),
    }
}

/// Nobody pasted an answer: the commonest one.
fn unseen(step: StepName) -> String {
    let (word, good, bad) = match step {
        StepName::Ping => ("ping", "bid", "no_bid"),
        _ => ("post", "accepted", "rejected"),
    };
    let ids = if step == StepName::Ping {
        "id = [\"bid_id\", \"ping_id\", \"id\"]\nbid = { price = [\"price\", \"bid\", \"payout\"], id = [\"bid_id\", \"ping_id\", \"id\"] }"
    } else {
        "price = [\"price\", \"payout\"]\nreference = [\"lead_id\", \"id\"]\nredirect_url = \"redirect_url\""
    };
    format!(
        "# guess: there was no sample of this answer, so all of it is a guess\n[{word}.answer]\nformat = \"json\"\n\
         reason = [\"reason\", \"message\", \"error\"]\n{ids}\n\n\
         [[{word}.answer.rules]]\nwhen = {{ path = \"status\", in = [\"duplicate\"] }}\noutcome = \"duplicate\"\n\n\
         [[{word}.answer.rules]]\nwhen = {{ path = \"status\", in = [\"rejected\", \"no_bid\", \"unmatched\"] }}\noutcome = \"{bad}\"\n\n\
         [[{word}.answer.rules]]\nwhen = {{ path = \"status\", in = [\"error\", \"failed\"] }}\noutcome = \"error\"\n\n\
         [[{word}.answer.rules]]\nwhen = {{ path = \"status\", in = [\"accepted\", \"matched\", \"success\"] }}\noutcome = \"{good}\"\n"
    )
}

impl Samples<'_> {
    fn draft(&self, sent_later: &[(String, String)]) -> Drafted {
        let format = match self.shape {
            Shape::Json => "json",
            Shape::Xml => "xml",
            Shape::Form => "form",
            Shape::Text => "text",
        };
        let mut lines = vec![format!("[{}.answer]", self.step.word()), format!("format = {}", toml_text(format))];
        let list = self.list();
        let reason = self.reasons(list.as_deref());
        if !reason.is_empty() {
            let paths: Vec<String> = reason.iter().map(|path| toml_text(&self.path(path))).collect();
            lines.push(format!("reason = [{}]  # guess: by the names", paths.join(", ")));
        }
        let repeated = if self.step == StepName::Ping {
            self.offers(list.as_deref(), sent_later, &mut lines)
        } else {
            self.receipt(&mut lines);
            Links::default()
        };
        lines.push(String::new());
        lines.extend(self.rules(&reason, list.as_deref()));
        Drafted {
            text: lines.join("\n") + "\n",
            links: repeated,
        }
    }

    /// The path of names as the file writes it.
    fn path(&self, path: &[String]) -> String {
        let mut out = String::new();
        for part in path {
            let is_plain = part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'@'));
            let between = match self.shape {
                _ if out.is_empty() => "",
                Shape::Xml => "/",
                _ => ".",
            };
            match self.shape {
                Shape::Xml if part == "[*]" || part == "#text" => {}
                Shape::Xml => out.extend([between, part]),
                _ if part == "[*]" => out.push_str(part),
                _ if is_plain => out.extend([between, part]),
                _ => out.extend(["[", &serde_json::Value::String(part.clone()).to_string(), "]"]),
            }
        }
        out
    }

    /// The first value under one of these names: the order of the names goes before that of the samples.
    fn find(&self, names: &[&str], below: Option<&[String]>, fits: impl Fn(&str) -> bool) -> Option<Leaf> {
        let at = |leaf: &&Leaf| match below {
            None => !leaf.path.iter().any(|part| part == "[*]"),
            Some(list) => leaf.path.starts_with(list),
        };
        let found = names.iter().find_map(|name| {
            let mut leaves = self.leaves.iter().filter(at);
            leaves.find(|leaf| own_name(&leaf.path).is_some_and(|own| plain(own) == *name) && fits(&leaf.value))
        });
        found.cloned()
    }

    /// Where the buyer says why: not where it says what, and not inside of an offer.
    fn reasons(&self, list: Option<&[String]>) -> Vec<Vec<String>> {
        let status = self.status();
        let mut found: Vec<Vec<String>> = Vec::new();
        for name in names::REASON {
            for leaf in &self.leaves {
                let own = own_name(&leaf.path).unwrap_or_default();
                let word = status.as_ref() == Some(&leaf.path) || is_price(&leaf.value);
                let in_offers = list.is_some_and(|list| leaf.path.starts_with(list));
                if plain(own) == *name && !word && !in_offers && !found.contains(&leaf.path) {
                    found.push(leaf.path.clone());
                }
            }
        }
        found.truncate(4);
        found
    }
}

/// The last name on a path, without marks.
fn own_name(path: &[String]) -> Option<&str> {
    let name = path.iter().rev().find(|part| *part != "[*]" && *part != "#text")?;
    Some(name.trim_start_matches('@'))
}

fn is_price(value: &str) -> bool {
    let bare = value.trim().trim_start_matches(['$', '£', '€']).replace(',', "");
    Money::parse(&bare).is_ok()
}
