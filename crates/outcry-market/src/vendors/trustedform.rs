//! TrustedForm's Certify interface, version 4: match, retain, insights and verify of one certificate in one request.

use super::{base64, json};
use crate::buyers::{IncomingRequest, Reply};
use outcry_core::digest::{Algorithm, PhoneForm, email};
use outcry_core::moment::Moment;
use serde_json::{Map, Value, json as object};
use std::collections::BTreeMap;

/// A certificate as the vendor knows it.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// When the form was begun.
    pub created: Moment,
    /// Until when it can be claimed.
    pub expires: Moment,
    /// The page it recorded.
    pub page_url: String,
    /// The words that stood there.
    pub page_text: String,
    /// The phone that was typed.
    pub phone: String,
    /// The e-mail that was typed.
    pub email: String,
    /// Is its text approved in the account?
    pub approved: bool,
    /// Made with the vendor's sandbox: it can be looked at and not retained.
    pub sandbox: bool,
}

/// The account and its certificates.
#[derive(Debug, Default)]
pub struct TrustedForm {
    key: String,
    certificates: BTreeMap<String, (Certificate, bool)>,
}

impl TrustedForm {
    /// With an account of this key.
    pub fn with_key(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..Self::default()
        }
    }

    /// Takes a certificate into its books.
    pub fn certify(&mut self, id: &str, certificate: Certificate) {
        self.certificates.insert(id.to_owned(), (certificate, false));
    }

    /// Was the certificate retained?
    pub fn retained(&self, id: &str) -> bool {
        self.certificates.get(id).is_some_and(|(_, retained)| *retained)
    }

    /// Answers a request at a moment.
    pub fn answer(&mut self, request: &IncomingRequest, now: Moment) -> Reply {
        let refused = |status, reason: &str| json(status, &object!({"outcome": "error", "reason": reason}));
        if request.header("authorization") != Some(&format!("Basic {}", base64(&format!("API:{}", self.key)))) {
            return refused(403, "Forbidden");
        }
        if request.method != "POST" || request.header("api-version") != Some("4.0") {
            return refused(406, "This version of the API takes a POST with Api-Version 4.0");
        }
        let id = request.path.trim_start_matches('/');
        let shaped = outcry_core::consent::certificate::trustedform_id(&format!("https://cert.trustedform.com/{id}")).is_some();
        if !shaped {
            return refused(400, "Invalid certificate id");
        }
        let Ok(asked) = serde_json::from_slice::<Value>(&request.body) else {
            return refused(400, "The body is not JSON");
        };
        match self.certificates.get_mut(id) {
            None => refused(404, "Certificate not found"),
            Some((certificate, _)) if certificate.expires <= now => refused(410, "Certificate expired"),
            Some((certificate, _)) if certificate.sandbox && asked.get("retain").is_some() => {
                refused(405, "Sandbox certificates cannot be retained")
            }
            Some((certificate, retained)) => certify(certificate, retained, &asked, now),
        }
    }
}

fn certify(certificate: &Certificate, retained: &mut bool, asked: &Value, now: Moment) -> Reply {
    let mut answer = Map::new();
    let mut failures = Vec::new();
    let matched = asked.get("match_lead").map(|lead| matched(certificate, lead));
    if let Some((phone, mail)) = matched {
        if !phone && !mail {
            failures.push("No matches found");
        }
        answer.insert(
            "match_lead".into(),
            object!({"result": {"success": phone || mail, "phone_match": phone, "email_match": mail}}),
        );
    }
    // Stored even when another part fails, but never without anything to match.
    if asked.get("retain").is_some() {
        if matched.is_none() {
            failures.push("Retain needs match_lead");
        } else {
            let before = std::mem::replace(retained, true);
            answer.insert(
                "retain".into(),
                object!({"results": {"expires_at": "2031-11-23T00:00:00Z", "previously_retained": before,
                    "masked_cert_url": "https://cert.trustedform.com/00000000000000000000000000000000000000ff"}}),
            );
        }
    }
    if let Some(insights) = asked.get("insights") {
        answer.insert("insights".into(), insight(certificate, insights, now, &mut failures));
    }
    if asked.get("verify").is_some() {
        if !certificate.approved {
            failures.push("Consent language not approved");
        }
        answer.insert(
            "verify".into(),
            object!({"result": {"success": certificate.approved, "language_approved": certificate.approved, "form_submitted": true}}),
        );
    }
    answer.insert("outcome".into(), if failures.is_empty() { "success" } else { "failure" }.into());
    if let Some(first) = failures.first() {
        answer.insert("reason".into(), (*first).into());
    }
    json(200, &Value::Object(answer))
}

/// By the raw value or its SHA-1, as the vendor takes both.
fn matched(certificate: &Certificate, lead: &Value) -> (bool, bool) {
    let is = |given: Option<&Value>, own: Option<String>| match (given.and_then(Value::as_str), own) {
        (Some(given), Some(own)) => given == own || given.eq_ignore_ascii_case(&Algorithm::Sha1.hex(&own)),
        _ => false,
    };
    let phone = is(lead.get("phone"), PhoneForm::Us10.of(&certificate.phone));
    (phone, is(lead.get("email"), email(&certificate.email)))
}

fn insight(certificate: &Certificate, asked: &Value, now: Moment, failures: &mut Vec<&'static str>) -> Value {
    let known = object!({
        "age_seconds": now.since_ms(certificate.created) / 1_000,
        "domain": certificate.page_url.split('/').nth(2).unwrap_or_default(),
        "page_url": certificate.page_url,
        "bot_detected": false,
        "is_framed": false,
        "created_at": certificate.created.to_string(),
        "expires_at": certificate.expires.to_string(),
    });
    let names = asked
        .get("properties")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let properties: Map<String, Value> = names.filter_map(|name| Some((name.to_owned(), known.get(name)?.clone()))).collect();
    let mut insight = object!({"properties": properties});
    if let Some(scans) = asked.get("scans") {
        let seen = words(&certificate.page_text);
        let all = |key| {
            scans
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
        };
        let holds = |text: &&str| !text.is_empty() && seen.contains(&words(text));
        let missing: Vec<&str> = all("required").filter(|text| !text.is_empty() && !holds(text)).collect();
        let forbidden: Vec<&str> = all("forbidden").filter(holds).collect();
        let success = missing.is_empty() && forbidden.is_empty();
        if !success {
            failures.push("Page scans unsuccessful");
        }
        insight["scans"] = object!({"result": {"success": success, "required": {"not_found": missing}, "forbidden": {"found": forbidden}}});
    }
    insight
}

/// A scan looks at words without regard to case and repeated spaces, and at nothing else.
fn words(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}
