//! Places: where ZIP codes lie, and in which county.
//!
//! A ZIP code is a set of mail routes and no area. What stands for it here is one point and, where it is known, the
//! county that holds most of it; both are handed in, and this file does not know where they come from.

use std::sync::Arc;

/// One ZIP code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZipPlace {
    /// Its five digits as a number.
    pub zip: u32,
    /// Degrees north, in ten thousandths.
    pub north: i32,
    /// Degrees east, in ten thousandths; below nothing in America.
    pub east: i32,
    /// Position of its county among [`Places::counties`].
    pub county: Option<u16>,
}

/// ZIP codes with their places.
#[derive(Debug, Default)]
pub struct Places {
    zips: Vec<ZipPlace>,
    counties: Vec<Arc<str>>,
}

/// A distance on the ground, in metres.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Metres(pub f64);

/// The mean radius of the earth. It is no ball, so a distance is wrong by half a percent at most.
const EARTH: f64 = 6_371_008.8;

impl Places {
    /// From places in any order; of two with one ZIP code the first counts. Counties are written with their state:
    /// `Travis County, TX`.
    pub fn new(mut zips: Vec<ZipPlace>, counties: Vec<Arc<str>>) -> Self {
        zips.sort_by_key(|place| place.zip);
        zips.dedup_by_key(|place| place.zip);
        Self { zips, counties }
    }

    /// Is nothing known?
    pub fn is_empty(&self) -> bool {
        self.zips.is_empty()
    }

    /// The ZIP codes, in rising order.
    pub fn zips(&self) -> &[ZipPlace] {
        &self.zips
    }

    /// The names of the counties.
    pub fn counties(&self) -> &[Arc<str>] {
        &self.counties
    }

    /// The place of a ZIP code.
    pub fn of(&self, zip: u32) -> Option<&ZipPlace> {
        let at = self.zips.binary_search_by_key(&zip, |place| place.zip).ok()?;
        self.zips.get(at)
    }

    /// The ZIP codes whose points lie within a distance of that of `zip`, itself included; `None` if that is not known.
    pub fn within(&self, distance: Metres, zip: u32) -> Option<impl Iterator<Item = u32> + '_> {
        let middle = *self.of(zip)?;
        let near = move |place: &&ZipPlace| middle.distance(place) <= distance;
        Some(self.zips.iter().filter(near).map(|place| place.zip))
    }

    /// The ZIP codes of a county, by its position.
    pub fn in_county(&self, county: usize) -> impl Iterator<Item = u32> + '_ {
        let inside = move |place: &&ZipPlace| place.county.is_some_and(|own| usize::from(own) == county);
        self.zips.iter().filter(inside).map(|place| place.zip)
    }

    /// The ZIP codes whose county is known.
    pub fn with_county(&self) -> impl Iterator<Item = u32> + '_ {
        self.zips.iter().filter(|place| place.county.is_some()).map(|place| place.zip)
    }
}

impl ZipPlace {
    /// The way to another along a great circle (haversine).
    pub fn distance(&self, other: &Self) -> Metres {
        let radians = |part: i32| (f64::from(part) / 10_000.0).to_radians();
        let (north, other_north) = (radians(self.north), radians(other.north));
        let half = |a: f64, b: f64| ((b - a) / 2.0).sin().powi(2);
        let chord = half(north, other_north) + north.cos() * other_north.cos() * half(radians(self.east), radians(other.east));
        Metres(2.0 * EARTH * chord.min(1.0).sqrt().asin())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A few real ones: lower Manhattan, Jersey City, Philadelphia, Beverly Hills, and an atoll without a county.
    pub(crate) fn some() -> Places {
        let place = |zip, north, east, county| ZipPlace { zip, north, east, county };
        let zips = vec![
            place(90210, 341_010, -1_184_148, Some(3)),
            place(10007, 407_139, -740_079, Some(0)),
            place(7302, 407_219, -740_468, Some(1)),
            place(19103, 399_529, -751_740, Some(2)),
            place(96960, 70_000, 1_713_000, None),
        ];
        let counties = [
            "New York County, NY",
            "Hudson County, NJ",
            "Philadelphia County, PA",
            "Los Angeles County, CA",
        ];
        Places::new(zips, counties.map(Arc::from).to_vec())
    }

    #[test]
    fn distances_are_those_of_the_map() {
        let places = some();
        let way = |a, b| places.of(a).unwrap().distance(places.of(b).unwrap()).0 / 1_000.0;
        let table = [
            (10007, 7302, 3.4),
            (10007, 19103, 129.5),
            (10007, 90210, 3_950.0),
            (90210, 90210, 0.0),
        ];
        for (a, b, kilometres) in table {
            let found = way(a, b);
            assert!((found - kilometres).abs() <= kilometres * 0.01, "{a} to {b}: {found} km");
            assert!((found - way(b, a)).abs() < 1e-6);
        }
    }

    #[test]
    fn what_lies_near_holds_the_middle_and_nothing_farther() {
        let places = some();
        let near = |metres, zip| places.within(Metres(metres), zip).map(Iterator::collect::<Vec<_>>);
        assert_eq!(near(0.0, 10007), Some(vec![10007]));
        assert_eq!(near(5_000.0, 10007), Some(vec![7302, 10007]));
        assert_eq!(near(200_000.0, 10007), Some(vec![7302, 10007, 19103]));
        assert_eq!(near(5_000.0, 12345), None);
    }
}
