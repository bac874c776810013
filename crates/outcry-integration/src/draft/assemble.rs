//! The parts of a draft put together: parameters, steps, and examples that the draft itself has written.

use super::answer::{self, Drafted};
use super::links::Links;
use super::proof;
use super::request::{self, Body, Drawer, Drawn, Needs, Param, key};
use super::sample::{AnswerSample, RequestSample};
use super::trade::Trade;
use super::value::{text_of, toml_text};
use super::{Draft, DraftError, Samples, address, tree};
use crate::integration::SCHEMA;
use crate::step::StepName;
use serde_json::{Map, Value};

/// What the trade sends in a post, in the order of a form, for a post that nobody pasted.
const CONTACT: [&str; 7] = ["first_name", "last_name", "email", "phone", "address_line1", "city", "state"];

/// Drafts the file and proves it on its own samples.
pub(super) fn assemble(label: &str, samples: &Samples, trade: &Trade<'_>) -> Result<Draft, DraftError> {
    let (mut of_ping, mut of_post, mut notes) = (Needs::default(), Needs::default(), Vec::new());
    let post = match (&samples.ping, &samples.post) {
        (None, None) => return Err(DraftError::NoRequest),
        (_, Some(post)) => post.clone(),
        (Some(ping), None) => {
            notes.push("there is no sample of a post: it is drawn like the ping, with the contact fields beside it".to_owned());
            as_post(ping)
        }
    };
    let sent_later = samples.post.as_ref().map(repeatable).unwrap_or_default();
    let ping = match &samples.ping {
        None => None,
        Some(ping) => {
            let drafted = answer::draw(StepName::Ping, &samples.ping_answers, &sent_later);
            let request = step(StepName::Ping, ping, &Links::default(), trade, &mut of_ping)?;
            Some((request, drafted))
        }
    };
    let none = Links::default();
    let links = ping.as_ref().map_or(&none, |(_, drafted)| &drafted.links);
    of_post.params.clone_from(&of_ping.params);
    let post_request = step(StepName::Post, &post, links, trade, &mut of_post)?;
    of_ping.params.clone_from(&of_post.params);
    let post_answer = match (samples.post_answers.as_slice(), samples.ping_answers.as_slice()) {
        ([], like @ [_, ..]) => Drafted {
            text: format!(
                "# guess: there was no sample of this answer, so it is read like the ping's\n{}",
                answer::draw(StepName::Post, like, &[]).text
            ),
            links: Links::default(),
        },
        (answers, _) => answer::draw(StepName::Post, answers, &[]),
    };
    let mut text = head(label, &of_post.params);
    for part in ping
        .iter()
        .flat_map(|(request, drafted)| [request, &drafted.text])
        .chain([&post_request, &post_answer.text])
    {
        text += part;
        text.push('\n');
    }
    let text = text.replace("\n\n\n", "\n\n");
    let text = proof::with_examples(&text, samples, [&of_ping, &of_post], &mut notes)?
        .trim_end()
        .to_owned()
        + "\n";
    Ok(Draft { text, notes })
}

/// Names and values of a request, for what it repeats of an earlier answer.
fn repeatable(sample: &RequestSample) -> Vec<(String, String)> {
    let leaves = tree::leaves(&sample.tree().1).into_iter();
    let mut found: Vec<_> = leaves.map(|(mut path, value)| (path.pop().unwrap_or_default(), value)).collect();
    let path = sample.url.split('?').next().unwrap_or_default();
    found.extend(path.split('/').skip(3).map(|segment| (String::new(), segment.to_owned())));
    found
}

fn head(label: &str, params: &[Param]) -> String {
    let mut lines = vec![
        "# Drafted from samples. Each `# guess:` wants a look and then goes.".to_owned(),
        format!("schema = {}", toml_text(SCHEMA)),
        format!("label = {}", toml_text(label)),
        String::new(),
        "[params]".to_owned(),
    ];
    lines.extend(params.iter().map(|param| {
        let rest = match &param.default {
            Some(default) => format!("default = {}", toml_text(default)),
            None => "required = true".to_owned(),
        };
        let about = toml_text(&param.about);
        format!("{} = {{ kind = \"{}\", {rest}, about = {about} }}", key(&param.name), param.kind)
    }));
    lines.join("\n") + "\n\n"
}

/// A ping's sample as the post it might be.
fn as_post(ping: &RequestSample) -> RequestSample {
    let swapped = |text: &str| text.replace("ping", "post").replace("Ping", "Post");
    RequestSample {
        url: match ping.url.split_once('?') {
            Some((path, query)) => format!("{}?{query}", swapped(path)),
            None => swapped(&ping.url),
        },
        drawn_from_ping: true,
        ..ping.clone()
    }
}

