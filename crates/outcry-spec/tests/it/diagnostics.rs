//! Wrong files and what is said of them: file, line, column, sentence, hint.

use crate::world::{SPEC, check, compiled, said, with};
use outcry_spec::{Severity, SpecFile, compile, compile_with};
use std::collections::BTreeMap;

#[test]
fn an_exchange_in_which_all_is_right_is_left_in_peace() {
    check("", "");
    let book = compiled("").book.unwrap();
    assert_eq!((book.catalog.contract_count(), book.bindings.len()), (1, 1));
}

#[test]
fn all_problems_of_all_files_are_told_at_once() {
    let buyers = "[buyer.acme]\nlable = \"Acme\"\n\n[buyer.Best-Co]\nlabel = 5\n";
    let campaigns = "[campaign.auto]\nlead_type = \"auto_insurence\"\nfloor = 0.5\nposts_max = 0\ndistribution = \"highest\"\n";
    let said = said(&[("buyers.toml", buyers), ("campaigns/auto.toml", campaigns)]);
    let expected = r#"
buyers.toml:1:8: error[OC0104]: buyer `acme` has no `label`
  hint: add `label = "Acme Insurance LLC"`
buyers.toml:2:1: error[OC0102]: buyer `acme` has no key `lable`
  hint: did you mean `label`?
buyers.toml:4:8: error[OC0105]: `Best-Co` is no name for a buyer
  hint: small letters, digits and `_`, at most 63, a letter first: `best_co`
buyers.toml:5:9: error[OC0103]: `label` takes a text in quotes, not the number 5
campaigns/auto.toml:1:11: error[OC0104]: campaign `auto` has no `payout`
  hint: add `payout = "80%"`
campaigns/auto.toml:2:13: error[OC0201]: there is no lead type `auto_insurence`
  hint: did you mean `auto_insurance`?
campaigns/auto.toml:3:9: error[OC0103]: `floor` takes an amount in quotes, such as "12.50", not the number 0.5
  hint: with quotes it is exact: "0.5"
campaigns/auto.toml:4:13: error[OC0303]: `posts_max` is 0, which is out of its bounds
  hint: it goes from 1 to 100
campaigns/auto.toml:5:16: error[OC0304]: `distribution` cannot be `highest`
  hint: did you mean `highest_bid`?"#;
    assert_eq!(said, expected.trim(), "\n{said}");
}

#[test]
fn names_that_stand_for_nothing_are_told_with_what_was_meant() {
    check(
        r#"
[source.northwind_auto]
supplier = "nortwind"
campaign = "autos"
keys = ["secret:northwind_auto_key"]
exclude_buyers = ["acme", "contoso"]

[contract.acme_auto]
buyer = "acne"
campaign = "zebra"
integration = "acme_json"
"#,
        r#"
        spec.toml:2:12: error[OC0201]: there is no supplier `nortwind`
          hint: did you mean `northwind`?
        spec.toml:3:12: error[OC0201]: there is no campaign `autos`
          hint: did you mean `auto`?
        spec.toml:5:27: error[OC0201]: there is no buyer `contoso`
          hint: there is `acme`
        spec.toml:8:9: error[OC0201]: there is no buyer `acne`
          hint: did you mean `acme`?
        spec.toml:9:12: error[OC0201]: there is no campaign `zebra`
          hint: there is `auto`
        spec.toml:10:15: error[OC0201]: there is no integration `acme_json`
          hint: did you mean `acme`?
        world.toml:7:11: warning[OC0203]: campaign `auto` has no contract: its leads are sold to nobody
          hint: add a `[contract.…]` with `campaign = "auto"`
        world.toml:7:11: warning[OC0203]: campaign `auto` has no source: nobody can send it a lead
          hint: add a `[source.…]` with `campaign = "auto"`
        "#,
    );
}

