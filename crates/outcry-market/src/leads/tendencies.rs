//! What most people tick, by the name of the field. What is not named here is ticked evenly.

use crate::chance::Share;

/// How often a yes-or-no question is answered with yes.
pub(crate) fn yes(name: &str) -> Share {
    let percent = YES.iter().find(|(known, _)| *known == name).map_or(22, |(_, percent)| *percent);
    Share::percent(percent)
}

/// The answer that most give, and how often.
pub(crate) fn favourite(name: &str) -> Option<(&'static str, Share)> {
    FAVOURITES
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(_, word, percent)| (*word, Share::percent(*percent)))
}

const YES: &[(&str, u16)] = &[
    // without these there would be nothing to sell
    ("consent_given", 100),
    ("consent_call", 100),
    ("consent_sms", 96),
    ("consent_email", 97),
    ("tpmo_disclaimer_shown", 100),
    ("contact_reason_agreed", 100),
    ("selected", 100),
    // what the law or the trade bars, or all but bars
    ("from_credit_trigger", 0),
    ("fcra_consent", 30),
    ("is_test", 0),
    ("currently_represented", 6),
    ("settlement_received", 2),
    ("prior_claim", 4),
    // the rest of life
    ("currently_insured", 82),
    ("has_part_a", 97),
    ("has_part_b", 93),
    ("medicare_or_medicaid", 6),
    ("exposed", 96),
    ("diagnosed", 88),
    ("has_proof", 70),
    ("physical_injury", 91),
    ("treated", 86),
    ("police_report", 78),
    ("own_insurance", 80),
    ("employed", 84),
    ("direct_deposit", 88),
    ("has_checking_account", 95),
    ("has_qualifying_event", 55),
    ("property_same_as_mailing", 92),
    ("residential", 96),
    ("has_solar", 4),
    ("sr22_required", 3),
    ("commercial_use", 3),
    ("commercial_vehicle_involved", 12),
    ("salvage", 1),
    ("tobacco", 14),
    ("active_military", 3),
    ("bankruptcy_active", 3),
    ("injured_party_deceased", 7),
];

const FAVOURITES: &[(&str, &str, u16)] = &[
    ("opt_in_type", "manual", 100),
    ("language", "en", 88),
    ("own_home", "yes", 86),
    ("at_fault", "no", 80),
    ("cited_party", "other_driver", 70),
    ("accident_type", "car", 70),
    ("license_status", "active", 95),
    ("credit_rating", "good", 40),
    ("occupancy", "primary", 85),
    ("property_use", "primary", 85),
    ("property_type", "single_family", 70),
    ("bankruptcy", "none", 90),
    ("foreclosure", "none", 94),
    ("employment_status", "employed_full_time", 70),
    ("claimant_relationship", "self", 80),
    ("roof_shade", "no_shade", 60),
    ("parking", "driveway", 50),
    ("ownership", "finance", 50),
    ("primary_use", "commute_work", 65),
    ("current_coverage", "original_medicare", 45),
    ("tort", "roundup", 30),
    ("diagnosis", "non_hodgkin_lymphoma", 40),
    ("payment_status", "struggling", 35),
];
