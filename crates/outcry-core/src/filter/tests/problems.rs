//! What is said of filters that do not fit the lead type, or that decide nothing.

use super::*;

/// A filter, and what is wrong with it.
const MISFITS: &str = r#"
    satte = "CA"
        `satte = "CA"`: there is no field `satte`; did you mean `state`?
    any(drivers, age_braket = "18-24")
        `age_braket = "18-24"`: there is no field `age_braket` in the rows of `drivers`; did you mean `age_bracket`?
    any(vehicles, state = "CA")
        `state = "CA"`: there is no field `state` in the rows of `vehicles`
    present(phone)
        `present(phone)`: `phone` identifies the person, and nobody may filter on that
    any(drivers, license_number = "1")
        `license_number = "1"`: `license_number` identifies the person, and nobody may filter on that
    state in ["CA", "Texas", "NYC"]
        `state in ["CA", "Texas", "NYC"]`: `state` is a state and can never be "Texas" and 1 more; write the two capital letters of a state, such as "CA"
    zip = "9021"
        `zip = "9021"`: `zip` is a ZIP code and can never be "9021"; write five digits in double quotes, such as "02139"
    zip = 90210
        `zip = 90210`: `zip` is a ZIP code and can never be 90210; write five digits in double quotes, such as "02139"
    residence = "rents"
        `residence = "rents"`: `residence` is one of a list of words and can never be "rents"; did you mean "rent"?
    any(drivers, age_bracket = "20-30")
        `age_bracket = "20-30"`: `age_bracket` is one of a list of words and can never be "20-30"; it has "under_18", "18-24", "25-64", "65+"
    residence > "own"
        `residence > "own"`: `residence` is one of a list of words, which cannot be tested with >; it takes `=`, `!=`, `in` and `not in`
    state
        `state`: `state` is a state, which cannot be tested with a bare field; it takes `=`, `!=`, `in` and `not in`
    age(zip) > 3
        `age(zip) > 3`: `age(zip)` cannot be read: it takes a date of birth
    any(state, a)
        `any(state, a)`: `state` cannot be read: it takes a list, and this is none
    months_covered = 1.5
        `months_covered = 1.5`: `months_covered` is a whole number and can never be 1.5; write a whole number, without quotes
    policy_ends = "2026-02-30"
        `policy_ends = "2026-02-30"`: `policy_ends` is a date and can never be "2026-02-30"; write a date such as "2026-01-31"
    state in ["CA", "CA", "TX", "TX"]
        `state in ["CA", "CA", "TX", "TX"]`: "CA" and 1 more stand in the list more than once
    carrier in ["Geico", "GEICO"]
        `carrier in ["Geico", "GEICO"]`: "GEICO" stands in the list twice
"#;

#[test]
fn a_problem_names_the_part_and_what_to_write() {
    for (filter, told) in pairs(MISFITS) {
        assert_eq!(problems(filter, &auto()), [told], "{filter}");
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let problems = Filter::compile(&parse("satte = \"CA\" and phone = \"1\" and zip = \"1\"").unwrap(), &auto()).unwrap_err();
    let parts: Vec<&str> = problems.iter().map(|problem| &*problem.part).collect();
    assert_eq!(parts, ["satte = \"CA\"", "phone = \"1\"", "zip = \"1\""]);
}

#[test]
fn what_can_never_or_must_always_hold_is_told() {
    let never = "no lead can meet this, so the contract would buy nothing by it";
    let auto = auto();
    for (filter, told) in [
        ("state in []", format!("`state in []`: {never}")),
        ("months_covered between 24 and 12", format!("`months_covered between 24 and 12`: {never}")),
        ("months_covered < 0", format!("`months_covered < 0`: {never}")),
        ("any(vehicles, year > 2028)", format!("`year > 2028`: {never}")),
        ("count(drivers) > 6", format!("`count(drivers) > 6`: {never}")),
        ("state = \"CA\" and (currently_insured and state = \"TX\")", "`state = \"CA\" and state = \"TX\"`: no lead can meet all of what is said of `state` here".into()),
        ("months_covered > 5 and months_covered < 6", "`months_covered > 5 and months_covered < 6`: no lead can meet all of what is said of `months_covered` here".into()),
        ("carrier = \"a\" and carrier != \"A\"", "`carrier = \"a\" and carrier != \"A\"`: no lead can meet all of what is said of `carrier` here".into()),
        ("absent(state) and state = \"CA\"", "`absent(state) and state = \"CA\"`: no lead can meet all of what is said of `state` here".into()),
        ("present(state) or absent(state)", "`present(state) or absent(state)`: every lead meets this, so it decides nothing".into()),
        ("zip = \"90210\" or not zip starts_with \"9\" or zip between \"90000\" and \"99999\"", "`zip = \"90210\" or not (zip starts_with \"9\") or zip between \"90000\" and \"99999\"`: every lead meets this, so it decides nothing".into()),
        ("currently_insured and currently_insured", "`currently_insured`: the same condition stands here twice".into()),
    ] {
        assert_eq!(problems(filter, &auto), [told], "{filter}");
    }
    for fine in [
        "present(state) or not currently_insured",
        "state = \"CA\" or state != \"CA\"",
        "any(drivers, age(dob) < 25) and any(drivers, age(dob) > 60)",
        "carrier starts_with \"a\" and carrier starts_with \"b\"",
        "not (state = \"CA\" or absent(state))",
    ] {
        assert_eq!(problems(fine, &auto), Vec::<String>::new(), "{fine}");
    }
}

#[test]
fn a_problem_knows_its_place_in_the_text() {
    let text = "currently_insured\n  and satte = \"CA\"";
    let problems = Filter::compile(&parse(text).unwrap(), &auto()).unwrap_err();
    assert_eq!(Place::of(text, problems[0].at), Place { line: 2, column: 7 });
}

#[test]
fn where_age_is_prohibited_nothing_steers_by_it() {
    let mortgage = |prohibited: &[&str]| {
        let dob = with_output(field("dob", Kind::Date), "is_62_or_over", Transform::AgeAtLeast(62));
        let mut lead_type = Arc::into_inner(lead_type(vec![dob, field("gender", words(&["male", "female"]))])).unwrap();
        lead_type.compliance.prohibited_use_fields = prohibited.iter().map(|what| Arc::from(*what)).collect();
        Arc::new(lead_type)
    };
    let lead_type = mortgage(&["age", "gender"]);
    for (filter, what) in [
        ("age(dob) > 30", "age"),
        ("dob < \"1990-01-01\"", "age"),
        ("gender = \"male\"", "gender"),
    ] {
        assert_eq!(
            problems(filter, &lead_type),
            [format!("`{filter}`: this lead type forbids steering by `{what}`")]
        );
    }
    for filter in ["is_62_or_over", "present(dob)"] {
        assert_eq!(problems(filter, &lead_type), Vec::<String>::new(), "{filter}");
    }
    assert_eq!(problems("age(dob) > 30", &mortgage(&[])), Vec::<String>::new());
}
