//! What people type into open fields, and what only looks like it.

use super::{Looks, scan};
use proptest::prelude::*;

#[test]
fn contact_data_is_seen_in_the_spellings_people_use() {
    for (text, looks) in [
        ("2025550143", Looks::Phone),
        ("12025550143", Looks::Phone),
        ("+12025550143", Looks::Phone),
        ("+1 (202) 555-0143", Looks::Phone),
        ("(202) 555-0143", Looks::Phone),
        ("(202)555-0143", Looks::Phone),
        ("202-555-0143", Looks::Phone),
        ("202.555.0143", Looks::Phone),
        ("202 555 0143", Looks::Phone),
        ("202/555-0143", Looks::Phone),
        ("202 - 555 - 0143", Looks::Phone),
        ("202_555_0143", Looks::Phone),
        ("202\u{2011}555\u{2011}0143", Looks::Phone),
        ("1-202-555-0143", Looks::Phone),
        ("1.202.555.0143", Looks::Phone),
        ("202 5550143", Looks::Phone),
        ("202555 0143", Looks::Phone),
        ("202-555-01-43", Looks::Phone),
        ("2 0 2 5 5 5 0 1 4 3", Looks::Phone),
        ("call me:2025550143", Looks::Phone),
        ("Toyota (call 202-555-0143)", Looks::Phone),
        ("tel2025550143", Looks::Phone),
        ("Apt 4 202-555-0143", Looks::Phone),
        ("+44 20 7946 0958", Looks::Phone),
        ("+84901234567", Looks::Phone),
        ("２０２-５５５-０１４３", Looks::Phone),
        ("avery.example@example.com", Looks::Email),
        ("write to avery@mail.example.co please", Looks::Email),
        ("avery%40example.com", Looks::Email),
        ("/start?email=avery+x%40example.com&b=1", Looks::Email),
        ("a@b.co", Looks::Email),
        ("avery＠example.com", Looks::Email),
        ("123-45-6789", Looks::Ssn),
        ("123 45 6789", Looks::Ssn),
        ("123456789", Looks::Ssn),
        ("ssn 123.45.6789!", Looks::Ssn),
        ("4111 1111 1111 1111", Looks::Card),
        ("4111111111111111", Looks::Card),
        ("5500-0000-0000-0004", Looks::Card),
        ("3400 000000 00009", Looks::Card),
    ] {
        assert_eq!(scan(text), Some(looks), "{text}");
    }
}

#[test]
fn what_only_looks_like_it_passes() {
    for text in [
        "",
        "Example Mutual",
        "2026-09-01",
        "gmq-2026-09-01",
        "2026-11-23T15:00:00+00:00",
        "2026-11-23 15:00:00",
        "35000-49999",
        "25000-34999",
        "100000-249999",
        "1461+",
        "100/300",
        "250/500/1000",
        "203.0.113.0/24",
        "203.0.113.77",
        "172.217.100.200",
        "2001:db8:1::/48",
        "00000000-0000-4000-8000-0000000000A1",
        "4e6f7132984765b9",
        "0b7faf3c522b82d4",
        "https://cert.trustedform.com/00000000000000000000000000000000000000a1",
        "75201",
        "75201-1234",
        "1732374000123",
        "1.20.300",
        "F-150 2021",
        "2019-2021 1500",
        "@example",
        "50% off at 40",
        "user@localhost",
        "4111 1111 1111 1112",
        "000-12-3456",
        "900-12-3456",
        "1025550143",
        "2021550",
        "Windows NT 10.0; Win64; x64",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    ] {
        assert_eq!(scan(text), None, "{text}");
    }
}

/// A number of the North American plan.
fn national() -> impl Strategy<Value = String> {
    "[2-9][0-9]{2}[2-9][0-9]{6}"
}

proptest! {
    #[test]
    fn a_phone_is_seen_in_any_sentence_and_spelling(
        number in national(), spelling in 0_usize..6, before in "[A-Za-z ]{0,30}[ :,]", after in "([ ,!][A-Za-z ]{0,30})?",
    ) {
        let (area, exchange, line) = (&number[..3], &number[3..6], &number[6..]);
        let spelled = match spelling {
            0 => number.clone(),
            1 => format!("({area}) {exchange}-{line}"),
            2 => format!("{area}.{exchange}.{line}"),
            3 => format!("+1{number}"),
            4 => format!("1 {area} {exchange} {line}"),
            _ => format!("{area}-{exchange}-{line}"),
        };
        prop_assert_eq!(scan(&format!("{before}{spelled}{after}")), Some(Looks::Phone));
    }

    #[test]
    fn an_address_is_seen_in_any_sentence(local in "[a-z0-9._]{1,12}[a-z]", domain in "[a-z0-9]{1,12}\\.[a-z]{2,6}", before in "([A-Za-z ]{0,30} )?") {
        let plain = format!("{before}{local}@{domain}");
        let encoded = format!("{before}{local}%40{domain}");
        prop_assert_eq!(scan(&plain), Some(Looks::Email));
        prop_assert_eq!(scan(&encoded), Some(Looks::Email));
    }

    #[test]
    fn text_with_few_digits_and_no_at_sign_passes(text in "[A-Za-z ,.;:!?()-]{0,60}[0-9]{0,5}") {
        prop_assert_eq!(scan(&text), None);
    }

    #[test]
    fn dates_and_brackets_pass(year in 1900_u16..2100, month in 1_u8..13, day in 1_u8..29, low in 0_u32..500_000) {
        prop_assert_eq!(scan(&format!("{year}-{month:02}-{day:02}")), None);
        let high = low / 1000 * 1000 + 9999;
        prop_assert_eq!(scan(&format!("{}-{high}", low / 1000 * 1000)), None);
    }

    #[test]
    fn no_text_is_too_odd_to_scan(text in "\\PC{0,200}") {
        let _ = scan(&text);
    }
}
