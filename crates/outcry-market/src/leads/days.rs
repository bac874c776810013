//! When things happen in the life of a lead, in days from today, by the name of the field.

/// From and to, in days from today; the past is negative.
pub(crate) fn usual(name: &str) -> (i64, i64) {
    DAYS.iter()
        .find(|(known, ..)| *known == name)
        .map_or((-365, -1), |(_, from, to)| (*from, *to))
}

const DAYS: &[(&str, i64, i64)] = &[
    ("current_policy_started_on", -1_400, -190),
    ("current_policy_expires_on", 3, 175),
    ("current_coverage_ends_on", -25, 60),
    ("desired_start_date", 5, 60),
    ("purchase_date", -7_000, -40),
    ("incident_date", -600, -6),
    ("next_pay_date", 1, 14),
    ("appointment_at", 1, 9),
    // in the records of drivers and houses
    ("date", -1_600, -30),
];
