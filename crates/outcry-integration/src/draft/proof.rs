//! The examples of a draft: what went in are the samples, what is expected is what the draft makes of them.

use super::assemble::example_name;
use super::request::{Needs, key};
use super::sample::{AnswerSample, RequestSample};
use super::value::toml_text;
use super::{DraftError, Samples, tree};
use crate::answer::RawAnswer;
use crate::asked::Asked;
use crate::integration::Integration;
use crate::param::Params;
use crate::problem::Problem;
use crate::step::StepName;
use std::sync::Arc;

/// The draft with its examples, proven.
pub(super) fn with_examples(text: &str, samples: &Samples, needs: [&Needs; 2], notes: &mut Vec<String>) -> Result<String, DraftError> {
    let [of_ping, of_post] = needs;
    let given = [(StepName::Ping, &samples.ping, of_ping), (StepName::Post, &samples.post, of_post)];
    let mut out = text.to_owned();
    for (step, sample, needs) in given {
        let Some(sample) = sample else { continue };
        // First with nothing expected: then it can be written, and what is written is expected.
        let example = given_of(step, needs);
        let integration = read(&format!("{text}{example}expect = {{}}\n"))?;
        let (expect, differs) = expected(&integration, step, sample)?;
        notes.extend(differs.iter().map(|note| format!("{}: {note}", step.word())));
        let comments: Vec<String> = differs.iter().map(|note| format!("# guess: {note}\n")).collect();
        out.extend([&*comments.concat(), &*example, &*expect, "\n"]);
    }
    let integration = read(text)?;
    for (step, answers) in [(StepName::Ping, &samples.ping_answers), (StepName::Post, &samples.post_answers)] {
        let has_step = step == StepName::Post || integration.has_ping();
        for (at, answer) in answers.iter().enumerate().filter(|_| has_step) {
            out += &answer_example(&integration, step, answer, at);
        }
    }
    let integration = read(&out)?;
    let failed: Vec<String> = integration
        .run_examples()
        .into_iter()
        .filter(|outcome| !outcome.passed)
        .map(|outcome| {
            format!(
                "line {}: {}: expected {}, got {}",
                outcome.line, outcome.name, outcome.expected, outcome.got
            )
        })
        .collect();
    if failed.is_empty() {
        Ok(out)
    } else {
        Err(DraftError::Unsound(failed.join("; ")))
    }
}

fn read(text: &str) -> Result<Integration, DraftError> {
    Integration::read(text).map_err(|problems: Vec<Problem>| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        DraftError::Unsound(lines.join("; "))
    })
}

/// `[[examples.ping]]` without what is expected.
fn given_of(step: StepName, needs: &Needs) -> String {
    let pair = |(name, value): (&str, String)| format!("{} = {value}", key(name));
    let params: Vec<String> = needs
        .params
        .iter()
        .map(|param| pair((&param.name, toml_text(&param.example))))
        .collect();
    let mut fields: Vec<String> = needs.fields.iter().map(|(name, value)| pair((name, value.clone()))).collect();
    for (list, rows) in &needs.rows {
        let rows: Vec<String> = rows
            .iter()
            .map(|row| {
                let row: Vec<String> = row.iter().map(|(name, value)| pair((name, value.clone()))).collect();
                format!("{{ {} }}", row.join(", "))
            })
            .collect();
        fields.push(format!("{list} = [{}]", rows.join(", ")));
    }
    let mut lines = vec![
        format!("[[examples.{}]]", step.word()),
        "name = \"the sample\"".to_owned(),
        format!("params = {{ {} }}", params.join(", ")),
        format!("fields = {{ {} }}", fields.join(", ")),
    ];
    if needs.test {
        lines.push("test = true".to_owned());
    }
    if step == StepName::Post && !needs.bid.is_empty() {
        lines.push(format!("bid = {{ {} }}", bid(&needs.bid)));
    }
    lines.join("\n") + "\n"
}

