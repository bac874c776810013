//! Where ZIP codes lie: the list that comes with Outcry, or the operator's own `places.csv`.
//!
//! The built-in list is made from public data of the US Census Bureau: the points of the ZIP Code Tabulation Areas of 2021,
//! and the county that each lay in by the relationship file of 2010. It is kept packed, and unpacked when a filter first
//! asks for a place.

use crate::codes;
use crate::desk::{Desk, Problem};
use crate::document::Documents;
use outcry_core::places::{Places, ZipPlace};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// About 33,000 ZIP codes; see `docs/reference/filters.md` for where they come from.
const BUILT_IN: &[u8] = include_bytes!("places/us.bin");
/// What a packed list begins with.
const MAGIC: &[u8] = b"OCP1";
/// Stands for a county that is not known.
const NO_COUNTY: u16 = u16::MAX;
/// A mistake may go through the whole file; so many of its lines are named.
const TOLD_MAX: usize = 20;

/// The list that comes with Outcry.
pub fn built_in() -> Arc<Places> {
    static PLACES: LazyLock<Arc<Places>> = LazyLock::new(|| {
        let places = unpack(BUILT_IN).expect("a test reads the list that comes with the program");
        Arc::new(places)
    });
    PLACES.clone()
}

/// The operator's list, or the built-in one.
pub(crate) fn gather(desk: &Desk<'_>, documents: &Documents<'_>) -> Arc<Places> {
    let Some(file) = documents.places.first().copied() else {
        return built_in();
    };
    match read(&desk.files()[file].text) {
        Ok(places) => Arc::new(places),
        Err(problems) => {
            for (line, message) in problems.into_iter().take(TOLD_MAX) {
                let problem = Problem::error(codes::PLACES_PROBLEM, desk.line(file, line), message);
                desk.tell(problem.hint("a line is a ZIP code, degrees north, degrees east, and a county or nothing: 90210,34.1010,-118.4148,\"Los Angeles County, CA\""));
            }
            built_in()
        }
    }
}

/// Reads lines of `zip,latitude,longitude,county`; a first line that begins with a word is a heading.
///
/// # Errors
/// Every line that cannot be read, counted from 1, with what is wrong.
pub fn read(text: &str) -> Result<Places, Vec<(usize, String)>> {
    let mut counties = Counties::default();
    let (mut zips, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        let heading = number == 1 && line.starts_with(|first: char| first.is_ascii_alphabetic());
        if heading || line.trim().is_empty() {
            continue;
        }
        match place(line, &mut counties) {
            Ok(place) => zips.push(place),
            Err(message) => problems.push((number, message)),
        }
    }
    if problems.is_empty() {
        Ok(Places::new(zips, counties.names))
    } else {
        Err(problems)
    }
}

/// Counties by name.
#[derive(Default)]
struct Counties {
    names: Vec<Arc<str>>,
    at: HashMap<String, u16>,
}

impl Counties {
    fn position(&mut self, name: &str) -> Option<u16> {
        let next = u16::try_from(self.names.len()).ok().filter(|next| *next < NO_COUNTY)?;
        let at = *self.at.entry(name.to_owned()).or_insert(next);
        if at == next {
            self.names.push(name.into());
        }
        Some(at)
    }
}

fn place(line: &str, counties: &mut Counties) -> Result<ZipPlace, String> {
    let mut cells = line.splitn(4, ',').map(str::trim);
    let mut cell = || cells.next().unwrap_or_default();
    let (zip, north, east, county) = (cell(), cell(), cell(), cell().trim_matches('"'));
    let digits = zip.len() == 5 && zip.bytes().all(|byte| byte.is_ascii_digit());
    let number = zip.parse().ok().filter(|_| digits);
    let degrees = |text: &str, most: i32| ten_thousandths(text).filter(|parts| parts.abs() <= most * 10_000);
    Ok(ZipPlace {
        zip: number.ok_or_else(|| format!("`{zip}` is no ZIP code of five digits"))?,
        north: degrees(north, 90).ok_or_else(|| format!("`{north}` is no latitude in degrees"))?,
        east: degrees(east, 180).ok_or_else(|| format!("`{east}` is no longitude in degrees"))?,
        county: match county {
            "" => None,
            name => Some(counties.position(name).ok_or("there are more counties than America has")?),
        },
    })
}

/// `-118.4148` as -1184148; further decimals are cut off, since a ZIP code is no point.
fn ten_thousandths(text: &str) -> Option<i32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let unsigned = whole.trim_start_matches('-');
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(unsigned) || unsigned.len() > 3 || !plain(decimals) {
        return None;
    }
    let decimals: i32 = format!("{decimals:0<4}").get(..4)?.parse().ok()?;
    let parts = unsigned.parse::<i32>().ok()? * 10_000 + decimals;
    Some(if whole.starts_with('-') { -parts } else { parts })
}

