//! Unknown posts as operators see and decide them: the same words on the command line and over HTTP.

use outcry_core::id::{AttemptId, LeadId};
use outcry_core::moment::Moment;
use outcry_core::money::Money;
use outcry_core::record::Run;
use outcry_core::verdict::Verdict;
use outcry_engine::engine::Engine;
use outcry_engine::ports::store::{OpenAttempt, Store, StoreFault};
use outcry_engine::resolve::person::{self, Decided, Decision, Which};
use outcry_engine::resolve::{Resolved, Way};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// How the audit log calls a decision, and the reading of a file.
pub(crate) const RESOLVED: &str = "unknown.resolve";
pub(crate) const RECONCILED: &str = "unknown.reconcile";
/// Read at once.
const PAGE: usize = 1_000;

/// What is known of posts that nobody knows the end of.
#[derive(Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) unknowns: Vec<OpenBody>,
}

/// One of them.
#[derive(Serialize, Deserialize)]
pub(crate) struct OpenBody {
    pub(crate) lead_id: String,
    pub(crate) attempt_id: String,
    pub(crate) state: String,
    pub(crate) campaign: String,
    pub(crate) contract: String,
    pub(crate) buyer: String,
    pub(crate) source: String,
    pub(crate) held_price: String,
    pub(crate) since: String,
    pub(crate) age_seconds: i64,
    pub(crate) seen: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) test: bool,
}

/// Every post that is unknown or written off.
///
/// # Errors
/// The store's fault.
pub(crate) async fn all(store: &Arc<dyn Store>) -> Result<Vec<OpenAttempt>, StoreFault> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.unknowns(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some((last.began, last.attempt));
        all.extend(page);
    }
}

/// As they are shown.
pub(crate) fn listed(open: &[OpenAttempt], now: Moment) -> Listed {
    let body = |open: &OpenAttempt| OpenBody {
        lead_id: open.lead.to_string(),
        attempt_id: open.attempt.to_string(),
        state: open.state.word().to_owned(),
        campaign: open.campaign.to_string(),
        contract: open.contract.to_string(),
        buyer: open.buyer.to_string(),
        source: open.source.to_string(),
        held_price: open.price.to_string(),
        since: open.began.to_string(),
        age_seconds: now.since_ms(open.began) / 1_000,
        seen: seen(open.verdict.as_ref()),
        test: open.run == Run::Test,
    };
    Listed {
        unknowns: open.iter().map(body).collect(),
    }
}

fn seen(verdict: Option<&Verdict>) -> String {
    match verdict {
        Some(Verdict::Unknown { why }) => why.to_string(),
        _ => "the process ended between sending it and writing down what came of it".to_owned(),
    }
}

/// What somebody decides, as it is sent.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecisionBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lead_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attempt_id: Option<String>,
    pub(crate) outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

impl DecisionBody {
    /// Which attempt, and what became of it.
    ///
    /// # Errors
    /// What cannot be read.
    pub(crate) fn read(&self) -> Result<(Which, Decision), String> {
        let which = match (&self.lead_id, &self.attempt_id) {
            (None, Some(id)) => AttemptId::parse(id).map(Which::Attempt),
            (Some(id), None) => LeadId::parse(id).map(Which::OfLead),
            _ => return Err("name either a lead_id or an attempt_id".to_owned()),
        };
        let which = which.ok_or("the id cannot be read: lead_… and attempt_… have 32 hex digits behind them")?;
        Ok((which, decision(&self.outcome, self.price.as_deref(), self.reason.as_deref())?))
    }
}

fn decision(outcome: &str, price: Option<&str>, reason: Option<&str>) -> Result<Decision, String> {
    let price = price
        .map(|price| Money::parse(price).map_err(|_| format!("the price {price} is not an amount such as 12.50")))
        .transpose()?;
    if price.is_some() && outcome != "accepted" {
        return Err("only what was accepted has a price".to_owned());
    }
    let said = reason.map_or_else(|| Arc::from("an operator has decided so"), Arc::from);
    Decision::of(outcome, price, said)
        .ok_or_else(|| format!("the outcome cannot be {outcome}; it is accepted, rejected, not_sent or written_off"))
}

/// What came of a decision.
#[derive(Serialize, Deserialize)]
pub(crate) struct DecidedBody {
    pub(crate) result: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lead_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attempt_id: Option<String>,
    /// What is recorded of the post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<String>,
    /// What the source hears now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lead_status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payout: Option<String>,
    pub(crate) detail: String,
}

impl DecidedBody {
    /// Was nothing recorded, and is there something to be done about that?
    pub(crate) fn is_refused(&self) -> bool {
        !matches!(&*self.result, "recorded" | "known")
    }

