//! What the trade calls things: a buyer's name for a value into what it most likely means.

use std::sync::LazyLock;

/// What a name most likely means in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A field of the lead.
    Field(&'static str),
    /// The age, from the date of birth.
    Age,
    /// A part of the date of birth: `%Y`, `%m`, `%d`.
    BirthPart(&'static str),
    /// First and last name in one.
    FullName,
    /// What stands behind the @ of the e-mail address.
    EmailDomain,
    /// A key, a password, a token.
    Secret,
    /// An account, a campaign, a number of the buyer's that differs from contract to contract.
    Account,
    /// A word that tells the buyer what to do.
    Control,
    /// Our id of the call.
    OurId,
    /// The buyer's id of its bid, sent back.
    BidId,
    /// The price that was bid.
    BidPrice,
    /// Is it a test?
    Test,
    /// The moment of the call.
    Now,
    /// How long we wait.
    WaitMs,
    /// Nobody knows.
    Unknown,
}

/// Fields by what they are called elsewhere: a field a line, letters and digits of the other names only, in lower case.
static FIELDS: LazyLock<Vec<(&str, Vec<&str>)>> = LazyLock::new(|| {
    let lines = include_str!("names.txt").lines().filter_map(|line| line.split_once(':'));
    lines.map(|(field, others)| (field, others.split_whitespace().collect())).collect()
});

/// Lists of rows by what they are called, and the prefixes of rows laid out flat.
const LISTS: &[(&str, &[&str])] = &[
    ("drivers", &["drivers", "driver", "drv"]),
    ("vehicles", &["vehicles", "vehicle", "veh", "cars", "car", "auto"]),
    ("dependents", &["dependents", "dependent", "members", "children", "child"]),
    ("claims", &["claims", "claim"]),
];

/// Fields of rows.
const ROW_FIELDS: &[(&str, &[&str])] = &[
    (
        "relationship",
        &["relationship", "relation", "relationshiptopolicyholder", "relationshiptoinsured"],
    ),
    ("dob", &["birthdate", "dateofbirth", "birthday"]),
    ("license_status", &["licensestatus", "licstatus"]),
    ("license_state", &["licensestate", "licensedstate", "driverlicensestate"]),
    (
        "sr22_required",
        &["sr22required", "sr22", "srtwentytwo", "filingrequired", "requiressr22"],
    ),
    ("annual_miles", &["annualmiles", "annualmileage", "mileage"]),
    ("ownership", &["ownership", "owned", "leased", "ownedorleased"]),
    ("primary_use", &["primaryuse", "use", "vehicleuse"]),
    ("trim", &["trim", "submodel"]),
];

const SECRETS: [&str; 9] = [
    "key",
    "token",
    "secret",
    "password",
    "passwd",
    "pass",
    "auth",
    "authorizationcode",
    "signature",
];
const ACCOUNTS: &[&str] = &[
    "src",
    "source",
    "sourceid",
    "sourcename",
    "type",
    "typeid",
    "leadtype",
    "leadtypeid",
    "vertical",
    "verticalid",
    "campaign",
    "campaignid",
    "campid",
    "cid",
    "publisher",
    "publisherid",
    "affiliate",
    "affiliateid",
    "affid",
    "aid",
    "vendor",
    "vendorid",
    "partner",
    "partnerid",
    "supplier",
    "supplierid",
    "account",
    "accountid",
    "producerid",
    "offerid",
    "buyerid",
    "clientid",
    "username",
    "user",
    "login",
    "ftemplateid",
    "fcampaignid",
    "fallocationid",
    "psid",
    "promocode",
    "trafficsourceid",
    "contractid",
    "sellerid",
    "networkid",
    "listid",
];
const CONTROLS: &[&str] = &[
    "mode",
    "leadmode",
    "action",
    "apiaction",
    "method",
    "format",
    "response",
    "responsetype",
    "lpresponse",
    "returnbestprice",
    "version",
    "request",
    "returnhashtype",
    "medium",
    "mediatype",
    "allowedtimessold",
    "redirect",
    "command",
    "op",
    "function",
    "currency",
];
const OUR_IDS: &[&str] = &[
    "externalid",
    "externalleadid",
    "requestid",
    "trackingid",
    "transactionid",
    "txid",
    "xid",
    "clientref",
    "reference",
    "sessionid",
    "correlationid",
    "njexternalleadid",
    "uniqueid",
    "vendorleadid",
    "sourceleadid",
];
const BID_IDS: &[&str] = &[
    "pingid",
    "bidid",
    "leadid",
    "auctionid",
    "leadauctionid",
    "pingtoken",
    "bidtoken",
    "quoteid",
    "offertoken",
    "confirmationid",
    "pingleadid",
    "tcpatoken",
    "matchid",
    "pinguid",
    "pinguuid",
];

/// A name without what differs from buyer to buyer: case, blanks, underscores.
pub(super) fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// The last part of a dotted or bracketed name, and what stands before it.
fn own(name: &str) -> &str {
    let mut parts = name.split(['.', '[', ']', ':']).filter(|part| !part.is_empty());
    parts.next_back().unwrap_or(name)
}

/// The plain name, and the same without the words that stand before it in many shops.
fn readings(name: &str) -> Vec<String> {
    const BEFORE: [&str; 9] = [
        "lead",
        "contact",
        "customer",
        "consumer",
        "applicant",
        "primary",
        "person",
        "user",
        "lp",
    ];
    let name = plain(own(name));
    let shorter = BEFORE
        .iter()
        .filter_map(|word| name.strip_prefix(word))
        .filter(|rest| 1 < rest.len());
    let shorter: Vec<String> = shorter.map(str::to_owned).collect();
    std::iter::once(name).chain(shorter).collect()
}

/// The field of a name.
fn field(name: &str) -> Option<&'static str> {
    let found = FIELDS.iter().find(|(field, others)| plain(field) == name || others.contains(&name));
    found.map(|(field, _)| *field)
}

