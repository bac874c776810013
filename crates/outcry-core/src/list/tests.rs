//! What is an entry, who is found by it, and what a list is worth that is old.

use super::*;
use crate::digest::{Algorithm, PhoneForm};

/// `md5 us10`, `sha256 us11 base64`, or nothing for plain values.
fn hash(words: &str) -> Option<Hash> {
    let mut words = words.split_whitespace();
    let first = words.next()?;
    let scheme = Scheme::PLAIN.iter().find(|(word, _)| *word == first).map_or_else(
        || Scheme::Keyed(HmacKey(b"shared".as_slice().into())),
        |(_, algorithm)| Scheme::Plain(*algorithm),
    );
    let form = words.next().map_or(Form::Normal, |form| {
        Form::PHONES.into_iter().find(|other| other.word() == form).unwrap_or(Form::Normal)
    });
    let encoding = if words.next() == Some("base64") {
        Encoding::Base64
    } else {
        Encoding::Hex
    };
    Some(Hash { scheme, form, encoding })
}

fn entries(kind: Kind, made: &str) -> Entries {
    Entries { kind, hash: hash(made) }
}

/// Each line: kind, `|`, as written, `|`, the entry or what is wrong with it.
#[test]
fn an_entry_is_read_into_one_normal_form_or_refused_with_what_it_looks_like() {
    let table = "
        phone  | (202) 555-0143                   | +12025550143
        phone  | 1 202 555 0143                   | +12025550143
        phone  | 2025550143                       | +12025550143
        phone  | +44 7700 900123                  | +447700900123
        phone  | 2813448c0e1d7a6dbc1b7a4a3b0f9e21 | not a phone number; it looks like an MD5: declare `hash = \"md5\"`
        phone  | phone                            | not a phone number
        email  |  Avery@Example.COM               | avery@example.com
        email  | avery                            | not an e-mail address
        domain | @Example.com                     | example.com
        domain | *.mail.example.com.              | mail.example.com
        domain | com                              | not a domain
        ip     | 192.0.2.7                        | 192.0.2.7/32
        ip     | 192.0.2.0/24                     | 192.0.2.0/24
        ip     | ::ffff:192.0.2.7                 | 192.0.2.7/32
        ip     | 2001:DB8::/32                    | 2001:db8::/32
        ip     | 2001:db8::1                      | 2001:db8::1/128
        ip     | 192.0.2.7/24                     | an address within a network, not the network: its last bits must be 0
        ip     | 0.0.0.0/0                        | a network of a size that is not taken: IPv4 from /8 to /32, IPv6 from /16 to /64, or /128
        ip     | 192.0.2.7/x                      | not a network: after / stands a number of bits
        zip    | 43215-1234                       | 43215
        zip    | 2134                             | too short for a ZIP code: did a spreadsheet take its leading zeros?
    ";
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let [kind, written, expected] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let kind = Kind::ALL.into_iter().find(|other| other.word() == kind).unwrap();
        let read = entries(kind, "").read(written).unwrap_or_else(|misfit| misfit.to_string());
        assert_eq!(read, expected, "{line}");
    }
}

/// Vectors from the published files of others: the FTC's own example has dashes, California's list is Base64 of ten digits.
#[test]
fn digests_are_those_that_others_publish() {
    let number = "+11234567890";
    assert_eq!(Algorithm::Md5.hex("1234567890"), "e807f1fcf82d132f9bb018ca6738a19f");
    let vectors = [
        ("md5 us10", "+12025550143", Algorithm::Md5.hex("2025550143")),
        ("md5 us11", "+12025550143", Algorithm::Md5.hex("12025550143")),
        ("md5 e164", "+12025550143", Algorithm::Md5.hex("+12025550143")),
        ("md5 dashed", "+12025550143", Algorithm::Md5.hex("202-555-0143")),
        ("sha256 last10", number, Algorithm::Sha256.hex("1234567890")),
    ];
    for (made, value, digest) in vectors {
        assert_eq!(hash(made).unwrap().hex(value), Some(digest), "{made}");
    }
    assert_eq!(
        hash("md5 us10").unwrap().hex("+447700900123"),
        None,
        "a British number has no ten digits of the plan"
    );
}

