//! What strangers send to the doors, changed at random: bodies, ping tokens and keys. Nothing panics, nothing dawdles, and
//! nothing is taken for genuine that is not.

#[path = "../../../outcry-integration/tests/fuzz/mutate.rs"]
mod mutate;
#[path = "../../../outcry-integration/tests/fuzz/tries.rs"]
mod tries;

use super::{form, json};
use outcry_core::door_key::{self, Holder, IssuedKey};
use outcry_core::id::{QuoteId, SourceName};
use outcry_core::moment::Moment;
use outcry_engine::token::TokenKey;
use tries::run_on;

fn bytes(samples: &[&str]) -> Vec<Vec<u8>> {
    samples.iter().map(|sample| sample.as_bytes().to_vec()).collect()
}

#[test]
fn json_bodies_of_sources_are_read_or_refused() {
    let samples = [
        r#"{"first_name": "Avery", "zip": "27601", "own_home": true, "price": 12.50, "drivers": [{"age": 41, "violations": []}], "note": null}"#,
        r#"{"a": {"b": {"c": [1, -2.5e3, "\u00e9\ud83d\ude00"]}}}"#,
        "[]",
    ];
    run_on("request json", &bytes(&samples), |input, _| drop(json::read(input)));
}

#[test]
fn form_bodies_of_sources_are_read_or_refused() {
    let samples = [
        "first_name=Avery&zip=27601&drivers[0][age]=41&drivers.1.age=17&note=a+b%20c%C3%A9",
        "drivers[0][violations][1][type]=speeding&x=",
    ];
    run_on("request form", &bytes(&samples), |input, _| drop(form::read(input)));
}

#[test]
fn no_changed_ping_token_is_genuine() {
    let (key, source) = (TokenKey::new([7; 32]), SourceName::new("northwind_auto"));
    let token = |quote: u128, ms| key.sign(QuoteId::from_bits(quote), &source, Moment::from_unix_ms(ms));
    let genuine = [token(1, 1_795_000_000_000), token(u128::MAX, 0)];
    let known: Vec<_> = genuine.iter().map(|token| key.verify(token)).collect();
    let samples: Vec<Vec<u8>> = genuine.iter().map(|token| token.clone().into_bytes()).collect();
    run_on("ping tokens", &samples, |input, _| {
        // Other spellings of the padding bits are the same token.
        let read = key.verify(&String::from_utf8_lossy(input));
        assert!(read.is_none() || known.contains(&read), "a token was forged");
    });
}

#[test]
fn no_changed_key_has_the_right_check_digits_and_no_line_reads_back_as_another() {
    let key = door_key::fresh(false, Holder::Source, &(0..=200).collect::<Vec<u8>>()).unwrap();
    let id = door_key::presented(&key).unwrap().id.to_owned();
    let line = IssuedKey::line(&id, &[0xab; 32]);
    let samples = [key.clone(), line.clone(), format!("{line};expires=2027-01-31")];
    let samples: Vec<Vec<u8>> = samples.into_iter().map(String::into_bytes).collect();
    run_on("keys", &samples, |input, _| {
        let text = String::from_utf8_lossy(input);
        // Four bytes of check let one change in four thousand million pass; no run sees one.
        assert!(door_key::presented(&text).is_none() || text == key, "{text} passes for a key");
        if let Ok(read) = IssuedKey::parse(&text, Holder::Source) {
            assert!(text.starts_with(&read.id), "{text} reads as another key");
        }
    });
}