fn find(table: &[(&'static str, &[&str])], name: &str) -> Option<&'static str> {
    let found = table.iter().find(|(field, others)| plain(field) == name || others.contains(&name));
    found.map(|(field, _)| *field)
}

/// What a name means in a request.
pub(super) fn meaning(name: &str) -> Meaning {
    let readings = readings(name);
    let first = readings[0].as_str();
    let any = |words: &[&str]| readings.iter().any(|name| words.contains(&name.as_str()));
    if any(BID_IDS) {
        return Meaning::BidId;
    }
    if let Some(special) = special(&readings) {
        return special;
    }
    if let Some(field) = readings.iter().find_map(|name| field(name)) {
        return Meaning::Field(field);
    }
    if any(OUR_IDS) {
        Meaning::OurId
    } else if SECRETS.iter().any(|word| first == *word || first.ends_with(word)) {
        Meaning::Secret
    } else if any(ACCOUNTS) {
        Meaning::Account
    } else if any(CONTROLS) {
        Meaning::Control
    } else {
        Meaning::Unknown
    }
}

fn special(readings: &[String]) -> Option<Meaning> {
    let any = |words: &[&str]| readings.iter().any(|name| words.contains(&name.as_str()));
    if any(&["age"]) {
        Some(Meaning::Age)
    } else if any(&["birthyear", "dobyear", "yearofbirth", "yyyy", "doby"]) {
        Some(Meaning::BirthPart("%Y"))
    } else if any(&["birthmonth", "dobmonth", "monthofbirth", "mm", "dobm"]) {
        Some(Meaning::BirthPart("%m"))
    } else if any(&["birthday2", "dobday", "dayofbirth", "dd", "dobd"]) {
        Some(Meaning::BirthPart("%d"))
    } else if any(&["name", "fullname"]) {
        Some(Meaning::FullName)
    } else if any(&["emaildomain"]) {
        Some(Meaning::EmailDomain)
    } else if any(&["test", "istest", "testmode", "testlead", "lptest", "debug"]) {
        Some(Meaning::Test)
    } else if any(&["price", "bidprice", "bid", "bidamount", "payout", "sellprice"]) {
        Some(Meaning::BidPrice)
    } else if any(&["timestamp", "createdat", "leadcreatedat", "submittedat", "datetime", "submitdate"]) {
        Some(Meaning::Now)
    } else if any(&["maxresponsetime", "timeoutms", "timeout", "waitms"]) {
        Some(Meaning::WaitMs)
    } else {
        None
    }
}

/// The list of the lead that a name speaks of.
pub(super) fn list(name: &str) -> Option<&'static str> {
    find(LISTS, &plain(own(name)))
}

/// `Driver1_Birthdate`: the list, the row from zero, the name inside.
pub(super) fn in_flat_row(name: &str) -> Option<(&'static str, usize, &str)> {
    let digit = name.find(|letter: char| letter.is_ascii_digit())?;
    let list = find(LISTS, &plain(&name[..digit]))?;
    let rest = &name[digit..];
    let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
    let row = rest[..end].parse::<usize>().ok()?.checked_sub(1)?;
    let inner = rest[end..].trim_start_matches(['_', '-', '.']);
    (!inner.is_empty()).then_some((list, row, inner))
}

/// What a name inside of a row means.
pub(super) fn in_row(name: &str) -> Option<&'static str> {
    let name = plain(own(name));
    find(ROW_FIELDS, &name)
}

/// Does it name something of a person, or a key of ours?
pub(super) fn speaks_of_a_lead(path: &[String]) -> bool {
    let Some(name) = path.last() else { return false };
    matches!(
        meaning(name),
        Meaning::Field(_) | Meaning::Secret | Meaning::Account | Meaning::FullName | Meaning::Age | Meaning::BirthPart(_)
    ) && !matches!(plain(name).as_str(), "message" | "comments" | "token" | "type" | "state")
        || path.first().is_some_and(|root| matches!(plain(root).as_str(), "request" | "lead"))
}

/// Does it name what an answer says?
pub(super) fn speaks_of_an_answer(path: &[String]) -> bool {
    let Some(name) = path.last() else { return false };
    [STATUS, PRICE, REASON, REDIRECT]
        .iter()
        .any(|words| words.contains(&plain(name).as_str()))
        || path
            .first()
            .is_some_and(|root| matches!(plain(root).as_str(), "response" | "result" | "pingresponse" | "postresponse"))
}

/// Where an answer says what came of it, the likeliest first.
pub(super) const STATUS: &[&str] = &[
    "status",
    "result",
    "outcome",
    "leadstatus",
    "bidstatus",
    "decision",
    "disposition",
    "accepted",
    "success",
    "matched",
    "issuccess",
    "isvalid",
    "sold",
    "response",
    "code",
    "statuscode",
    "responsecode",
    "resultcode",
    "message",
    "msg",
];
/// Where it says a price.
pub(super) const PRICE: &[&str] = &[
    "price",
    "payout",
    "bid",
    "bidprice",
    "bidamount",
    "payoutamount",
    "leadprice",
    "amount",
    "cost",
    "revenue",
    "totalprice",
    "value",
];
/// Where it says why.
pub(super) const REASON: &[&str] = &[
    "reason",
    "rejectionreason",
    "rejectreason",
    "unmatchedreason",
    "error",
    "errors",
    "errormessage",
    "message",
    "msg",
    "errordescription",
    "description",
    "details",
    "detail",
    "text",
];
/// Where it says where the person should go.
pub(super) const REDIRECT: &[&str] = &["redirect", "redirecturl", "redirectlink", "redirecturi", "url", "thankyouurl"];
/// How it names its own ids, the likeliest first.
pub(super) const IDS: &[&str] = &[
    "bidid",
    "pingid",
    "leadid",
    "auctionid",
    "leadauctionid",
    "transactionid",
    "confirmationid",
    "reference",
    "referenceid",
    "refid",
    "id",
    "uuid",
    "uid",
    "token",
    "pingtoken",
    "leaduuid",
];
/// How it names who would buy.
pub(super) const BUYER: &[&str] = &[
    "buyername",
    "buyer",
    "tcpaname",
    "companyname",
    "company",
    "brand",
    "brandname",
    "advertiser",
    "carrier",
    "name",
];
/// How long a bid stands.
pub(super) const EXPIRES: &[&str] = &["expiresseconds", "expiresin", "expireinseconds", "ttl", "expiryseconds", "validfor"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trade_s_names_are_known() {
        for (name, field) in [
            ("First_Name", "first_name"),
            ("Lead.FirstName", "first_name"),
            ("form[telephone]", "phone"),
            ("primary_phone", "phone"),
            ("Zip_Code", "zip"),
            ("postalCode", "zip"),
            ("xxTrustedFormCertUrl", "trustedform_cert_url"),
            ("leadid_token", "jornaya_leadid"),
            ("Attributes.MonthlyElectricBillAvg", "monthly_electric_bill"),
            ("ip", "ip_address"),
        ] {
            assert_eq!(meaning(name), Meaning::Field(field), "{name}");
        }
        for (name, expected) in [
            ("lp_key", Meaning::Secret),
            ("api_key", Meaning::Secret),
            ("lp_campaign_id", Meaning::Account),
            ("API_Action", Meaning::Control),
            ("lp_ping_id", Meaning::BidId),
            ("Lead_ID", Meaning::BidId),
            ("Birth_Month", Meaning::BirthPart("%m")),
            ("shoe_size", Meaning::Unknown),
        ] {
            assert_eq!(meaning(name), expected, "{name}");
        }
        assert_eq!(in_flat_row("Driver1_Birthdate"), Some(("drivers", 0, "Birthdate")));
        assert_eq!(in_flat_row("Veh2_Make"), Some(("vehicles", 1, "Make")));
        assert_eq!(in_flat_row("phone1"), None);
    }
}
