//! A first draft of an integration file, from what a buyer's instructions show: a request or two, and some answers.
//!
//! Everything is guessed from names and looks, and each guess is marked with a comment `# guess:`. What is certain
//! is that the draft reads without a problem and that its examples, made from the samples, come true. It refuses to
//! know where the samples come from.

mod address;
mod answer;
mod assemble;
mod links;
mod names;
mod proof;
mod request;
mod sample;
mod trade;
mod tree;
mod value;
mod words;

pub use sample::{AnswerSample, RequestSample, Sample, answer, recognise, request};

use outcry_core::lead_type::LeadType;
use std::sync::Arc;

/// Samples by the step they belong to.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// A ping.
    pub ping: Option<RequestSample>,
    /// Answers to it.
    pub ping_answers: Vec<AnswerSample>,
    /// A post.
    pub post: Option<RequestSample>,
    /// Answers to it.
    pub post_answers: Vec<AnswerSample>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The file.
    pub text: String,
    /// What else should be known.
    pub notes: Vec<String>,
}

/// Why there is no draft.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// Answers alone do not say what to send.
    #[error("there is no request among the samples; paste one, or say which it is with --ping or --post")]
    NoRequest,
    /// A request in no format that is known.
    #[error("the body of the {0} is neither JSON nor XML nor a form, so nothing can be guessed from it; was it cut off?")]
    Unreadable(&'static str),
    /// The draft does not hold; the samples are too strange.
    #[error("these samples gave a draft that does not hold: {0}")]
    Unsound(String),
}

impl Samples {
    /// Sorts recognised samples into steps: an answer belongs to the request before it. Names that say `ping` or `post`
    /// go before the order.
    pub fn sort(samples: Vec<(String, Sample)>) -> Self {
        let mut sorted = Self::default();
        let requests = samples.iter().filter(|(_, sample)| matches!(sample, Sample::Request(_))).count();
        let mut at_post = false;
        for (name, sample) in samples {
            let name = name.to_ascii_lowercase();
            let said = match (name.contains("ping"), name.contains("post")) {
                (true, false) => Some(false),
                (false, true) => Some(true),
                _ => None,
            };
            match sample {
                Sample::Request(request) => {
                    let guessed = if requests == 1 { is_post(&request) } else { sorted.ping.is_some() };
                    at_post = said.unwrap_or(guessed);
                    *(if at_post { &mut sorted.post } else { &mut sorted.ping }) = Some(request);
                }
                Sample::Answer(answer) if said.unwrap_or(at_post) => sorted.post_answers.push(answer),
                Sample::Answer(answer) => sorted.ping_answers.push(answer),
            }
        }
        sorted
    }
}

/// One request alone: with a way to reach the person it is a post, unless its address says ping.
fn is_post(request: &RequestSample) -> bool {
    let url = request.url.to_ascii_lowercase();
    if url.contains("ping") || request.body.to_ascii_lowercase().contains("\"ping\"") || request.body.contains("Mode=ping") {
        return false;
    }
    let (_, tree) = request.tree();
    tree::leaves(&tree).iter().any(|(path, _)| {
        let meaning = path.last().map(|name| names::meaning(name));
        matches!(
            meaning,
            Some(names::Meaning::Field("email" | "phone" | "first_name" | "last_name") | names::Meaning::FullName)
        )
    })
}

/// Drafts a file. `lead_types` say which fields there are and how their values look.
///
/// # Errors
/// If there is no request among the samples, or nothing can be made of it.
pub fn draft(label: &str, samples: &Samples, lead_types: &[Arc<LeadType>]) -> Result<Draft, DraftError> {
    assemble::assemble(label, samples, &trade::Trade(lead_types))
}
