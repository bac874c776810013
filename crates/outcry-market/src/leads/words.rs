//! What people type into open boxes, by the name of the field. All names of firms are made up.

/// Texts for a field, if they are known here. None holds digits, so no scan can take one for a number to call.
pub(crate) fn usual(name: &str) -> Option<&'static [&'static str]> {
    WORDS.iter().find(|(known, _)| *known == name).map(|(_, texts)| *texts)
}

const WORDS: &[(&str, &[&str])] = &[
    ("country", &["US"]),
    ("consent_text_version", &["gmq-2026-09", "gmq-2026-06", "quick-form-b"]),
    ("sub_id", &["sub_1", "sub_2", "sub_3", "sub_4", "sub_5", "sub_6", "sub_7", "sub_8"]),
    ("user_agent", USER_AGENTS),
    (
        "current_carrier",
        &[
            "Example Mutual",
            "Sample Casualty",
            "Placeholder Insurance",
            "Specimen Assurance",
            "Stand-in Health Plan",
            "Not listed",
        ],
    ),
    (
        "utility_provider",
        &[
            "Example Power Co",
            "Sample Light and Water",
            "Placeholder Electric",
            "Specimen Energy Cooperative",
        ],
    ),
    (
        "employer_name",
        &[
            "Example Works Inc.",
            "Sample Freight LLC",
            "Placeholder Foods",
            "Specimen Schools",
            "Self",
        ],
    ),
    ("bank_name", &["Example Bank", "Sample Savings", "Placeholder Credit Union"]),
    (
        "occupation",
        &[
            "Teacher",
            "Electrician",
            "Nurse",
            "Driver",
            "Clerk",
            "Engineer",
            "Cook",
            "Retired",
            "Cashier",
            "Welder",
        ],
    ),
    (
        "project_description",
        &[
            "Two bedroom windows do not close.",
            "The gutter over the porch hangs loose.",
            "It leaks when the wind comes from the west.",
            "We would like it done before the holidays.",
        ],
    ),
    (
        "comments",
        &[
            "Please call after work.",
            "Mornings are best.",
            "Send a text before you call.",
            "I have had two offers already.",
        ],
    ),
    (
        "case_description",
        &[
            "Hit from behind at a red light.",
            "The other car ran a stop sign.",
            "Side-swiped while changing lanes on the highway.",
        ],
    ),
    ("product", &["Example weed killer", "Sample hair relaxer", "Specimen implant"]),
    ("facility", &["Example Hall", "Sample County Hospital", "Specimen Base"]),
    ("trim", &["SE", "LX", "Limited", "Sport", "Touring"]),
    ("fcra_consent_text", &[FCRA]),
];

const FCRA: &str = "I provide written instructions under the Fair Credit Reporting Act for Example Loans LLC to obtain my credit profile for this request.";

const USER_AGENTS: &[&str] = &[
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
    "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
];