#[test]
fn a_digest_is_read_in_any_case_and_refused_at_another_length() {
    let digest = Algorithm::Sha1.hex("avery@example.com");
    let sha1 = entries(Kind::Email, "sha1");
    assert_eq!(sha1.read(&digest.to_uppercase()).unwrap(), digest);
    assert_eq!(
        sha1.read(&Algorithm::Md5.hex("x")).unwrap_err().to_string(),
        "not a digest of sha1, which has 20 bytes"
    );
    assert_eq!(
        sha1.read("avery@example.com").unwrap_err().to_string(),
        "not a digest of sha1, which has 20 bytes: it is a plain value"
    );
    let base64 = entries(Kind::Phone, "sha256 us10 base64");
    let written = Algorithm::Sha256.base64("2025550143");
    assert_eq!(base64.read(&written).unwrap(), Algorithm::Sha256.hex("2025550143"));
    assert_eq!(
        base64.read(written.trim_end_matches('=')).unwrap(),
        Algorithm::Sha256.hex("2025550143")
    );
}

#[test]
fn a_value_is_looked_up_by_every_entry_that_would_stand_for_it() {
    let asked = |kind, made, text| entries(kind, made).asked_by_hand(text).unwrap();
    assert_eq!(
        asked(Kind::Domain, "", "avery@a.mail.example.com"),
        ["a.mail.example.com", "mail.example.com", "example.com"]
    );
    let networks = asked(Kind::Ip, "", "192.0.2.7");
    assert!(
        ["192.0.2.7/32", "192.0.2.0/24", "192.0.0.0/16", "192.0.0.0/8"]
            .iter()
            .all(|network| networks.contains(&(*network).to_owned()))
    );
    assert_eq!(networks.len(), 25);
    let v6 = asked(Kind::Ip, "", "2001:db8::1");
    assert!(v6.contains(&"2001:db8::1/128".to_owned()) && v6.contains(&"2001:db8::/48".to_owned()));
    assert_eq!(asked(Kind::Phone, "md5 us10", "(202) 555-0143"), [Algorithm::Md5.hex("2025550143")]);
    assert_eq!(asked(Kind::Ip, "", "192.0.2.0/24"), ["192.0.2.0/24"]);
}

#[test]
fn two_declarations_find_the_same_entries_only_if_they_say_the_same() {
    let word = |kind, made| entries(kind, made).word();
    assert_eq!(word(Kind::Phone, ""), "phone");
    assert_eq!(
        word(Kind::Phone, "sha256 us10"),
        word(Kind::Phone, "sha256 us10 base64"),
        "however they are written"
    );
    assert_ne!(word(Kind::Phone, "sha256 us10"), word(Kind::Phone, "sha256 us11"));
    assert_ne!(word(Kind::Email, "md5"), word(Kind::Email, "hmac"));
    let other = Hash {
        scheme: Scheme::Keyed(HmacKey(b"other".as_slice().into())),
        ..hash("hmac").unwrap()
    };
    assert_ne!(
        hash("hmac").unwrap().word("email"),
        other.word("email"),
        "under another key it is another list"
    );
    assert!(!format!("{other:?}").contains("111"), "the key is not shown");
}

/// The usual slip: the list was made of eleven digits and declared with ten.
#[test]
fn known_pairs_tell_which_way_a_list_was_made() {
    let known: Vec<(String, String)> = ["+12025550143", "+13125550188"]
        .iter()
        .map(|number| ((*number).to_owned(), Algorithm::Sha256.hex(&number[1..])))
        .collect();
    let tried = fits(&entries(Kind::Phone, "sha256 us10"), &known);
    assert_eq!((tried[0].declared, tried[0].explains), (true, 0));
    assert_eq!(tried[1].hash.form, Form::Phone(PhoneForm::Us11));
    assert_eq!((tried[1].explains, tried.len()), (2, 2));
    let right = fits(&entries(Kind::Phone, "sha256 us11"), &known);
    assert_eq!((right[0].explains, right.len()), (2, 1));
    let wrong_hash = fits(&entries(Kind::Phone, "md5 us11"), &known);
    assert_eq!(wrong_hash[1].hash.scheme, Scheme::Plain(Algorithm::Sha256));
}