#[test]
fn a_file_that_is_not_toml_does_not_drag_the_others_down() {
    let said = said(&[
        ("buyers.toml", "[buyer.acme]\nlabel = Acme\n"),
        (SPEC, "[campaign.auto]\nlead_type = \"auto_insurance\"\n"),
    ]);
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("  ")).collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].starts_with("buyers.toml:2:9: error[OC0101]: this is not TOML: "), "{said}");
    assert_eq!(lines[1], "spec.toml:1:11: error[OC0104]: campaign `auto` has no `payout`");
}

#[test]
fn of_two_tables_with_one_name_both_places_are_told() {
    let said = said(&[
        ("a.toml", "[buyer.contoso]\nlabel = \"Contoso\"\n"),
        ("b.toml", "\n[buyer.contoso]\nlabel = \"Contoso 2\"\n"),
    ]);
    assert_eq!(
        said,
        "b.toml:2:8: error[OC0106]: there are two buyers called `contoso`\n  hint: the first is at a.toml:1"
    );
}

#[test]
fn money_shares_and_numbers_are_read_strictly() {
    check(
        r#"
[source.northwind_auto]
supplier = "northwind"
campaign = "auto"
keys = ["secret:northwind_auto_key"]
payout = "110%"
payout_min = "$1.00"
deadline_ms = 5

[campaign.auto]
lead_type = "auto_insurance"
currency = "dollars"
payout = "1e3"
floor = "-0.50"
ceiling = "1,500"
duplicate_days = "30"
quote_seconds = 86_401

[contract.acme_auto]
buyer = "acme"
campaign = "auto"
integration = "acme"
price = "bids"
handicap = "10"
caps = [{ count = "sales", per = "day", limit = "50" }, { count = "price", per = "month" }, { count = "sold", zone = "EST5" , per = "day", limit = 1 }]
"#,
        r#"
        spec.toml:5:10: error[OC0302]: `payout` is no share of a price
          hint: write "0%" to "100%", with at most two decimals: "82.5%"
        spec.toml:6:14: error[OC0301]: `payout_min` is no amount of money: the amount is not a plain decimal number
          hint: write "1.00"
        spec.toml:7:15: error[OC0303]: `deadline_ms` is 5, which is out of its bounds
          hint: it goes from 100 to 60000
        spec.toml:11:12: error[OC0306]: `dollars` is no currency
          hint: currencies have three letters (ISO 4217): "USD"
        spec.toml:12:10: error[OC0301]: `payout` is no amount of money: the amount is not a plain decimal number
          hint: write digits and a point, such as "12.50", or a share of the price, such as "80%"
        spec.toml:13:9: error[OC0301]: `floor` is negative
          hint: write "0.50"
        spec.toml:14:11: error[OC0301]: `ceiling` is no amount of money: the amount is not a plain decimal number
          hint: write "1500.00"
        spec.toml:15:18: error[OC0103]: `duplicate_days` takes a whole number without quotes, not a text
        spec.toml:16:17: error[OC0303]: `quote_seconds` is 86401, which is out of its bounds
          hint: it goes from 1 to 86400
        spec.toml:22:9: error[OC0301]: `price` is no amount of money: the amount is not a plain decimal number
          hint: write digits and a point, such as "12.50", or "bid"
        spec.toml:23:12: error[OC0302]: `handicap` is no share of a price
          hint: write "0%" to "100%", with at most two decimals: "82.5%"
        spec.toml:24:49: error[OC0103]: `limit` takes a whole number without quotes, not a text
        spec.toml:24:57: error[OC0104]: cap of contract `acme_auto` has no `limit`
          hint: add `limit = "5000.00"`
        spec.toml:24:103: error[OC0304]: `count` cannot be `sold`
          hint: there is `payout`, `pings`, `posts`, `price`, `sales`
        spec.toml:24:118: error[OC0305]: there is no time zone `EST5`
          hint: zones are called after places: "America/New_York", "Europe/London", or "UTC"
        "#,
    );
}

