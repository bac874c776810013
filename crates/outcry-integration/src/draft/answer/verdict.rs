//! What an answer's words mean: where the verdict stands, and the rules that read it.

use super::{Leaf, Samples, is_price, own_name};
use crate::draft::names::{self, plain};
use crate::draft::value::toml_text;
use crate::draft::words::{self, Class};
use crate::step::StepName;

impl Samples<'_> {
    /// Where the verdict stands: the path whose words are understood in most samples, and agree with what the samples are called.
    pub(super) fn status(&self) -> Option<Vec<String>> {
        let mut best: Option<(usize, &[String])> = None;
        let has_name = |leaf: &&Leaf, name: &str| own_name(&leaf.path).is_some_and(|own| plain(own) == name);
        for name in names::STATUS {
            for leaf in self.leaves.iter().filter(|leaf| has_name(leaf, name)) {
                let at_this_place = self.leaves.iter().filter(|other| other.path == leaf.path);
                let score = at_this_place.map(|other| self.score(other)).sum();
                if best.is_none_or(|(most, _)| most < score) && 0 < score {
                    best = Some((score, &leaf.path));
                }
            }
        }
        best.map(|(_, path)| path.to_vec())
    }

    fn score(&self, leaf: &Leaf) -> usize {
        let hint = words::hint(&self.answers[leaf.sample].name);
        match (words::class_at(own_name(&leaf.path).unwrap_or_default(), &leaf.value), hint) {
            _ if leaf.path.iter().any(|part| part == "[*]") => 0,
            (Some(class), Some(hint)) if class == hint => 4,
            (Some(_), None) => 2,
            (Some(_), Some(_)) | (None, _) => 0,
        }
    }

    pub(super) fn rules(&self, reason: &[Vec<String>], list: Option<&[String]>) -> Vec<String> {
        let status = self.status();
        let words = status.as_ref().map(|path| self.words_at(path)).unwrap_or_default();
        let mut rules = self.rules_of_reason(reason, &words);
        let told = rules.len();
        if let Some(path) = &status {
            let path = toml_text(&self.path(path));
            for class in words::IN_ORDER {
                let seen: Vec<&str> = words
                    .iter()
                    .filter(|(_, known)| *known == class)
                    .map(|(word, _)| word.as_str())
                    .collect();
                if !seen.is_empty() {
                    rules.push((format!("path = {path}, {}", tests(&seen)), class, "what the word means"));
                }
                let others = words::family(&words, class);
                if !others.is_empty() {
                    rules.push((format!("path = {path}, {}", tests(&others)), class, "a word that was in no sample"));
                }
            }
        } else {
            rules.extend(self.rules_of_price(reason, list));
        }
        rules[told..].sort_by_key(|(_, class, _)| words::IN_ORDER.iter().position(|one| one == class));
        let mut lines: Vec<String> = rules
            .iter()
            .flat_map(|(when, class, guess)| self.rule(when, *class, guess))
            .collect();
        if lines.is_empty() {
            lines = self.rule(
                "status = \"4xx\"",
                Class::Error,
                "there was nothing in the samples that tells a verdict",
            );
        }
        lines
    }

    /// What a reason says more exactly than the word: these go first.
    fn rules_of_reason(&self, reason: &[Vec<String>], words: &[(String, Class)]) -> Vec<(String, Class, &'static str)> {
        let mut rules = Vec::new();
        let is_known = |class| words.iter().any(|(_, known)| *known == class);
        if let Some(path) = reason.first().filter(|_| !is_known(Class::Duplicate)) {
            let when = format!("path = {}, matches = \"duplicat\"", toml_text(&self.path(path)));
            rules.push((when, Class::Duplicate, "a duplicate told by its reason alone"));
        }
        let says = |path: &Vec<String>, parts: &[&str]| {
            let mut leaves = self.leaves.iter().filter(|leaf| leaf.path == *path);
            leaves.any(|leaf| parts.iter().any(|part| leaf.value.to_lowercase().contains(part)))
        };
        let faulty = ["required", "missing", "invalid"];
        for path in reason.iter().filter(|path| says(path, &faulty)) {
            let when = format!("path = {}, matches = \"{}\"", toml_text(&self.path(path)), faulty.join("|"));
            rules.push((when, Class::Error, "the buyer could not read the lead"));
        }
        let later = ["queue", "delayed", "pending"];
        let status = self.status();
        let mut paths: Vec<&Vec<String>> = self
            .leaves
            .iter()
            .map(|leaf| &leaf.path)
            .filter(|path| Some(*path) != status.as_ref())
            .collect();
        paths.dedup();
        let words_of_others = |path: &&&Vec<String>| names::speaks_of_an_answer(path) && says(path, &later);
        for path in paths.iter().filter(words_of_others).filter(|_| self.step == StepName::Post) {
            let when = format!("path = {}, matches = \"{}\"", toml_text(&self.path(path)), later.join("|"));
            rules.push((when, Class::Queued, "the final word comes later"));
        }
        rules.dedup();
        rules
    }

    /// Without a word for the verdict, a price is one.
    fn rules_of_price(&self, reason: &[Vec<String>], list: Option<&[String]>) -> Vec<(String, Class, &'static str)> {
        let mut rules = Vec::new();
        let place = match list {
            Some(list) => Some(self.path(list)),
            None => self.find(names::PRICE, None, is_price).map(|leaf| self.path(&leaf.path)),
        };
        if let Some(place) = place {
            let test = if list.is_some() { "present = true" } else { "greater_than = 0" };
            rules.push((format!("path = {}, {test}", toml_text(&place)), Class::Good, "a price is an offer"));
        }
        if let Some(path) = reason.first() {
            let when = format!("path = {}, present = true", toml_text(&self.path(path)));
            rules.push((when, Class::Refused, "a reason without a price is a refusal"));
        }
        rules
    }

    fn rule(&self, when: &str, class: Class, guess: &str) -> Vec<String> {
        vec![
            format!("[[{}.answer.rules]]", self.step.word()),
            format!("when = {{ {when} }}"),
            format!("outcome = {}  # guess: {guess}", toml_text(class.outcome(self.step))),
            String::new(),
        ]
    }

    /// The words at the place of the verdict, each once; a sample's name helps where the word says nothing.
    fn words_at(&self, path: &[String]) -> Vec<(String, Class)> {
        let mut found: Vec<(String, Class)> = Vec::new();
        for leaf in self.leaves.iter().filter(|leaf| leaf.path == path) {
            let class =
                words::class_at(own_name(path).unwrap_or_default(), &leaf.value).or_else(|| words::hint(&self.answers[leaf.sample].name));
            if let Some(class) = class.filter(|_| !found.iter().any(|(word, _)| word.eq_ignore_ascii_case(&leaf.value))) {
                found.push((leaf.value.clone(), class));
            }
        }
        found
    }

    /// Answers that are neither JSON nor XML: by their words.
    pub(super) fn as_text(&self) -> String {
        let mut lines = vec![format!("[{}.answer]", self.step.word()), "format = \"text\"".to_owned()];
        if let Some(price) = self.answers.iter().find_map(|answer| decimal_in(&answer.body)) {
            let path = r"{ regex = '([0-9]+\.[0-9]{2,4})' }";
            let guess = format!("# guess: the first number with decimals, such as {price}");
            lines.push(match self.step {
                StepName::Ping => format!("bid = {{ price = {path} }}  {guess}"),
                _ => format!("price = {path}  {guess}"),
            });
        }
        lines.push(String::new());
        let mut rules: Vec<(String, Class)> = Vec::new();
        for answer in self.answers {
            let word = answer
                .body
                .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .find(|word| !word.is_empty());
            let class = word.and_then(words::class).or_else(|| words::hint(&answer.name));
            if let (Some(word), Some(class)) = (word, class) {
                let when = format!("raw = true, matches = {}", toml_text(&format!("^\\W*{}\\b", regex::escape(word))));
                if !rules.iter().any(|(known, _)| *known == when) {
                    rules.push((when, class));
                }
            }
        }
        rules.sort_by_key(|(_, class)| words::IN_ORDER.iter().position(|one| one == class));
        lines.extend(
            rules
                .iter()
                .flat_map(|(when, class)| self.rule(when, *class, "the first word of the answer")),
        );
        if rules.is_empty() {
            lines.extend(self.rule(
                "status = \"4xx\"",
                Class::Error,
                "there was nothing in the samples that tells a verdict",
            ));
        }
        lines.join("\n") + "\n"
    }
}

fn decimal_in(text: &str) -> Option<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    words.into_iter().find(|word| {
        word.split_once('.')
            .is_some_and(|(whole, cents)| !whole.is_empty() && (2..5).contains(&cents.len()) && !cents.contains('.'))
    })
}

fn tests(words: &[&str]) -> String {
    match words {
        [one @ ("true" | "false")] => format!("equals = {one}"),
        [one] => format!("equals = {}", toml_text(one)),
        many => {
            let many: Vec<String> = many.iter().map(|word| toml_text(word)).collect();
            format!("in = [{}]", many.join(", "))
        }
    }
}
