//! Many filters asked at once.

use super::*;

fn compiled(filters: &[String]) -> Vec<Filter> {
    let lead_type = auto();
    let compile = |text: &String| Filter::compile(&parse(text).unwrap(), &lead_type).unwrap();
    filters.iter().map(compile).collect()
}

/// Asks all of them together and each alone, for each lead.
fn check(filters: &[Filter], notes: impl Iterator<Item = String>) {
    let refs: Vec<&Filter> = filters.iter().collect();
    let index = Index::new(&refs);
    assert_eq!(index.filters(), filters.len());
    let lead_type = auto();
    for notes in notes {
        let lead = lead(&lead_type, &notes);
        let mut open = Bits::all(filters.len());
        index.sift(|at| refs[at], &lead, now(), &mut open);
        let alone: Vec<usize> = (0..filters.len()).filter(|at| refs[*at].admits(&lead, now()).is_ok()).collect();
        assert_eq!(open.iter().collect::<Vec<_>>(), alone, "{notes}");
    }
}

#[test]
fn long_zip_lists_share_rows_and_are_still_matched_code_by_code() {
    let every = |step: usize, from: usize| {
        let zips: Vec<String> = (from..100_000).step_by(step).map(|zip| format!("\"{zip:05}\"")).collect();
        format!("zip in [{}]", zips.join(","))
    };
    let filters: Vec<String> = [(2, 0), (2, 1), (3, 0), (7, 5), (60, 1)]
        .map(|(step, from)| every(step, from))
        .to_vec();
    let filters = compiled(&filters);
    let refs: Vec<&Filter> = filters.iter().collect();
    let index = Index::new(&refs);
    let lead_type = auto();
    for zip in (0..100_000).step_by(13) {
        let mut open = Bits::all(filters.len());
        index.sift(|at| refs[at], &lead(&lead_type, &format!("zip {zip:05}")), now(), &mut open);
        let expected: Vec<usize> = [(2, 0), (2, 1), (3, 0), (7, 5), (60, 1)]
            .iter()
            .enumerate()
            .filter(|(_, (step, from))| zip >= *from && (zip - from) % step == 0)
            .map(|(at, _)| at)
            .collect();
        assert_eq!(open.iter().collect::<Vec<_>>(), expected, "{zip:05}");
    }
}

#[test]
fn more_texts_than_there_are_rows_are_asked_one_by_one() {
    let filters: Vec<String> = (0..5_000)
        .map(|n| format!("carrier = \"Carrier {n}\" and months_covered >= {}", n % 700 + 1))
        .collect();
    let notes = [
        "carrier CARRIER 17; months_covered 18",
        "carrier carrier 4999; months_covered 9",
        "months_covered 20",
        "",
    ];
    check(&compiled(&filters), notes.into_iter().map(String::from));
}

#[test]
fn two_conditions_of_one_filter_on_one_value_both_count() {
    let filters: Vec<String> = (1..90)
        .map(|n| format!("months_covered >= {n} and months_covered <= {}", n + 3))
        .collect();
    check(&compiled(&filters), (0..100).map(|n| format!("months_covered {n}")));
}

#[test]
fn a_condition_that_many_have_is_asked_once_and_counts_for_each() {
    let filters: Vec<String> = (0..40)
        .map(|n| match n % 3 {
            0 => "any(drivers, age(dob) < 25)".to_owned(),
            1 => format!("any(drivers, age(dob) < 25) and months_covered > {n}"),
            _ => format!("any(drivers, age(dob) < {n})"),
        })
        .collect();
    let notes = ["drivers [dob 2004-05-06]; months_covered 20", "drivers [dob 1980-05-06]", ""];
    check(&compiled(&filters), notes.into_iter().map(String::from));
}
