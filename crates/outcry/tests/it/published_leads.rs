//! A lead for each published posting spec, as its fields ask, written by hand.

use serde_json::{Value, json};

/// A person, a consent and a browser.
fn person(more: Value) -> Value {
    let mut lead = json!({
        "first_name": "Ottoline", "last_name": "Fernsby", "email": "ottoline.fernsby@example.org", "phone": "(614) 555-0117",
        "address_line1": "88 Teasel Court", "city": "Columbus", "state": "OH", "zip": "43215",
        "consent_given": true, "consent_at": "2025-05-06T10:11:12-04:00",
        "consent_text": "By pressing Show My Offers I agree that the companies named may call me at this number.",
        "consent_page_url": "https://offers.example.org/last-step", "ip_address": "203.0.113.41",
        "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Example/2.0",
        "landing_page_url": "https://offers.example.org/start?from=search",
        "trustedform_cert_url": "https://cert.trustedform.com/0123456789abcdef0123456789abcdef01234567",
        "sub_id": "spring",
    });
    let Value::Object(more) = more else { panic!("more fields") };
    lead.as_object_mut().unwrap().extend(more);
    lead
}

/// For the boberdoo spec: two drivers, one car.
pub(crate) fn auto() -> Value {
    person(json!({
        "currently_insured": true, "current_carrier": "Lakeshore Mutual", "continuous_coverage_months": 31,
        "current_policy_expires_on": "2027-02-01", "coverage_type": "standard", "residence_type": "rent", "credit_rating": "good",
        "drivers": [
            {
                "relationship": "self", "first_name": "Ottoline", "last_name": "Fernsby", "gender": "female", "dob": "1984-09-21",
                "marital_status": "married", "license_status": "active", "license_state": "OH", "sr22_required": false,
            },
            {
                "relationship": "spouse", "first_name": "Barnaby", "last_name": "Fernsby", "gender": "male", "dob": "1982-03-30",
                "marital_status": "married", "license_status": "learner", "license_state": "OH", "sr22_required": false,
            },
        ],
        "vehicles": [{
            "year": 2018, "make": "Subaru", "model": "Outback", "ownership": "own", "primary_use": "pleasure", "commercial_use": false,
            "annual_mileage": 9800,
        }],
    }))
}

/// For the Lead Prosper spec: seven windows.
pub(crate) fn windows() -> Value {
    person(json!({
        "service": "windows", "project_scope": "install_new", "buy_timeframe": "within_1_month", "own_home": "yes", "number_of_windows": "6-9",
    }))
}

/// For the `GoMedigap` spec: a supplement, sold by a seller who is named and chosen.
pub(crate) fn medigap() -> Value {
    person(json!({
        "product_interest": "medicare_supplement", "dob": "1957-08-09", "gender": "female", "tobacco": false,
        "has_part_a": true, "has_part_b": true, "current_coverage": "original_medicare", "opt_in_type": "manual",
        "consent_sellers": [{ "name": "The Published Buyer LLC", "selected": true }],
        "tpmo_disclaimer_shown": true, "contact_reason_agreed": true,
    }))
}
