//! Telephone numbers that ring nowhere, a different one for each lead.

use super::people::AREA_CODES;
use crate::chance::mix;

/// Lines 0100 to 0199 of exchange 555 are set aside for fiction, in each area code.
const FICTION: u64 = 100;
/// Every line of exchange 555 that is neither fiction nor one of the two that are answered (1212 and 4334).
const SPARE: u64 = 10_000 - FICTION - 2;
/// Area codes `N9X` are kept back for the day when numbers grow longer: nobody has one.
const EXPANSION_AREAS: u64 = 8 * 10;
/// With eight hundred exchanges of ten thousand lines each.
const EXPANSION_LINES: u64 = EXPANSION_AREAS * 800 * 10_000;

/// The number of lead `n` in E.164, unique in `n` for one seed:
///
/// | n | number |
/// |---|---|
/// | the first 34,000 or so | `555-01xx` in every area code of the United States: set aside for fiction |
/// | the next three million | other lines of exchange 555, which is in no local use any more |
/// | after that | area codes with a 9 in the middle, which do not exist: 640 million before one returns |
///
/// The seed only turns each ring, so two seeds share numbers: people of two markets must not meet in one set of books.
pub(crate) fn number(seed: u64, n: u64) -> String {
    let areas = AREA_CODES.len() as u64;
    let (fiction, spare) = (areas * FICTION, areas * SPARE);
    if n < fiction {
        let at = turn(seed, n, fiction);
        return write(area(at % areas), 555, 100 + at / areas);
    }
    if n < fiction + spare {
        let at = turn(seed, n - fiction, spare);
        return write(area(at % areas), 555, spare_line(at / areas));
    }
    expansion(turn(seed, n - fiction - spare, EXPANSION_LINES))
}

/// A second number for the same lead, out of the area codes that do not exist. Beyond three million leads it may be
/// somebody's first.
pub(crate) fn second(seed: u64, n: u64) -> String {
    expansion(turn(seed, n, EXPANSION_LINES))
}

fn expansion(at: u64) -> String {
    const PER_AREA: u64 = EXPANSION_LINES / EXPANSION_AREAS;
    let (area, line) = (at / PER_AREA, at % PER_AREA);
    write((2 + area / 10) * 100 + 90 + area % 10, 200 + line / 10_000, line % 10_000)
}

/// Walks a ring of `len` places in a stride that shares no factor with any `len`, from a start that the seed gives:
/// each place once before the first returns.
fn turn(seed: u64, n: u64, len: u64) -> u64 {
    const STRIDE: u64 = 1_000_003;
    let at = (u128::from(n) * u128::from(STRIDE) + u128::from(mix(seed))) % u128::from(len);
    u64::try_from(at).expect("a remainder is below its divisor")
}

fn area(at: u64) -> u64 {
    u64::from(AREA_CODES[usize::try_from(at).expect("a position in a table fits")])
}

/// The `at`-th line that is neither fiction (0100 to 0199) nor 1212 nor 4334.
fn spare_line(at: u64) -> u64 {
    let line = if at < 100 { at } else { at + FICTION };
    let line = line + u64::from(line >= 1212);
    line + u64::from(line >= 4334)
}

fn write(area: u64, exchange: u64, line: u64) -> String {
    format!("+1{area:03}{exchange:03}{line:04}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_first_numbers_are_all_fiction_and_all_different() {
        let first = AREA_CODES.len() as u64 * FICTION;
        let seen: HashSet<String> = (0..first).map(|n| number(9, n)).collect();
        assert_eq!(seen.len() as u64, first);
        assert!(seen.iter().all(|number| number.len() == 12 && &number[5..9] == "5550"), "555-01xx");
    }

    #[test]
    fn numbers_stay_different_across_the_three_ranges() {
        let areas = AREA_CODES.len() as u64;
        let (second, third) = (areas * FICTION, areas * 10_000 - areas * 2);
        let seen: HashSet<String> = [0, second, third]
            .iter()
            .flat_map(|start| (*start..start + 20_000).map(|n| number(3, n)))
            .collect();
        assert_eq!(seen.len(), 60_000);
    }

    #[test]
    fn lines_that_are_answered_are_left_out() {
        let lines: HashSet<u64> = (0..SPARE).map(spare_line).collect();
        assert_eq!(lines.len() as u64, SPARE);
        assert!(
            lines
                .iter()
                .all(|line| *line < 10_000 && !(100..200).contains(line) && *line != 1212 && *line != 4334)
        );
    }

    #[test]
    fn area_codes_are_unique_and_none_is_toll_free() {
        let seen: HashSet<u16> = AREA_CODES.iter().copied().collect();
        assert_eq!(seen.len(), AREA_CODES.len());
        assert!(
            AREA_CODES
                .iter()
                .all(|code| (201..=989).contains(code) && code % 100 != code / 100 * 11 && code / 10 % 10 != 9)
        );
    }
}
