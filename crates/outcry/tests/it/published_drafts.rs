//! Drafts of the published posting specs: each holds, and none takes a refusal for a sale. The specs are not part of this
//! repository; where their folder is missing, the test says so and passes.

use crate::harness::repository;
use outcry_integration::draft::{self, Samples};
use outcry_integration::{Asked, Integration, RawAnswer};
use outcry_spec::builtin;
use serde_json::Value;

#[test]
fn a_draft_of_published_samples_never_takes_a_refusal_for_a_sale() {
    let folder = repository("../shared/reference/posting-specs");
    if !folder.is_dir() {
        println!("skipped: the published posting specs are not in ../shared/reference/posting-specs");
        return;
    }
    let (mut drafts, mut right, mut read) = (0, 0, 0);
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let spec: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let Ok(drafted) = draft::draft("Published", &samples(&spec), builtin::lead_types()) else {
            continue; // a sample that its owner has cut off
        };
        drafts += 1;
        let integration = Integration::read(&drafted.text).unwrap();
        for (step, response) in answers(&spec) {
            let meant = response["meaning"]["outcome"].as_str().unwrap();
            let got = reading(&integration, step, response);
            let good = |word: &str| word == "bid" || word == "accepted";
            assert!(!good(got) || good(meant), "{}: {got} is {meant}: {response}", path.display());
            read += 1;
            right += usize::from(got == meant);
        }
    }
    println!("{drafts} drafts; {right} of {read} answers read as they are meant, before anybody has looked");
    assert!(20 < drafts && 2 * read < 3 * right, "{drafts} drafts, {right} of {read} answers");
}

fn answers(spec: &Value) -> Vec<(&'static str, &Value)> {
    let of = |step: &'static str| {
        let list = spec[step]["responses"].as_array().into_iter().flatten();
        list.filter(|one| one["sample_kind"] == "wire").map(move |one| (step, one))
    };
    of("ping").chain(of("post")).collect()
}

fn samples(spec: &Value) -> Samples {
    let request = |step: &str| {
        let request = spec.get(step).filter(|request| request.is_object())?;
        let text = |name: &str| request[name].as_str().unwrap_or_default();
        Some(draft::request(&format!(
            "{} {} HTTP/1.1\n\n{}",
            text("method"),
            text("url_example"),
            text("body_example")
        )))
    };
    let answers = |step: &str| {
        let of_step = answers(spec).into_iter().filter(|(one, _)| *one == step);
        let pasted = of_step.map(|(_, one)| format!("HTTP/1.1 {} X\n\n{}", one["http_status"], one["body"].as_str().unwrap()));
        pasted.map(|text| draft::answer("", &text)).collect()
    };
    Samples {
        ping: request("ping"),
        ping_answers: answers("ping"),
        post: request("post"),
        post_answers: answers("post"),
    }
}

fn reading(integration: &Integration, step: &str, response: &Value) -> &'static str {
    let answer = RawAnswer {
        status: u16::try_from(response["http_status"].as_u64().unwrap()).unwrap(),
        headers: Vec::new(),
        body: response["body"].as_str().unwrap().as_bytes().to_vec(),
    };
    match step {
        "ping" => integration.read_ping(Asked::of_nobody(), &answer).outcome.word(),
        _ => integration.read_post(Asked::of_nobody(), &answer).outcome.word(),
    }
}