fn list(way: Way, unknown: Unknown, max_age_days: Option<i64>, live: bool) -> List {
    List {
        name: "dnc".into(),
        entries: entries(Kind::Phone, ""),
        way,
        fields: Vec::new(),
        max_age_ms: max_age_days.map(|days| days * DAY_MS),
        unknown,
        live,
        applies: Applies::default(),
    }
}

/// Each line: block or allow, the policy, the age of its file, is the value on it, and what follows.
#[test]
fn an_old_list_never_says_clean_and_never_lets_go_of_anybody() {
    let table = "
        block block fresh   no   clear
        block block fresh   yes  listed
        block block fresh   none clear
        block block old     no   unknown_blocks
        block block old     yes  listed
        block block old     none clear
        block allow old     no   unknown
        block flag  old     no   flagged
        block flag  old     yes  listed
        block block missing no   unknown_blocks
        block flag  missing no   flagged
        allow block fresh   yes  clear
        allow block fresh   no   not_listed
        allow block fresh   none not_listed
        allow block old     yes  unknown_blocks
        allow flag  old     yes  flagged
        allow flag  old     no   not_listed
        allow allow missing no   unknown
        allow block missing none unknown_blocks
    ";
    let now = Moment::from_unix_ms(100 * DAY_MS);
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let [way, policy, age, on_it, expected] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let way = if way == "block" { Way::Block } else { Way::Allow };
        let policy = match policy {
            "block" => Unknown::Block,
            "allow" => Unknown::Allow,
            _ => Unknown::Flag,
        };
        let made_at = match age {
            "fresh" => Some(now.plus_ms(-31 * DAY_MS)),
            "old" => Some(now.plus_ms(-31 * DAY_MS - 1)),
            _ => None,
        };
        let listed = match on_it {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let list = list(way, policy, Some(31), false);
        assert_eq!(list.judge(listed, list.certainty(made_at, now)).word(), expected, "{line}");
    }
}

#[test]
fn a_list_kept_by_hand_needs_no_file() {
    let now = Moment::from_unix_ms(0);
    assert_eq!(
        list(Way::Block, Unknown::Block, None, true).certainty(None, now),
        Certainty::Certain
    );
    assert_eq!(
        list(Way::Block, Unknown::Block, None, false).certainty(None, now),
        Certainty::Missing
    );
}

#[test]
fn a_list_applies_to_whatever_names_it() {
    let (site, auto) = (SourceName::new("site"), CampaignName::new("auto"));
    let (acme, acme_auto) = (BuyerName::new("acme"), ContractName::new("acme_auto"));
    let to = |applies: &Applies| (applies.to_all(&site, &auto), applies.to(&site, &acme, &acme_auto));
    let of = |change: fn(&mut Applies)| {
        let mut applies = Applies::default();
        change(&mut applies);
        applies
    };
    assert_eq!(to(&of(|_| {})), (false, false));
    assert_eq!(to(&of(|to| to.everywhere = true)), (true, false));
    assert_eq!(to(&of(|to| to.sources.push(SourceName::new("site")))), (true, false));
    assert_eq!(to(&of(|to| to.campaigns.push(CampaignName::new("auto")))), (true, false));
    assert_eq!(to(&of(|to| to.buyers.push(BuyerName::new("acme")))), (false, true));
    assert_eq!(to(&of(|to| to.contracts.push(ContractName::new("acme_auto")))), (false, true));
    assert_eq!(
        to(&of(|to| to.routes.push((SourceName::new("site"), ContractName::new("acme_auto"))))),
        (false, true)
    );
    assert_eq!(
        to(&of(|to| to.routes.push((SourceName::new("other"), ContractName::new("acme_auto"))))),
        (false, false)
    );
}