#[test]
fn a_filter_is_corrected_at_the_very_word() {
    let contract =
        |filter: &str| format!("[contract.acme_auto]\nbuyer = \"acme\"\ncampaign = \"auto\"\nintegration = \"acme\"\nfilter = {filter}\n");
    let first = |filter: &str| said(&[(SPEC, &contract(filter))]).lines().next().unwrap_or_default().to_owned();
    let table = [
        ("'state in [CA]'", "spec.toml:5:21: error[OC0401]"),
        (r#""state in [CA]""#, "spec.toml:5:21: error[OC0401]"),
        (
            r#""state = \"CA\" and zpi = \"90210\"""#,
            "spec.toml:5:30: error[OC0402]: in the filter, `zpi = \"90210\"`: there is no field `zpi`",
        ),
        (
            "'''\nstate = \"CA\"\n  and any(drivers, ago < 25)'''",
            "spec.toml:7:20: error[OC0402]",
        ),
        (
            r#"'phone = "1"'"#,
            "spec.toml:5:11: error[OC0402]: in the filter, `phone = \"1\"`: `phone` identifies the person",
        ),
        (r#"'state = "CA" and state = "TX"'"#, "spec.toml:5:11: error[OC0402]"),
    ];
    for (filter, expected) in table {
        assert!(first(filter).starts_with(expected), "{filter}\n{}", first(filter));
    }
}

#[test]
fn postbacks_are_checked_for_what_can_be_filled_in() {
    let source = |postback: &str| {
        format!(
            "[source.northwind_auto]\nsupplier = \"northwind\"\ncampaign = \"auto\"\nkeys = [\"secret:northwind_auto_key\"]\npostback = \"{postback}\"\n"
        )
    };
    let table = [
        ("https://t.example.com/pb?lead={lead_id}&s={status}&p={payout}", ""),
        (
            "https://t.example.com/pb?p={price}",
            "spec.toml:5:40: error[OC0309]: `{price}` is nothing",
        ),
        ("https://t.example.com/pb?p={payout", "spec.toml:5:40: error[OC0309]: a brace"),
        (
            "https://{status}.example.com/pb",
            "spec.toml:5:12: error[OC0307]: `postback` is no address",
        ),
        ("ftp://t.example.com/pb", "spec.toml:5:12: error[OC0307]: `postback` is no address"),
        (
            "http://t.example.com/pb",
            "spec.toml:5:12: warning[OC0308]: `postback` sends what it carries to t.example.com without TLS",
        ),
        ("http://127.0.0.1:9100/pb", ""),
        ("http://[::1]:9100/pb", ""),
    ];
    for (postback, expected) in table {
        let said = said(&[(SPEC, &source(postback))]);
        let first = said.lines().next().unwrap_or_default();
        assert!(
            first.starts_with(expected) && first.is_empty() == expected.is_empty(),
            "{postback}\n{said}"
        );
    }
}

#[test]
fn keys_are_secrets_and_each_is_given_out_once() {
    check(
        r#"
[source.northwind_auto]
supplier = "northwind"
campaign = "auto"
keys = ["secret:northwind_auto_key", "secret:lost", "3f9d2c41a7"]

[source.northwind_vans]
supplier = "northwind"
campaign = "auto"
keys = ["secret:northwind_auto_key"]

[source.northwind_walk_in]
supplier = "northwind"
campaign = "auto"
"#,
        r#"
        spec.toml:4:38: error[OC0501]: the secret `lost` has no value
          hint: give it to the process: as `lost` in the file of `--secrets FILE`, or as the variable OUTCRY_SECRET_LOST
        spec.toml:4:53: error[OC0502]: a key of source `northwind_auto` stands in the file itself
          hint: write "secret:name" and give the key to the process under that name
        spec.toml:9:1: error[OC0503]: source `northwind_vans` has a key that was given out before, so its leads would count as somebody else's
          hint: the other is at spec.toml:4
        spec.toml:11:9: error[OC0104]: source `northwind_walk_in` has no `keys`
          hint: add `keys = ["secret:…"]`
        "#,
    );
}

#[test]
fn variables_fill_texts_and_the_callers_come_first() {
    let tables = "[variables]\nhome = \"https://one.example.com\"\n\n[source.northwind_auto]\nsupplier = \"northwind\"\ncampaign = \"auto\"\n\
                  keys = [\"secret:northwind_auto_key\"]\npostback = \"${home}/pb?lead={lead_id}&x=${away}\"\n";
    check(
        tables,
        "spec.toml:8:41: error[OC0107]: the variable `away` is not defined\n  hint: there is `home`",
    );
    let tables = tables.replace("&x=${away}", "");
    let postback = |variables: &BTreeMap<String, String>| {
        let book = compile_with(&with(&[(SPEC, &tables)]), &crate::world::secrets(), variables)
            .book
            .unwrap();
        (
            book.catalog.sources[0].postback_url.clone().unwrap().to_string(),
            book.catalog.version.clone(),
        )
    };
    let (own, version) = postback(&BTreeMap::new());
    assert_eq!(own, "https://one.example.com/pb?lead={lead_id}");
    let (callers, other_version) = postback(&BTreeMap::from([("home".to_owned(), "http://127.0.0.1:9100".to_owned())]));
    assert_eq!(callers, "http://127.0.0.1:9100/pb?lead={lead_id}");
    assert_ne!(version, other_version, "what is traded differs, so its version does");
}

#[test]
fn a_place_behind_a_variable_is_still_the_place() {
    let tables = "[variables]\nwest = \"\\\"CA\\\", \\\"OR\\\"\"\n\n[contract.acme_auto]\nbuyer = \"acme\"\ncampaign = \"auto\"\nintegration = \"acme\"\n\
                  filter = 'state in [${west}] and zpi = 1'\n";
    let said = said(&[(SPEC, tables)]);
    assert!(said.starts_with("spec.toml:8:34: error[OC0402]"), "{said}");
}

#[test]
fn what_can_never_sell_is_a_warning_and_no_more() {
    let tables = "[campaign.auto]\nlead_type = \"auto_insurance\"\npayout = \"80%\"\nfloor = \"5.00\"\nceiling = \"50.00\"\n\n\
                  [contract.acme_auto]\nbuyer = \"acme\"\ncampaign = \"auto\"\nintegration = \"acme\"\nprice = \"4.50\"\n";
    check(
        tables,
        "spec.toml:11:1: warning[OC0403]: contract `acme_auto` never buys: its price 4.50 lies below the floor 5.00\n  \
         hint: of the campaign's and the contract's floor the higher counts, of their ceilings the lower",
    );
    assert!(compiled(tables).book.is_some());
    let upside_down = tables.replace("price = \"4.50\"", "ceiling = \"4.00\"");
    let outcome = compiled(&upside_down);
    assert_eq!(outcome.diagnostics[0].severity, Severity::Warning);
    assert!(
        outcome.diagnostics[0]
            .message
            .ends_with("its floor 5.00 lies above its ceiling 4.00")
    );
}

#[test]
fn a_source_that_can_never_get_what_it_wants_is_refused() {
    let tables = |campaign: &str, source: &str| {
        format!(
            "[source.northwind_auto]\nsupplier = \"northwind\"\ncampaign = \"auto\"\nkeys = [\"secret:northwind_auto_key\"]\n\
             payout_min = \"4.01\"\n{source}\n\n[campaign.auto]\nlead_type = \"auto_insurance\"\n{campaign}\n"
        )
    };
    let table = [
        ("payout = \"80%\"", "", None),
        ("payout = \"0.01%\"", "", None),
        ("payout = \"0%\"", "", Some("0.00")),
        ("payout = \"0%\"", "payout = \"4.01\"", None),
        ("payout = \"80%\"", "payout = \"0%\"", Some("0.00")),
        ("payout = \"4.00\"", "", Some("4.00")),
        ("payout = \"4.01\"", "", None),
        ("payout = \"80%\"\nceiling = \"5.00\"", "", Some("4.00")),
        ("payout = \"80%\"\nceiling = \"5.01\"", "", None),
    ];
    for (campaign, source, most) in table {
        let said = said(&[(SPEC, &tables(campaign, source))]);
        let expected = most.map_or_else(String::new, |most| {
            format!(
                "spec.toml:5:1: error[OC0310]: source `northwind_auto` can never get its `payout_min` of 4.01: its payout is {most} at most"
            )
        });
        assert_eq!(said.lines().next().unwrap_or_default(), expected, "{campaign}, {source}\n{said}");
    }
}

#[test]
fn a_payout_that_cannot_be_read_is_told_once() {
    check(
        r#"
[source.northwind_auto]
supplier = "northwind"
campaign = "auto"
keys = ["secret:northwind_auto_key"]
payout_min = "4.00"

[campaign.auto]
lead_type = "auto_insurance"
payout = "80 of 100"
"#,
        r#"
        spec.toml:9:10: error[OC0301]: `payout` is no amount of money: the amount is not a plain decimal number
          hint: write digits and a point, such as "12.50", or a share of the price, such as "80%"
        "#,
    );
}

#[test]
fn an_empty_folder_is_an_empty_exchange() {
    let outcome = compile(&[], &crate::world::secrets());
    assert_eq!(outcome.diagnostics, []);
    assert_eq!(outcome.book.unwrap().catalog.contract_count(), 0);
}

#[test]
fn no_text_makes_the_compiler_fall_over() {
    let texts = [
        "",
        "\u{feff}",
        "[",
        "[supplier]",
        "supplier = 1",
        "[supplier]\nx = 1",
        "[[contract]]",
        "[contract.\"\"]",
        "variables = []",
        "a.b.c = 1",
    ];
    for text in texts {
        for path in ["x.toml", "integrations/x.toml", "lead-types/x.json", "x", "integrations/.toml"] {
            let outcome = compile(
                &[SpecFile {
                    path: path.to_owned(),
                    text: text.to_owned(),
                }],
                &crate::world::secrets(),
            );
            assert!(outcome.book.is_some() || outcome.has_errors());
        }
    }
}

#[test]
fn rules_that_do_not_go_together_are_told() {
    check(
        r#"
[campaign.auto]
lead_type = "auto_insurance"
payout = "80%"
distribution = ["highest_bid", "best_set", "round_robbin"]
tiers = [{ name = "gold", time = "70%" }, { name = "gold", distribution = "best_set", time = "40%" }]
conflicts = [["acme", "acne"], ["acme"]]
sales_max = 0

[contract.acme_auto]
buyer = "acme"
campaign = "auto"
integration = "acme"
tier = "silver"
"#,
        r#"
        spec.toml:4:32: error[OC0420]: `best_set` decides about all bids at once
          hint: put it first
        spec.toml:4:44: error[OC0304]: `distribution` cannot be `round_robbin`
          hint: did you mean `round_robin`?
        spec.toml:5:1: error[OC0420]: the tiers of campaign `auto` take more than all of the time
          hint: their `time` adds up to at most "100%"
        spec.toml:5:1: error[OC0420]: campaign `auto` has tiers and does not go by them
          hint: add them: `distribution = ["tiers", "highest_bid"]`
        spec.toml:5:52: error[OC0420]: there are two tiers of this name
          hint: contracts say by name to which they belong
        spec.toml:5:75: error[OC0304]: `distribution` cannot be `best_set`
          hint: there is `expected_value`, `highest_bid`, `priority`, `round_robin`, `weighted`
        spec.toml:6:23: error[OC0201]: there is no buyer `acne`
          hint: did you mean `acme`?
        spec.toml:6:32: error[OC0103]: `conflicts` takes a list of pairs, such as [["one", "two"]], not a list
        spec.toml:7:13: error[OC0303]: `sales_max` is 0, which is out of its bounds
          hint: it goes from 1 to 20
        spec.toml:13:8: error[OC0201]: there is no tier `silver`
          hint: add `{ name = "silver" }` to the campaign's `tiers`
        "#,
    );
}

#[test]
fn price_lists_that_cannot_be_are_told_where_they_stand() {
    check(
        r#"
[campaign.auto]
lead_type = "auto_insurance"
margin = [{ from = "1.00", margin = "1.00" }, { from = "0.50", margin = "20%" }, { margin = "x" }]

[contract.acme_auto]
buyer = "acme"
campaign = "auto"
integration = "acme"
price = ["20.00", "0"]
prices = [{ when = 'stat = "CA"', price = "9.00" }, { hours = "0-24", exclusive = true }, { hours = "mon 9" }]
changes = [{ change = "10%" }, { change = "+5%" }]
zone = "EST"

[contract.acme_auto.route.northwind]
margin = "2.00"
payout = "80%"
"#,
        r#"
        spec.toml:3:11: error[OC0312]: the bands of campaign `auto` are not in order
          hint: the first band begins at "0"
        spec.toml:3:47: error[OC0312]: the bands of campaign `auto` are not in order
          hint: each band begins above the one before it
        spec.toml:3:82: error[OC0104]: band of campaign `auto` has no `from`
          hint: add `from = "10.00"`
        spec.toml:3:93: error[OC0301]: `margin` is no amount of money: the amount is not a plain decimal number
          hint: write digits and a point, such as "12.50", or a share of the price, such as "20%"
        spec.toml:9:19: error[OC0303]: a standing price of nothing never sells
          hint: write what the buyer pays for a lead, or "bid"
        spec.toml:10:21: error[OC0402]: in the filter, `stat = "CA"`: there is no field `stat`; did you mean `state`?
        spec.toml:10:63: error[OC0313]: these are all hours of the week
          hint: leave `hours` out
        spec.toml:10:91: error[OC0104]: price of contract `acme_auto` has no `price`
          hint: add `price = "12.00"`
        spec.toml:10:101: error[OC0313]: the hours cannot be read: `9` is no span of time: they go from 0 to 24, such as 9-17, 8:30-17:45 or 22-6
          hint: write them like "mon-fri 9-17, sat 10-14"
        spec.toml:11:23: error[OC0314]: `change` cannot be `10%`
          hint: write "+10%", "-2.5%", "+1.50" or "-0.75": a sign, and at most 1000 %
        spec.toml:12:8: error[OC0305]: there is no time zone `EST`
          hint: zones are called after places: "America/New_York", "Europe/London", or "UTC"
        spec.toml:14:27: error[OC0201]: there is no source `northwind`
          hint: did you mean `northwind_auto`?
        spec.toml:15:1: error[OC0311]: route `northwind` of contract `acme_auto` has a `payout` and a `margin`: each says what the other one is
          hint: keep one of them
        "#,
    );
}

#[test]
fn a_ladder_goes_down() {
    for (ladder, told) in [
        ("{ ladder = [] }", "spec.toml:5:11: error[OC0315]: the ladder has no rungs"),
        (
            "{ ladder = ['20', '12', '12.00'] }",
            "spec.toml:5:33: error[OC0315]: the ladder has the price 12.00 twice",
        ),
        (
            "{ ladder = ['12', '20'] }",
            "spec.toml:5:27: error[OC0315]: the ladder rises from 12.00 to 20.00",
        ),
        ("{ ladders = ['20'] }", "has no `ladder`"),
        ("{ ladder = ['20', '0'] }", "a standing price of nothing never sells"),
    ] {
        let contract = format!("[contract.acme_auto]\nbuyer = 'acme'\ncampaign = 'auto'\nintegration = 'acme'\nprice = {ladder}\n");
        let said = said(&[("spec.toml", &contract)]);
        assert!(said.contains(told), "{ladder}\n{said}");
    }
}
