//! The simulated services, by what their references say.

use super::*;
use outcry_core::digest::Algorithm;
use outcry_core::moment::Moment;

const ID: &str = "00000000000000000000000000000000000000a1";
const TOKEN: &str = "0F2B4C6D-1111-2222-3333-444455556666";
const HOUR_MS: i64 = 3_600_000;

fn noon() -> Moment {
    Moment::from_unix_ms(1_795_446_000_000)
}

fn vendor() -> TrustedForm {
    let mut vendor = TrustedForm::with_key("k3y");
    let certificate = Certificate {
        created: noon().plus_ms(-150_000),
        expires: noon().plus_ms(72 * HOUR_MS),
        page_url: "https://quotes.example.com/start".into(),
        page_text: "By pressing the button\n I agree  to be called.".into(),
        phone: "+12025550143".into(),
        email: "avery@example.com".into(),
        approved: false,
        sandbox: false,
    };
    vendor.certify(
        "00000000000000000000000000000000000000b2",
        Certificate {
            sandbox: true,
            ..certificate.clone()
        },
    );
    vendor.certify(ID, certificate);
    vendor
}

fn asking(path: &str, key: &str, body: &str) -> IncomingRequest {
    IncomingRequest {
        method: "POST".into(),
        path: path.into(),
        query: String::new(),
        headers: vec![
            ("authorization".into(), format!("Basic {}", base64(&format!("API:{key}")))),
            ("api-version".into(), "4.0".into()),
        ],
        body: body.into(),
    }
}

fn said(reply: Reply) -> (u16, Value) {
    match reply.kind {
        ReplyKind::Answer { status, body, .. } => (status, serde_json::from_str(&body).unwrap()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn base64_is_what_everybody_makes() {
    for (text, encoded) in [
        ("", ""),
        ("A", "QQ=="),
        ("AP", "QVA="),
        ("API", "QVBJ"),
        ("API:k3y", "QVBJOmszeQ=="),
    ] {
        assert_eq!(base64(text), encoded);
    }
}

#[test]
fn trustedform_matches_raw_and_by_fingerprint_and_retains_even_so() {
    let raw = r#"{"match_lead": {"phone": "2025550143"}, "retain": {}}"#.to_owned();
    let hashed = format!(
        r#"{{"match_lead": {{"email": "{}"}}, "retain": {{}}}}"#,
        Algorithm::Sha1.hex("avery@example.com")
    );
    let other = r#"{"match_lead": {"phone": "2025550199"}, "retain": {}}"#.to_owned();
    for (body, success, outcome) in [(raw, true, "success"), (hashed, true, "success"), (other, false, "failure")] {
        let mut vendor = vendor();
        let (status, answer) = said(vendor.answer(&asking(&format!("/{ID}"), "k3y", &body), noon()));
        assert_eq!((status, answer["outcome"].as_str()), (200, Some(outcome)), "{body}");
        assert_eq!(answer["match_lead"]["result"]["success"], success);
        assert!(vendor.retained(ID), "retained though something else failed");
    }
}

#[test]
fn trustedform_says_why_not_by_status() {
    let mut vendor = vendor();
    let mut status =
        |path: &str, key: &str, body: &str, later_ms: i64| said(vendor.answer(&asking(path, key, body), noon().plus_ms(later_ms))).0;
    assert_eq!(status(&format!("/{ID}"), "k3y", "{}", 0), 200);
    assert_eq!(status(&format!("/{ID}"), "wrong", "{}", 0), 403);
    assert_eq!(status("/not-an-id", "k3y", "{}", 0), 400);
    assert_eq!(status("/00000000000000000000000000000000000000ee", "k3y", "{}", 0), 404);
    assert_eq!(status(&format!("/{ID}"), "k3y", "{}", 72 * HOUR_MS), 410);
    assert_eq!(
        status("/00000000000000000000000000000000000000b2", "k3y", r#"{"retain": {}}"#, 0),
        405
    );
}

#[test]
fn trustedform_knows_age_and_page_and_scans_words() {
    let body = r#"{"insights": {"properties": ["age_seconds", "domain"], "scans": {"required": ["i AGREE to be called"], "forbidden": ["free gift"]}}}"#;
    let (_, answer) = said(vendor().answer(&asking(&format!("/{ID}"), "k3y", body), noon()));
    assert_eq!(answer["insights"]["properties"]["age_seconds"], 150);
    assert_eq!(answer["insights"]["properties"]["domain"], "quotes.example.com");
    assert_eq!(answer["outcome"], "success");
    let missing = body.replace("free gift", "pressing the button");
    let (_, answer) = said(vendor().answer(&asking(&format!("/{ID}"), "k3y", &missing), noon()));
    assert_eq!(answer["reason"], "Page scans unsuccessful");
}

#[test]
fn leadid_answers_200_whatever_is_wrong() {
    let mut vendor = LeadId::with_account("AC1", "s3cret");
    let token = Token {
        created: noon(),
        phone: "+12025550143".into(),
        email: "avery@example.com".into(),
        opted_out: false,
        disclosed: true,
    };
    vendor.witness(TOKEN, token.clone());
    vendor.witness("0F2B4C6D-1111-2222-3333-444455556677", Token { opted_out: true, ..token });
    let mut ask = |id: &str, data: &str, now: Moment| {
        let mut request = asking("/SingleQuery", "", &format!("lac=AC1&lak=s3cret&id={id}&format=json&data={data}"));
        request.headers.clear();
        let (status, answer) = said(vendor.answer(&request, now));
        assert_eq!(status, 200);
        (
            answer["audit"]["authentic"].as_u64(),
            answer["audit"]["reason"].as_u64(),
            answer["audit"]["data_integrity"].as_u64(),
        )
    };
    assert_eq!(
        ask(TOKEN, "phone1%3B2025550143%7Cemail%3Bavery%40example.com", noon()),
        (Some(1), None, Some(1))
    );
    assert_eq!(ask(TOKEN, "phone1%3B2025550199", noon()), (Some(1), None, Some(3)));
    assert_eq!(ask("0F2B4C6D-1111-2222-3333-4444555566FF", "", noon()), (Some(0), Some(1), None));
    assert_eq!(ask("0F2B4C6D-1111-2222-3333-444455556677", "", noon()), (Some(0), Some(3), None));
    assert_eq!(ask("nonsense", "", noon()), (Some(0), Some(4), None));
    assert_eq!(ask(TOKEN, "", noon().plus_ms(366 * 24 * HOUR_MS)), (Some(0), Some(1), None));
    for _ in 0..97 {
        ask(TOKEN, "", noon());
    }
    assert_eq!(ask(TOKEN, "", noon()), (Some(0), Some(2), None), "the hundred and first");
}
