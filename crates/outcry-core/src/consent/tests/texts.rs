//! The registry of approved texts.

use super::rules::{day, selling_to};
use super::*;
use sha2::{Digest as _, Sha256};

fn approved(texts: Vec<ApprovedText>, unknown: Unknown) -> Setting {
    Setting {
        texts: Texts {
            approved: texts.into_iter().map(Arc::new).collect(),
            unknown,
        },
        ..Setting::default()
    }
}

const UNKNOWN: &str = "the text that the person saw (";

/// Is a text covered where these are approved?
fn check_text(approved_texts: &[&str], shown: &str, covered: bool) {
    let texts = approved_texts
        .iter()
        .map(|text| ApprovedText::of_text("one".into(), text))
        .collect();
    let lead = changed(|_| {}, &[("consent_text", shown)]);
    let said = said(covers, &lead, &approved(texts, Unknown::Refuse), now());
    match said {
        Ok(_) => assert!(covered, "{shown}"),
        Err(why) => assert!(!covered && why.to_string().starts_with(UNKNOWN), "{shown}: {why}"),
    }
}

#[test]
fn case_and_white_space_are_forgiven_and_nothing_else() {
    check_text(&["I agree to be called."], "  i AGREE\n to be\tcalled. ", true);
    check_text(&["I agree to be called."], "I agree to be called", false);
    check_text(&["I agree to be called."], "I agree not to be called.", false);
    check_text(&["Other.", "I agree to be called."], "I agree to be called.", true);
    check_text(&[], "Anything at all.", true);
}

#[test]
fn a_place_in_braces_stands_for_what_differs() {
    let text = "I agree that {sellers} may call me at {number}. Not a condition.";
    check_text(
        &[text],
        "I agree that Acme, Bluejay may call me at 512 555 0100. Not a condition.",
        true,
    );
    check_text(&[text], "I agree that Acme may call me at . Not a condition.", true);
    check_text(&[text], "I agree that Acme may text me at 512 555 0100. Not a condition.", false);
    check_text(
        &[text],
        "I agree that Acme may call me at 512 555 0100. Not a condition. Or is it?",
        false,
    );
    check_text(
        &[text],
        &format!("I agree that {} may call me at 5. Not a condition.", "x".repeat(2_001)),
        false,
    );
    check_text(&["{all}"], "Whatever is no longer than a place may be.", true);
}

#[test]
fn a_digest_names_a_text_whole_or_as_pings_do() {
    let digest = "e1d2e9c5c1ad2b4a";
    assert!(ApprovedText::of_digest("one".into(), digest).is_some());
    for wrong in ["", "e1d2", "E1D2E9C5C1AD2B4A", "g1d2e9c5c1ad2b4a"] {
        assert_eq!(ApprovedText::of_digest("one".into(), wrong), None, "{wrong}");
    }
    let id = crate::transform::text_id("I agree to be called.");
    let whole = hex::encode(Sha256::digest("i agree to be called."));
    for digest in [id, whole] {
        let text = ApprovedText::of_digest("one".into(), &digest).unwrap();
        check_in(&approved(vec![text], Unknown::Refuse), |_| {}, &[], "covered");
    }
    let other = ApprovedText::of_digest("one".into(), digest).unwrap();
    let lead = changed(|_| {}, &[]);
    assert!(said(covers, &lead, &approved(vec![other], Unknown::Refuse), now()).is_err());
}

#[test]
fn a_text_counts_on_the_days_on_which_it_was_shown() {
    let shown = |from: &str, until: &str, covered: bool| {
        let mut text = ApprovedText::of_text("one".into(), "I agree to be called.");
        (text.from, text.until) = (Some(day(from)), Some(day(until)));
        let said = said(covers, &changed(|_| {}, &[]), &approved(vec![text], Unknown::Refuse), now());
        assert_eq!(said.is_ok(), covered, "{from} to {until}");
    };
    shown("2026-11-01", "2026-12-01", true);
    shown("2026-11-24", "2026-12-01", false);
    shown("2026-10-01", "2026-11-23", false);
}

#[test]
fn an_unknown_text_may_be_flagged_or_looked_at_instead() {
    let lead = changed(|_| {}, &[]);
    for unknown in [Unknown::Flag, Unknown::Review] {
        let setting = approved(vec![ApprovedText::of_text("one".into(), "Another.")], unknown);
        assert!(said(covers, &lead, &setting, now()).is_ok());
        let record = ConsentRecord::of(&lead);
        assert_eq!(
            setting.texts.unknown_text(&record),
            Some(crate::transform::text_id("I agree to be called."))
        );
    }
}

#[test]
fn the_list_that_a_text_links_names_its_sellers() {
    let named = |sellers: &[&str]| {
        let mut text = ApprovedText::of_text("one".into(), "I agree to be called.");
        text.sellers = sellers.iter().map(|seller| (*seller).into()).collect();
        let setting = Setting {
            campaign: selling_to(SellerPolicy::Named),
            ..approved(vec![text], Unknown::Refuse)
        };
        said(covers, &changed(|_| {}, &[]), &setting, now()).is_ok()
    };
    assert!(named(&["bluejay", "acme"]));
    assert!(!named(&["bluejay"]));
}
