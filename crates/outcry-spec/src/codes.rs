//! The page behind each diagnostic code: what it means, why it is one, and an example wrong and right.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: &str = $code;)*

        /// Every code with its page, by code.
        pub const PAGES: &[(&str, &str)] = &[$(($code, include_str!(concat!("codes/", $code, ".md")))),*];
    };
}

codes! {
    TOML_SYNTAX = "OC0101";
    UNKNOWN_KEY = "OC0102";
    WRONG_TYPE = "OC0103";
    MISSING_KEY = "OC0104";
    BAD_NAME = "OC0105";
    DUPLICATE_NAME = "OC0106";
    VARIABLE_UNDEFINED = "OC0107";
    FILE_NOT_READ = "OC0108";

    MISSING_REFERENCE = "OC0201";
    SOURCE_WITHOUT_CAMPAIGN = "OC0202";
    CAMPAIGN_IDLE = "OC0203";

    BAD_MONEY = "OC0301";
    BAD_SHARE = "OC0302";
    OUT_OF_BOUNDS = "OC0303";
    UNKNOWN_WORD = "OC0304";
    UNKNOWN_ZONE = "OC0305";
    BAD_CURRENCY = "OC0306";
    BAD_ADDRESS = "OC0307";
    ADDRESS_WITHOUT_TLS = "OC0308";
    BAD_PLACEHOLDER = "OC0309";
    PAYOUT_OUT_OF_REACH = "OC0310";
    PAYOUT_AND_MARGIN = "OC0311";
    BAD_BANDS = "OC0312";
    BAD_HOURS = "OC0313";
    BAD_CHANGE = "OC0314";
    BAD_LADDER = "OC0315";

    FILTER_SYNTAX = "OC0401";
    FILTER_PROBLEM = "OC0402";
    NEVER_REACHABLE = "OC0403";
    PING_IDENTIFIES = "OC0404";
    PING_FIELD_UNKNOWN = "OC0405";
    PING_KEPT_HOME = "OC0406";
    BID_WITHOUT_PING = "OC0407";
    DISTRIBUTION_PROBLEM = "OC0420";

    LIST_APPLIES_NOWHERE = "OC0940";
    LIST_HASH = "OC0941";
    LIST_FIELD = "OC0942";
    LIST_LIVE_AND_AGED = "OC0943";
    DUPLICATE_FIELD = "OC0944";
    DUPLICATES_TWICE = "OC0945";

    MISSING_SECRET = "OC0501";
    LITERAL_KEY = "OC0502";
    KEY_SHARED = "OC0503";

    BAD_SPAN = "OC0960";
    BAD_DAY = "OC0961";
    OPEN_CONSENT = "OC0962";
    TEXT_PROBLEM = "OC0963";
    RULE_PROBLEM = "OC0964";
    CHECK_PROBLEM = "OC0965";
    COMPUTE_PROBLEM = "OC0966";

    INTEGRATION_PROBLEM = "OC0601";
    EXAMPLE_FAILED = "OC0602";
    PARAMS_PROBLEM = "OC0603";
    LEAD_TYPE_PROBLEM = "OC0604";
    REPLACES_BUILT_IN = "OC0605";

    PROMISE_BROKEN = "OC0900";
    BAD_POSTBACK_SECRET = "OC0901";

    CAP_NEEDS_NAME = "OC0920";
    BAD_CAP = "OC0921";
    CAP_NEVER_BINDS = "OC0922";
    BAD_SCHEDULE = "OC0923";
    BAD_DATE = "OC0924";
    PLACES_PROBLEM = "OC0980";
}

/// The page on a code, in Markdown; any case of the letters will do.
pub fn explain(code: &str) -> Option<&'static str> {
    PAGES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(code))
        .map(|(_, page)| *page)
}