/// The packed form of a list: the counties, then each ZIP code as the distance from the one before it, two degrees in
/// three bytes each, and its county.
pub fn pack(places: &Places) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    let length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    out.extend(length(places.counties().len()));
    for county in places.counties() {
        out.push(u8::try_from(county.len()).unwrap_or(u8::MAX));
        out.extend(county.bytes().take(usize::from(u8::MAX)));
    }
    out.extend(length(places.zips().len()));
    let mut before = 0;
    for place in places.zips() {
        let mut step = place.zip - before;
        before = place.zip;
        while step >= 0x80 {
            out.push(step.to_le_bytes()[0] | 0x80);
            step >>= 7;
        }
        out.push(step.to_le_bytes()[0]);
        out.extend(&place.north.to_le_bytes()[..3]);
        out.extend(&place.east.to_le_bytes()[..3]);
        out.extend(place.county.unwrap_or(NO_COUNTY).to_le_bytes());
    }
    out
}

/// The list of a packed form; `None` if it is none.
pub fn unpack(packed: &[u8]) -> Option<Places> {
    let mut rest = packed.strip_prefix(MAGIC)?;
    let mut counties = Vec::new();
    for _ in 0..length(&mut rest)? {
        let name = usize::from(bytes::<1>(&mut rest)?[0]);
        let (name, behind) = rest.split_at_checked(name)?;
        rest = behind;
        counties.push(std::str::from_utf8(name).ok()?.into());
    }
    let (mut zips, mut zip) = (Vec::new(), 0_u32);
    for _ in 0..length(&mut rest)? {
        zip = zip.checked_add(step(&mut rest)?)?;
        let (north, east) = (degrees(bytes(&mut rest)?), degrees(bytes(&mut rest)?));
        let county = u16::from_le_bytes(bytes(&mut rest)?);
        zips.push(ZipPlace {
            zip,
            north,
            east,
            county: (county != NO_COUNTY).then_some(county),
        });
    }
    rest.is_empty().then(|| Places::new(zips, counties))
}

fn bytes<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, behind) = rest.split_first_chunk::<N>()?;
    *rest = behind;
    Some(*first)
}

fn length(rest: &mut &[u8]) -> Option<u32> {
    bytes(rest).map(u32::from_le_bytes)
}

fn step(rest: &mut &[u8]) -> Option<u32> {
    let mut step = 0;
    for shift in (0..28).step_by(7) {
        let [byte] = bytes(rest)?;
        step |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(step);
        }
    }
    None
}

/// Three bytes with a sign.
fn degrees([low, middle, high]: [u8; 3]) -> i32 {
    i32::from_le_bytes([0, low, middle, high]) >> 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_comes_with_the_program_is_whole() {
        let places = built_in();
        assert!(places.zips().len() > 33_000, "{}", places.zips().len());
        assert!(places.counties().len() > 3_000, "{}", places.counties().len());
        let beverly_hills = places.of(90_210).unwrap();
        assert_eq!(
            &*places.counties()[usize::from(beverly_hills.county.unwrap())],
            "Los Angeles County, CA"
        );
        let manhattan = places.of(10_001).unwrap();
        let kilometres = beverly_hills.distance(manhattan).0 / 1_000.0;
        assert!((3_930.0..3_960.0).contains(&kilometres), "{kilometres}");
        let with_county = places.with_county().count();
        assert!(with_county * 100 > places.zips().len() * 97, "{with_county}");
    }

    #[test]
    fn a_list_comes_back_from_its_packed_form_and_a_damaged_one_is_none() {
        let places = read("zip,lat,lon\n00501,40.8154,-73.0451,\"Suffolk County, NY\"\n96960,7.1,171.3\n10001,-40.7,-0.00009,\n").unwrap();
        let packed = pack(&places);
        let again = unpack(&packed).unwrap();
        assert_eq!((again.zips(), again.counties()), (places.zips(), places.counties()));
        assert_eq!(places.of(10_001).map(|place| (place.north, place.east)), Some((-407_000, 0)));
        for cut in 0..packed.len() {
            assert!(unpack(&packed[..cut]).is_none(), "cut at {cut}");
        }
        assert!(unpack(&[&packed[..], &[0]].concat()).is_none());
    }

    #[test]
    fn each_line_that_is_no_place_is_named() {
        let problems = read("90210,34.1,-118.4\n9021,34.1,-118.4\n90211,north,1\n90212,91.0,1\n90213,1,\n").unwrap_err();
        let lines: Vec<usize> = problems.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 4, 5]);
    }
}