fn bid(parts: &[(String, String)]) -> String {
    let (echo, own): (Vec<_>, Vec<_>) = parts.iter().partition(|(hole, _)| hole.starts_with("bid.echo."));
    let pair = |(hole, value): &(String, String)| format!("{} = {}", hole.rsplit('.').next().unwrap_or(hole), toml_text(value));
    let mut pairs: Vec<String> = own.into_iter().map(pair).collect();
    if !echo.is_empty() {
        pairs.push(format!(
            "echo = {{ {} }}",
            echo.into_iter().map(pair).collect::<Vec<_>>().join(", ")
        ));
    }
    pairs.join(", ")
}

/// What the draft writes, as an expectation; and where it differs from the sample.
fn expected(integration: &Integration, step: StepName, sample: &RequestSample) -> Result<(String, Vec<String>), DraftError> {
    let given = integration.examples().iter().filter_map(|example| example.given()).next_back();
    let Some((_, example)) = given else {
        return Ok((String::new(), Vec::new()));
    };
    let unsound = |why: String| DraftError::Unsound(why);
    let params = Params::bind(integration, example.params())
        .map_err(|problems| unsound(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
    let written = integration
        .rehearse(step.word(), &params, &example.rehearsal())
        .map_err(|wrong| unsound(wrong.to_string()))?;
    let Some(written) = written.http() else {
        return Err(unsound("a draft goes by HTTP".to_owned()));
    };
    let body = String::from_utf8_lossy(&written.body).into_owned();
    let mut pairs = vec![
        format!("method = {}", toml_text(written.method.as_str())),
        format!("url = {}", toml_text(&written.url)),
    ];
    if !body.is_empty() {
        pairs.push(format!("body = {}", toml_text(&body)));
    }
    let again = RequestSample {
        url: written.url.to_string(),
        body,
        ..sample.clone()
    };
    let (told, made) = (tree::leaves(&sample.tree().1), tree::leaves(&again.tree().1));
    let mut differs = Vec::new();
    for (path, value) in told {
        let got = made.iter().find(|(one, _)| *one == path).map(|(_, got)| got);
        let is_secret = got.is_some_and(|got| written.masked(got) != **got);
        if got != Some(&value) && !is_secret && !value.is_empty() {
            let got = got.map_or_else(|| "nothing".to_owned(), |got| format!("{got:?}"));
            differs.push(format!("{} is written as {got}, the sample has {value:?}", path.join(".")));
        }
    }
    Ok((format!("expect = {{ {} }}\n", pairs.join(", ")), differs))
}

fn answer_example(integration: &Integration, step: StepName, answer: &AnswerSample, at: usize) -> String {
    let raw = RawAnswer {
        status: answer.status,
        headers: Vec::new(),
        body: answer.body.clone().into_bytes(),
    };
    let mut pairs = Vec::new();
    let mut add = |name: &str, value: Option<String>| pairs.extend(value.map(|value| format!("{name} = {}", toml_text(&value))));
    let text = |text: Option<Arc<str>>| text.map(|text| text.to_string());
    if step == StepName::Ping {
        let reading = integration.read_ping(Asked::of_nobody(), &raw);
        let best = reading.bids.iter().max_by_key(|bid| bid.price);
        add("outcome", Some(reading.outcome.word().to_owned()));
        add("price", best.and_then(|bid| bid.price).map(|price| price.to_string()));
        add("id", best.and_then(|bid| bid.id.as_ref()).map(ToString::to_string));
        add("bid_id", text(reading.bid_id));
        add("reason", text(reading.reason));
    } else {
        let reading = integration.read_post(Asked::of_nobody(), &raw);
        add("outcome", Some(reading.outcome.word().to_owned()));
        add("price", reading.price.map(|price| price.to_string()));
        add("reference", text(reading.reference));
        add("redirect_url", text(reading.redirect_url));
        add("reason", text(reading.reason));
    }
    format!(
        "[[examples.{}_answer]]\nname = {}\nstatus = {}\nbody = {}\nexpect = {{ {} }}  # guess: what the draft understands\n\n",
        step.word(),
        toml_text(&example_name(answer, at)),
        answer.status,
        toml_text(&answer.body),
        pairs.join(", ")
    )
}
