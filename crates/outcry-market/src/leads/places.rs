//! Where people live: ZIP codes with the city, state and county they belong to, all real.

/// One ZIP code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Five digits.
    pub(crate) zip: &'static str,
    /// The city the post office knows it by.
    pub(crate) city: &'static str,
    /// Two letters.
    pub(crate) state: &'static str,
    /// Five digits of the county (FIPS).
    pub(crate) county: &'static str,
}

const fn at(zip: &'static str, city: &'static str, state: &'static str, county: &'static str) -> Place {
    Place { zip, city, state, county }
}

/// Big states have several rows, so they come up more often.
pub(crate) const PLACES: &[Place] = &[
    at("75201", "Dallas", "TX", "48113"),
    at("77002", "Houston", "TX", "48201"),
    at("78701", "Austin", "TX", "48453"),
    at("78205", "San Antonio", "TX", "48029"),
    at("76102", "Fort Worth", "TX", "48439"),
    at("79901", "El Paso", "TX", "48141"),
    at("90012", "Los Angeles", "CA", "06037"),
    at("92101", "San Diego", "CA", "06073"),
    at("94103", "San Francisco", "CA", "06075"),
    at("95814", "Sacramento", "CA", "06067"),
    at("95113", "San Jose", "CA", "06085"),
    at("93721", "Fresno", "CA", "06019"),
    at("10001", "New York", "NY", "36061"),
    at("11201", "Brooklyn", "NY", "36047"),
    at("14202", "Buffalo", "NY", "36029"),
    at("33130", "Miami", "FL", "12086"),
    at("32801", "Orlando", "FL", "12095"),
    at("33602", "Tampa", "FL", "12057"),
    at("32202", "Jacksonville", "FL", "12031"),
    at("30303", "Atlanta", "GA", "13121"),
    at("31401", "Savannah", "GA", "13051"),
    at("60602", "Chicago", "IL", "17031"),
    at("62701", "Springfield", "IL", "17167"),
    at("19103", "Philadelphia", "PA", "42101"),
    at("15222", "Pittsburgh", "PA", "42003"),
    at("43215", "Columbus", "OH", "39049"),
    at("44114", "Cleveland", "OH", "39035"),
    at("45202", "Cincinnati", "OH", "39061"),
    at("28202", "Charlotte", "NC", "37119"),
    at("27601", "Raleigh", "NC", "37183"),
    at("48226", "Detroit", "MI", "26163"),
    at("49503", "Grand Rapids", "MI", "26081"),
    at("85004", "Phoenix", "AZ", "04013"),
    at("85701", "Tucson", "AZ", "04019"),
    at("98101", "Seattle", "WA", "53033"),
    at("99201", "Spokane", "WA", "53063"),
    at("89101", "Las Vegas", "NV", "32003"),
    at("89501", "Reno", "NV", "32031"),
    at("97204", "Portland", "OR", "41051"),
    at("80202", "Denver", "CO", "08031"),
    at("80903", "Colorado Springs", "CO", "08041"),
    at("84111", "Salt Lake City", "UT", "49035"),
    at("83702", "Boise", "ID", "16001"),
    at("59601", "Helena", "MT", "30049"),
    at("82001", "Cheyenne", "WY", "56021"),
    at("87102", "Albuquerque", "NM", "35001"),
    at("73102", "Oklahoma City", "OK", "40109"),
    at("74103", "Tulsa", "OK", "40143"),
    at("67202", "Wichita", "KS", "20173"),
    at("64106", "Kansas City", "MO", "29095"),
    at("63101", "Saint Louis", "MO", "29510"),
    at("72201", "Little Rock", "AR", "05119"),
    at("70112", "New Orleans", "LA", "22071"),
    at("39201", "Jackson", "MS", "28049"),
    at("35203", "Birmingham", "AL", "01073"),
    at("37203", "Nashville", "TN", "47037"),
    at("38103", "Memphis", "TN", "47157"),
    at("40202", "Louisville", "KY", "21111"),
    at("46204", "Indianapolis", "IN", "18097"),
    at("53202", "Milwaukee", "WI", "55079"),
    at("55401", "Minneapolis", "MN", "27053"),
    at("50309", "Des Moines", "IA", "19153"),
    at("68102", "Omaha", "NE", "31055"),
    at("58102", "Fargo", "ND", "38017"),
    at("57104", "Sioux Falls", "SD", "46099"),
    at("29201", "Columbia", "SC", "45079"),
    at("23219", "Richmond", "VA", "51760"),
    at("25301", "Charleston", "WV", "54039"),
    at("21201", "Baltimore", "MD", "24510"),
    at("20001", "Washington", "DC", "11001"),
    at("19801", "Wilmington", "DE", "10003"),
    at("07102", "Newark", "NJ", "34013"),
    at("06103", "Hartford", "CT", "09110"),
    at("02903", "Providence", "RI", "44007"),
    at("02108", "Boston", "MA", "25025"),
    at("03101", "Manchester", "NH", "33011"),
    at("05401", "Burlington", "VT", "50007"),
    at("04101", "Portland", "ME", "23005"),
    at("99501", "Anchorage", "AK", "02020"),
    at("96813", "Honolulu", "HI", "15003"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_zip_is_there_once_and_lies_in_a_county_of_its_state() {
        let zips: HashSet<_> = PLACES.iter().map(|place| place.zip).collect();
        assert_eq!(zips.len(), PLACES.len());
        let mut states: Vec<_> = PLACES.iter().map(|place| (place.state, &place.county[..2])).collect();
        states.sort_unstable();
        states.dedup();
        let names: HashSet<_> = states.iter().map(|(state, _)| state).collect();
        assert_eq!(names.len(), states.len(), "a state has one FIPS number, so one pair each");
        assert_eq!(names.len(), 51, "fifty states and the District of Columbia");
    }
}