/// One request with its table.
fn step(name: StepName, sample: &RequestSample, repeated: &Links, trade: &Trade<'_>, needs: &mut Needs) -> Result<String, DraftError> {
    let Body {
        format,
        members,
        is_unseen,
    } = request::body(sample).ok_or(DraftError::Unreadable(name.word()))?;
    let mut drawer = Drawer {
        trade,
        links: repeated,
        step: name,
        needs,
    };
    let word = name.word();
    let mut lines = vec![format!("[{word}.request]")];
    let method = match (sample.method.as_str(), format) {
        ("", "query") => "GET",
        ("" | "POST", _) => "POST",
        (method, _) => method,
    };
    if method != "POST" {
        lines.push(format!("method = {}", toml_text(method)));
    }
    let (url, guess) = address::draw(sample, format, &mut drawer);
    lines.push(line("url", &toml_text(&url), guess.as_deref()));
    lines.push(format!("format = {}", toml_text(format)));
    let action = sample
        .headers
        .iter()
        .find(|(name, _)| name == "soapaction" && format.starts_with("soap"));
    lines.extend(action.map(|(_, action)| format!("action = {}", toml_text(action.trim_matches('"')))));
    lines.extend(address::auth(sample, &mut drawer));
    let headers = address::headers(sample, &mut drawer);
    if !headers.is_empty() {
        lines.extend([String::new(), format!("[{word}.request.headers]")]);
        lines.extend(headers);
    }
    let mut drawn = drawer.members(&members);
    if is_unseen {
        let guess = "the sample has no body: every field under its own name".to_owned();
        drawn.push(("*".to_owned(), Drawn::Leaf(toml_text("{lead}"), Some(guess))));
    } else if sample.drawn_from_ping {
        add_contact(&mut drawn, &mut drawer);
    }
    table(&format!("{word}.request.body"), &drawn, &mut lines);
    Ok(lines.join("\n") + "\n")
}

/// What a post carries beyond the ping.
fn add_contact(drawn: &mut Vec<(String, Drawn)>, drawer: &mut Drawer<'_>) {
    let guess = || Some("there was no sample of the post".to_owned());
    for (_, one) in drawn.iter_mut() {
        if let Drawn::Leaf(toml, _) = one
            && toml.trim_matches('"').eq_ignore_ascii_case("ping")
        {
            *one = Drawn::Leaf(
                toml.replace("ping", "post").replace("PING", "POST").replace("Ping", "Post"),
                guess(),
            );
        }
    }
    let mut add = |name: &str, hole: &str| {
        if !drawn
            .iter()
            .any(|(known, one)| known == name || matches!(one, Drawn::Leaf(toml, _) if toml.contains(&format!("{{{hole}"))))
        {
            drawn.push((name.to_owned(), Drawn::Leaf(toml_text(&format!("{{{hole}}}")), guess())));
        }
    };
    add("ping_id", "bid.id");
    for field in CONTACT.iter().filter(|field| drawer.trade.field(field).is_some()) {
        add(field, field);
    }
}

/// A table and the tables in it.
fn table(what: &str, members: &[(String, Drawn)], lines: &mut Vec<String>) {
    lines.extend([String::new(), format!("[{what}]")]);
    for (name, drawn) in members {
        match drawn {
            Drawn::Leaf(toml, guess) => lines.push(line(&key(name), toml, guess.as_deref())),
            Drawn::Kept(written, why) => lines.push(format!("# {written}  # guess: {why}")),
            Drawn::Table(_) | Drawn::Rows(..) => {}
        }
    }
    for (name, drawn) in members {
        let inner = format!("{what}.{}", key(name));
        match drawn {
            Drawn::Table(members) => table(&inner, members, lines),
            Drawn::Rows(list, members) => {
                lines.extend([
                    String::new(),
                    format!("[{inner}]"),
                    format!("each = {}  # guess: by the name", toml_text(list)),
                ]);
                table(&format!("{inner}.as"), members, lines);
            }
            Drawn::Leaf(..) | Drawn::Kept(..) => {}
        }
    }
}

/// A key, its value, and what was guessed.
pub(super) fn line(key: &str, toml: &str, guess: Option<&str>) -> String {
    let guess = guess.map(|guess| format!("  # guess: {guess}")).unwrap_or_default();
    format!("{key} = {toml}{guess}")
}

/// The members of an object, whichever it is.
pub(super) fn texts(members: &Map<String, Value>) -> Vec<(String, String)> {
    members.iter().map(|(name, value)| (name.clone(), text_of(value))).collect()
}

/// The name of an example.
pub(super) fn example_name(answer: &AnswerSample, at: usize) -> String {
    if answer.name.is_empty() {
        format!("answer {}", at + 1)
    } else {
        answer.name.clone()
    }
}
