//! How one hears from a buyer what became of a post: by the answer alone, or by one more way.

use outcry_market::buyers::Temperament;
use outcry_market::chance::Chance;
use outcry_spec::SpecFile;

/// One more way to hear from a buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// It answers a post, and that is all.
    Plain,
    /// It takes each attempt once, however often it is posted, and answers as it did at first.
    Once,
    /// It can be asked about any attempt.
    Asked,
    /// It queues what it is posted, and calls.
    Called,
}

impl Tongue {
    /// Of buyer number so many of an exchange.
    pub(super) fn of(shape: u64, at: usize) -> Self {
        let tongues = [Self::Plain, Self::Plain, Self::Once, Self::Asked, Self::Called];
        tongues[Chance::of(&[shape, 0x70, at as u64]).index(tongues.len())]
    }

    /// The name of its integration.
    pub(super) const fn integration(self) -> &'static str {
        match self {
            Self::Plain => "outcry_json",
            Self::Once => "sim_once",
            Self::Asked => "sim_asked",
            Self::Called => "sim_called",
        }
    }

    /// The integrations that do not come with Outcry.
    pub(super) fn files() -> impl Iterator<Item = SpecFile> {
        let file = |(tongue, more): (Self, &str)| SpecFile {
            path: format!("integrations/{}.toml", tongue.integration()),
            text: format!("{}{more}", include_str!("buyer.toml")),
        };
        let more = [
            (Self::Once, include_str!("once.toml")),
            (Self::Asked, include_str!("asked.toml")),
            (Self::Called, include_str!("called.toml")),
        ];
        more.into_iter().map(file)
    }

    /// Can the end of any post be found out, without anybody waiting for a day?
    pub(super) const fn is_certain(self, temper: Temperament) -> bool {
        let reliable = !matches!(
            temper,
            Temperament::Broken | Temperament::Dead | Temperament::Late | Temperament::Silent
        );
        reliable && matches!(self, Self::Once | Self::Asked)
    }
}
