//! What people answer when a form asks for a number, by the name of the field.

/// Where answers lie: from, to, and the step people round to. Decimals are counted in tenths.
pub(crate) struct Amount {
    pub(crate) name: &'static str,
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) step: i64,
}

const fn of(name: &'static str, low: i64, high: i64, step: i64) -> Amount {
    Amount { name, low, high, step }
}

/// The usual range of a field, if it is known here.
pub(crate) fn usual(name: &str) -> Option<&'static Amount> {
    AMOUNTS.iter().find(|amount| amount.name == name)
}

/// Ranges that belong together do not overlap where one must be below the other: what is owed on a house is below
/// what it is worth, and an exposure begins before it ends.
const AMOUNTS: &[Amount] = &[
    // income and debt
    of("annual_income", 24_000, 160_000, 500),
    of("household_income", 18_000, 120_000, 500),
    of("monthly_income", 1_800, 8_500, 50),
    of("monthly_debt", 150, 2_400, 10),
    of("monthly_payment", 120, 1_600, 10),
    of("housing_payment", 500, 2_600, 25),
    of("total_unsecured_debt", 7_500, 85_000, 500),
    of("tax_debt_amount", 0, 22_000, 500),
    of("amount", 900, 26_000, 100),
    of("monthly_expenses", 900, 5_000, 50),
    // loans and houses
    of("property_value", 240_000, 900_000, 5_000),
    of("home_value", 180_000, 900_000, 5_000),
    of("mortgage_balance", 60_000, 235_000, 1_000),
    of("second_mortgage_balance", 0, 40_000, 500),
    of("cash_out_amount", 0, 80_000, 1_000),
    of("dwelling_coverage_amount", 150_000, 700_000, 5_000),
    of("down_payment_percent", 30, 250, 5),
    of("mortgage_rate", 28, 84, 1),
    of("late_payments_12m", 0, 2, 1),
    of("year_built", 1_925, 2_022, 1),
    of("square_feet", 850, 3_900, 10),
    of("bedrooms", 2, 5, 1),
    of("bathrooms", 10, 40, 5),
    of("stories", 10, 30, 5),
    of("roof_age_years", 0, 28, 1),
    of("years_at_residence", 0, 25, 1),
    of("months_at_residence", 2, 180, 1),
    // work and bank
    of("months_at_employer", 3, 200, 1),
    of("months_with_bank", 6, 240, 1),
    // insurance
    of("continuous_coverage_months", 1, 120, 1),
    of("years_with_carrier", 0, 14, 1),
    of("property_damage_limit", 25_000, 100_000, 25_000),
    of("coverage_amount", 25_000, 750_000, 25_000),
    of("paid_amount", 400, 14_000, 100),
    of("damage_amount", 300, 9_000, 100),
    // drivers and cars
    of("age_first_licensed", 16, 24, 1),
    of("annual_mileage", 4_000, 19_000, 500),
    of("one_way_miles", 1, 38, 1),
    of("commute_days_per_week", 1, 5, 1),
    // body and household
    of("height_in", 59, 76, 1),
    of("weight_lb", 112, 265, 1),
    of("household_size", 1, 6, 1),
    // injuries
    of("exposure_start_year", 1_978, 2_001, 1),
    of("exposure_end_year", 2_002, 2_014, 1),
    of("diagnosis_year", 2_015, 2_025, 1),
    // the visit
    of("session_seconds", 35, 540, 1),
];