    /// For the audit log: about what, and what was said; nothing if nothing was recorded.
    pub(crate) fn act(&self) -> Option<(&str, Value)> {
        let recorded = self.result == "recorded";
        let lead = (self.lead_id.as_deref(), self.lead_status.as_deref());
        let detail = json!({ "lead": lead.0, "lead_status": lead.1, "payout": self.payout, "outcome": self.outcome });
        recorded.then_some((self.attempt_id.as_deref()?, detail))
    }

    fn of(decided: Decided) -> Self {
        let mut body = Self {
            result: String::new(),
            lead_id: None,
            attempt_id: None,
            outcome: None,
            lead_status: None,
            payout: None,
            detail: String::new(),
        };
        let (result, detail) = match decided {
            Decided::NothingOpen => ("nothing_open", "nothing of it is unknown or written off".to_owned()),
            Decided::Several(attempts) => {
                let ids: Vec<String> = attempts.iter().map(ToString::to_string).collect();
                (
                    "several_open",
                    format!("several posts of the lead are open; name one: {}", ids.join(", ")),
                )
            }
            Decided::Attempt(attempt, lead, resolved) => {
                (body.attempt_id, body.lead_id) = (Some(attempt.to_string()), Some(lead.to_string()));
                match resolved {
                    Resolved::Done { answer } => {
                        (body.lead_status, body.payout) = (Some(answer.status.word().to_owned()), Some(answer.payout.to_string()));
                        (
                            "recorded",
                            "it is recorded, and the source hears of it if that is news to it".to_owned(),
                        )
                    }
                    Resolved::Known(state) => ("known", format!("it was known to be {} before", state.word())),
                    Resolved::Contradicts(state) => (
                        "contradicts",
                        format!("it is known for certain to be {}; nothing was changed", state.word()),
                    ),
                    Resolved::NoSuchAttempt => ("nothing_open", "there is no such attempt".to_owned()),
                    Resolved::UnderWay => ("under_way", "it is being posted at this moment".to_owned()),
                    Resolved::Unbookable { why } => ("unbookable", why.to_string()),
                }
            }
        };
        Self {
            result: result.to_owned(),
            detail,
            ..body
        }
    }
}

/// Records a decision.
///
/// # Errors
/// The store's fault.
pub(crate) async fn decide(engine: &Arc<Engine>, which: Which, decision: Decision) -> Result<DecidedBody, StoreFault> {
    let outcome = decision.state.word();
    let decided = person::decide(engine, which, decision, Way::Person).await?;
    Ok(DecidedBody {
        outcome: Some(outcome.to_owned()),
        ..DecidedBody::of(decided)
    })
}

/// What a buyer's file says, as it is sent.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReconcileBody {
    pub(crate) rows: Vec<RowBody>,
}

/// One line of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RowBody {
    pub(crate) line: u64,
    pub(crate) attempt_id: String,
    pub(crate) outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

impl ReconcileBody {
    /// All lines, or everything that is wrong with them.
    ///
    /// # Errors
    /// Each line that cannot be read.
    pub(crate) fn read(&self) -> Result<Vec<(u64, AttemptId, Decision)>, String> {
        let mut wrong = Vec::new();
        let mut rows = Vec::new();
        for row in &self.rows {
            let reason = row.reason.as_deref().unwrap_or("the buyer's file says so");
            let attempt = AttemptId::parse(&row.attempt_id).ok_or_else(|| format!("{} is no attempt_…", row.attempt_id));
            match attempt.and_then(|attempt| Ok((attempt, decision(&row.outcome, row.price.as_deref(), Some(reason))?))) {
                Ok((attempt, decision)) => rows.push((row.line, attempt, decision)),
                Err(why) => wrong.push(format!("line {}: {why}", row.line)),
            }
        }
        if wrong.is_empty() { Ok(rows) } else { Err(wrong.join("; ")) }
    }
}

/// What came of a file.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReconciledBody {
    pub(crate) rows: Vec<ReconciledRow>,
}

impl ReconciledBody {
    /// How many lines were news.
    pub(crate) fn recorded(&self) -> usize {
        self.rows.iter().filter(|row| row.decided.result == "recorded").count()
    }
}

/// What came of one line.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReconciledRow {
    pub(crate) line: u64,
    #[serde(flatten)]
    pub(crate) decided: DecidedBody,
}

/// Records what a buyer's file says.
///
/// # Errors
/// The store's fault; what came before it is recorded.
pub(crate) async fn reconcile(engine: &Arc<Engine>, rows: Vec<(u64, AttemptId, Decision)>) -> Result<ReconciledBody, StoreFault> {
    let lines: Vec<u64> = rows.iter().map(|(line, ..)| *line).collect();
    let rows = rows.into_iter().map(|(_, attempt, decision)| (attempt, decision)).collect();
    let decided = person::reconcile(engine, rows).await?;
    let row = |(line, decided)| ReconciledRow {
        line,
        decided: DecidedBody::of(decided),
    };
    Ok(ReconciledBody {
        rows: lines.into_iter().zip(decided).map(row).collect(),
    })
}
