//! What the parser says of texts that are no filters, and the one way in which it prints those that are.

use super::*;

/// A text, and the column and the words of the error.
const MISTAKES: &str = r#"
    state CA
        7: expected a comparison (`=`, `<`, `in`, `between`, …), `and`, `or` or the end of the filter, found `CA`
    state = CA
        9: expected a value; a text stands in double quotes: "CA", found `CA`
    state == "CA"
        7: expected a single `=`, found `==`
    state = "CA" AND zip = "90210"
        14: expected `and` in small letters, found `AND`
    state = 'CA'
        9: expected double quotes around a text, found `'`
    state in "CA"
        10: expected `[` and a list of values, found the text "CA"
    state in ["CA" "TX"]
        16: expected `,` or `]`, found the text "TX"
    zip = 02139
        7: expected double quotes around digits that begin with a zero, such as a ZIP code, found `02139`
    date > 2026-01-31
        8: expected double quotes around a date, found `2026-01-31`
    year > 1e3
        8: expected a number of at most 18 digits, 9 of them decimals, found `1e3`
    (a or b
        8: expected a comparison (`=`, `<`, `in`, `between`, …), `and`, `or` or `)`, found the end of the filter
    a and
        6: expected a condition: a field, `not`, `any`, `all`, `count`, `present`, `absent` or `(`, found the end of the filter
    count(drivers)
        15: expected a comparison after `count(drivers)`, found the end of the filter
    lower(state) = "ca"
        1: expected one of `any`, `all`, `count`, `present`, `absent`, `age`, `zip3`, `county`, `minutes_since`, `hours_since`, `days_since`, `days_until`, `hour`, `weekday`, `date` before `(`, found `lower`
    any(drivers)
        12: expected `,` and a condition on each row, found `)`
    drivers.age > 3
        8: expected `any(list, condition)` to look inside a list, found `.`
    é = "é
        1: expected a field, a value, a comparison or a parenthesis, found `é`
    make = "é
        8: expected a closing `"` on the same line, found the text "é without an end
    make = "a\n"
        10: expected `\"` or `\\`; these are the two that need a backslash, found `\`
    a starts_with 3
        15: expected a text in double quotes after `starts_with`, found the number 3
    a not b
        7: expected `in` after `not`, found `b`
    a between 1 or 2
        13: expected `and` with the upper end of `between`, found `or`
"#;

#[test]
fn a_syntax_error_says_where_what_and_what_instead() {
    for (text, error) in pairs(MISTAKES) {
        assert_eq!(
            parse(text).map_err(|error| error.to_string()),
            Err(format!("line 1, column {error}")),
            "{text}"
        );
    }
    let second_line = parse("state = \"CA\"\n  & zip").unwrap_err();
    assert_eq!(second_line.to_string(), "line 2, column 3: expected `and`, found `&`");
    let empty = parse(" ").unwrap_err();
    assert_eq!(empty.expected, "a condition (leave the filter out to buy everything)");
}

#[test]
fn conditions_nest_only_so_deep() {
    let deep = format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000));
    assert!(parse(&deep).unwrap_err().expected.contains("at most 64"));
    assert!(parse(&"not ".repeat(10_000)).is_err());
}

#[test]
fn the_canonical_text_is_one_for_all_ways_of_writing() {
    for (text, canonical) in [
        ("( state=\"CA\" )and(a or b)", "state = \"CA\" and (a or b)"),
        ("a and b or c and d", "(a and b) or (c and d)"),
        ("a and (b and c)", "a and (b and c)"),
        ("not(a)", "not a"),
        ("not not a", "not not a"),
        ("not a = 1", "not (a = 1)"),
        ("not(a and b)", "not (a and b)"),
        ("a in [\"x\\\"y\" ,2.50,true,]", "a in [\"x\\\"y\", 2.5, true]"),
        ("any(l,any(m,x between-1 and 2))", "any(l, any(m, x between -1 and 2))"),
        ("count(l)>=2 and age < 3", "count(l) >= 2 and age < 3"),
    ] {
        assert_eq!(parse(text).unwrap().to_string(), canonical);
    }
}
