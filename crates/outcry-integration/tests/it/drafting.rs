//! Drafts of whatever somebody pastes: a file that holds, or a sentence that says why not.

use outcry_integration::Integration;
use outcry_integration::draft::{Samples, draft, recognise};
use proptest::prelude::*;

/// Pieces of what is really pasted, in any order, with rubbish between.
fn pasted() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "POST /ping HTTP/1.1\n",
            "Host: a.example\n",
            "\n",
            "curl -d '",
            "'",
            "\"",
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "&",
            "=",
            "<r>",
            "</r>",
            "<a b=\"1\">",
            "\"zip\": \"60601\"",
            "birth_day=31",
            "dob=x",
            "Driver9_Age=7",
            "phone=3125550188",
            "api_key",
            "https://b.example/{id}/x?y=1",
            "\\",
            "%zz",
            "é",
            "HTTP/1.1 200 OK\n\n",
            "{\"status\": \"ok\", \"price\": 1.5}",
            "bid_id",
            "true",
            "0",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_is_pasted_gives_a_file_that_holds_or_a_sentence(texts in prop::collection::vec(pasted(), 1..4)) {
        let samples = texts.iter().enumerate().map(|(at, text)| {
            let name = ["ping", "answer", "post"][at];
            (name.to_owned(), recognise(name, text))
        });
        match draft("Pasted", &Samples::sort(samples.collect()), &[]) {
            Ok(drafted) => {
                let integration = Integration::read(&drafted.text).unwrap();
                prop_assert!(integration.run_examples().iter().all(|outcome| outcome.passed));
            }
            Err(why) => prop_assert!(!why.to_string().is_empty()),
        }
    }
}
